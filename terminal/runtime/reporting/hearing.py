"""What happens in a span of a journal, gathered record by record."""

from msgspec import Struct

from terminal.engine.state import FillNote, State
from terminal.model.frame import LogLine
from terminal.model.hedge import Proposal
from terminal.model.market import Gap
from terminal.model.messages import (
    Alert,
    Effect,
    Fault,
    LinkDown,
    LinkUp,
    Notify,
    Record,
    Slept,
    Started,
)
from terminal.model.tca import HedgeCost
from terminal.oracle.regret import Regret, regretted
from terminal.runtime.reporting.books_seen import BooksSeen
from terminal.runtime.reporting.hands import act_of
from terminal.runtime.reporting.walk import Walk


class Deed(Struct, frozen=True):
    """Something a person, or a program in a person's place, told the desk to do."""

    at: int
    source: str
    what: str
    text: str


class Trouble(Struct, frozen=True):
    """A break of a feed, of time or of the machine."""

    at: int
    what: str
    subject: str
    text: str


def priced(state: State) -> bool:
    """Whether the account is worth something known and every desk knows what it is exposed to."""
    return state.equity is not None and all(
        name in state.exposures and state.exposures[name].usable for name in state.desks
    )


class Hearing:
    """Listens to a span.

    Parameters
    ----------
    state : State
        Before the first record of the span.
    """

    def __init__(self, state: State) -> None:
        self.alerts: list[LogLine] = []
        self.told = 0  # dispatches sent to a person
        self.fills: list[FillNote] = []
        self.hedges: dict[str, HedgeCost] = {}
        self.proposals: dict[str, Proposal] = {}
        self.deeds: list[Deed] = []
        self.troubles: list[Trouble] = []
        self.starts: list[int] = []
        self.walk = Walk()
        self.books = BooksSeen(state)
        self.regret = Regret()
        self.records = 0
        self.opened = state if priced(state) else None  # where everything held first has a price
        self._costs = state.costs
        self._before = {each.hedge_id for each in state.costs.done}
        self._desks = state.desks
        self._fill = state.fills[-1].fill.fill_id if state.fills else ""

    def hear(
        self, before: State, record: Record, state: State, effects: tuple[Effect, ...]
    ) -> None:
        """Take one record and what the engine made of it."""
        self.records += 1
        for effect in effects:
            if isinstance(effect, Alert):
                line = LogLine(state.now, effect.level, effect.topic, effect.text)
                self.alerts.append(line)
            elif isinstance(effect, Notify):
                self.told += 1
        self._event(before, record)
        if self.opened is None and priced(state):
            self.opened = state
        if state.fills is not before.fills:
            self._take_fills(state)
        if state.costs is not self._costs:
            self.books.hear(state)
            self._take_hedges(state)
        if state.desks is not self._desks:
            self._take_proposals(state)
        self.regret = regretted(self.regret, state, record)
        self.walk.step(state)

    def _event(self, before: State, record: Record) -> None:
        event, at = record.event, record.at
        match event:
            case Started():
                self.starts.append(at)
            case LinkDown(venue, reason):
                self.troubles.append(Trouble(at, "feed lost", venue, reason))
            case LinkUp(venue):
                link = before.links.get(venue)
                if link is not None and not link.up:
                    gone = f"after {(at - link.since) / 1e9:,.0f} s"
                    self.troubles.append(Trouble(at, "feed back", venue, gone))
            case Gap(key, _, _, why):
                self.troubles.append(Trouble(at, "data missing", key or "all", why))
            case Slept(seconds, reason):
                self.troubles.append(Trouble(at, "slept", "machine", f"{seconds:,.0f} s: {reason}"))
            case Fault(code, reason):
                self.troubles.append(Trouble(at, "fault", code, reason))
            case _:
                told = act_of(before, event)
                if told is not None:
                    self.deeds.append(Deed(at, record.source, *told))

    def _take_fills(self, state: State) -> None:
        fresh = []
        for note in reversed(state.fills):
            if note.fill.fill_id == self._fill:
                break
            fresh.append(note)
        self.fills += reversed(fresh)
        self._fill = state.fills[-1].fill.fill_id if state.fills else self._fill

    def _take_hedges(self, state: State) -> None:
        self._costs = state.costs
        for name, each in state.costs.open.items():
            self.hedges[name] = each
        for each in reversed(state.costs.done):
            if each.hedge_id in self._before or self.hedges.get(each.hedge_id) is each:
                break
            self.hedges[each.hedge_id] = each

    def _take_proposals(self, state: State) -> None:
        self._desks = state.desks
        for desk in state.desks.values():
            if desk.proposal is not None:
                self.proposals[desk.proposal.proposal_id] = desk.proposal
