"""Options as hedges: bands met at a stated cost, Greeks as priced, and why there are none."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from terminal.core.units import DAY, YEAR
from terminal.hedging.baskets import (
    LEFT,
    REACH,
    Linear,
    Offered,
    Wanted,
    baskets,
    why_none,
)
from terminal.hedging.solver.problem import DELTA, GAMMA, VEGA
from terminal.model.greeks import DeltaKind
from terminal.model.hedge_with import BasketRow
from terminal.model.instrument import Option, Right
from terminal.model.market import Quote
from terminal.model.order import Side
from terminal.pricing.black_scalar import greeks_scalar
from tests.helpers.builders import NOW, SPOT, contract, quote

VOL = 0.6
NET = {DELTA: 1.0, GAMMA: -20_000.0, VEGA: -900.0}
PERPETUAL = Linear(
    contract=contract("BTC-PERP"), quote=quote("BTC-PERP@sim"), shown=(100.0, 100.0)
)


def offered(
    strike: int, right: Right = Right.CALL, days: int = 14, in_coin: bool = False, **more: Any
) -> Offered:
    """An option quoted 1 % around its Black-76 price."""
    symbol = f"BTC-{days}-{strike}-{right.value}"
    terms = contract(
        symbol,
        settle="BTC" if in_coin else "USDC",
        lot=Decimal("0.1"),
        min_qty=Decimal("0.1"),
        taker_bps=3.0,
    )
    sign = 1.0 if right is Right.CALL else -1.0
    price = greeks_scalar(SPOT, float(strike), days * DAY / YEAR, VOL, sign)[0]
    price = price / SPOT if in_coin else price
    quoted = Quote(terms.key, 0.99 * price, 1.01 * price, 20.0, 20.0, iv=VOL, forward=SPOT)
    fields: dict[str, Any] = {
        "option": Option(terms, NOW + days * DAY, Decimal(strike), right),
        "quote": quoted,
        "forward": SPOT,
        "vol": VOL,
    }
    return Offered(**fields | more)


CHAIN = tuple(
    offered(strike, right, days)
    for days in (14, 60)
    for strike in (45_000, 50_000, 55_000)
    for right in Right
)


def wanted(**more: Any) -> Wanted:
    fields: dict[str, Any] = {"net": NET, "low": -0.1, "high": 0.1, "spot": SPOT, "now": NOW}
    return Wanted(**fields | more)


def moved(row: BasketRow, chain: tuple[Offered, ...]) -> dict[str, float]:
    """Greeks that the orders of a basket add, priced one by one."""
    found = {DELTA: 0.0, GAMMA: 0.0, VEGA: 0.0}
    known = {each.option.contract.symbol: each.option for each in chain}
    for trade in row.trades:
        qty = float(trade.qty) * (1.0 if trade.side is Side.BUY else -1.0)
        option = known.get(trade.symbol)
        if option is None:
            found[DELTA] += qty
            continue
        years = (option.expiry - NOW) / YEAR
        sign = 1.0 if option.right is Right.CALL else -1.0
        _, delta, gamma, vega, _ = greeks_scalar(SPOT, float(option.strike), years, VOL, sign)
        found[DELTA] += qty * delta
        found[GAMMA] += qty * gamma * SPOT * SPOT / 100.0
        found[VEGA] += qty * vega / 100.0
    return found


def test_both_baskets_meet_their_bands() -> None:
    rows = baskets(wanted(), PERPETUAL, CHAIN)
    assert [row.name for row in rows] == ["Delta-gamma", "Delta-gamma-vega"]
    for row in rows:
        added = moved(row, CHAIN)
        assert -0.1 <= row.after[DELTA] <= 0.1
        for greek in tuple(row.before)[1:]:
            assert abs(row.after[greek]) <= LEFT * abs(NET[greek]) * (1.0 + 1e-9)
        for greek, value in row.after.items():
            assert value == pytest.approx(NET[greek] + added[greek], rel=1e-9, abs=1e-6)
        assert row.cost_usd is not None
        assert row.cost_usd > 0.0
    assert VEGA not in rows[0].before
    assert (rows[1].cost_usd or 0.0) >= (rows[0].cost_usd or 0.0) - 1e-9


def test_coin_and_dollar_options_cost_the_same_in_dollars() -> None:
    in_usd = baskets(wanted(), PERPETUAL, CHAIN)
    coined = tuple(
        offered(int(each.option.strike), each.option.right,
                (each.option.expiry - NOW) // DAY, in_coin=True)
        for each in CHAIN
    )  # fmt: skip
    in_coin = baskets(wanted(), PERPETUAL, coined)
    for one, other in zip(in_usd, in_coin, strict=True):
        assert one.cost_usd == pytest.approx(other.cost_usd, rel=1e-6)


@pytest.mark.parametrize(("strike", "capped"), [(50_000, False), (66_000, True)])
def test_the_cost_is_half_spread_capped_fee_and_a_book_that_thins_out(
    strike: int, capped: bool
) -> None:
    option = offered(strike)
    middle = 0.5 * ((option.quote.bid or 0.0) + (option.quote.ask or 0.0))
    wide = wanted(low=-100.0, high=100.0, net={DELTA: 0.0, GAMMA: -5_000.0, VEGA: 0.0})
    row = baskets(wide, PERPETUAL, (option,))[0]
    (trade,) = row.trades
    qty, half = float(trade.qty), 0.01 * middle
    fee = min(3e-4 * SPOT, 0.125 * middle)
    assert (fee < 3e-4 * SPOT) is capped
    assert row.cost_usd == pytest.approx(qty * (half + fee) + half * qty * qty / (2.0 * 20.0))


def test_a_coin_premium_moves_the_delta_net_of_premium() -> None:
    coined = (offered(50_000, in_coin=True),)
    plain = baskets(wanted(), PERPETUAL, coined)[0]
    adjusted = baskets(wanted(delta=DeltaKind.NET_OF_PREMIUM), PERPETUAL, coined)[0]
    bought = {each.symbol: each.qty for each in plain.trades}
    assert bought != {each.symbol: each.qty for each in adjusted.trades}


def test_a_band_out_of_reach_gives_the_nearest_and_says_so() -> None:
    big = wanted(net={DELTA: 0.0, GAMMA: -9e6, VEGA: 0.0})
    row = baskets(big, PERPETUAL, CHAIN)[0]
    assert row.reason.startswith("Gamma stays ")
    assert row.after[GAMMA] > -9e6
    for trade in row.trades:
        if trade.symbol != "BTC-PERP":
            assert trade.qty <= Decimal(REACH * 20.0)


def test_nothing_is_traded_inside_the_bands() -> None:
    calm = wanted(net={DELTA: 0.0, GAMMA: 0.0, VEGA: 0.0})
    row = baskets(calm, PERPETUAL, CHAIN)[0]
    assert (row.trades, row.cost_usd, row.reason) == ((), 0.0, "inside its bands already")


def test_a_perpetual_that_pays_longs_is_bought_at_a_lower_cost() -> None:
    short = wanted(net={DELTA: -1.0, GAMMA: -20_000.0, VEGA: 0.0})
    pays = Linear(
        contract=PERPETUAL.contract, quote=PERPETUAL.quote, shown=(100.0, 100.0), carry=1e-4
    )
    dear, cheap = (baskets(short, each, CHAIN)[0].cost_usd or 0.0 for each in (pays, PERPETUAL))
    assert dear >= cheap


@pytest.mark.parametrize(
    ("chain", "net", "why"),
    [
        ((), NET, "no option of this coin is quoted"),
        ((offered(50_000, days=0),), NET, "no option is quoted on both sides"),
        (
            (offered(50_000, quote=Quote("X", None, 900.0, 1.0, 1.0, iv=VOL, forward=SPOT)),),
            NET,
            "no option is quoted on both sides",
        ),
        (
            (offered(50_000, quote=Quote("X", 890.0, 900.0, iv=VOL, forward=SPOT)),),
            NET,
            "no option is quoted on both sides with its sizes",
        ),
        (CHAIN, {**NET, GAMMA: 0.0}, "no gamma to hedge"),
    ],
)
def test_why_there_are_none(chain: tuple[Offered, ...], net: dict[str, float], why: str) -> None:
    assert why_none(wanted(net=net), chain).startswith(why)


def test_no_sound_option_no_basket() -> None:
    assert baskets(wanted(), PERPETUAL, (offered(50_000, days=0),)) == ()
    assert why_none(wanted(), CHAIN) == ""


@settings(max_examples=15)
@given(
    st.floats(-3.0, 3.0), st.floats(-40_000.0, 40_000.0), st.floats(-2_000.0, 2_000.0)
)
def test_no_greek_ends_further_out_than_it_was(delta: float, gamma: float, vega: float) -> None:
    rows = baskets(wanted(net={DELTA: delta, GAMMA: gamma, VEGA: vega}), PERPETUAL, CHAIN)
    for row in rows:
        if row.reason in {"nothing cheaper meets the bands", "inside its bands already"}:
            for greek in tuple(row.before)[1:]:
                assert abs(row.after[greek]) <= LEFT * abs(row.before[greek]) + 1e-6
            assert -0.1 - 1e-9 <= row.after[DELTA] <= 0.1 + 1e-9
