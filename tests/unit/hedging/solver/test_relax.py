"""The relaxation against HiGHS, and its bound against points of the program."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from terminal.hedging.solver.relax import Program, relax, slack_basis


def program(seed: int) -> Program:
    """Random program with some empty, free and fixed columns."""
    rng = np.random.default_rng(seed)
    columns, rows = int(rng.integers(1, 30)), int(rng.integers(1, 5))
    body = rng.normal(size=(rows, columns)) * (rng.random((rows, columns)) < 0.8)
    slack = rng.random(rows) * 0.3
    return Program(
        cost=np.concatenate([rng.random(columns) * (rng.random(columns) < 0.9), np.zeros(rows)]),
        matrix=np.hstack([body, -np.eye(rows)]),
        rhs=rng.normal(size=rows),
        lower=np.concatenate([np.zeros(columns), -slack]),
        upper=np.concatenate([rng.random(columns) * (rng.random(columns) < 0.9), slack]),
    )


@pytest.mark.parametrize("first", range(0, 200, 50))
def test_optimum_is_that_of_highs(first: int) -> None:
    optimize = pytest.importorskip("scipy.optimize")
    for seed in range(first, first + 50):
        each = program(seed)
        mine = relax(each, slack_basis(each))
        bounds = np.stack([each.lower, each.upper], axis=1)
        theirs = optimize.linprog(each.cost, A_eq=each.matrix, b_eq=each.rhs, bounds=bounds)
        if theirs.status == 2:
            assert mine.bound == np.inf
        else:
            assert mine.bound == pytest.approx(theirs.fun, abs=1e-8)


@given(st.integers(0, 10_000), st.integers(0, 10_000))
@example(208, 0)  # a start whose way ends at a basis that is nearly singular
@settings(max_examples=100, deadline=None)
def test_any_basis_leads_to_the_same_optimum(seed: int, other: int) -> None:
    each = program(seed)
    rng = np.random.default_rng(other)
    rows, columns = each.matrix.shape
    basis = tuple(rng.permutation(columns)[:rows].tolist())
    straight, roundabout = relax(each, slack_basis(each)), relax(each, basis)
    assert roundabout.bound == pytest.approx(straight.bound, abs=1e-8)


@given(st.integers(0, 10_000))
@settings(max_examples=100, deadline=None)
def test_optimum_is_a_point_of_the_program(seed: int) -> None:
    each = program(seed)
    found = relax(each, slack_basis(each))
    if np.isfinite(found.bound):
        assert each.matrix @ found.point == pytest.approx(each.rhs, abs=1e-8)
        assert (found.point >= each.lower - 1e-8).all()
        assert (found.point <= each.upper + 1e-8).all()
        assert each.cost @ found.point == pytest.approx(found.bound, abs=1e-8)


def test_bound_holds_when_pivots_run_out(monkeypatch: pytest.MonkeyPatch) -> None:
    for seed in range(100):
        each = program(seed)
        full = relax(each, slack_basis(each)).bound
        with monkeypatch.context() as patch:
            patch.setattr("terminal.hedging.solver.relax._MOST_PIVOTS", 1)
            assert relax(each, slack_basis(each)).bound <= full + 1e-8


def test_singular_basis_is_replaced() -> None:
    each = Program(
        cost=np.array([1.0, 1.0, 0.0, 0.0]),
        matrix=np.array([[1.0, 1.0, -1.0, 0.0], [1.0, 1.0, 0.0, -1.0]]),
        rhs=np.array([0.5, 0.5]),
        lower=np.zeros(4),
        upper=np.array([1.0, 1.0, 0.1, 0.1]),
    )
    assert relax(each, (0, 1)).bound == pytest.approx(0.5)
