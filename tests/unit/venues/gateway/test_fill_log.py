"""A fill is told once, and the fills told explain the position."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.model.account import Position
from terminal.model.order import Fill, Side, signed
from terminal.venues.gateway.fill_log import Booked, FillLog, named


def fill(number: int, qty: int = 1, side: Side = Side.BUY, order: str = "o") -> Fill:
    return Fill(
        fill_id=f"f{number}",
        order_id=order,
        key="K",
        side=side,
        qty=Decimal(qty),
        price=Decimal(1),
        fee=Decimal(0),
        fee_currency="USD",
        maker=True,
    )


FILLS = st.lists(
    st.builds(
        fill,
        number=st.integers(0, 12),
        qty=st.integers(1, 9),
        side=st.sampled_from(list(Side)),
    ),
    max_size=40,
)


@given(told=FILLS, start=st.integers(-20, 20))
def test_repeats_change_nothing(told: list[Fill], start: int) -> None:
    log = FillLog()
    seen: dict[str, Fill] = {}
    log.adopt((Position("K", Decimal(start), Decimal(1)),))
    for each in told:
        assert log.fresh(each) == (each.fill_id not in seen)
        seen.setdefault(each.fill_id, each)
    held = Decimal(start) + sum((signed(each.side, each.qty) for each in seen.values()), Decimal())
    assert log.explains("K", held)
    assert not log.explains("K", held + 1)
    assert log.filled("o") == sum((each.qty for each in seen.values()), Decimal())
    assert log.count == len(seen)


def test_a_fill_of_before_is_passed_over_and_an_unread_account_explains_nothing() -> None:
    log = FillLog()
    log.pass_over(fill(1))
    assert not log.fresh(fill(1))
    assert not log.explains("K", Decimal(0))
    log.adopt(())
    assert log.explains("K", Decimal(0))


@given(
    booked=st.integers(-20, 20),
    opening=st.none() | st.integers(-20, 20),
    told=FILLS,
    late=FILLS,
    more=st.integers(-20, 20),
)
def test_what_was_taken_over_makes_the_log_hold_what_the_books_hold(
    booked: int, opening: int | None, told: list[Fill], late: list[Fill], more: int
) -> None:
    """However the positions stood when the account opened: an adoption is of the books."""
    log = FillLog(Booked(positions={"K": Decimal(booked)}, fills=()))
    books = Decimal(booked)
    if opening is not None:
        log.adopt((Position("K", Decimal(opening), Decimal(1)),) if opening else ())
    for each in told:
        books += signed(each.side, each.qty) if log.fresh(each) else 0
    log.take_over("K", Decimal(more))
    for each in late:
        books += signed(each.side, each.qty) if log.fresh(each) else 0
    assert log.explains("K", books + more)
    assert not log.explains("K", books + more + 1)
    assert log.taken_over("K")
    log.take_over("K", Decimal(1))
    assert log.explains("K", books + more + 1)


def test_what_is_taken_over_of_an_unread_account_explains_nothing() -> None:
    log = FillLog()
    log.take_over("K", Decimal(1))
    assert not log.explains("K", Decimal(1))
    assert not log.taken_over("K")


def test_a_nameless_fill_is_named_and_a_named_one_keeps_its_name() -> None:
    assert named(fill(1, order=""), "ours").order_id == "ours"
    assert named(fill(1, order="o"), "other").order_id == "o"


def test_only_so_many_fills_and_orders_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("terminal.venues.gateway.fill_log.KEPT", 3)
    monkeypatch.setattr("terminal.venues.gateway.fill_log._ORDERS", 2)
    log = FillLog()
    for number in range(1, 5):
        assert log.fresh(fill(number, order=f"o{number}"))
    assert log.fresh(fill(9, order=""))  # of nobody's order
    assert log.count == 5
    assert not log.told(fill(1))
    assert log.told(fill(9))
    assert log.filled("o1") == 0
    assert log.filled("o4") == 1


def test_what_expired_is_held_no_more_and_flat_is_explained() -> None:
    log = FillLog()
    log.close("K")  # nothing has been stated yet
    assert log.held() == ()
    assert not log.explains("K", Decimal(0))
    log.adopt((Position("K", Decimal(5), Decimal(1)),))
    log.close("K")
    assert log.held() == ()
    assert log.explains("K", Decimal(0))
