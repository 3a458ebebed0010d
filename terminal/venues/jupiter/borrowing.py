"""What borrowing from the pool costs: the hourly rate that longs and shorts both pay."""

from decimal import ROUND_UP, Decimal
from typing import Final

from terminal.core.errors import DataError
from terminal.venues.jupiter.accounts import MICRO, Custody, HeldPosition

RATE: Final = 10**9
"""Units of a rate or of a use in 1."""

_BPS: Final = 10**4
_DBPS: Final = 10**5
_HOURS: Final = 24 * 365
_HOUR_S: Final = 3600


def hourly_rate(custody: Custody) -> float:
    """Borrow fee of an hour as a fraction of a position's size; never negative.

    Parameters
    ----------
    custody : Custody
        Of the collateral: a long borrows its coin, a short borrows the stable coin.

    Notes
    -----
    Jupiter's published arithmetic in whole numbers of 1e-9, rounded as there: use is locked over
    owned, both with what is lent out beside; either a rate in proportion to it, or a curve with a
    kink at the target. Above 100 % use the curve's upper line goes on.
    """
    lent = _ceiling(max(custody.debt_scaled - custody.interest_scaled, 0), RATE)
    owned, locked = custody.owned + lent, custody.locked + lent
    in_use = owned > 0 and locked > 0
    if custody.hourly_dbps:
        at_full_use = custody.hourly_dbps * RATE // _DBPS
        return _ceiling(locked * at_full_use, owned) / RATE if in_use else 0.0
    use = locked * RATE // owned if in_use else 0
    return _yearly_bps(custody, use) * RATE // _BPS // _HOURS / RATE


def owed_usd(held: HeldPosition, collateral: Custody, now: int) -> Decimal:
    """Borrow fee that has run up since the position was last changed, USD; never negative.

    Parameters
    ----------
    held : HeldPosition
    collateral : Custody
        Of its collateral.
    now : int
        Seconds since 1970.

    Raises
    ------
    DataError
        The position was charged at a sum of rates that its custody has not reached.

    Notes
    -----
    Size times the growth of the cumulative rate, whose last hours are added at the rate of now,
    rounded up as in Jupiter's published arithmetic. Nothing of it has left the collateral yet:
    the program charges it when the position is next changed.
    """
    passed = max(now - collateral.updated_at, 0)
    rate = round(hourly_rate(collateral) * RATE)
    grown = collateral.cumulative + _ceiling(rate * passed, _HOUR_S) - held.interest_snapshot
    if grown < 0:
        raise DataError(
            f"position {held.place.symbol}: cumulativeInterestSnapshot"
            f" {held.interest_snapshot} is beyond the {collateral.cumulative} of its custody"
        )
    return (held.size_usd * grown / RATE).quantize(MICRO, ROUND_UP)


def _yearly_bps(custody: Custody, use: int) -> int:
    if use <= custody.target_use:
        rise = (custody.target_bps - custody.min_bps) * use
        return _ceiling(rise, custody.target_use) + custody.min_bps
    rise = (custody.max_bps - custody.target_bps) * (use - custody.target_use)
    return _ceiling(rise, RATE - custody.target_use) + custody.target_bps


def _ceiling(amount: int, divisor: int) -> int:
    return -(-amount // divisor)
