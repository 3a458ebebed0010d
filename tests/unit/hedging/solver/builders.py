"""Questions for the hedge solver, small and sound, and an answer by trying everything."""

import itertools
from decimal import Decimal

from hypothesis import strategies as st

from terminal.hedging.solver.problem import DELTA, GAMMA, VEGA, Band, Candidate, Problem, Terms
from terminal.hedging.solver.solve import solve
from terminal.model.order import Side

GREEKS = (DELTA, GAMMA, VEGA)


def instrument(key: str = "PERP", *greeks: float, most: float = 5.0, **fields: object) -> Candidate:
    """Instrument of whole-contract lots that costs USD 1 per contract, unless told otherwise."""
    terms = Terms(max_qty=most, impact=1.0)
    values: dict[str, object] = {
        "key": key,
        "greeks": dict(zip(GREEKS, greeks or (1.0,), strict=False)),
        "bid": 100.0,
        "ask": 100.0,
        "lot": Decimal(1),
        "buy": terms,
        "sell": terms,
    }
    return Candidate(**(values | fields))  # type: ignore[arg-type]


def question(
    net: tuple[float, ...],
    bands: tuple[tuple[float, float], ...],
    *candidates: Candidate,
    **fields: object,
) -> Problem:
    """Question about the first Greeks, as many as there are bands."""
    return Problem(
        net=dict(zip(GREEKS, net, strict=False)),
        bands=tuple(Band(greek, *ends) for greek, ends in zip(GREEKS, bands, strict=False)),
        candidates=candidates,
        **{"alternatives": 0, **fields},  # type: ignore[arg-type]
    )


@st.composite
def questions(draw: st.DrawFn, *, most_candidates: int = 4, most_lots: int = 4) -> Problem:
    """Questions with few enough lots to try every combination."""
    greeks = draw(st.integers(1, 3))
    # Whole Greeks make sets of instruments that move the same way, or cannot be told apart.
    size = st.integers(-3, 3).map(float) | st.floats(-3.0, 3.0).map(lambda value: round(value, 2))
    money = st.floats(0.0, 5.0).map(lambda value: round(value, 2))

    def terms() -> Terms:
        return Terms(
            max_qty=float(draw(st.integers(0, most_lots))),
            fee_rate=draw(st.sampled_from([0.0, 1e-3])),
            crosses=draw(st.booleans()),
            impact=draw(money),
            convexity=draw(st.sampled_from([0.0, 0.0, 0.3])),
        )

    candidates = [
        Candidate(
            key=f"C{number}",
            greeks={greek: draw(size) for greek in GREEKS[:greeks]},
            bid=100.0,
            ask=100.0 + draw(money),
            lot=draw(st.sampled_from([Decimal(1), Decimal("0.5")])),
            min_qty=draw(st.sampled_from([Decimal(0), Decimal(2)])),
            buy=terms(),
            sell=terms(),
            order_cost=draw(st.sampled_from([0.0, 2.0])),
            position=Decimal(draw(st.integers(-3, 3))),
            reduce_only=draw(st.booleans()) and draw(st.booleans()),
            carry=draw(st.sampled_from([0.0, -0.5, 0.5])),
        )
        for number in range(draw(st.integers(1, most_candidates)))
    ]
    present = st.floats(-8.0, 8.0).map(lambda value: round(value, 2))
    net = tuple(draw(present) for _ in range(greeks))
    widths = [draw(st.sampled_from([0.2, 1.0, 3.0])) for _ in range(greeks)]
    bands = tuple((-width, width) for width in widths)
    return question(net, bands, *candidates, most_instruments=draw(st.integers(1, 3)))


def stated_cost(candidate: Candidate, contracts: float) -> float:
    """USD that a signed number of contracts costs, written out from the definitions."""
    assert candidate.bid is not None
    assert candidate.ask is not None
    if contracts == 0.0:
        return 0.0
    terms = candidate.buy if contracts > 0.0 else candidate.sell
    size = abs(contracts)
    middle = 0.5 * (candidate.bid + candidate.ask)
    half_spread = middle - candidate.bid if terms.crosses else 0.0
    base = middle if candidate.fee_base is None else candidate.fee_base
    linear = terms.fee_rate * base + half_spread + terms.impact
    carry = candidate.carry if contracts > 0.0 else -candidate.carry
    each = max(linear + carry, 0.0)
    return size * each + terms.convexity * size * size + candidate.order_cost


def sizes(candidate: Candidate) -> list[float]:
    """Every signed number of contracts that may be traded."""
    lot, held = float(candidate.lot), float(candidate.position)
    buy, sell = candidate.buy.max_qty, candidate.sell.max_qty
    if candidate.reduce_only:
        buy, sell = min(buy, max(-held, 0.0)), min(sell, max(held, 0.0))
    lots = range(-round(sell / lot + 1), round(buy / lot + 1) + 1)
    inside = [n * lot for n in lots if -sell <= n * lot <= buy]
    return [size for size in inside if size == 0.0 or abs(size) >= float(candidate.min_qty)]


def cheapest_by_force(problem: Problem) -> float | None:
    """Cost of the cheapest combination that meets the bands; None when there is none."""
    costs = []
    for chosen in itertools.product(*(sizes(each) for each in problem.candidates)):
        if sum(size != 0.0 for size in chosen) > problem.most_instruments:
            continue
        pairs = list(zip(problem.candidates, chosen, strict=True))
        if all(
            band.low - 1e-9
            <= problem.net[band.greek] + sum(size * each.greeks[band.greek] for each, size in pairs)
            <= band.high + 1e-9
            for band in problem.bands
        ):
            costs.append(sum(stated_cost(each, size) for each, size in pairs))
    return min(costs, default=None)


def traded(problem: Problem) -> dict[str, Decimal]:
    """Signed contracts per key that the solver would trade."""
    hedge = solve(problem).hedge
    assert hedge is not None
    return {each.key: each.qty if each.side is Side.BUY else -each.qty for each in hedge.trades}
