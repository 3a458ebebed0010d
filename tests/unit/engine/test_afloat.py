"""The undone orders are the same whether they are kept up or picked out anew."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from terminal.engine.afloat import surveyed, undone
from terminal.engine.orders import on_fill, on_update, recorded
from terminal.engine.state import KEEP_ORDERS, State
from terminal.execution.orders import done, new_order
from terminal.model.order import Order, OrderStatus, OrderUpdate
from tests.helpers.builders import PERP, fill, intent
from tests.helpers.trial import ready

STATUSES = tuple(OrderStatus)
NAMES = ("a", "b", "c")


def picked(state: State) -> tuple[Order, ...]:
    """Every order that is not done, by looking at all of them."""
    return tuple(each for each in state.orders.values() if not done(each))


word = st.one_of(
    st.tuples(st.just("new"), st.sampled_from(NAMES), st.just(None)),
    st.tuples(st.just("fill"), st.sampled_from(NAMES), st.sampled_from((1, 3, 10))),
    st.tuples(
        st.sampled_from(STATUSES), st.sampled_from(NAMES), st.sampled_from((None, 0, 3, 10, 20))
    ),
)


Word = tuple[str, str, int | None]


@given(st.lists(word, max_size=14))
def test_whatever_is_heard_the_list_is_that_of_a_fresh_look(words: list[Word]) -> None:
    state = surveyed(ready().state)
    for number, (what, name, amount) in enumerate(words):
        if what == "new":
            if name not in state.orders:
                state = recorded(state, new_order(intent(order_id=name, qty=Decimal(10)), number))
        elif what == "fill":
            state, _ = on_fill(state, fill(number, str(amount), order_id=name, key=PERP))
        else:
            filled = None if amount is None else Decimal(amount)
            update = OrderUpdate(name, OrderStatus(what), "", filled)
            state, _ = on_update(state, update)
        assert undone(state) == picked(state)


def test_a_list_of_another_map_is_not_believed() -> None:
    state = surveyed(ready().state)
    stale = replace(state, orders={"x": new_order(intent(order_id="x"), 1)})
    state = recorded(stale, new_order(intent(order_id="y"), 2))
    assert state.afloat is None
    assert [each.intent.order_id for each in undone(state)] == ["x", "y"]


def test_what_is_dropped_from_a_long_list_was_done() -> None:
    state = surveyed(ready().state)
    for number in range(KEEP_ORDERS + 20):
        name = f"o{number}"
        state = recorded(state, new_order(intent(order_id=name, qty=Decimal(10)), number))
        if number % 7:
            state, _ = on_update(state, OrderUpdate(name, OrderStatus.REJECTED, "no", Decimal(0)))
        assert state.afloat is not None
        assert undone(state) == picked(state)
    assert len(state.orders) == KEEP_ORDERS


def test_a_done_order_of_which_more_is_heard_comes_back() -> None:
    state = surveyed(ready().state)
    state = recorded(state, new_order(intent(order_id="o", qty=Decimal(10)), 1))
    state, _ = on_update(state, OrderUpdate("o", OrderStatus.CANCELLED, "", Decimal(0)))
    assert undone(state) == ()
    state, _ = on_update(state, OrderUpdate("o", OrderStatus.CANCELLED, "", Decimal(4)))
    assert [each.intent.order_id for each in undone(state)] == ["o"]  # four fills are still to come
