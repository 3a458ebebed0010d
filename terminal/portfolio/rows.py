"""Rows of the book: every position and coin balance with its value and sensitivities.

One rule for all options. Let b = F / S be the basis, held constant, and B the undiscounted
Black-76 price in forward dollars. A USD option is worth U = B, a coin option U = B / b, so with
w = 1 or 1 / b: dU/dS = w b B', d2U/dS2 = w b^2 B'', vega and theta are w times those of B. The
premium of a coin option is itself coin, which the coin-numeraire delta leaves out.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import TypeVar

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from terminal.core.units import VOL_POINT
from terminal.model.greeks import PositionRisk, Sensitivity
from terminal.portfolio.books import Book, Held, HeldOption
from terminal.portfolio.option_inputs import OptionInput, View, option_inputs, sound_mark
from terminal.pricing.black import greeks
from terminal.pricing.black_scalar import greeks_scalar

FEW = 8
"""Options up to this many are cheaper one by one than as arrays."""

DAYS_PER_YEAR = 365.0
UNKNOWN = Sensitivity()

Column = TypeVar("Column", float, NDArray[np.float64])


class OptionRows(Struct, frozen=True):
    """Rows, their sum from the first to the last, and why nothing may be decided on some."""

    rows: list[PositionRisk]
    total: Sensitivity
    faults: list[str]


class Priced(Struct, frozen=True):
    """Columns of a book of options: sensitivities, price in its own unit, profit in USD."""

    risks: list[Sensitivity]
    prices: list[float | None]  # None while the volatility is unknown
    profits: list[float]
    total: Sensitivity


def option_rows(view: View, book: Book) -> OptionRows:
    """Rows of the options of one underlying, priced together.

    Returns
    -------
    OptionRows
        A known mark values the option, otherwise the model does; the Greeks are always our own.
        Where the volatility is unknown the numbers are 0 and there is a fault.
    """
    inputs = option_inputs(view, book.options)
    price_all = _price_few if len(inputs) <= FEW else _price_many
    priced = price_all(view.spot, book, inputs)
    columns = (book.options, inputs, priced.risks, priced.prices, priced.profits)
    found = [
        PositionRisk(
            key=option.key,
            symbol=option.symbol,
            kind="option",
            qty=option.qty,
            coins=option.coins,
            entry=option.entry,
            mark=price,
            iv=each.vol or None,
            upnl_usd=profit,
            expiry=option.expiry,
            risk=risk,
            flag=each.flag,
        )
        for option, each, risk, price, profit in zip(*columns, strict=True)
    ]
    pairs = zip(found, inputs, strict=True)
    faults = [f"{row.symbol}: {row.flag}" for row, each in pairs if not each.usable]
    return OptionRows(found, priced.total, faults)


def _price_few(spot: float, book: Book, inputs: list[OptionInput]) -> Priced:
    """Price options one by one."""
    pairs = zip(book.options, inputs, strict=True)
    parts = [_price_one(spot, option, each) for option, each in pairs]
    risks = [risk for risk, _, _ in parts]
    return Priced(
        risks,
        [price for _, price, _ in parts],
        [profit for _, _, profit in parts],
        sum(risks, UNKNOWN),
    )


def _price_one(
    spot: float, option: HeldOption, each: OptionInput
) -> tuple[Sensitivity, float | None, float]:
    if each.vol is None:
        return UNKNOWN, None, 0.0
    unit = greeks_scalar(each.forward, option.strike, each.years, each.vol, option.sign)
    basis = each.forward / spot
    weight, in_usd, coin = (1.0 / basis, spot, 1.0) if option.in_coin else (1.0, 1.0, 0.0)
    worth = weight * unit[0] if each.mark is None else each.mark * in_usd
    columns = _columns(unit, worth, (option.coins, weight, coin), (spot, basis))
    profit = option.coins * (worth - option.entry * in_usd)
    return Sensitivity(*columns), worth / in_usd, profit


def _price_many(spot: float, book: Book, inputs: list[OptionInput]) -> Priced:
    """Price options in one call; a running sum makes the total that of adding row by row."""
    coins, entry, strike, sign, coin = book.columns
    forward = np.array([each.forward for each in inputs])
    years = np.array([each.years for each in inputs])
    vol = np.array([each.vol for each in inputs], dtype=np.float64)  # None becomes NaN
    mark = np.array([each.mark for each in inputs], dtype=np.float64)
    unit = greeks(forward, strike, years, vol, sign)
    basis = forward / spot
    weight = np.where(coin, 1.0 / basis, 1.0)
    in_usd = np.where(coin, spot, 1.0)
    worth = np.where(np.isnan(mark), weight * unit.price, mark * in_usd)
    profit = coins * (worth - entry * in_usd)
    columns = np.array((*_columns(unit, worth, (coins, weight, coin), (spot, basis)), profit))
    unknown = np.isnan(vol)
    columns[:, unknown] = 0.0
    total = Sensitivity(*np.add.accumulate(columns[:-1], axis=1)[:, -1].tolist())
    *fields, profits = columns.tolist()
    prices = (worth / in_usd).tolist()
    for number in np.flatnonzero(unknown).tolist():
        prices[number] = None
    return Priced(list(map(Sensitivity, *fields)), prices, profits, total)


def _columns(
    unit: tuple[Column, Column, Column, Column, Column],
    worth: Column,
    terms: tuple[Column, Column, Column],
    market: tuple[float, Column],
) -> tuple[Column, ...]:
    """Fields of ``Sensitivity`` in order, for one option or for all of them.

    ``worth`` is the price in USD at the index; ``terms`` are coins, the weight w of the module's
    docstring and 1 for a coin option, 0 for a USD option; ``market`` is spot and basis.
    """
    (coins, weight, coin), (spot, basis) = terms, market
    amount = coins * weight
    value = coins * worth
    delta = amount * basis * unit[1]
    gamma = amount * basis * basis * unit[2]
    return (
        value,
        delta,
        delta - coin * value / spot,
        delta,
        delta * spot,
        gamma,
        gamma * spot * spot * 0.01,
        amount * unit[3] * VOL_POINT,
        amount * unit[4] / DAYS_PER_YEAR,
    )


def future_rows(view: View, book: Book) -> list[PositionRisk]:
    """Rows of perpetuals and dated futures.

    A perpetual follows the index one to one and is valued at the index while it has no mark; a
    dated future without a mark is unknown: ``mark`` is None and ``flag`` says why.
    """
    return [_future_row(view, held) for held in book.futures]


def _future_row(view: View, held: Held) -> PositionRisk:
    spot, mark = view.spot, sound_mark(view.market, held.key)
    flag = ""
    if mark is None and held.kind == "perpetual":
        mark, flag = spot, "no mark: index used"
    moves = mark if mark is not None and held.kind == "future" else spot
    coins = held.size / moves if held.inverse else held.size
    if mark is None or held.entry is None:
        fault = "no mark" if mark is None else "entry is unknown"
        return _plain_row(held, coins, mark=None, risk=UNKNOWN, flag=fault)
    if held.inverse:
        earned = held.size * (1.0 / held.entry - 1.0 / mark)
        risk = _linear(spot, earned * spot, coins, coins, coins + earned)
    else:
        gain = coins * (mark - held.entry)
        delta = coins * (moves / spot)
        risk = _linear(spot, gain, delta, delta - gain / spot, delta)
    return _plain_row(held, coins, mark=mark, risk=risk, flag=flag, profit=risk.value_usd)


def coin_rows(
    spot: float, underlying: str, balance: Decimal, bought: Iterable[Held]
) -> list[PositionRisk]:
    """Rows of the coins of one underlying: bought as a hedge, and the rest, which is collateral.

    Parameters
    ----------
    spot : float
        USD per coin.
    underlying : str
    balance : Decimal
        Cash in the coin, what was bought included.
    bought : iterable of Held
        Spot positions.

    Returns
    -------
    list of PositionRisk

    Notes
    -----
    Coins bought were paid for, so like a linear perpetual their coin-numeraire delta is the
    amount less its profit in coin; were it 0, buying coins would not hedge that delta and a desk
    would buy for ever. Collateral is equity: only ``delta_with_equity`` counts it.
    """
    rows = []
    for held in bought:
        balance -= held.exact
        coins = held.size
        gain = coins * (spot - held.entry) if held.entry is not None else 0.0
        risk = _linear(spot, coins * spot, coins, coins - gain / spot, coins)
        rows.append(_plain_row(held, coins, mark=spot, risk=risk, profit=gain))
    if balance:
        coins = float(balance)
        rest = Held(underlying, underlying, "collateral", balance, balance, coins, None, False, 0)
        risk = _linear(spot, coins * spot, 0.0, 0.0, coins)
        rows.append(_plain_row(rest, coins, mark=spot, risk=risk))
    return rows


def _linear(
    spot: float, value: float, delta: float, net_of_premium: float, with_equity: float
) -> Sensitivity:
    """Sensitivities of what has no curvature."""
    return Sensitivity(value, delta, net_of_premium, with_equity, delta * spot)


def _plain_row(
    held: Held,
    coins: float,
    *,
    mark: float | None,
    risk: Sensitivity,
    flag: str = "",
    profit: float = 0.0,
) -> PositionRisk:
    return PositionRisk(
        key=held.key,
        symbol=held.symbol,
        kind=held.kind,
        qty=held.qty,
        coins=coins,
        entry=held.entry,
        mark=mark,
        iv=None,
        upnl_usd=profit,
        expiry=held.expiry,
        risk=risk,
        flag=flag,
    )
