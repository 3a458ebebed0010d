"""Real recordings beside the repository, where they are present."""

import math
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from terminal.core.errors import DataError
from terminal.core.units import MINUTE, SECOND
from terminal.journal.importers.feed import Options
from terminal.journal.importers.session import import_files
from terminal.journal.tape import Header, Timed, read_tape
from terminal.journal.tape_writing import write_tape
from terminal.market.quality import flaw
from terminal.model.market import Bar, Depth, Funding, Gap, Index, Quote, Trade
from tests.unit.journal.importing import of

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"no recordings in {DATA}")


def imported(
    folder: Path, *names: str, end: int | None = None
) -> tuple[Header, list[Timed]]:
    paths = [path for name in names for path in sorted(DATA.glob(name))]
    if not paths:
        pytest.skip(f"{', '.join(names)} not among the recordings")
    each = import_files(paths, Options(end=end), lambda _part, _what: None)
    header = write_tape(folder / "real.tape", each.header, each.events)
    events = list(read_tape(folder / "real.tape"))
    assert [at for at, _ in events] == sorted(at for at, _ in events)
    return header, events


def test_a_month_of_three_perpetuals(tmp_path: Path) -> None:
    header, events = imported(tmp_path, "ohlcv_1m/*usdm*20250504*")
    bars = of(Bar, events)
    assert len(bars) == 3 * 42_267
    assert header.gaps == ()
    assert header.notes == ()
    assert {bar.span for bar in bars} == {MINUTE}


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("binance_spot_BTCUSDT_1m_20200521_20200620", 0),
        ("binance_spot_SOLUSDT_1m_20210402_20210514", 434),
        ("binance_spot_BTCUSDT_1m_20191015_20191215", 1_133),
    ],
)
def test_known_halts_are_gaps(tmp_path: Path, name: str, missing: int) -> None:
    header, events = imported(tmp_path, f"ohlcv_1m/{name}.parquet")
    assert sum((gap.end - gap.start) // MINUTE for gap in header.gaps) == missing
    assert header.gaps == tuple(of(Gap, events))


def test_every_file_of_bars_is_accepted() -> None:
    for path in sorted(DATA.glob("ohlcv_*/*.parquet")):
        each = import_files([path], Options(), lambda _part, _what: None)
        assert isinstance(next(each.events)[1], object), path.name


def test_a_chain_with_its_perpetuals_and_funding(tmp_path: Path) -> None:
    header, events = imported(
        tmp_path,
        "ohlcv_5m/*usdm*20251225*",
        "options/deribit_chain_BTC_ETH_20251230_20260125.parquet",
        "funding/funding_rates_dev.parquet",
    )
    quotes = of(Quote, events)
    assert len(quotes) == 134_904
    assert len(of(Bar, events)) == 3 * 9_216
    assert len(of(Index, events)) == 2 * 101
    assert header.gaps == ()
    assert not any(flaw(quote) for quote in quotes)
    assert sum(quote.bid is None for quote in quotes) == 6_511
    assert sum(quote.ask is None for quote in quotes) == 1_628
    assert all(quote.iv is not None and 0.1 < quote.iv < 1.4 for quote in quotes)


def test_golden_tickers(tmp_path: Path) -> None:
    _, events = imported(tmp_path, "options/deribit_option_ticker_golden_greeks_20190626.csv")
    quotes = of(Quote, events)
    assert len(quotes) == 37
    assert not any(flaw(quote) for quote in quotes)


AUGUST = 1_723_161_300 * SECOND  # 2024-08-08 23:55, under a minute into the recordings
LOGS = "l2_ticks/{}.rawws.gz"


@pytest.mark.parametrize(
    ("name", "end", "trades"),
    [
        ("binance_usdm_btcusdt_20230404", None, 2_197),
        ("hyperliquid_btcusd_20250126", None, None),
        ("binance_spot_btcusdt_20240808", AUGUST, None),
        ("binance_coinm_btcusd_perp_20240808", AUGUST, None),
        ("binance_usdm_btcusdt_20240808", AUGUST, None),
        ("binance_usdm_ethusdt_20240808", AUGUST, None),
        pytest.param("binance_spot_btcusdt_20240808", None, 9_757, marks=pytest.mark.slow),
        pytest.param("binance_coinm_btcusd_perp_20240808", None, 2_286, marks=pytest.mark.slow),
        pytest.param("binance_usdm_btcusdt_20240808", None, 21_313, marks=pytest.mark.slow),
        pytest.param("binance_usdm_ethusdt_20240808", None, 14_076, marks=pytest.mark.slow),
    ],
)
def test_a_recorded_log(tmp_path: Path, name: str, end: int | None, trades: int | None) -> None:
    header, events = imported(tmp_path, LOGS.format(name), end=end)
    assert header.gaps == ()  # the recordings have no break in their sequence
    depths = of(Depth, events)
    assert len(depths) > 20
    assert {len(side) for each in depths for side in (each.bids, each.asks)} == {10}
    assert all(each.bids[0][0] < each.asks[0][0] for each in depths)
    quotes = of(Quote, events)
    assert not any(flaw(quote) for quote in quotes)
    assert trades in (None, len(of(Trade, events)))
    index = of(Index, events)
    middle = quotes[-1]
    assert middle.bid is not None
    assert all(math.isclose(each.price, middle.bid, rel_tol=0.02) for each in index)


def test_the_book_agrees_with_the_ticker(tmp_path: Path) -> None:
    """Depth and best prices come over different streams; they describe one market."""
    _, events = imported(tmp_path, "l2_ticks/binance_usdm_btcusdt_20230404.rawws.gz")
    best: Quote | None = None
    far = total = 0
    for _, event in events:
        if isinstance(event, Quote):
            best = event
        elif isinstance(event, Depth) and best and best.bid:
            total += 1
            far += abs(event.bids[0][0] - best.bid) > 5e-4 * best.bid
    assert total > 500
    assert far == 0
    assert len(of(Funding, events)) > 0


def test_tardis_files(tmp_path: Path) -> None:
    header, events = imported(tmp_path, "l2_ticks/tardis_binance-futures_*")
    assert len(of(Quote, events)) == len(of(Trade, events)) == 9_999
    assert [each.rows for each in header.origins] == [9_999, 9_999]


def test_a_chain_cut_short_is_refused(tmp_path: Path) -> None:
    source = DATA / "options/deribit_chain_BTC_ETH_20251230_20260125.parquet"
    rows = pq.ParquetFile(source).metadata.num_rows
    assert rows == 134_904
    cut = tmp_path / source.name
    cut.write_bytes(source.read_bytes()[:1_000_000])
    with pytest.raises(DataError, match="cannot be read"):
        import_files([cut], Options(), lambda _part, _what: None)


def test_the_start_of_the_long_chain(tmp_path: Path) -> None:
    end = 1_774_224_000 * SECOND  # 2026-03-23
    name = "options/deribit_chain_BTC_ETH_20260316_20260531.parquet"
    quotes = of(Quote, imported(tmp_path, name, end=end)[1])
    assert len(quotes) > 40_000
    assert not any(flaw(quote) for quote in quotes)
