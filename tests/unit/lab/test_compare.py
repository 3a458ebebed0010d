"""The comparison: a policy against itself, costs that scale, equal answers for equal questions."""

import msgspec
import pytest
from msgspec.structs import replace

from terminal.lab.compare import MEASURES, TARGETS, Comparison, Draws, compare
from terminal.lab.goals import LEAST, LEAST_IMPULSE, Goal, goals_of
from terminal.lab.rules import (
    AVERSIONS,
    DEFAULT,
    FIXED_CENTRE,
    FIXED_EDGE,
    IMPULSE,
    REFERENCE,
    TIMER,
    ZAKAMOULINE,
)
from terminal.lab.windows import Setup, simulated
from tests.unit.lab.walks import LOTS

SETUP = Setup(days=2, tenor_days=7)
DRAWS = Draws(200, 1, 1)


def compared(setup: Setup = SETUP, draws: Draws = DRAWS) -> Comparison:
    windows = simulated(setup, 1, 150, spot=60_000.0, vol=0.6)
    told: list[float] = []
    found = compare("X", windows, setup, LOTS, draws, tell=lambda part, _: told.append(part))
    assert told == sorted(told)
    assert told[-1] == 1.0
    return found


@pytest.fixture(scope="module")
def plain() -> Comparison:
    return compared()


@pytest.fixture(scope="module")
def reference_book() -> Comparison:
    setup = Setup(days=14, tenor_days=14, cost=6e-4)
    windows = simulated(setup, 1, 400, spot=60_000.0, vol=0.6)
    return compare("X", windows, setup, LOTS, Draws(2, 1, 1), tell=lambda *_: None)


def test_targets_are_among_the_settings_of_the_reference(plain: Comparison) -> None:
    assert {aversion for _, aversion in TARGETS} <= set(AVERSIONS)
    assert list(AVERSIONS) == sorted(AVERSIONS, reverse=True)
    for measure in MEASURES:
        risks = [plain.cell(REFERENCE, measure, target).risk for target, _ in TARGETS]
        assert risks == sorted(risks)


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize(("target", "aversion"), TARGETS)
def test_a_policy_against_itself(
    plain: Comparison, measure: str, target: str, aversion: float
) -> None:
    itself = plain.cell(REFERENCE, measure, target)
    assert (itself.ratio, itself.ratio_band, itself.ratio_error) == (1.0, (1.0, 1.0), 0.0)
    if measure == "error":
        assert itself.setting == pytest.approx(aversion, rel=1e-6)
    default = plain.cell(DEFAULT, measure, target)
    assert (default.saving, default.saving_band) == (0.0, (0.0, 0.0))


def test_bands_hold_their_numbers(plain: Comparison) -> None:
    for cell in plain.cells:
        if cell.measure == "error" and cell.reached:
            low, high = cell.cost_band
            assert low * 0.95 <= cell.cost <= high * 1.05
            assert cell.orders_per_day > 0.0


def test_saving_and_ratio_tell_the_same(plain: Comparison) -> None:
    for measure in MEASURES:
        default = plain.cell(DEFAULT, measure, "middle")
        timer = plain.cell(TIMER, measure, "middle")
        assert timer.saving == pytest.approx(1.0 - default.ratio / timer.ratio)
        assert timer.risk == default.risk


def test_equal_questions_have_equal_answers(plain: Comparison) -> None:
    assert msgspec.json.encode(compared()) == msgspec.json.encode(plain)
    other = compared(draws=replace(DRAWS, seed=2))
    assert [e.cost for e in other.cells] == [e.cost for e in plain.cells]
    assert [e.cost_band for e in other.cells] != [e.cost_band for e in plain.cells]


def test_goals_of_real_windows(plain: Comparison) -> None:
    goals = goals_of([plain], SETUP, simulated=False)
    assert len(goals) == len(LEAST) * len(MEASURES)
    for goal in goals:
        cell = plain.cell(goal.against, goal.measure, "middle")
        assert (goal.saving, goal.band) == (cell.saving, cell.saving_band)
        assert goal.met == (cell.saving >= goal.least)


def test_goal_of_an_order_cost(plain: Comparison) -> None:
    assert goals_of([plain], SETUP, simulated=True) == ()
    setup = replace(SETUP, order_cost=5.0)
    with_orders = compared(setup)
    goal = goals_of([with_orders], setup, simulated=True)[0]
    cell = with_orders.cell(IMPULSE, "net", "middle")
    assert goal.saving == pytest.approx(1.0 - cell.ratio)
    assert goal.least == LEAST_IMPULSE
    assert goal.met
    assert goal.band[0] < goal.saving < goal.band[1]
    assert goal.certain == (goal.band[0] >= LEAST_IMPULSE)


@pytest.mark.parametrize(
    ("policy", "published"),
    [
        (TIMER, 1.90),
        (FIXED_CENTRE, 1.74),
        (FIXED_EDGE, 1.38),
        ("price step, to centre", 1.47),
        ("gamma band, to edge", 1.01),
        (DEFAULT, 1.05),
        ("Whalley-Wilmott, to centre", 1.31),
        (ZAKAMOULINE, 1.05),
    ],
)
def test_published_costs_on_random_walks(
    reference_book: Comparison, policy: str, published: float
) -> None:
    """Cost over that of Whalley-Wilmott to the edge, 14 days, 6 bp; 400 of the 4,000 paths."""
    assert reference_book.cell(policy, "net", "middle").ratio == pytest.approx(published, abs=0.12)


@pytest.mark.parametrize(
    ("saving", "band", "verdict"),
    [
        (0.3, (0.2, 0.4), "met"),
        (0.3, (0.26, 0.4), "met"),
        (0.2, (0.1, 0.3), "open"),
        (0.2, (0.1, 0.24), "missed"),
    ],
)
def test_a_goal_that_chance_could_turn_is_open_and_not_missed(
    saving: float, band: tuple[float, float], verdict: str
) -> None:
    certain = not band[0] < 0.25 <= band[1]
    goal = Goal("BTC", "net", "ours", "theirs", 0.25, saving, 0.05, band, saving >= 0.25, certain)
    assert goal.verdict == verdict
