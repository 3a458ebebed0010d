"""Amounts in sentences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.core.words import amount, delta


@pytest.mark.parametrize(
    ("value", "size", "signed"),
    [
        (0.4768, "0.4768", "+0.4768"),
        (-0.0002729, "−0.0002729", "−0.0002729"),
        (2.6e-5, "0.0000", "0.0000"),
        (-23127.0, "−23,127", "−23,127"),
        (150.123, "150.1", "+150.1"),
        (0.0, "0.0000", "0.0000"),
    ],
)
def test_examples(value: float, size: str, signed: str) -> None:
    assert amount(value) == size
    assert delta(value) == signed


@given(st.floats(-1e9, 1e9))
def test_no_exponent_and_close_to_the_value(value: float) -> None:
    text = amount(value)
    assert "e" not in text
    back = float(text.replace(",", "").replace("−", "-"))
    assert abs(back - value) <= max(5.1e-4 * abs(value), 0.51 if abs(value) >= 1000 else 5.1e-5)


@given(st.floats(-1e9, 1e9))
def test_a_sign_stands_before_everything_but_zero(value: float) -> None:
    text = delta(value)
    zero = not any(digit in text for digit in "123456789")
    assert zero == (text[0] not in "+−")
