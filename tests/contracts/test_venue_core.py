"""Laws of the local exchanges' common core: books never cross, and the account adds up."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.venue_servers.account import Ask, Fill, Order, gain_at, value
from tests.venue_servers.books import BookChange
from tests.venue_servers.core import Exchange, Refusal, RefusedError
from tests.venue_servers.deribit_listing import listing as deribit_listing
from tests.venue_servers.faults import Fault, Faults
from tests.venue_servers.listing import Terms
from tests.venue_servers.market import Print
from tests.venue_servers.okx_words import listing as okx_listing

START_MS = 1_795_000_000_000
BALANCES = {"BTC": Decimal(10), "ETH": Decimal(100), "USDT": Decimal(10**6), "USDC": Decimal(10**6)}
INVERSE, LINEAR, CONTRACTS = "BTC-PERPETUAL", "SOL_USDC-PERPETUAL", "BTC-USDT-SWAP"


class Heard:
    """Collects what an exchange tells."""

    def __init__(self) -> None:
        self.changes: list[BookChange] = []
        self.fills: list[Fill] = []

    def book_changed(self, change: BookChange) -> None:
        """Keep it."""
        self.changes.append(change)

    def traded(self, printed: Print) -> None:
        """Nothing to keep."""

    def order_changed(self, order: Order) -> None:
        """Nothing to keep."""

    def filled(self, order: Order, fill: Fill) -> None:
        """Keep it."""
        self.fills.append(fill)

    def account_changed(self, terms: Terms) -> None:
        """Nothing to keep."""


def exchange() -> tuple[Exchange, Heard]:
    """Return an exchange that lists what Deribit and OKX list."""
    heard = Heard()
    listed = [*deribit_listing(START_MS), *okx_listing(START_MS)]
    return Exchange(listed, BALANCES, Faults(), heard), heard


def bought(made: Exchange, name: str, lots: int) -> Order:
    """Trade so many lots at market; a negative number sells."""
    quantity = made.listed[name].lot * abs(lots)
    return made.place(Ask(name=name, side="buy" if lots > 0 else "sell", quantity=quantity))


names = st.sampled_from([INVERSE, LINEAR, CONTRACTS])
trades = st.lists(
    st.tuples(st.integers(-20, 20).filter(bool), st.integers(-300, 300)), min_size=1, max_size=8
)


@given(names, st.lists(st.integers(-200, 200), max_size=30))
def test_changes_of_a_book_rebuild_it(name: str, moves: list[int]) -> None:
    made, heard = exchange()
    book = made.books[name]
    sides = {side: dict(book.levels(side)) for side in ("bid", "ask")}
    last = book.sequence
    for each in moves:
        if each % 2:
            made.step(name)
        else:
            made.move(name, book.mid + book.terms.tick * each)
        assert book.best("bid") < book.best("ask")
    for change in heard.changes:
        assert (change.before, change.after) == (last, last + 1)
        last = change.after
        for level in change.levels:
            assert sides[level.side].get(level.price, Decimal(0)) == level.was
            sides[level.side][level.price] = level.quantity
    for side, held in sides.items():
        assert {price: size for price, size in held.items() if size} == dict(book.levels(side))


@given(names, trades)
def test_position_is_the_sum_of_the_fills(name: str, done: list[tuple[int, int]]) -> None:
    made, heard = exchange()
    for lots, ticks in done:
        bought(made, name, lots)
        made.move(name, made.books[name].mid + made.listed[name].tick * ticks)
    signed = [each.quantity if each.side == "buy" else -each.quantity for each in heard.fills]
    assert made.account.held(name).quantity == sum(signed)


@given(names, trades)
def test_money_is_conserved(name: str, done: list[tuple[int, int]]) -> None:
    """Balance and open gain together are what every fill gained up to now, less the fees."""
    made, heard = exchange()
    terms = made.listed[name]
    for lots, ticks in done:
        bought(made, name, lots)
        made.move(name, made.books[name].mid + terms.tick * ticks)
    mark = made.mark(terms)
    gained = Decimal(0)
    for each in heard.fills:
        sign = 1 if each.side == "buy" else -1
        change = value(terms, each.quantity, mark) - value(terms, each.quantity, each.price)
        gained += sign * (-change if terms.quote == "USD" else change) - each.fee
    open_gain = gain_at(terms, made.account.held(name), mark)
    equity = made.account.balances[terms.settle] + open_gain - BALANCES[terms.settle]
    assert float(equity) == pytest.approx(float(gained), rel=1e-9, abs=1e-9)


@given(names, st.integers(1, 40), st.integers(1, 12))
def test_split_fills_are_as_many_as_asked_for(name: str, lots: int, parts: int) -> None:
    made, heard = exchange()
    made.faults.split_fills(parts, times=1)
    order = bought(made, name, lots)
    levels = len({each.price for each in heard.fills})
    assert len(heard.fills) == max(min(parts, lots), levels)
    assert sum(each.quantity for each in heard.fills) == order.filled


def test_premium_of_an_option_is_paid_in_its_coin() -> None:
    made, _ = exchange()
    terms = next(each for each in made.listed.values() if each.is_option and each.settle == "BTC")
    order = bought(made, terms.name, 1)
    paid = BALANCES["BTC"] - made.account.balances["BTC"]
    premium = order.cost * terms.size
    assert premium < paid < premium * Decimal("1.001")


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"name": "DOGE"}, Refusal.INSTRUMENT),
        ({"quantity": Decimal(15)}, Refusal.AMOUNT),
        ({"quantity": Decimal(-10)}, Refusal.AMOUNT),
        ({"price": Decimal("80000.3")}, Refusal.TICK),
        ({"price": Decimal(-1)}, Refusal.PRICE),
        ({"price": Decimal(100_000), "post_only": True}, Refusal.POST_ONLY),
        ({"reduce_only": True}, Refusal.REDUCE_ONLY),
        ({"quantity": Decimal(100_000_000)}, Refusal.FUNDS),
    ],
)
def test_bad_order_is_refused_but_counted(changed: dict[str, object], why: Refusal) -> None:
    made, _ = exchange()
    order = {"name": INVERSE, "quantity": Decimal(10), "price": Decimal(80_000), **changed}
    with pytest.raises(RefusedError) as refused:
        made.place(Ask(side="buy", client_id="x", **order))  # type: ignore[arg-type]   # varied
    assert refused.value.why is why
    assert made.arrivals["x"] == 1
    assert made.account.orders == {}


def test_faults_are_used_up_in_their_order() -> None:
    faults = Faults()
    faults.plan(Fault.STATUS_502, "private/*", times=2)
    faults.plan(Fault.HANG, "private/buy", times=1)
    taken = [faults.reply("private/buy") for _ in range(4)]
    assert [each.kind if each else None for each in taken] == [
        Fault.STATUS_502,
        Fault.STATUS_502,
        Fault.HANG,
        None,
    ]
    assert faults.reply("public/ticker") is None


def test_refusals_are_not_carried_out_unless_asked_for() -> None:
    faults = Faults()
    faults.plan(Fault.RATE_LIMIT_429)
    faults.plan(Fault.BODY_HTML)
    first, second = faults.take("x", Fault.RATE_LIMIT_429), faults.take("x", Fault.BODY_HTML)
    assert first is not None
    assert second is not None
    assert (first.accepted, second.accepted) == (False, True)
