"""What a feed takes of its frames: when funding is paid, and open interest that changed."""

from itertools import pairwise

from terminal.core.units import HOUR, MINUTE, SECOND
from terminal.model.market import Funding, OpenInterest
from terminal.venues.dialects.deribit import DERIBIT
from terminal.venues.dialects.dialect import Dialect
from terminal.venues.dialects.dydx import DYDX
from terminal.venues.dialects.hyperliquid import HYPERLIQUID
from terminal.venues.event_queue import NEVER
from terminal.venues.feed_intake import FUNDING_SPACING, FeedIntake
from terminal.venues.markets import Loaded
from tests.helpers import frames_deribit, frames_dydx, frames_hyperliquid
from tests.helpers.frames import Corpus, directory

NOON = 1_767_614_400_000_000_000
assert NOON % (12 * HOUR) == 0


class Clock:
    """Time that is set by hand."""

    def __init__(self) -> None:
        self.now = NOON + 20 * MINUTE

    def __call__(self) -> int:
        return self.now


def said(dialect: Dialect, corpus: Corpus, *times: int) -> list[Funding]:
    """Fundings that come of the frames of a corpus, all of them at each of these times."""
    clock = Clock()
    intake = FeedIntake(dialect, clock)
    known = directory(dialect.decoder, corpus.markets)
    intake.know(Loaded(exchange=None, directory=known, symbols={}, at=clock.now, skipped=0))
    found: list[Funding] = []
    for each_time in times:
        clock.now = each_time
        for frame in corpus.public:
            intake.on_frame(frame)
        clock.now += FUNDING_SPACING
        while intake.queue.next_at(clock.now) != NEVER:
            event = intake.queue.pop()[1]
            if isinstance(event, Funding):
                found.append(event)
    return found


def test_what_is_paid_by_the_clock_is_due_at_the_next_full_hour() -> None:
    for dialect, corpus in ((HYPERLIQUID, frames_hyperliquid.CORPUS), (DYDX, frames_dydx.CORPUS)):
        early, late = NOON + 20 * MINUTE, NOON + 60 * MINUTE
        due = {each.next_at for each in said(dialect, corpus, early, late)}
        assert due == {NOON + HOUR, NOON + 2 * HOUR}


def test_open_interest_is_told_when_it_changes_and_once_a_minute_at_most() -> None:
    clock = Clock()
    intake = FeedIntake(DERIBIT, clock)
    known = directory(DERIBIT.decoder, frames_deribit.CORPUS.markets)
    intake.know(Loaded(exchange=None, directory=known, symbols={}, at=clock.now, skipped=0))
    told = []
    for second in range(0, 400, 5):
        clock.now = NOON + second * SECOND
        held = 7.0 if second < 200 else float(second)
        intake.on_frame(frames_deribit.ticker("BTC-27NOV26-100000-C", open_interest=held))
        while intake.queue.next_at(clock.now) != NEVER:
            event = intake.queue.pop()[1]
            if isinstance(event, OpenInterest):
                told.append((second, event.contracts))
    assert told[0] == (0, 7.0)
    assert told[1] == (200, 200.0)
    assert len(told) == 5
    assert all(later[0] - first[0] >= 60 for first, later in pairwise(told))


def test_what_accrues_all_the_time_is_due_at_none() -> None:
    due = {each.next_at for each in said(DERIBIT, frames_deribit.CORPUS, NOON)}
    assert due == {0}
