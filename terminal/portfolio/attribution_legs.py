"""What P&L is attributed between two looks: every holding with its value and what moves it."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from msgspec import Struct

from terminal.core.units import YEAR
from terminal.portfolio.books import Books
from terminal.portfolio.exposure import View
from terminal.portfolio.ledger import Ledger
from terminal.portfolio.linear_values import LinearValue, linear_values
from terminal.portfolio.option_prices import option_rows
from terminal.portfolio.pnl import DOLLARS

CASH = "cash"
"""Kind of a currency taken at one USD; coins are ``collateral`` or ``spot``."""


class Leg(Struct, frozen=True, gc=False):
    """One holding at one look. ``value`` is None while it is unknown.

    ``size`` is in coins, for an inverse contract in USD, for cash in its currency. ``basis`` is the
    forward or mark over the index. The fields from ``index`` on are of options: the index ticks
    more often than their marks, and ``index`` is what it was when the mark was made.
    """

    key: str
    name: str
    underlying: str
    venue: str
    kind: str
    expiry: int  # UtcNs, 0 without expiry
    size: float
    spot: float  # USD
    value: float | None  # USD
    at: int  # UtcNs of the look
    entry: float = 0.0
    basis: float = 1.0
    in_coin: bool = False  # inverse, or with a premium in coin
    index: float = 0.0  # USD
    strike: float = 0.0
    sign: float = 1.0  # +1 call, -1 put
    years: float = 0.0
    vol: float = 0.0


class Look(Struct, frozen=True):
    """Everything held at one moment, by key; ``missing`` names what has no value."""

    legs: dict[str, Leg]
    missing: str = ""


def looked(views: Mapping[str, View | None], ledger: Ledger, books: Books) -> Look:
    """Legs of a book as its underlyings were looked at.

    Parameters
    ----------
    views : mapping
        Of every underlying held, as `terminal.portfolio.exposure.survey` makes them.
    ledger : Ledger
    books : Books
        Of the same ledger.

    Returns
    -------
    Look
        Its values sum to the equity, to rounding, if nothing is missing.
    """
    legs: dict[str, Leg] = {}
    missing = [f"no value of {key}" for key in books.unlisted]
    for view in views.values():
        if view is not None:
            for leg in (*_options(view), *_linear(view)):
                legs[leg.key] = leg
                if leg.value is None:
                    missing.append(f"no value of {leg.name}")
    missing += [f"no value of {each}" for each in books.by_underlying if views.get(each) is None]
    for currency, amount in ledger.cash.items():
        if currency in DOLLARS:
            cash = float(amount)
            legs[currency] = Leg(
                currency, currency, currency, "", CASH, 0, cash, 1.0, cash, at=0
            )
        elif views.get(currency) is None:
            missing.append(f"no price of {currency}")
    return Look(legs, missing[0] if missing else "")


def venue_of(key: str) -> str:
    """Venue in the key of an instrument; empty for a currency."""
    return key.rpartition("@")[2] if "@" in key else ""


def _options(view: View) -> Iterator[Leg]:
    scene, sheet = view.scene, view.sheet
    rows = option_rows(sheet, scene.spot, scene.engine)
    book = zip(sheet.book.options, sheet.inputs, rows, sheet.seen, strict=True)
    for option, each, row, seen in book:
        marked = seen.spot if seen is not None and each.mark is not None else None
        yield Leg(
            key=option.key,
            name=option.symbol,
            underlying=scene.underlying,
            venue=venue_of(option.key),
            kind="option",
            expiry=option.expiry,
            size=option.coins,
            spot=scene.spot,
            value=row[0] if each.vol is not None else None,
            at=scene.now,
            entry=option.entry,
            basis=each.basis,
            in_coin=option.in_coin,
            index=marked or scene.spot,
            strike=option.strike,
            sign=option.sign,
            years=max(option.expiry - sheet.clock, 0) / YEAR,
            vol=each.vol or 0.0,
        )


def _linear(view: View) -> Iterator[Leg]:
    found: list[LinearValue] = linear_values(
        view.scene, view.sheet.book, view.balance or Decimal(0)
    )
    scene = view.scene
    for each in found:
        held, mark = each.held, each.mark
        yield Leg(
            key=held.key,
            name=held.symbol,
            underlying=scene.underlying,
            venue=venue_of(held.key),
            kind=held.kind,
            expiry=held.expiry,
            size=held.size,
            spot=scene.spot,
            value=None if mark is None else each.fields[0],
            at=scene.now,
            entry=held.entry or 0.0,
            basis=1.0 if mark is None else mark / scene.spot,
            in_coin=held.inverse,
        )
