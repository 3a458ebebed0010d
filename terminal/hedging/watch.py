"""What is remembered of a look: only what the policy in use will read."""

from msgspec.structs import replace

from terminal.hedging.centre import book_vol, gamma_of
from terminal.hedging.inputs import HedgeInputs
from terminal.hedging.memory import SAMPLE, Anchor, Memory, Samples, sampled
from terminal.model.risk import PolicyKind


def observed(inputs: HedgeInputs) -> Memory:
    """Memory after a look at the book; the same one while nothing is due.

    Notes
    -----
    Orders in flight count in net delta but have not filled, so flow is measured without them.
    """
    memory, spec = inputs.memory, inputs.spec
    flow = spec.kind is PolicyKind.FLOW
    if memory.anchor is None and (spec.vol_skip_pct or spec.kind is PolicyKind.PRICE_STEP):
        anchor = Anchor(inputs.net_delta, inputs.spot, gamma_of(inputs), book_vol(inputs))
        memory = replace(memory, anchor=anchor)
    if not (spec.patience or spec.regime or flow):
        return memory
    before = memory.samples
    if before is not None and inputs.now - before.at < SAMPLE:
        return memory
    fresh = Samples(
        at=inputs.now,
        cost=inputs.one_way_cost,
        vol=inputs.annual_vol,
        level=inputs.net_delta - inputs.exposure.working - memory.hedged,
    )
    return replace(memory, samples=sampled(before, fresh))
