"""Whalley-Wilmott no-trade band, capped, with a hedge half-way back."""

from terminal.hedging.inputs import HedgeInputs
from terminal.model.hedge import Target
from terminal.model.instrument import Payoff
from terminal.pricing.bands import gamma_half_width_scalar

BACK = 0.5
"""Part of the half-width that a hedge leaves: half-way costs 4 to 6 % more than the edge in
turnover and needs a quarter of the orders, so it wins as soon as an order costs anything."""

LEAST = 3.0


def target(inputs: HedgeInputs) -> Target:
    """Band H = (1.5 lam S Gamma^2 / risk aversion)^(1/3) around the target, trade to H/2.

    Notes
    -----
    Whalley and Wilmott (1997). H is held between three least sizes and the
    profile's cap, so that a book without gamma keeps a band that can be traded.
    """
    spec, spot = inputs.spec, inputs.spot
    gamma = inputs.exposure.total.gamma
    wide = gamma_half_width_scalar(
        inputs.one_way_cost, spot, gamma, inputs.profile.risk_aversion
    )
    half = min(max(wide, least_half_width(inputs)), spec.cap)
    low, high = spec.target - half, spec.target + half
    above = inputs.net_delta > spec.target
    stop = spec.target + (BACK if above else -BACK) * half
    reason = f"gamma {gamma:+.5f}, cost {inputs.one_way_cost * 1e4:.1f} bp"
    return Target(stop, low, high, "Whalley-Wilmott", reason)


def least_half_width(inputs: HedgeInputs) -> float:
    """Half-width below which a hedge could hardly be sized, coin.

    Three lots or three times the venue's least notional: what is left after a hedge is then well
    inside the band, not a residual outside it that cannot be traded.
    """
    contract, spot = inputs.hedge.contract, inputs.spot
    lot = float(contract.lot * contract.multiplier)
    if contract.payoff is Payoff.INVERSE:
        lot /= spot
    return LEAST * max(lot, float(contract.min_notional) / spot)
