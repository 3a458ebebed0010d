"""Alerts: what is worth telling a person, how loudly, and what became of telling it."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct


class Tier(StrEnum):
    """How much an alert matters, least first."""

    INFO = "info"
    WATCH = "watch"
    HIGH = "high"
    CRITICAL = "critical"  # repeats until acknowledged; quiet hours do not silence it


RANK = {tier: place for place, tier in enumerate(Tier)}


class Channel(StrEnum):
    """A way to reach a person."""

    DESKTOP = "desktop"
    SOUND = "sound"
    WEBHOOK = "webhook"
    TELEGRAM = "telegram"


Seconds = Annotated[float, Meta(ge=0.0, le=86_400.0)]


class AlertRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When and how one condition is told."""

    about: str
    tier: Tier
    on: bool = True
    dwell_s: Seconds = 0.0  # the condition must hold this long first
    cooldown_s: Seconds = 300.0  # at least this long between two tellings of one alert
    limit: Annotated[float, Meta(ge=0.0, le=1e9)] = 0.0  # in the unit that ``about`` names
    channels: tuple[Channel, ...] = ()


class AlertSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every rule, and what holds for all of them."""

    rules: dict[str, AlertRule]
    quiet_from: str = ""  # HH:MM UTC; empty: no quiet hours
    quiet_to: str = ""
    repeat_s: Annotated[float, Meta(ge=5.0, le=3600.0)] = 30.0  # of a critical one
    storm_count: Annotated[int, Meta(ge=1, le=100)] = 5  # tellings in ``storm_s`` before a digest
    storm_s: Annotated[float, Meta(ge=5.0, le=3600.0)] = 60.0
    outside: tuple[Channel, ...] = ()  # channels beyond this machine that are set up


class RaisedAlert(Struct, frozen=True, kw_only=True):
    """A condition that holds, or held and is still to be acknowledged."""

    alert_id: str
    rule: str
    subject: str  # coin or venue; empty: the whole desk
    tier: Tier
    text: str
    since: int  # UtcNs at which the condition began
    active: bool = True
    raised_at: int = 0  # 0 while it dwells
    acked_at: int = 0
    snoozed_until: int = 0
    sent_at: int = 0  # last told


class Outcome(Struct, frozen=True):
    """What became of telling somebody by one channel."""

    channel: Channel
    ok: bool
    detail: str
    at: int


class Dispatch(Struct, frozen=True, kw_only=True):
    """One telling: an alert, a digest of a storm, or a test."""

    number: int
    at: int
    tier: Tier
    text: str
    channels: tuple[Channel, ...]
    outcomes: tuple[Outcome, ...] = ()


class AlertView(Struct, frozen=True, kw_only=True):
    """What a screen shows of alerts."""

    raised: tuple[RaisedAlert, ...] = ()  # highest tier first
    dispatches: tuple[Dispatch, ...] = ()  # oldest first
    quiet: bool = False
    settings: AlertSettings | None = None  # rules in use
    usual: AlertSettings | None = None  # what they are without a person's file
