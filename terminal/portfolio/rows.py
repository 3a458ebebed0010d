"""Rows of the book, for a screen: every position and coin balance with its sensitivities."""

from collections.abc import Iterable, Iterator

from terminal.model.frame import ExpiryGreeks
from terminal.model.greeks import PositionRisk, Sensitivity
from terminal.portfolio.exposure import View, flag_of
from terminal.portfolio.linear_values import LinearValue, linear_values
from terminal.portfolio.option_prices import option_rows
from terminal.portfolio.option_sheet import stale
from terminal.pricing.engines import FIELDS


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
        last. The price of an option of unknown volatility is None.
    """
    linear = linear_values(view.scene, view.sheet.book, view.balance)
    return (*_option_rows(view), *map(_linear_row, linear))


def _option_rows(view: View) -> Iterator[PositionRisk]:
    scene, sheet = view.scene, view.sheet
    rows = option_rows(sheet, scene.spot, scene.engine)
    old = stale(sheet, scene.now, view.greeks_age)
    numbered = enumerate(zip(sheet.book.options, sheet.inputs, rows, strict=True))
    for number, (option, each, row) in numbered:
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
            flag=flag_of(each, old.get(number, "")),
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
