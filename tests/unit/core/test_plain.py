"""Text of others: of a bearable length, and nothing in it that hides or acts."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.core.plain import LONGEST, ONE_LINE, one_line, plain

HOSTILE = st.text(alphabet="ab<>&\x00\x1b\r\n\t\u202e\u2066\u200b\ufeff\ud800\U000e0041 ")


@given(text=st.text() | HOSTILE)
def test_nothing_hides_or_acts(text: str) -> None:
    shown = plain(text)
    kinds = {unicodedata.category(each) for each in shown if each != "\n"}
    bidi = {unicodedata.bidirectional(each) for each in shown}
    assert not kinds & {"Cc", "Cs", "Zl", "Zp"}
    assert not bidi & {"RLO", "LRO", "RLE", "LRE", "PDF", "RLI", "LRI", "FSI", "PDI"}
    assert "\n" not in one_line(text)
    shown.encode()  # can be written anywhere


@given(text=st.text() | HOSTILE, longest=st.integers(40, 400))
def test_length_is_bounded_and_once_is_enough(text: str, longest: int) -> None:
    for make in (plain, one_line):
        shown = make(text * 9, longest)
        assert len(shown) <= longest
        assert make(shown, longest) == shown


@given(text=st.text(alphabet=st.characters(categories=["L", "N", "P", "S"]), max_size=ONE_LINE))
def test_ordinary_words_are_untouched(text: str) -> None:
    assert plain(text) == one_line(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<b>1 & 2</b>", "<b>1 & 2</b>"),
        ("two\nlines", "two\nlines"),
        ("a\0b\x1b[31mred\x07", "a b [31mred "),
        ("BTC\u202e000,1", "BTC\N{REPLACEMENT CHARACTER}000,1"),
        ("BTC\u200b", "BTC\N{REPLACEMENT CHARACTER}"),
        ("1\u202f000\N{NO-BREAK SPACE}USD", "1\u202f000\N{NO-BREAK SPACE}USD"),
    ],
)
def test_examples(text: str, shown: str) -> None:
    assert plain(text) == shown


def test_what_is_left_out_is_counted() -> None:
    shown = plain("x" * 10_000)
    assert len(shown) <= LONGEST
    assert shown.endswith(f"… {10_000 - shown.index('…'):,} more")
