"""One order under every word that a venue, a person or a crash may send, up to six of them.

The real engine takes each word once in every state that an order can be in; the sequences are then
walked over those states, so that all sequences of a length are covered without playing them.
"""

from decimal import Decimal
from typing import NamedTuple, TypeAlias

from msgspec.structs import replace

from terminal.engine.orders import on_fill, on_update, recorded, working
from terminal.engine.state import State, restored, saved
from terminal.engine.step import step
from terminal.engine.stops import cancel_all
from terminal.execution.orders import done, new_order, outstanding
from terminal.model.messages import Effect, Listing, Mode, Record, Started
from terminal.model.order import FINAL, Fill, Order, OrderStatus, OrderUpdate
from terminal.model.risk import Autonomy
from terminal.risk.halts import HaltCode
from tests.helpers.builders import NOW, PERP, fill, instruments, intent, profile

QTY = Decimal(10)
LONGEST = 6

Word: TypeAlias = OrderUpdate | Fill | str

ASK, RESTART = "ask to cancel", "restart"
WORDS: dict[str, Word] = {
    "accepted": OrderUpdate("o1", OrderStatus.LIVE),
    "rejected": OrderUpdate("o1", OrderStatus.REJECTED, "price band"),
    "partial": fill(1, "3"),
    "partial again": fill(1, "3", fee=Decimal(2), maker=True),  # one id, told by another door
    "rest": fill(2, "7"),
    "late": fill(3, "2"),  # with both others more than was sent
    ASK: ASK,
    "cancelled at 3": OrderUpdate("o1", OrderStatus.CANCELLED, "on request", Decimal(3)),
    "cancelled": OrderUpdate("o1", OrderStatus.CANCELLED, "on request"),
    "cancel refused": OrderUpdate("o1", OrderStatus.REJECTED, "cancel: too late"),
    "expired at 3": OrderUpdate("o1", OrderStatus.EXPIRED, "", Decimal(3)),
    "unknown": OrderUpdate("o1", OrderStatus.UNKNOWN, "timeout"),
    "found open": OrderUpdate("o1", OrderStatus.LIVE, "", Decimal(3)),
    "found absent": OrderUpdate("o1", OrderStatus.REJECTED, "it never arrived", Decimal(0)),
    RESTART: RESTART,
}
FILLS = {name: word for name, word in WORDS.items() if isinstance(word, Fill)}
STARTED = Started("test", Mode.SIM, 1, profile(), Autonomy.APPROVE)


class Standing(NamedTuple):
    """What is known of the order, whatever way it came about."""

    status: OrderStatus
    filled: Decimal
    stated: Decimal
    booked: frozenset[str]  # fill ids
    position: Decimal
    reserve: float  # coins that the desk counts as in flight
    halted: bool  # more came back than was sent

    @property
    def left(self) -> Decimal:
        """Contracts that may still fill."""
        return outstanding(self.order)

    @property
    def done(self) -> bool:
        """Whether nothing more will be heard."""
        return done(self.order)

    @property
    def order(self) -> Order:
        """As an order."""
        made = new_order(intent(qty=QTY), NOW)
        return replace(made, status=self.status, filled=self.filled, stated=self.stated)


Node: TypeAlias = tuple[Standing, frozenset[str]]


def begun() -> State:
    """Make an engine that has just sent the order and watches no coin."""
    state, _ = step(State(), Record(1, NOW, "test", STARTED))
    state, _ = step(state, Record(2, NOW, "test", Listing("sim", instruments())))
    return recorded(replace(state, desks={}), new_order(intent(qty=QTY), NOW))


def told(state: State, word: Word) -> tuple[State, tuple[Effect, ...]]:
    """State after one word, by the engine's own functions."""
    if isinstance(word, OrderUpdate):
        return on_update(state, word)
    if isinstance(word, Fill):
        return on_fill(state, word)
    if word == ASK:
        return cancel_all(state)
    state = restored(saved(state))
    return step(state, Record(state.seq + 1, NOW, "test", STARTED))


def standing(state: State) -> Standing:
    """Read off what matters."""
    order = state.orders["o1"]
    held = state.ledger.positions.get(PERP)
    booked = frozenset(each for page in state.ledger.fill_ids.pages for each in page)
    return Standing(
        order.status,
        order.filled,
        order.stated,
        booked,
        held.qty if held else Decimal(0),
        working(state).get("BTC", 0.0),
        any(each.code is HaltCode.OVERFILL for each in state.halts),
    )


def may_come(word: str, now: Standing) -> bool:
    """Whether a word makes sense: no venue refuses the cancel of what it has not taken."""
    ended = now.status in FINAL
    lives = now.status in {OrderStatus.LIVE, OrderStatus.CANCEL_PENDING}
    return word != "cancel refused" or lives or ended


class Maze:
    """Every standing within reach, and where each word leads from it."""

    def __init__(self) -> None:
        state = begun()
        self.start = standing(state)
        self.states = {self.start: state}
        self.steps: dict[tuple[Standing, str], Standing] = {}

    def after(self, now: Standing, word: str) -> Standing:
        """Where a word leads; the engine is asked once."""
        known = self.steps.get((now, word))
        if known is not None:
            return known
        state, _ = told(self.states[now], WORDS[word])
        then = standing(state)
        self.states.setdefault(then, state)
        self.steps[now, word] = then
        return then

    def walked(self) -> dict[Node, int]:
        """Every standing with every set of words behind it, and the fewest words to it."""
        layer: dict[Node, int] = {(self.start, frozenset()): 0}
        found = dict(layer)
        for length in range(1, LONGEST + 1):
            layer = {
                (self.after(now, word), heard | {word}): length
                for now, heard in layer
                for word in WORDS
                if may_come(word, now)
            }
            layer = {node: length for node in layer if node not in found}
            found |= layer
        return found
