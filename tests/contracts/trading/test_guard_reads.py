"""What the guard reads of an account, with the real ccxt against a local server."""

import asyncio

from terminal.core.secret import Secret
from terminal.runtime.venue_books import VenueBooks
from terminal.venues.redaction import Redactor
from tests.contracts.trading.trader import trading
from tests.contracts.trading.venues import Tradable, dialler


async def test_it_reads_the_positions_that_the_gateway_reads(venue: Tradable) -> None:
    async with venue.serve() as server:
        redactor = Redactor()
        redactor.learn(Secret(each) for each in server.credentials.values())
        books = VenueBooks(venue.dialect, dialler(venue, server), redactor)
        async with trading(venue, server) as at_work:
            order_id = at_work.send(away=-5)  # crosses: it fills
            await at_work.until(lambda: at_work.fills(order_id))
        (found,) = await asyncio.to_thread(books)
    assert found.key == venue.key
    assert found.qty == sum(each.qty for each in at_work.fills(order_id))
