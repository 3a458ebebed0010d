"""Laws of the hedge solver against full enumeration, HiGHS and its own answers."""

import math
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from terminal.hedging.solver.moves import moves
from terminal.hedging.solver.problem import GAMMA, Band, Candidate, Problem, Status, Terms
from terminal.hedging.solver.search import search
from terminal.hedging.solver.solve import solve
from terminal.model.order import Side
from tests.unit.hedging.solver.builders import (
    cheapest_by_force,
    question,
    questions,
    sizes,
    stated_cost,
)

SAME = 1e-6


def dearer(problem: Problem, factor: float) -> Problem:
    """The question with every cost multiplied."""

    def terms(each: Terms) -> Terms:
        return structs.replace(
            each,
            fee_rate=each.fee_rate * factor,
            impact=each.impact * factor,
            convexity=each.convexity * factor,
        )

    def candidate(each: Candidate) -> Candidate:
        assert each.bid is not None
        assert each.ask is not None
        middle, half = 0.5 * (each.bid + each.ask), 0.5 * (each.ask - each.bid)
        return structs.replace(
            each,
            bid=middle - factor * half,
            ask=middle + factor * half,
            order_cost=each.order_cost * factor,
            carry=each.carry * factor,
            buy=terms(each.buy),
            sell=terms(each.sell),
        )

    return structs.replace(problem, candidates=tuple(map(candidate, problem.candidates)))


@given(questions())
@settings(max_examples=120, deadline=None)
def test_cost_is_that_of_trying_everything(problem: Problem) -> None:
    answer, least = solve(problem), cheapest_by_force(problem)
    assert not answer.limited
    if least is None:
        assert answer.status is Status.NEAREST
        assert answer.reasons
        return
    assert answer.status is Status.OPTIMAL
    assert answer.gap == 0.0
    assert answer.hedge is not None
    assert answer.hedge.cost == pytest.approx(least, rel=SAME, abs=SAME)


@pytest.mark.parametrize(("patience", "enumerable"), [(10**9, 1.0), (0, 1.0), (1, 30.0)])
def test_every_way_of_searching_finds_the_same_cost(patience: int, enumerable: float) -> None:
    """Small questions are enumerated at once; here branching or sets must do the work."""

    @given(questions(most_candidates=5, most_lots=3))
    @settings(max_examples=100, deadline=None)
    def law(problem: Problem) -> None:
        plain = solve(problem)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("terminal.hedging.solver.search._PATIENCE", patience)
            patch.setattr("terminal.hedging.solver.search._ENUMERABLE", enumerable)
            other = solve(problem)
        assert other.status is plain.status
        assert other.hedge is not None
        assert plain.hedge is not None
        if plain.status is Status.OPTIMAL:
            assert other.hedge.cost == pytest.approx(plain.hedge.cost, rel=SAME, abs=SAME)

    law()


@given(questions())
@settings(max_examples=120, deadline=None)
def test_orders_can_be_sent_and_add_up(problem: Problem) -> None:
    answer = solve(problem)
    hedge = answer.hedge
    assert hedge is not None
    assert len(hedge.trades) <= problem.most_instruments
    assert len({each.key for each in hedge.trades}) == len(hedge.trades)
    known = {each.key: each for each in problem.candidates}
    total, after = 0.0, dict(problem.net)
    for each in hedge.trades:
        candidate = known[each.key]
        size = float(each.qty) * (1.0 if each.side is Side.BUY else -1.0)
        assert each.qty > 0
        assert each.qty % candidate.lot == 0
        assert size in sizes(candidate)
        assert each.cost.total + each.carry == pytest.approx(stated_cost(candidate, size))
        total += stated_cost(candidate, size)
        after = {greek: value + size * candidate.greeks[greek] for greek, value in after.items()}
    assert hedge.cost == pytest.approx(total, abs=1e-9)
    assert hedge.after == pytest.approx(after, abs=1e-9)
    met = all(band.low - 1e-9 <= after[band.greek] <= band.high + 1e-9 for band in problem.bands)
    assert met == (answer.status is Status.OPTIMAL)
    assert met == (not any(hedge.outside.values()))


@given(questions(most_candidates=3, most_lots=3))
@settings(max_examples=80, deadline=None)
def test_nothing_gets_nearer_than_the_nearest(problem: Problem) -> None:
    answer = solve(problem)
    assert answer.hedge is not None
    scale = dict(zip([b.greek for b in problem.bands], scales(problem), strict=True))
    stays = sum(abs(far) / scale[greek] for greek, far in answer.hedge.outside.items())
    found = [far for far in misses(problem, scale) if far < stays - 1e-6]
    assert found == []


def scales(problem: Problem) -> list[float]:
    """What each Greek's violation is measured in."""
    columns = moves(problem, problem.candidates)
    return [float(each) for each in columns.scale]


def misses(problem: Problem, scale: dict[str, float]) -> list[float]:
    """Violation of every combination allowed."""
    grids = np.meshgrid(*[np.array(sizes(each)) for each in problem.candidates], indexing="ij")
    chosen = np.stack([each.ravel() for each in grids])
    chosen = chosen[:, (chosen != 0.0).sum(axis=0) <= problem.most_instruments]
    total = np.zeros(chosen.shape[1])
    for band in problem.bands:
        unit = np.array([each.greeks[band.greek] for each in problem.candidates])
        after = problem.net[band.greek] + unit @ chosen
        far = np.maximum(np.maximum(band.low - after, after - band.high), 0.0)
        total += far / scale[band.greek]
    return [float(each) for each in total]


@given(questions(), st.sampled_from([1.0, 1.5, 4.0]))
@settings(max_examples=50, deadline=None)
def test_cost_rises_with_costs_and_scales_with_them(problem: Problem, factor: float) -> None:
    cheap, dear = solve(problem), solve(dearer(problem, factor))
    assert dear.status is cheap.status
    assert cheap.hedge is not None
    assert dear.hedge is not None
    if cheap.status is Status.OPTIMAL:
        assert dear.hedge.cost == pytest.approx(factor * cheap.hedge.cost, rel=SAME, abs=SAME)


@given(questions(), st.floats(0.0, 3.0))
@settings(max_examples=50, deadline=None)
def test_one_dearer_instrument_never_makes_the_hedge_cheaper(problem: Problem, more: float) -> None:
    first, *others = problem.candidates
    buy = structs.replace(first.buy, impact=first.buy.impact + more)
    changed = structs.replace(problem, candidates=(structs.replace(first, buy=buy), *others))
    before, after = solve(problem), solve(changed)
    assert after.status is before.status
    assert before.hedge is not None
    assert after.hedge is not None
    if before.status is Status.OPTIMAL:
        assert after.hedge.cost >= before.hedge.cost - SAME


@given(questions(), st.sampled_from([1e-6, 1e-2, 1e3, 1e7]))
@settings(max_examples=50, deadline=None)
def test_units_of_a_greek_do_not_matter(problem: Problem, unit: float) -> None:
    greek = problem.bands[-1].greek
    other = structs.replace(
        problem,
        net=problem.net | {greek: problem.net[greek] * unit},
        bands=(*problem.bands[:-1], scaled(problem.bands[-1], unit)),
        candidates=tuple(
            structs.replace(each, greeks=each.greeks | {greek: each.greeks[greek] * unit})
            for each in problem.candidates
        ),
    )
    mine, theirs = solve(problem), solve(other)
    assert mine.status is theirs.status
    assert mine.hedge is not None
    assert theirs.hedge is not None
    assert mine.hedge.cost == pytest.approx(theirs.hedge.cost, rel=SAME, abs=SAME)


def scaled(band: Band, unit: float) -> Band:
    return structs.replace(band, low=band.low * unit, high=band.high * unit)


@given(questions(), st.randoms(use_true_random=False))
@settings(max_examples=50, deadline=None)
def test_order_of_candidates_does_not_matter(problem: Problem, chance: object) -> None:
    shuffled = list(problem.candidates)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert solve(structs.replace(problem, candidates=tuple(shuffled))) == solve(problem)


@given(questions())
@settings(max_examples=50, deadline=None)
def test_after_the_hedge_there_is_nothing_left_to_do(problem: Problem) -> None:
    answer = solve(problem)
    assert answer.hedge is not None
    if answer.status is Status.OPTIMAL:
        again = solve(structs.replace(problem, net=answer.hedge.after))
        assert again.hedge is not None
        assert again.hedge.trades == ()


def chain(seed: int, count: int) -> Problem:
    """Question of the shape met on a desk: one fine perpetual and options in coarser lots."""
    rng = np.random.default_rng(seed)
    terms = Terms(max_qty=200.0, fee_rate=5e-4, impact=2.0)
    listed = [
        Candidate(
            key="PERP",
            greeks={"delta": 1.0, GAMMA: 0.0, "vega_usd": 0.0},
            bid=59_999.5,
            ask=60_000.5,
            lot=Decimal("0.001"),
            buy=terms,
            sell=terms,
        )
    ]
    for number in range(count - 1):
        side = Terms(max_qty=float(rng.uniform(2.0, 40.0)), impact=float(rng.uniform(5.0, 60.0)))
        vega = float(rng.uniform(10.0, 120.0))
        listed.append(
            Candidate(
                key=f"O{number:02d}",
                greeks={
                    "delta": float(rng.uniform(-1.0, 1.0)),
                    GAMMA: float(rng.uniform(0.2, 40.0) * 100.0),
                    "vega_usd": vega,
                },
                bid=1000.0,
                ask=1010.0,
                lot=Decimal("0.1"),
                buy=side,
                sell=side,
                order_cost=float(rng.choice([0.0, 3.0])),
            )
        )
    net = (rng.normal() * 10.0, rng.normal() * 20_000.0, rng.normal() * 1_000.0)
    bands = ((-0.1, 0.1), (-1_000.0, 1_000.0), (-50.0, 50.0))
    return question(tuple(float(each) for each in net), bands, *listed)


@pytest.mark.parametrize(("seed", "count"), [(1, 8), (2, 12), (3, 16), (4, 20), (5, 24), (6, 10)])
def test_cost_is_that_of_a_mixed_integer_solver(seed: int, count: int) -> None:
    optimize = pytest.importorskip("scipy.optimize")
    problem = chain(seed, count)
    columns = moves(problem, problem.candidates)
    found = search(columns, nearest=False, most_nodes=20_000)
    size, zero = columns.most.size, np.zeros_like(columns.effect)
    eye = np.eye(size)
    rows = np.vstack(
        [
            np.hstack([columns.effect, zero]),
            np.hstack([np.zeros((1, size)), np.ones((1, size))]),
            np.hstack([eye, -eye * columns.most]),
        ]
    )
    low = np.concatenate([columns.low - columns.present, [0.0], np.full(size, -np.inf)])
    high = np.concatenate([columns.high - columns.present, [columns.slots], np.zeros(size)])
    answer = optimize.milp(
        np.concatenate([columns.unit, columns.order]),
        constraints=optimize.LinearConstraint(rows, low, high),
        integrality=np.ones(2 * size),
        bounds=optimize.Bounds(0.0, np.concatenate([columns.most, np.ones(size)])),
        options={"mip_rel_gap": 0.0, "time_limit": 10.0},
    )
    assert found.finished
    if found.best is None:
        assert answer.status == 2
    else:
        assert answer.status == 0
        assert found.best.worth == pytest.approx(answer.fun, rel=SAME)


def test_work_limit_is_told_and_bounds_what_is_missed() -> None:
    problem = chain(4, 24)
    proven = solve(problem)
    assert proven.status is Status.OPTIMAL
    assert proven.hedge is not None
    for limit in range(1, proven.nodes):
        answer = solve(structs.replace(problem, most_nodes=limit))
        if answer.hedge is not None and not any(answer.hedge.outside.values()):
            assert answer.limited
            assert answer.status is Status.FEASIBLE
            assert f"{answer.nodes} nodes" in answer.words
            least = answer.hedge.cost - answer.gap
            assert least <= proven.hedge.cost * (1.0 + 1e-6)
            assert math.isfinite(answer.gap)


def test_what_was_neither_found_nor_refuted_is_said_to_be_unknown() -> None:
    problem = structs.replace(chain(4, 24), most_instruments=2, most_nodes=1)
    answer = solve(problem)
    assert answer.status is Status.STOPPED
    assert answer.limited
    assert answer.hedge is not None
    assert answer.reasons
    assert "is not known" in answer.words
