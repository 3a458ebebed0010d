"""The policies by kind, each with its one-line explanation."""

from collections.abc import Callable
from types import MappingProxyType

from terminal.hedging.inputs import HedgeInputs
from terminal.hedging.policies import (
    fixed_band,
    flow_band,
    gamma_band,
    hybrid,
    impulse,
    price_step,
    timer,
    whalley_wilmott,
    zakamouline,
)
from terminal.model.hedge import Target
from terminal.model.risk import PolicyKind

Policy = Callable[[HedgeInputs], Target]

POLICIES: MappingProxyType[PolicyKind, Policy] = MappingProxyType(
    {
        PolicyKind.TIMER: timer.target,
        PolicyKind.HYBRID: hybrid.target,
        PolicyKind.BAND_TO_TARGET: fixed_band.to_target,
        PolicyKind.BAND_TO_HALF: fixed_band.to_half,
        PolicyKind.BAND_TO_EDGE: fixed_band.to_edge,
        PolicyKind.GAMMA_BAND: gamma_band.target,
        PolicyKind.PRICE_STEP: price_step.target,
        PolicyKind.WHALLEY_WILMOTT: whalley_wilmott.target,
        PolicyKind.ZAKAMOULINE: zakamouline.target,
        PolicyKind.IMPULSE: impulse.target,
        PolicyKind.FLOW: flow_band.target,
    }
)
