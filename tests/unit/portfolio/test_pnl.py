"""Worth of the account: from first principles, and unknown while something has no price."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from terminal.core.units import DAY
from terminal.market.state import Market, apply
from terminal.model.account import AccountSnapshot, Balance
from terminal.model.instrument import Instrument
from terminal.model.market import AssumedVol, Index, Quote
from terminal.model.messages import Listing, MarketEvent
from terminal.portfolio.books import Books, refreshed
from terminal.portfolio.exposure import Lens, Survey, survey
from terminal.portfolio.ledger import Ledger, adopt, book_fill
from terminal.portfolio.pnl import Opening, equity, flows_of, opened
from terminal.portfolio.rows import itemised
from terminal.pricing.engines import NUMPY
from tests.unit.portfolio.books import (
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


def looked(ledger: Ledger, market: Market) -> Survey:
    books = books_of(ledger, market)
    lens = Lens(underlyings=["BTC"], now=NOW, working={}, greeks_age=DAY, engine=NUMPY)
    return survey(market, ledger, books, lens, {})


def worth(ledger: Ledger, market: Market) -> float | None:
    exposures = looked(ledger, market).exposures
    return equity(flows_of(ledger), books_of(ledger, market), exposures)


def start() -> Ledger:
    """A funded account that holds one of everything."""
    ledger, _ = adopt(Ledger(), SNAPSHOT)
    entries: dict[Instrument, str] = {COIN_CALL: "0.05", USD_CALL: "3000"}
    for each in HELD:
        ledger = book_fill(ledger, each, fill(each, "1", entries.get(each, "59000")))
    return ledger


def test_equity_from_first_principles() -> None:
    ledger, market = start(), market_at(60_000.0)
    view = looked(ledger, market).views["BTC"]
    assert view is not None
    marks = {row.key: row.mark for row in itemised(view)}
    coin, usd = (marks[each.contract.key] for each in (COIN_CALL, USD_CALL))
    assert coin is not None
    assert usd is not None
    coins = 4 + 1 - 0.05 + coin + 10 * (1 / 59_000 - 1 / (60_000 * 0.9999))
    cash = 50_000 - 59_000 - 3_000 + usd
    gains = (60_000 * 1.0002 - 59_000) + (60_000 * 1.01 - 59_000)
    assert worth(ledger, market) == pytest.approx(coins * 60_000 + cash + gains, rel=1e-12)


def test_cash_is_read_once_a_ledger() -> None:
    ledger = start()
    flows = flows_of(ledger)
    assert flows_of(ledger, flows) is flows
    assert flows_of(replace(ledger), flows) is not flows


def test_nothing_is_opened_before_the_account_is_known_and_priced() -> None:
    assert opened(flows_of(Ledger()), 0.0) is None
    flows = flows_of(start())
    assert opened(flows, None) is None
    assert opened(flows, 5.0) == Opening(5.0)


def test_what_has_no_price_makes_the_worth_unknown() -> None:
    ledger, market = start(), market_at(60_000.0)
    strange = replace(ledger.positions[USD_CALL.contract.key], key="X@sim")
    cases = [
        (ledger, replace(market, assumed={})),
        (ledger, replace(market, index={})),
        (replace(ledger, cash={**ledger.cash, "BNB": Decimal(1)}), market),
        (replace(ledger, positions={**ledger.positions, "X@sim": strange}), market),
        (replace(ledger, cash={}), replace(market, index={})),
    ]
    assert [worth(*case) for case in cases] == [None] * len(cases)
