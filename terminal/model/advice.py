"""What a language model says of a decision, once it has been checked; and what it may cost.

Advice is words and proposals for a person to look at. It has no way into the engine.
"""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from terminal.model.risk import RiskProfile


class Agreement(StrEnum):
    """Whether the model would have decided the same."""

    AGREE = "agree"
    PARTLY = "partly"
    DISAGREE = "disagree"
    UNSURE = "unsure"


class Concern(StrEnum):
    """What the model may point at; it has no other words for it."""

    STALE_DATA = "stale_data"
    THIN_MARKET = "thin_market"
    HIGH_COST = "high_cost"
    LOW_CONFIDENCE = "low_confidence"
    VOL_REGIME = "vol_regime"
    FUNDING = "funding"
    EXPIRY = "expiry"
    MARGIN = "margin"
    GAMMA_RENT = "gamma_rent"
    BAND_TOO_NARROW = "band_too_narrow"
    BAND_TOO_WIDE = "band_too_wide"
    OVERTRADING = "overtrading"


class Suggestion(Struct, frozen=True, kw_only=True):
    """One number of the profile that the model would change, and what the core makes of it."""

    parameter: str
    label: str
    unit: str
    before: float
    after: float
    evidence: str  # in the model's words, their numbers checked
    outcome: str = ""  # what the core finds when it scores it again; empty while it is at work
    draft: RiskProfile | None = None  # the profile with it, to be looked at; None: refused
    refused: str = ""  # why it can not be taken


class Advice(Struct, frozen=True, kw_only=True):
    """A checked answer about one decision."""

    underlying: str
    number: int  # of the decision
    seal: str
    model: str
    asked_at: int  # UtcNs
    took_ms: int
    agreement: Agreement
    concerns: tuple[Concern, ...]
    summary: str  # empty when it was dropped
    suggestions: tuple[Suggestion, ...] = ()
    notes: tuple[str, ...] = ()  # what was dropped, and why
    base: RiskProfile | None = None  # the profile that the suggestions start from


class AdviceView(Struct, frozen=True, kw_only=True):
    """What a screen may look at."""

    can: bool = False  # whether this run has an advisor that could be switched on
    on: bool = False
    busy: bool = False
    words: str = "Off: the rules decide and explain by themselves."  # how it stands
    advice: Advice | None = None
    prompt: str = ""  # sent last, whole
    spent: str = ""  # of the budgets


class AskAdvice(Struct, frozen=True):
    """Ask about the newest decision of a coin; of any where it is empty."""

    underlying: str = ""


class SwitchAdvice(Struct, frozen=True):
    """Switch the advisor on or off for this run."""

    on: bool


Tokens = Annotated[int, Meta(ge=1, le=10_000_000)]


class AdvisorSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the advisor is and what it may use."""

    on: bool = False
    endpoint: str = ""  # of an OpenAI-compatible server, with its version: https://host/v1
    model: Annotated[str, Meta(max_length=120, pattern=r"^[A-Za-z0-9._:/@+-]*$")] = ""
    keyed: bool = False  # a key for it is in the keychain
    every_s: Annotated[float, Meta(ge=0, le=86_400)] = 0.0  # 0: only when it is asked
    timeout_s: Annotated[float, Meta(ge=0.1, le=120)] = 20.0
    answer_tokens: Annotated[int, Meta(ge=50, le=4000)] = 700
    calls_hour: Annotated[int, Meta(ge=1, le=600)] = 12
    tokens_hour: Tokens = 100_000
    tokens_day: Tokens = 500_000
    usd_day: Annotated[float, Meta(ge=0, le=1000)] = 1.0
    usd_in: Annotated[float, Meta(ge=0, le=1000)] | None = None  # per million tokens
    usd_out: Annotated[float, Meta(ge=0, le=1000)] | None = None
