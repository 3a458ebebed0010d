"""Equity and P&L in USD, in buckets that sum to the total."""

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from msgspec import Struct

from terminal.model.greeks import Exposure
from terminal.portfolio.books import Books
from terminal.portfolio.ledger import Ledger

DOLLARS = frozenset({"USD", "USDC", "USDT", "USDE", "DAI", "FDUSD", "PYUSD"})
"""Currencies taken at one USD."""

BUCKETS = {
    "options": "option",
    "perpetuals": "perpetual",
    "futures": "future",
    "spot": "spot",
}
"""P&L bucket to the kind of instrument it follows."""

NOTHING: Mapping[str, Decimal] = {}
ZERO = Decimal(0)


class Opening(Struct, frozen=True):
    """What P&L is measured from: the first moment at which everything held had a price."""

    ledger: Ledger
    prices: dict[str, float]  # USD by currency
    values: dict[str, float]  # USD by kind of position
    equity: float


class Result(Struct, frozen=True):
    """Result since the opening, USD. ``missing`` names what has no price; then all else is None.

    ``buckets`` are in a fixed order and ``total`` is their sum in that order, digit for digit.
    """

    total: float | None
    buckets: dict[str, float]
    equity: float | None
    missing: str = ""


class Amounts(NamedTuple):
    """Cash as floats: dollars, and coins whose price moves."""

    usd: float
    coins: tuple[tuple[str, float], ...]


class Trading(NamedTuple):
    """What trading one kind of instrument added to cash, and what was held of it before."""

    bucket: str
    kind: str
    held: float  # USD at the opening
    earned: Amounts


class Flows(Struct, frozen=True):
    """Cash now and what moved since the opening, as floats; made anew when the ledger changes."""

    ledger: Ledger
    opening: Opening
    cash: Amounts
    opening_cash: Amounts
    trading: tuple[Trading, ...]  # in the order of BUCKETS
    funding: Amounts
    fees: Amounts
    adopted: Amounts


class Valued(Struct, frozen=True):
    """Prices by currency and values by kind of position, USD."""

    prices: dict[str, float]
    values: dict[str, float]


def opened(ledger: Ledger, books: Books, exposures: Mapping[str, Exposure]) -> Opening | None:
    """Opening at this moment; None while the account is not known or something has no price."""
    valued = _valued(ledger, books, exposures)
    if isinstance(valued, str) or not (ledger.cash or ledger.positions):
        return None
    cash = _amounts(ledger.cash)
    return Opening(ledger, valued.prices, valued.values, _equity(cash, valued))


def flows_since(opening: Opening, ledger: Ledger, before: Flows | None = None) -> Flows:
    """What moved since the opening; ``before`` itself while the ledger is the same."""
    if before is not None and before.ledger is ledger and before.opening is opening:
        return before
    start = opening.ledger
    return Flows(
        ledger=ledger,
        opening=opening,
        cash=_amounts(ledger.cash),
        opening_cash=_amounts(start.cash),
        trading=tuple(
            Trading(
                bucket,
                kind,
                opening.values.get(kind, 0.0),
                _added(ledger.trading.get(kind, NOTHING), start.trading.get(kind, NOTHING)),
            )
            for bucket, kind in BUCKETS.items()
        ),
        funding=_added(ledger.funding, start.funding),
        fees=_added(ledger.fees, start.fees),
        adopted=_added(ledger.adopted, start.adopted),
    )


def equity(flows: Flows, books: Books, exposures: Mapping[str, Exposure]) -> float | None:
    """Worth of the account, USD, as in ``result``; None while something has no price.

    This one is needed at every record, its split only where somebody reads it.
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


def result(flows: Flows, books: Books, exposures: Mapping[str, Exposure]) -> Result:
    """P&L since the opening.

    Parameters
    ----------
    flows : Flows
        Of the present ledger.
    books : Books
        Of the same ledger.
    exposures : mapping
        Underlying to its exposure, made from this ledger.

    Returns
    -------
    Result
        Mark-to-market by kind of instrument, ``collateral`` (revaluation of the opening coins),
        ``funding``, ``fees`` and ``corrections`` (cash that snapshots put right, deposits too).

    Notes
    -----
    With cash C and price P of each currency, equity is sum C P + value of positions. Between two
    moments C1 P1 - C0 P0 = (C1 - C0) P1 + C0 (P1 - P0): the first term splits by cause of the
    flow, the second is collateral. A coin that was paid or earned is thus valued at its present
    price. The split is exact, so the buckets have no remainder.
    """
    now = _valued(flows.ledger, books, exposures)
    if isinstance(now, str):
        return Result(None, {}, None, now)
    prices, values = now.prices, now.values
    buckets = {}
    for bucket, kind, held, earned in flows.trading:
        cash = _in_usd(earned, prices) if earned.coins else earned.usd
        buckets[bucket] = cash + (values.get(kind, 0.0) - held)
    buckets["collateral"] = _revalued(flows.opening_cash, flows.opening.prices, prices)
    buckets["funding"] = _in_usd(flows.funding, prices)
    buckets["fees"] = -_in_usd(flows.fees, prices)
    buckets["corrections"] = _in_usd(flows.adopted, prices)
    return Result(sum(buckets.values(), 0.0), buckets, _equity(flows.cash, now))


def _amounts(cash: Mapping[str, Decimal]) -> Amounts:
    dollars = (float(amount) for currency, amount in cash.items() if currency in DOLLARS)
    coins = ((each, float(amount)) for each, amount in cash.items() if each not in DOLLARS)
    return Amounts(sum(dollars, 0.0), tuple(coins))


def _added(after: Mapping[str, Decimal], before: Mapping[str, Decimal]) -> Amounts:
    """What was added to amounts by currency."""
    changes = {each: amount - before.get(each, ZERO) for each, amount in after.items()}
    return _amounts({each: change for each, change in changes.items() if change})


def _revalued(cash: Amounts, then: Mapping[str, float], now: Mapping[str, float]) -> float:
    """What a change of prices made of coins, USD."""
    total = 0.0
    for currency, amount in cash.coins:
        total += amount * (now[currency] - then[currency])
    return total


def _in_usd(amounts: Amounts, prices: Mapping[str, float]) -> float:
    total = amounts.usd
    for currency, amount in amounts.coins:
        total += amount * prices[currency]
    return total


def _equity(cash: Amounts, valued: Valued) -> float:
    return _in_usd(cash, valued.prices) + sum(valued.values.values(), 0.0)


def _valued(ledger: Ledger, books: Books, exposures: Mapping[str, Exposure]) -> Valued | str:
    """Price of every currency and value of every position, or the name of what has none."""
    prices = {}
    for currency in ledger.cash:
        exposure = exposures.get(currency)
        price = 1.0 if currency in DOLLARS else exposure.spot if exposure else None
        if price is None:
            return f"no price of {currency}"
        prices[currency] = price
    if books.unlisted:
        return f"no value of {books.unlisted[0]}"
    values: dict[str, float] = {}
    for underlying in books.by_underlying:
        exposure = exposures.get(underlying)
        if exposure is None or exposure.unpriced:
            return f"no value of {exposure.unpriced if exposure else underlying}"
        for kind, value in exposure.values.items():
            values[kind] = values.get(kind, 0.0) + value
    return Valued(prices, values)
