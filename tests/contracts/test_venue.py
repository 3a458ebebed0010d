"""What every world with a venue promises, run against each of them."""

from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise

import pytest

from terminal.core.units import SECOND
from terminal.model.account import AccountSnapshot, Balance, Position
from terminal.model.market import Index, Quote
from terminal.model.messages import (
    Disturb,
    DisturbanceKind,
    Event,
    LinkDown,
    LinkUp,
    Listing,
    MarketEvent,
    Tick,
)
from terminal.model.order import FINAL, OrderStatus, Side, TimeInForce
from terminal.model.ports import World
from terminal.venues.sim_market import SimMarket
from terminal.venues.sim_world import SimWorld
from terminal.venues.simulated import VenueTerms
from terminal.venues.tape_world import TapeTerms, TapeWorld
from tests.unit.venues.makers import PERP, START, fills, order, play, updates

POSITIONS = (Position(PERP, Decimal(500), Decimal(84_000)),)
BALANCES = (Balance("BTC", Decimal(1)),)
LENGTH = 20 * SECOND

Factory = Callable[[], World]


def simulated() -> World:
    return SimWorld(seed=5, start_at=START, positions=POSITIONS, balances=BALANCES)


def taped() -> World:
    market = SimMarket(seed=5, start_at=START)
    _, listing = market.pop()
    tape: list[tuple[int, MarketEvent]] = []
    while market.next_at() < START + LENGTH:
        tape.append(market.pop())
    terms = TapeTerms(
        title="Twenty seconds",
        total=len(tape),
        positions=POSITIONS,
        balances=BALANCES,
        before=(listing,),
    )
    return TapeWorld(tape, terms, VenueTerms(name="sim", seed=5))


pytestmark = pytest.mark.parametrize("make", [simulated, taped], ids=["sim", "tape"])


def after(live: World, events: list[tuple[int, Event]], seconds: float) -> None:
    """Play on for a while from the last event."""
    events += play(live, events[-1][0] + round(seconds * SECOND))


def test_it_opens_with_listing_account_and_link(make: Factory) -> None:
    kinds = [type(event) for _, event in play(make(), START + SECOND)]
    assert kinds[0] is Listing
    assert kinds.count(AccountSnapshot) == 1
    assert kinds.index(AccountSnapshot) < kinds.index(Quote)
    assert kinds.count(LinkUp) == 1


def test_the_account_is_the_one_given(make: Factory) -> None:
    events = play(make(), START + SECOND)
    (snapshot,) = (event for _, event in events if isinstance(event, AccountSnapshot))
    assert snapshot.positions == POSITIONS
    assert snapshot.balances == BALANCES


def test_time_never_goes_back_and_next_at_tells_it(make: Factory) -> None:
    live = make()
    times = []
    while (at := live.next_at()) is not None and at < START + LENGTH:
        assert live.next_at() == at
        taken, _ = live.pop()
        assert taken == at
        times.append(at)
    assert all(first <= second for first, second in pairwise(times))


def story(live: World, looks: int) -> list[tuple[int, Event]]:
    """Trade a little, looking ahead more or less often."""
    events: list[tuple[int, Event]] = []
    for number in range(1500):
        for _ in range(looks):
            live.next_at()
        events.append(live.pop())
        if number % 300 == 299:
            at = events[-1][0]
            live.submit(order(f"o{number}", qty="5000"), at)
            live.submit(order(f"p{number}", limit="84990", tif=TimeInForce.GTC), at)
            live.cancel(f"p{number - 300}", at)
    return events


def test_looking_changes_nothing(make: Factory) -> None:
    assert story(make(), 0) == story(make(), 3)


def test_an_ioc_order_ends(make: Factory) -> None:
    live = make()
    events = play(live, START + SECOND)
    live.submit(order(), events[-1][0])
    after(live, events, 1)
    statuses = [each.status for each in updates(events, "o1")]
    assert statuses[0] is OrderStatus.LIVE
    assert len([each for each in statuses if each in FINAL]) == 1
    assert sum(each.qty for each in fills(events, "o1")) == 100
    assert len({each.fill_id for each in fills(events)}) == len(fills(events))


def test_an_order_never_fills_past_its_limit(make: Factory) -> None:
    live = make()
    events = play(live, START + SECOND)
    live.submit(order(qty="900000", limit="85020"), events[-1][0])
    after(live, events, 1)
    assert fills(events)
    assert all(each.price <= Decimal(85_020) for each in fills(events))
    assert updates(events, "o1")[-1].status is OrderStatus.CANCELLED


def test_a_resting_order_can_be_cancelled(make: Factory) -> None:
    live = make()
    events = play(live, START + SECOND)
    live.submit(order(limit="80000", tif=TimeInForce.POST_ONLY), events[-1][0])
    after(live, events, 1)
    live.cancel("o1", events[-1][0])
    after(live, events, 1)
    statuses = [each.status for each in updates(events, "o1")]
    assert statuses == [OrderStatus.LIVE, OrderStatus.CANCELLED]


def test_reduce_only_stops_at_flat(make: Factory) -> None:
    live = make()
    events = play(live, START + SECOND)
    sell = order(side=Side.SELL, qty="900", limit="80000", reduce_only=True)
    live.submit(sell, events[-1][0])
    after(live, events, 1)
    assert sum(each.qty for each in fills(events)) == 500


def test_a_query_tells_all_and_an_unknown_order_never_arrived(make: Factory) -> None:
    live = make()
    events = play(live, START + SECOND)
    live.submit(order(), events[-1][0])
    after(live, events, 1)
    told = fills(events, "o1")
    live.query("o1", events[-1][0])
    live.query("ghost", events[-1][0])
    again: list[tuple[int, Event]] = [events[-1]]
    after(live, again, 1)
    assert fills(again, "o1") == told
    assert updates(again, "o1")[-1].status is OrderStatus.FILLED
    ghost = updates(again, "ghost")[-1]
    assert (ghost.status, ghost.reason) == (OrderStatus.REJECTED, "never arrived")


def test_bad_orders_are_refused_as_events(make: Factory) -> None:
    live = make()
    events = play(live, START + SECOND)
    live.submit(order("unlisted", key="BTC-PERPETUAL@elsewhere"), events[-1][0])
    live.submit(order("off-lot", qty="0.5"), events[-1][0])
    after(live, events, 1)
    for name in ("unlisted", "off-lot"):
        (word,) = updates(events, name)
        assert word.status is OrderStatus.REJECTED
        assert word.reason


def disturb(kind: DisturbanceKind, value: float = 0.0, underlying: str = "") -> Disturb:
    return Disturb(kind, underlying, value, 3.0)


def test_refusals_last_as_long_as_told(make: Factory) -> None:
    live = make()
    events = play(live, START + SECOND)
    live.disturb(disturb(DisturbanceKind.REJECT), events[-1][0])
    live.submit(order("early"), events[-1][0])
    after(live, events, 4)
    live.submit(order("late"), events[-1][0])
    after(live, events, 1)
    assert [e.status for e in updates(events, "early")] == [OrderStatus.REJECTED]
    assert updates(events, "late")[-1].status is OrderStatus.FILLED


def test_another_coin_is_not_disturbed(make: Factory) -> None:
    live = make()
    events = play(live, START + SECOND)
    live.disturb(disturb(DisturbanceKind.REJECT, underlying="ETH"), events[-1][0])
    live.submit(order(), events[-1][0])
    after(live, events, 1)
    assert updates(events, "o1")[-1].status is OrderStatus.FILLED


def test_delay_delays(make: Factory) -> None:
    live = make()
    events = play(live, START + SECOND)
    sent = events[-1][0]
    live.disturb(disturb(DisturbanceKind.DELAY, 1.5), sent)
    live.submit(order(), sent)
    after(live, events, 6)
    first = next(at for at, e in events if e in updates(events, "o1"))
    assert 3.0 * SECOND <= first - sent <= 3.2 * SECOND  # there and back


def test_partial_fills_a_part_at_a_time(make: Factory) -> None:
    live = make()
    events = play(live, START + SECOND)
    live.disturb(disturb(DisturbanceKind.PARTIAL, 0.25), events[-1][0])
    live.submit(order("ioc"), events[-1][0])
    live.submit(order("gtc", tif=TimeInForce.GTC), events[-1][0])
    after(live, events, 3)
    assert sum(each.qty for each in fills(events, "ioc")) == 25
    assert updates(events, "ioc")[-1].status is OrderStatus.CANCELLED
    assert len(fills(events, "gtc")) >= 4
    assert updates(events, "gtc")[-1].status is OrderStatus.FILLED


def test_lost_replies_can_be_asked_for_after_the_window(make: Factory) -> None:
    live = make()
    events = play(live, START + SECOND)
    live.disturb(disturb(DisturbanceKind.LOSE_REPLY), events[-1][0])
    live.submit(order(), events[-1][0])
    live.query("o1", events[-1][0])
    after(live, events, 4)
    assert updates(events, "o1") == []
    assert fills(events) == []
    live.query("o1", events[-1][0])
    after(live, events, 1)
    assert sum(each.qty for each in fills(events, "o1")) == 100
    assert updates(events, "o1")[-1].status is OrderStatus.FILLED


def test_a_dropped_feed_is_announced_and_only_time_passes(make: Factory) -> None:
    live = make()
    events = play(live, START + SECOND)
    live.disturb(disturb(DisturbanceKind.DROP_FEED), events[-1][0])
    live.submit(order(), events[-1][0])
    dark: list[tuple[int, Event]] = [events[-1]]
    after(live, dark, 2.9)
    assert isinstance(dark[1][1], LinkDown)
    assert not [e for _, e in dark[1:] if isinstance(e, Quote | Index)]
    assert len([e for _, e in dark if isinstance(e, Tick)]) > 100
    assert updates(dark, "o1")[-1].status is OrderStatus.FILLED  # the private stream is up
    after(live, dark, 1)
    up = next(place for place, (_, e) in enumerate(dark) if isinstance(e, LinkUp))
    assert all(isinstance(e, Tick) for _, e in dark[up - 5 : up])
    assert any(isinstance(e, Quote) for _, e in dark[up:])


def test_a_dropped_coin_leaves_the_others(make: Factory) -> None:
    live = make()
    events = play(live, START + SECOND)
    live.disturb(disturb(DisturbanceKind.DROP_FEED, underlying="ETH"), events[-1][0])
    dark: list[tuple[int, Event]] = [events[-1]]
    after(live, dark, 2.5)
    seen = {e.underlying for _, e in dark[1:] if isinstance(e, Index)}
    assert seen == {"BTC", "SOL"}
    assert not [e for _, e in dark[1:] if isinstance(e, Quote) and e.key.startswith("ETH")]


def test_the_feed_is_up_again_when_the_last_of_two_drops_ends(make: Factory) -> None:
    live = make()
    events = play(live, START + SECOND)
    first = events[-1][0]
    live.disturb(disturb(DisturbanceKind.DROP_FEED), first)
    after(live, events, 2)
    second = events[-1][0]
    live.disturb(disturb(DisturbanceKind.DROP_FEED), second)
    after(live, events, 4)
    ups = [at for at, e in events if isinstance(e, LinkUp) and at > first]
    assert ups == [second + 3 * SECOND]


def test_progress_and_title_can_be_shown(make: Factory) -> None:
    live = make()
    assert live.title
    play(live, START + 5 * SECOND)
    progress = live.progress()
    assert progress is None or 0.0 < progress < 1.0
