"""Value at risk of what is held, and whether losses went beyond it as often as they should."""

import math

from msgspec import Struct

from terminal.model.greeks import Exposure
from terminal.portfolio.shortfall import delta_gamma

DAYS_PER_YEAR = 365.0


def value_at_risk(
    exposure: Exposure, vol: float | None, confidence: float, days: float = 1.0
) -> float | None:
    """Loss that a coin's positions exceed with probability ``1 - confidence``, USD.

    Parameters
    ----------
    exposure : Exposure
    vol : float or None
        Annual, as a fraction.
    confidence : float
        Between 0 and 1.
    days : float
        Horizon, > 0.

    Returns
    -------
    float or None
        Positive is a loss; None where the exposure or its volatility is unknown.

    Notes
    -----
    Delta and gamma against a normal return, in closed form, with the theta of the horizon.
    """
    if vol is None or vol <= 0.0 or not exposure.usable:
        return None
    total = exposure.total
    found = delta_gamma(
        total.delta_usd,
        100.0 * total.gamma_1pct_usd,
        vol * math.sqrt(days / DAYS_PER_YEAR),
        confidence,
        carry_usd=total.theta_usd_day * days,
    )
    return found.var


class Coverage(Struct, frozen=True):
    """Losses beyond value at risk, and how likely so uneven a count would be by chance."""

    periods: int
    exceptions: int
    expected: float
    p: float | None  # None without a period


def coverage(periods: int, exceptions: int, confidence: float) -> Coverage:
    """Test whether losses exceed value at risk as often as its confidence says.

    Parameters
    ----------
    periods, exceptions : int
        ``0 <= exceptions <= periods``.
    confidence : float
        Between 0 and 1.

    Notes
    -----
    Kupiec (1995), proportion of failures: ``-2 ln(L0 / L1)`` is chi-squared with one degree of
    freedom, whose tail is ``erfc(sqrt(x / 2))``.
    """
    chance = 1.0 - confidence
    if periods == 0:
        return Coverage(0, 0, 0.0, None)
    seen = exceptions / periods
    ratio = _likelihood(periods, exceptions, seen) - _likelihood(periods, exceptions, chance)
    p = math.erfc(math.sqrt(max(ratio, 0.0)))
    return Coverage(periods, exceptions, chance * periods, p)


def _likelihood(periods: int, exceptions: int, chance: float) -> float:
    """Logarithm of the probability of a count; 0 ln 0 is 0."""
    inside = periods - exceptions
    found = exceptions * math.log(chance) if exceptions else 0.0
    return found + (inside * math.log1p(-chance) if inside else 0.0)
