"""Reading fields: exact, finite, of the right kind, or DataError with the field's name."""

import json
import math
from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.core.errors import DataError
from terminal.venues.dialects import raw

ANY_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=80)
    | st.sampled_from(["1e999999", "-1e-999999", "NaN", "Infinity", "0x10", "1_000", "٣", "--1"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)
READERS = (
    raw.text,
    raw.text_or_none,
    raw.name_of,
    raw.flag,
    raw.decimal,
    raw.decimal_or_none,
    raw.number,
    raw.number_or_none,
    raw.price_or_none,
    raw.size,
    raw.millis,
    raw.millis_or_none,
    raw.child,
    raw.child_or_none,
    raw.rows,
    raw.entries,
)


@given(value=ANY_JSON)
@pytest.mark.parametrize("read", READERS, ids=lambda each: each.__name__)
def test_any_value_reads_or_names_the_field(
    read: Callable[[raw.Raw, str], object], value: object
) -> None:
    try:
        found = read({"best_bid": value}, "best_bid")
    except DataError:
        with pytest.raises(DataError, match="'best_bid'"):
            read({"best_bid": value}, "best_bid")
    else:
        assert not isinstance(found, float | Decimal) or math.isfinite(found)


@given(value=st.decimals(allow_nan=False, min_value=-(10**12), max_value=10**12, places=8))
def test_decimals_survive_text_and_json_numbers(value: Decimal) -> None:
    assert raw.decimal({"x": f"{value:f}"}, "x") == value
    sent = json.loads(json.dumps({"x": float(value)}))
    assert raw.decimal(sent, "x") == Decimal(repr(float(value)))


@given(value=st.floats(min_value=1e-30, max_value=1e20) | st.just(0.0))
def test_floats_are_the_same_by_either_way(value: float) -> None:
    for signed in (value, -value):
        assert raw.number_or_none({"x": signed}, "x") == raw.number({"x": repr(signed)}, "x")


@pytest.mark.parametrize(
    "value",
    [True, False, float("nan"), float("inf"), "NaN", "inf", "1e999", 10**30, "1" * 65, [], {}, "a"],
)
def test_what_is_no_number_is_refused(value: object) -> None:
    for read in (raw.decimal, raw.number, raw.number_or_none, raw.size, raw.price_or_none):
        with pytest.raises(DataError, match="'x'"):
            read({"x": value}, "x")


def test_a_number_too_long_to_be_written_is_refused_in_words() -> None:
    with pytest.raises(DataError, match="'x' is a huge whole number"):
        raw.decimal({"x": 10**5000}, "x")
    with pytest.raises(DataError, match="'x' is a huge whole number"):
        raw.text({"x": 10**5000}, "x")


@pytest.mark.parametrize("value", [None, ""])
def test_what_is_missing_is_none_where_it_may_be(value: object) -> None:
    field = {"x": value}
    assert raw.decimal_or_none(field, "x") is None
    assert raw.number_or_none({}, "x") is None
    assert raw.text_or_none(field, "x") is None
    assert raw.millis_or_none(field, "x") is None
    assert raw.price_or_none(field, "x") is None
    assert raw.size(field, "x") == 0.0
    for read in (raw.decimal, raw.number, raw.text, raw.millis):
        with pytest.raises(DataError, match="'x'"):
            read(field, "x")


def test_a_price_of_zero_is_no_price_and_a_negative_one_is_refused() -> None:
    assert raw.price_or_none({"x": 0}, "x") is None
    assert raw.price_or_none({"x": "0.0"}, "x") is None
    with pytest.raises(DataError, match="'x'"):
        raw.price_or_none({"x": -7.5}, "x")


def test_milliseconds_become_nanoseconds_and_other_units_are_refused() -> None:
    assert raw.millis({"t": 1_765_541_474_086}, "t") == 1_765_541_474_086_000_000
    assert raw.millis({"t": "1765541474086"}, "t") == 1_765_541_474_086_000_000
    for wrong in (1_765_541_474_086_000, 0, -1, 1.5, "1765541474086.5", True):
        with pytest.raises(DataError, match="'t'"):
            raw.millis({"t": wrong}, "t")


def test_identifiers_may_be_numbers_but_not_truth_values() -> None:
    assert raw.name_of({"tid": 745210434703679}, "tid") == "745210434703679"
    assert raw.name_of({"tid": "403691824"}, "tid") == "403691824"
    with pytest.raises(DataError):
        raw.name_of({"tid": True}, "tid")
