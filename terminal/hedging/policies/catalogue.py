"""The policies by kind, each with its one-line explanation."""

from collections.abc import Callable
from types import MappingProxyType

from terminal.hedging.inputs import HedgeInputs
from terminal.hedging.policies import fixed_band, timer, whalley_wilmott
from terminal.model.hedge import Target
from terminal.model.risk import PolicyKind

POLICIES: MappingProxyType[PolicyKind, Callable[[HedgeInputs], Target]] = MappingProxyType(
    {
        PolicyKind.TIMER: timer.target,
        PolicyKind.BAND_TO_TARGET: fixed_band.to_target,
        PolicyKind.BAND_TO_EDGE: fixed_band.to_edge,
        PolicyKind.WHALLEY_WILMOTT: whalley_wilmott.target,
    }
)

EXPLANATIONS: MappingProxyType[PolicyKind, str] = MappingProxyType(
    {
        PolicyKind.TIMER: "Hedges to target on a clock, and whenever delta leaves the band.",
        PolicyKind.BAND_TO_TARGET: "Waits inside a fixed band, then trades back to target.",
        PolicyKind.BAND_TO_EDGE: "Waits inside a fixed band, then trades back to its edge.",
        PolicyKind.WHALLEY_WILMOTT: "Band from cost, gamma and risk aversion; trades half-way.",
    }
)
