"""What every order is asked right before it leaves, whatever the engine has decided."""

from terminal.journal.journal import Journal
from terminal.model.order import OrderIntent
from terminal.model.ports import LastHop, LiveWorld
from terminal.runtime.session import Session


def last_hop(session: Session, journal: Journal) -> LastHop:
    """Make the question: was it stopped, replaced by a newer start, or decided before a sleep.

    A simulated market sleeps with its machine, so nothing that was decided on it grows old.
    """
    live = isinstance(session.world, LiveWorld)

    def bars(intent: OrderIntent) -> str:
        why = session.latch.bars(intent) or journal.replaced()
        return why or (session.awake.bars(intent) if live else "")

    return bars
