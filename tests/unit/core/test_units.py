"""Spans, instants and ids."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.core.errors import ConfigError
from terminal.core.ids import client_order_id, fill_id, proposal_id, run_id
from terminal.core.units import (
    DAY,
    HOUR,
    MILLISECOND,
    MINUTE,
    SECOND,
    from_seconds,
    iso_utc,
    parse_duration,
    seconds,
    utc_day,
)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("500ms", 500 * MILLISECOND),
        ("30s", 30 * SECOND),
        (" 1.5H ", 90 * MINUTE),
        ("10m", 10 * MINUTE),
        ("2h", 2 * HOUR),
        ("7d", 7 * DAY),
    ],
)
def test_spans_are_read(text: str, span: int) -> None:
    assert parse_duration(text) == span


@pytest.mark.parametrize("text", ["", "5", "s", "-1s", "0s", "nand", "infs", "1w", "1e99d", "1 2s"])
def test_what_is_no_span_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="not a span"):
        parse_duration(text)


@given(st.integers(0, 10**6))
def test_seconds_and_back(span: int) -> None:
    assert from_seconds(seconds(span * MILLISECOND)) == span * MILLISECOND


def test_instants() -> None:
    assert iso_utc(1_769_351_527 * SECOND + 5) == "2026-01-25 14:32:07 UTC"
    assert utc_day(DAY - 1) == 0
    assert utc_day(DAY) == 1


IDS = st.tuples(st.text("ab|", max_size=4), st.text("ab|", max_size=4), st.integers(1, 20))


@given(IDS, IDS)
def test_order_ids_are_functions_of_their_causes(
    one: tuple[str, str, int], two: tuple[str, str, int]
) -> None:
    first, second = client_order_id(*one), client_order_id(*two)
    assert re.fullmatch(r"gd[a-z2-7]{24}", first)
    if one == two:
        assert first == second
    elif "|" not in "".join((one[0], one[1], two[0], two[1])):
        assert first != second


def test_ids_are_readable_and_differ() -> None:
    assert run_id("sim-7", 1) != run_id("sim-7", 2)
    assert re.fullmatch(r"BTC-17-[a-z2-7]{4}", proposal_id("run", "BTC", 17))
    assert fill_id("sim", "o", 1) != fill_id("sim", "o", 2)
