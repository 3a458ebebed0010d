"""What was missed is noticed by whichever clock noticed it; an order of before it stays here."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.core.units import DAY, HOUR, MILLISECOND, MINUTE, SECOND
from terminal.runtime.awake import LEAP, LONGEST, Awake
from tests.helpers.builders import intent


class Times:
    """Both clocks of a machine."""

    def __init__(self) -> None:
        self.lived, self.day = 5 * SECOND, 1_767_614_400 * SECOND

    def pass_by(self, span: int, leap: int = 0) -> None:
        self.lived += span
        self.day += span + leap


def watched(times: Times) -> Awake:
    awake = Awake(lambda: times.lived, lambda: times.day)
    assert awake.look() is None
    return awake


@given(st.lists(st.tuples(st.integers(0, LONGEST // 2), st.integers(-LEAP // 2, LEAP // 2))))
def test_turns_of_a_loop_that_is_awake_miss_nothing(turns: list[tuple[int, int]]) -> None:
    times = Times()
    awake = watched(times)
    for span, leap in turns:
        times.pass_by(span, leap)
        assert awake.bars(intent()) == ""
        assert awake.look() is None


@given(st.integers(LONGEST + 1, 30 * DAY))
def test_a_stopped_process_is_noticed_by_both_clocks(span: int) -> None:
    times = Times()
    awake = watched(times)
    times.pass_by(span)
    missed = awake.look()
    assert missed is not None
    assert missed.seconds == pytest.approx(span / SECOND)
    assert awake.look() is None


@given(st.integers(LONGEST + 1, 30 * DAY), st.integers(0, SECOND))
def test_a_machine_that_slept_is_noticed_though_one_clock_stood_still(
    span: int, before: int
) -> None:
    times = Times()
    awake = watched(times)
    times.pass_by(before, leap=span)
    assert awake.bars(intent())
    missed = awake.look()
    assert missed is not None
    assert missed.seconds == pytest.approx((before + span) / SECOND)


@given(st.integers(LEAP + 1, 30 * DAY), st.booleans())
def test_a_clock_that_is_set_is_noticed_whichever_way(leap: int, back: bool) -> None:
    times = Times()
    awake = watched(times)
    times.pass_by(10 * MILLISECOND, leap=-leap if back else leap)
    missed = awake.look()
    assert missed is not None
    assert missed.seconds >= 0
    times.pass_by(10 * MILLISECOND)
    assert awake.look() is None


@pytest.mark.parametrize(("span", "leap"), [(HOUR, 0), (0, MINUTE), (0, -MINUTE)])
def test_an_order_of_before_is_barred_until_the_loop_has_looked(span: int, leap: int) -> None:
    times = Times()
    awake = watched(times)
    times.pass_by(span, leap)
    assert "since it was decided" in awake.bars(intent())
    awake.look()
    assert awake.bars(intent()) == ""


def test_what_was_never_watched_misses_nothing() -> None:
    awake = Awake(lambda: 0, lambda: 0)
    assert awake.missed() is None
    assert awake.bars(intent()) == ""
