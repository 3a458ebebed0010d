"""What waits between a feed and the engine: nothing lost, nothing old, time never back."""

from hypothesis import given
from hypothesis import strategies as st

from terminal.core.units import SECOND
from terminal.model.market import Index, Quote, Trade
from terminal.venues.event_queue import NEVER, EventQueue

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["quote", "option", "trade", "take"]),
        st.integers(0, 3),
        st.integers(0, SECOND),
    ),
    max_size=60,
)


def quote(key: str, bid: float) -> Quote:
    return Quote(key, bid, bid + 1.0)


@given(STEPS)
def test_times_never_go_back_and_nothing_is_lost(steps: list[tuple[str, int, int]]) -> None:
    queue, now = EventQueue(), 0
    newest: dict[str, Quote] = {}
    given_last: dict[str, Quote] = {}
    trades = taken_trades = last = 0

    def take() -> None:
        nonlocal last, taken_trades
        upcoming = queue.next_at(now)
        if upcoming == NEVER:
            return
        at, event = queue.pop()
        assert at == upcoming
        assert last <= at <= now
        last = at
        if isinstance(event, Quote):
            given_last[event.key] = event
        else:
            taken_trades += 1

    for kind, name, later in steps:
        now += later
        if kind == "take":
            take()
        elif kind == "trade":
            trades += 1
            queue.put(now, Trade(f"{name}", 1.0, 1.0, buyer_is_taker=True))
        else:
            said = newest[f"{kind}{name}"] = quote(f"{kind}{name}", float(now))
            queue.put(now, said, slot=said.key, spacing=SECOND if kind == "option" else 0)
    now += 2 * SECOND
    while queue.next_at(now) != NEVER:
        take()
    assert given_last == newest
    assert taken_trades == trades


def test_only_the_newest_of_a_slot_waits() -> None:
    queue = EventQueue()
    queue.put(1, quote("a", 1.0), slot="a")
    queue.put(2, Index("BTC", 5.0), slot="i")
    queue.put(3, quote("a", 2.0), slot="a")
    assert len(queue) == 2
    assert queue.pop() == (2, Index("BTC", 5.0))
    assert queue.pop() == (3, quote("a", 2.0))
    assert queue.next_at(4) == NEVER


def test_a_spaced_slot_is_given_once_in_its_time_and_the_last_word_follows() -> None:
    queue = EventQueue()
    for number in range(100):
        queue.put(number, quote("a", float(number)), slot="a", spacing=SECOND)
    assert queue.next_at(99) == 0
    assert queue.pop() == (0, quote("a", 0.0))
    assert queue.next_at(SECOND - 1) == NEVER
    assert queue.next_at(2 * SECOND) == 99
    assert queue.pop() == (99, quote("a", 99.0))
