"""What has been done lately: the counters that rate and day limits are held against.

Orders count when they are sent, not when a venue answers (RTS 6, article 15).
"""

from itertools import pairwise

from msgspec import Struct
from msgspec.structs import replace

from terminal.core.units import HOUR, MINUTE, utc_day
from terminal.model.order import Side

FLIP_WINDOW = 10 * MINUTE
PEAK_DAYS = 7


class Pace(Struct, frozen=True):
    """Recent hedges of one underlying."""

    hedges: tuple[int, ...] = ()  # when, last hour
    sides: tuple[tuple[int, Side], ...] = ()  # last ten minutes
    rejects: int = 0  # consecutive
    slips: int = 0  # consecutive hedges that filled worse than expected


class Activity(Struct, frozen=True):
    """Counters of the whole desk; the day ones start anew at 00:00 UTC."""

    day: int = 0
    orders_day: int = 0
    orders: tuple[int, ...] = ()  # when, last minute
    turnover_usd: float = 0.0
    cost_usd: float = 0.0
    day_start_pnl: float | None = None
    peaks: tuple[tuple[int, float], ...] = ()  # day and its highest P&L, USD, last seven days
    peak: float | None = None  # the highest of them
    paces: dict[str, Pace] = {}


def _recent(times: tuple[int, ...], now: int, span: int) -> tuple[int, ...]:
    return tuple(at for at in times if now - at < span)


def rolled(activity: Activity, now: int, pnl: float | None) -> Activity:
    """Counters with a new day begun when ``now`` is in one; ``pnl`` is the P&L so far, USD."""
    day = utc_day(now)
    if day != activity.day:
        activity = replace(
            activity, day=day, orders_day=0, turnover_usd=0.0, cost_usd=0.0, day_start_pnl=pnl
        )
    elif activity.day_start_pnl is None and pnl is not None:
        activity = replace(activity, day_start_pnl=pnl)
    last = activity.peaks[-1] if activity.peaks else None
    if pnl is None or (last is not None and last[0] == day and pnl <= last[1]):
        return activity
    days = (each for each in activity.peaks if 0 < day - each[0] < PEAK_DAYS)
    peaks = (*days, (day, pnl))
    return replace(activity, peaks=peaks, peak=max(peak for _, peak in peaks))


def risen_anew(activity: Activity) -> Activity:
    """Counters whose drawdown is measured from now on, after a person's word."""
    return replace(activity, peaks=(), peak=None)


def transferred(activity: Activity, usd: float) -> Activity:
    """Counters after money came (positive) or went that nobody earned or lost, USD.

    The references move with the account, so that a deposit hides no loss and a withdrawal is none.
    """
    start, peak = activity.day_start_pnl, activity.peak
    return replace(
        activity,
        day_start_pnl=None if start is None else start + usd,
        peaks=tuple((day, pnl + usd) for day, pnl in activity.peaks),
        peak=None if peak is None else peak + usd,
    )


def order_sent(activity: Activity, now: int) -> Activity:
    """Count an order at the moment it is sent."""
    orders = (*_recent(activity.orders, now, MINUTE), now)
    return replace(activity, orders=orders, orders_day=activity.orders_day + 1)


def hedge_started(activity: Activity, underlying: str, side: Side, now: int) -> Activity:
    """Count a hedge of an underlying."""
    pace = activity.paces.get(underlying, Pace())
    sides = tuple(each for each in pace.sides if now - each[0] < FLIP_WINDOW)
    after = replace(
        pace, hedges=(*_recent(pace.hedges, now, HOUR), now), sides=(*sides, (now, side))
    )
    return replace(activity, paces={**activity.paces, underlying: after})


def rejected(activity: Activity, underlying: str) -> Activity:
    """Count a reject by the venue."""
    pace = activity.paces.get(underlying, Pace())
    after = replace(pace, rejects=pace.rejects + 1)
    return replace(activity, paces={**activity.paces, underlying: after})


def forgiven(activity: Activity, underlying: str) -> Activity:
    """Start the counters of an underlying anew, after a fill or a person's word."""
    pace = activity.paces.get(underlying)
    if pace is None or pace.rejects == 0:
        return activity
    return replace(activity, paces={**activity.paces, underlying: replace(pace, rejects=0)})


def slipped(activity: Activity, underlying: str) -> Activity:
    """Count a hedge that filled worse than its proposal expected."""
    pace = activity.paces.get(underlying, Pace())
    after = replace(pace, slips=pace.slips + 1)
    return replace(activity, paces={**activity.paces, underlying: after})


def as_expected(activity: Activity, underlying: str) -> Activity:
    """End a row of bad fills, after a hedge that filled as expected."""
    pace = activity.paces.get(underlying)
    if pace is None or pace.slips == 0:
        return activity
    return replace(activity, paces={**activity.paces, underlying: replace(pace, slips=0)})


def traded(activity: Activity, notional_usd: float, cost_usd: float) -> Activity:
    """Count the notional and the cost (fee and slippage) of a fill."""
    return replace(
        activity,
        turnover_usd=activity.turnover_usd + notional_usd,
        cost_usd=activity.cost_usd + cost_usd,
    )


def flips(pace: Pace, now: int, side: Side) -> int:
    """Changes of side in the last ten minutes if a hedge of ``side`` were started now."""
    sides = [each for at, each in pace.sides if now - at < FLIP_WINDOW] + [side]
    return sum(1 for a, b in pairwise(sides) if a is not b)


def hedges_last_hour(pace: Pace, now: int) -> int:
    """Hedges started in the last hour."""
    return len(_recent(pace.hedges, now, HOUR))


def orders_last_minute(activity: Activity, now: int) -> int:
    """Orders sent in the last minute."""
    return len(_recent(activity.orders, now, MINUTE))
