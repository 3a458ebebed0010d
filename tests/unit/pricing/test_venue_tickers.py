"""Recorded venue tickers with the venue's own mark volatility and Greeks."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from terminal.pricing.black import greeks
from terminal.pricing.carry import parse_expiry, years_between
from terminal.pricing.implied import QuoteStatus, implied_vol

ROOT = Path(__file__).resolve().parents[3]
TICKERS = ROOT.parent / "shared/data/options/deribit_option_ticker_golden_greeks_20190626.csv"
HALF_A_PRINTED_GREEK = 0.5e-5
HALF_A_PRINTED_VOL = 0.5e-4
HALF_A_CENT = 0.005

pytestmark = [
    pytest.mark.golden,
    pytest.mark.skipif(not TICKERS.exists(), reason=f"recorded tickers are not at {TICKERS}"),
]


def columns(*names: str) -> list[npt.NDArray[np.float64]]:
    with TICKERS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [np.array([float(row[name]) for row in rows]) for name in names]


def inputs() -> tuple[npt.NDArray[np.float64], ...]:
    """Forward, strike, years, vol, sign of every ticker."""
    with TICKERS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = [row["instrument_name"].split("-") for row in rows]
    forward, mark_iv = columns("underlying_price", "mark_iv")
    years = [
        years_between(int(row["timestamp"]) * 1_000_000, parse_expiry(name[1]))
        for row, name in zip(rows, names, strict=True)
    ]
    return (
        forward,
        np.array([float(name[2]) for name in names]),
        np.array(years),
        mark_iv / 100.0,
        np.array([1.0 if name[3] == "C" else -1.0 for name in names]),
    )


def test_greeks_are_the_venue_s_own() -> None:
    forward, strike, years, vol, sign = inputs()
    ours = greeks(forward, strike, years, vol, sign)
    delta, gamma, vega, theta, rho = columns("delta", "gamma", "vega", "theta", "rho")
    assert delta.size == 37
    # Printed to five decimals, from a forward printed in cents and a volatility in basis points.
    shifted = greeks(forward, strike, years, vol + HALF_A_PRINTED_VOL, sign).delta
    printing = HALF_A_PRINTED_GREEK + HALF_A_CENT * ours.gamma + np.abs(shifted - ours.delta)
    assert (np.abs(ours.delta - delta) <= 1.01 * printing).all()
    assert np.abs(ours.delta - delta).max() < 1.2e-5
    # Per forward dollar; then in forward dollars, vega a point and theta a day of 24 hours.
    assert np.abs(ours.gamma - gamma).max() <= 1.01 * HALF_A_PRINTED_GREEK
    for mine, printed in ((ours.vega / 100.0, vega), (ours.theta / 365.0, theta)):
        assert (np.abs(mine - printed) <= 1e-4 * np.abs(printed) + HALF_A_PRINTED_GREEK).all()
    # Their rho, a point of rate, holds the index while the forward moves with the rate; ours of a
    # given forward would be -T price. T (F delta - price) is T K N(d2) of a call.
    carried = years * (forward * ours.delta - ours.price) / 100.0
    assert (np.abs(carried - rho) <= 1e-4 * np.abs(rho) + HALF_A_PRINTED_GREEK).all()


def test_volatility_of_our_own_mark_is_the_venue_s_mark_volatility() -> None:
    forward, strike, years, vol, sign = inputs()
    mark = greeks(forward, strike, years, vol, sign).price
    found, status = implied_vol(mark, forward, strike, years, sign)
    assert (status == QuoteStatus.OK).all()
    assert np.abs(found - vol).max() < 1e-12


@pytest.mark.parametrize(("side", "solvable"), [("bid", 32), ("ask", 32)])
def test_volatilities_of_bids_and_asks_are_the_venue_s_own(side: str, solvable: int) -> None:
    forward, strike, years, _, sign = inputs()
    quote, theirs = columns(f"best_{side}_price", f"{side}_iv")
    found, status = implied_vol(quote * forward, forward, strike, years, sign)
    # Theirs says 0 where a quote has no volatility, and never more than 500 %.
    assert ((status == QuoteStatus.OK) == (theirs > 0.0)).all()
    capped = theirs == 500.0
    assert (found[capped] > 5.0).all()
    solved = (theirs > 0.0) & ~capped
    assert int(solved.sum()) == solvable
    vega = greeks(forward[solved], strike[solved], years[solved], found[solved], sign[solved]).vega
    printing = HALF_A_PRINTED_VOL + HALF_A_CENT * quote[solved] / vega
    assert (np.abs(found[solved] - theirs[solved] / 100.0) <= 1.01 * printing).all()


def test_marks_agree_within_their_lag() -> None:
    forward, *rest = inputs()
    (mark,) = columns("mark_price")
    assert np.abs(greeks(forward, *rest).price / forward - mark).max() < 4e-4
