"""What borrowing from the pool costs: the hourly rate that longs and shorts both pay."""

from typing import Final

from terminal.venues.jupiter.accounts import Custody

RATE: Final = 10**9
"""Units of a rate or of a use in 1."""

_BPS: Final = 10**4
_DBPS: Final = 10**5
_HOURS: Final = 24 * 365


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


def _yearly_bps(custody: Custody, use: int) -> int:
    if use <= custody.target_use:
        rise = (custody.target_bps - custody.min_bps) * use
        return _ceiling(rise, custody.target_use) + custody.min_bps
    rise = (custody.max_bps - custody.target_bps) * (use - custody.target_use)
    return _ceiling(rise, RATE - custody.target_use) + custody.target_bps


def _ceiling(amount: int, divisor: int) -> int:
    return -(-amount // divisor)
