"""Conditions under which an underlying, or everything, may not be traded."""

from enum import StrEnum

from msgspec import Struct

from terminal.core.units import MILLISECOND, seconds
from terminal.model.risk import RiskProfile


class HaltCode(StrEnum):
    """Why trading halts."""

    FEED_LOST = "FEED_LOST"
    LOOP_LAG = "LOOP_LAG"
    FAULT = "FAULT"
    DAY_LOSS = "DAY_LOSS"
    UNKNOWN_ORDER = "UNKNOWN_ORDER"
    REJECTS = "REJECTS"
    OVERFILL = "OVERFILL"
    NO_PROFILE = "NO_PROFILE"


class Halt(Struct, frozen=True):
    """A halt of one underlying, or of all when ``underlying`` is empty.

    A latched halt stays until a person re-arms; the others end with their cause.
    """

    code: HaltCode
    underlying: str
    reason: str
    since: int
    latched: bool


class Condition(Struct, frozen=True, kw_only=True):
    """What the self-clearing halts are judged by."""

    lag_ms: float
    links_down: tuple[tuple[str, str, int], ...]  # venue, reason, since
    now: int


def passing(condition: Condition, profile: RiskProfile) -> tuple[Halt, ...]:
    """Halts that hold now and end by themselves."""
    found = [
        Halt(HaltCode.FEED_LOST, "", f"feed of {venue} is lost: {reason}", since, latched=False)
        for venue, reason, since in condition.links_down
    ]
    if condition.lag_ms > profile.loop_lag_ms:
        reason = f"engine loop is {condition.lag_ms:.0f} ms late, limit {profile.loop_lag_ms:.0f}"
        since = condition.now - round(condition.lag_ms * MILLISECOND)
        found.append(Halt(HaltCode.LOOP_LAG, "", reason, since, latched=False))
    return tuple(found)


def day_loss(profile: RiskProfile, pnl_day: float | None, now: int) -> Halt | None:
    """Halt of the whole desk when the day's loss reaches the profile's limit."""
    if pnl_day is None or pnl_day > -profile.day_loss_halt_usd:
        return None
    reason = f"day's loss {-pnl_day:,.0f} USD reached {profile.day_loss_halt_usd:,.0f} USD"
    return Halt(HaltCode.DAY_LOSS, "", reason, now, latched=True)


def unknown_order(profile: RiskProfile, underlying: str, since: int, now: int) -> Halt | None:
    """Halt of an underlying whose order has had no proven outcome for too long."""
    if now - since < profile.unknown_halt_s * 1e9:
        return None
    reason = f"an order's outcome is unknown for {seconds(now - since):.0f} s"
    return Halt(HaltCode.UNKNOWN_ORDER, underlying, reason, now, latched=True)


def concerns(halt: Halt, underlying: str) -> bool:
    """Whether a halt forbids trading in this underlying."""
    return halt.underlying in ("", underlying)
