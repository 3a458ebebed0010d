"""Execution costs for the screen, made anew when they or the quoted costs changed."""

from terminal.core.units import SECOND
from terminal.engine.state import State
from terminal.execution.learned_cost import Learned, used_cost
from terminal.execution.tca_book import CostBook
from terminal.hedging.legs import one_way_cost
from terminal.model.tca_view import CostBelief, TcaView

EVERY = SECOND
"""Engine time between two looks at the quoted costs."""


class Costs:
    """Keeps the latest view of the costs."""

    def __init__(self) -> None:
        self._book: CostBook | None = None
        self._made_at = 0
        self._view = TcaView()

    def of(self, state: State) -> TcaView:
        """View of the costs; the same one while nothing is new."""
        book, now = state.costs, state.now
        if book is self._book and now - self._made_at < EVERY:
            return self._view
        before = self._view
        if book is not self._book:
            before = TcaView(
                hedges=(*reversed(book.open.values()), *reversed(book.done)),
                tallies=tuple(book.tallies.values()),
                beliefs=before.beliefs,
            )
        held = beliefs(state)
        if held != before.beliefs:
            before = TcaView(hedges=before.hedges, tallies=before.tallies, beliefs=held)
        self._book, self._made_at, self._view = book, now, before
        return before


def beliefs(state: State) -> tuple[CostBelief, ...]:
    """Costs of the instruments that desks hedge with and that have a two-sided book."""
    percent = state.profile.learned_cost_pct if state.profile else 0.0
    found = []
    for underlying, desk in state.desks.items():
        seen = state.market.quotes.get(desk.hedge_key)
        instrument = state.market.instruments.get(desk.hedge_key)
        quoted = one_way_cost(instrument.contract, seen.quote) if instrument and seen else None
        if quoted is None:
            continue
        learned = state.costs.learned.get(desk.hedge_key, Learned())
        found.append(
            CostBelief(
                underlying=underlying,
                key=desk.hedge_key,
                quoted=quoted,
                factor=learned.factor,
                hedges=learned.hedges,
                used=used_cost(quoted, learned, percent),
                rested=learned.rested_share,
            )
        )
    return tuple(found)
