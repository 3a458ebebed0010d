"""Exposures: rows sum to totals, every delta is a derivative, unknown is never zero."""

import operator
from decimal import Decimal
from functools import reduce

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import astuple, replace

from terminal.core.units import DAY
from terminal.market.state import Market, apply
from terminal.model.account import Position
from terminal.model.greeks import Exposure, Sensitivity
from terminal.model.instrument import Instrument, Option
from terminal.model.market import Index
from terminal.model.messages import Listing, MarketEvent
from terminal.portfolio.books import Books, refreshed
from terminal.portfolio.ledger import Ledger, book_fill
from terminal.portfolio.option_inputs import Scene
from terminal.portfolio.option_prices import option_rows, option_totals
from terminal.portfolio.option_sheet import refreshed_sheet
from terminal.portfolio.rows import ladder
from terminal.pricing.engines import NUMPY
from terminal.pricing.position_greeks import (
    OptionTerms,
    Sensitivities,
    coin_settled_option,
    inverse_perpetual,
    linear_perpetual,
    usd_settled_option,
)
from tests.unit.portfolio.books import (
    CALLS,
    EVERYTHING,
    EXPIRY,
    NOW,
    PUTS,
    SPOT,
    fill,
    inverse_future,
    inverse_perp,
    ledger_of,
    linear_future,
    linear_perp,
    looked_at,
    market_of,
    quote,
    quotes,
    row_of,
    seen_by,
    spot,
)

sizes = st.decimals("-50", "50", places=2).filter(lambda qty: qty != 0)
books = st.lists(
    st.tuples(st.sampled_from(EVERYTHING), sizes, st.decimals("0.01", "70000", places=2)),
    max_size=25,
)


@settings(max_examples=60, deadline=None)
@given(books, st.decimals("-5", "5", places=3))
def test_rows_sum_to_the_total(
    held: list[tuple[Instrument, Decimal, Decimal]], cash: Decimal
) -> None:
    ledger = ledger_of(*((each, str(qty), str(entry)) for each, qty, entry in held), cash=str(cash))
    looked = looked_at(market_of(*quotes()), ledger)
    exposure = looked.exposure
    risks = [row.risk for row in looked.rows]
    summed = reduce(operator.add, risks, Sensitivity())
    if len(risks) < 8:
        assert summed == exposure.total  # to the digit
    assert astuple(summed) == pytest.approx(astuple(exposure.total), rel=1e-10, abs=1e-7)
    parts = exposure.option_delta + exposure.hedge_delta
    assert parts == pytest.approx(exposure.total.delta, abs=1e-9)
    steps = ladder("BTC", looked.rows)
    by_expiry = reduce(operator.add, (each.risk for each in steps), Sensitivity())
    assert astuple(by_expiry) == pytest.approx(astuple(exposure.total), rel=1e-9, abs=1e-6)
    assert sum(each.positions for each in steps) == len(looked.rows)
    assert exposure.usable
    assert exposure.flag == ""


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.sampled_from((*CALLS, *PUTS)), sizes), min_size=1, max_size=20))
def test_one_by_one_and_all_at_once_are_the_same(held: list[tuple[Option, Decimal]]) -> None:
    unknown, marked = quote(CALLS[0], bid=0.01), quote(CALLS[1], mark=0.2, iv=0.5, forward=SPOT)
    market = market_of(*quotes(), unknown, marked)
    ledger = ledger_of(*[(each, str(qty), "0.05") for each, qty in held])
    all_books = refreshed(Books(), market.instruments, ledger)
    book = all_books.by_underlying.get("BTC")
    if book is None:
        return  # the trades cancelled out
    whole = replace(NUMPY, name="whole books only")  # an engine that takes few as arrays too
    alone = refreshed_sheet(None, Scene(market, all_books, "BTC", SPOT, NOW, NUMPY), book)
    sheet = refreshed_sheet(None, Scene(market, all_books, "BTC", SPOT, NOW, whole), book)
    assert sheet.columns is not None
    alone = replace(alone, columns=None)
    few, many = (option_rows(each, SPOT, NUMPY) for each in (alone, sheet))
    for one, same in zip(few, many, strict=True):
        assert one == pytest.approx(same, rel=1e-11, abs=1e-12)
    total, at_once = (option_totals(each, SPOT, NUMPY)[:9] for each in (alone, sheet))
    assert total == pytest.approx(at_once, rel=1e-9, abs=1e-7)


BOOKS: dict[str, tuple[Instrument, str, str]] = {
    "inverse perpetual": (inverse_perp(), "-5000", "52000"),
    "linear perpetual": (linear_perp(), "-3", "52000"),
    "coin option": (CALLS[8], "4", "0.03"),
    "USD option": (PUTS[4], "4", "900"),
    "spot": (spot(), "1.5", "52000"),
    "inverse future": (inverse_future(), "4000", "55000"),
    "linear future": (linear_future(), "-2", "55000"),
}


def moved_to(price_now: float) -> Market:
    """The quotes of before and an index that moved; marks of futures keep their basis."""
    market = market_of(*quotes())
    futures = [linear_future(), inverse_future()]
    marks = [quote(each, mark=60_600.0 * price_now / SPOT) for each in futures]
    events: list[MarketEvent] = [Index("BTC", price_now), *marks]
    for event in events:
        market = apply(market, event, NOW)
    return market


def dollars(ledger: Ledger, exposure: Exposure) -> float:
    return exposure.total.value_usd + float(ledger.cash.get("USDC", Decimal(0)))


@pytest.mark.parametrize("names", [[name] for name in BOOKS] + [list(BOOKS)])
def test_delta_with_equity_is_the_derivative_of_everything_in_usd(names: list[str]) -> None:
    ledger = ledger_of(*(BOOKS[name] for name in names), cash="2.5")
    here = seen_by(market_of(*quotes()), ledger)
    up, down = (dollars(ledger, seen_by(moved_to(SPOT + step), ledger)) for step in (1.0, -1.0))
    assert (up - down) / 2 == pytest.approx(here.total.delta_with_equity, rel=1e-7)
    gamma = up - 2 * dollars(ledger, here) + down
    assert gamma == pytest.approx(here.total.gamma, abs=2e-7)
    assert here.total.gamma_1pct_usd == pytest.approx(here.total.gamma * SPOT**2 / 100)
    assert here.total.delta_usd == pytest.approx(here.total.delta * SPOT)


@pytest.mark.parametrize("name", ["inverse perpetual", "coin option", "inverse future"])
def test_delta_net_of_premium_is_the_derivative_in_coin(name: str) -> None:
    ledger = ledger_of(BOOKS[name], cash="2.5")
    here = seen_by(market_of(*quotes()), ledger).total

    def coins_at(level: float) -> float:
        return seen_by(moved_to(level), ledger).total.value_usd / level

    slope = (coins_at(SPOT + 1.0) - coins_at(SPOT - 1.0)) / 2 * SPOT
    assert slope == pytest.approx(here.delta_net_of_premium, rel=1e-7)


@pytest.mark.parametrize("name", ["linear perpetual", "spot"])
def test_what_was_paid_in_usd_is_a_debt_in_coin(name: str) -> None:
    ledger = ledger_of(BOOKS[name])
    ledger = replace(ledger, cash=book_fill(Ledger(), BOOKS[name][0], fill(*BOOKS[name])).cash)
    here = seen_by(market_of(*quotes()), ledger).total

    def coins_at(level: float) -> float:
        return dollars(ledger, seen_by(moved_to(level), ledger)) / level

    slope = (coins_at(SPOT + 1.0) - coins_at(SPOT - 1.0)) / 2 * SPOT
    assert slope == pytest.approx(here.delta_net_of_premium, rel=1e-6)


def test_the_four_deltas_of_every_kind() -> None:
    ledger = ledger_of(*BOOKS.values(), cash="2.5")
    looked = looked_at(market_of(*quotes()), ledger)
    exposure = looked.exposure
    inverse = row_of(looked, inverse_perp()).risk
    earned = -50_000 * (1 / 52_000 - 1 / SPOT)
    assert inverse.delta == inverse.delta_net_of_premium == pytest.approx(-50_000 / SPOT)
    assert inverse.delta_with_equity == pytest.approx(-50_000 / SPOT + earned)
    assert inverse.delta_usd == pytest.approx(-50_000)
    linear = row_of(looked, linear_perp()).risk
    assert linear.delta == linear.delta_with_equity == -3
    assert linear.delta_net_of_premium == pytest.approx(-3 + 3 * 8_000 / SPOT)
    coin = row_of(looked, CALLS[8])
    assert coin.mark is not None
    assert coin.risk.delta_net_of_premium == pytest.approx(coin.risk.delta - 4 * coin.mark)
    assert coin.risk.delta_with_equity == coin.risk.delta
    assert coin.upnl_usd == pytest.approx(4 * (coin.mark - 0.03) * SPOT)
    rest = next(row for row in looked.rows if row.kind == "collateral")
    assert (rest.qty, rest.coins) == (Decimal("1.0"), 1.0)  # 2.5 held, 1.5 of them bought here
    assert rest.risk == Sensitivity(value_usd=SPOT, delta_with_equity=1.0)
    assert row_of(looked, spot()).upnl_usd == pytest.approx(1.5 * 8_000)
    assert row_of(looked, linear_future()).risk.delta == pytest.approx(-2 * 1.01)
    assert row_of(looked, inverse_future()).risk.delta == pytest.approx(40_000 / 60_600)
    assert exposure.working == 0.25


def test_rows_agree_with_the_formulas_of_the_pricing_floor() -> None:
    ledger = ledger_of(*BOOKS.values())
    looked = looked_at(market_of(*quotes()), ledger)
    years = (EXPIRY - NOW) / (365 * DAY)
    call = OptionTerms(60_600.0, 58_000.0, years, 0.48, 1.0)
    put = OptionTerms(60_600.0, 54_000.0, years, 0.64, -1.0)
    expected: dict[Instrument, Sensitivities] = {
        CALLS[8]: coin_settled_option(4.0, SPOT, call),
        PUTS[4]: usd_settled_option(4.0, SPOT, put),
        linear_perp(): linear_perpetual(-3.0, SPOT, 52_000.0),
        inverse_perp(): inverse_perpetual(-50_000.0, SPOT, 52_000.0),
    }
    for instrument, theirs in expected.items():
        risk = row_of(looked, instrument).risk
        assert risk.value_usd == pytest.approx(float(theirs.price_usd), rel=1e-12)
        for field in theirs._fields[2:]:
            ours = getattr(risk, field)
            assert ours == pytest.approx(float(getattr(theirs, field)), rel=1e-12), field


# -- What is missing ----------------------------------------------------------------------------


def test_without_an_index_nothing_is_usable() -> None:
    market = apply(Market(), Listing("sim", EVERYTHING), NOW)
    exposure = seen_by(market, ledger_of((linear_perp(), "1", "60000")))
    assert not exposure.usable
    assert exposure.spot is None
    assert exposure.working == 0.25
    assert exposure.flag == "BTC: no index price"


def test_a_perpetual_needs_only_the_index_and_a_future_its_mark() -> None:
    market = market_of()
    looked = looked_at(market, ledger_of((inverse_perp(), "1000", "50000")))
    exposure = looked.exposure
    assert exposure.usable
    assert row_of(looked, inverse_perp()).flag == "no mark: index used"
    looked = looked_at(market, ledger_of((linear_future(), "1", "50000")))
    exposure = looked.exposure
    assert not exposure.usable
    assert exposure.flag == f"{linear_future().contract.symbol}: no mark"


def test_a_position_of_unknown_terms_or_entry_is_no_zero() -> None:
    ledger = ledger_of((linear_perp(), "1", "60000"))
    strange = Position("X@sim", Decimal(1), Decimal(5))
    exposure = seen_by(
        market_of(), replace(ledger, positions={**ledger.positions, "X@sim": strange})
    )
    assert not exposure.usable
    assert exposure.flag == "X@sim: terms are not listed"
    free = Position(inverse_perp().contract.key, Decimal(1), Decimal(0))
    exposure = seen_by(market_of(), Ledger(positions={free.key: free}))
    assert not exposure.usable
    assert exposure.flag == "BTC-PERP: entry is unknown"


def test_sizes_beyond_any_number_do_not_cross_the_border() -> None:
    huge = Position(linear_perp().contract.key, Decimal("1e400"), Decimal(1))
    exposure = seen_by(market_of(), Ledger(positions={huge.key: huge}))
    assert not exposure.usable
    assert exposure.total == Sensitivity()


def test_closed_positions_and_other_coins_stay_out() -> None:
    other = linear_perp("ETH")
    ledger = ledger_of((linear_perp(), "1", "60000"), (other, "1", "3000"))
    ledger = book_fill(ledger, linear_perp(), fill(linear_perp(), "-1", "61000"))
    looked = looked_at(market_of(listed=(*EVERYTHING, other)), ledger)
    exposure = looked.exposure
    assert looked.rows == ()
    assert exposure.usable


def test_books_are_kept_until_positions_or_terms_change() -> None:
    market = market_of()
    ledger = ledger_of((linear_perp(), "1", "60000"))
    first = refreshed(Books(), market.instruments, ledger)
    moved = apply(market, Index("BTC", 1.0), NOW)
    assert refreshed(first, moved.instruments, replace(ledger, cash={})) is first
    traded = book_fill(ledger, linear_perp(), fill(linear_perp(), "1", "61000"))
    later = refreshed(first, market.instruments, traded)
    assert later.by_underlying["BTC"].futures[0].size == 2.0
    listed = apply(market, Listing("sim", ()), NOW)
    assert refreshed(first, listed.instruments, ledger).unlisted == (linear_perp().contract.key,)
