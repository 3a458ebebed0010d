"""Where the forward and the volatility of an option come from."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest

from terminal.core.units import DAY, HOUR, SECOND
from terminal.market.state import apply
from terminal.model.greeks import Sensitivity
from terminal.model.instrument import Option, Right
from terminal.model.market import AssumedVol, Index
from terminal.model.messages import MarketEvent
from terminal.pricing.black import price
from terminal.pricing.carry import parse_expiry
from tests.unit.portfolio.books import (
    AGE,
    EVERYTHING,
    EXPIRY,
    NOW,
    SPOT,
    contract,
    inverse_future,
    ledger_of,
    linear_perp,
    looked_at,
    market_of,
    option,
    quote,
    row_of,
    seen_by,
)


def test_a_listed_option_shows_the_venues_greeks() -> None:
    expiry, now = parse_expiry("27SEP24"), 1_699_593_511_632_000_000
    listed = option("40000", expiry=expiry)
    spot_then, forward = 36_707.05, 39_165.86
    tick = quote(listed, mark=0.2169, iv=0.6086, forward=forward)
    market = market_of(Index("BTC", spot_then), tick, at=now, listed=(listed,))
    row = row_of(looked_at(market, ledger_of((listed, "10", "0.2"), cash="-2"), now), listed)
    assert row.risk.delta == pytest.approx(5.9833, abs=2e-4)
    assert row.risk.delta_net_of_premium == pytest.approx(5.9833 - 2.169, abs=2e-4)
    in_forward_dollars = forward / spot_then
    assert row.risk.vega_usd * in_forward_dollars == pytest.approx(1423.0124, rel=1e-5)
    assert row.risk.theta_usd_day * in_forward_dollars == pytest.approx(-134.441, rel=1e-4)
    assert row.risk.value_usd == pytest.approx(2.169 * spot_then)
    assert (row.mark, row.iv, row.flag) == (0.2169, 0.6086, "")


# -- Where forward and volatility come from -----------------------------------------------------


def vol_and_flag(*events: MarketEvent, settle: str = "BTC", later: int = 0) -> tuple[object, ...]:
    held = option("60000", settle=settle)
    market = market_of(*events, listed=(*EVERYTHING, held))
    looked = looked_at(market, ledger_of((held, "1", "0.05")), NOW + later)
    exposure = looked.exposure
    row = row_of(looked, held)
    return row.iv, row.flag, exposure.usable


@pytest.mark.parametrize("settle", ["BTC", "USDC"])
@pytest.mark.parametrize("source", ["mark", "mid"])
def test_volatility_is_implied_when_the_quote_names_none(settle: str, source: str) -> None:
    held = option("60000", settle=settle)
    years = (EXPIRY - NOW) / (365 * DAY)
    worth = float(price(60_600.0, 60_000.0, years, 0.55, 1.0))
    worth /= 60_600.0 if settle == "BTC" else 1.0
    marked = quote(held, forward=60_600.0, mark=worth)
    two_sided = quote(held, forward=60_600.0, bid=worth * 0.9, ask=worth * 1.1)
    vol, flag, usable = vol_and_flag(marked if source == "mark" else two_sided, settle=settle)
    assert vol == pytest.approx(0.55, rel=1e-9)
    assert flag == f"vol implied from {source}"
    assert usable


def test_a_price_without_time_value_leaves_no_volatility() -> None:
    held = option("60000", settle="USDC")
    tick = quote(held, mark=600.0, forward=60_600.0)
    assert vol_and_flag(tick, settle="USDC") == (None, "vol implied from mark", True)
    market = market_of(tick, listed=(*EVERYTHING, held))
    row = row_of(looked_at(market, ledger_of((held, "1", "500"))), held)
    assert row.risk.delta == pytest.approx(60_600 / SPOT)
    assert (row.mark, row.risk.gamma, row.risk.vega_usd) == (600.0, 0.0, 0.0)


def test_forward_falls_back_to_the_future_and_then_to_spot() -> None:
    held = option("60000")
    bare = quote(held, iv=0.5)
    assert vol_and_flag(bare) == (0.5, "no forward: spot used", True)
    assert vol_and_flag(bare, quote(inverse_future(), mark=61_000.0)) == (0.5, "", True)
    market = market_of(bare, quote(inverse_future(), mark=61_000.0), listed=(*EVERYTHING, held))
    delta = seen_by(market, ledger_of((held, "1", "0.05"))).total.delta
    explicit = market_of(quote(held, iv=0.5, forward=61_000.0), listed=(*EVERYTHING, held))
    assert delta == seen_by(explicit, ledger_of((held, "1", "0.05"))).total.delta


def test_assumed_volatility_serves_what_has_no_quotes() -> None:
    key = option("60000").contract.key
    assert vol_and_flag(AssumedVol(key, 0.7))[:1] == (0.7,)
    flag = "assumed vol, no forward: spot used"
    assert vol_and_flag(AssumedVol(key, 0.7), later=DAY) == (0.7, flag, True)
    assert vol_and_flag(AssumedVol(key, 12.0))[2] is False
    crossed = quote(option("60000"), bid=0.2, ask=0.1, iv=0.4)
    assert vol_and_flag(crossed, AssumedVol(key, 0.7)) == (0.7, flag, True)


@pytest.mark.parametrize(
    ("events", "flag"),
    [
        ([], "no volatility"),
        ([quote(option("60000"), bid=0.2, ask=0.1)], "no volatility, book is crossed"),
        ([quote(option("60000"), bid=0.01)], "no volatility, no price"),
        ([quote(option("60000"), mark=1.5)], "no volatility, its mark fits no volatility"),
    ],
)
def test_an_unknown_volatility_forbids_decisions(events: list[MarketEvent], flag: str) -> None:
    held = option("60000")
    market = market_of(*events, listed=(*EVERYTHING, held))
    looked = looked_at(market, ledger_of((held, "1", "0.05"), (linear_perp(), "1", "60000")))
    exposure = looked.exposure
    assert not exposure.usable
    row = row_of(looked, held)
    assert (row.risk, row.mark, row.iv) == (Sensitivity(), None, None)
    assert exposure.flag == f"{held.contract.symbol}: {flag}, no forward: spot used"
    assert exposure.total.delta == 1.0


def test_old_option_quotes_are_shown_but_not_decided_on() -> None:
    held = option("60000")
    fresh = quote(held, iv=0.5, forward=60_600.0)
    assert vol_and_flag(fresh, later=AGE) == (0.5, "", True)
    assert vol_and_flag(fresh, later=AGE + SECOND) == (0.5, "stale 31 s", False)


def test_an_expired_option_waits_frozen_at_its_last_forward() -> None:
    held = option("60000")
    ledger = ledger_of((held, "2", "0.05"), cash="0")
    market = market_of(quote(held, iv=0.5, forward=61_000.0, mark=0.9), listed=(held,))
    for level in (SPOT, 40_000.0):
        market = apply(market, Index("BTC", level), EXPIRY)
        looked = looked_at(market, ledger, EXPIRY + HOUR)
        exposure = looked.exposure
        row = row_of(looked, held)
        assert row.mark == pytest.approx(1_000 / 61_000)
        assert (row.risk.delta, row.risk.gamma, row.risk.theta_usd_day) == (2.0, 0.0, 0.0)
        assert row.flag == "expired, waiting for settlement"
        assert not exposure.usable  # its delta ended with it: nothing is decided on this one
        assert "expired, waiting for settlement" in exposure.flag


# -- Real quotes --------------------------------------------------------------------------------

CHAIN = (
    Path(__file__).parents[4]
    / "shared/data/options/deribit_chain_BTC_ETH_20251230_20260125.parquet"
)


@pytest.mark.skipif(not CHAIN.exists(), reason="../shared with recorded chains is not here")
def test_deltas_of_a_recorded_chain() -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    table = next(parquet.ParquetFile(CHAIN).iter_batches(1200)).to_pylist()
    first = [
        row
        for row in table
        if row["ts"] == table[0]["ts"]
        and row["currency"] == "BTC"
        and row["bid"]
        and row["ask"]
        and row["expiry"] - row["ts"] > dt.timedelta(days=2)
    ]
    now = int(table[0]["ts"].timestamp() * 1e9)
    held = {row["instrument"]: _listed(row) for row in first}
    ticks = [
        quote(
            held[row["instrument"]],
            iv=row["mark_iv"] / 100,
            forward=row["underlying_price"],
            mark=row["mark"] or None,
        )
        for row in first
    ]
    index = Index("BTC", first[0]["index_price"])
    market = market_of(index, *ticks, at=now, listed=tuple(held.values()))
    ledger = ledger_of(*[(each, "1", "0.01") for each in held.values()])
    looked = looked_at(market, ledger, now)
    deltas = {row.symbol: row.risk.delta for row in looked.rows if row.kind == "option"}
    errors = [abs(deltas[row["instrument"]] - row["delta"]) for row in first]
    assert len(errors) > 200
    # One stamp stands for rows read over some seconds, so a few forwards have moved on.
    assert sum(error < 1e-3 for error in errors) > 0.98 * len(errors)
    assert max(errors) < 5e-3


def _listed(row: dict[str, object]) -> Option:
    stamp = row["expiry"].timestamp()  # type: ignore[attr-defined]
    right = Right.CALL if row["type"] == "C" else Right.PUT
    terms = contract(str(row["instrument"]), settle="BTC")
    return Option(terms, int(stamp * 1e9), Decimal(str(row["strike"])), right)
