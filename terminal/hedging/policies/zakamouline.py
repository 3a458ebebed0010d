"""Zakamouline's band: wider at long expiries, around the delta of an adjusted volatility."""

import math

from msgspec.structs import replace

from terminal.hedging.centre import band_gamma, book_vol, book_years
from terminal.hedging.inputs import HedgeInputs
from terminal.hedging.policies.bands import computed, fallback, known
from terminal.model.hedge import Target
from terminal.pricing.zakamouline import zakamouline_band

RULE = "Zakamouline"

EDGE = 1.0


def target(inputs: HedgeInputs) -> Target:
    """Band H0 + H1 around the hedge of volatility sigma sqrt(1 +/- K), traded to its edge.

    Notes
    -----
    Zakamouline (2006) is of one option; a book counts as the one option that has its gamma, theta
    and vega. Moving volatility to the adjusted one moves the options' delta by vanna times the
    difference, and the centre by as much the other way; without vanna the centre stays.
    """
    vol = book_vol(inputs)
    years = book_years(inputs, vol) if vol is not None else None
    if vol is None or years is None:
        return fallback(inputs, RULE, "gamma, theta and vega are not those of options of one sign")
    gamma, aversion = band_gamma(inputs), inputs.profile.risk_aversion
    found = zakamouline_band(inputs.one_way_cost, inputs.spot, gamma, (years, vol), aversion)
    half, adjust = float(found.half_width), float(found.shift)
    if not (known(half) and known(adjust)):
        return fallback(inputs, RULE, "cost or gamma is not known")
    factor = 1.0 + adjust if gamma > 0.0 else 1.0 - adjust  # adjust is never above zero
    moved = vol * (math.sqrt(max(factor, 0.0)) - 1.0)
    shift = -(inputs.vanna or 0.0) * moved
    reason = f"gamma {gamma:+.5f}, {100.0 * vol:.0f} % over {365.0 * years:.1f} days"
    centred = replace(inputs, spec=replace(inputs.spec, target=inputs.spec.target + shift))
    return computed(centred, half, EDGE, (RULE, reason))
