"""Recorded chains: every expiry fitted, in volatility points, without arbitrage anywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyarrow import parquet

from terminal.pricing.rows import FloatArray
from terminal.pricing.surface.no_arbitrage import density_factor
from terminal.pricing.surface.parity import PairQuotes, PremiumUnit, forward_from_parity
from terminal.pricing.surface.surface_fit import ExpiryQuotes, fit_surface
from terminal.pricing.surface.svi_fit import quote_weights
from terminal.pricing.surface.term import check_surface

ROOT = Path(__file__).resolve().parents[4]
CHAINS = ROOT.parent / "shared/data/options/deribit_chain_BTC_ETH_20251230_20260125.parquet"
DENSE = np.linspace(-3.0, 3.0, 3001)
SNAPSHOTS = (0, 40, 70)

pytestmark = [
    pytest.mark.golden,
    pytest.mark.skipif(not CHAINS.exists(), reason=f"recorded chains are not at {CHAINS}"),
]


@pytest.fixture(scope="module")
def chains() -> Any:
    return parquet.read_table(CHAINS)


def snapshot(chains: Any, number: int, currency: str) -> dict[str, Any]:
    stamps = chains["ts"].to_numpy()
    coins = chains["currency"].to_numpy(zero_copy_only=False)
    chosen = chains.filter((stamps == np.unique(stamps)[number]) & (coins == currency))
    return {
        name: chosen[name].to_numpy(zero_copy_only=False) for name in chosen.schema.names
    }


def nanoseconds(stamps: Any) -> Any:
    return stamps.astype("datetime64[ns]").astype(np.int64)


def out_of_the_money(rows: dict[str, Any]) -> list[ExpiryQuotes]:
    """Marks of the quoted options that are out of the money, weighted by vega over spread."""
    quotes = []
    now = nanoseconds(rows["ts"])[0]
    for expiry in np.unique(rows["expiry"]):
        here = rows["expiry"] == expiry
        forward = float(np.median(rows["underlying_price"][here]))
        here &= np.where(rows["type"] == "C", rows["strike"] >= forward, rows["strike"] < forward)
        here &= np.isfinite(rows["bid"]) & np.isfinite(rows["ask"])
        years = float(nanoseconds(expiry) - now) / (365 * 86_400e9)
        vol = rows["mark_iv"][here] / 100.0
        spread = (rows["ask"] - rows["bid"])[here] * forward
        weights = quote_weights(np.maximum(rows["vega"][here], 1e-9), spread, vol, years)
        k: FloatArray = np.log(rows["strike"][here] / forward)
        quotes.append(
            ExpiryQuotes(int(nanoseconds(expiry)), forward, k, vol**2 * years, weights)
        )
    return quotes


@pytest.mark.parametrize("currency", ["BTC", "ETH"])
@pytest.mark.parametrize("number", SNAPSHOTS)
def test_every_expiry_is_fitted_without_arbitrage(
    chains: Any, number: int, currency: str
) -> None:
    rows = snapshot(chains, number, currency)
    now = int(nanoseconds(rows["ts"])[0])
    quotes = out_of_the_money(rows)
    surface, fits = fit_surface(now, quotes)
    assert surface is not None
    check_surface(surface)
    assert len(surface.slices) == sum(np.unique(each.k).size >= 5 for each in quotes)
    errors = [each.vol_error for each in fits if each.vol_error is not None]
    # In volatility: half a point is usual, all strikes of the wings weighted alike.
    assert np.median(errors) < 0.007
    assert max(errors) < 0.04
    for each in surface.slices:
        assert density_factor(each.smile, DENSE).min() >= 0.0
    before = np.zeros_like(DENSE)
    for years in np.geomspace(1e-4, 2.0, 80):
        now_variance = surface.total_variance(DENSE, years)
        assert (now_variance >= before - 1e-14).all()
        before = now_variance


@pytest.mark.parametrize("currency", ["BTC", "ETH"])
def test_parity_finds_the_venue_forward(chains: Any, currency: str) -> None:
    rows = snapshot(chains, 10, currency)
    misses = []
    for expiry in np.unique(rows["expiry"]):
        sides = [(rows["expiry"] == expiry) & (rows["type"] == side) for side in ("C", "P")]
        strikes = np.intersect1d(rows["strike"][sides[0]], rows["strike"][sides[1]])
        columns = []
        for side in sides:
            order = np.argsort(rows["strike"][side])
            order = order[np.searchsorted(rows["strike"][side][order], strikes)]
            columns += [rows["bid"][side][order], rows["ask"][side][order]]
        found = forward_from_parity(strikes, PairQuotes(*columns), PremiumUnit.FORWARD, 1.0)
        assert found.forward is not None
        venue = float(np.median(rows["underlying_price"][sides[0]]))
        misses.append(abs(found.forward / venue - 1.0))
    assert np.median(misses) < 5e-4
    assert max(misses) < 5e-3
