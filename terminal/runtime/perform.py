"""Carry out what leaves for the world: orders, cancels and questions."""

from typing import assert_never

from terminal.core.errors import InvariantError
from terminal.core.fault_points import Fault, FaultPoint, no_fault
from terminal.model.messages import (
    Alert,
    AskAccount,
    Cancel,
    Effect,
    Misbehave,
    Notify,
    Query,
    Submit,
    Withdraw,
)
from terminal.model.ports import World
from terminal.model.reconcile import Adopted


def perform(world: World, effect: Effect, now: int, fault: Fault = no_fault) -> None:
    """Pass one effect on to the world at engine time ``now`` (UtcNs).

    Raises
    ------
    InvariantError
        An alert, which is told and never leaves.
    """
    match effect:
        case Submit(intent):
            fault(FaultPoint.BEFORE_SEND)
            world.submit(intent, now)
            fault(FaultPoint.AFTER_SEND)
        case Cancel(order_id):
            fault(FaultPoint.BEFORE_CANCEL)
            world.cancel(order_id, now)
            fault(FaultPoint.AFTER_CANCEL)
        case Query(order_id):
            fault(FaultPoint.BEFORE_QUESTION)
            world.query(order_id, now)
            fault(FaultPoint.AFTER_QUESTION)
        case AskAccount(venue):
            fault(FaultPoint.BEFORE_QUESTION)
            world.ask_account(venue, now)
            fault(FaultPoint.AFTER_QUESTION)
        case Withdraw(venue, order):
            world.withdraw(venue, order, now)
        case Adopted(venue, changes):
            world.adopted(venue, changes, now)
        case Misbehave(disturb):
            world.disturb(disturb, now)
        case Alert() | Notify():
            msg = "alerts are performed before"
            raise InvariantError(msg)
        case _:
            assert_never(effect)
