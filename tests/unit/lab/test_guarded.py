"""A policy of others that raises, or answers nonsense, is named with the decision it failed at."""

import sys
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from terminal.core.errors import DataError
from terminal.lab.guarded import guarded, plugged
from terminal.lab.rule import Answer, Rule, Sight, around
from terminal.lab.simulate import simulate
from terminal.lab.straddles import straddles
from terminal.lab.trial import reference
from tests.unit.lab.walks import LOTS, few_windows


def tried(answer: Any) -> Any:
    windows, setup = few_windows(1)
    rule = guarded(Rule("mine", "setting", np.ones(1), answer))
    return simulate(rule, straddles(windows, setup), setup, LOTS)


def late(sight: Sight, _: Any) -> Answer:
    if sight.step == 3:
        raise RuntimeError("no\nidea")
    return around(np.ones((1, 3)), np.zeros((1, 3)))


def test_what_raises_is_named_with_its_decision() -> None:
    with pytest.raises(DataError, match="policy mine failed at decision 3: RuntimeError: no idea"):
        tried(late)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda *_: None, "answered a NoneType instead of a band"),
        (lambda *_: around(np.full((1, 3), np.nan), np.zeros((1, 3))), "with NaN"),
        (lambda *_: around(np.ones((2, 9)), np.zeros((2, 9))), "not of 1 settings and 3 windows"),
        (lambda *_: around(-np.ones((1, 3)), np.zeros((1, 3))), "a band that is closed"),
        (lambda *_: around(np.ones((1, 3)), np.full((1, 3), 2.0)), "a stop from below outside"),
        (
            lambda *_: Answer(-np.ones(1), np.ones(1), np.zeros(1), np.full(1, 2.0)),
            "a stop from above outside its band",
        ),
    ],
)
def test_nonsense_is_named(answer: Any, said: str) -> None:
    with pytest.raises(DataError, match=said):
        tried(answer)


def test_a_sound_policy_is_not_changed() -> None:
    windows, setup = few_windows(1)
    book, rule = straddles(windows, setup), reference(np.array([2e-5]))
    plain, checked = (simulate(each, book, setup, LOTS) for each in (rule, guarded(rule)))
    for one, other in zip(plain, checked, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_plugin_is_found_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("mine")
    module.band = late  # type: ignore[attr-defined]  # made here
    module.text = "no"  # type: ignore[attr-defined]  # made here
    monkeypatch.setitem(sys.modules, "mine", module)
    assert plugged("mine:band").name == "mine:band"
    for name, said in {
        "mine": "write MODULE:FUNCTION",
        "mine:text": "is no function",
        "mine:none": "cannot be imported: AttributeError",
        "not_there:x": "cannot be imported: ModuleNotFoundError",
    }.items():
        with pytest.raises(DataError, match=said):
            plugged(name)
