"""A week of the simulated market, hour by hour: the attribution sums, and little is left over."""

from collections.abc import Iterator
from decimal import Decimal

import numpy as np
import pytest

from terminal.core.units import DAY, HOUR, SECOND
from terminal.engine.attributing import attribution_view, split_pnl
from terminal.engine.state import State
from terminal.engine.step import step
from terminal.model.account import AccountSnapshot, Settled
from terminal.model.attribution import RESIDUAL_LIMIT, Bucket
from terminal.model.instrument import Option
from terminal.model.market import Index, Quote
from terminal.model.messages import Event, Mode, Record, Started, Tick
from terminal.model.order import Fill, Side
from terminal.model.risk import Autonomy
from terminal.venues.demo_book import demo_book
from terminal.venues.sim_books import book_events, lines
from terminal.venues.sim_listing import listing
from terminal.venues.sim_market import DEFAULT_SPOTS
from terminal.venues.sim_options import PERIOD, opening_marks, option_book, option_quotes
from terminal.venues.sim_paths import COINS, advance, opening
from tests.helpers.builders import profile

START = 1_767_600_000 * SECOND
LISTED = listing(START, DEFAULT_SPOTS)
POSITIONS, BALANCES = demo_book(LISTED, DEFAULT_SPOTS, START)
PERPETUAL = next(
    each.contract.key for each in LISTED.instruments if each.contract.symbol == "BTC-PERPETUAL"
)
OPTIONS = {each.contract.key: each for each in LISTED.instruments if isinstance(each, Option)}


def hours(seed: int) -> Iterator[tuple[int, list[Event]]]:
    """What the market last said in each hour of a week."""
    rng = np.random.default_rng(seed)
    state = opening([DEFAULT_SPOTS[coin] for coin in COINS])
    for hour in range(7 * 24):
        start = START + hour * HOUR
        state = advance(state, start, start + HOUR - PERIOD, rng).last
        block = advance(state, start + HOUR - PERIOD, start + HOUR, rng)
        state = block.last
        events: list[Event] = []
        alive = [
            each
            for each in LISTED.instruments
            if not hasattr(each, "expiry") or each.expiry >= start + HOUR
        ]
        for number, coin in enumerate(COINS):
            price = float(np.exp(block.log_price[-1, number]))
            events.append(Index(coin, price))
            events += option_quotes(option_book(coin, alive), block, rng, listed_at=None)[1]
        for line in lines(alive):
            said = book_events(line, block, rng, first=True)[1]
            events.append([each for each in said if isinstance(each, Quote)][-1])
        yield start + HOUR, events


@pytest.fixture(scope="module")
def week() -> State:
    state = State()

    def tell(at: int, *events: Event) -> None:
        nonlocal state
        for event in events:
            state, _ = step(state, Record(state.seq + 1, at, "test", event))

    started = Started("week", Mode.SIM, 7, profile(), Autonomy.MANUAL)
    marks = opening_marks(LISTED.instruments, DEFAULT_SPOTS, START)
    indices = [Index(coin, DEFAULT_SPOTS[coin]) for coin in COINS]
    tell(START, started, LISTED, *indices, *marks.values())
    tell(START, AccountSnapshot(LISTED.venue, POSITIONS, BALANCES))
    for at, events in hours(seed=7):
        tell(at, *events, Tick(0.0))
        for key in [*state.ledger.positions]:
            option = OPTIONS.get(key)
            if option is not None and option.expiry <= at:
                spot = state.market.index[option.contract.base].price
                tell(at, Settled(key, Decimal(str(round(spot, 2)))))
        if at % (8 * HOUR) == 0:
            price = Decimal(round(state.market.index["BTC"].price))
            side = Side.BUY if at % DAY else Side.SELL
            tell(at, hedged(at, side, price), Tick(0.0))
    return state


def hedged(at: int, side: Side, price: Decimal) -> Fill:
    fee = Decimal("0.00001")
    qty = Decimal(3_000)
    return Fill(f"f{at}", "o", PERPETUAL, side, qty, price, fee, "BTC", maker=True)


def test_the_week_sums_to_the_change_of_equity(week: State) -> None:
    result = split_pnl(week)
    assert result is not None
    assert week.opening is not None
    assert week.equity is not None
    change = week.equity - week.opening.equity
    gross = sum(cell.gross for cell in attribution_view(week).cells)
    assert sum(result.buckets.values()) == pytest.approx(change, abs=1e-9 * gross)
    cells = sum(sum(cell.usd.values()) for cell in attribution_view(week).cells)
    assert cells == pytest.approx(change, abs=1e-9 * gross)
    moved = [bucket for bucket in Bucket if result.buckets[bucket]]
    assert len(moved) >= 13


def test_less_than_a_hundredth_of_what_moved_is_not_explained(week: State) -> None:
    view = attribution_view(week)
    gross = sum(cell.gross for cell in view.cells)
    assert sum(cell.stray for cell in view.cells) < 0.01 * gross < RESIDUAL_LIMIT * gross
    assert len({cell.day for cell in view.cells}) == 8
