"""The simulated venue: orders, queues, account."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from terminal.core.units import DAY, HOUR, MILLISECOND, MINUTE, SECOND
from terminal.model.account import AccountSnapshot, Balance, FundingPaid, Position, Settled
from terminal.model.instrument import FundedOn, Perpetual, Right
from terminal.model.market import Bar, Depth, Funding, Index, Quote, Trade
from terminal.model.messages import Event, Listing
from terminal.model.order import FINAL, Fill, OrderIntent, OrderStatus, OrderUpdate, Side
from terminal.model.order import TimeInForce as Tif
from terminal.portfolio.ledger import Ledger, adopt, book_fill, book_funding
from terminal.venues.message_queue import Latency
from terminal.venues.sim_listing import future, option
from terminal.venues.simulated import SimulatedVenue, VenueTerms
from tests.unit.venues.makers import (
    BY_KEY,
    LINEAR,
    PERP,
    START,
    agree,
    fills,
    order,
    play,
    quote,
    said,
    updates,
    venue,
    world,
)

LONG = (Position(PERP, Decimal(50), Decimal(80_000)),)


def last(events: list[tuple[int, Event]], order_id: str = "o1") -> OrderUpdate:
    return updates(events, order_id)[-1]


def test_an_order_is_acknowledged_filled_and_finished() -> None:
    made = venue(quote())
    made.submit(order(), START)
    events = [event for _, event in said(made)]
    assert isinstance(events[1], Fill)
    assert [type(each) for each in events] == [OrderUpdate, Fill, OrderUpdate]
    assert [e.status for e in events if isinstance(e, OrderUpdate)] == [
        OrderStatus.LIVE,
        OrderStatus.FILLED,
    ]
    assert events[1].price == Decimal("85000.5")
    assert events[1].fee == (Decimal(1000) / Decimal("85000.5") * Decimal("0.0005")).quantize(
        Decimal("1e-8")
    )
    assert events[1].fee_currency == "BTC"


def test_what_an_ioc_does_not_find_is_cancelled() -> None:
    made = venue(quote(size=60.0), Depth(PERP, ((84_999.5, 60.0),), ((85_000.5, 60.0),)))
    made.submit(order(), START)
    events = said(made)
    assert fills(events)[0].qty == 60
    assert last(events).status is OrderStatus.CANCELLED
    assert last(events).filled == 60


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"key": "DOGE-PERPETUAL@sim"}, "not listed"),
        ({"qty": "0"}, "positive multiple of the lot"),
        ({"qty": "1.5"}, "multiple of the lot"),
        ({"limit": "85000.3"}, "multiple of the tick"),
        ({"limit": "0"}, "not positive"),
        ({"key": LINEAR, "qty": "0.1", "limit": "10"}, "below the minimum"),
        ({"reduce_only": True}, "nothing to reduce"),
        ({"tif": Tif.POST_ONLY}, "would take liquidity"),
    ],
)
def test_an_order_that_breaks_the_terms_is_refused_with_the_reason(
    change: dict[str, str], reason: str
) -> None:
    made = venue(quote())
    made.submit(order(**change), START)  # type: ignore[arg-type]
    events = said(made)
    assert len(events) == 1
    assert last(events).status is OrderStatus.REJECTED
    assert reason in last(events).reason


def test_an_id_is_taken_once() -> None:
    made = venue(quote())
    made.submit(order(limit="80000", tif=Tif.GTC), START)
    made.submit(order(limit="80000", tif=Tif.GTC), START)
    events = said(made)
    assert [each.status for each in updates(events, "o1")] == [
        OrderStatus.LIVE,
        OrderStatus.REJECTED,
    ]
    assert "duplicate" in last(events).reason
    made.cancel("o1", START + 1)
    assert last(said(made, START + 2)).status is OrderStatus.CANCELLED


def test_a_passive_order_waits_for_what_was_there_before() -> None:
    made = venue(quote(size=500.0))
    made.submit(order(limit="84999.5", tif=Tif.POST_ONLY), START)
    said(made)
    at = START + SECOND
    made.on_market(at, Trade(PERP, 84_999.5, 400.0, buyer_is_taker=False))
    made.on_market(at, Trade(PERP, 84_999.5, 900.0, buyer_is_taker=True))
    assert fills(said(made, at + 1)) == []
    made.on_market(at + 2, Trade(PERP, 84_999.5, 130.0, buyer_is_taker=False))
    (part,) = fills(said(made, at + 3))
    assert (part.qty, part.price) == (Decimal(30), Decimal("84999.5"))
    assert part.maker
    assert part.fee == 0
    made.on_market(at + 4, Trade(PERP, 84_999.0, 1.0, buyer_is_taker=False))
    events = said(made, at + 5)
    assert fills(events)[0].qty == 70
    assert last(events).status is OrderStatus.FILLED


def test_cancels_ahead_move_an_order_up() -> None:
    made = venue(quote(size=500.0))
    made.submit(order(limit="84999.5", tif=Tif.GTC), START)
    said(made)
    made.on_market(START + 1, quote(size=10.0))
    made.on_market(START + 2, Trade(PERP, 84_999.5, 60.0, buyer_is_taker=False))
    assert fills(said(made, START + 3))[0].qty == 50


def test_a_market_that_moves_through_fills_at_the_limit() -> None:
    made = venue(quote())
    made.submit(order(limit="84999.5", tif=Tif.GTC), START)
    said(made)
    made.on_market(START + 1, quote(84_990.0, 84_999.5))
    (filled,) = fills(said(made, START + 2))
    assert (filled.qty, filled.price, filled.maker) == (Decimal(100), Decimal("84999.5"), True)


@pytest.mark.parametrize(("low", "filled"), [(84_999.5, 0), (84_999.0, 1)])
def test_a_bar_fills_what_it_trades_through_by_a_tick(low: float, filled: int) -> None:
    made = venue(quote())
    made.submit(order(limit="84999.5", tif=Tif.GTC), START)
    said(made)
    bar = Bar(PERP, 85_000.0, 85_010.0, low, 85_005.0, None, MINUTE, 0.5)
    made.on_market(START + MINUTE, bar)
    assert len(fills(said(made, START + MINUTE + 1))) == filled


def test_a_bar_says_nothing_about_an_order_that_came_within_it() -> None:
    made = venue(quote())
    made.submit(order(limit="84999.5", tif=Tif.GTC), START + 30 * SECOND)
    said(made, START + 31 * SECOND)
    made.on_market(START + MINUTE, Bar(PERP, 85e3, 85e3, 84e3, 85e3, None, MINUTE, 0.5))
    assert fills(said(made, START + MINUTE + 1)) == []


def test_a_bar_is_quoted_at_its_assumed_spread() -> None:
    made = venue(Bar(PERP, 85e3, 85e3, 84e3, 85e3, None, MINUTE, 1.0))
    made.submit(order(qty="1"), START)
    assert fills(said(made))[0].price == Decimal("85009.0")  # 1 bp above, up to the tick, impact


def test_reduce_only_ends_where_the_position_ends() -> None:
    made = venue(quote(), positions=LONG)
    made.submit(order(side=Side.SELL, limit="80000", reduce_only=True), START)
    events = said(made)
    assert fills(events)[0].qty == 50
    assert last(events).status is OrderStatus.CANCELLED
    assert made.snapshot().positions == ()


def test_the_answer_to_a_query_tells_every_fill_again() -> None:
    made = venue(quote())
    made.submit(order(), START)
    first = said(made)
    made.query("o1", START + 1)
    again = said(made, START + 2)
    assert fills(again) == fills(first)
    assert last(again) == last(first)


def test_an_order_that_never_arrived_is_known_not_to_have() -> None:
    made = venue(quote())
    made.query("ghost", START)
    assert last(said(made), "ghost") == OrderUpdate(
        "ghost", OrderStatus.REJECTED, "never arrived", Decimal(0)
    )


def test_a_late_cancel_is_answered_with_how_the_order_stands() -> None:
    made = venue(quote())
    made.submit(order(), START)
    made.cancel("o1", START)
    assert last(said(made)).status is OrderStatus.FILLED


def test_the_order_log_hears_of_an_order_when_it_reaches_the_venue() -> None:
    heard: list[OrderIntent] = []
    made = venue(quote(), order_log=heard.append)
    made.submit(order(), START)
    assert heard == []
    said(made)
    assert heard == [order()]


def test_messages_take_their_latency_and_never_overtake() -> None:
    latency = Latency(20 * MILLISECOND, 80 * MILLISECOND)
    made = SimulatedVenue(VenueTerms(name="sim", latency=latency))
    made.on_market(START, Listing("sim", tuple(BY_KEY.values())))
    made.on_market(START, quote())
    for number in range(20):
        made.submit(order(f"o{number}", qty="1"), START)
    made.advance(START + SECOND)
    times, acknowledged = [], []
    while made.next_at() is not None:
        at, event = made.pop()
        times.append(at - START)
        if isinstance(event, OrderUpdate) and event.status is OrderStatus.LIVE:
            acknowledged.append(event.order_id)
    assert times == sorted(times)
    assert 40 * MILLISECOND <= times[0] <= times[-1] <= 160 * MILLISECOND
    assert acknowledged == [f"o{number}" for number in range(20)]


def test_a_clock_that_no_market_drives_knows_when_to_wake_the_venue() -> None:
    made = venue(quote())
    assert made.wake_at() is None
    made.submit(order(), START + 5)
    assert made.wake_at() == START + 5
    made.advance(START + 5)
    assert made.next_at() is None
    made.advance(START + 6)
    assert made.next_at() == START + 5
    assert made.wake_at() is None


def test_funding_is_paid_at_its_stamp_by_longs() -> None:
    made = venue(quote(), Index("BTC", 85_000.0), positions=LONG)
    made.on_market(START, Funding(PERP, 0.0001, 8 * HOUR, START + MINUTE))
    assert said(made, START + MINUTE) == []
    ((_, paid),) = said(made, START + MINUTE + 1)
    expected = (-Decimal(500) / Decimal(85_000) * Decimal("0.0001")).quantize(Decimal("1e-8"))
    assert paid == FundingPaid(PERP, expected, "BTC", 0.0001)
    made.on_market(START + MINUTE + 1, Funding(PERP, 0.0001, 8 * HOUR, START + MINUTE))
    assert said(made, START + HOUR) == []  # heard again after it was paid


def test_a_linear_short_receives_a_positive_rate() -> None:
    short = (Position(LINEAR, Decimal(-100), Decimal(150)),)
    made = venue(Index("SOL", 140.0), positions=short)
    made.on_market(START, Funding(LINEAR, 0.001, 8 * HOUR, START + 1))
    ((_, paid),) = said(made, START + 2)
    assert paid == FundingPaid(LINEAR, Decimal("14.00000000"), "USDC", 0.001)


def test_an_interval_changed_before_the_stamp_is_paid_once_at_the_new_one() -> None:
    short = (Position(LINEAR, Decimal(-100), Decimal(150)),)
    made = venue(Index("SOL", 140.0), positions=short)
    made.on_market(START, Funding(LINEAR, 0.002, 8 * HOUR, START + 6 * HOUR))
    made.on_market(START + HOUR, Funding(LINEAR, 0.001, 4 * HOUR, START + 2 * HOUR))
    paid = [event for _, event in said(made, START + 7 * HOUR)]
    assert paid == [FundingPaid(LINEAR, Decimal("14.00000000"), "USDC", 0.001)]


@pytest.mark.parametrize(
    ("funded_on", "amount"), [(FundedOn.MARK, "-15.00"), (FundedOn.INDEX, "-14.00")]
)
def test_a_venue_may_pay_on_its_oracle(funded_on: FundedOn, amount: str) -> None:
    held = (Position(LINEAR, Decimal(100), Decimal(150)),)
    made = venue(Index("SOL", 140.0), positions=held)
    listed = BY_KEY[LINEAR]
    assert isinstance(listed, Perpetual)
    made.on_market(START, Listing("sim", (replace(listed, funded_on=funded_on),)))
    made.on_market(START, Quote(LINEAR, 149.9, 150.1, 1.0, 1.0, mark=150.0))
    made.on_market(START, Funding(LINEAR, 0.001, HOUR, START + 1))
    ((_, paid),) = said(made, START + 2)
    assert isinstance(paid, FundingPaid)
    assert paid.amount == Decimal(amount)


def test_options_and_futures_settle_at_the_index() -> None:
    expiry = (START // DAY) * DAY + DAY + 8 * HOUR
    call = option("BTC", expiry, Decimal(80_000), Right.CALL)
    put = option("SOL", expiry, Decimal(150), Right.PUT)
    dated = future("BTC", expiry)
    held = tuple(
        Position(each.contract.key, Decimal(qty), Decimal(entry))
        for each, qty, entry in ((call, "2", "0.05"), (put, "-3", "5"), (dated, "100", "80000"))
    )
    made = SimulatedVenue(VenueTerms(name="sim"), held, (Balance("BTC", Decimal(1)),))
    made.on_market(START, Listing("sim", (call, put, dated)))
    made.on_market(START, Index("BTC", 100_000.0))
    made.on_market(START, Index("SOL", 140.0))
    made.submit(order(key=call.contract.key, qty="1", limit="0.0001", tif=Tif.GTC), START)
    said(made, START + SECOND)
    events = said(made, expiry + 1)
    assert {e.key for _, e in events if isinstance(e, Settled)} == {each.key for each in held}
    cash = {each.currency: each.amount for each in made.snapshot().balances}
    future_profit = 1000 * (1 / Decimal(80_000) - 1 / Decimal(100_000))
    assert cash["BTC"] == pytest.approx(1 + Decimal("0.4") + future_profit)
    assert cash["USDC"] == -300
    made.on_market(expiry + SECOND, Listing("sim", ()))
    assert last(said(made, expiry + 2 * SECOND)).status is OrderStatus.EXPIRED


def test_an_option_fee_is_capped_by_the_premium() -> None:
    expiry = START + 30 * DAY
    call = option("BTC", expiry, Decimal(200_000), Right.CALL)
    made = SimulatedVenue(VenueTerms(name="sim"))
    made.on_market(START, Listing("sim", (call,)))
    made.on_market(START, Index("BTC", 85_000.0))
    made.on_market(START, Quote(call.contract.key, None, 0.0002, 0.0, 9.0))
    made.submit(order(key=call.contract.key, qty="1", limit="0.0002"), START)
    assert fills(said(made, START + SECOND))[0].fee == Decimal("0.000025")


KEYS = (PERP, LINEAR, "ETH-PERPETUAL@sim", "BTC_USDC-PERPETUAL@sim")
plans = st.lists(
    st.tuples(
        st.sampled_from(KEYS),
        st.sampled_from(Side),
        st.integers(1, 400),  # tenths of the usual size
        st.integers(-30, 30),  # ticks of a basis point from the start price
        st.sampled_from(Tif),
        st.booleans(),
        st.integers(0, 4000),  # milliseconds until the next
    ),
    min_size=1,
    max_size=12,
)
USUAL = {PERP: "1000", LINEAR: "10", "ETH-PERPETUAL@sim": "5000", "BTC_USDC-PERPETUAL@sim": "0.1"}
PRICE = {PERP: 85_000, LINEAR: 140, "ETH-PERPETUAL@sim": 2_900, "BTC_USDC-PERPETUAL@sim": 85_000}


def made_order(number: int, plan: tuple[str, Side, int, int, Tif, bool, int]) -> OrderIntent:
    key, side, size, away, tif, reduce_only, _ = plan
    contract = BY_KEY[key].contract
    tick = contract.ticks[0].tick
    limit = Decimal(PRICE[key]) * (1 + Decimal(away) / 10_000) // tick * tick
    qty = Decimal(USUAL[key]) * size / 10 // contract.lot * contract.lot
    return order(
        f"o{number}", key=key, side=side, qty=str(max(qty, contract.lot)), limit=str(limit),
        tif=tif, reduce_only=reduce_only,
    )  # fmt: skip


@given(plan=plans, seed=st.integers(0, 5))
def test_laws_of_orders_in_a_live_market(
    plan: list[tuple[str, Side, int, int, Tif, bool, int]], seed: int
) -> None:
    """Nobody overfills, reduce-only never grows, books agree, and everything ends exactly once."""
    live = world(seed)
    events = play(live, START + SECOND)
    intents = {}
    for number, each in enumerate(plan):
        intent = made_order(number, each)
        intents[intent.order_id] = intent
        live.submit(intent, events[-1][0])
        events += play(live, events[-1][0] + each[-1] * MILLISECOND)
    for order_id in intents:
        live.cancel(order_id, events[-1][0])
    events += play(live, events[-1][0] + SECOND)

    ledger = Ledger()
    opening = next(e for _, e in events if isinstance(e, AccountSnapshot))
    ledger, _ = adopt(ledger, opening)
    for _, event in events:
        if isinstance(event, Fill):
            before = _held(ledger, event.key)
            ledger = book_fill(ledger, BY_KEY[event.key], event)
            if intents[event.order_id].reduce_only:
                after = _held(ledger, event.key)
                assert before * after >= 0
                assert abs(after) < abs(before)
        elif isinstance(event, FundingPaid):
            ledger = book_funding(ledger, event)
    for order_id, intent in intents.items():
        words = updates(events, order_id)
        finals = {each.status for each in words if each.status in FINAL}
        assert len(finals) == 1
        total = sum((each.qty for each in fills(events, order_id)), Decimal(0))
        assert total <= intent.qty
        assert words[-1].filled == total
        assert (total == intent.qty) == (finals == {OrderStatus.FILLED})
    agree(ledger, live._venue.snapshot())


def _held(ledger: Ledger, key: str) -> Decimal:
    position = ledger.positions.get(key)
    return position.qty if position else Decimal(0)
