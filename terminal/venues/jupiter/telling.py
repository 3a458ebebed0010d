"""What a run is told of a wallet, read by read: listing, marks, rates, fees and the account."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal

from msgspec import Struct

from terminal.core.units import HOUR
from terminal.model.account import AccountSnapshot, Balance, FundingPaid
from terminal.model.instrument import Perpetual
from terminal.model.market import Funding, Index, Quote
from terminal.model.messages import Event, Listing
from terminal.venues.jupiter.accounts import MICRO
from terminal.venues.jupiter.holdings import VENUE, Holding
from terminal.venues.jupiter.wallet import Wallet

CASH = "USD"
"""Currency of the account: collateral counts as the USD that it was worth when it was paid in."""

_NOTHING = Decimal(0)


class Booked(Struct, frozen=True):
    """What the books of a run hold of the wallet when it starts; ``cash`` in USD."""

    positions: Mapping[str, Decimal]  # signed contracts by key
    cash: Decimal


class Teller:
    """Makes events of reads, so that the sums of what it told always are the last statement.

    The account's cash is what was paid in as collateral less the borrow fees told. The chain
    charges a fee only when a position is next changed; here it is booked by the hour as it runs
    up, on either side, and never as funding.

    Parameters
    ----------
    booked : Booked or None
        None where the run has no account of the wallet yet.
    followed : collection of str
        Coins whose index another feed tells; of others the oracle's price is the index.
    """

    def __init__(self, booked: Booked | None, followed: Collection[str]) -> None:
        self._booked = booked
        self._followed = frozenset(followed)
        self._listed: tuple[Perpetual, ...] | None = None
        self._rates: dict[str, Funding] = {}
        self._charged: dict[str, tuple[object, Decimal]] = {}  # by key: which fee, USD told of it
        self._hour: int | None = None

    def events(self, found: Wallet, at: int, asked_at: int | None) -> Iterator[Event]:
        """What one read tells, in order.

        Parameters
        ----------
        found : Wallet
            Every price known.
        at : int
            Engine time, UtcNs.
        asked_at : int or None
            When the account was asked for that this read answers; None where nobody asks.
        """
        first = self._hour is None
        yield from self._terms(found.holdings)
        yield from self._prices(found.holdings)
        self._charged = self._standing(found.holdings)
        hour = at // HOUR
        if hour != self._hour and not (first and self._booked is None):
            yield from self._fees(found.holdings)
        self._hour = hour
        if asked_at is not None or (first and self._booked is None):
            yield self._statement(found.holdings, asked_at or 0)

    def _terms(self, holdings: Sequence[Holding]) -> Iterator[Event]:
        listed = tuple(each.perpetual for each in holdings)
        if listed != self._listed:
            self._listed = listed
            yield Listing(VENUE, listed)
        rates = {each.position.key: each.funding for each in holdings}
        yield from (each for key, each in rates.items() if self._rates.get(key) != each)
        self._rates = rates

    def _prices(self, holdings: Sequence[Holding]) -> Iterator[Event]:
        """Marks without bid or ask: there is no book, so nothing can be hedged with them."""
        prices = {each.held.place.coin: each.price for each in holdings}
        for coin, price in prices.items():
            if coin not in self._followed and price is not None:
                yield Index(coin, price)
        for each in holdings:
            yield Quote(each.position.key, None, None, mark=each.price)

    def _standing(self, holdings: Sequence[Holding]) -> dict[str, tuple[object, Decimal]]:
        """Fees told of each position; of one that is new or was changed, all of it counts."""
        if self._hour is None:
            return self._resumed(holdings)
        standing = {}
        for each in holdings:
            key, which = each.position.key, _which(each)
            before = self._charged.get(key)
            told = before[1] if before and before[0] == which else each.owed_usd
            standing[key] = (which, told)
        return standing

    def _resumed(self, holdings: Sequence[Holding]) -> dict[str, tuple[object, Decimal]]:
        """Fees told before a restart, as the books have them; anything odd is left to compare.

        Notes
        -----
        The books know the sum. What is missing of it is divided by what each position pays now.
        """
        missing = self._missing(holdings)
        paying = [Decimal(repr(each.borrow_usd_hour)) for each in holdings]
        total = sum(paying, _NOTHING)
        standing: dict[str, tuple[object, Decimal]] = {}
        left = missing
        for number, each in enumerate(holdings):
            last = number == len(holdings) - 1
            share = paying[number] / total if total else _NOTHING
            part = left if last else min((missing * share).quantize(MICRO), left)
            left -= part
            standing[each.position.key] = (_which(each), each.owed_usd - part)
        return standing

    def _missing(self, holdings: Sequence[Holding]) -> Decimal:
        """Fees that ran up while nothing was running, USD."""
        booked = self._booked
        held = {each.position.key: each.position.qty for each in holdings}
        if booked is None or held != dict(booked.positions):
            return _NOTHING
        owed = sum((each.owed_usd for each in holdings), _NOTHING)
        missing = booked.cash - (_collateral(holdings) - owed)
        return missing if _NOTHING <= missing <= owed else _NOTHING

    def _fees(self, holdings: Sequence[Holding]) -> Iterator[Event]:
        for each in holdings:
            key = each.position.key
            which, told = self._charged[key]
            due = each.owed_usd - told
            if due > 0:
                self._charged[key] = (which, each.owed_usd)
                yield FundingPaid(key, -due, CASH, each.funding.rate, borrow=True)

    def _statement(self, holdings: Sequence[Holding], asked_at: int) -> AccountSnapshot:
        told = sum((amount for _, amount in self._charged.values()), _NOTHING)
        cash = (Balance(CASH, _collateral(holdings) - told),) if holdings else ()
        return AccountSnapshot(
            VENUE, tuple(each.position for each in holdings), cash, (), asked_at=asked_at
        )


def _collateral(holdings: Sequence[Holding]) -> Decimal:
    return sum((each.held.collateral_usd for each in holdings), _NOTHING)


def _which(each: Holding) -> object:
    """Name of the fee that runs: the program begins another whenever the position is changed."""
    held = each.held
    return held.opened_at, held.interest_snapshot, held.size_usd, held.collateral_usd
