"""An engine under test, and short ways to read what it wants done."""

from collections.abc import Mapping
from decimal import Decimal

from msgspec.structs import replace

from terminal.core.units import SECOND
from terminal.engine.desk import verdict_of
from terminal.engine.state import State
from terminal.engine.step import step
from terminal.model.account import AccountSnapshot, Balance, Position
from terminal.model.hedge import Proposal
from terminal.model.live import LiveAccount
from terminal.model.market import Index
from terminal.model.messages import (
    Alert,
    Approve,
    Cancel,
    Effect,
    Event,
    Listing,
    Mode,
    Query,
    Record,
    Started,
    Submit,
    Tick,
)
from terminal.model.order import Fill, OrderIntent, OrderStatus, OrderUpdate
from terminal.model.risk import Autonomy, RiskProfile
from tests.helpers.builders import (
    FUTURE,
    NOW,
    OPTION,
    PERP,
    SPOT,
    Made,
    instruments,
    profile,
    quote,
)


class Trial:
    """An engine under test: feed it events, look at its state and at what it wants done.

    Starts with a coin held in futures, so that the desk has a delta of ``held`` to hedge, at an
    index and a future's mark of ``SPOT``.
    """

    def __init__(
        self,
        rules: RiskProfile | None = None,
        *,
        held: str = "1",
        autonomy: Autonomy = Autonomy.APPROVE,
        positions: Mapping[str, str] | None = None,
        accounts: tuple[LiveAccount, ...] = (),
    ) -> None:
        self.state = State()
        self.records: list[Record] = []
        self.effects: list[Effect] = []
        self.now = NOW
        holdings = {FUTURE: held} | dict(positions or {})
        mode = Mode.LIVE if accounts else Mode.SIM
        started = Started("test", mode, 1, rules or profile(), autonomy, accounts=accounts)
        self.tell(started)
        self.tell(Listing("sim", instruments()))
        stated = tuple(
            Position(key, Decimal(qty), Decimal(50_000)) for key, qty in holdings.items()
        )
        self.tell(AccountSnapshot("sim", stated, (Balance("USDC", Decimal(1_000_000)),)))

    def tell(self, event: Event) -> tuple[Effect, ...]:
        """Take one event now and answer what the engine wants done."""
        record = Record(self.state.seq + 1, self.now, "test", event)
        self.records.append(record)
        self.state, effects = step(self.state, record)
        self.effects += effects
        return effects

    def markets(self, price: float = SPOT) -> None:
        """Say index, perpetual, future and option anew around a price."""
        self.tell(Index("BTC", price))
        for key in (PERP, FUTURE):
            self.tell(quote(key, price - 0.5, price + 0.5, mark=price))
        self.tell(quote(OPTION, price - 31_000, price - 29_000, iv=0.5, forward=price))

    def tick(self, seconds: float = 0.25, price: float | None = SPOT) -> tuple[Effect, ...]:
        """Let time pass, with fresh markets unless the price is None, and beat."""
        self.now += round(seconds * SECOND)
        if price is not None:
            self.markets(price)
        return self.tell(Tick())

    @property
    def offer(self) -> Proposal:
        """The proposal on the table."""
        found = self.state.desks["BTC"].proposal
        assert found is not None, self.state.desks["BTC"].verdict
        return found

    @property
    def verdict(self) -> str:
        """What the desk says of itself."""
        return verdict_of(self.state, "BTC")

    def approve(self, **more: Made) -> tuple[Effect, ...]:
        """Click on the proposal that is on the table."""
        offer = self.offer
        return self.tell(replace(Approve(offer.proposal_id, offer.revision), **more))

    def report(self, sent: OrderIntent, status: OrderStatus, **more: Made) -> tuple[Effect, ...]:
        """Let the venue say how an order stands."""
        return self.tell(OrderUpdate(sent.order_id, status, **more))

    def fill(
        self, sent: OrderIntent, qty: Decimal | None = None, number: int = 1
    ) -> tuple[Effect, ...]:
        """Let an order fill at its limit."""
        return self.tell(
            Fill(
                fill_id=f"{sent.order_id}-{number}",
                order_id=sent.order_id,
                key=sent.key,
                side=sent.side,
                qty=sent.qty if qty is None else qty,
                price=sent.limit,
                fee=Decimal("0.5"),
                fee_currency="USDC",
                maker=False,
            )
        )

    def obey(self, effects: tuple[Effect, ...]) -> tuple[Effect, ...]:
        """Fill every order that was sent, and those that follow from the fills, at once."""
        everything: tuple[Effect, ...] = effects
        for _ in range(50):
            orders = submits(effects)
            effects = ()
            for sent in orders:
                self.report(sent, OrderStatus.LIVE)
                effects += self.fill(sent)
                effects += self.report(sent, OrderStatus.FILLED, filled=sent.qty)
            everything += effects
            if not orders:
                break
        return everything


def submits(effects: tuple[Effect, ...] | list[Effect]) -> list[OrderIntent]:
    """Orders among effects."""
    return [each.intent for each in effects if isinstance(each, Submit)]


def cancels(effects: tuple[Effect, ...] | list[Effect]) -> list[str]:
    """Ids of the orders whose cancel is among effects."""
    return [each.order_id for each in effects if isinstance(each, Cancel)]


def queries(effects: tuple[Effect, ...] | list[Effect]) -> list[str]:
    """Ids of the orders that are asked about."""
    return [each.order_id for each in effects if isinstance(each, Query)]


def alerts(effects: tuple[Effect, ...] | list[Effect]) -> str:
    """Text of the alerts, a line each."""
    return "\n".join(
        f"{each.level} {each.topic} {each.text}" for each in effects if isinstance(each, Alert)
    )


def ready(rules: RiskProfile | None = None, **more: Made) -> Trial:
    """Make an engine with markets and one heartbeat behind it."""
    trial = Trial(rules, **more)
    trial.tick()
    return trial
