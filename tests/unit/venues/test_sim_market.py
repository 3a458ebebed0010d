"""The simulated market: determinism, believable numbers, listings that roll."""

import hashlib
import os
import subprocess
import sys
from collections import defaultdict
from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest

from terminal.core.errors import ConfigError
from terminal.core.units import DAY, HOUR, MINUTE, SECOND
from terminal.market.quality import flaw
from terminal.model.instrument import Future, Option, Perpetual, tick_at
from terminal.model.market import Bar, Depth, Funding, Index, OpenInterest, Quote, Trade
from terminal.model.messages import Listing, MarketEvent
from terminal.venues.sim_listing import expiries, opened
from terminal.venues.sim_market import DEFAULT_SPOTS, SimMarket
from terminal.venues.sim_options import opening_marks, option_book, option_quotes
from terminal.venues.sim_paths import COINS, advance, opening
from tests.unit.venues.makers import START

SCRIPT = """
import hashlib
from terminal.venues.sim_market import SimMarket
market = SimMarket(seed=7, start_at=1764000000123456789)
digest = hashlib.sha256()
for _ in range(6000):
    digest.update(repr(market.pop()).encode())
print(digest.hexdigest())
"""


def taken(market: SimMarket, span: int) -> list[tuple[int, MarketEvent]]:
    until = market.next_at() + span
    events = []
    while market.next_at() < until:
        events.append(market.pop())
    return events


def test_same_seed_gives_same_events_in_another_process_with_another_hash_seed() -> None:
    digest = hashlib.sha256()
    market = SimMarket(seed=7, start_at=1_764_000_000_123_456_789)
    for _ in range(6000):
        market.next_at()  # looking changes nothing
        digest.update(repr(market.pop()).encode())
    environment = {**os.environ, "PYTHONHASHSEED": "12345"}
    command = [sys.executable, "-c", SCRIPT]
    other = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert other.stdout.strip() == digest.hexdigest()


def test_another_seed_and_another_start_give_other_prices() -> None:
    markets = [SimMarket(seed=s, start_at=START + d) for s, d in ((7, 0), (8, 0), (7, SECOND))]
    last = [[e for _, e in taken(m, 5 * SECOND) if isinstance(e, Index)][-1].price for m in markets]
    assert len(set(last)) == 3


def test_events_come_in_time_order_at_the_stated_rate() -> None:
    events = taken(SimMarket(seed=1, start_at=START + 123), 60 * SECOND)
    assert all(first[0] <= second[0] for first, second in pairwise(events))
    assert 80 <= len(events) / 60 <= 120


def test_every_quote_is_sound_and_on_its_grid() -> None:
    market = SimMarket(seed=2, start_at=START)
    listed = {each.contract.key: each for each in market.listing.instruments}
    for _, event in taken(market, 30 * SECOND):
        if not isinstance(event, Quote):
            continue
        assert flaw(event) == ""
        for price in (event.bid, event.ask):
            if price is not None:
                tick = float(tick_at(listed[event.key].contract, Decimal(repr(price))))
                assert price / tick == pytest.approx(round(price / tick), abs=1e-6)




def test_every_option_is_quoted_every_five_seconds() -> None:
    market = SimMarket(seed=2, start_at=START)
    seen: dict[str, list[int]] = defaultdict(list)
    for at, event in taken(market, 40 * SECOND):
        if isinstance(event, Quote):
            seen[event.key].append(at)
    assert set(seen) == {each.contract.key for each in market.listing.instruments}
    gaps = [b - a for times in seen.values() for a, b in pairwise(times)]
    assert max(gaps) <= 5 * SECOND


def test_open_interest_of_every_option_follows_its_listing_and_stands() -> None:
    market = SimMarket(seed=2, start_at=START)
    options = [each for each in market.listing.instruments if isinstance(each, Option)]
    events = taken(market, 30 * SECOND)
    told = [(at, each) for at, each in events if isinstance(each, OpenInterest)]
    assert [each.key for _, each in told] == [each.contract.key for each in options]
    assert {at for at, _ in told} == {START}
    assert isinstance(events[0][1], Listing)
    assert all(each.contracts >= 0.0 for _, each in told)
    later = SimMarket(seed=9, start_at=START)
    same = [each for _, each in taken(later, SECOND) if isinstance(each, OpenInterest)]
    assert same == [each for _, each in told]  # of the price at the start, not of chance


def test_marks_keep_put_call_parity() -> None:
    market = SimMarket(seed=4, start_at=START)
    options = {e.contract.key: e for e in market.listing.instruments if isinstance(e, Option)}
    pairs: dict[tuple[str, int, float, int], dict[str, Quote]] = defaultdict(dict)
    for at, event in taken(market, 20 * SECOND):
        if isinstance(event, Quote) and event.key in options:
            option = options[event.key]
            name = (option.contract.base, option.expiry, float(option.strike), at)
            pairs[name][option.right.value] = event
    assert len(pairs) > 400
    for (coin, _, strike, _), pair in pairs.items():
        call, put = pair["call"], pair["put"]
        assert call.mark is not None
        assert put.mark is not None
        assert call.forward is not None
        difference = (call.mark - put.mark) * (1.0 if coin == "SOL" else call.forward)
        assert difference == pytest.approx(call.forward - strike, abs=5e-8 * call.forward + 1e-7)


def test_depth_agrees_with_the_quote_it_follows() -> None:
    quotes: dict[str, Quote] = {}
    depths = 0
    for _, event in taken(SimMarket(seed=4, start_at=START), 20 * SECOND):
        if isinstance(event, Quote):
            quotes[event.key] = event
        elif isinstance(event, Depth):
            depths += 1
            best = quotes[event.key]
            assert event.bids[0] == (best.bid, best.bid_qty)
            assert event.asks[0] == (best.ask, best.ask_qty)
            assert all(a[0] > b[0] for a, b in pairwise(event.bids))
            assert all(a[0] < b[0] for a, b in pairwise(event.asks))
            assert len(event.bids) == len(event.asks) == 10
    assert depths > 100


def test_trades_cluster_by_side() -> None:
    sides = [
        event.buyer_is_taker
        for _, event in taken(SimMarket(seed=4, start_at=START), 200 * SECOND)
        if isinstance(event, Trade) and event.key == "BTC-PERPETUAL@sim"
    ]
    same = np.mean([a is b for a, b in pairwise(sides)])
    assert len(sides) > 300
    assert same > 0.7


def test_funding_names_the_next_stamp() -> None:
    rates = [e for _, e in taken(SimMarket(seed=4, start_at=START), 121 * SECOND)]
    stated = [e for e in rates if isinstance(e, Funding)]
    assert len(stated) == 5 * 3  # at the start, and each minute
    for funding in stated:
        assert funding.next_at % (8 * HOUR) == 0
        assert funding.interval == 8 * HOUR
        assert abs(funding.rate) < 0.002


def test_a_jump_moves_what_is_to_come_and_keeps_the_schedule() -> None:
    calm, moved = SimMarket(seed=9, start_at=START), SimMarket(seed=9, start_at=START)
    before = [calm.pop() for _ in range(700)]
    assert before == [moved.pop() for _ in range(700)]
    at = before[-1][0]
    moved.jump("ETH", 0.05, at)
    rest = [(calm.pop(), moved.pop()) for _ in range(3000)]
    assert all(a[0] == b[0] and type(a[1]) is type(b[1]) for a, b in rest)
    ratios = {
        coin: {
            round(b[1].price / a[1].price - 1.0, 3)
            for a, b in rest
            if isinstance(a[1], Index)
            and isinstance(b[1], Index)
            and a[1].underlying == coin
            and a[0] > at + SECOND
        }
        for coin in ("BTC", "ETH")
    }
    assert ratios == {"BTC": {0.0}, "ETH": {0.05}}


def test_history_ends_at_the_opening_price() -> None:
    market = SimMarket(seed=3, start_at=START)
    bars = market.history(2.0)
    perps = [e for e in market.listing.instruments if isinstance(e, Perpetual)]
    assert len(bars) == 120 * len(perps)
    assert bars[0][0] == START - 119 * MINUTE
    assert bars[-1][0] == START
    first = {e.key: e for _, e in taken(market, SECOND // 10) if isinstance(e, Quote)}
    last: dict[str, Bar] = {}
    for _, bar in bars:
        assert bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high
        if bar.key in last:
            assert bar.open == last[bar.key].close
        last[bar.key] = bar
    for key, bar in last.items():
        assert first[key].mark == pytest.approx(bar.close, rel=1e-4)


def test_chain_rolls_when_an_expiry_passes() -> None:
    eve = (START // DAY) * DAY + 8 * HOUR - 5 * SECOND + 2 * DAY
    market = SimMarket(seed=3, start_at=eve)
    held = opened("BTC-26NOV25-85000-C@sim")
    assert isinstance(held, Option)
    assert held.expiry == eve + 5 * SECOND
    market = SimMarket(seed=3, start_at=eve, held=[held])
    events = taken(market, 20 * SECOND)
    listings = [(at, e) for at, e in events if isinstance(e, Listing)]
    assert [at for at, _ in listings] == [eve, held.expiry + SECOND]
    assert held in listings[0][1].instruments
    assert held not in listings[1][1].instruments
    late = [e for at, e in events if at >= held.expiry and isinstance(e, Quote)]
    assert held.contract.key not in {e.key for e in late}
    dates = {e.expiry for e in listings[1][1].instruments if isinstance(e, Option)}
    assert set(expiries(held.expiry)) <= dates


def test_a_new_listing_is_quoted_at_once_and_not_before() -> None:
    book = option_book("ETH", SimMarket(seed=3, start_at=START).listing.instruments)
    state = opening([DEFAULT_SPOTS[coin] for coin in COINS])
    rng = np.random.default_rng(1)
    block = advance(state, START, START + 10 * SECOND, rng)
    listed_at = START + SECOND
    times, events = option_quotes(book, block, rng, listed_at=listed_at)
    assert times.min() == listed_at
    at_once = {
        event.key
        for at, event in zip(times.tolist(), events, strict=True)
        if at == listed_at and isinstance(event, Quote)
    }
    assert at_once == set(book.keys)


def test_every_listed_instrument_can_be_read_back_from_its_key() -> None:
    for each in SimMarket(seed=3, start_at=START).listing.instruments:
        assert opened(each.contract.key) == each
    assert opened("BTC-PERPETUAL@deribit") is None
    assert opened("DOGE-26NOV25-1-C@sim") is None
    assert opened("BTC-SOON@sim") is None


def test_opening_marks_are_the_first_marks() -> None:
    market = SimMarket(seed=3, start_at=START)
    marks = opening_marks(market.listing.instruments, DEFAULT_SPOTS, START)
    first = {}
    for at, event in taken(market, 1):
        if at == START and isinstance(event, Quote) and event.key in marks:
            first[event.key] = event.mark
    assert first == {key: each.mark for key, each in marks.items()}


def test_listing_has_chains_and_futures() -> None:
    listed = SimMarket(seed=3, start_at=START).listing.instruments
    options = [e for e in listed if isinstance(e, Option)]
    for coin in ("BTC", "ETH", "SOL"):
        mine = [e for e in options if e.contract.base == coin]
        assert len({e.expiry for e in mine}) == 4
        assert len(mine) == 4 * 9 * 2
    assert {e.contract.base for e in listed if isinstance(e, Future)} == {"BTC", "ETH"}


def test_a_bad_start_price_is_refused_by_name() -> None:
    with pytest.raises(ConfigError, match="ETH"):
        SimMarket(seed=1, start_at=START, spots={"BTC": 1.0, "ETH": 0.0, "SOL": 1.0})


def test_basis_comes_back() -> None:
    market = SimMarket(seed=12, start_at=START)
    index, gaps = 0.0, []
    for _, event in taken(market, 1200 * SECOND):
        if isinstance(event, Index) and event.underlying == "BTC":
            index = event.price
        elif isinstance(event, Quote) and event.key == "BTC-PERPETUAL@sim" and event.mark:
            gaps.append(event.mark / index - 1.0)
    sampled = np.array(gaps[::25])  # every five seconds
    assert np.abs(sampled).max() < 2e-3
    minute, longer = (np.var(sampled[lag:] - sampled[:-lag]) for lag in (12, 60))
    assert longer < 3.5 * minute  # a walk that never comes back would give five
