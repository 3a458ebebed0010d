"""Records as bytes: equal records are equal bytes, and what cannot come back is refused."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.core.errors import InvariantError
from terminal.journal.codec import decode_record, encode_record
from terminal.model.market import Depth, Funding, Index, Quote
from terminal.model.messages import Approve, Event, Record, Stop, StopStage, Tick
from terminal.model.order import Fill, OrderStatus, OrderUpdate, Side

NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
MAYBE = st.none() | NUMBERS
MONEY = st.decimals(allow_nan=False, allow_infinity=False)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
LEVELS = st.lists(st.tuples(NUMBERS, NUMBERS), max_size=5).map(tuple)
EVENTS: st.SearchStrategy[Event] = st.one_of(
    st.builds(Tick, NUMBERS),
    st.builds(Index, TEXT, NUMBERS),
    st.builds(Quote, TEXT, MAYBE, MAYBE, NUMBERS, NUMBERS, MAYBE, MAYBE, MAYBE),
    st.builds(Depth, TEXT, LEVELS, LEVELS),
    st.builds(Funding, TEXT, NUMBERS, st.integers(0, 2**62), st.integers(0, 2**62)),
    st.builds(OrderUpdate, TEXT, st.sampled_from(OrderStatus), TEXT),
    st.builds(Approve, TEXT, st.integers(0, 99), st.none() | MONEY, TEXT),
    st.builds(Stop, st.sampled_from(StopStage), TEXT),
    st.builds(
        Fill, TEXT, TEXT, TEXT, st.sampled_from(Side), MONEY, MONEY, MONEY, TEXT, st.booleans()
    ),
)


@given(st.integers(1, 2**63 - 1), st.integers(0, 2**62), TEXT, EVENTS)
def test_any_record_round_trips_to_the_same_bytes(
    seq: int, at: int, source: str, event: Event
) -> None:
    record = Record(seq, at, source, event)
    payload = encode_record(record)
    assert decode_record(payload) == record
    assert encode_record(decode_record(payload)) == payload


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("optional", [True, False])
def test_what_json_cannot_carry_is_refused_before_it_is_written(
    value: float, optional: bool
) -> None:
    event = Quote("X", value, 1.0) if optional else Tick(value)
    with pytest.raises(InvariantError, match="record 5 does not survive"):
        encode_record(Record(5, 1, "sim", event))


def test_a_value_of_another_type_is_refused() -> None:
    event = Approve("p", 1, qty="many")  # type: ignore[arg-type]
    with pytest.raises(InvariantError, match="does not survive"):
        encode_record(Record(1, 1, "ui", event))


def test_decimals_keep_their_exponent() -> None:
    record = Record(1, 1, "ui", Approve("p", 1, Decimal("1.500")))
    assert str(decode_record(encode_record(record)).event.qty) == "1.500"  # type: ignore[union-attr]
