"""A week of a real option chain: the attribution sums, and little is left over at an hour."""

from pathlib import Path

import pytest

from terminal.core.units import HOUR
from terminal.model.attribution import Bucket
from tests.bench.attribution_chain import CHAIN, attributed, windows

TOLERANCE = 1e-9


@pytest.mark.parametrize("coin", ["BTC", "ETH"])
def test_a_mixed_book_on_a_real_chain(shared: Path, coin: str) -> None:
    if not (shared / "data" / CHAIN).exists():
        pytest.skip(f"no real chain: {CHAIN} is not in the folder 'shared'")
    found = attributed(next(windows(shared / "data", coin)), HOUR)
    assert found.steps > 150
    assert found.off < TOLERANCE * max(abs(found.change), found.gross)
    assert found.stray < 0.01 * found.gross
    traded = (Bucket.FEES, Bucket.SLIPPAGE, Bucket.PERP_DELTA, Bucket.COLLATERAL, Bucket.GAMMA)
    assert all(found.buckets[bucket] for bucket in traded)
