"""Every test of the contract is held against every venue, with short pauses."""

from collections.abc import Iterator

import pytest

from tests.contracts.trading.pauses import hurried
from tests.contracts.trading.venues import VENUES, Tradable


@pytest.fixture(params=VENUES, ids=lambda each: each.dialect.venue)
def venue(request: pytest.FixtureRequest) -> Tradable:
    """Return the venue under test."""
    found = request.param
    assert isinstance(found, Tradable)
    return found


@pytest.fixture(autouse=True)
def _hurried() -> Iterator[None]:
    with hurried():
        yield
