"""Arming a live run, and lifting the first days of an account: both are records of a person."""

from msgspec.structs import replace

from terminal.engine.state import State, Step
from terminal.model.live import LiveRow, LiveView
from terminal.model.messages import Alert, ArmLive, LiftFirstDays, Mode
from terminal.model.risk import Autonomy
from terminal.risk.first_days import (
    FirstArming,
    armed,
    armed_factor,
    full_at,
    lifted,
    refusal,
)


def on_live(state: State, command: ArmLive | LiftFirstDays) -> Step:
    """Carry out what a person says of a live run."""
    return _arm(state, command) if isinstance(command, ArmLive) else _lift(state, command)


def _arm(state: State, command: ArmLive) -> Step:
    """Arm a live run for the accounts it was started with; every desk begins at manual."""
    why = "only a live run is armed" if state.mode is not Mode.LIVE else ""
    why = why or refusal(state.arming, command.word, command.typed)
    if why:
        return state, (Alert("warn", "ARM", f"live trading is not armed: {why}"),)
    if state.arming.armed:
        return state, (Alert("info", "ARM", "live trading is armed already"),)
    state = by_hand_only(replace(state, arming=armed(state.arming, state.now)))
    names = ", ".join(each.name for each in state.arming.accounts)
    text = f"live trading is armed for {names}: orders leave for real, every desk is on manual"
    return state, (Alert("warn", "ARM", text),)


def _lift(state: State, command: LiftFirstDays) -> Step:
    """Trade an account's whole sizes before its first days are over."""
    first = state.arming.firsts.get(command.account)
    why = ""
    if first is None:
        why = "it was never armed"
    elif not command.reason.strip():
        why = "that needs a reason"
    elif state.now >= full_at(first):
        why = "its sizes are whole already"
    if why:
        text = f"the first days of {command.account} are not lifted: {why}"
        return state, (Alert("warn", "ARM", text),)
    arming = lifted(state.arming, command.account, command.reason.strip())
    text = f"{command.account} trades whole sizes from here on: {command.reason.strip()}"
    return replace(state, arming=arming), (Alert("warn", "ARM", text),)


def by_hand_only(state: State) -> State:
    """State in which every desk, of now and to come, is on manual with nothing on its table."""
    desks = {
        name: replace(desk, autonomy=Autonomy.MANUAL, proposal=None, asked=False, tickets=None)
        for name, desk in state.desks.items()
    }
    return replace(state, desks=desks, default_autonomy=Autonomy.MANUAL)


def live_view(state: State) -> LiveView | None:
    """Whether orders may leave, and for whom; None unless the run is live."""
    if state.mode is not Mode.LIVE:
        return None
    arming = state.arming
    rows = []
    for account in arming.accounts:
        known = arming.firsts.get(account.name)
        first = known or FirstArming(state.now)  # what arming now would make of it
        rows.append(
            LiveRow(
                account=account,
                since=known.since if known else 0,
                full_at=full_at(first),
                factor=armed_factor(first, state.now),
                lifted=first.lifted,
            )
        )
    return LiveView(arming.armed, tuple(rows))
