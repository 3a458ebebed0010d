"""The venues' own test networks: opt-in, with keys from the environment; the same here first.

``pytest -m network tests/contracts/trading/test_networks.py``; a venue without keys is skipped.
"""

import pytest

from terminal.venues.ccxt_exchange import Connection
from tests.contracts.trading.once import key_of_tests, once, variables
from tests.contracts.trading.venues import Tradable


async def test_an_order_is_placed_and_cancelled_here(venue: Tradable) -> None:
    async with venue.serve() as server:
        connection = Connection(endpoint=server.url)
        stated, told = await once(venue.dialect, venue.key, connection, server.credentials)
        assert stated.balances
        assert told[0] in ("live", "sent")
        assert told[-1] == "cancelled"
        assert sum(server.exchange.arrivals.values()) == 1


@pytest.mark.network
@pytest.mark.timeout(180)
async def test_an_order_is_placed_and_cancelled_at_its_test_network(venue: Tradable) -> None:
    key = key_of_tests(venue.dialect)
    if key is None:
        pytest.skip(f"set {', '.join(variables(venue.dialect).values())} to run this")
    stated, told = await once(venue.dialect, venue.key, Connection(test_network=True), key)
    assert stated is not None
    assert told[-1] == "cancelled"


def test_a_key_is_whole_or_none(venue: Tradable, monkeypatch: pytest.MonkeyPatch) -> None:
    names = list(variables(venue.dialect).values())
    for each in names:
        monkeypatch.setenv(each, "x")
    assert key_of_tests(venue.dialect) == dict.fromkeys(venue.dialect.key_fields, "x")
    monkeypatch.delenv(names[-1])
    assert key_of_tests(venue.dialect) is None
