"""What people told the desk to do, in words: commands as the journal has them."""

import msgspec

from terminal.engine.state import State
from terminal.model.messages import (
    AckAlert,
    AdoptVenue,
    Approve,
    ArmLive,
    CancelAll,
    CancelForeign,
    CancelHedge,
    CancelOrder,
    CrossHedge,
    Disturb,
    Event,
    HedgeNow,
    LiftFirstDays,
    Rearm,
    Reject,
    ReleaseHedge,
    RepriceHedge,
    SendTickets,
    SetAlerts,
    SetAutonomy,
    SetProfile,
    SnoozeAlert,
    Stop,
)
from terminal.model.risk import RiskProfile


def act_of(before: State, event: Event) -> tuple[str, str] | None:
    """Name and words of a command; None for an event that nobody asked for.

    Words typed by a person are kept as they are, but for those that arm live trading.
    """
    match event:
        case Approve(name, revision, qty, by):
            size = "" if qty is None else f", cut to {qty} contracts"
            return "approve", f"{name}, revision {revision}, by {by}{size}"
        case Reject(name, reason):
            return "reject", f"{name}: {reason}"
        case Stop(stage, reason):
            return "stop", f"{stage.value}: {reason}"
        case Rearm(reason):
            return "re-arm", reason
        case SetAutonomy(underlying, autonomy):
            return "autonomy", f"{underlying} is {autonomy.value} now"
        case SetProfile(profile):
            return "profile", _changed(before.profile, profile)
        case SetAlerts():
            return "alert rules", "changed"
        case ArmLive():
            return "arm live", "asked for"
        case LiftFirstDays(_, reason):
            return "whole sizes", reason
        case AdoptVenue(venue, reason):
            return "adopt venue", f"{venue}: {reason}"
        case _:
            return _order_act(event) or _hedge_act(event)


def _order_act(event: Event) -> tuple[str, str] | None:
    match event:
        case HedgeNow(underlying):
            return "hedge now", underlying
        case SendTickets(underlying, tickets):
            legs = ", ".join(f"{each.qty:f} of {each.key}" for each in tickets)
            return "tickets", f"{underlying}: {legs}"
        case CancelOrder(name):
            return "cancel order", name
        case CancelAll(reason):
            return "cancel all", reason
        case CancelForeign(venue, name):
            return "cancel foreign", f"{name} at {venue}"
        case _:
            return None


def _hedge_act(event: Event) -> tuple[str, str] | None:
    match event:
        case RepriceHedge(name, limit):
            return "re-price", f"{name} to {'the touch' if limit is None else limit}"
        case CrossHedge(name):
            return "cross", name
        case CancelHedge(name):
            return "cancel hedge", name
        case ReleaseHedge(name):
            return "release hedge", name
        case AckAlert(name):
            return "acknowledge", name or "every alert"
        case SnoozeAlert(name, seconds):
            return "snooze", f"{name} for {seconds:,.0f} s"
        case Disturb(kind, underlying, value, seconds):
            return "disturb", f"{kind.value} {underlying} {value:g} for {seconds:g} s"
        case _:
            return None


def _changed(before: RiskProfile | None, after: RiskProfile) -> str:
    """Fields of a profile that changed, with both values."""
    if before is None:
        return f"{after.name} taken up"
    old, new = msgspec.to_builtins(before), msgspec.to_builtins(after)
    found = [each for each in _differences(old, new, "") if each]
    return "; ".join(found) or f"{after.name}, unchanged"


def _differences(old: object, new: object, where: str) -> list[str]:
    if isinstance(old, dict) and isinstance(new, dict):
        names = dict.fromkeys((*old, *new))
        return [
            line
            for name in names
            for line in _differences(
                old.get(name), new.get(name), f"{where}.{name}" if where else str(name)
            )
        ]
    return [] if old == new else [f"{where}: {old} → {new}"]
