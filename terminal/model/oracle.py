"""What the Oracle Core says about one decision: inputs, choices, reasons, and what would change it.

A record is a function of the engine's state alone, so a replay of the journal makes the same
bytes. Deltas are in coin, amounts in USD, ages in ns; None means unknown.
"""

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct

from terminal.model.forecast import Foresight
from terminal.model.regret import RegretRow
from terminal.model.risk import Style

SCHEMA = 2
"""Grows when a record of before can no longer be compared with one made now."""

ADVISE_ONLY = 0.35
"""Confidence below which a decision is advice: a person should look before anything is sent."""


class Act(StrEnum):
    """What the engine does about an underlying."""

    HOLD = "hold"  # delta is inside its band
    WAIT = "wait"  # delta is outside, and something holds the hedge back
    PROPOSE = "propose"
    WORK = "work"  # an approved hedge is at work
    HALT = "halt"
    STOP = "stop"
    BLIND = "blind"  # a number is missing: nothing can be decided


class Inputs(Struct, frozen=True, kw_only=True):
    """Numbers that were looked at."""

    spot: float
    net_delta: float
    delta_kind: str
    gamma: float  # coin per USD
    gamma_1pct_usd: float
    annual_vol: float | None  # realised, by which risk is reckoned
    implied_vol: float | None  # of the book's options as one
    cost_bps: float  # one way: fee and half spread
    funding_bps_8h: float | None
    fill_rate: float  # own resting orders, fills a second
    instrument: str
    book_age: int
    oldest_age: int  # of book and index
    profile_hash: str
    snapshot_hash: str  # of exposure, book, depth and funding as they were


class Band(Struct, frozen=True):
    """Where the policy wants delta."""

    rule: str
    reason: str
    low: float
    high: float
    centre: float
    stop: float  # where a hedge from here would end


class Candidate(Struct, frozen=True, kw_only=True):
    """One thing that could be done now, and what it scores (USD, higher is better)."""

    action: str
    style: Style | None  # None: nothing is traded
    step: float  # coin, signed
    after: float  # net delta
    cost: float
    risk_day: float | None  # running cost of variance over a day
    carry_day: float | None  # funding or borrow over a day, positive when paid
    penalty: float  # for the share of the largest hedge it uses
    score: float | None
    chosen: bool = False


class Finding(Struct, frozen=True):
    """What one rule found."""

    rule: str  # R1 to R14
    name: str
    fired: bool
    text: str  # with its numbers; says what is missing where it cannot speak
    proposes: str = ""


class Factor(Struct, frozen=True):
    """One reason to trust a decision more or less; None where it cannot be told."""

    name: str
    value: float | None  # 0 to 1
    text: str


class Flip(Struct, frozen=True):
    """What would change the decision."""

    what: str  # price, cost, delta, urgency, or a profile's name
    value: float | None
    text: str


class Decision(Struct, frozen=True, kw_only=True):
    """One decision about one underlying, holds included."""

    schema: int
    run: str
    number: int  # of this run, from 1
    seq: int  # journal record after which it was taken
    at: int  # UtcNs
    underlying: str
    mode: str
    profile: str
    act: Act
    headline: str
    proposal_id: str
    guard: str  # what stands against trading now; empty when nothing does
    why: tuple[str, ...]
    inputs: Inputs | None
    band: Band | None
    forecast: Foresight | None  # what was made of it; None: the policy lets none in
    candidates: tuple[Candidate, ...]
    findings: tuple[Finding, ...]
    confidence: float | None
    factors: tuple[Factor, ...]
    flips: tuple[Flip, ...]
    next_up: float | None  # price at which the next hedge is due, once the chosen one is done
    next_down: float | None


class Sealed(Struct, frozen=True):
    """A decision in its chain: ``seal`` is the hash of ``previous`` and of the decision's bytes."""

    decision: Decision
    previous: str
    seal: str


class OracleView(Struct, frozen=True):
    """What a screen may look at: the latest decision of each underlying, and those before."""

    latest: Mapping[str, Sealed] = {}
    recent: tuple[Sealed, ...] = ()  # oldest first
    fault: str = ""  # why none are made, or kept
    regret: tuple[RegretRow, ...] = ()
