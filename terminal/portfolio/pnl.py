"""Equity and P&L in USD, in buckets that sum to the total."""

from collections.abc import Mapping
from decimal import Decimal

from msgspec import Struct

from terminal.model.greeks import Exposure
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


class Valued(Struct, frozen=True):
    """Prices by currency and values by kind of position, USD."""

    prices: dict[str, float]
    values: dict[str, float]


def opened(ledger: Ledger, exposures: Mapping[str, Exposure]) -> Opening | None:
    """Opening at this moment; None while the account is not known or something has no price."""
    valued = _valued(ledger, exposures)
    if isinstance(valued, str) or not (ledger.cash or ledger.positions):
        return None
    return Opening(ledger, valued.prices, valued.values, _equity(ledger, valued))


def result(ledger: Ledger, exposures: Mapping[str, Exposure], opening: Opening) -> Result:
    """P&L since the opening.

    Parameters
    ----------
    ledger : Ledger
    exposures : mapping
        Underlying to its exposure, made from this ledger.
    opening : Opening

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
    now = _valued(ledger, exposures)
    if isinstance(now, str):
        return Result(None, {}, None, now)
    start, prices = opening.ledger, now.prices
    buckets = {}
    for bucket, kind in BUCKETS.items():
        earned = ledger.trading.get(kind, NOTHING), start.trading.get(kind, NOTHING)
        moved = now.values.get(kind, 0.0) - opening.values.get(kind, 0.0)
        buckets[bucket] = _in_usd(*earned, prices) + moved
    buckets["collateral"] = _revalued(start.cash, opening.prices, prices)
    buckets["funding"] = _in_usd(ledger.funding, start.funding, prices)
    buckets["fees"] = -_in_usd(ledger.fees, start.fees, prices)
    buckets["corrections"] = _in_usd(ledger.adopted, start.adopted, prices)
    return Result(sum(buckets.values()), buckets, _equity(ledger, now))


def _revalued(
    cash: Mapping[str, Decimal], then: Mapping[str, float], now: Mapping[str, float]
) -> float:
    """What a change of prices made of coins, USD; dollars never change and cost nothing."""
    total = 0.0
    for currency, amount in cash.items():
        moved = now[currency] - then[currency]
        if moved and amount:
            total += float(amount) * moved
    return total


def _in_usd(
    after: Mapping[str, Decimal], before: Mapping[str, Decimal], prices: Mapping[str, float]
) -> float:
    """USD value of what was added to amounts by currency."""
    total = 0.0
    if after is before:
        return total  # maps are replaced, never changed
    for currency, amount in after.items():
        change = amount - before.get(currency, Decimal(0))
        total += float(change) * prices[currency] if change else 0.0
    return total


def _equity(ledger: Ledger, valued: Valued) -> float:
    cash = sum(float(amount) * valued.prices[each] for each, amount in ledger.cash.items())
    return cash + sum(valued.values.values())


def _valued(ledger: Ledger, exposures: Mapping[str, Exposure]) -> Valued | str:
    """Price of every currency and value of every position, or the name of what has none."""
    prices = {}
    for currency in ledger.cash:
        exposure = exposures.get(currency)
        price = 1.0 if currency in DOLLARS else exposure.spot if exposure else None
        if price is None:
            return f"no price of {currency}"
        prices[currency] = price
    values: dict[str, float] = {}
    valued = set()
    for exposure in exposures.values():
        for row in exposure.rows:
            position = ledger.positions.get(row.key)
            if position is None:
                continue  # spot and collateral are cash
            if row.mark is None or row.qty != position.qty:
                return f"no value of {row.symbol}"
            values[row.kind] = values.get(row.kind, 0.0) + row.risk.value_usd
            valued.add(row.key)
    for key, position in ledger.positions.items():
        if position.qty and key not in valued:
            return f"no value of {key}"
    return Valued(prices, values)
