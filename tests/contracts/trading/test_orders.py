"""Place, fill, cancel and refuse: what every tradable venue's orders do."""

from collections.abc import Iterable
from decimal import Decimal

from terminal.model.account import AccountSnapshot
from terminal.model.messages import LinkDown, LinkUp
from terminal.model.order import Fill, OrderUpdate, Side, TimeInForce
from terminal.venues.dialects.dialect import DeadMan
from tests.contracts.trading.trader import Trader, trader, trading
from tests.contracts.trading.venues import Tradable
from tests.venue_servers.account import Ask


async def test_the_account_is_read_before_the_link_is_up(venue: Tradable) -> None:
    async with trader(venue) as desk:
        assert [type(each) for each in desk.heard] == [LinkDown, AccountSnapshot, LinkUp]
        (stated,) = (each for each in desk.heard if isinstance(each, AccountSnapshot))
        held = {each.currency: each.amount for each in stated.balances}
        theirs = desk.server.exchange.account.balances
        assert held == {coin: amount for coin, amount in theirs.items() if amount}
        assert all(each.right for each in desk.server.signed)


async def test_an_order_rests_and_is_cancelled(venue: Tradable) -> None:
    async with trader(venue) as desk:
        order_id = await desk.rests()
        desk.gateway.cancel(order_id, 0)
        await desk.hears(order_id, "cancelled")
        assert desk.at_server(order_id).status == "cancelled"
        assert desk.arrived(order_id) == 1


async def test_an_order_is_filled_and_its_fill_is_in_our_contracts(venue: Tradable) -> None:
    async with trader(venue) as desk:
        order_id = desk.send(away=-2, tif=TimeInForce.IOC)
        await desk.hears(order_id, "filled")
        intent = desk.line.slips[order_id].intent
        await desk.until(lambda: _sum(desk.fills(order_id)) == intent.qty)
        assert {(each.key, each.side) for each in desk.fills(order_id)} == {(venue.key, Side.BUY)}
        assert desk.arrived(order_id) == 1


async def test_nothing_is_signed_for_anyone_else(venue: Tradable) -> None:
    async with trader(venue) as desk:
        await desk.rests()
        said = [f"{each.route} {each.parameters}".lower() for each in desk.server.signed]
        assert said
        assert not [each for each in said if "builder" in each or "referrer" in each]


async def test_no_other_question_goes_before_an_order_or_a_cancel(venue: Tradable) -> None:
    async with trader(venue) as desk:
        order_id = await desk.rests()
        desk.gateway.cancel(order_id, 0)
        await desk.hears(order_id, "cancelled")
        assert not [each for each in desk.server.requests if "userAbstraction" in each]


async def test_a_part_is_filled_and_the_rest_cancelled(venue: Tradable) -> None:
    async with trader(venue) as desk:
        order_id = await desk.rests()
        order = desk.at_server(order_id)
        desk.server.exchange.fill(order.number, order.left * 3 / 10)
        await desk.until(lambda: desk.fills(order_id))
        desk.gateway.cancel(order_id, 0)
        await desk.hears(order_id, "cancelled")
        intent = desk.line.slips[order_id].intent
        assert _sum(desk.fills(order_id)) == intent.qty * 3 / 10


async def test_the_last_word_states_what_was_filled(venue: Tradable) -> None:
    async with trader(venue) as desk:
        order_id = await desk.rests()
        order = desk.at_server(order_id)
        desk.server.exchange.fill(order.number, order.left / 2)
        desk.gateway.cancel(order_id, 0)
        await desk.hears(order_id, "cancelled")
        last = [each for each in desk.heard if isinstance(each, OrderUpdate)][-1]
        assert last.filled in (None, desk.line.slips[order_id].intent.qty / 2)


async def test_a_refusal_comes_with_the_venues_words(venue: Tradable) -> None:
    async with trader(venue) as desk:
        order_id = desk.send(lots=100_000_000)
        await desk.hears(order_id, "rejected")
        assert desk.statuses(order_id) == ["rejected"]
        (word,) = (each for each in desk.heard if isinstance(each, OrderUpdate))
        assert word.reason
        assert desk.arrived(order_id) == 1


async def test_a_post_only_order_that_would_take_does_not(venue: Tradable) -> None:
    async with trader(venue) as desk:
        order_id = desk.send(away=-2, tif=TimeInForce.POST_ONLY)
        await desk.until(lambda: desk.statuses(order_id)[-1:] in (["rejected"], ["cancelled"]))
        assert desk.fills(order_id) == []
        assert desk.server.exchange.asked[-1].post_only


async def test_a_second_submit_of_one_order_never_arrives(venue: Tradable) -> None:
    async with trader(venue) as desk:
        order_id = await desk.rests()
        desk.gateway.submit(desk.line.slips[order_id].intent, 0)
        await desk.rests()
        assert desk.arrived(order_id) == 1


async def test_a_restart_finds_the_position_signed_and_in_our_contracts(venue: Tradable) -> None:
    async with venue.serve() as server:
        async with trading(venue, server) as desk:
            order_id = desk.send(away=2, tif=TimeInForce.IOC, side=Side.SELL)
            await desk.hears(order_id, "filled")
            qty = desk.line.slips[order_id].intent.qty
            await desk.until(lambda: _sum(desk.fills(order_id)) == qty)
        async with trading(venue, server) as again:
            assert again.fills(order_id) == []  # told before, and in the position now
            (stated,) = (each for each in again.heard if isinstance(each, AccountSnapshot))
            assert [(each.key, each.qty) for each in stated.positions] == [(venue.key, -qty)]


async def test_open_orders_are_stated_ours_and_those_of_others(venue: Tradable) -> None:
    async with trader(venue) as desk:
        order_id = await desk.rests()
        ours = desk.at_server(order_id)
        desk.server.exchange.fill(ours.number, ours.left / 2)
        theirs = desk.server.exchange.place(
            Ask(name=venue.symbol, side="buy", quantity=ours.ask.quantity, price=ours.ask.price)
        )
        await desk.until(lambda: desk.fills(order_id))
        desk.gateway.ask_account(7)
        await desk.until(lambda: len(_stated(desk)) == 2)
        stated = _stated(desk)[-1]
        assert stated.asked_at == 7
        found = {each.order_id: each for each in stated.orders or ()}
        intent = desk.line.slips[order_id].intent
        assert set(found) == {order_id, ""}
        assert found[order_id].qty == intent.qty / 2
        stranger = found[""]
        assert (stranger.qty, stranger.limit, stranger.side) == (intent.qty, intent.limit, Side.BUY)
        assert str(theirs.number) in stranger.venue_id
        desk.gateway.withdraw(stranger, 0)
        await desk.until(lambda: theirs.status == "cancelled")
        assert ours.status == "open"


async def test_the_dead_mans_switch_is_armed_where_there_is_one(venue: Tradable) -> None:
    async with trader(venue) as desk:
        await desk.rests()
        there_is = venue.dialect.dead_man is not DeadMan.NONE
        await desk.until(
            lambda: desk.gateway.dead_man.armed if there_is else desk.gateway.dead_man.why
        )
        assert desk.gateway.dead_man.armed is there_is
        assert desk.gateway.dead_man.kind == venue.dialect.dead_man.value


def _sum(fills: Iterable[Fill]) -> Decimal:
    return sum((each.qty for each in fills), Decimal())


def _stated(desk: Trader) -> list[AccountSnapshot]:
    return [each for each in desk.listen() if isinstance(each, AccountSnapshot)]
