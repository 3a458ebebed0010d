"""Carry out what leaves for the world: orders, cancels and questions."""

from typing import assert_never

from terminal.core.errors import InvariantError
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


def perform(world: World, effect: Effect, now: int) -> None:
    """Pass one effect on to the world at engine time ``now`` (UtcNs).

    Raises
    ------
    InvariantError
        An alert, which is told and never leaves.
    """
    match effect:
        case Submit(intent):
            world.submit(intent, now)
        case Cancel(order_id):
            world.cancel(order_id, now)
        case Query(order_id):
            world.query(order_id, now)
        case AskAccount(venue):
            world.ask_account(venue, now)
        case Withdraw(venue, order):
            world.withdraw(venue, order, now)
        case Misbehave(disturb):
            world.disturb(disturb, now)
        case Alert() | Notify():
            msg = "alerts are performed before"
            raise InvariantError(msg)
        case _:
            assert_never(effect)
