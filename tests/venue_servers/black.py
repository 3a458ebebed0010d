"""Black-76 values and Greeks, so that option tickers of a local exchange make sense."""

from math import erf, exp, log, pi, sqrt

from msgspec import Struct

YEAR_MS = 365 * 24 * 3_600_000


class Valued(Struct, frozen=True):
    """Value and Greeks of one option on one coin, in USD.

    Delta and gamma per dollar of the forward; vega per volatility point; theta per day.
    """

    price: float
    delta: float
    gamma: float
    vega: float
    theta: float


def valued(forward: float, strike: float, years: float, vol: float, *, call: bool) -> Valued:
    """Value an option on a forward without interest (Black 1976)."""
    spread = vol * sqrt(years)
    d1 = log(forward / strike) / spread + spread / 2
    d2 = d1 - spread
    density = exp(-d1 * d1 / 2) / sqrt(2 * pi)
    sign = 1 if call else -1
    price = sign * (forward * _normal(sign * d1) - strike * _normal(sign * d2))
    return Valued(
        price=price,
        delta=sign * _normal(sign * d1),
        gamma=density / (forward * spread),
        vega=forward * density * sqrt(years) / 100,
        theta=-forward * density * vol / (2 * sqrt(years)) / 365,
    )


def _normal(x: float) -> float:
    return (1 + erf(x / sqrt(2))) / 2
