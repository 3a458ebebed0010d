"""How venues make a funding rate from the premium of a perpetual over its index."""

DERIBIT_DAMPER = 0.00025
"""Premium that Deribit pays no funding on; pages before 2024 say 0.0005, so it is a parameter."""

INTEREST_8H = 0.0001
CLAMP_8H = 0.0005


def damped_rate(premium: float, damper: float = DERIBIT_DAMPER, cap: float | None = None) -> float:
    """Funding rate of a venue that ignores small premiums, per eight hours.

    Parameters
    ----------
    premium : float
        (mark - index) / index.
    damper : float
        Premium of either sign within which the rate is zero, >= 0.
    cap : float, optional
        Largest size of the rate, >= 0.

    Returns
    -------
    float
        Fraction per eight hours; positive when longs pay.

    Raises
    ------
    ValueError
        The damper or the cap is negative.

    Notes
    -----
    Deribit: max(d, p) + min(-d, p), with d the damper; accrues continuously.
    """
    if damper < 0.0 or (cap is not None and cap < 0.0):
        raise ValueError(f"damper and cap must not be negative, got {damper} and {cap}")
    rate = max(damper, premium) + min(-damper, premium)
    return rate if cap is None else max(-cap, min(cap, rate))


def clamped_rate(
    premium: float, interest: float = INTEREST_8H, clamp: float = CLAMP_8H
) -> float:
    """Funding rate of a venue that pulls the premium toward an interest rate, per eight hours.

    Parameters
    ----------
    premium : float
        Average (impact price - index) / index of the interval.
    interest : float
        Per eight hours.
    clamp : float
        Largest size of the correction, >= 0.

    Returns
    -------
    float
        Fraction per eight hours; positive when longs pay.

    Raises
    ------
    ValueError
        The clamp is negative.

    Notes
    -----
    Binance, Bybit, OKX: P + clamp(I - P, -0.05 %, +0.05 %). Hyperliquid pays an eighth of the
    same every hour, on the notional at its oracle, at most 4 % an hour.
    """
    if clamp < 0.0:
        raise ValueError(f"the clamp must not be negative, got {clamp}")
    return premium + max(-clamp, min(clamp, interest - premium))
