"""Option chains, tickers and funding."""

import math
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.core.errors import DataError
from terminal.core.units import DAY, HOUR, MILLISECOND, MINUTE, SECOND
from terminal.journal.importers import deribit
from terminal.journal.importers.feed import Tally
from terminal.model.instrument import Option, Right, coin_settled, tick_at
from terminal.model.market import Bar, Funding, Index, Quote
from terminal.model.messages import Listing
from tests.unit.journal.importing import (
    BAR_NAME,
    START,
    imported,
    of,
    prices,
    write_csv,
    write_parquet,
)

EXPIRY = 1_751_011_200 * SECOND  # 2025-06-27 08:00
CALL, PUT = "BTC-27JUN25-100000-C", "BTC-27JUN25-100000-P"
ETH = "ETH-27JUN25-3000-C"


def row(name: str, at: int = START, **changed: Any) -> dict[str, Any]:
    coin, _, strike, right = name.split("-")
    plain = {
        "ts": at // MILLISECOND,
        "currency": coin,
        "instrument": name,
        "expiry": EXPIRY // MILLISECOND,
        "strike": float(strike),
        "type": right,
        "underlying_price": 95_100.0,
        "index_price": 95_000.0,
        "bid": 0.05,
        "ask": 0.051,
        "mark": 0.0505,
        "mark_iv": 52.0,
    }
    return plain | changed


def chain(path: Path, rows: list[dict[str, Any]]) -> Path:
    return write_parquet(path, {name: [each[name] for each in rows] for name in rows[0]})


# -- Chains -----------------------------------------------------------------------------------


def test_a_snapshot_is_listing_index_quotes(tmp_path: Path) -> None:
    rows = [row(CALL), row(PUT, bid=None, mark=0.0), row(ETH, index_price=2_500.0)]
    header, events = imported(chain(tmp_path / "chain.parquet", rows))
    assert {at for at, _ in events} == {START}
    listing, *indexes = [event for _, event in events if isinstance(event, Listing | Index)]
    assert isinstance(listing, Listing)
    assert [each.contract.symbol for each in listing.instruments] == [CALL, PUT, ETH]
    assert indexes == [Index("BTC", 95_000.0), Index("ETH", 2_500.0)]
    call, put, _ = of(Quote, events)
    key = f"{CALL}@deribit"
    assert call == Quote(key, 0.05, 0.051, mark=0.0505, iv=0.52, forward=95_100.0)
    assert (put.bid, put.ask, put.mark) == (None, 0.051, None)
    assert "mark of zero or less (taken as unknown): 1" in header.notes


def test_terms_of_an_option(tmp_path: Path) -> None:
    header, _ = imported(chain(tmp_path / "chain.parquet", [row(CALL), row(ETH)]))
    btc, eth = header.instruments
    assert isinstance(btc, Option)
    assert (btc.expiry, btc.strike, btc.right) == (EXPIRY, Decimal(100_000), Right.CALL)
    assert coin_settled(btc.contract)
    assert [float(each.contract.lot) for each in (btc, eth)] == [0.1, 1.0]
    ticks = [float(tick_at(btc.contract, Decimal(p))) for p in ("0.0049", "0.005")]
    assert ticks == [0.0001, 0.0005]


def test_a_listing_comes_when_an_instrument_is_new(tmp_path: Path) -> None:
    times = [START + i * HOUR for i in range(3)]
    rows = [row(CALL, times[0]), row(CALL, times[1]), row(CALL, times[2]), row(PUT, times[2])]
    _, events = imported(chain(tmp_path / "chain.parquet", rows))
    listed = [(at, len(e.instruments)) for at, e in events if isinstance(e, Listing)]
    assert listed == [(times[0], 1), (times[2], 2)]


def test_an_expired_option_leaves_the_listing_a_day_later(tmp_path: Path) -> None:
    later = "BTC-26SEP25-100000-C"
    expiry = 1_758_873_600_000
    rows = [
        row(CALL, EXPIRY - HOUR),
        row(later, EXPIRY + HOUR, expiry=expiry),
        row(later.replace("-C", "-P"), EXPIRY + DAY + HOUR, expiry=expiry, type="P"),
    ]
    _, events = imported(chain(tmp_path / "chain.parquet", rows))
    assert [len(each.instruments) for each in of(Listing, events)] == [1, 2, 2]


def test_rows_of_expired_options_are_dropped_and_counted(tmp_path: Path) -> None:
    header, events = imported(
        chain(tmp_path / "c.parquet", [row(CALL, EXPIRY - 1_000_000), row(PUT, EXPIRY)])
    )
    assert [each.key for each in of(Quote, events)] == [f"{CALL}@deribit"]
    assert "rows of options already expired (dropped): 1" in header.notes


def test_the_index_is_the_median_of_a_drifting_snapshot(tmp_path: Path) -> None:
    rows = [
        row(CALL, index_price=95_000.0),
        row(PUT, index_price=95_100.0),
        row("BTC-27JUN25-90000-C", index_price=97_500.0),
    ]
    assert of(Index, imported(chain(tmp_path / "c.parquet", rows))[1]) == [Index("BTC", 95_100.0)]


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"strike": 90_000.0}, "row 2: column strike: differs"),
        ({"type": "C"}, "row 2: column type: differs"),
        ({"currency": "ETH"}, "row 2: column currency: differs"),
        ({"expiry": EXPIRY // MILLISECOND + 1}, "row 2: column expiry: differs"),
        ({"instrument": "BTC-PERPETUAL"}, "row 2: column instrument: is no coin-"),
        ({"instrument": "BTC-31FEB25-100000-P"}, "row 2: column instrument: is no coin-"),
        ({"ts": START // MILLISECOND - 1}, "row 2: column ts: .* comes before"),
    ],
)
def test_a_bad_row_of_a_chain(tmp_path: Path, changed: dict[str, Any], why: str) -> None:
    with pytest.raises(DataError, match=why):
        imported(chain(tmp_path / "c.parquet", [row(CALL), row(PUT, **changed)]))


def test_options_settled_in_usdc_are_skipped_and_counted(tmp_path: Path) -> None:
    other = row(PUT, instrument="BTC_USDC-27JUN25-100000-P")
    header, events = imported(chain(tmp_path / "c.parquet", [row(CALL), other]))
    assert len(of(Quote, events)) == 1
    assert "rows of options settled in USDC (skipped): 1" in header.notes


def test_two_chain_files_share_equal_snapshots(tmp_path: Path) -> None:
    times = [START + i * HOUR for i in range(3)]
    one = chain(tmp_path / "one.parquet", [row(CALL, at) for at in times[:2]])
    two = chain(tmp_path / "two.parquet", [row(CALL, at) for at in times[1:]])
    assert len(of(Quote, imported(one, two)[1])) == 3
    chain(two, [row(CALL, times[1], mark_iv=53.0), row(CALL, times[2])])
    with pytest.raises(DataError, match=r"two\.parquet: .*column mark_iv: differs from .*one"):
        imported(one, two)


@given(
    st.fixed_dictionaries(
        dict.fromkeys(
            ("bid", "ask", "mark", "iv", "forward", "bid_qty", "ask_qty"),
            st.floats(allow_nan=True, allow_infinity=True),
        )
    )
)
def test_no_row_makes_an_impossible_quote(numbers: dict[str, float]) -> None:
    tally = Tally({}, lambda _part, _what: None)
    if math.inf in (numbers["bid_qty"], numbers["ask_qty"]):
        return  # refused when it is written
    quote = deribit.quote("x@deribit", numbers, tally)
    for value in (quote.bid, quote.ask, quote.mark, quote.iv, quote.forward):
        assert value is None or 0.0 < value < math.inf
    assert quote.iv is None or quote.iv <= 10.0
    assert quote.bid_qty >= 0.0
    assert quote.ask_qty >= 0.0


def test_chain_and_bars_merge(tmp_path: Path) -> None:
    bars = write_csv(tmp_path / f"{BAR_NAME}.csv", prices(10))
    rows = [row(CALL, START + 3 * MINUTE + SECOND)]
    header, events = imported(bars, chain(tmp_path / "c.parquet", rows))
    kinds = [type(event).__name__ for _, event in events]
    assert kinds == ["Listing", *["Bar"] * 3, "Listing", "Index", "Quote", *["Bar"] * 7]
    assert len(header.instruments) == 2
    assert [at for at, _ in events] == sorted(at for at, _ in events)


# -- Tickers ----------------------------------------------------------------------------------

TICKER_HEADER = (
    "instrument_name,timestamp,best_bid_price,best_bid_amount,best_ask_price,best_ask_amount,"
    "mark_price,mark_iv,underlying_price,index_price"
)


def test_tickers_are_sorted_by_time(tmp_path: Path) -> None:
    at = START // MILLISECOND
    rows = [
        [CALL, at + 5, 0.05, 1.5, 0.051, 2.5, 0.0505, 52.0, 95_100.0, 95_000.0],
        [PUT, at, 0.0, 0.0, 0.051, 2.5, 0.0505, 52.0, 95_100.0, 95_000.0],
        ["BTC-27JUN25", at, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
    ]
    header, events = imported(write_csv(tmp_path / "t.csv", rows, TICKER_HEADER))
    put, call = of(Quote, events)
    assert put.bid is None
    assert (call.bid_qty, call.ask_qty, call.iv) == (1.5, 2.5, 0.52)
    assert of(Index, events) == [Index("BTC", 95_000.0)]
    assert any("other than coin-settled options" in each for each in header.notes)


@pytest.mark.parametrize(
    ("place", "value", "why"),
    [
        (1, "now", "row 2: column timestamp: 'now' is no instant"),
        (7, "high", "row 2: column mark_iv: 'high' is no number"),
    ],
)
def test_a_bad_ticker(tmp_path: Path, place: int, value: str, why: str) -> None:
    cells: list[object] = [CALL, START // MILLISECOND, 1, 1, 1, 1, 1, 52, 95_000, 95_000]
    cells[place] = value
    with pytest.raises(DataError, match=why):
        imported(write_csv(tmp_path / "t.csv", [cells], TICKER_HEADER))
    with pytest.raises(DataError, match="row 2: 9 columns, 10 expected"):
        imported(write_csv(tmp_path / "t.csv", [cells[:-1]], TICKER_HEADER))
    with pytest.raises(DataError, match="row 1: no column for index_price"):
        imported(write_csv(tmp_path / "t.csv", [], TICKER_HEADER.replace(",index_price", "")))


# -- Funding ----------------------------------------------------------------------------------


def payments(path: Path, **changed: Any) -> Path:
    due = [(START + i * 10 * MINUTE) // MILLISECOND for i in range(-1, 5)]
    columns: dict[str, Any] = {
        "ts": due,
        "venue": ["binance"] * 5 + ["bybit"],
        "symbol": ["BTC"] * 6,
        "interval_h": [8] * 6,
        "rate": [1e-4, 2e-4, 3e-4, 4e-4, 5e-4, 9e-4],
    }
    return write_parquet(path, columns | changed)


def test_funding_is_told_before_it_is_due_and_only_among_prices(tmp_path: Path) -> None:
    bars = write_csv(tmp_path / f"{BAR_NAME}.csv", prices(25))
    _, events = imported(payments(tmp_path / "f.parquet"), bars)
    key = "BTCUSDT@binanceusdm"
    told = [(at, event) for at, event in events if isinstance(event, Funding)]
    assert told == [
        (START + 9 * MINUTE, Funding(key, 3e-4, 8 * HOUR, START + 10 * MINUTE)),
        (START + 19 * MINUTE, Funding(key, 4e-4, 8 * HOUR, START + 20 * MINUTE)),
    ]
    assert isinstance(events[-1][1], Bar)


def test_funding_of_another_venue_when_stated(tmp_path: Path) -> None:
    bars = write_csv(tmp_path / f"{BAR_NAME}.csv", prices(45))
    _, events = imported(payments(tmp_path / "f.parquet"), bars, funding_venue="bybit")
    assert [each.rate for each in of(Funding, events)] == [9e-4]


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"rate": [1e-4, 2e-4, math.nan, 4e-4, 5e-4, 0.0]}, "row 3: column rate: nan is no"),
        ({"rate": [1e-4, 2e-4, 3.0, 4e-4, 5e-4, 0.0]}, "row 3: column rate: 3.0 is no fraction"),
        ({"interval_h": [8, 8, 0, 8, 8, 8]}, "row 3: column interval_h: 0.0 is not"),
        ({"ts": [START // MILLISECOND] * 6}, "row 2: column rate: differs from .*row 1"),
        ({"venue": ["gate"] * 6}, "no funding for the perpetuals .*--funding-venue among gate:BTC"),
    ],
)
def test_bad_funding(tmp_path: Path, changed: dict[str, Any], why: str) -> None:
    bars = write_csv(tmp_path / f"{BAR_NAME}.csv", prices(5))
    with pytest.raises(DataError, match=why):
        imported(payments(tmp_path / "f.parquet", **changed), bars)


def test_funding_alone_is_no_tape(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"perpetuals of this tape \(none\)"):
        imported(payments(tmp_path / "f.parquet"))
