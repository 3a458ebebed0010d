"""Taking over after time that nobody watched: a restart, or a sleep of the machine."""

from msgspec.structs import replace

from terminal.core.units import MINUTE, SECOND
from terminal.engine import costs
from terminal.engine.reconcile import unproven
from terminal.engine.state import ASKED, Link, State, Step
from terminal.engine.stops import cancel_all
from terminal.model.messages import Alert, Effect, Slept
from terminal.model.risk import Autonomy

LONG: int = 5 * MINUTE
"""A sleep after which nothing stays on automatic unasked, as after a restart."""


def set_down(state: State, cause: str, *, auto: bool) -> Step:
    """Drop what was on the table and at work, and ask every account before anything new.

    Parameters
    ----------
    state : State
    cause : str
        A noun, for the log: "restart".
    auto : bool
        Whether desks may stay on automatic.

    Notes
    -----
    What rests at the venue had nobody to watch it: it is cancelled, then decided anew.
    """
    alerts: list[Effect] = []
    desks = dict(state.desks)
    for underlying, desk in state.desks.items():
        autonomy = desk.autonomy
        if autonomy is Autonomy.AUTO and not auto:
            autonomy = Autonomy.APPROVE
            alerts.append(Alert("warn", "ARM", f"{underlying}: auto is back to approve"))
        if desk.hedge is not None:
            text = f"{desk.hedge.hedge_id} ends with the {cause}: what is left is decided anew"
            alerts.append(Alert("warn", "HEDGE", text))
            state = costs.finished(state, desk.hedge, f"ended with a {cause}")
        desks[underlying] = replace(
            desk,
            autonomy=autonomy,
            proposal=None,
            asked=False,
            hedge=None,
            tickets=None,
            rest=None,
        )
    state, cancels = cancel_all(replace(state, desks=desks))
    state, questions = unproven(state, list(state.accounts))
    return state, (*alerts, *cancels, *questions)


def on_slept(state: State, slept: Slept) -> Step:
    """Believe nothing of before a sleep: markets and accounts went on without us.

    Every book counts as lost until a new one comes, and every feed as down until it says again
    that it delivers. A simulated market stood still meanwhile: there is nothing to doubt.
    """
    told = Alert("warn", "CLOCK", slept.reason)
    if state.mode not in ASKED:
        return state, (told,)
    links = {
        venue: Link(up=False, reason=slept.reason, since=state.now) if link.up else link
        for venue, link in state.links.items()
    }
    market = replace(state.market, gaps={**state.market.gaps, "": state.now})
    state = replace(state, links=links, market=market)
    state, effects = set_down(state, "sleep", auto=slept.seconds * SECOND < LONG)
    return state, (told, *effects)
