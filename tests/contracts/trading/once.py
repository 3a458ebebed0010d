"""One order, far from the market, placed and cancelled: the least that trading on a venue is."""

import asyncio
import math
import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from decimal import Decimal
from typing import Any

from terminal.core.ids import client_order_id
from terminal.core.secret import Secret
from terminal.model.account import AccountSnapshot
from terminal.model.instrument import Instrument, Payoff
from terminal.model.messages import Event
from terminal.model.order import OrderIntent, OrderUpdate, Side, TimeInForce
from terminal.venues.ccxt_exchange import Connection, Taps
from terminal.venues.dialects.dialect import Dialect
from terminal.venues.gateway.catalogue import asks_of, wire_of
from terminal.venues.gateway.gateway import Gateway
from terminal.venues.gateway.line import Terms
from terminal.venues.gateway.wire import Dialled
from terminal.venues.markets import Fetched, equip, fetch_markets
from terminal.venues.redaction import Redactor

PATIENCE_S = 30.0
BELOW = Decimal("0.97")
"""Price over the best bid: far enough not to trade, within the bands of every exchange."""


def variables(dialect: Dialect) -> Mapping[str, str]:
    """Names of the environment variables of a test key, by ccxt's names of its parts."""
    venue = dialect.venue.upper()
    return {each: f"GAMMADESK_TEST_{venue}_{each.upper()}" for each in dialect.key_fields}


def key_of_tests(dialect: Dialect) -> Mapping[str, str] | None:
    """Key of the test network that the environment holds; None where a part is missing."""
    found = {part: os.environ.get(name, "") for part, name in variables(dialect).items()}
    return found if all(found.values()) else None


async def once(
    dialect: Dialect, key: str, connection: Connection, credentials: Mapping[str, str]
) -> tuple[AccountSnapshot, list[str]]:
    """Read the account, place a smallest post-only order below the market, and cancel it.

    Returns
    -------
    AccountSnapshot, list of str
        The account as it was stated, and what was said of the order, status by status.

    Raises
    ------
    TimeoutError
        The venue did not say in time what it should.
    """
    fetched = await asyncio.to_thread(fetch_markets, dialect, connection, ("BTC",), 0)
    instrument, bid = await _market(dialect, key, connection, fetched)

    def dial(taps: Taps) -> Dialled:
        loaded = equip(dialect, taps, connection, fetched, credentials=credentials)
        return Dialled(wire_of(dialect, loaded.exchange), loaded.directory, loaded.symbols)

    redactor = Redactor()
    redactor.learn(Secret(each) for each in credentials.values())
    now = time.time_ns()
    gateway = Gateway(
        Terms(
            dialect=dialect,
            asks=asks_of(dialect),
            dial=dial,
            redactor=redactor,
            now=time.time_ns,
            clock=time.monotonic_ns,
            since=now,
            paid_since=now,
        )
    )
    heard: list[Event] = []
    running = asyncio.get_running_loop().create_task(gateway.run())
    try:
        await _said(gateway, heard, lambda: any(isinstance(x, AccountSnapshot) for x in heard))
        order = _order(instrument, bid, now)
        await asyncio.sleep(0.5)  # the link is up right after the account
        gateway.submit(order, 0)
        await _said(gateway, heard, lambda: _told(heard)[-1:] == ["live"])
        gateway.cancel(order.order_id, 0)
        await _said(gateway, heard, lambda: _told(heard)[-1:] == ["cancelled"])
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
    (stated, *_) = (each for each in heard if isinstance(each, AccountSnapshot))
    return stated, _told(heard)


async def _market(
    dialect: Dialect, key: str, connection: Connection, fetched: Fetched
) -> tuple[Instrument, Decimal]:
    """Terms and best bid of the instrument."""
    public = equip(dialect, Taps(), connection, fetched)
    try:
        book: Any = await public.exchange.fetch_order_book(public.symbols[key], 5)
    finally:
        await public.exchange.close()
    return public.directory.by_key[key], Decimal(str(book["bids"][0][0]))


def _order(instrument: Instrument, bid: Decimal, now: int) -> OrderIntent:
    contract = instrument.contract
    tick = max(each.tick for each in contract.ticks)
    limit = bid * BELOW // tick * tick
    qty = max(contract.min_qty, contract.lot)
    if contract.payoff is Payoff.LINEAR:
        qty *= max(math.ceil(contract.min_notional / (qty * contract.multiplier * limit)), 1)
    return OrderIntent(
        order_id=client_order_id(f"once-{now}", contract.key, 1),
        proposal_id="p",
        attempt=1,
        key=contract.key,
        side=Side.BUY,
        qty=qty,
        limit=limit,
        tif=TimeInForce.POST_ONLY,
        reduce_only=False,
        decision_mid=float(bid),
    )


async def _said(gateway: Gateway, heard: list[Event], told: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not told():
            while gateway.next_at() is not None:
                heard.append(gateway.pop()[1])
            await asyncio.sleep(0.02)


def _told(heard: list[Event]) -> list[str]:
    return [each.status.value for each in heard if isinstance(each, OrderUpdate)]
