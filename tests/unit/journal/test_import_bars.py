"""Bars from CSV, gzip, zip and parquet."""

import gzip
import math
import zipfile
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from terminal.core.errors import DataError
from terminal.core.units import MILLISECOND, MINUTE, SECOND
from terminal.journal.importers import stamps
from terminal.journal.importers.naming import parse_contract
from terminal.model.instrument import Payoff, Perpetual, Spot
from terminal.model.market import Bar, Gap
from terminal.model.messages import Listing
from tests.unit.journal.importing import (
    BAR_NAME,
    START,
    bars_parquet,
    csv_of,
    imported,
    of,
    prices,
    write_csv,
    write_parquet,
)

KEY = "BTCUSDT@binanceusdm"
ARCHIVE_HEADER = (
    "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,"
    "taker_buy_quote_volume,ignore"
)


def archive(count: int, scale: int = 1) -> list[list[object]]:
    """Rows of Binance's archive; scale 1000 turns ms into us."""
    return [
        [int(ts) * scale, o, h, low, c, v, (int(ts) + 59_999) * scale, 1.0, 5, 1.0, 1.0, 0]
        for ts, o, h, low, c, v in prices(count)
    ]


# -- Laws -------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=40)
@given(later=st.sets(st.integers(50, 90)))
def test_bars_and_gaps_fill_the_time_without_overlap(
    tmp_path_factory: pytest.TempPathFactory, later: set[int]
) -> None:
    kept = set(range(45)) | later  # enough neighbours to tell the interval
    rows = [row for i, row in enumerate(prices(91)) if i in kept]
    path = write_csv(tmp_path_factory.mktemp("law") / f"{BAR_NAME}.csv", rows)
    header, events = imported(path)
    spans = [
        (at - event.span, at) if isinstance(event, Bar) else (event.start, event.end)
        for at, event in events
        if isinstance(event, Bar | Gap)
    ]
    assert all(a[1] == b[0] for a, b in pairwise(spans))
    assert (spans[0][0], spans[-1][1]) == (START, START + (max(kept) + 1) * MINUTE)
    assert len(of(Bar, events)) == len(kept)
    assert header.gaps == tuple(of(Gap, events))


@settings(max_examples=100)
@given(st.integers(stamps.EARLIEST // SECOND, stamps.LATEST // SECOND - 1))
def test_an_instant_is_the_same_in_every_unit(second: int) -> None:
    for text in (f"{second}", f"{second}000", f"{second}000000", f"{second}000000000"):
        assert stamps.parse(text) == second * SECOND


# -- Formats ----------------------------------------------------------------------------------


def test_a_bar_is_told_at_its_close(tmp_path: Path) -> None:
    header, events = imported(write_csv(tmp_path / f"{BAR_NAME}.csv", prices(3)), spread_bps=4.0)
    listing, *told = events
    assert isinstance(listing[1], Listing)
    assert listing[0] == START + MINUTE
    assert told[0] == (START + MINUTE, Bar(KEY, 100.0, 102.0, 99.0, 101.0, 7.0, MINUTE, 2.0))
    assert told[2][0] == START + 3 * MINUTE
    assert (header.origins[0].name, header.origins[0].rows) == (f"{BAR_NAME}.csv", 3)
    assert any("2 bps below and above" in each for each in header.assumptions)


@pytest.mark.parametrize("scale", [1, 1000])
@pytest.mark.parametrize("head", ["", ARCHIVE_HEADER])
def test_archive_files(tmp_path: Path, scale: int, head: str) -> None:
    path = write_csv(tmp_path / "BTCUSDT-1m-2025-05.csv", archive(5, scale), head)
    _, events = imported(path)
    assert [at for at, e in events if isinstance(e, Bar)] == [
        START + i * MINUTE for i in range(1, 6)
    ]
    assert of(Bar, events)[4].close == 105.0


def test_every_container_and_layout_tells_the_same(tmp_path: Path) -> None:
    rows = prices(50)
    plain = write_csv(tmp_path / f"{BAR_NAME}.csv", rows)
    expected = imported(plain)[1]
    packed = tmp_path / f"{BAR_NAME}.csv.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    zipped = tmp_path / f"{BAR_NAME}.zip"
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("a.csv", csv_of(rows[:30]))
        out.writestr("b.csv", csv_of(rows[25:]))  # overlaps with equal bars
    mixed = write_csv(
        tmp_path / f"{BAR_NAME}_mixed.csv",
        [[c, v, o, low, h, ts] for ts, o, h, low, c, v in rows],
        "Close,Volume,Open,Low,High,Timestamp",
    )
    semicolons = tmp_path / f"{BAR_NAME}_s.csv"
    semicolons.write_text("\ufeff" + csv_of(rows).replace(",", ";"), encoding="utf-8")
    parquet = bars_parquet(tmp_path / f"{BAR_NAME}.parquet", rows)
    for path in (packed, zipped, mixed, semicolons, parquet):
        assert imported(path)[1] == expected, path.name


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("2025-05-04T15:00:00Z", "2025-05-04T15:01:00Z"),
        ("2025-05-04 15:00:00", "2025-05-04 15:01:00"),
        ("2025-05-04T17:00:00+02:00", "2025-05-04T17:01:00+02:00"),
        ("1746370800", "1746370860"),
        ("1746370800.0", "1746370860.000"),
        ("1746370800000000000", "1746370860000000000"),
    ],
)
def test_every_form_of_time(tmp_path: Path, first: str, second: str) -> None:
    rows = [[first, 1, 1, 1, 1], [second, 1, 1, 1, 1]]
    path = write_csv(tmp_path / f"{BAR_NAME}.csv", rows, "date,open,high,low,close")
    _, events = imported(path)
    assert [at for at, e in events if isinstance(e, Bar)] == [START + MINUTE, START + 2 * MINUTE]
    assert of(Bar, events)[0].volume is None


def test_whole_number_stamps_in_parquet(tmp_path: Path) -> None:
    columns = {name: [1.0, 1.0] for name in ("open", "high", "low", "close")}
    first = START // MILLISECOND
    path = tmp_path / f"{BAR_NAME}.parquet"
    write_parquet(path, {"open_time": [first, first + 60_000], **columns})
    assert len(of(Bar, imported(path)[1])) == 2


def test_unknown_volume_is_none(tmp_path: Path) -> None:
    rows = [[*row[:5], math.nan] for row in prices(3)]
    _, events = imported(bars_parquet(tmp_path / f"{BAR_NAME}.parquet", rows))
    assert {bar.volume for bar in of(Bar, events)} == {None}


# -- Gaps, repetitions, overlaps --------------------------------------------------------------


def test_missing_bars_are_a_gap_and_never_filled(tmp_path: Path) -> None:
    rows = prices(10)
    header, events = imported(write_csv(tmp_path / f"{BAR_NAME}.csv", rows[:4] + rows[7:]))
    assert len(of(Bar, events)) == 7
    gap = Gap(KEY, START + 4 * MINUTE, START + 7 * MINUTE, "3 bars missing")
    assert header.gaps == (gap,)
    assert (START + 7 * MINUTE, gap) in events  # told when the data comes back


def test_an_identical_repetition_is_dropped_and_counted(tmp_path: Path) -> None:
    rows = prices(5)
    header, events = imported(write_csv(tmp_path / f"{BAR_NAME}.csv", [*rows[:3], *rows[2:]]))
    assert len(of(Bar, events)) == 5
    assert any("given twice" in each and each.endswith(": 1") for each in header.notes)


def test_files_of_one_instrument_are_joined(tmp_path: Path) -> None:
    rows = prices(30)
    one = write_csv(tmp_path / f"{BAR_NAME}.csv", rows[:20])
    two = bars_parquet(tmp_path / f"{BAR_NAME}.parquet", rows[15:])
    header, events = imported(two, one)
    assert [bar.open for bar in of(Bar, events)] == [row[1] for row in rows]
    assert header.gaps == ()
    assert any("in two files" in each and each.endswith(": 5") for each in header.notes)


def test_one_file_fills_the_gap_of_another(tmp_path: Path) -> None:
    rows = prices(30)
    one = write_csv(tmp_path / f"{BAR_NAME}.csv", rows[:10] + rows[20:])
    two = write_csv(tmp_path / f"{BAR_NAME}_2.csv", rows[8:22])
    header, events = imported(one, two)
    assert header.gaps == ()
    assert len(of(Bar, events)) == 30


def test_files_that_differ_where_they_overlap_are_refused(tmp_path: Path) -> None:
    rows = prices(30)
    one = write_csv(tmp_path / f"{BAR_NAME}.csv", rows[:20])
    rows[17][5] = 8.0
    two = write_csv(tmp_path / f"{BAR_NAME}_2.csv", rows[15:])
    with pytest.raises(DataError, match=r"_2\.csv: row 4: column volume: 8\.0 differs .* row 19"):
        imported(one, two)


def test_files_of_different_intervals_are_refused(tmp_path: Path) -> None:
    one = write_csv(tmp_path / f"{BAR_NAME}.csv", prices(20))
    two = write_csv(tmp_path / f"{BAR_NAME}_5m.csv", prices(20, step=5 * MINUTE))
    with pytest.raises(DataError, match=r"bars of 300 s, but .* bars of 60 s"):
        imported(one, two)


def test_the_same_file_twice_is_read_once(tmp_path: Path) -> None:
    one = write_csv(tmp_path / f"{BAR_NAME}.csv", prices(5))
    two = write_csv(tmp_path / f"{BAR_NAME}_copy.csv", prices(5))
    header, events = imported(one, two)
    assert len(of(Bar, events)) == 5
    assert len(header.origins) == 1


def test_several_instruments_merge_in_time_order(tmp_path: Path) -> None:
    one = write_csv(tmp_path / f"{BAR_NAME}.csv", prices(20))
    two = write_csv(tmp_path / "binance_usdm_ETHUSDT_1m_x.csv", prices(9, START + 5 * MINUTE))
    header, events = imported(one, two)
    assert [at for at, _ in events] == sorted(at for at, _ in events)
    assert len(of(Listing, events)) == 1
    assert [each.contract.symbol for each in header.instruments] == ["BTCUSDT", "ETHUSDT"]


def test_only_the_time_asked_for(tmp_path: Path) -> None:
    path = write_csv(tmp_path / f"{BAR_NAME}.csv", prices(20))
    _, events = imported(path, start=START + 5 * MINUTE, end=START + 8 * MINUTE)
    assert [at for at, e in events if isinstance(e, Bar)] == [
        START + i * MINUTE for i in (5, 6, 7)
    ]
    assert isinstance(events[0][1], Listing)


# -- Instruments ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "key", "kind"),
    [
        ("binance_spot_ETHUSDT_5m_x.csv", "ETHUSDT@binance", Spot),
        ("binance_usdm_SOLUSDT_1m_x.csv", "SOLUSDT@binanceusdm", Perpetual),
        ("ftx_perp_BTC-PERP_1m_x.csv", "BTC-PERP@ftx", Perpetual),
        ("BTCUSD_PERP-1m-2024-08.csv", "BTCUSD_PERP@binancecoinm", Perpetual),
        ("spot/BTCUSDT-1m-2024-08.csv", "BTCUSDT@binance", Spot),
        ("futures/um/monthly/BTCUSDT-1m-2024-08.csv", "BTCUSDT@binanceusdm", Perpetual),
    ],
)
def test_names_tell_the_instrument(tmp_path: Path, name: str, key: str, kind: type) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    (instrument,) = imported(write_csv(path, prices(3)))[0].instruments
    assert instrument.contract.key == key
    assert isinstance(instrument, kind)


def test_an_archive_name_of_two_meanings_is_an_assumption(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "BTCUSDT-1m-2025-05.csv", prices(3))
    assert any("USD-M perpetual" in each for each in imported(path)[0].assumptions)


def test_a_stated_instrument_wins(tmp_path: Path) -> None:
    path = write_csv(tmp_path / f"{BAR_NAME}.csv", prices(3))
    header, _ = imported(path, instruments=("BTC-PERPETUAL",))
    assert header.instruments[0].contract.key == "BTC-PERPETUAL@deribit"
    assert header.instruments[0].contract.payoff is Payoff.INVERSE


def test_a_stated_contract(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "mine.csv", prices(3))
    text = "symbol=XRPUSDT,venue=here,base=XRP,quote=USDT,tick=0.0001,lot=0.1,kind=spot"
    contract = parse_contract(text)
    header, _ = imported(path, instruments=("XRPUSDT@here",), contracts=(contract,))
    assert header.instruments == (contract,)
    assert isinstance(contract, Spot)


@pytest.mark.parametrize(
    "text",
    [
        "symbol=XRPUSDT",
        "symbol=X,venue=h,base=X,quote=U,tick=0,lot=1",
        "symbol=X,venue=h,base=X,quote=U,tick=one,lot=1",
        "symbol=X,venue=h,base=X,quote=U,tick=1,lot=nan",
        "symbol=X,venue=h,base=X,quote=U,tick=1,lot=1,payoff=round",
        "symbol=X,venue=h,base=X,quote=U,tick=1,lot=1,kind=swap",
        "symbol=X,venue=h,base=X,quote=U,tick=1,lot=1,colour=red",
    ],
)
def test_a_contract_stated_wrongly_is_refused(text: str) -> None:
    with pytest.raises(DataError, match="--contract"):
        parse_contract(text)


@pytest.mark.parametrize(
    ("name", "options", "why"),
    [
        ("mine.csv", {}, "--instrument"),
        ("binance_usdm_DOGEUSDT_1m_x.csv", {}, r"'DOGEUSDT' at 'binanceusdm'.*--contract symbol="),
        ("mine.csv", {"instruments": ("BTCUSDT",)}, "listed at binance, binanceusdm, bybit"),
        ("mine.csv", {"instruments": ("BTCUSDT@moon",)}, "known venues: binance,"),
        ("mine.csv", {"instruments": ("A", "B")}, "2 instruments for 1 files"),
    ],
)
def test_an_unknown_instrument_is_refused(
    tmp_path: Path, name: str, options: dict[str, tuple[str, ...]], why: str
) -> None:
    with pytest.raises(DataError, match=why) as caught:
        imported(write_csv(tmp_path / name, prices(3)), **options)
    assert len(options.get("instruments", ())) == 2 or name in str(caught.value)


def test_ftx_volume_is_turned_into_coins(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "ftx_perp_BTC-PERP_1m_x.csv", prices(3))
    assert of(Bar, imported(path)[1])[0].volume == pytest.approx(7.0 / 101.0)
