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
    DRAWDOWN = "DRAWDOWN"
    UNKNOWN_ORDER = "UNKNOWN_ORDER"
    REJECTS = "REJECTS"
    OVERFILL = "OVERFILL"
    SLIPPAGE = "SLIPPAGE"
    NO_PROFILE = "NO_PROFILE"
    MISMATCH = "MISMATCH"
    RECONCILING = "RECONCILING"
    BAD_DATA = "BAD_DATA"


SLIPS_HALT = 3
"""Hedges in a row that fill worse than expected before their coin halts: what the desk believes of
the market or the venue is then wrong, and hedging on must be a person's decision."""


class Halt(Struct, frozen=True):
    """A halt of one underlying, or of all when ``underlying`` is empty.

    A latched halt stays until a person re-arms; the others end with their cause.
    """

    code: HaltCode
    underlying: str
    reason: str
    since: int
    latched: bool


def feed_lost(venue: str, why: str, since: int) -> Halt:
    """Halt that holds until a feed is back."""
    return Halt(HaltCode.FEED_LOST, "", f"feed of {venue} is lost: {why}", since, latched=False)


def loop_lag(profile: RiskProfile, lag_ms: float, now: int) -> Halt:
    """Halt while the engine is further behind its clock than the profile allows."""
    reason = f"engine loop is {lag_ms:.0f} ms late, limit {profile.loop_lag_ms:.0f}"
    since = now - round(lag_ms * MILLISECOND)
    return Halt(HaltCode.LOOP_LAG, "", reason, since, latched=False)


def day_loss(profile: RiskProfile, pnl_day: float | None, now: int) -> Halt | None:
    """Halt of the whole desk when the day's loss reaches the profile's limit."""
    if pnl_day is None or pnl_day > -profile.day_loss_halt_usd:
        return None
    reason = f"day's loss {-pnl_day:,.0f} USD reached {profile.day_loss_halt_usd:,.0f} USD"
    return Halt(HaltCode.DAY_LOSS, "", reason, now, latched=True)


def drawdown(profile: RiskProfile, peak: float | None, pnl: float | None, now: int) -> Halt | None:
    """Halt of the whole desk when P&L has fallen by the profile's limit from the week's peak."""
    if peak is None or pnl is None or pnl > peak - profile.drawdown_7d_usd:
        return None
    limit = profile.drawdown_7d_usd
    reason = f"P&L fell {peak - pnl:,.0f} USD from the peak of 7 days, limit {limit:,.0f} USD"
    return Halt(HaltCode.DRAWDOWN, "", reason, now, latched=True)


def slippage(underlying: str, slips: int, now: int) -> Halt | None:
    """Halt of an underlying whose last hedges all filled worse than expected."""
    if slips < SLIPS_HALT:
        return None
    reason = f"{slips} hedges in a row filled far worse than their proposals expected"
    return Halt(HaltCode.SLIPPAGE, underlying, reason, now, latched=True)


def unknown_order(profile: RiskProfile, underlying: str, since: int, now: int) -> Halt | None:
    """Halt of an underlying whose order has had no proven outcome for too long."""
    if now - since < profile.unknown_halt_s * 1e9:
        return None
    reason = f"an order's outcome is unknown for {seconds(now - since):.0f} s"
    return Halt(HaltCode.UNKNOWN_ORDER, underlying, reason, now, latched=True)


def mismatch(underlying: str, reason: str, since: int) -> Halt:
    """Halt until the books and the venue agree again, by themselves or by adoption."""
    return Halt(HaltCode.MISMATCH, underlying, reason, since, latched=False)


def reconciling(venue: str, since: int, moving: str = "") -> Halt:
    """Halt until the account has been compared after a connection came back.

    Parameters
    ----------
    venue : str
    since : int
        UtcNs.
    moving : str
        What moved around every statement so far, so that none of them proves enough.
    """
    reason = f"the account at {venue} has not been compared since the connection came back"
    if moving:
        reason += f": {moving} moves whenever it is stated, pause what trades it"
    return Halt(HaltCode.RECONCILING, "", reason, since, latched=False)


def bad_data(underlying: str, reason: str, since: int) -> Halt:
    """Halt until the data of a hedge have been good for a while."""
    return Halt(HaltCode.BAD_DATA, underlying, reason, since, latched=False)


def bars(halt: Halt) -> bool:
    """Whether a halt also ends the hedge at work: its size was found with wrong numbers."""
    return halt.latched or halt.code is HaltCode.MISMATCH


def concerns(halt: Halt, underlying: str) -> bool:
    """Whether a halt forbids trading in this underlying."""
    return halt.underlying in ("", underlying)
