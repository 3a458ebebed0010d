"""Every test of the contract is held against every venue, with short pauses."""

import pytest

from terminal.venues.gateway import gateway, inquiry, reading
from tests.contracts.trading.venues import VENUES, Tradable


@pytest.fixture(params=VENUES, ids=lambda each: each.dialect.venue)
def venue(request: pytest.FixtureRequest) -> Tradable:
    """Return the venue under test."""
    found = request.param
    assert isinstance(found, Tradable)
    return found


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take a tenth of every pause: what is proven here does not hang on their lengths."""
    monkeypatch.setattr(inquiry, "APART", inquiry.APART // 10)
    for name in ("_FIRST", "_THEN"):
        monkeypatch.setattr(inquiry, name, tuple(each // 10 for each in getattr(inquiry, name)))
    monkeypatch.setattr(reading, "_PAUSES_S", (0.05, 0.2, 0.5))
    monkeypatch.setattr(gateway, "TRADES_EVERY_S", 0.7)
    monkeypatch.setattr(gateway, "SOON_S", 0.3)
