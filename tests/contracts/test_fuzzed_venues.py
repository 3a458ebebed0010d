"""Damaged frames by the sockets of a venue break neither its feed nor its gateway.

``python -m tests.bench.fuzz_venue`` does the same with a hundred thousand frames a venue.
"""

import pytest

from tests.bench.fuzz_venue import survive
from tests.contracts.followed import OPTIONS
from tests.contracts.trading.venues import VENUES
from tests.contracts.venue_clients import BINANCE, DERIBIT, HYPERLIQUID, Client

FRAMES = 400


@pytest.mark.parametrize(
    "client", [DERIBIT, BINANCE, OPTIONS, HYPERLIQUID], ids=lambda each: each.name
)
async def test_damaged_frames_are_survived_and_send_no_order(client: Client) -> None:
    (venue,) = (each for each in VENUES if each.dialect.venue == client.name)
    found = await survive(client, venue, FRAMES, seed=7)
    assert found.raised == ()
    assert found.orders == 0
