"""The simulated world: restart, history, the demo desk."""

from collections.abc import Sequence
from decimal import Decimal

import numpy as np
import pytest

from terminal.core.errors import ConfigError
from terminal.core.units import DAY, HOUR, MINUTE, SECOND
from terminal.model.account import AccountSnapshot, Position, Settled
from terminal.model.instrument import Future, Instrument, Option, Perpetual, Right
from terminal.model.market import Bar, Depth, Funding, Index, Quote
from terminal.model.messages import Disturb, DisturbanceKind, Event, LinkUp, Listing
from terminal.model.order import Side
from terminal.pricing.black import greeks
from terminal.venues.demo_book import OPEN_DELTA, demo_book
from terminal.venues.message_queue import NO_LATENCY
from terminal.venues.sim_listing import listing
from terminal.venues.sim_market import DEFAULT_SPOTS
from tests.unit.venues.makers import PERP, START, fills, order, play, world

YEAR_NS = 365 * DAY
LISTED = listing(START, DEFAULT_SPOTS)


def test_the_past_comes_first_and_joins_the_present() -> None:
    live = world(history_hours=1.0)
    events = play(live, START + SECOND)
    assert isinstance(events[0][1], Listing)
    assert events[0][0] == START - HOUR
    bars = [(at, e) for at, e in events if isinstance(e, Bar)]
    assert len(bars) == 60 * 5
    assert [at for at, _ in bars] == sorted(at for at, _ in bars)
    kinds = [type(event) for _, event in events]
    assert kinds[301] is AccountSnapshot
    listed = {each.contract.key for each in LISTED.instruments}
    opened = {e.key for _, e in events[: kinds.index(LinkUp)] if isinstance(e, Quote)}
    assert opened == listed
    assert live.progress() is None


def test_a_jump_moves_market_and_venue() -> None:
    live = world(latency=NO_LATENCY)
    events = play(live, START + 2 * SECOND)
    at = events[-1][0]
    live.disturb(Disturb(DisturbanceKind.JUMP, "BTC", -0.10, 1.0), at)
    later = play(live, at + 2 * SECOND)
    prices = [e.price for _, e in later if isinstance(e, Index) and e.underlying == "BTC"]
    assert prices[-1] == pytest.approx(0.9 * 85_000, rel=0.01)
    live.submit(order(side=Side.SELL, limit="70000"), later[-1][0])
    (sold,) = fills(play(live, later[-1][0] + SECOND))
    assert float(sold.price) == pytest.approx(0.9 * 85_000, rel=0.01)


def test_spreads_widen_after_a_jump() -> None:
    live = world()
    calm = play(live, START + 5 * SECOND)
    live.disturb(Disturb(DisturbanceKind.JUMP, "", 0.03, 1.0), calm[-1][0])
    wild = play(live, calm[-1][0] + 5 * SECOND)[400:]
    assert _mean_spread(wild) > 4.0 * _mean_spread(calm)


def _mean_spread(events: Sequence[tuple[int, Event]]) -> float:
    quotes = [e for _, e in events if isinstance(e, Quote) and e.key == PERP]
    return float(np.mean([e.ask - e.bid for e in quotes if e.ask and e.bid]))


def test_a_restart_goes_on_from_price_and_position() -> None:
    positions, balances = demo_book(LISTED, DEFAULT_SPOTS, START)
    live = world(positions=positions, balances=balances)
    events = play(live, START + 5 * SECOND)
    live.submit(order(), events[-1][0])
    events += play(live, events[-1][0] + 2 * SECOND)
    spots = {e.underlying: e.price for _, e in events if isinstance(e, Index)}
    snapshot = live._venue.snapshot()
    again = type(live)(
        seed=7,
        start_at=events[-1][0],
        spots=spots,
        positions=snapshot.positions,
        balances=snapshot.balances,
    )
    fresh = play(again, events[-1][0] + SECOND)
    assert next(e for _, e in fresh if isinstance(e, AccountSnapshot)) == snapshot
    first = {e.underlying: e.price for _, e in reversed(fresh) if isinstance(e, Index)}
    assert first == pytest.approx(spots, abs=1e-3)
    quoted = {e.key for _, e in fresh if isinstance(e, Quote)}
    assert {each.key for each in snapshot.positions} <= quoted


def test_a_restart_far_from_the_strikes_still_lists_what_is_held() -> None:
    positions, _ = demo_book(LISTED, DEFAULT_SPOTS, START)
    spots = {"BTC": 40_000.0, "ETH": 9_000.0, "SOL": 20.0}
    live = world(positions=positions, spots=spots)
    quoted = {e.key for _, e in play(live, START + SECOND) if isinstance(e, Quote)}
    assert {each.key for each in positions} <= quoted


def test_what_expired_while_nobody_ran_is_settled_at_the_start() -> None:
    gone = Position("BTC-21NOV25-80000-C@sim", Decimal(1), Decimal("0.05"))
    live = world(positions=(gone,))
    events = play(live, START + 15 * SECOND)
    assert gone.key in {e.contract.key for e in _listings(events)[0].instruments}
    settled = [(at, e) for at, e in events if isinstance(e, Settled)]
    assert [e for _, e in settled] == [Settled(gone.key, Decimal("85000.0000"))]
    assert START <= settled[0][0] <= START + SECOND
    assert gone.key not in {e.contract.key for e in _listings(events)[1].instruments}
    assert gone.key not in {e.key for _, e in events if isinstance(e, Quote)}


def _listings(events: Sequence[tuple[int, Event]]) -> list[Listing]:
    return [event for _, event in events if isinstance(event, Listing)]


def test_a_day_of_expiry_settles_before_the_listing_drops_it() -> None:
    eve = (START // DAY) * DAY + 2 * DAY + 8 * HOUR - 20 * SECOND
    held = (
        Position("BTC-26NOV25-80000-C@sim", Decimal(1), Decimal("0.05")),
        Position("SOL_USDC-PERPETUAL@sim", Decimal(100), Decimal(140)),
    )
    live = type(world())(seed=3, start_at=eve, positions=held)
    events = play(live, eve + 40 * SECOND)
    kinds = [type(e).__name__ for _, e in events if isinstance(e, Settled | Listing)]
    assert kinds == ["Listing", "Settled", "Listing"]
    assert next(e.next_at for _, e in events if isinstance(e, Funding)) == eve + 20 * SECOND
    paid = [at for at, e in events if type(e).__name__ == "FundingPaid"]
    assert len(paid) == 1
    assert eve + 20 * SECOND <= paid[0] <= eve + 21 * SECOND


def _delta(instrument: Instrument, qty: Decimal, quote: Quote, spot: float) -> float:
    """Black-Scholes delta in coin, written out independently of the demo book."""
    contract = instrument.contract
    amount = float(qty * contract.multiplier)
    match instrument:
        case Option():
            years = (instrument.expiry - START) / YEAR_NS
            sign = 1.0 if instrument.right is Right.CALL else -1.0
            assert quote.forward
            assert quote.iv
            made = greeks(quote.forward, float(instrument.strike), years, quote.iv, sign)
            return amount * float(made.delta)
        case Perpetual() | Future() if contract.settle == contract.base:
            return amount / spot
        case _:
            return amount


def test_the_demo_desk_starts_outside_its_band_with_profit_near_zero() -> None:
    positions, balances = demo_book(LISTED, DEFAULT_SPOTS, START)
    assert 14 <= len(positions) <= 18
    assert len({each.key for each in positions}) == len(positions)
    assert {each.currency: each.amount for each in balances} == {
        "BTC": Decimal("0.8"),
        "ETH": Decimal(5),
        "USDC": Decimal(250_000),
    }
    events = play(world(positions=positions, balances=balances), START)
    quotes = {e.key: e for _, e in events if isinstance(e, Quote)}
    listed = {each.contract.key: each for each in LISTED.instruments}
    delta = dict.fromkeys(OPEN_DELTA, 0.0)
    profit = 0.0
    for each in positions:
        instrument, mark = listed[each.key], quotes[each.key].mark
        contract = instrument.contract
        spot = DEFAULT_SPOTS[contract.base]
        assert mark is not None
        assert not each.qty % contract.lot
        delta[contract.base] += _delta(instrument, each.qty, quotes[each.key], spot)
        amount, gain = float(each.qty * contract.multiplier), mark - float(each.entry)
        if isinstance(instrument, Option):
            profit += amount * gain * (spot if contract.settle == contract.base else 1.0)
        else:
            profit += amount * gain / (spot if contract.settle == contract.base else 1.0)
    assert delta == pytest.approx(dict(OPEN_DELTA), abs=0.06)
    assert abs(profit) < 300.0


@pytest.mark.parametrize(("coin", "move"), [("DOGE", 0.1), ("BTC", -1.0), ("", float("nan"))])
def test_an_impossible_jump_is_refused(coin: str, move: float) -> None:
    with pytest.raises(ConfigError, match=r"DOGE|-100 %"):
        world().disturb(Disturb(DisturbanceKind.JUMP, coin, move, 1.0), START)


def test_depth_is_there_from_the_start() -> None:
    first = {e.key for _, e in play(world(), START) if isinstance(e, Depth)}
    assert PERP in first


def test_funding_is_stated_before_the_first_minute() -> None:
    events = play(world(), START + MINUTE // 60)
    assert len([e for _, e in events if isinstance(e, Funding)]) == 5
