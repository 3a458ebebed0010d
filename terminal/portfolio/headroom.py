"""Collateral that is free for new positions, where the venue's margin rules are known."""

from collections.abc import Mapping
from math import inf

from msgspec import Struct

from terminal.market.state import Market
from terminal.market.state import spot as index_price
from terminal.model.instrument import Contract, Future, Perpetual, coin_settled, coins
from terminal.portfolio.books import Book, Books
from terminal.portfolio.ledger import NOTHING, Ledger
from terminal.portfolio.liquidation import Liquidation, liquidation, usd_to_add
from terminal.portfolio.margin import DERIBIT_BTC, StandardMargin, margin
from terminal.portfolio.option_inputs import Scene, sound_mark
from terminal.portfolio.option_sheet import refreshed_sheet
from terminal.portfolio.revaluation import Cash, Holdings, by_settlement, holdings_of
from terminal.pricing.engines import NUMPY

RULES: Mapping[tuple[str, str], StandardMargin] = {
    ("deribit", "BTC"): DERIBIT_BTC,
    ("sim", "BTC"): DERIBIT_BTC,  # the simulated venue takes after it
}
"""Standard margin by venue and coin. A pair that is not here is unknown, not free of margin."""


class Headroom(Struct, frozen=True):
    """What one contract needs and has; None with the reason while unknown."""

    rate: float | None  # initial margin of a little more of it, over its notional
    free_usd: float | None
    reason: str = ""


class MarginUse(Struct, frozen=True):
    """How near a bucket is to its limits; None with the reason while unknown."""

    used: float | None  # initial margin over balance; infinite without a balance
    missing_usd: float | None  # what must be added so that no move within the distance liquidates
    reason: str = ""


def headroom(
    market: Market, ledger: Ledger, books: Books, contract: Contract, now: int
) -> Headroom:
    """Margin rate of a perpetual or future, and the collateral free in its settlement bucket.

    Parameters
    ----------
    market : Market
    ledger : Ledger
    books : Books
        From ``books.refreshed`` for this market and ledger.
    contract : Contract
    now : int
        UtcNs.

    Returns
    -------
    Headroom
        ``free_usd`` is balance less initial margin, by the standard rule; negative when the
        bucket is short.

    Notes
    -----
    The rule's rate grows by g for each coin held, so the margin of q coins rises by the base rate
    plus 2 g |q| at the margin. Settlement currencies are never netted.
    """
    rule = RULES.get((contract.venue, contract.base))
    price = index_price(market, contract.base)
    if rule is None or price is None:
        return Headroom(None, None, _unruled(contract))
    book = books.by_underlying.get(contract.base)
    held = ledger.positions.get(contract.key)
    size = abs(coins(contract, float(held.qty), price)) if held else 0.0
    rate = rule.futures.tiers[0].initial + 2.0 * rule.futures.growth_per_coin * size
    reason = _elsewhere(market, books, contract)
    if reason:
        return Headroom(rate, None, reason)
    scene = Scene(market, books, contract.base, price, now, NUMPY)
    try:
        holdings, reason = _bucket(scene, ledger, book, contract)
        found = margin(holdings, rule) if holdings is not None else None
    except ValueError as error:  # a number out of range: nothing may be decided on it
        return Headroom(rate, None, f"margin cannot be computed: {error}")
    if found is None:
        return Headroom(rate, None, reason)
    return Headroom(rate, float(found.balance - found.initial))


def margin_use(scene: Scene, ledger: Ledger, contract: Contract, distance: float) -> MarginUse:
    """How much of a contract's bucket is bound, and whether a move would liquidate it.

    Parameters
    ----------
    scene : Scene
        The contract's underlying.
    ledger : Ledger
    contract : Contract
    distance : float
        Move that must not liquidate, fraction of the index, 0 <= distance < 1.

    Returns
    -------
    MarginUse
        By the standard rule; unknown where the venue's rules are not known here.
    """
    rule = RULES.get((contract.venue, contract.base))
    if rule is None:
        return MarginUse(None, None, _unruled(contract))
    reason = _elsewhere(scene.market, scene.books, contract)
    if reason:
        return MarginUse(None, None, reason)
    try:
        book = scene.books.by_underlying.get(contract.base)
        holdings, reason = _bucket(scene, ledger, book, contract)
        if holdings is None:
            return MarginUse(None, None, reason)
        found = margin(holdings, rule)
        missing = usd_to_add(holdings, rule, distance)
    except ValueError as error:  # a number out of range: nothing may be decided on it
        return MarginUse(None, None, f"margin cannot be computed: {error}")
    balance, initial = float(found.balance), float(found.initial)
    used = 0.0 if initial <= 0.0 else initial / balance if balance > 0.0 else inf
    return MarginUse(used, missing)


def nearest_liquidation(
    scene: Scene, ledger: Ledger, contract: Contract, vol: float
) -> Liquidation | str:
    """Prices at which a contract's bucket would be liquidated, or why they are unknown.

    Parameters
    ----------
    scene : Scene
        The contract's underlying.
    ledger : Ledger
    contract : Contract
    vol : float
        Annual volatility that distances are told in, fraction.
    """
    rule = RULES.get((contract.venue, contract.base))
    if rule is None:
        return _unruled(contract)
    reason = _elsewhere(scene.market, scene.books, contract)
    if reason:
        return reason
    try:
        book = scene.books.by_underlying.get(contract.base)
        holdings, reason = _bucket(scene, ledger, book, contract)
        return liquidation(holdings, rule, vol) if holdings is not None else reason
    except ValueError as error:  # a number out of range: nothing may be said of it
        return f"liquidation cannot be computed: {error}"


def _unruled(contract: Contract) -> str:
    return f"margin rules of {contract.base} at {contract.venue} unknown"


def _elsewhere(market: Market, books: Books, contract: Contract) -> str:
    """Why the bucket reaches beyond what is known here; empty when it does not."""
    venues = dict.fromkeys(
        each.contract.venue
        for each in market.instruments.values()
        if isinstance(each, Perpetual | Future)
    )
    if len(venues) > 1:
        return "the cash of each venue is not known"
    if coin_settled(contract):
        return ""
    for name, book in books.by_underlying.items():
        others = any(not each.in_coin for each in book.options) or any(
            not each.inverse for each in book.futures
        )
        if name != contract.base and others:
            return f"{name} shares its margin by rules that are unknown"
    return ""


def _bucket(
    scene: Scene, ledger: Ledger, book: Book | None, contract: Contract
) -> tuple[Holdings | None, str]:
    """What shares margin with a contract, or why that is unknown."""
    amount = float(ledger.cash.get(contract.settle, NOTHING))
    in_coin = coin_settled(contract)
    cash = Cash(coins=amount) if in_coin else Cash(usd=amount)
    if book is None:
        return Holdings(scene.spot, cash=cash), ""
    marks = {each.key: sound_mark(scene.market, each.key) for each in book.futures}
    built = holdings_of(
        book,
        refreshed_sheet(None, scene, book).inputs,
        {key: mark for key, mark in marks.items() if mark is not None},
        spot=scene.spot,
        now=scene.now,
        cash=cash,
    )
    if built.missing:
        return None, f"{built.missing[0]} has no price"
    coin, usd = by_settlement(built.holdings)
    return (coin if in_coin else usd), ""
