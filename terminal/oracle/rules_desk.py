"""Rules that look at the book, its limits and its data: R1 to R3, R10 to R14."""

from terminal.core.units import MINUTE, seconds
from terminal.core.words import delta
from terminal.engine.context import approval_context, with_margin
from terminal.hedging.centre import beyond_cap, centre
from terminal.hedging.decide import is_urgent
from terminal.hedging.legs import cost, size, too_small
from terminal.model.oracle import Finding
from terminal.model.order import Side
from terminal.oracle.candidates import risk_day
from terminal.oracle.facts import Facts
from terminal.risk.activity import Pace, flips
from terminal.risk.halts import Halt, HaltCode

TIGHT = 0.65
"""Share of the margin in use from which the book should only shrink."""

SETTLING = 30 * MINUTE
"""Time before an expiry in which its settlement price is averaged."""

CHURN = 3.0
"""A reversal of the last hedge must remove this many times its cost in daily risk."""

DATA = frozenset({HaltCode.BAD_DATA, HaltCode.FEED_LOST, HaltCode.LOOP_LAG})
BOOKS = frozenset(
    {HaltCode.MISMATCH, HaltCode.RECONCILING, HaltCode.OVERFILL, HaltCode.UNKNOWN_ORDER}
)


def breach(facts: Facts) -> Finding:
    """R1: delta outside its band."""
    inputs, target = facts.inputs, facts.target
    if inputs is None or target is None:
        return Finding("R1", "band", False, facts.missing)
    band = f"{delta(target.low)} to {delta(target.high)} {inputs.underlying}"
    if not facts.outside:
        return Finding("R1", "band", False, f"{delta(inputs.net_delta)} is inside {band}")
    text = f"{delta(inputs.net_delta)} is outside {band}"
    return Finding("R1", "band", True, text, f"hedge to {delta(target.delta)}")


def hard_cap(facts: Facts) -> Finding:
    """R2: delta beyond the profile's cap, or so many bands out that resting is the larger risk."""
    inputs, target = facts.inputs, facts.target
    if inputs is None or target is None:
        return Finding("R2", "hard cap", False, facts.missing)
    usd = abs(inputs.net_delta - centre(inputs)) * inputs.spot
    text = f"{usd:,.0f} USD of delta, cap {inputs.profile.delta_cap_usd:,.0f}"
    if beyond_cap(inputs):
        return Finding("R2", "hard cap", True, text, "take at once; no pause holds it back")
    if facts.outside and is_urgent(inputs, target):
        bands = inputs.profile.urgent_bands
        return Finding("R2", "hard cap", True, f"{text}; beyond {bands:g} half-bands", "take")
    return Finding("R2", "hard cap", False, text)


def cost_gate(facts: Facts) -> Finding:
    """R3: what the hedge costs against the daily risk that it removes."""
    inputs, target = facts.inputs, facts.target
    if inputs is None or target is None:
        return Finding("R3", "cost gate", False, facts.missing)
    found = _price_and_gain(facts) if facts.outside else None
    if found is None:
        return Finding("R3", "cost gate", False, "no hedge is due, or no volatility is known")
    price, gain = found
    if gain <= 0.0:
        text = f"costs {price:,.2f} USD and removes no risk"
        return Finding("R3", "cost gate", True, text, "wait")
    hours = 24.0 * price / gain
    text = f"costs {price:,.2f} USD, removes {gain:,.2f} USD of risk a day: even in {hours:.1f} h"
    if hours > 24.0:
        return Finding("R3", "cost gate", True, text, "wait, or rest")
    return Finding("R3", "cost gate", False, text)


def _price_and_gain(facts: Facts) -> tuple[float, float] | None:
    """Cost of taking the hedge to the policy's stop, and the running risk a day that it ends."""
    inputs, target = facts.inputs, facts.target
    if inputs is None or target is None:
        return None
    step = target.delta - inputs.net_delta
    chosen = size(inputs.hedge.contract, step, inputs.spot)
    before, after = risk_day(inputs, inputs.net_delta), risk_day(inputs, target.delta)
    if too_small(inputs.hedge.contract, chosen) or before is None or after is None:
        return None
    price = cost(inputs.hedge, Side.BUY if step > 0.0 else Side.SELL, chosen)
    return price.total, before - after


def expiry(facts: Facts) -> Finding:
    """R10: options whose settlement is near or being averaged."""
    view = (facts.state.views or {}).get(facts.underlying)
    inputs = facts.inputs
    held = inputs.exposure.option_delta if inputs else 0.0
    if view is None or not view.sheet.inputs:
        return Finding("R10", "expiry", False, "no options")
    left = view.sheet.expires - facts.state.now
    text = f"next expiry in {_clock(left)}, options' delta {delta(held)}"
    if 0 <= left < SETTLING:
        tapers = inputs is not None and inputs.expiring is not None
        proposes = "" if tapers else "let the expiring delta fade (Expiry taper)"
        return Finding("R10", "expiry", True, text, proposes or "the hedge fades with it")
    return Finding("R10", "expiry", False, text)


def margin(facts: Facts) -> Finding:
    """R11: margin in use, and what a move within the liquidation distance would miss."""
    profile = facts.state.profile
    context = approval_context(facts.state, facts.underlying, profile) if profile else None
    found = with_margin(facts.state, context).margin if context else None
    if found is None or (found.used is None and found.missing_usd is None):
        why = found.reason if found else "no hedge instrument yet"
        return Finding("R11", "margin", False, f"not known: {why}")
    used = "not known" if found.used is None else f"{100 * found.used:.0f} %"
    missing = found.missing_usd or 0.0
    text = f"margin in use {used}, {missing:,.0f} USD short of the liquidation distance"
    if missing > 0.0 or (found.used is not None and found.used > TIGHT):
        return Finding("R11", "margin", True, text, "only reduce")
    return Finding("R11", "margin", False, text)


def integrity(facts: Facts) -> Finding:
    """R12: books that differ from the venue, orders of unknown outcome or of somebody else."""
    halts = [each for each in facts.halts if each.code in BOOKS]
    foreign = len(facts.state.strangers)
    if halts or foreign:
        others = f"{foreign} orders of somebody else rest" if foreign else ""
        return Finding("R12", "integrity", True, _first(halts) or others, "reconcile first")
    return Finding("R12", "integrity", False, "books and orders agree with what venues said")


def stale(facts: Facts) -> Finding:
    """R13: data too old, one-sided, or from a clock that is off."""
    halts = [each for each in facts.halts if each.code in DATA]
    if halts:
        return Finding("R13", "stale data", True, _first(halts), "no hedge until data are good")
    if facts.inputs is None:
        return Finding("R13", "stale data", True, facts.missing, "no hedge until it is known")
    age, limit = seconds(facts.inputs.data_age), facts.inputs.profile.book_age_s
    text = f"oldest input {age:.1f} s, limit {limit:g} s"
    return Finding("R13", "stale data", age > limit, text, "wait" if age > limit else "")


def churn(facts: Facts) -> Finding:
    """R14: a hedge against the last one that gains too little for what it costs."""
    inputs, target = facts.inputs, facts.target
    if inputs is None or target is None or not facts.outside:
        return Finding("R14", "anti-churn", False, "no hedge is due")
    side = Side.BUY if target.delta > inputs.net_delta else Side.SELL
    turns = flips(facts.state.activity.paces.get(facts.underlying, Pace()), facts.state.now, side)
    found = _price_and_gain(facts)
    sign = 1 if side is Side.BUY else -1
    if inputs.memory.side != -sign or found is None:
        return Finding("R14", "anti-churn", False, f"{turns} changes of side in 10 min")
    price, gain = found
    text = f"against the last hedge: removes {gain:,.2f} USD a day for {price:,.2f} USD"
    if turns > 1 and gain < CHURN * price:
        return Finding("R14", "anti-churn", True, text, "let it be (Hysteresis)")
    return Finding("R14", "anti-churn", False, text)


def _first(halts: list[Halt]) -> str:
    return halts[0].reason if halts else ""


def _clock(span: int) -> str:
    minutes = span // MINUTE
    if minutes >= 48 * 60:
        return f"{minutes // 1440} d"
    if minutes >= 60:
        return f"{minutes // 60:02d}:{minutes % 60:02d} h"
    return f"{minutes} min"
