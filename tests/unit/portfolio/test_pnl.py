"""P&L: buckets sum to the total, the total is the change of equity, unknown is None."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from terminal.core.units import DAY
from terminal.market.state import Market, apply
from terminal.model.account import AccountSnapshot, Balance, FundingPaid
from terminal.model.instrument import Instrument
from terminal.model.market import AssumedVol, Index, Quote
from terminal.model.messages import Listing, MarketEvent
from terminal.portfolio.books import Books, refreshed
from terminal.portfolio.exposure import Lens, Survey, survey
from terminal.portfolio.ledger import Ledger, adopt, book_fill, book_funding, settle
from terminal.portfolio.pnl import Opening, Result, equity, flows_since, opened, result
from terminal.portfolio.rows import itemised
from terminal.pricing.engines import NUMPY
from tests.unit.portfolio.books import (
    EXPIRY,
    NOW,
    fill,
    inverse_perp,
    linear_future,
    linear_perp,
    option,
    spot,
)

COIN_CALL, USD_CALL = option(), option(settle="USDC")
HELD: tuple[Instrument, ...] = (
    COIN_CALL,
    USD_CALL,
    linear_perp(),
    inverse_perp(),
    linear_future(),
    spot(),
)
SNAPSHOT = AccountSnapshot(
    "sim", (), (Balance("BTC", Decimal(4)), Balance("USDC", Decimal(50_000)))
)


def market_at(price: float, vol: float = 0.5, basis: float = 1.01) -> Market:
    market = apply(Market(), Listing("sim", HELD), NOW)
    events: list[MarketEvent] = [
        Index("BTC", price),
        Quote(linear_perp().contract.key, None, None, mark=price * 1.0002),
        Quote(inverse_perp().contract.key, None, None, mark=price * 0.9999),
        Quote(linear_future().contract.key, None, None, mark=price * basis),
        AssumedVol(COIN_CALL.contract.key, vol),
        AssumedVol(USD_CALL.contract.key, vol),
    ]
    for event in events:
        market = apply(market, event, NOW)
    return market


def books_of(ledger: Ledger, market: Market) -> Books:
    return refreshed(Books(), market.instruments, ledger)


def looked(ledger: Ledger, market: Market, now: int = NOW) -> Survey:
    books = books_of(ledger, market)
    lens = Lens(underlyings=["BTC"], now=now, working={}, greeks_age=DAY, engine=NUMPY)
    return survey(market, ledger, books, lens, {})


def opened_at(ledger: Ledger, market: Market, now: int = NOW) -> Opening | None:
    return opened(ledger, books_of(ledger, market), looked(ledger, market, now).exposures)


def result_of(ledger: Ledger, market: Market, opening: Opening, now: int = NOW) -> Result:
    found, books = looked(ledger, market, now).exposures, books_of(ledger, market)
    flows = flows_since(opening, ledger)
    split = result(flows, books, found)
    near = pytest.approx(split.equity, rel=1e-12) if split.equity is not None else None
    assert equity(flows, books, found) == near
    return split


def start(price: float = 60_000.0) -> tuple[Ledger, Opening]:
    """A funded account that holds one of everything, opened at ``price``."""
    ledger, _ = adopt(Ledger(), SNAPSHOT)
    entries: dict[Instrument, str] = {COIN_CALL: "0.05", USD_CALL: "3000"}
    for each in HELD:
        ledger = book_fill(ledger, each, fill(each, "1", entries.get(each, "59000")))
    opening = opened_at(ledger, market_at(price))
    assert opening is not None
    return ledger, opening


def known(outcome: Result) -> tuple[float, float]:
    assert outcome.total is not None
    assert outcome.equity is not None
    return outcome.total, outcome.equity


trades = st.tuples(
    st.sampled_from(HELD),
    st.decimals("-30", "30", places=2).filter(lambda qty: qty != 0),
    st.decimals("0.01", "70000", places=2),
    st.decimals("-1", "1", places=5),
    st.sampled_from(["BTC", "USDC"]),
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(trades, max_size=8),
    st.floats(20_000, 120_000),
    st.decimals("-100", "100", places=4),
)
def test_buckets_sum_to_the_total_which_is_the_change_of_equity(
    rows: list[tuple[Instrument, Decimal, Decimal, Decimal, str]], price: float, paid: Decimal
) -> None:
    ledger, opening = start()
    for number, (each, qty, deal, fee, currency) in enumerate(rows):
        made = fill(each, qty, deal, fee=str(fee), fee_currency=currency, fill_id=f"x{number}")
        ledger = book_fill(ledger, each, made)
    ledger = book_funding(ledger, FundingPaid("any", paid, "USDC", 0.0))
    ledger, _ = adopt(
        ledger,
        AccountSnapshot(
            "sim",
            tuple(ledger.positions.values()),
            (Balance("BTC", ledger.cash["BTC"]), Balance("USDC", ledger.cash["USDC"] + 7)),
        ),
    )
    outcome = result_of(ledger, market_at(price, 0.7), opening)
    total, worth = known(outcome)
    assert sum(outcome.buckets.values()) == total
    assert total == pytest.approx(worth - opening.equity, rel=1e-9, abs=1e-3)
    assert outcome.buckets["funding"] == float(paid)
    assert outcome.buckets["corrections"] == pytest.approx(7.0)


def test_equity_from_first_principles() -> None:
    ledger, opening = start()
    view = looked(ledger, market_at(60_000.0)).views["BTC"]
    assert view is not None
    marks = {row.key: row.mark for row in itemised(view)}
    coin, usd = (marks[each.contract.key] for each in (COIN_CALL, USD_CALL))
    assert coin is not None
    assert usd is not None
    coins = 4 + 1 - 0.05 + coin + 10 * (1 / 59_000 - 1 / (60_000 * 0.9999))
    cash = 50_000 - 59_000 - 3_000 + usd
    gains = (60_000 * 1.0002 - 59_000) + (60_000 * 1.01 - 59_000)
    assert opening.equity == pytest.approx(coins * 60_000 + cash + gains, rel=1e-12)


def test_each_cause_lands_in_its_bucket() -> None:
    ledger, opening = start()
    ledger = book_funding(ledger, FundingPaid("p", Decimal("0.001"), "BTC", 0.0))
    perp = linear_perp()
    ledger = book_fill(ledger, perp, fill(perp, "-1", "61000", fee="30.5", fill_id="out"))
    outcome = result_of(ledger, market_at(66_000.0), opening)
    buckets = outcome.buckets
    assert list(buckets) == [
        "options",
        "perpetuals",
        "futures",
        "spot",
        "collateral",
        "funding",
        "fees",
        "corrections",
    ]
    assert buckets["collateral"] == pytest.approx((4 + 1 - 0.05) * 6_000)
    assert buckets["spot"] == 0.0  # bought before the opening: its coins are collateral since
    assert buckets["futures"] == pytest.approx(6_000 * 1.01)
    assert buckets["funding"] == pytest.approx(0.001 * 66_000)
    assert buckets["fees"] == pytest.approx(-30.5)
    inverse = 66_000 * 10 * (1 / 59_000 - 1 / (66_000 * 0.9999))
    before = 60_000 * 10 * (1 / 59_000 - 1 / (60_000 * 0.9999))
    linear = 2_000 - (60_000 * 1.0002 - 59_000)
    assert buckets["perpetuals"] == pytest.approx(inverse - before + linear)
    assert buckets["options"] > 0.0


def test_coins_bought_after_the_opening_are_spot_profit() -> None:
    ledger, opening = start()
    ledger = book_fill(ledger, spot(), fill(spot(), "2", "60000", fill_id="more"))
    outcome = result_of(ledger, market_at(63_000.0), opening)
    assert outcome.buckets["spot"] == pytest.approx(2 * 3_000)


def test_settlement_keeps_the_profit() -> None:
    ledger, opening = start()
    late = market_at(70_000.0, basis=1.0)  # at expiry forward and index are one
    before = result_of(ledger, late, opening, EXPIRY)
    for each in (COIN_CALL, USD_CALL):
        ledger = settle(ledger, each, Decimal(70_000))
    delisted = replace(
        late, instruments={k: v for k, v in late.instruments.items() if "-C@" not in k}
    )
    after = result_of(ledger, delisted, opening, EXPIRY)
    assert known(after)[0] == pytest.approx(known(before)[0])
    assert after.buckets["options"] == pytest.approx(before.buckets["options"])


def test_nothing_is_opened_before_the_account_is_known_and_priced() -> None:
    market = market_at(60_000.0)
    assert opened_at(Ledger(), market) is None
    ledger, _ = start()
    blind = replace(market, assumed={})
    assert opened_at(ledger, blind) is None


def test_what_has_no_price_makes_the_result_unknown() -> None:
    ledger, opening = start()
    market = market_at(60_000.0)
    strange = replace(ledger.positions[USD_CALL.contract.key], key="X@sim")
    cases = {
        COIN_CALL.contract.symbol: (ledger, replace(market, assumed={})),
        "price of BTC": (ledger, replace(market, index={})),
        "price of BNB": (replace(ledger, cash={**ledger.cash, "BNB": Decimal(1)}), market),
        "X@sim": (replace(ledger, positions={**ledger.positions, "X@sim": strange}), market),
        "value of BTC": (replace(ledger, cash={}), replace(market, index={})),
    }
    for name, (book, seen) in cases.items():
        outcome = result_of(book, seen, opening)
        assert (outcome.total, outcome.equity, outcome.buckets) == (None, None, {})
        assert name in outcome.missing
