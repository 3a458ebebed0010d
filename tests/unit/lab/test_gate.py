"""The gate lets through what proves itself in every respect, and says why anything else stays."""

import numpy as np
import pytest

from terminal.core.units import DAY
from terminal.lab.compare import Draws
from terminal.lab.gate import Check, gate
from terminal.lab.trial import Trial

DRAWS = Draws(400, 5, 3)
WORLDS = ("jumps", "calm", "trend", "crash", "reverting", "wide spread")


def trial(part: float, tail: float = 0.0, seed: int = 1, count: int = 200) -> Trial:
    """A policy that costs a part of the reference's middle setting at the same risk."""
    rng = np.random.default_rng(seed)
    shape = rng.normal(0.0, 1.0, count)
    costs = np.array([[300.0], [200.0], [100.0]]) * (1.0 + 0.05 * rng.normal(size=count))
    nets = np.array([[500.0], [1000.0], [2000.0]]) * shape
    net = 1000.0 * shape
    net[np.argsort(net)[: count // 20]] -= tail
    return Trial(np.arange(count) * DAY + DAY, part * costs[1], net, costs, nets)


def judged(
    test: Trial, stress: float = 0.95, days: float = 14.0, until: int = 0
) -> dict[str, Check]:
    worlds = {name: trial(stress, seed=n + 2) for n, name in enumerate(WORLDS)}
    found = gate(test, worlds, DRAWS, trained_until=until, shadow_days=days)
    return {each.name: each for each in found}


def failed(checks: dict[str, Check]) -> list[str]:
    return [name for name, check in checks.items() if not check.passed]


def test_what_costs_a_tenth_less_at_equal_risk_is_promoted() -> None:
    assert failed(judged(trial(0.9))) == []


def test_what_only_seems_cheaper_stays_with_its_bound() -> None:
    checks = judged(trial(0.98))
    assert failed(checks) == ["cost"]
    assert "cost ratio 0.980" in checks["cost"].why
    assert "must be under 0.97" in checks["cost"].why


@pytest.mark.parametrize("days", [0.0, 13.9])
def test_two_weeks_in_shadow_are_asked_for(days: float) -> None:
    assert failed(judged(trial(0.9), days=days)) == ["shadow"]


def test_every_stress_world_is_asked_for() -> None:
    assert failed(judged(trial(0.9), stress=1.05)) == [f"stress: {name}" for name in WORLDS]
    found = gate(trial(0.9), {}, DRAWS, trained_until=0, shadow_days=20.0)
    assert [each.why for each in found if not each.passed] == ["0 of 6 tried"]


def test_a_heavier_tail_stays() -> None:
    assert "tail" in failed(judged(trial(0.5, tail=3000.0)))


def test_windows_seen_in_training_or_too_few_do_not_count() -> None:
    checks = judged(trial(0.9), until=11 * DAY)
    assert failed(checks) == ["unseen windows"]
    assert "10 of them seen" in checks["unseen windows"].why
    assert "unseen windows" in failed(judged(trial(0.9, count=25)))
    assert failed(judged(trial(0.9, count=1)))[:4] == [
        "unseen windows",
        "equal risk",
        "cost",
        "tail",
    ]


def test_a_risk_that_the_reference_was_not_tried_at_is_said() -> None:
    found = trial(0.9)
    checks = judged(found._replace(net=10.0 * found.net))
    assert checks["equal risk"].why == "no setting of the reference carries this risk"
    assert "equal risk" in failed(checks)


def test_a_stress_world_riskier_than_any_setting_is_failed_and_a_calmer_one_judged() -> None:
    wild, calm = trial(0.5), trial(0.5)
    worlds = {"wild": wild._replace(net=9.0 * wild.net), "calm": calm._replace(net=0.1 * calm.net)}
    found = gate(trial(0.9), worlds, DRAWS, trained_until=0, shadow_days=14.0)
    checks = {each.name: each for each in found}
    assert checks["stress: wild"].why == "more risk than any setting of the reference carries"
    assert not checks["stress: wild"].passed
    assert checks["stress: calm"].passed
    assert " or less, at most" in checks["stress: calm"].why
