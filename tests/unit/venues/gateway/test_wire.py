"""The wire over ccxt refuses what could resend, and knows how long to stay away."""

from typing import Any

import pytest

from terminal.core.errors import VenueError
from terminal.venues.gateway.asks import at, done, listed, single
from terminal.venues.gateway.wire import CcxtWire


class Exchange:
    """The few attributes of a ccxt instance that the wire looks at."""

    id = "fake"

    def __init__(self, **changed: Any) -> None:
        self.options: dict[str, object] = {"maxRetriesOnFailure": 0}
        self.enableRateLimit = False
        self.walletAddress = "0xabc"
        self.apiKey = "canary"
        self.last_response_headers: object = None
        for name, value in changed.items():
            setattr(self, name, value)

    async def info(self, asked: object) -> object:
        return asked


@pytest.mark.parametrize(
    "changed", [{"options": {"maxRetriesOnFailure": 2}}, {"enableRateLimit": True}]
)
def test_an_instance_that_could_resend_or_queue_is_refused(changed: dict[str, object]) -> None:
    with pytest.raises(VenueError, match="neither retries nor queues"):
        CcxtWire(Exchange(**changed))


def test_the_wire_never_shows_its_instance() -> None:
    assert "canary" not in repr(CcxtWire(Exchange()))


@pytest.mark.parametrize(
    ("headers", "span"),
    [({"Retry-After": "7"}, 7.0), ({}, 60.0), (None, 60.0), ({"retry-after": "soon"}, 60.0)],
)
def test_a_ban_lasts_as_long_as_the_venue_says(headers: object, span: float) -> None:
    banned = type("DDoSProtection", (Exception,), {})
    wire = CcxtWire(Exchange(last_response_headers=headers))
    assert wire.shut_s(banned("418")) == span
    assert wire.shut_s(ValueError("x")) == 0.0


@pytest.mark.parametrize("reply", [None, "", "<html>", [], {"rows": None}, {"rows": [1]}, {}])
def test_an_unreadable_reply_is_no_empty_one(reply: object) -> None:
    with pytest.raises(VenueError):
        listed(reply, "rows")


def test_replies_are_read_where_their_rows_are() -> None:
    assert at("a", "b")({"a": {"b": [{"x": 1}]}}) == ({"x": 1},)
    assert at()([]) == ()
    assert single({"x": 1}) == ({"x": 1},)
    assert done([]) == ()
    for bad in (dict[str, object](), None, list[object]()):
        with pytest.raises(VenueError):
            single(bad)
    with pytest.raises(VenueError):
        done("text")
