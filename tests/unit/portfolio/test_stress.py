"""Named days: the table is what the recorded bars say, and the revaluation is the grid's."""

from datetime import UTC, datetime
from math import nan
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.portfolio.revaluation import Cash, Holdings, LinearLeg, OptionLeg
from terminal.portfolio.scenarios import Axes, scenario_grid
from terminal.portfolio.stress import STRESS_DAYS, StressDay, StressMove, stressed

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
recorded = pytest.mark.skipif(not DATA.exists(), reason="../shared with recorded bars is not here")

DAYS = {day.name: day for day in STRESS_DAYS}
BARS = {
    "First tariffs": ("binance_usdm_{}USDT_5m_20241231_20250914", "low", 2),
    "Tesla melt-up": ("binance_spot_{}USDT_5m_20210101_20210513", "high", 1),
    "Reserve melt-up": ("binance_usdm_{}USDT_5m_20241231_20250914", "high", 1),
}
INDEX = {
    "Yen carry unwind": ("2024-08-02", "2024-08-05"),
    "First tariffs": ("2025-02-01", "2025-02-02"),
    "Reserve melt-up": ("2025-03-01", "2025-03-02"),
}


@recorded
@pytest.mark.parametrize("coin", ["BTC", "ETH", "SOL"])
@pytest.mark.parametrize("name", BARS)
def test_measured_prices_are_those_of_the_bars(name: str, coin: str) -> None:
    file, extreme, length = BARS[name]
    start = datetime.fromisoformat(DAYS[name].date).replace(tzinfo=UTC)
    first = int(start.timestamp() * 1000)
    table = pq.read_table(
        DATA / "ohlcv_5m" / f"{file.format(coin)}.parquet", columns=["ts", "open", "high", "low"]
    )
    stamps = table["ts"].cast("int64").to_pylist()
    begin = stamps.index(first)
    bars = table.slice(begin, length * 288)
    assert bars["ts"].cast("int64").to_pylist()[-1] == first + (length * 288 - 1) * 300_000
    pick = min if extreme == "low" else max
    move = pick(bars[extreme].to_pylist()) / bars["open"].to_pylist()[0] - 1.0
    assert DAYS[name].moves[coin].spot == pytest.approx(move, abs=5e-5)
    assert DAYS[name].moves[coin].spot_measured


@recorded
@pytest.mark.parametrize("name", INDEX)
def test_measured_volatility_is_that_of_the_index(name: str) -> None:
    rows = pq.read_table(DATA / "vol_index/deribit_DVOL_BTC_1d_20230101_20250630.parquet")
    dvol = {str(row["ts"])[:10]: row["dvol"] for row in rows.to_pylist()}
    before, after = INDEX[name]
    move = DAYS[name].moves["BTC"]
    assert move.vol == pytest.approx(dvol[after] / dvol[before] - 1.0, abs=5e-4)
    assert move.vol_measured


def test_nothing_claims_to_be_measured_that_is_not_checked_here() -> None:
    for day in STRESS_DAYS:
        for coin, move in day.moves.items():
            assert move.spot_measured == (day.name in BARS)
            assert move.vol_measured == (day.name in INDEX and coin == "BTC")
        unmeasured = any(
            not (move.spot_measured and (move.vol_measured or coin != "BTC"))
            for coin, move in day.moves.items()
        )
        assert ("not measured" in day.source) == unmeasured


def test_the_days_that_a_desk_remembers_are_there() -> None:
    dates = {day.date for day in STRESS_DAYS}
    assert {"2020-03-12", "2021-05-19", "2022-11-08", "2024-08-05", "2025-10-10"} <= dates
    assert any(day.moves["BTC"].spot > 0.15 for day in STRESS_DAYS)
    assert len(DAYS) == len(STRESS_DAYS)


@given(
    st.floats(-10.0, 10.0),
    st.floats(-3.0, 3.0),
    st.sampled_from([1.0, -1.0]),
    st.sampled_from(["BTC", "ETH", "SOL"]),
)
def test_a_day_is_a_cell_of_a_grid(options: float, coins: float, sign: float, coin: str) -> None:
    holdings = Holdings(
        60_000.0,
        (OptionLeg(options, 62_000.0, 0.05, 0.7, sign, in_coin=True),),
        (LinearLeg(-coins, 58_000.0),),
        Cash(coins=coins),
    )
    for result in stressed(holdings, coin):
        move = result.day.moves.get(coin)
        assert result.move is move
        if move is None:
            assert (result.pnl_usd, result.pnl_coin, result.delta) == (None, None, None)
            continue
        grid = scenario_grid(holdings, Axes((move.spot,), (move.vol,), (0.0,)))
        assert result.pnl_usd == pytest.approx(grid.pnl_usd[0, 0, 0], rel=1e-12, abs=1e-6)
        assert result.pnl_coin == pytest.approx(grid.pnl_coin[0, 0, 0], rel=1e-12, abs=1e-10)
        assert result.delta == pytest.approx(grid.delta[0, 0, 0], rel=1e-12, abs=1e-12)


def test_a_coin_that_did_not_trade_has_no_number() -> None:
    results = stressed(Holdings(150.0, (), (LinearLeg(1.0),)), "SOL")
    known = {each.day.name: each.pnl_usd for each in results}
    assert known["Black Thursday"] is None
    assert known["Tariff cascade"] == pytest.approx(-54.0)
    assert all(each.pnl_usd is None for each in stressed(Holdings(1.0), "DOGE"))
    assert stressed(Holdings(1.0), "BTC", ()) == ()


def test_moves_that_are_not_possible() -> None:
    with pytest.raises(ValueError, match=r"StressMove\.spot"):
        StressMove(-1.0, 0.0)
    with pytest.raises(ValueError, match=r"StressMove\.vol"):
        StressMove(0.0, -1.5)
    with pytest.raises(ValueError, match=r"StressMove\.vol"):
        StressMove(0.0, nan)
    with pytest.raises(TypeError, match=r"StressMove\.spot"):
        StressMove("-0.5", 0.0)  # type: ignore[arg-type]
    own = StressDay("own", "2030-01-01", "a what-if", {"BTC": StressMove(-0.1, 0.0)})
    (result,) = stressed(Holdings(100.0, cash=Cash(coins=1.0)), "BTC", [own])
    assert result.pnl_usd == pytest.approx(-10.0)
