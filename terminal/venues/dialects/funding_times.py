"""When perpetuals pay: full hours of a day that begins at midnight UTC."""

from typing import Final

from terminal.core.units import HOUR

_INTERVALS: Final = (8 * HOUR, 4 * HOUR, 2 * HOUR, HOUR)


def next_boundary(at: int, interval: int) -> int:
    """First payment after ``at`` where they come every ``interval`` from midnight UTC on.

    Parameters
    ----------
    at, interval : int
        UtcNs; nanoseconds, > 0.
    """
    return at // interval * interval + interval


def interval_that_fits(payment: int, stated: int) -> int:
    """Interval of a perpetual that pays at ``payment``.

    Parameters
    ----------
    payment : int
        UtcNs of a payment.
    stated : int
        Interval that its terms give, ns.

    Returns
    -------
    int
        ``stated``, unless a payment at this hour contradicts it: then the longest customary one
        that does not, as for a perpetual that pays every 4 hours since this morning.
    """
    if payment % stated == 0:
        return stated
    fitting = (each for each in _INTERVALS if each < stated and payment % each == 0)
    return next(fitting, stated)
