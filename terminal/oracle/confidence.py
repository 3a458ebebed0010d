"""How far a decision can be trusted: a product of factors, each shown with its number."""

import math

from terminal.core.units import BPS, from_seconds, seconds
from terminal.core.words import amount
from terminal.hedging.centre import centre
from terminal.hedging.inputs import HedgeInputs
from terminal.hedging.legs import size
from terminal.market.state import mid
from terminal.model.greeks import SMILE_AWARE, DeltaKind, net_delta
from terminal.model.hedge import Target
from terminal.model.oracle import Factor


def factors(inputs: HedgeInputs, target: Target) -> tuple[Factor, ...]:
    """Every factor, those that cannot be told among them."""
    return (
        _freshness(inputs),
        _agreement(inputs, target),
        _distance(inputs, target),
        _depth(inputs, target),
        _volatility(inputs),
    )


def confidence(given: tuple[Factor, ...]) -> float:
    """Product of the factors that can be told (hedging.md 8); 0 to 1."""
    return math.prod(each.value for each in given if each.value is not None)


def _freshness(inputs: HedgeInputs) -> Factor:
    """1 while data are younger than half their limit, then down to 0 at the limit."""
    limit = from_seconds(inputs.profile.book_age_s)
    value = min(1.0, max(0.0, 2.0 * (1.0 - inputs.data_age / limit)))
    old = seconds(inputs.data_age)
    text = f"data are {old:.1f} s old, limit {inputs.profile.book_age_s:g} s"
    return Factor("freshness", value, text)


def _agreement(inputs: HedgeInputs, target: Target) -> Factor:
    """1 - |difference of two deltas| / half-band: whether models agree on what is held."""
    half = 0.5 * (target.high - target.low)
    others = [
        (kind, other)
        for kind in (DeltaKind.BLACK_SCHOLES, *SMILE_AWARE)
        if kind is not inputs.spec.delta and (other := net_delta(inputs.exposure, kind)) is not None
    ]
    if inputs.exposure.option_delta == 0.0:
        return Factor("models agree", 1.0, "no options: every model has the same delta")
    if not others or half <= 0.0:
        return Factor("models agree", None, "no second delta is known to compare with")
    base = net_delta(inputs.exposure, inputs.spec.delta)
    own = inputs.net_delta if base is None else base
    kind, other = max(others, key=lambda each: abs(each[1] - own))
    gap = abs(other - own)
    value = max(0.0, 1.0 - gap / half)
    words = f"{kind.value.replace('_', ' ')} delta is {amount(gap)} {inputs.underlying} off"
    return Factor("models agree", value, f"{words}, half-band {amount(half)}")


def _distance(inputs: HedgeInputs, target: Target) -> Factor:
    """How clearly delta is inside or outside its band.

    Notes
    -----
    1/2 at the edge, where holding and hedging are equally good, up to 1 at half a half-width from
    it. hedging.md 8 begins at 0, which would distrust every hedge made as soon as it is due.
    """
    half = 0.5 * (target.high - target.low)
    if half <= 0.0:
        return Factor("distance", None, "the policy has no band")
    net = inputs.net_delta
    gap = min(abs(net - target.low), abs(net - target.high))
    value = 0.5 + 0.5 * min(1.0, gap / (0.5 * half))
    return Factor("distance", value, f"{amount(gap)} {inputs.underlying} from the band's edge")


def _depth(inputs: HedgeInputs, target: Target) -> Factor:
    """Part of the hedge that could be filled inside the slippage cap by the book shown."""
    goal = target.delta if inputs.net_delta != target.delta else centre(inputs)
    step = goal - inputs.net_delta
    wanted = float(size(inputs.hedge.contract, step, inputs.spot).qty)
    if wanted == 0.0:
        return Factor("depth", 1.0, "nothing to trade")
    held = fillable(inputs, buys=step > 0.0)
    if held is None:
        return Factor("depth", None, "no book depth is known")
    cap = inputs.profile.slippage_cap_bps
    return Factor(
        "depth", min(1.0, held / wanted), f"{held / wanted:.1f} x the hedge within {cap:g} bp"
    )


def fillable(inputs: HedgeInputs, *, buys: bool) -> float | None:
    """Contracts on the book within the slippage cap of mid; None without depth or mid."""
    depth, middle = inputs.hedge.depth, mid(inputs.hedge.book.quote)
    if depth is None or middle is None:
        return None
    levels = depth.asks if buys else depth.bids
    reach = middle * inputs.profile.slippage_cap_bps * BPS
    return sum(qty for price, qty in levels if abs(price - middle) <= reach)


def _volatility(inputs: HedgeInputs) -> Factor:
    """exp(-sd) of the logarithm of the volatility that risk is reckoned by."""
    if inputs.annual_vol is None:
        return Factor("volatility", None, "no volatility has been measured yet")
    # An exponential mean with a half-life of 60 one-minute returns is worth 2 x 60 / ln 2 of them;
    # the logarithm of a volatility of n independent returns has a standard deviation of 1/sqrt(2n).
    worth = 2.0 * 60.0 / math.log(2.0)
    error = 1.0 / math.sqrt(2.0 * worth)
    text = f"{100.0 * inputs.annual_vol:.1f} % a year, known to about {100.0 * error:.0f} %"
    return Factor("volatility", math.exp(-error), text)
