"""Exported cells: numbers stay numbers, and nothing else is run."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.core.cells import safe_cell

STARTS = '=+-@\u2212＝＋－＠"'


@given(text=st.text() | st.text(alphabet=STARTS + " \t\r\n'1a.,$%"))
def test_no_cell_is_a_formula(text: str) -> None:
    cell = safe_cell(text)
    assert not set(cell) & set("\t\r\n\0")
    if cell[:1] and cell[0] in STARTS:
        plain = cell.removesuffix("%").lstrip("+-").removeprefix("$").replace(",", "")
        assert float(plain) >= 0


@given(number=st.floats(allow_nan=False, allow_infinity=False) | st.integers())
def test_numbers_stay_numbers(number: float) -> None:
    for shown in (str(number), str(number).replace("-", "−"), f"{number:+,.2f}"):
        assert float(safe_cell(shown).replace(",", "")) == pytest.approx(number, abs=0.00501)


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("−$1,231.40", "-$1,231.40"),
        ("−12.5%", "-12.5%"),
        ("+1.5e-7", "+1.5e-7"),
        ("+0.3120 BTC", "'+0.3120 BTC"),
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1+1", "'=1+1"),
        ("\r=1+1", "'=1+1"),
        ("a\r\n=1+1", "a =1+1"),
        ("＝1+1", "'＝1+1"),
        ('"=1+1"', '\'"=1+1"'),
        ("-2+3+cmd|' /C calc'!A0", "'-2+3+cmd|' /C calc'!A0"),
        ("–", "–"),
        ("", ""),
    ],
)
def test_cell(text: str, cell: str) -> None:
    assert safe_cell(text) == cell
