"""What a book is exposed to, by underlying: totals, without a row for each position."""

import math
from collections.abc import Iterable, Mapping
from decimal import Decimal

from msgspec import Struct

from terminal.market.state import Market
from terminal.market.state import spot as index_price
from terminal.model.greeks import Exposure, Sensitivity
from terminal.portfolio.books import NO_BOOK, Books
from terminal.portfolio.ledger import Ledger
from terminal.portfolio.linear_values import linear_values
from terminal.portfolio.option_inputs import View
from terminal.portfolio.option_prices import FIELDS, PricedOptions, price_options

ZERO = Decimal(0)

CASH = frozenset({"spot", "collateral"})
"""Kinds of holding whose value the ledger counts as cash."""


class Survey(Struct, frozen=True):
    """Exposures, and the views that they were made from, by underlying.

    ``rows.itemised`` makes of a view the rows that sum to its exposure; there is none of an
    underlying without an index price, or with numbers beyond any float.
    """

    exposures: dict[str, Exposure]
    views: dict[str, View | None]


def survey(
    market: Market,
    ledger: Ledger,
    books: Books,
    working: Mapping[str, float],
    *,
    now: int,
    underlyings: Iterable[str],
    greeks_age: int,
) -> Survey:
    """Exposure of each underlying that is asked for.

    Parameters
    ----------
    market : Market
    ledger : Ledger
    books : Books
        From ``books.refreshed`` for this market and ledger.
    working : mapping
        Delta (coin) of orders in flight by underlying.
    now : int
        Engine time, UtcNs.
    underlyings : iterable of str
    greeks_age : int
        Age in ns from which an option quote is too old to decide on.

    Returns
    -------
    Survey
        In the order asked for. An unknown number makes the exposure unusable, with a flag that
        names the instrument; the number itself then counts as 0.

    Notes
    -----
    Units and definitions are those of ``Sensitivity``. A position whose terms are not listed could
    belong to any underlying, so it makes all of them unusable.
    """
    exposures: dict[str, Exposure] = {}
    views: dict[str, View | None] = {}
    for name in underlyings:
        spot = index_price(market, name)
        flying = working.get(name, 0.0)
        if spot is None:
            exposures[name], views[name] = _unknown(name, None, flying, "no index price"), None
            continue
        balance = ledger.cash.get(name, ZERO)
        view = View(market, books, name, spot, now, greeks_age, balance)
        found = _exposure(view, flying)
        views[name] = view if found else None
        exposures[name] = found or _unknown(
            name, spot, 0.0, "sizes or prices are beyond any number"
        )
    return Survey(exposures, views)


def _exposure(view: View, working: float) -> Exposure | None:
    """Totals of one underlying; None when they are not finite."""
    book = view.books.by_underlying.get(view.underlying, NO_BOOK)
    options = price_options(view, book)
    values, faults, unpriced = _of_options(view, options)
    value, delta, net_of_premium, with_equity, in_usd, *curvature = options.total[:FIELDS]
    option_delta, hedge_delta = delta, 0.0
    for each in linear_values(view, book):
        fields = each.fields
        value += fields[0]
        delta += fields[1]
        net_of_premium += fields[2]
        with_equity += fields[3]
        in_usd += fields[4]
        hedge_delta += fields[1]
        kind = each.held.kind
        if kind not in CASH:
            values[kind] = values.get(kind, 0.0) + fields[0]
        if each.mark is None:
            faults.append(f"{each.held.symbol}: {each.flag}")
            unpriced = unpriced or each.held.symbol
    total = Sensitivity(value, delta, net_of_premium, with_equity, in_usd, *curvature)
    if not _finite(total, working):
        return None
    more = f" and {len(faults) - 1} more" if len(faults) > 1 else ""
    return Exposure(
        underlying=view.underlying,
        spot=view.spot,
        total=total,
        working=working,
        option_delta=option_delta,
        hedge_delta=hedge_delta,
        values=values,
        unpriced=unpriced,
        usable=not faults,
        flag=f"{faults[0]}{more}" if faults else "",
    )


def _of_options(view: View, options: PricedOptions) -> tuple[dict[str, float], list[str], str]:
    """Value of the options, what is wrong with the book, and an option without a price."""
    faults = [f"{key}: terms are not listed" for key in view.books.unlisted]
    unpriced = ""
    for number, each in enumerate(options.inputs):
        if each.usable and each.vol is not None:
            continue
        symbol = options.options[number].symbol
        if not each.usable:
            faults.append(f"{symbol}: {each.flag}")
        if each.vol is None:
            unpriced = unpriced or symbol
    return {"option": options.total[0]} if options.options else {}, faults, unpriced


def _finite(total: Sensitivity, working: float) -> bool:
    """Whether every field is a number: infinities and NaN survive both sums."""
    first = total.value_usd + total.delta_net_of_premium + total.delta_with_equity
    second = total.gamma_1pct_usd + total.gamma + total.vega_usd + total.theta_usd_day
    return math.isfinite(first + second + total.delta_usd + working)


def _unknown(underlying: str, spot: float | None, working: float, reason: str) -> Exposure:
    return Exposure(
        underlying=underlying,
        spot=spot,
        total=Sensitivity(),
        working=working,
        option_delta=0.0,
        hedge_delta=0.0,
        values={},
        unpriced=underlying,
        usable=False,
        flag=f"{underlying}: {reason}",
    )
