"""Hedge mode is refused at the start, and whenever the venue tells of it."""

import time

import pytest

from terminal.model.messages import LinkDown, LinkUp
from terminal.model.order import OrderUpdate, TimeInForce
from terminal.venues.gateway import gateway
from tests.contracts.trading.trader import Trader, started, trader
from tests.contracts.trading.venues import VENUES, Tradable

ONE_SIDED = ("deribit", "binanceoptions", "hyperliquid")
TWO_SIDED = tuple(each for each in VENUES if each.dialect.venue not in ONE_SIDED)
"""The others know no hedge mode."""

held_against = pytest.mark.parametrize("at", TWO_SIDED, ids=lambda each: each.dialect.venue)


@held_against
async def test_an_account_in_hedge_mode_is_not_traded_on(at: Tradable) -> None:
    async with at.serve() as server:
        server.exchange.account.two_sided = True
        async with started(at, server) as desk:
            await desk.until(lambda: "hedge mode" in _down(desk))
            assert not any(isinstance(each, LinkUp) for each in desk.listen())
            order_id = desk.send()
            await desk.hears(order_id, "rejected")
            assert "hedge mode" in _reason(desk)
            server.exchange.account.two_sided = False
            await desk.until(lambda: any(isinstance(each, LinkUp) for each in desk.listen()))
            await desk.rests()


@held_against
async def test_a_switch_while_trading_stops_orders_as_soon_as_it_shows(
    at: Tradable, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with trader(at) as desk:
        monkeypatch.setattr(gateway, "MODE_EVERY", 10**15)  # by what the venue tells, not by asking
        order_id = desk.send(away=-2, tif=TimeInForce.IOC)
        await desk.hears(order_id, "filled")
        desk.server.exchange.account.two_sided = True
        desk.gateway.ask_account(time.time_ns())
        await desk.until(lambda: "hedge mode" in _down(desk))
        refused = desk.send()
        await desk.hears(refused, "rejected")
        assert desk.arrived(refused) == 0


def _down(desk: Trader) -> str:
    links = [each for each in desk.listen() if isinstance(each, LinkUp | LinkDown)]
    last = links[-1] if links else None
    return last.reason if isinstance(last, LinkDown) else ""


def _reason(desk: Trader) -> str:
    return [each for each in desk.listen() if isinstance(each, OrderUpdate)][-1].reason
