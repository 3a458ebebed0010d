"""A request from its signature to its outcome: sent once, resolved by reading the chain.

The signature is known, and kept, before anything is sent. From then on only these same bytes are
ever sent for this order: the chain takes them once at most, and never after their last height. A
new transaction for the same order is never made.
"""

import asyncio
from collections.abc import Callable, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Final, Protocol

from msgspec import Struct
from msgspec.structs import replace

from terminal.core.errors import ConfigError, DataError, VenueError
from terminal.venues.jupiter import accounts
from terminal.venues.jupiter.accounts import MICRO, HeldPosition
from terminal.venues.jupiter.addresses import decoded, encoded
from terminal.venues.jupiter.program import PROGRAM, position_address
from terminal.venues.jupiter.requests import Change, checked, instructions, request_address
from terminal.venues.jupiter.rpc import Node
from terminal.venues.jupiter.sending import Landing, landing, lifetime, rehearsed, send, tip
from terminal.venues.jupiter.signing import Signer
from terminal.venues.jupiter.transactions import Signed, signed
from terminal.venues.jupiter.wallet import Wallet, read_wallet

PRICE_SLACK: Final = Decimal("0.0001")
"""Part of the price that rounding of entries may put between a fill and what is read of it."""

_NOTHING: Final = Decimal(0)
_MOVED: Final = "the node does not know it, but the position moved: ask another node"


class Outcome(StrEnum):
    """What became of a request; all but OPEN are final."""

    OPEN = "open"  # it may still take effect
    FILLED = "filled"
    REFUSED = "refused"  # a keeper closed it without a fill
    FAILED = "failed"  # it landed, and the program rejected it
    EXPIRED = "expired"  # it never landed, and cannot any more
    REJECTED = "rejected"  # the rehearsal failed: nothing was sent
    DIFFERENT = "different"  # the position is neither as before nor as asked for


class Kept(Struct, frozen=True, kw_only=True):
    """Everything that is needed to follow a request after a crash; no key is in it."""

    wallet: str
    change: Change
    made: Signed
    last_height: int
    size_before: Decimal
    entry_before: Decimal
    outcome: Outcome = Outcome.OPEN
    detail: str = ""
    price: Decimal | None = None  # of the fill; None where the chain does not tell
    beyond: bool = False  # filled at a price worse than the worst that was asked for


class Shelf(Protocol):
    """Keeps requests so that a crash loses none that was sent."""

    def find(self, order_id: str) -> Kept | None:
        """The request of an order; ConfigError where it is there and cannot be read."""
        ...

    def open(self) -> Sequence[str]:
        """Orders whose requests have no final outcome."""
        ...

    def begin(self, kept: Kept) -> None:
        """Keep a new one, on disk when this returns; ConfigError where there is one already."""
        ...

    def update(self, kept: Kept) -> None:
        """Keep what became of one."""
        ...


class Patience(Struct, frozen=True):
    """How often the chain is looked at, and for how long, in seconds."""

    every: float = 1.0
    most: float = 120.0


class RequestDesk:
    """Asks for changes of one wallet's positions, one at a time.

    Parameters
    ----------
    node : Node
    signer : Signer
    shelf : Shelf
    bars : callable
        Why nothing may be sent now; empty when it may. Asked right before every sending.
    limits : callable
        Which limit stands against a change of what a wallet holds; empty when none does. Asked
        before a change is signed.
    patience : Patience
    """

    def __init__(
        self,
        node: Node,
        signer: Signer,
        shelf: Shelf,
        bars: Callable[[], str],
        limits: Callable[[Change, Wallet], str],
        *,
        patience: Patience = Patience(),  # noqa: B008 - frozen
    ) -> None:
        self._node = node
        self._signer = signer
        self._shelf = shelf
        self._bars = bars
        self._limits = limits
        self._patience = patience

    async def request(self, change: Change, now: int) -> Kept:
        """Ask for a change, or go on with it where it was asked for before.

        Parameters
        ----------
        change : Change
        now : int
            Seconds since 1970.

        Returns
        -------
        Kept
            With its outcome. OPEN when patience ran out: ask again with the same change.

        Raises
        ------
        ConfigError
            It cannot be asked for, or its id names another change, or one is open already.
        VenueError, DataError
            The chain could not be read before anything was sent.
        """
        known = self._shelf.find(change.order_id)
        if known is not None:
            if known.change != change or known.wallet != encoded(self._signer.address):
                raise ConfigError(f"request {change.order_id} was another one: take a new id")
            return known if known.outcome is not Outcome.OPEN else await self._followed(known)
        if waiting := [*self._shelf.open()]:
            raise ConfigError(f"request {waiting[0]} has no outcome yet: resolve it first")
        why = self._bars()
        if why:
            raise ConfigError(why)
        kept = await self._made(change, now)
        if kept.outcome is not Outcome.OPEN:
            return kept
        self._shelf.begin(kept)
        return await self._followed(kept)

    async def _made(self, change: Change, now: int) -> Kept:
        """Sign a change and rehearse it; nothing is sent."""
        owner = self._signer.address
        found = await read_wallet(self._node, encoded(owner), now)
        held, price = _held(found, change)
        checked(change, price)
        beyond = self._limits(change, found)
        if beyond:
            raise ConfigError(f"not sent: {beyond}")
        life = await lifetime(self._node)
        kept = Kept(
            wallet=encoded(owner),
            change=change,
            made=signed(instructions(owner, change), self._signer, life.blockhash),
            last_height=life.last_height,
            size_before=held.size_usd,
            entry_before=held.entry,
        )
        why = await rehearsed(self._node, kept.made)
        return replace(kept, outcome=Outcome.REJECTED, detail=why) if why else kept

    async def _followed(self, kept: Kept) -> Kept:
        """Look until there is an outcome or patience runs out; send the same bytes meanwhile."""
        clock = asyncio.get_running_loop().time
        until, trouble = clock() + self._patience.most, ""
        while True:
            try:
                found = await self._looked(kept)
            except (VenueError, DataError) as error:
                trouble = f": {error}"
            else:
                if found.outcome is not Outcome.OPEN:
                    self._shelf.update(found)
                    return found
                kept, trouble = found, ""
            if clock() >= until:
                return replace(kept, detail=f"{kept.detail or 'not known to have landed'}{trouble}")
            await asyncio.sleep(self._patience.every)

    async def _looked(self, kept: Kept) -> Kept:
        """One look at the chain."""
        known = await landing(self._node, kept.made.signature)
        if known.found:
            return await self._landed(kept, known)
        final = await tip(self._node)
        if final.height > kept.last_height:
            return await self._gone(kept, final.slot)
        if not self._bars():
            await send(self._node, kept.made)
        return kept

    async def _landed(self, kept: Kept, known: Landing) -> Kept:
        if not known.firm:
            return replace(kept, detail="seen, not confirmed yet")
        if known.failure:
            return replace(kept, outcome=Outcome.FAILED, detail=known.failure)
        waiting, held, slot = await self._positions(kept)
        if waiting or slot < known.slot:
            return replace(kept, detail="on the chain, waiting for a keeper")
        return _compared(kept, held)

    async def _gone(self, kept: Kept, final: int) -> Kept:
        """Whether a request whose time is over has never landed, proven at a final slot."""
        known = await landing(self._node, kept.made.signature)
        waiting, held, slot = await self._positions(kept)
        if known.found or known.slot < final or slot < final:
            return kept
        size = held.size_usd if held else _NOTHING
        if waiting or size != kept.size_before:
            return replace(kept, detail=_MOVED)
        return replace(kept, outcome=Outcome.EXPIRED, detail="it never landed and cannot any more")

    async def _positions(self, kept: Kept) -> tuple[bool, HeldPosition | None, int]:
        """Whether the request still waits, the position, and the slot that this is of."""
        wallet, place = decoded(kept.wallet), kept.change.place
        asked = [position_address(wallet, place), request_address(wallet, kept.change)]
        answer = await self._node.accounts(asked)
        position, request = answer.found
        if position is None:
            return request is not None, None, answer.slot
        if position.owner != PROGRAM:
            raise DataError(f"position {place.symbol} is of another program")
        held = accounts.position(position.content, wallet, place)
        return request is not None, held, answer.slot


def _held(found: Wallet, change: Change) -> tuple[HeldPosition, float]:
    """The open position that a change is of, and the oracle's price."""
    for each in found.holdings:
        if each.held.place != change.place:
            continue
        if each.price is None:
            raise DataError(each.why_no_price)
        if not change.grows and change.size_usd > each.held.size_usd:
            raise ConfigError(
                f"{change.place.symbol} is {each.held.size_usd} USD: it cannot shrink by more"
            )
        return each.held, each.price
    raise ConfigError(f"{change.place.symbol} is not open: open it at jup.ag, then hedge with it")


def _compared(kept: Kept, held: HeldPosition | None) -> Kept:
    """Outcome by the position: that a request vanished does not mean that it was filled."""
    size = held.size_usd if held else _NOTHING
    change = kept.change
    if size == kept.size_before:
        return replace(kept, outcome=Outcome.REFUSED, detail="a keeper closed it without a fill")
    asked = kept.size_before + (change.size_usd if change.grows else -change.size_usd)
    if abs(size - asked) > MICRO:
        detail = f"the position is {size} USD, asked for was {asked}: look at jup.ag"
        return replace(kept, outcome=Outcome.DIFFERENT, detail=detail)
    filled = replace(kept, outcome=Outcome.FILLED, detail="")
    if held is None or not change.grows:
        return filled
    price = _price(kept, held)
    if price is None:
        return filled
    over = price / change.worst - 1 if change.buys else 1 - price / change.worst
    beyond = over > PRICE_SLACK
    detail = f"filled at {price:.6f}, worse than the worst price {change.worst}" if beyond else ""
    return replace(filled, price=price, beyond=beyond, detail=detail)


def _price(kept: Kept, held: HeldPosition) -> Decimal | None:
    """Price of an increase, USD per coin: size over the coins that came to the position."""
    coins = held.size_usd / held.entry - kept.size_before / kept.entry_before
    return (kept.change.size_usd / coins).quantize(MICRO) if coins > 0 else None
