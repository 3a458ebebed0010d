"""The scalp ledger of one underlying as lines in USD: sums, what is open, the latest scalps."""

from collections.abc import Iterator
from decimal import Decimal

from msgspec import Struct

from terminal.core.units import utc_day
from terminal.engine.state import State, position
from terminal.market.state import spot
from terminal.model.gamma import ScalpRow
from terminal.model.instrument import Instrument, coins
from terminal.portfolio.option_inputs import sound_mark
from terminal.portfolio.pnl import DOLLARS
from terminal.portfolio.scalps import (
    Banked,
    Scalp,
    ScalpBook,
    banked_on,
    currency_of,
    open_profit,
    open_qty,
)

SHOWN = 60
"""Scalps of one underlying that a frame carries."""


class Kept(Struct, frozen=True, kw_only=True):
    """The scalps of one instrument, and what turns their currency into USD."""

    instrument: Instrument
    book: ScalpBook
    day: Banked
    price: float | None  # USD of one unit of its currency
    mark: float | None
    held: Decimal  # contracts, what was there before the first fill included

    @property
    def open_usd(self) -> float | None:
        """Open lots at the mark, USD; None without a mark or a price of the currency."""
        if not self.book.lots:
            return 0.0
        if self.mark is None or self.price is None:
            return None
        return float(open_profit(self.book, self.instrument, Decimal(repr(self.mark)))) * self.price


def kept_of(state: State, underlying: str) -> tuple[Kept, ...]:
    """Scalp books of one underlying, by instrument key; those whose terms are known."""
    found = []
    for key, book in sorted(state.scalps.items()):
        instrument = state.market.instruments.get(key)
        if instrument is None or instrument.contract.base != underlying:
            continue
        currency = currency_of(instrument)
        found.append(
            Kept(
                instrument=instrument,
                book=book,
                day=banked_on(book, utc_day(state.now)),
                price=1.0 if currency in DOLLARS else spot(state.market, currency),
                mark=sound_mark(state.market, key),
                held=position(state, key),
            )
        )
    return tuple(found)


def in_usd(amount: Decimal, price: float | None) -> float | None:
    """Amount in USD; None without a price of its currency."""
    return None if price is None else float(amount) * price


def scalp_rows(kept: tuple[Kept, ...]) -> tuple[ScalpRow, ...]:
    """Lines of the ledger: today, since the start and open of each instrument, then scalps.

    Returns
    -------
    tuple of ScalpRow
        For each instrument the net of its last two sums, since the start and open, is what its
        fills have earned until now. Coin is valued at its present price, as the P&L values it.
    """
    sums = [row for each in kept for row in _sums(each)]
    pairs = [row for each in kept for row in _scalps(each)]
    pairs.sort(key=lambda row: row.closed, reverse=True)
    return (*sums, *pairs[:SHOWN])


def _sums(kept: Kept) -> Iterator[ScalpRow]:
    book = kept.book
    yield _sum(kept, "Today", kept.day)
    yield _sum(kept, "Since the start", book.total)
    if book.lots:
        qty = open_qty(book)
        fees = in_usd(sum((lot.fee for lot in book.lots), Decimal(0)), kept.price)
        gross = kept.open_usd
        entry = _average(kept)
        yield ScalpRow(
            name="Open",
            symbol=kept.instrument.contract.symbol,
            opened=book.lots[0].at,
            closed=0,
            bought_first=qty > 0,
            coins=coins(kept.instrument.contract, float(abs(qty)), entry),
            entry=entry,
            exit=kept.mark,
            gross_usd=gross,
            fees_usd=fees,
            net_usd=None if gross is None or fees is None else gross - fees,
            scalps=0,
            summed=True,
        )


def _average(kept: Kept) -> float:
    """Average price of the open lots by contracts, for the eye."""
    lots = kept.book.lots
    return float(sum(lot.qty * lot.price for lot in lots) / sum(lot.qty for lot in lots))


def _sum(kept: Kept, name: str, banked: Banked) -> ScalpRow:
    return ScalpRow(
        name=name,
        symbol=kept.instrument.contract.symbol,
        opened=0,
        closed=0,
        bought_first=None,
        coins=None,
        entry=None,
        exit=None,
        gross_usd=in_usd(banked.gross, kept.price),
        fees_usd=in_usd(banked.fees, kept.price),
        net_usd=in_usd(banked.gross - banked.fees, kept.price),
        scalps=banked.scalps,
        summed=True,
    )


def _scalps(kept: Kept) -> list[ScalpRow]:
    """The latest scalps, newest first, numbered from the first of all."""
    book = kept.book
    numbers = range(book.total.scalps, 0, -1)
    latest = book.recent[-SHOWN:]
    return [_scalp(kept, each, number) for number, each in zip(numbers, latest[::-1], strict=False)]


def _scalp(kept: Kept, scalp: Scalp, number: int) -> ScalpRow:
    entry = float(scalp.entry)
    return ScalpRow(
        name=f"#{number}",
        symbol=kept.instrument.contract.symbol,
        opened=scalp.opened,
        closed=scalp.closed,
        bought_first=scalp.qty > 0,
        coins=coins(kept.instrument.contract, float(abs(scalp.qty)), entry),
        entry=entry,
        exit=float(scalp.exit),
        gross_usd=in_usd(scalp.gross, kept.price),
        fees_usd=in_usd(scalp.fees, kept.price),
        net_usd=in_usd(scalp.net, kept.price),
        scalps=1,
    )


def strangers(kept: tuple[Kept, ...]) -> str:
    """Say which positions are not all of fills seen here; empty when all are."""
    names = [each.instrument.contract.symbol for each in kept if each.held != open_qty(each.book)]
    if not names:
        return ""
    return f"Not in the ledger: what was held of {', '.join(names)} before its first fill."
