"""The vollib adapter keeps the contracts of the functions it stands in for."""

from __future__ import annotations

import math
import subprocess
import sys

import numpy as np
import pytest
from lets_be_rational.exceptions import BelowIntrinsicException

from terminal.pricing import black, implied, vollib_engine
from terminal.pricing.implied import QuoteStatus

STRIKES = np.array([[70.0, 95.0, 100.0], [105.0, 140.0, 250.0]])


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_units_and_shapes_are_ours(sign: float) -> None:
    theirs = vollib_engine.greeks(100.0, STRIKES, 0.2, 0.8, sign)
    ours = black.greeks(100.0, STRIKES, 0.2, 0.8, sign)
    for name, value in ours._asdict().items():
        assert getattr(theirs, name).shape == STRIKES.shape
        assert getattr(theirs, name) == pytest.approx(value, rel=1e-9, abs=1e-13)


def test_limits_and_bad_inputs_are_ours() -> None:
    legs = np.array(
        [
            (100.0, 90.0, 0.0, 0.5, 1.0),
            (100.0, 100.0, -1.0, 0.5, -1.0),
            (100.0, 110.0, 1.0, 0.0, -1.0),
            (math.nan, 110.0, 1.0, 0.5, 1.0),
            (100.0, -1.0, 1.0, 0.5, 1.0),
            (100.0, 100.0, math.inf, 0.5, 1.0),
            (100.0, 100.0, 1.0, -0.5, 1.0),
            (100.0, 100.0, 1.0, 0.5, 2.0),
        ]
    )
    assert np.array(vollib_engine.greeks(*legs.T)) == pytest.approx(
        np.array(black.greeks(*legs.T)), nan_ok=True
    )


def test_implied_volatility_and_reasons_are_ours() -> None:
    quotes = [5.0, 12.0, 9.0, 10.0, 100.0, 250.0, math.nan, -1.0, 5.0, 0.0]
    strikes = [100.0, 90.0, 90.0, 90.0, 90.0, 110.0, 100.0, 100.0, 100.0, 100.0]
    signs = [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 3.0, -1.0]
    ours, reasons = implied.implied_vol(quotes, 100.0, strikes, 0.5, signs)
    theirs, status = vollib_engine.implied_vol(quotes, 100.0, strikes, 0.5, signs)
    assert status.dtype == np.int8
    assert status.tolist() == reasons.tolist()
    assert set(status.tolist()) == {int(reason) for reason in QuoteStatus}
    assert theirs == pytest.approx(ours, rel=1e-11, nan_ok=True)


@pytest.mark.parametrize(
    "refusal", [BelowIntrinsicException(), ZeroDivisionError(), ValueError("no root")]
)
def test_a_quote_that_vollib_refuses_has_no_time_value(
    monkeypatch: pytest.MonkeyPatch, refusal: Exception
) -> None:
    def refuse(*_: object) -> float:
        raise refusal

    monkeypatch.setattr("vollib.black.implied_volatility.implied_volatility", refuse)
    vol, status = vollib_engine.implied_vol(5.0, 100.0, 100.0, 0.5, 1.0)
    assert status == QuoteStatus.NO_TIME_VALUE
    assert np.isnan(vol)


def test_unusable_arguments_are_named() -> None:
    with pytest.raises(TypeError, match="forward must hold real numbers"):
        vollib_engine.greeks("100", 100.0, 0.5, 0.6, 1.0)
    with pytest.raises(ValueError, match="do not broadcast"):
        vollib_engine.implied_vol([1.0, 2.0], [1.0, 2.0, 3.0], 1.0, 0.5, 1.0)


def test_vollib_is_imported_only_when_asked() -> None:
    program = (
        "import sys, terminal.pricing.vollib_engine;"
        "sys.exit(any(name in sys.modules for name in ('vollib', 'scipy', 'pandas')))"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
