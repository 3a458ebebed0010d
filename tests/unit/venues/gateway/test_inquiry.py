"""Absence is proven by two complete searches in vain and by nothing less."""

from hypothesis import given
from hypothesis import strategies as st

from terminal.core.units import SECOND
from terminal.venues.gateway.inquiry import (
    APART,
    FAR_APART,
    Inquiry,
    Look,
    in_vain,
    looked,
    next_look,
)

SEARCHES = st.lists(
    st.tuples(st.integers(1, 4 * SECOND), st.one_of(st.none(), st.integers(1, 3))), max_size=30
)


@given(searches=SEARCHES, taken_over=st.booleans())
def test_absence_needs_two_searches_on_one_live_stream(
    searches: list[tuple[int, int | None]], *, taken_over: bool
) -> None:
    inquiry, now, run = Inquiry(), 0, list[int]()
    last: int | None = None
    for gap, epoch in searches:
        now += gap
        inquiry = in_vain(inquiry, now, epoch, taken_over=taken_over)
        run = [*run, now] if run and epoch is not None and epoch == last else [now]
        run = run if epoch is not None else []
        last = epoch
        expected = len(run) > 1 and run[-1] - run[0] >= (FAR_APART if taken_over else APART)
        assert inquiry.absent == expected
        if inquiry.absent:
            return


def test_looks_by_client_id_first_then_everywhere_ever_more_rarely() -> None:
    inquiry, pauses, looks = Inquiry(), [], []
    for _ in range(9):
        pause, look = next_look(inquiry)
        pauses.append(pause / SECOND)
        looks.append(look)
        inquiry = looked(inquiry)
    assert pauses == [0.25, 1.0, 3.0, 2.0, 2.0, 4.0, 8.0, 15.0, 15.0]
    assert looks == [Look.ORDER] * 3 + [Look.EVERYWHERE] * 6
