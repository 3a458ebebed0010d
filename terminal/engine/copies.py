"""Several instances on one account: a copied journal gets names of its own, a double is noticed."""

from typing import Final

from msgspec.structs import replace

from terminal.core.ids import is_client_order_id, run_id
from terminal.engine.orders import latched
from terminal.engine.state import State, Step
from terminal.model.account import AccountSnapshot
from terminal.model.messages import Started
from terminal.model.order import Fill
from terminal.risk.halts import Halt, HaltCode

NO_DOUBLE: Final = "make sure that no other instance trades on this account, then re-arm"


def rekeyed(state: State, started: Started) -> Step:
    """State that goes on where it was, or under a new run name where its journal is a copy.

    Order ids are made from the run's name: two copies of one journal that both went on would give
    different orders the same id. The original keeps its names, so the copy takes others.
    """
    before, now = state.instance, started.instance
    if not now or now == before:
        return state, ()
    state = replace(state, instance=now)
    if not before:
        return state, ()
    name = run_id(f"{state.run}/{now}", state.now)
    reason = f"this journal was copied or moved: run {state.run} goes on as {name}; {NO_DOUBLE}"
    halt = Halt(HaltCode.FAULT, "", reason, state.now, latched=True)
    return latched(replace(state, run=name), halt)


def double(so_far: Step, event: Fill | AccountSnapshot) -> Step:
    """Halt where an order in the account has an id of this program's that we never gave.

    Parameters
    ----------
    so_far : tuple of State and tuple of Effect
        After the event, which was new.
    event : Fill or AccountSnapshot
    """
    state, effects = so_far
    if not state.instance:
        return so_far
    resting = () if isinstance(event, Fill) else event.orders or ()
    seen = [event.order_id] if isinstance(event, Fill) else [each.order_id for each in resting]
    strange = [each for each in seen if is_client_order_id(each) and each not in state.orders]
    if not strange:
        return so_far
    reason = f"order {strange[0]} is of another instance of this program; {NO_DOUBLE}"
    state, more = latched(state, Halt(HaltCode.FAULT, "", reason, state.now, latched=True))
    return state, (*effects, *more)
