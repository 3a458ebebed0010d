"""Free collateral by settlement bucket, and every reason for which it is unknown."""

import math
from collections.abc import Mapping
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from terminal.core.units import HOUR
from terminal.market.state import Market, apply
from terminal.model.account import Position
from terminal.model.instrument import Contract, Future, Instrument, Option, Perpetual, Right
from terminal.model.market import Index, Quote
from terminal.model.messages import Listing
from terminal.portfolio.books import Books, refreshed
from terminal.portfolio.headroom import (
    Headroom,
    MarginUse,
    headroom,
    margin_use,
    nearest_liquidation,
)
from terminal.portfolio.ledger import Ledger
from terminal.portfolio.liquidation import Liquidation
from terminal.portfolio.option_inputs import Scene
from terminal.pricing.engines import NUMPY
from tests.helpers.builders import EXPIRY, NOW, contract, inverse_contract, quote

LINEAR = contract("BTC_USDC-PERP")
INVERSE = inverse_contract("BTC-PERP")
CALL = contract("BTC-60000-C", settle="BTC")
LISTED: tuple[Instrument, ...] = (
    Perpetual(LINEAR, 8 * HOUR),
    Perpetual(INVERSE, 8 * HOUR),
    Future(contract("BTC-FUT"), EXPIRY),
    Option(CALL, EXPIRY, Decimal(60_000), Right.CALL),
    Perpetual(contract("ETH_USDC-PERP", base="ETH"), 8 * HOUR),
)
CASH = {"USDC": Decimal(100_000), "BTC": Decimal(2)}


def market(*listed: Instrument) -> Market:
    made = apply(Market(), Listing("sim", listed or LISTED), NOW)
    made = apply(made, Index("BTC", 50_000.0), NOW)
    made = apply(made, Index("ETH", 3_000.0), NOW)
    for terms in (LINEAR, INVERSE):
        made = apply(made, quote(terms.key, mark=50_000.0), NOW)
    return apply(made, Quote(CALL.key, 0.02, 0.03, iv=0.6, forward=50_000.0), NOW)


Stated = Mapping[str, tuple[str, int]]


def found(
    terms: Contract = LINEAR, held: Stated | None = None, given: Market | None = None
) -> Headroom:
    """Headroom with positions of so many contracts at an entry."""
    positions = {
        key: Position(key, Decimal(qty), Decimal(entry))
        for key, (qty, entry) in (held or {}).items()
    }
    ledger = Ledger(cash=CASH, positions=positions)
    seen = given or market()
    books = refreshed(Books(), seen.instruments, ledger)
    return headroom(seen, ledger, books, terms, NOW)


def test_without_positions_the_whole_balance_is_free() -> None:
    assert found() == Headroom(0.02, 100_000.0)
    assert found(INVERSE) == Headroom(0.02, 100_000.0)  # two coins at 50,000


def test_a_position_takes_its_initial_margin_and_its_profit_counts() -> None:
    held = found(held={LINEAR.key: ("10", 49_000)})
    # 10 coins: 2 % + 10 x 0.005 % of 500,000 USD; profit 10,000
    assert held.free_usd == pytest.approx(100_000 + 10_000 - 500_000 * 0.0205)
    assert held.rate == pytest.approx(0.02 + 2 * 10 * 0.00005)


def test_buckets_are_not_netted() -> None:
    both = {INVERSE.key: ("-5000", 50_000)}  # 50,000 USD of inverse contracts: one coin
    assert found(held=both).free_usd == 100_000.0
    inverse = found(INVERSE, both)
    assert inverse.free_usd == pytest.approx(100_000.0 - 50_000.0 * (0.02 + 0.00005), rel=1e-6)


def test_a_short_option_takes_margin_from_the_coin_bucket() -> None:
    short = found(INVERSE, {CALL.key: ("-1", 0)})
    assert short.free_usd is not None
    assert 90_000.0 < short.free_usd < 100_000.0 - 0.1 * 50_000.0


@pytest.mark.parametrize(
    ("held", "why"),
    [
        ({"ETH_USDC-PERP@sim": ("1", 3_000)}, "ETH shares its margin by rules that are unknown"),
        ({LINEAR.key: ("1", 0)}, "BTC_USDC-PERP@sim has no price"),  # its entry is unknown
        ({"BTC-FUT@sim": ("1", 50_000)}, "BTC-FUT@sim has no price"),
    ],
)
def test_unknown_collateral_says_why(held: Stated, why: str) -> None:
    unknown = found(held=held)
    assert (unknown.free_usd, unknown.reason) == (None, why)
    assert unknown.rate is not None


def test_unknown_rules_and_prices() -> None:
    ether = contract("ETH_USDC-PERP", base="ETH")
    assert found(ether) == Headroom(None, None, "margin rules of ETH at sim unknown")
    assert found(contract("X", venue="moon")).reason == "margin rules of BTC at moon unknown"
    dark = replace(market(), index={})
    assert found(given=dark).rate is None


def test_two_venues_share_no_cash() -> None:
    other = Perpetual(contract("BTC-PERP", venue="deribit"), HOUR)
    both = apply(market(), Listing("deribit", (other,)), NOW)
    assert found(given=both) == Headroom(0.02, None, "the cash of each venue is not known")


def test_numbers_out_of_range_are_unknown_not_an_error() -> None:
    wild = market()
    odd = wild.quotes[LINEAR.key]
    quotes = {**wild.quotes, LINEAR.key: replace(odd, quote=replace(odd.quote, mark=1e308))}
    index = {"BTC": replace(wild.index["BTC"], price=1e-300)}
    held = {LINEAR.key: ("1", 50_000)}
    answer = found(held=held, given=replace(wild, quotes=quotes, index=index))
    assert answer.free_usd is None
    assert answer.reason.startswith("margin cannot be computed")


def use(
    held: Stated, distance: float, terms: Contract = LINEAR, given: Market | None = None
) -> MarginUse:
    return margin_use(*bucket(held, terms, given), terms, distance)


def bucket(held: Stated, terms: Contract, given: Market | None = None) -> tuple[Scene, Ledger]:
    positions = {
        key: Position(key, Decimal(qty), Decimal(entry)) for key, (qty, entry) in held.items()
    }
    ledger, seen = Ledger(cash=CASH, positions=positions), given or market()
    books = refreshed(Books(), seen.instruments, ledger)
    return Scene(seen, books, terms.base, 50_000.0, NOW, NUMPY), ledger


def distances(held: Stated, terms: Contract = LINEAR, vol: float = 0.5) -> Liquidation | str:
    return nearest_liquidation(*bucket(held, terms), terms, vol)


def test_nothing_held_uses_no_margin() -> None:
    assert use({}, 0.5) == MarginUse(0.0, 0.0)


@pytest.mark.parametrize("distance", [0.05, 0.15, 0.19, 0.20, 0.30])
def test_what_keeps_a_long_perpetual_alive_is_its_closed_form(distance: float) -> None:
    held = use({LINEAR.key: ("10", 50_000)}, distance)
    assert held.used == pytest.approx(500_000 * 0.0205 / 100_000)
    needed = 500_000 * (1.0 - distance) * (0.01 + 10 * 0.00005)
    left = 100_000 - 500_000 * distance
    assert held.missing_usd == pytest.approx(max(0.0, needed - left), abs=1e-6)


def test_a_bucket_without_a_balance_is_used_up() -> None:
    lost = use({LINEAR.key: ("10", 70_000)}, 0.05)
    assert lost.used == math.inf
    assert lost.missing_usd is not None
    assert lost.missing_usd > 100_000.0


def test_margin_use_is_unknown_where_the_rules_are() -> None:
    ether = contract("ETH_USDC-PERP", base="ETH")
    assert "rules of ETH" in use({}, 0.1, ether).reason
    unpriced = use({LINEAR.key: ("1", 50_000), "BTC-FUT@sim": ("1", 50_000)}, 0.1)
    assert unpriced.used is None
    assert "no price" in unpriced.reason


def test_liquidation_of_a_long_perpetual_is_its_closed_form() -> None:
    """100,000 + 10 (P - 50,000) = 10 P (1 % + 10 x 0.005 %)."""
    found = distances({LINEAR.key: ("10", 50_000)})
    assert isinstance(found, Liquidation)
    assert found.below is not None
    price = 40_000.0 / (1.0 - 0.0105)
    assert found.below.price == pytest.approx(price, rel=1e-9)
    assert found.below.move == pytest.approx(1.0 - price / 50_000.0)
    daily = 0.5 / math.sqrt(365.0)
    assert found.below.sigmas == pytest.approx(-math.log(price / 50_000.0) / daily)
    assert found.above is None


@given(st.integers(-30, 30).filter(bool), st.floats(0.2, 0.95))
def test_a_move_short_of_liquidation_needs_nothing_and_one_beyond_does(
    size: int, part: float
) -> None:
    held = {LINEAR.key: (str(size), 50_000)}
    found = distances(held)
    assert isinstance(found, Liquidation)
    side = found.below if size > 0 else found.above
    if side is None:  # its collateral pays for all of it
        assert size in (1, 2)
        assert use(held, 0.99).missing_usd == 0.0
        return
    assert use(held, min(part * side.move, 0.99)).missing_usd == 0.0
    if side.move < 0.9:
        assert (use(held, 1.05 * side.move).missing_usd or 0.0) > 0.0


def test_liquidation_is_unknown_where_the_rules_or_prices_are() -> None:
    ether = contract("ETH_USDC-PERP", base="ETH")
    assert "rules of ETH" in str(distances({}, ether))
    assert "no price" in str(distances({"BTC-FUT@sim": ("1", 50_000)}))
    assert "shares its margin" in str(distances({"ETH_USDC-PERP@sim": ("1", 3_000)}))
    assert "cannot be computed" in str(distances({}, vol=0.0))
