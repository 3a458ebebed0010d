"""Marks of recorded option chains, rebuilt from their mark volatilities and turned back into them.

A recorded chain was read row by row: BTC marks within forty seconds of the stamp it carries, ETH
marks, which came after, within four minutes. A call and a put of one strike, one after the other,
show whether their forward is the one their marks were made of: their difference is then 1 - K / F
to the last printed digit. About one pair in six is so; those are held to their printed digits, all
others to the drift of the market between two rows.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq
import pytest

from terminal.pricing.black import greeks
from terminal.pricing.implied import QuoteStatus, implied_vol

Floats = npt.NDArray[np.float64]

OPTIONS = Path(__file__).resolve().parents[3].parent / "shared/data/options"
CHAINS = (
    OPTIONS / "deribit_chain_BTC_ETH_20251230_20260125.parquet",
    OPTIONS / "deribit_chain_BTC_ETH_20260316_20260531.parquet",
)
NEEDED = (
    "ts currency expiry strike type underlying_price mark mark_iv delta vega".split()  # noqa: SIM905
)

HALF_A_PRINTED_MARK = {"BTC": 0.5e-8, "ETH": 0.5e-6}  # coin
HALF_A_PRINTED_VOL = 0.5e-4
READ_WITHIN = {"BTC": 40.0, "ETH": 240.0}  # seconds of the stamp
SECONDS_A_YEAR = 365.0 * 86_400.0
MOST_CHANCE = 2e-4  # part of the pairs that agree on parity and still are not of one moment

pytestmark = [
    pytest.mark.golden,
    pytest.mark.skipif(
        not all(path.exists() for path in CHAINS), reason=f"recorded chains are not in {OPTIONS}"
    ),
]


class Chain(NamedTuple):
    """Rows of a recorded chain; USD, years, fraction a year, marks in coin."""

    coin: npt.NDArray[np.str_]
    forward: Floats
    strike: Floats
    years: Floats
    vol: Floats
    sign: Floats
    mark: Floats
    delta: Floats
    vega: Floats
    stamp: npt.NDArray[np.int64]

    def rows(self, chosen: npt.NDArray[np.intp]) -> Chain:
        """Some of the rows."""
        columns: list[Any] = [column[chosen] for column in self]
        return Chain(*columns)


@lru_cache(maxsize=len(CHAINS))
def recorded(path: Path) -> Chain:
    table = pq.read_table(path, columns=NEEDED)
    found = {name: table[name].to_numpy() for name in NEEDED}
    expiry, stamp = (found[name].astype("datetime64[ms]").astype(np.int64)
                     for name in ("expiry", "ts"))  # fmt: skip
    return Chain(
        found["currency"].astype(str),
        found["underlying_price"],
        found["strike"],
        (expiry - stamp) / (1_000.0 * SECONDS_A_YEAR),
        found["mark_iv"] / 100.0,
        np.where(found["type"] == "C", 1.0, -1.0),
        found["mark"],
        found["delta"],
        found["vega"],
        stamp,
    )


def in_step(path: Path, coin: str) -> tuple[Chain, Chain]:
    """Calls and puts of one strike whose forward is the one that their marks were made of."""
    chain = recorded(path)
    first = np.flatnonzero((chain.sign[:-1] > 0.0) & (chain.sign[1:] < 0.0))
    call, put = chain.rows(first), chain.rows(first + 1)
    together = call.coin == coin
    for name in ("coin", "forward", "strike", "years", "vol", "stamp"):
        together &= getattr(call, name) == getattr(put, name)
    gap = np.abs(call.mark - put.mark - (1.0 - call.strike / call.forward))
    # The forward has four digits behind the point, the rest is the rounding of both marks.
    together &= gap <= 2.02 * HALF_A_PRINTED_MARK[coin] + 0.5e-4 * call.strike / call.forward**2
    chosen = np.flatnonzero(together)
    return call.rows(chosen), put.rows(chosen)


def uncertainty(chain: Chain, coin: str) -> tuple[Floats, Floats]:
    """Price of each row in coin, and how far its mark may be from it: rounding and reading time."""
    unit = greeks(chain.forward, chain.strike, chain.years, chain.vol, chain.sign)
    value, vega, theta = (
        each / chain.forward for each in (unit.price, unit.vega, np.abs(unit.theta))
    )
    of_marks = 3.0 * HALF_A_PRINTED_MARK[coin]  # its own, and what two of them hide of the forward
    waiting = READ_WITHIN[coin] / SECONDS_A_YEAR
    return value, of_marks + HALF_A_PRINTED_VOL * vega + waiting * theta


@pytest.mark.parametrize("coin", ["BTC", "ETH"])
@pytest.mark.parametrize("path", CHAINS, ids=lambda path: path.stem[-17:])
def test_marks_come_from_their_volatility(path: Path, coin: str) -> None:
    for side in in_step(path, coin):
        assert side.mark.size > 3_000
        value, allowed = uncertainty(side, coin)
        ratio = np.abs(value - side.mark) / allowed
        assert np.mean(ratio > 1.0) <= MOST_CHANCE
        assert ratio.max() < 4.0


@pytest.mark.parametrize("coin", ["BTC", "ETH"])
@pytest.mark.parametrize("path", CHAINS, ids=lambda path: path.stem[-17:])
def test_volatility_comes_back_from_marks(path: Path, coin: str) -> None:
    for side in in_step(path, coin):
        _, allowed = uncertainty(side, coin)
        outside = side.sign * (side.forward - side.strike) <= 0.0
        quoted = side.rows(np.flatnonzero(outside & (side.mark > 10.0 * allowed)))
        assert quoted.mark.size > 1_000
        _, allowed = uncertainty(quoted, coin)
        price = quoted.mark * quoted.forward
        found, status = implied_vol(price, quoted.forward, quoted.strike, quoted.years, quoted.sign)
        assert (status == QuoteStatus.OK).all()
        # What the mark allows, as volatility: a price rises with it, so its range becomes a range.
        slack = allowed * quoted.forward
        lowest, highest = (
            implied_vol(each, quoted.forward, quoted.strike, quoted.years, quoted.sign)[0]
            for each in (price - slack, price + slack)
        )
        assert ((lowest < found) & (found < highest)).all()
        assert np.mean((quoted.vol < lowest) | (quoted.vol > highest)) <= MOST_CHANCE
        half_range = 0.5 * (highest - lowest)
        assert np.median(half_range) < 5e-4


@pytest.mark.parametrize("path", CHAINS, ids=lambda path: path.stem[-17:])
def test_every_row_agrees_but_for_the_drift_between_rows(path: Path) -> None:
    chain = recorded(path)
    unit = greeks(chain.forward, chain.strike, chain.years, chain.vol, chain.sign)
    apart = np.abs(unit.price / chain.forward - chain.mark)
    assert np.median(apart) < 6e-6
    assert np.quantile(apart, 0.99) < 4.5e-4
    quiet = chain.years > 2.0 / 365.0
    assert np.median(np.abs(unit.delta - chain.delta)[quiet]) < 1e-3
    seen = np.flatnonzero(quiet & (chain.vega > 1.0))
    assert np.median(np.abs(unit.vega[seen] / 100.0 / chain.vega[seen] - 1.0)) < 1e-3
