"""Rows of the book, for a screen: every position and coin balance with its sensitivities."""

from collections.abc import Iterable, Iterator

import numpy as np

from terminal.model.frame import ExpiryGreeks
from terminal.model.greeks import PositionRisk, Sensitivity
from terminal.portfolio.books import NO_BOOK
from terminal.portfolio.linear_values import LinearValue, linear_values
from terminal.portfolio.option_inputs import View
from terminal.portfolio.option_prices import FIELDS, PricedOptions, price_options


def itemised(view: View) -> tuple[PositionRisk, ...]:
    """Rows of one underlying as it was looked at.

    Parameters
    ----------
    view : View
        The one its exposure was made from.

    Returns
    -------
    tuple of PositionRisk
        Options, futures, coins; their risks sum to the exposure's total from the first to the
        last, digit for digit. The price of an option of unknown volatility is None.
    """
    book = view.books.by_underlying.get(view.underlying, NO_BOOK)
    options = _option_rows(price_options(view, book))
    return (*options, *map(_linear_row, linear_values(view, book)))


def _option_rows(priced: PricedOptions) -> Iterator[PositionRisk]:
    columns = priced.columns
    rows = columns.tolist() if isinstance(columns, np.ndarray) else columns
    for option, each, row in zip(priced.options, priced.inputs, rows, strict=True):
        price, profit = row[FIELDS:]
        yield PositionRisk(
            key=option.key,
            symbol=option.symbol,
            kind="option",
            qty=option.qty,
            coins=option.coins,
            entry=option.entry,
            mark=price if each.vol is not None else None,
            iv=each.vol or None,
            upnl_usd=profit,
            expiry=option.expiry,
            risk=Sensitivity(*row[:FIELDS]),
            flag=each.flag,
        )


def _linear_row(value: LinearValue) -> PositionRisk:
    held = value.held
    return PositionRisk(
        key=held.key,
        symbol=held.symbol,
        kind=held.kind,
        qty=held.qty,
        coins=value.coins,
        entry=held.entry,
        mark=value.mark,
        iv=None,
        upnl_usd=value.profit,
        expiry=held.expiry,
        risk=Sensitivity(*value.fields),
        flag=value.flag,
    )


def ladder(underlying: str, rows: Iterable[PositionRisk]) -> tuple[ExpiryGreeks, ...]:
    """Greeks of one underlying by expiry.

    Parameters
    ----------
    underlying : str
    rows : iterable of PositionRisk
        All of them, from ``itemised``.

    Returns
    -------
    tuple of ExpiryGreeks
        By expiry; expiry 0 holds perpetuals, spot and collateral. The parts sum to the total of
        the underlying up to rounding.
    """
    by_expiry: dict[int, list[PositionRisk]] = {}
    for row in rows:
        by_expiry.setdefault(row.expiry, []).append(row)
    return tuple(
        ExpiryGreeks(
            underlying=underlying,
            expiry=expiry,
            positions=len(same),
            risk=sum((row.risk for row in same), Sensitivity()),
        )
        for expiry, same in sorted(by_expiry.items())
    )
