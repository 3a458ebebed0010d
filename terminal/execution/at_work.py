"""A hedge at work: what is remembered of it, what its next step depends on, what may follow."""

from decimal import Decimal
from typing import TypeAlias

from msgspec import Struct

from terminal.market.state import Seen
from terminal.model.hedge import Plan, Proposal
from terminal.model.instrument import Contract
from terminal.model.messages import Cancel, Submit
from terminal.model.order import Order, Side
from terminal.model.risk import RiskProfile


class Wish(Struct, frozen=True):
    """What a person wants of a hedge next: take what is left, or rest it at a price."""

    cross: bool
    limit: Decimal | None = None  # None: the own touch


class Hedge(Struct, frozen=True, kw_only=True):
    """A hedge between approval and its end."""

    hedge_id: str  # the proposal's, or the stop's
    underlying: str
    key: str
    side: Side
    qty: Decimal  # contracts approved
    decision_mid: float
    by: str
    rule: str
    started_at: int
    plan: Plan = Plan()
    offer: Proposal | None = None  # TWAP: what each slice must still be allowed by
    filled: Decimal = Decimal(0)  # of orders that are done
    attempt: int = 0
    order_id: str = ""  # the open order; empty between orders
    closed_at: int = 0  # when the last order was found done
    pegs: int = 0  # resting orders that ended before they were filled
    passive_since: int = 0  # start of the present wait at rest; 0: not resting yet
    waited: bool = False  # resting is over, whatever the clock says
    over_since: int = 0  # since when it sits beyond its wait or its cap; 0: it does not
    asking: str = ""  # the question a person is asked
    ending: str = ""  # why it ends as soon as its order is done
    by_hand: bool = False  # a person has taken control; the rule does nothing
    wish: Wish | None = None  # of that person, not carried out yet
    said: str = ""  # what became of the last wish


class Finished(Struct, frozen=True):
    """The hedge is over: complete, or why not."""

    left: Decimal  # contracts
    reason: str


class Wait(Struct, frozen=True):
    """Nothing to do for now."""


Action: TypeAlias = Submit | Cancel | Finished | Wait


class Venture(Struct, frozen=True, kw_only=True):
    """What the next step of a hedge depends on."""

    now: int
    run: str
    profile: RiskProfile
    contract: Contract
    book: Seen | None
    position: Decimal
    order: Order | None  # the hedge's open order
    stopped: bool  # a stop that this hedge is not part of
    crowded: str = ""  # limit on orders that stands against one more
    unfit: str = ""  # limit that stands against a further slice
    spot: float | None = None  # of an option, USD per coin: its own price is none; else None
