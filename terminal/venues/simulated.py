"""A venue that matches orders against market events it is shown, whatever their source."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Final, TypeAlias

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from terminal.core.units import from_seconds
from terminal.model.account import AccountSnapshot, Balance, FundingPaid, Position, Settled
from terminal.model.instrument import FundedOn, Future, Instrument, Option, Perpetual
from terminal.model.market import Bar, Depth, Funding, Index, Quote, Trade
from terminal.model.messages import Disturb, DisturbanceKind, Listing, MarketEvent
from terminal.model.order import OrderIntent, OrderStatus, OrderUpdate
from terminal.model.ports import LastHop, lets_all_go
from terminal.venues.account_books import AccountBooks
from terminal.venues.disturbances import Disturbances
from terminal.venues.matching import IMPACT_BPS_PER_COIN
from terminal.venues.message_queue import Latency, MessageQueue
from terminal.venues.order_desk import Misses, OrderDesk, Reply
from terminal.venues.settlement_average import SettlementAverages
from terminal.venues.stamps import Stamps, first_expiry

Outcome: TypeAlias = Reply | FundingPaid | Settled | AccountSnapshot

_FAR: Final = 2**63


class _CancelRequest(Struct, frozen=True):
    order_id: str


class _Question(Struct, frozen=True):
    order_id: str


class _AccountRequest(Struct, frozen=True):
    asked_at: int


_Request: TypeAlias = OrderIntent | _CancelRequest | _Question | _AccountRequest


class VenueTerms(Struct, frozen=True, kw_only=True):
    """How a simulated venue behaves.

    ``order_log`` is called synchronously when an order reaches the venue, before anything else
    happens to it. ``impact_bps_per_coin`` is explained in ``matching``. Of all orders the part
    ``missed`` finds nobody to trade with, drawn from the seed.
    """

    name: str
    seed: int = 0
    latency: Latency = Latency()
    impact_bps_per_coin: Mapping[str, float] = IMPACT_BPS_PER_COIN
    missed: float = 0.0
    order_log: Callable[[OrderIntent], None] | None = None


class SimulatedVenue:
    """Orders, positions and cash of one venue under the clock of the market it is shown.

    Time passes by ``on_market`` and ``advance``; requests and outcomes take their latency and
    never overtake each other. Outcomes wait in ``pop``.

    Parameters
    ----------
    terms : VenueTerms
    positions, balances : sequence
        What the account holds at the start.
    """

    def __init__(
        self,
        terms: VenueTerms,
        positions: Sequence[Position] = (),
        balances: Sequence[Balance] = (),
    ) -> None:
        self._terms = terms
        self._account = AccountBooks(positions, balances)
        self._disturbances = Disturbances()
        seed = terms.seed & 0xFFFF_FFFF_FFFF_FFFF
        self._desk = OrderDesk(
            terms.name,
            self._account,
            self._disturbances,
            terms.impact_bps_per_coin,
            Misses(terms.missed, np.random.default_rng((seed, 3))),
        )
        self._requests: MessageQueue[_Request] = MessageQueue(
            terms.latency, np.random.default_rng((seed, 1))
        )
        self._outcomes: MessageQueue[Outcome] = MessageQueue(
            terms.latency, np.random.default_rng((seed, 2))
        )
        self._known: dict[str, Instrument] = {}
        self._listings: dict[str, Listing] = {}
        self._stamps = Stamps()
        self._averages = SettlementAverages()
        self._now = 0
        self._due = _FAR
        self.last_hop: LastHop = lets_all_go

    def submit(self, intent: OrderIntent, at: int) -> None:
        """Send an order at engine time ``at``, unless the last hop bars it."""
        why = self.last_hop(intent)
        if why:
            said = OrderUpdate(intent.order_id, OrderStatus.REJECTED, f"not sent: {why}")
            self._outcomes.send(said, at)
            return
        self._request(intent, intent.key, at)

    def cancel(self, order_id: str, at: int) -> None:
        """Ask for a cancel; an order that is no longer open is answered with how it stands."""
        self._request(_CancelRequest(order_id), "", at)

    def query(self, order_id: str, at: int) -> None:
        """Ask what became of an order.

        The answer is every Fill of it again, then its OrderUpdate; of an order this venue has not
        seen, REJECTED with reason "never arrived", which is proof because requests keep order.
        """
        self._request(_Question(order_id), "", at)

    def ask_account(self, at: int) -> None:
        """Ask for positions, cash and open orders."""
        self._requests.send(_AccountRequest(at), at)

    def disturb(self, disturb: Disturb, at: int) -> None:
        """Delay, refuse, fill in parts or lose replies from ``at`` on; other kinds do nothing."""
        self._disturbances.add(disturb, at)

    def snapshot(self) -> AccountSnapshot:
        """Positions and cash now."""
        return self._account.snapshot(self._terms.name)

    def credit(self, positions: Sequence[Position], balances: Sequence[Balance]) -> None:
        """Put positions and cash into the account, in place of what it holds of the same."""
        self._account.hold(positions, balances)
        self._plan()

    def on_market(self, at: int, event: MarketEvent) -> None:
        """Show a market event; everything due before ``at`` happens first."""
        self.advance(at)
        self._now = at
        match event:
            case Bar() | Quote() | Trade() | Depth():
                if isinstance(event, Bar):
                    self._note_index(event.key, event.close)
                said = self._desk.show(event, at)
                if said:
                    self._say(said, at)
            case Index():
                self._index_is(event.underlying, event.price)
            case Funding():
                self._stamps.hear(event, at)
                self._plan()
            case Listing():
                self._list(event, at)
            case _:
                pass

    def advance(self, to: int | None) -> None:
        """Let everything happen that is due before ``to``.

        Requests keep their order, so what has been processed cannot be changed by a later one.
        None, at the end of a tape: requests under way, and payments due by now.
        """
        while True:
            request = self._requests.next_at()
            if request is None and to is not None and to <= self._due:
                return  # as it nearly always is
            first = self._due if request is None else min(request, self._due)
            if to is None and request is None and self._due > self._now:
                return
            if first == _FAR or (to is not None and first >= to):
                return
            if first == self._due:
                self._pay(max(first, self._now))
            else:
                self._receive()

    def wake_at(self) -> int | None:
        """When ``advance`` has something to do next, UtcNs: for a clock that no market drives."""
        request = self._requests.next_at()
        first = self._due if request is None else min(request, self._due)
        return None if first == _FAR else first

    def next_at(self) -> int | None:
        """Engine time of the next outcome."""
        return self._outcomes.next_at()

    def pop(self) -> tuple[int, Outcome]:
        """Take the next outcome with its engine time."""
        return self._outcomes.take()

    def _request(
        self, request: OrderIntent | _CancelRequest | _Question, key: str, at: int
    ) -> None:
        known = self._known.get(key)
        if isinstance(request, OrderIntent):
            base = known.contract.base if known else ""
        else:
            base = self._desk.base(request.order_id)
        self._requests.send(request, at, self._delay(base, at))

    def _delay(self, base: str, at: int) -> int:
        extra = self._disturbances.value(DisturbanceKind.DELAY, base, at)
        return from_seconds(extra) if extra else 0

    def _receive(self) -> None:
        at, request = self._requests.take()
        self._now = max(self._now, at)
        if isinstance(request, _AccountRequest):
            stated = replace(
                self.snapshot(), orders=self._desk.open_orders(), asked_at=request.asked_at
            )
            self._outcomes.send(stated, at)
            return
        if isinstance(request, OrderIntent):
            if self._terms.order_log is not None:
                self._terms.order_log(request)
            said = self._desk.arrive(request, at)
        elif isinstance(request, _CancelRequest):
            said = self._desk.cancel(request.order_id)
        else:
            said = self._desk.answer(request.order_id)
        self._say(said, at)

    def _say(self, said: Sequence[Reply], at: int) -> None:
        """Send replies unless they are to be lost; holdings may have changed, so plan anew."""
        for reply in said:
            base = self._desk.base(reply.order_id)
            if not self._disturbances.active(DisturbanceKind.LOSE_REPLY, base, at):
                self._outcomes.send(reply, at, self._delay(base, at))
        self._plan()

    def _list(self, listing: Listing, at: int) -> None:
        """Trade what any market lists now: a tape may hold the markets of several."""
        self._listings[listing.venue] = listing
        listed = {
            each.contract.key: each
            for source in self._listings.values()
            for each in source.instruments
        }
        self._known.update(listed)
        self._await_expiry(at)
        self._say(self._desk.list_only(listed), at)

    def _note_index(self, key: str, price: float) -> None:
        """Bars carry no index: the close of a perpetual or future stands for it."""
        instrument = self._known.get(key)
        if instrument is not None and not isinstance(instrument, Option):
            self._index_is(instrument.contract.base, price)

    def _index_is(self, base: str, price: float) -> None:
        index = self._desk.index
        before = index.get(base)
        if self._now >= self._averages.opens_at:
            self._averages.note(base, self._now, price, before)
        index[base] = price
        if before is None:
            self._plan()

    def _held(self) -> list[Instrument]:
        """Instruments held whose underlying has a price."""
        found = (self._known.get(key) for key in self._account.positions)
        return [each for each in found if each and each.contract.base in self._desk.index]

    def _plan(self) -> None:
        """Find the next instant at which the venue pays by itself."""
        dates = (self._stamps.next_funding(), first_expiry(self._held()))
        self._due = min((date for date in dates if date is not None), default=_FAR)

    def _pay(self, at: int) -> None:
        """Pay fundings and settle what is due at ``at``."""
        paid: list[Outcome] = []
        for funding in self._stamps.take_funding(at):
            instrument = self._known.get(funding.key)
            price = self._funded_at(funding.key)
            if isinstance(instrument, Perpetual) and price is not None:
                payment = self._account.fund(instrument, price, funding.rate)
                paid += [payment] if payment else []
        for each in self._held():
            if isinstance(each, Option | Future) and each.expiry <= at:
                base = each.contract.base
                price = self._averages.price(base, each.expiry, self._desk.index[base])
                settled = self._account.settle(each, price)
                paid += [settled] if settled else []
        for outcome in paid:
            self._outcomes.send(outcome, at)
        self._now = at
        self._await_expiry(at)
        self._plan()

    def _await_expiry(self, at: int) -> None:
        """Find out when the next settlement begins to be averaged, whoever holds what by then."""
        known = self._known.values()
        expiries = (each.expiry for each in known if isinstance(each, Option | Future))
        self._averages.plan(expiries, at)

    def _funded_at(self, key: str) -> Decimal | None:
        """Price that funding is paid on: the mark, or the index where the venue pays on it."""
        quote, instrument = self._desk.book(key).quote, self._known.get(key)
        price = quote.mark if quote else None
        if isinstance(instrument, Perpetual):
            on_index = instrument.funded_on is FundedOn.INDEX
            if price is None or on_index:
                price = self._desk.index.get(instrument.contract.base, price)
        return None if price is None else Decimal(repr(price))
