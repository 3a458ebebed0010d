"""Forward and discount from parity: exact quotes give them back, faulty ones are flagged."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.pricing.black import price
from terminal.pricing.surface.parity import (
    PairQuotes,
    PairStatus,
    PremiumUnit,
    forward_from_parity,
)

FORWARD = 88_500.0
STRIKES = FORWARD * np.linspace(0.6, 1.5, 19)
units = st.sampled_from(PremiumUnit)


def quotes(unit: PremiumUnit, discount: float, spread: float = 0.02) -> PairQuotes:
    scale = discount / (FORWARD if unit is PremiumUnit.FORWARD else 1.0)
    call = price(FORWARD, STRIKES, 0.25, 0.5, 1.0) * scale
    put = price(FORWARD, STRIKES, 0.25, 0.5, -1.0) * scale
    return PairQuotes(
        call * (1 - spread), call * (1 + spread), put * (1 - spread), put * (1 + spread)
    )


@given(units, st.floats(0.8, 1.1), st.booleans())
def test_exact_mids_give_forward_and_discount(
    unit: PremiumUnit, discount: float, known: bool
) -> None:
    found = forward_from_parity(
        STRIKES, quotes(unit, discount), unit, discount if known else None
    )
    assert found.reason == ""
    assert found.forward == pytest.approx(FORWARD, rel=1e-10)
    assert found.discount == pytest.approx(discount, rel=1e-10)
    assert found.forward_error == pytest.approx(0.0, abs=1e-4)
    assert set(found.pairs) == {PairStatus.USED}


@given(units, st.integers(0, 18), st.floats(0.3, 3.0), st.booleans())
def test_one_stale_quote_is_cast_out(
    unit: PremiumUnit, place: int, factor: float, known: bool
) -> None:
    clean = quotes(unit, 0.98)
    shift = np.zeros(19)
    shift[place] = factor * 0.2 * np.asarray(clean.call_ask).max()
    stale = clean._replace(
        call_bid=np.asarray(clean.call_bid) + shift, call_ask=np.asarray(clean.call_ask) + shift
    )
    found = forward_from_parity(STRIKES, stale, unit, 0.98 if known else None)
    assert found.forward == pytest.approx(FORWARD, rel=1e-3)
    assert found.pairs[place] is PairStatus.OUTLIER


def test_faults_are_flagged() -> None:
    clean = quotes(PremiumUnit.USD, 1.0)
    columns = [np.array(each) for each in clean]
    strikes = STRIKES.copy()
    columns[0][0] = np.nan
    columns[1][1] = columns[0][1] * 0.5
    columns[2][2] = columns[3][2] * 2.0
    columns[3][3] = np.inf
    columns[0][4] = -1.0
    columns[3][5], columns[2][5] = 0.0, 0.0
    strikes[6], strikes[7] = np.nan, 0.0
    found = forward_from_parity(strikes, PairQuotes(*columns), PremiumUnit.USD)
    assert [each.name for each in found.pairs[:9]] == [
        "MISSING",
        "CROSSED",
        "CROSSED",
        "MISSING",
        "MISSING",
        "MISSING",
        "BAD_STRIKE",
        "BAD_STRIKE",
        "USED",
    ]
    assert found.forward == pytest.approx(FORWARD, rel=1e-9)


@pytest.mark.parametrize("unit", PremiumUnit)
def test_too_few_quotes_give_a_reason(unit: PremiumUnit) -> None:
    empty = PairQuotes([], [], [], [])
    assert forward_from_parity([], empty, unit).reason == "0 usable strikes, 2 needed"
    one = PairQuotes(*(np.asarray(column)[9] for column in quotes(unit, 1.0)))
    assert forward_from_parity(STRIKES[9], one, unit).forward is None
    known = forward_from_parity(STRIKES[9], one, unit, 1.0)
    assert known.forward == pytest.approx(FORWARD, rel=1e-10)
    nothing = PairQuotes(np.nan, np.nan, np.nan, np.nan)
    assert forward_from_parity(STRIKES, nothing, unit).pairs == (PairStatus.MISSING,) * 19


@pytest.mark.parametrize("unit", PremiumUnit)
def test_quotes_against_parity_give_a_reason(unit: PremiumUnit) -> None:
    sound = quotes(unit, 1.0)
    swapped = PairQuotes(sound.put_bid, sound.put_ask, sound.call_bid, sound.call_ask)
    found = forward_from_parity(STRIKES, swapped, unit)
    assert found.forward is None
    assert "contradict parity" in found.reason


def test_bad_input() -> None:
    sound = quotes(PremiumUnit.USD, 1.0)
    for discount in (0.0, -1.0, np.nan, np.inf):
        with pytest.raises(ValueError, match="discount must be positive"):
            forward_from_parity(STRIKES, sound, PremiumUnit.USD, discount)
    with pytest.raises(ValueError, match="shapes do not broadcast"):
        forward_from_parity(STRIKES[:3], sound, PremiumUnit.USD)
    with pytest.raises(TypeError, match="call_bid must hold real numbers"):
        forward_from_parity(STRIKES, sound._replace(call_bid="x"), PremiumUnit.USD)
