"""Client ids: legal, one for one, and readable back without a table."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.core.errors import ConfigError, InvariantError
from terminal.core.ids import client_order_id
from terminal.venues.dialects.client_ids import as_hex, as_text, from_hex, ours
from terminal.venues.dialects.registry import DIALECTS, dialect

ORDER_IDS = st.builds(client_order_id, st.text(), st.text(), st.integers(0, 99))


@given(order_id=ORDER_IDS)
def test_round_trips(order_id: str) -> None:
    assert ours(as_text(order_id)) == order_id
    cloid = as_hex(order_id)
    assert re.fullmatch("0x[0-9a-f]{32}", cloid)
    assert from_hex(cloid) == order_id
    assert from_hex(cloid.upper().replace("X", "x")) == order_id


@given(text=st.text() | st.from_regex(r"gd[a-z0-9]{24}", fullmatch=True))
def test_anything_else_is_foreign_or_one_of_ours(text: str) -> None:
    assert ours(text) in ("", text)
    assert from_hex(text) == ""


@given(text=st.from_regex(r"0x[0-9a-f]{32}", fullmatch=True))
def test_a_cloid_reads_as_at_most_one_order(text: str) -> None:
    order_id = from_hex(text)
    assert order_id == "" or as_hex(order_id) == text


@pytest.mark.parametrize("text", [None, "", "0xe8d5fd7ebbb4c3cff4d1803472a11463", "alpha", "0x"])
def test_foreign_ids(text: str | None) -> None:
    assert ours(text) == ""
    assert from_hex(text) == ""


@pytest.mark.parametrize("order_id", ["", "mine", "gd" + "a" * 23, "gd" + "1" * 24, "x" * 26])
def test_an_id_that_could_not_be_told_from_foreign_ones_is_not_sent(order_id: str) -> None:
    for name in (as_text, as_hex):
        with pytest.raises(InvariantError):
            name(order_id)


def test_an_unknown_exchange_is_answered_with_the_known_ones() -> None:
    assert all(dialect(venue) is known for venue, known in DIALECTS.items())
    with pytest.raises(ConfigError, match="'mtgox'") as failure:
        dialect("mtgox")
    assert all(venue in str(failure.value) for venue in DIALECTS)
