"""Nothing unreadable crosses the border."""

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from terminal.journal.codec import decode_record, encode_record
from terminal.model.account import AccountSnapshot, Balance, Position
from terminal.model.market import Depth, Index
from terminal.model.messages import Approve, Event, Listing, Record, SetProfile, Tick
from terminal.runtime.intake import key_of, unsound
from tests.helpers.builders import PERP, depth, fill, instruments, profile, quote, spec

BAD: list[tuple[Event, str]] = [
    (quote(bid=math.nan), "bid is nan"),
    (quote(mark=math.inf), "mark is inf"),
    (Index("BTC", -math.inf), "price"),
    (Tick(math.nan), "lag_ms"),
    (Depth(PERP, ((1.0, 1.0), (2.0, math.nan)), ()), "bids"),
    (fill(1, "NaN"), "qty is NaN"),
    (fill(1, "1", price=Decimal("Infinity")), "price"),
    (Approve("p", 1, Decimal("sNaN")), "qty"),
    (SetProfile(profile(min_gap_s=math.nan)), "profile"),
    (SetProfile(profile(spec(high=math.inf))), "profile"),
    (AccountSnapshot("sim", (Position("x", Decimal("NaN"), Decimal(1)),), ()), "positions"),
    (AccountSnapshot("sim", (), (Balance("x", Decimal("Infinity")),)), "balances"),
]


@pytest.mark.parametrize(("event", "named"), BAD)
def test_what_is_not_finite_is_named(event: Event, named: str) -> None:
    assert named in unsound(event)


@pytest.mark.parametrize(
    "event", [quote(), quote(bid=None), depth(), fill(), SetProfile(profile()), Approve("p", 1),
              Listing("sim", instruments())],
)  # fmt: skip
def test_sound_events_pass(event: Event) -> None:
    assert unsound(event) == ""


@given(st.floats(), st.floats(), st.one_of(st.none(), st.floats()))
def test_what_passes_survives_the_journal(bid: float, size: float, iv: float | None) -> None:
    event = replace(quote(), bid=bid, bid_qty=size, iv=iv)
    if not unsound(event):
        record = Record(1, 1, "venue", event)
        assert decode_record(encode_record(record)) == record


def test_messages_name_the_instrument() -> None:
    assert key_of(quote()) == PERP
    assert key_of(Index("BTC", 1.0)) == "BTC"
    assert key_of(Tick()) == "Tick"
