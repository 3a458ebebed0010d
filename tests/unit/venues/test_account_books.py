"""The venue's account against arithmetic and against the ledger."""

from decimal import Decimal

import pytest

from terminal.core.units import DAY, HOUR
from terminal.model.account import Balance, Position, Settled
from terminal.model.instrument import Instrument, Right
from terminal.model.market import Index
from terminal.model.messages import Listing
from terminal.model.order import Side
from terminal.portfolio.ledger import Ledger, adopt, settle
from terminal.venues.account_books import AccountBooks
from terminal.venues.sim_listing import future, option
from terminal.venues.simulated import SimulatedVenue, VenueTerms
from tests.unit.venues.makers import BY_KEY, PERP, START, agree, said


def test_an_inverse_entry_is_the_mean_of_coins() -> None:
    books = AccountBooks((), ())
    for price in (80_000, 100_000):
        books.trade(BY_KEY[PERP], Side.BUY, Decimal(100), Decimal(price), Decimal(0))
    entry = books.positions[PERP].entry
    assert float(entry) == pytest.approx(2.0 / (1.0 / 80_000 + 1.0 / 100_000))
    books.trade(BY_KEY[PERP], Side.SELL, Decimal(300), Decimal(90_000), Decimal(0))
    assert books.positions[PERP].qty == -100
    assert books.positions[PERP].entry == 90_000
    assert float(books.cash["BTC"]) == pytest.approx(2_000 / float(entry) - 2_000 / 90_000)


def test_account_and_ledger_agree_through_settlement() -> None:
    expiry = (START // DAY) * DAY + DAY + 8 * HOUR
    instruments: tuple[Instrument, ...] = (
        option("BTC", expiry, Decimal(80_000), Right.CALL),
        option("ETH", expiry, Decimal(3_000), Right.PUT),
        option("SOL", expiry, Decimal(150), Right.PUT),
        future("ETH", expiry),
    )
    held = tuple(
        Position(each.contract.key, Decimal(qty), Decimal(entry))
        for each, (qty, entry) in zip(
            instruments, (("2", "0.05"), ("-7", "0.02"), ("-3", "5"), ("500", "2800")), strict=True
        )
    )
    made = SimulatedVenue(VenueTerms(name="sim"), held, (Balance("BTC", Decimal(1)),))
    ledger, _ = adopt(Ledger(), made.snapshot())
    made.on_market(START, Listing("sim", instruments))
    for coin, price in (("BTC", 91_234.5), ("ETH", 2_911.25), ("SOL", 141.1)):
        made.on_market(START, Index(coin, price))
    by_key = {each.contract.key: each for each in instruments}
    for _, event in said(made, expiry + 1):
        assert isinstance(event, Settled)
        ledger = settle(ledger, by_key[event.key], event.price)
    assert not ledger.positions
    agree(ledger, made.snapshot())
