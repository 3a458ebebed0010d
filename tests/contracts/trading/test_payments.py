"""Funding of every venue is told once, negative when paid; a daily settlement is no mismatch."""

import asyncio
import math
import time
from decimal import Decimal

import pytest

from terminal.model.account import AccountSnapshot, FundingPaid
from terminal.model.order import TimeInForce
from tests.contracts.trading.cells import lift
from tests.contracts.trading.trader import Trader, trader, trading
from tests.contracts.trading.venues import VENUES, Tradable
from tests.venue_servers.deribit_sessions import settle
from tests.venue_servers.server import VenueServer

RATE = Decimal("0.001")
BINANCE = next(each for each in VENUES if each.dialect.venue == "binanceusdm")
DERIBIT = next(each for each in VENUES if each.dialect.venue == "deribit")
PAYING = tuple(each for each in VENUES if each.dialect.venue != "binanceoptions")
"""Options pay no funding."""

AGAIN_S = 7.0
"""Nobody repeats a question that was lost, and a slow answer must not be overtaken by the next."""


async def _long(desk: Trader) -> None:
    order_id = desk.send(away=-2, lots=50, tif=TimeInForce.IOC)
    await desk.hears(order_id, "filled")
    await desk.until(
        lambda: sum(x.qty for x in desk.fills(order_id)) == desk.line.slips[order_id].intent.qty
    )


async def _stated(desk: Trader) -> AccountSnapshot:
    """Ask for the account until it answers: a reply that times out takes the question with it."""
    before, asked_at = len(_statements(desk)), -math.inf

    def answered() -> bool:
        nonlocal asked_at
        if time.monotonic() - asked_at > AGAIN_S:
            asked_at = time.monotonic()
            lift(desk)  # it takes seconds within the budget of a venue
            desk.gateway.ask_account(time.time_ns())
        return len(_statements(desk)) > before

    await desk.until(answered)
    return _statements(desk)[-1]


def _statements(desk: Trader) -> list[AccountSnapshot]:
    return [each for each in desk.listen() if isinstance(each, AccountSnapshot)]


def _payments(desk: Trader) -> list[FundingPaid]:
    return [each for each in desk.listen() if isinstance(each, FundingPaid)]


def _pay(venue: Tradable, server: VenueServer, rate: Decimal = RATE) -> Decimal:
    paid = server.exchange.pay_funding(venue.symbol, rate)
    if venue is DERIBIT:
        settle(server.exchange)
    return paid.amount


@pytest.mark.parametrize("venue", PAYING, ids=lambda each: each.dialect.venue)
async def test_funding_is_told_once_and_is_negative_when_paid(venue: Tradable) -> None:
    async with venue.serve() as server:
        since = time.time_ns()
        async with trading(venue, server) as desk:
            await _long(desk)
            amounts = [_pay(venue, server)]
            await asyncio.sleep(0.005)  # no two payments of a coin are of one moment
            amounts.append(_pay(venue, server, -RATE))
            assert amounts[0] < 0 < amounts[1]
            await _stated(desk)
            await _stated(desk)
            told = sorted(_payments(desk), key=lambda each: each.amount)
            found = [float(each.amount) for each in told]
            assert found == pytest.approx([float(each) for each in amounts])
            assert {each.key for each in told} == {venue.key}
            assert len({each.payment_id for each in told}) == 2
        async with trading(venue, server, since=since) as again:  # the engine knows them by id
            repeated = {each.payment_id for each in _payments(again)}
            assert repeated == {each.payment_id for each in told}


async def test_what_was_paid_before_the_account_opened_is_not_told() -> None:
    async with BINANCE.serve() as server:
        async with trading(BINANCE, server) as desk:
            await _long(desk)
        _pay(BINANCE, server)
        async with trading(BINANCE, server, since=time.time_ns() + 1_000_000) as desk:
            await _stated(desk)
            assert _payments(desk) == []


async def test_deribits_daily_settlement_moves_no_cash_but_its_funding() -> None:
    async with trader(DERIBIT) as desk:
        exchange, name = desk.server.exchange, DERIBIT.symbol
        await _long(desk)
        exchange.move(name, exchange.books[name].mid * Decimal("1.01"))
        paid = exchange.pay_funding(name, RATE)
        before = _cash(await _stated(desk))
        settle(exchange)
        after = _cash(await _stated(desk))
        assert after[0] - before[0] == pytest.approx(float(paid.amount), abs=1e-8)
        assert after[0] == pytest.approx(float(exchange.account.balances["BTC"]), abs=1e-8)
        assert [float(each.amount) for each in _payments(desk)] == [
            pytest.approx(float(paid.amount))
        ]
        assert 0.0 < after[1] < 1e-4


def _cash(stated: AccountSnapshot) -> tuple[float, float]:
    (found,) = (each for each in stated.balances if each.currency == "BTC")
    return float(found.amount), float(found.within)
