"""Whalley-Wilmott looked at by a clock, at once on a jump, an option trade or a funding stamp."""

import math

from msgspec.structs import replace

from terminal.core.units import MINUTE, YEAR, from_seconds, seconds
from terminal.hedging.inputs import HedgeInputs
from terminal.hedging.policies import whalley_wilmott
from terminal.model.hedge import Target

RULE = "hybrid"


def target(inputs: HedgeInputs) -> Target:
    """Band of Whalley-Wilmott, with a hold between two looks.

    Notes
    -----
    The band decides, not the clock: a look at least every five minutes loses little (a look every
    hour already raises risk by a third at the same band).
    """
    band = whalley_wilmott.target(inputs)
    why = event(inputs)
    if why:
        return replace(band, rule=RULE, reason=f"{why}; {band.reason}")
    look = inputs.memory.look
    left = inputs.spec.every_s - seconds(inputs.now - (look.at if look else 0))
    return replace(band, rule=RULE, hold=f"next look in {left:.0f} s, or at once on an event")


def event(inputs: HedgeInputs) -> str:
    """What makes this moment one to look at; empty when nothing does."""
    look, spec = inputs.memory.look, inputs.spec
    if look is None:
        return "first look"
    if inputs.now - look.at >= from_seconds(spec.every_s):
        return f"{spec.every_s:g} s since the last look"
    if inputs.memory.news_at > look.at:
        return "an option or something else was traded beside the hedges"
    if look.at < _stamp(inputs):
        return "funding was paid"
    if inputs.annual_vol is None or not look.spot > 0.0:
        return ""
    span = max(inputs.now - look.at, MINUTE)  # what the volatility itself is sampled at
    one = inputs.annual_vol * math.sqrt(span / YEAR)
    move = abs(math.log(inputs.spot / look.spot))
    return f"a jump of {move / one:.1f} sigma" if move > spec.jump_sigmas * one > 0.0 else ""


def _stamp(inputs: HedgeInputs) -> int:
    """Latest moment at which the hedge instrument paid funding, UtcNs; 0 when none is known."""
    funding = inputs.hedge.funding
    if funding is None or funding.interval <= 0 or funding.next_at <= 0:
        return 0
    passed = (inputs.now - funding.next_at) // funding.interval
    return funding.next_at + passed * funding.interval
