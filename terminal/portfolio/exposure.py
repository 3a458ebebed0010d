"""What a book is exposed to, by underlying: rows, and totals that are their sum."""

import math
from collections.abc import Iterable, Mapping
from decimal import Decimal

from terminal.market.state import Market
from terminal.market.state import spot as index_price
from terminal.model.frame import ExpiryGreeks
from terminal.model.greeks import Exposure, PositionRisk, Sensitivity
from terminal.portfolio.books import NO_BOOK, Books, refreshed
from terminal.portfolio.ledger import Ledger
from terminal.portfolio.option_inputs import View
from terminal.portfolio.rows import coin_rows, future_rows, option_rows


def exposures(
    market: Market,
    ledger: Ledger,
    working: Mapping[str, float],
    now: int,
    *,
    underlyings: Iterable[str],
    greeks_age: int,
    books: Books | None = None,
) -> dict[str, Exposure]:
    """Exposure of each underlying that is asked for.

    Parameters
    ----------
    market : Market
    ledger : Ledger
    working : mapping
        Delta (coin) of orders in flight by underlying.
    now : int
        Engine time, UtcNs.
    underlyings : iterable of str
    greeks_age : int
        Age in ns from which an option quote is too old to decide on.
    books : Books, optional
        From ``books.refreshed`` for this market and ledger, to be kept between calls: without it
        every call converts all positions anew.

    Returns
    -------
    dict
        Underlying to Exposure, in the order asked for. ``total`` is the sum of its rows taken
        from the first to the last, digit for digit. An unknown number makes the exposure
        unusable, with a flag that names the instrument; the row itself then counts as 0.

    Notes
    -----
    Units and definitions are those of ``Sensitivity``. A position whose terms are not listed could
    belong to any underlying, so it makes all of them unusable.
    """
    fresh = refreshed(books or Books(), market.instruments, ledger)
    found = {}
    for underlying in underlyings:
        spot = index_price(market, underlying)
        flying = working.get(underlying, 0.0)
        if spot is None:
            found[underlying] = _unknown(underlying, None, flying, "no index price")
            continue
        view = View(market, fresh, underlying, spot, now, greeks_age)
        found[underlying] = _exposure(view, ledger.cash.get(underlying, Decimal(0)), flying)
    return found


def _exposure(view: View, balance: Decimal, working: float) -> Exposure:
    book = view.books.by_underlying.get(view.underlying, NO_BOOK)
    options = option_rows(view, book)
    others = future_rows(view, book)
    others += coin_rows(view.spot, view.underlying, balance, book.spot)
    total, hedge_delta = options.total, 0.0
    for row in others:
        total += row.risk
        hedge_delta += row.risk.delta
    if not _finite(total, working):
        return _unknown(view.underlying, view.spot, 0.0, "sizes or prices are beyond any number")
    faults = [f"{key}: terms are not listed" for key in view.books.unlisted]
    faults += options.faults
    faults += [f"{row.symbol}: {row.flag}" for row in others if row.mark is None]
    more = f" and {len(faults) - 1} more" if len(faults) > 1 else ""
    return Exposure(
        underlying=view.underlying,
        spot=view.spot,
        rows=(*options.rows, *others),
        total=total,
        working=working,
        option_delta=options.total.delta,
        hedge_delta=hedge_delta,
        usable=not faults,
        flag=f"{faults[0]}{more}" if faults else "",
    )


def _finite(total: Sensitivity, working: float) -> bool:
    """Whether every field is a number: infinities and NaN survive both sums."""
    first = total.value_usd + total.delta_net_of_premium + total.delta_with_equity
    second = total.gamma_1pct_usd + total.gamma + total.vega_usd + total.theta_usd_day
    return math.isfinite(first + second + total.delta_usd + working)


def _unknown(underlying: str, spot: float | None, working: float, reason: str) -> Exposure:
    return Exposure(
        underlying=underlying,
        spot=spot,
        rows=(),
        total=Sensitivity(),
        working=working,
        option_delta=0.0,
        hedge_delta=0.0,
        usable=False,
        flag=f"{underlying}: {reason}",
    )


def ladder(found: Iterable[Exposure]) -> tuple[ExpiryGreeks, ...]:
    """Greeks by underlying and expiry.

    Parameters
    ----------
    found : iterable of Exposure

    Returns
    -------
    tuple of ExpiryGreeks
        Underlyings in the order given, then by expiry; expiry 0 holds perpetuals, spot and
        collateral. The parts of an underlying sum to its total up to rounding.
    """
    parts = []
    for exposure in found:
        by_expiry: dict[int, list[PositionRisk]] = {}
        for row in exposure.rows:
            by_expiry.setdefault(row.expiry, []).append(row)
        for expiry, rows in sorted(by_expiry.items()):
            risk = sum((row.risk for row in rows), Sensitivity())
            parts.append(
                ExpiryGreeks(
                    underlying=exposure.underlying, expiry=expiry, positions=len(rows), risk=risk
                )
            )
    return tuple(parts)
