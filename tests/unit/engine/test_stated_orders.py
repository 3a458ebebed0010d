"""Orders that a venue states: ours, and those of somebody else."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from terminal.engine.orders import working
from terminal.model.account import OpenOrder
from terminal.model.messages import (
    AdoptVenue,
    Cancel,
    CancelForeign,
    CancelOrder,
    Withdraw,
)
from terminal.model.order import OrderStatus, OrderUpdate
from terminal.model.reconcile import Subject
from terminal.risk.halts import HaltCode
from tests.helpers.builders import fill, order
from tests.helpers.statements import GRACE_S, locked, resting, truth
from tests.helpers.trial import alerts, queries, ready


@pytest.mark.parametrize(
    ("stranger", "counted", "why"),
    [
        (resting(), -2.0, "in flight"),
        (resting(limit=None), -2.0, "in flight"),
        (resting(limit="60000"), None, "bp away"),
        (resting(reduce_only=True), None, "nothing to reduce"),
        (resting(key="XRP-PERP@sim"), None, "not known"),
    ],
)
def test_foreign_orders_count_where_they_can_change_delta(
    stranger: OpenOrder, counted: float | None, why: str
) -> None:
    trial = ready()
    trial.tell(replace(truth(trial), orders=(stranger,)))
    trial.tick()
    flying = working(trial.state)
    assert flying.get("BTC") == (None if counted is None else pytest.approx(counted, rel=1e-3))
    from_desk = trial.state.exposures["BTC"].working
    assert from_desk == pytest.approx(counted or 0.0, rel=1e-3)
    effects = trial.tell(CancelForeign("sim", "v1"))
    assert Withdraw("sim", stranger) in effects
    trial.tell(replace(truth(trial), orders=()))
    assert working(trial.state) == {}
    assert "not stated any more" in alerts(trial.tell(CancelForeign("sim", "v1")))
    assert why


def test_an_order_at_odds_locks_until_a_statement_of_after_its_last_change_agrees() -> None:
    """Our own cancel is a change: it must not end the lock that was its cause."""
    trial = ready()
    trial.state = replace(trial.state, orders={"o1": order(status=OrderStatus.LIVE)})
    trial.tick(20.0)
    trial.tell(replace(truth(trial), orders=()))
    trial.tick(GRACE_S + 0.5)
    assert HaltCode.MISMATCH in locked(trial)
    assert Cancel("o1") in trial.tell(CancelOrder("o1"))
    trial.tell(replace(truth(trial), orders=()))
    trial.tick(GRACE_S + 0.5)
    assert HaltCode.MISMATCH in locked(trial)
    trial.tell(OrderUpdate("o1", OrderStatus.CANCELLED, "", Decimal(0)))
    trial.tick(2 * GRACE_S)
    trial.tell(replace(truth(trial), orders=()))
    trial.tick(GRACE_S + 0.5)
    assert HaltCode.MISMATCH not in locked(trial)


@pytest.mark.parametrize("filled", ["10", "4"])
def test_an_order_that_fills_after_the_comparison_is_not_adopted(filled: str) -> None:
    """Its books are right by now: taking it for a stranger's would forget what it did."""
    trial = ready()
    trial.state = replace(trial.state, orders={"o1": order(status=OrderStatus.LIVE)})
    trial.tick(20.0)
    trial.tell(replace(truth(trial), orders=()))
    trial.tick(GRACE_S + 0.5)
    assert trial.state.accounts["sim"].rows
    trial.tell(fill(1, filled))
    known = trial.state.orders
    assert "o1 is in doubt" in alerts(trial.tell(AdoptVenue("sim", "gone there")))
    assert trial.state.orders == known


def test_an_own_order_the_venue_has_not_is_asked_about_and_locks() -> None:
    trial = ready()
    trial.state = replace(trial.state, orders={"o1": order(status=OrderStatus.LIVE)})
    trial.tick(20.0)
    effects = trial.tell(replace(truth(trial), orders=()))
    assert queries(effects) == ["o1"]
    trial.tick(GRACE_S + 0.5)
    (row,) = trial.state.accounts["sim"].rows
    assert (row.subject, row.theirs) == (Subject.ORDER, Decimal(0))
    assert HaltCode.MISMATCH in locked(trial)
    trial.tell(AdoptVenue("sim", "cancelled by the venue"))
    assert trial.state.orders["o1"].status is OrderStatus.CANCELLED
    assert not trial.state.locks


def test_an_ended_order_that_still_rests_is_a_strangers_once_adopted() -> None:
    trial = ready()
    ended = order(status=OrderStatus.CANCELLED)
    trial.state = replace(trial.state, orders={"o1": ended})
    trial.tick(20.0)
    here = replace(resting(), order_id="o1")
    trial.tell(replace(truth(trial), orders=(here,)))
    trial.tick(GRACE_S + 0.5)
    assert locked(trial) == [HaltCode.MISMATCH]
    trial.tell(AdoptVenue("sim", "it rests"))
    assert not locked(trial)
    trial.tick()
    assert working(trial.state)["BTC"] == pytest.approx(-2.0)
    assert Cancel("o1") not in trial.effects
