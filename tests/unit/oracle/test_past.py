"""The last day's samples: volatility over minutes, moves, and gaps."""

import math

import pytest

from terminal.core.units import MINUTE
from terminal.oracle.past import KEEP, Past, extended


def walked(count: int, step: float = 0.001) -> Past:
    past = Past()
    for number in range(count):
        price = 100.0 * math.exp(step if number % 2 else 0.0)
        past = extended(past, (number + 1) * MINUTE, price, 0.5 + 0.001 * number)
    return past


def test_volatility_is_that_of_the_minutes_asked_for() -> None:
    expected = 0.001 * math.sqrt(365.0 * 1440.0)
    assert walked(100).vol(15) == pytest.approx(expected)
    assert walked(100).vol(99) == pytest.approx(expected)


def test_too_few_minutes_say_nothing() -> None:
    assert Past().vol(15) is None
    assert walked(15).vol(15) is None
    assert walked(16).vol(15) is not None
    assert walked(9).vol(5) is None
    assert walked(1).vol(0) is None


def test_moves_and_changes_look_back_exactly() -> None:
    move, change = walked(40).change(15)
    assert move == pytest.approx(math.exp(0.001) - 1.0)
    assert change == pytest.approx(0.015)
    assert walked(10).change(15) == (None, None)
    blind = extended(walked(40), 41 * MINUTE, 100.0, None)
    assert blind.change(15)[1] is None


def test_a_gap_begins_anew_and_a_day_is_kept() -> None:
    past = walked(40)
    assert extended(past, past.at + 3 * MINUTE, 100.0, None).span() == 0
    assert extended(past, past.at + 2 * MINUTE, 100.0, None).span() == 40
    long = walked(KEEP + 50)
    assert long.span() == KEEP
    assert len(long.vols) == len(long.prices)
