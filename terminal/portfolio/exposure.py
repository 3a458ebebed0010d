"""What a book is exposed to, by underlying: totals, without a row for each position."""

import math
from collections.abc import Iterable, Mapping
from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from terminal.market.state import Market
from terminal.market.state import spot as index_price
from terminal.model.greeks import SMILE_AWARE, DeltaKind, Exposure, Sensitivity
from terminal.model.risk import PolicySpec
from terminal.portfolio.books import NO_BOOK, Books
from terminal.portfolio.ledger import Ledger
from terminal.portfolio.linear_values import linear_values
from terminal.portfolio.option_inputs import EXPIRED, OptionInput, Scene
from terminal.portfolio.option_prices import option_totals
from terminal.portfolio.option_sheet import Sheet, refreshed_sheet, stale
from terminal.portfolio.smile_deltas import smile_delta
from terminal.pricing.engines import FIELDS, Engine

ZERO = Decimal(0)

CASH = frozenset({"spot", "collateral"})
"""Kinds of holding whose value the ledger counts as cash."""


class View(Struct, frozen=True):
    """Where and how one underlying was looked at."""

    scene: Scene
    sheet: Sheet
    balance: Decimal  # cash in the coin, what was bought included
    greeks_age: int  # ns from which an option quote is too old to decide on


class Survey(Struct, frozen=True):
    """Exposures, and the views that they were made from, by underlying.

    ``rows.itemised`` makes of a view the rows that sum to its exposure; there is none of an
    underlying without an index price, or with numbers beyond any float.
    """

    exposures: dict[str, Exposure]
    views: dict[str, View | None]


class Lens(Struct, frozen=True, kw_only=True):
    """How to look: at which underlyings, when, what is in flight, how old quotes may be."""

    underlyings: Iterable[str]
    now: int  # UtcNs
    working: Mapping[str, float]  # delta (coin) of orders in flight by underlying
    greeks_age: int  # ns from which an option quote is too old to decide on
    engine: Engine
    policies: Mapping[str, PolicySpec] = {}  # name the delta that each underlying hedges


def survey(
    market: Market,
    ledger: Ledger,
    books: Books,
    lens: Lens,
    before: Mapping[str, View | None],
) -> Survey:
    """Exposure of each underlying that is asked for.

    Parameters
    ----------
    market : Market
    ledger : Ledger
    books : Books
        From ``books.refreshed`` for this market and ledger.
    lens : Lens
    before : mapping
        The views of the last survey, which save work; an empty one will do.

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
    for name in lens.underlyings:
        spot = index_price(market, name)
        flying = lens.working.get(name, 0.0)
        if spot is None:
            exposures[name], views[name] = _unknown(name, None, flying, "no index price"), None
            continue
        scene = Scene(market, books, name, spot, lens.now, lens.engine)
        last = before.get(name)
        book = books.by_underlying.get(name, NO_BOOK)
        sheet = refreshed_sheet(last.sheet if last else None, scene, book)
        view = View(scene, sheet, ledger.cash.get(name, ZERO), lens.greeks_age)
        policy = lens.policies.get(name)
        found = _exposure(view, flying, policy.delta if policy else DeltaKind.BLACK_SCHOLES)
        views[name] = view if found else None
        exposures[name] = found or _unknown(
            name, spot, 0.0, "sizes or prices are beyond any number"
        )
    return Survey(exposures, views)


def exposure_at(view: View, spot: float, working: float, hedged: DeltaKind) -> Exposure | None:
    """Exposure of a view if the index stood elsewhere and all else were as it is.

    Parameters
    ----------
    view : View
        Of the last survey.
    spot : float
        USD per coin, > 0.
    working : float
        Delta of orders in flight, coin.
    hedged : DeltaKind
        The delta whose smile part, if it has one, is added.

    Returns
    -------
    Exposure or None
        None where its numbers are beyond any.
    """
    return _exposure(replace(view, scene=replace(view.scene, spot=spot)), working, hedged)


def _exposure(view: View, working: float, hedged: DeltaKind) -> Exposure | None:
    """Totals of one underlying; None when they are not finite."""
    scene, sheet = view.scene, view.sheet
    options = option_totals(sheet, scene.spot, scene.engine)
    value, delta, net_of_premium, with_equity, in_usd, *curvature = options[:FIELDS]
    option_delta, hedge_delta = delta, 0.0
    values = {"option": value} if sheet.inputs else {}
    faults, unpriced = _faults(view)
    for each in linear_values(scene, sheet.book, view.balance):
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
        if each.mark is None or each.flag == EXPIRED:
            faults.append(f"{each.held.symbol}: {each.flag}")
        if each.mark is None:
            unpriced = unpriced or each.held.symbol
    total = Sensitivity(value, delta, net_of_premium, with_equity, in_usd, *curvature)
    if not _finite(total, working):
        return None
    added = smile_delta(scene, sheet, hedged) if hedged in SMILE_AWARE else None
    return Exposure(
        underlying=scene.underlying,
        spot=scene.spot,
        total=total,
        working=working,
        option_delta=option_delta,
        hedge_delta=hedge_delta,
        values=values,
        unpriced=unpriced,
        smile_delta={} if added is None else {hedged.value: added},
        usable=not faults,
        flag=_first(faults),
    )


def _first(faults: list[str]) -> str:
    """The first fault, and how many more there are; empty without any."""
    if not faults:
        return ""
    return f"{faults[0]} and {len(faults) - 1} more" if len(faults) > 1 else faults[0]


def _faults(view: View) -> tuple[list[str], str]:
    """What is wrong with the options and the book, and an option without a price."""
    sheet, unpriced = view.sheet, ""
    faults = [f"{key}: terms are not listed" for key in view.scene.books.unlisted]
    old = stale(sheet, view.scene.now, view.greeks_age)
    if sheet.sound and not old:
        return faults, unpriced
    for number, each in enumerate(sheet.inputs):
        symbol = sheet.book.options[number].symbol
        if number in old or not each.usable:
            faults.append(f"{symbol}: {flag_of(each, old.get(number, ''))}")
        if each.vol is None:
            unpriced = unpriced or symbol
    return faults, unpriced


def flag_of(each: OptionInput, staleness: str) -> str:
    """Everything that is to be said of an option's inputs, in one line."""
    return ", ".join(filter(None, (staleness, each.flag)))


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
