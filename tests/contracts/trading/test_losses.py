"""Lost answers, lost frames and lost sockets: nothing is sent twice and no fill is missed."""

import asyncio
from decimal import Decimal

import pytest

from terminal.model.account import AccountSnapshot
from terminal.model.messages import LinkDown, LinkUp
from terminal.model.order import TimeInForce
from tests.contracts.trading.trader import Trader, trader
from tests.contracts.trading.venues import Tradable
from tests.venue_servers.faults import Fault

LOST_ANSWERS = (
    Fault.HANG,
    Fault.DROP_AFTER_ACCEPT,
    Fault.STATUS_502,
    Fault.BODY_TRUNCATED,
    Fault.BODY_EMPTY,
    Fault.BODY_HTML,
    Fault.BODY_NULL,
)


@pytest.mark.parametrize("fault", LOST_ANSWERS)
async def test_an_order_whose_answer_is_lost_is_found(venue: Tradable, fault: Fault) -> None:
    async with trader(venue) as desk:
        desk.server.faults.plan(fault, venue.routes.create, times=1)
        order_id = desk.send()
        await desk.until(lambda: {"live", "cancelled"} & set(desk.statuses(order_id)))
        assert "rejected" not in desk.statuses(order_id)
        assert desk.arrived(order_id) == 1


async def test_an_order_that_never_arrived_is_proven_absent(venue: Tradable) -> None:
    async with trader(venue) as desk:
        desk.server.faults.plan(Fault.BODY_HTML, venue.routes.create, times=1, accepted=False)
        order_id = desk.send()
        await desk.hears(order_id, "rejected")
        assert desk.statuses(order_id) == ["unknown", "rejected"]
        assert desk.arrived(order_id) == 0


async def test_what_a_person_took_over_settles_an_order_that_never_arrived(
    venue: Tradable,
) -> None:
    """The position moves without a trade that is told; until it is taken over nothing is proven."""
    async with trader(venue) as desk:
        held = desk.server.exchange.account.held(venue.symbol)
        held.quantity, held.average = Decimal(30), desk.price(0)
        desk.server.faults.plan(Fault.BODY_HTML, venue.routes.create, times=1, accepted=False)
        order_id = desk.send()
        await desk.hears(order_id, "unknown")
        desk.gateway.ask_account(7)
        await desk.until(lambda: _stated(desk))
        await asyncio.sleep(1.5)  # longer than the proof takes where the position is explained
        assert desk.statuses(order_id) == ["unknown"]
        (found,) = _stated(desk)
        desk.gateway.adopted(((venue.key, found),), 0)
        await desk.hears(order_id, "rejected")
        assert desk.arrived(order_id) == 0


def _stated(desk: Trader) -> list[Decimal]:
    """Position in the statement that was asked for."""
    said = [each for each in desk.listen() if isinstance(each, AccountSnapshot) and each.asked_at]
    return [each.qty for snapshot in said for each in snapshot.positions]


async def test_ten_fills_of_one_burst_are_ten_fills(venue: Tradable) -> None:
    async with trader(venue) as desk:
        desk.server.faults.split_fills(10)
        order_id = desk.send(away=-2, tif=TimeInForce.IOC)
        await desk.until(lambda: len(desk.fills(order_id)) == 10)
        assert await _settled(desk, order_id) == desk.line.slips[order_id].intent.qty


@pytest.mark.parametrize("fault", [Fault.MISSING_EVENT, Fault.DUPLICATE_EVENT, Fault.ZOMBIE_SOCKET])
async def test_streams_that_lose_or_repeat_change_no_sum(venue: Tradable, fault: Fault) -> None:
    async with trader(venue) as desk:
        desk.server.faults.plan(fault)
        desk.server.faults.split_fills(10)
        order_id = desk.send(away=-2, tif=TimeInForce.IOC)
        await desk.until(lambda: len(desk.fills(order_id)) == 10)
        assert await _settled(desk, order_id) == desk.line.slips[order_id].intent.qty


async def test_a_fill_behind_a_lost_socket_is_told_after_the_reconnect(venue: Tradable) -> None:
    async with trader(venue) as desk:
        order_id = desk.send()
        await desk.hears(order_id, "live")
        number = desk.at_server(order_id).number
        desk.server.exchange.listener = _Deaf()  # type: ignore[assignment]
        desk.server.exchange.fill(number)
        desk.server.exchange.listener = desk.server
        desk.server.drop_sockets()
        await desk.until(lambda: desk.fills(order_id))
        await desk.until(lambda: _links(desk)[-1] is LinkUp)
        assert _links(desk) == [LinkDown, LinkUp, LinkDown, LinkUp]
        assert len(desk.fills(order_id)) == 1


async def test_a_cancel_whose_answer_is_lost_ends_with_the_orders_own_state(
    venue: Tradable,
) -> None:
    async with trader(venue) as desk:
        order_id = await desk.rests()
        desk.server.faults.plan(Fault.BODY_HTML, venue.routes.cancel, times=1)
        desk.gateway.cancel(order_id, 0)
        await desk.hears(order_id, "cancelled")


async def test_a_cancel_that_met_a_fill_ends_as_filled(venue: Tradable) -> None:
    async with trader(venue) as desk:
        order_id = await desk.rests()
        desk.server.exchange.fill(desk.at_server(order_id).number)
        desk.gateway.cancel(order_id, 0)
        await desk.hears(order_id, "filled")
        assert len(desk.fills(order_id)) == 1


async def test_no_key_is_in_anything_said(
    venue: Tradable, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    async with trader(venue) as desk:
        for fault in LOST_ANSWERS:
            desk.server.faults.plan(fault, times=3)
        desk.send()
        desk.server.drop_sockets()
        order_id = desk.send(lots=100_000_000)
        await desk.until(lambda: desk.statuses(order_id))
        said = f"{desk.heard} {desk.gateway.notes} {desk.line.terms} {caplog.text}"
        for secret in desk.server.credentials.values():
            assert secret not in said


class _Deaf:
    """Hears of nothing: what happens while the socket is gone."""

    def __getattr__(self, name: str) -> object:
        return lambda *_: None


def _links(desk: Trader) -> list[type]:
    return [type(each) for each in desk.listen() if isinstance(each, LinkUp | LinkDown)]


async def _settled(desk: Trader, order_id: str) -> Decimal:
    await desk.until(lambda: desk.statuses(order_id)[-1:] == ["filled"])
    assert len({each.fill_id for each in desk.fills(order_id)}) == len(desk.fills(order_id))
    return sum((each.qty for each in desk.fills(order_id)), Decimal())
