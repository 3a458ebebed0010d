"""Worth of the account in USD, and what P&L is measured from."""

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from msgspec import Struct

from terminal.model.greeks import Exposure
from terminal.portfolio.books import Books
from terminal.portfolio.ledger import Ledger

DOLLARS = frozenset({"USD", "USDC", "USDT", "USDE", "DAI", "FDUSD", "PYUSD"})
"""Currencies taken at one USD."""


class Opening(Struct, frozen=True):
    """What P&L is measured from: the first moment at which everything held had a price."""

    equity: float  # USD


class Amounts(NamedTuple):
    """Cash as floats: dollars, and coins whose price moves."""

    usd: float
    coins: tuple[tuple[str, float], ...]


class Flows(Struct, frozen=True):
    """Cash as floats; made anew when the ledger changes."""

    ledger: Ledger
    cash: Amounts


def flows_of(ledger: Ledger, before: Flows | None = None) -> Flows:
    """Cash of a ledger; ``before`` itself while the ledger is the same."""
    if before is not None and before.ledger is ledger:
        return before
    return Flows(ledger, _amounts(ledger.cash))


def opened(flows: Flows, worth: float | None) -> Opening | None:
    """Opening at this worth; None while the account is not known or something has no price."""
    known = flows.ledger.cash or flows.ledger.positions
    return Opening(worth) if worth is not None and known else None


def equity(flows: Flows, books: Books, exposures: Mapping[str, Exposure]) -> float | None:
    """Worth of the account, USD; None while something has no price.

    Parameters
    ----------
    flows : Flows
        Of the present ledger.
    books : Books
        Of the same ledger.
    exposures : mapping
        Underlying to its exposure, made from this ledger.

    Notes
    -----
    With cash C and price P of each currency it is sum C P + value of positions. It is needed at
    every record; what moved it is in `terminal.portfolio.attribution`.
    """
    if books.unlisted:
        return None
    total = flows.cash.usd
    for currency, amount in flows.cash.coins:
        exposure = exposures.get(currency)
        if exposure is None or exposure.spot is None:
            return None
        total += amount * exposure.spot
    for underlying in books.by_underlying:
        exposure = exposures.get(underlying)
        if exposure is None or exposure.unpriced:
            return None
        for value in exposure.values.values():
            total += value
    return total


def _amounts(cash: Mapping[str, Decimal]) -> Amounts:
    dollars = (float(amount) for currency, amount in cash.items() if currency in DOLLARS)
    coins = ((each, float(amount)) for each, amount in cash.items() if each not in DOLLARS)
    return Amounts(sum(dollars, 0.0), tuple(coins))
