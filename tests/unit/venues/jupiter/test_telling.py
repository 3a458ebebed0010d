"""A wallet in the books of a run: its sums always agree, and the fee is booked once."""

from collections.abc import Iterable
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from terminal.core.units import HOUR, SECOND
from terminal.model.account import AccountSnapshot, FundingPaid
from terminal.model.market import Funding, Index, Quote
from terminal.model.messages import Event, Listing
from terminal.venues.jupiter.accounts import MICRO, HeldPosition
from terminal.venues.jupiter.holdings import Holding, contracts, key_of, perpetual
from terminal.venues.jupiter.program import Place
from terminal.venues.jupiter.telling import Booked, Teller
from terminal.venues.jupiter.wallet import Wallet
from tests.unit.venues.jupiter.chain import LONG_SOL, SHORT_SOL, WALLET

BEGIN = 500_000 * HOUR


def holding(place: Place, owed: str | Decimal, **changed: object) -> Holding:
    held = HeldPosition(
        place=place,
        entry=Decimal(150),
        size_usd=Decimal(3000),
        collateral_usd=Decimal(500),
        opened_at=7,
        interest_snapshot=0,
    )
    held = replace(held, **changed)
    return Holding(
        perpetual=perpetual(place, 6.0),
        position=contracts(held),
        funding=Funding(key_of(place), 5e-5, HOUR, next_at=0),
        held=held,
        owed_usd=Decimal(owed),
        price=160.0,
    )


def wallet(*holdings: Holding) -> Wallet:
    return Wallet(WALLET, 1, known=True, holdings=holdings)


def told(teller: Teller, found: Wallet, at: int, asked: int | None = None) -> list[Event]:
    return list(teller.events(found, at, asked))


def cash_of(events: Iterable[Event]) -> Decimal:
    [said] = [each for each in events if isinstance(each, AccountSnapshot)]
    return sum((each.amount for each in said.balances), Decimal(0))


def fees(events: Iterable[Event]) -> dict[str, Decimal]:
    return {each.key: each.amount for each in events if isinstance(each, FundingPaid)}


def test_the_first_read_lists_marks_and_opens_the_account() -> None:
    found = told(Teller(None, ("BTC",)), wallet(holding(LONG_SOL, "2"), holding(SHORT_SOL, "1")),
                 BEGIN)  # fmt: skip
    assert [type(each) for each in found] == [
        Listing, Funding, Funding, Index, Quote, Quote, AccountSnapshot,
    ]  # fmt: skip
    quotes = [each for each in found if isinstance(each, Quote)]
    assert all((each.bid, each.ask, each.mark) == (None, None, 160.0) for each in quotes)
    assert cash_of(found) == Decimal(997)
    assert not fees(found)  # what ran up before the run is no cost of the run


def test_a_followed_coin_keeps_the_index_of_its_exchange() -> None:
    found = told(Teller(None, ("SOL",)), wallet(holding(LONG_SOL, "2")), BEGIN)
    assert not [each for each in found if isinstance(each, Index)]


def test_both_sides_pay_by_the_hour_and_the_statement_agrees() -> None:
    teller = Teller(None, ())
    told(teller, wallet(holding(LONG_SOL, "2"), holding(SHORT_SOL, "1")), BEGIN)
    within = told(
        teller, wallet(holding(LONG_SOL, "2.1"), holding(SHORT_SOL, "1.1")), BEGIN + 60 * SECOND, 5
    )
    assert not fees(within)
    assert cash_of(within) == Decimal(997)  # what is not booked yet is not stated yet
    later = told(
        teller, wallet(holding(LONG_SOL, "2.4"), holding(SHORT_SOL, "1.3")), BEGIN + HOUR, 6
    )
    assert fees(later) == {
        "SOL-LONG-SOL@jupiter": Decimal("-0.4"),
        "SOL-SHORT-USDC@jupiter": Decimal("-0.3"),
    }
    assert cash_of(later) == Decimal("996.3")
    paid = [each for each in later if isinstance(each, FundingPaid)]
    assert all(each.borrow and each.currency == "USD" for each in paid)


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(st.integers(1, 7200), st.integers(0, 10**7), st.integers(0, 10**7)),
        min_size=1,
        max_size=20,
    ),
    st.integers(0, 19),
)
def test_statements_are_the_opening_less_the_fees_whatever_the_reads_and_restarts(
    reads: list[tuple[int, int, int]], restart: int
) -> None:
    at, long, short = BEGIN, Decimal(2), Decimal(1)
    teller = Teller(None, ())
    booked = cash_of(told(teller, wallet(holding(LONG_SOL, long), holding(SHORT_SOL, short)), at))
    for number, (passed, more, less) in enumerate(reads):
        at += passed * SECOND
        long, short = long + more * MICRO, short + less * MICRO
        found = wallet(holding(LONG_SOL, long), holding(SHORT_SOL, short))
        if number == restart:
            held = {each.position.key: each.position.qty for each in found.holdings}
            teller = Teller(Booked(held, booked), ())
        events = told(teller, found, at, at)
        charged = fees(events)
        assert all(each < 0 for each in charged.values())
        booked += sum(charged.values(), Decimal(0))
        assert cash_of(events) == booked
        if number == restart:
            assert booked == 1000 - long - short  # nothing that ran up meanwhile is lost


def test_a_position_changed_at_jupiter_books_nothing_and_is_left_to_be_compared() -> None:
    teller = Teller(None, ())
    told(teller, wallet(holding(SHORT_SOL, "1")), BEGIN)
    changed = holding(SHORT_SOL, "0.2", interest_snapshot=9, collateral_usd=Decimal(450))
    found = told(teller, wallet(changed), BEGIN + 2 * HOUR, 5)
    assert not fees(found)
    assert cash_of(found) == Decimal("449.8")


def test_after_a_restart_only_a_plausible_fee_is_booked() -> None:
    held = {"SOL-SHORT-USDC@jupiter": Decimal(-20)}
    for cash in ("600", "400"):  # collateral went out, or came in
        teller = Teller(Booked(held, Decimal(cash)), ())
        assert not fees(told(teller, wallet(holding(SHORT_SOL, "1")), BEGIN))
    other = Teller(Booked({"SOL-SHORT-USDC@jupiter": Decimal(-7)}, Decimal(500)), ())
    assert not fees(told(other, wallet(holding(SHORT_SOL, "1")), BEGIN))


def test_a_restarted_run_states_nothing_unasked() -> None:
    held = {"SOL-SHORT-USDC@jupiter": Decimal(-20)}
    found = told(Teller(Booked(held, Decimal(500)), ()), wallet(holding(SHORT_SOL, "1")), BEGIN)
    assert not [each for each in found if isinstance(each, AccountSnapshot)]


def test_a_closed_position_leaves_the_list_and_the_statement() -> None:
    teller = Teller(None, ())
    told(teller, wallet(holding(SHORT_SOL, "1")), BEGIN)
    found = told(teller, wallet(), BEGIN + SECOND, 5)
    assert found == [Listing("jupiter", ()), AccountSnapshot("jupiter", (), (), (), asked_at=5)]
