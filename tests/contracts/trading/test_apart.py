"""Cancels that need no loop: with the real ccxt, while the gateway's own loop is held up."""

import asyncio
import threading
import time

import pytest
from msgspec.structs import replace

from terminal.venues.ccxt_exchange import Taps
from terminal.venues.gateway.wire import Dialled
from tests.contracts.trading.trader import trader
from tests.contracts.trading.venues import VENUES, Tradable

PATIENCE_S = 10.0

ONE = pytest.mark.parametrize("venue", VENUES[:1], ids=["one"])
"""For what does not hang on the venue."""


async def test_what_rests_is_cancelled_from_another_thread(venue: Tradable) -> None:
    async with trader(venue) as at_work:
        resting = [await at_work.rests() for _ in range(2)]
        apart = at_work.gateway.apart
        assert await asyncio.to_thread(apart.prepare) == ""
        said = await asyncio.to_thread(apart.cancel_all)
        assert said == "2 cancels sent apart from the loop"
        for order_id in resting:
            await at_work.hears(order_id, "cancelled")
        said = await asyncio.to_thread(apart.cancel_all)
        assert said == "nothing rests that a hand-held cancel could end"


@ONE
async def test_a_loop_that_hangs_holds_up_no_cancel(venue: Tradable) -> None:
    async with trader(venue) as at_work:
        await at_work.rests()
        apart, sent = at_work.gateway.apart, threading.Event()
        await asyncio.to_thread(apart.prepare)
        wire = apart._dialled
        assert wire is not None
        ask = wire.wire.ask

        async def noted(*asked: object) -> object:
            sent.set()
            return await ask(*asked)  # type: ignore[arg-type]

        wire.wire.ask = noted  # type: ignore[method-assign, assignment]
        thread = threading.Thread(target=apart.cancel_all)
        thread.start()
        deadline = time.monotonic() + PATIENCE_S
        while not sent.is_set():  # holds the loop, and the server with it
            assert time.monotonic() < deadline
        await asyncio.to_thread(thread.join)


@ONE
async def test_a_venue_that_cannot_be_dialled_is_said_and_tried_again(venue: Tradable) -> None:
    async with trader(venue) as at_work:
        await at_work.rests()
        apart = at_work.gateway.apart
        terms, dials = apart._terms, []

        def fails(_: Taps) -> Dialled:
            dials.append(1)
            raise OSError("no route")

        apart._terms = replace(terms, dial=fails)
        assert "no route" in apart.prepare()
        assert "1 orders could not be cancelled apart" in apart.cancel_all()
        apart._terms = terms
        assert "1 cancels sent" in await asyncio.to_thread(apart.cancel_all)
        assert len(dials) == 2
