"""Inputs of a book of options, kept from one look to the next: only what is news is made anew."""

from collections.abc import Sequence
from itertools import compress
from math import nan
from operator import is_not
from typing import Any

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray

from terminal.core.units import SECOND, YEAR
from terminal.market.state import Seen, age
from terminal.portfolio.books import Book
from terminal.portfolio.option_inputs import OptionInput, Scene, option_inputs
from terminal.pricing.engines import NUMPY

FAR = 1 << 62
"""An instant that never comes, UtcNs."""

FEW = 8
"""Options up to this many are cheaper one by one than as arrays, except for compiled code."""


class Sheet(Struct, frozen=True):
    """What the options of one book are priced with.

    Time to expiry is taken at the last whole second, so that a tick of the index changes nothing
    here.
    """

    book: Book
    quotes: dict[str, Seen]
    assumed: dict[str, float]
    seen: Sequence[Seen | None]
    inputs: Sequence[OptionInput]
    loose: tuple[int, ...]  # inputs that depend on more than their own quote
    sound: bool  # whether every volatility is known and may be decided on
    stands: int  # until when every quote is what its source lets stand, UtcNs
    expires: int  # first expiry to come, UtcNs
    clock: int  # of the time to expiry, UtcNs
    columns: NDArray[np.float64] | None  # of ``Engine.price_book``; None: one by one
    folded: Any  # of ``Engine.fold``, where there are columns


def refreshed_sheet(before: Sheet | None, scene: Scene, book: Book) -> Sheet:
    """Sheet of this moment: the one before, as far as nothing that it holds has changed.

    Parameters
    ----------
    before : Sheet or None
        The last one of this underlying.
    scene : Scene
    book : Book

    Returns
    -------
    Sheet
    """
    market, now = scene.market, scene.now
    clock = now - now % SECOND
    if (
        before is None
        or before.book is not book
        or before.assumed is not market.assumed
        or now >= before.expires
    ):
        return _made(scene, book, clock)
    quotes = market.quotes
    if before.quotes is quotes and not before.loose:
        return before if clock == before.clock else _aged(before, scene, clock)
    seen = [*map(quotes.get, book.keys)]
    if seen == before.seen and not before.loose:  # which stops at the first that is another
        if clock == before.clock:
            return replace(before, quotes=quotes)
        return _aged(before, scene, clock)
    changed = [*compress(range(len(seen)), map(is_not, seen, before.seen))]
    if before.loose:
        changed = sorted({*changed, *before.loose})
    options = [book.options[number] for number in changed]
    fresh = option_inputs(scene, options, [seen[number] for number in changed])
    inputs = [*before.inputs]
    for number, each in zip(changed, fresh, strict=True):
        inputs[number] = each
    columns = before.columns
    if columns is not None:
        columns = columns.copy()
        columns[np.ix_((5, 7, 8), changed)] = _columns(fresh)
        if clock != before.clock:
            columns[6] = _years(book, clock)
    return _folded(_summed(scene, book, seen, inputs), scene, clock, columns)


def _made(scene: Scene, book: Book, clock: int) -> Sheet:
    seen = [*map(scene.market.quotes.get, book.keys)]
    inputs = option_inputs(scene, book.options, seen)
    sheet = _summed(scene, book, seen, inputs)
    if len(inputs) <= FEW and scene.engine is NUMPY:
        return _folded(sheet, scene, clock, None)
    columns = np.empty((9, len(inputs)))
    columns[:5] = book.columns
    columns[(5, 7, 8), :] = _columns(inputs)
    columns[6] = _years(book, clock)
    return _folded(sheet, scene, clock, columns)


def _aged(sheet: Sheet, scene: Scene, clock: int) -> Sheet:
    """Sheet at a later second, of quotes that say the same."""
    quotes, columns = scene.market.quotes, sheet.columns
    if columns is None:
        return replace(sheet, quotes=quotes, clock=clock)
    columns = columns.copy()
    columns[6] = _years(sheet.book, clock)
    return _folded(replace(sheet, quotes=quotes), scene, clock, columns)


def _folded(
    sheet: Sheet, scene: Scene, clock: int, columns: NDArray[np.float64] | None
) -> Sheet:
    """Sheet with its columns, and with all of them worked out that does not depend on spot."""
    folded = None if columns is None else scene.engine.fold(scene.spot, columns)
    return replace(sheet, clock=clock, columns=columns, folded=folded)


def _summed(
    scene: Scene, book: Book, seen: Sequence[Seen | None], inputs: Sequence[OptionInput]
) -> Sheet:
    """Sheet with what holds for all of its options; its clock and columns are still to come."""
    stands = [each.at + each.span for each in seen if each is not None]
    coming = [each.expiry for each in book.options if each.expiry > scene.now]
    return Sheet(
        book=book,
        quotes=scene.market.quotes,
        assumed=scene.market.assumed,
        seen=seen,
        inputs=inputs,
        loose=tuple([number for number, each in enumerate(inputs) if not each.fast]),
        sound=all(each.usable and each.vol is not None for each in inputs),
        stands=min(stands, default=FAR),
        expires=min(coming, default=FAR),
        clock=0,
        columns=None,
        folded=None,
    )


def _years(book: Book, clock: int) -> NDArray[np.float64]:
    years: NDArray[np.float64] = np.maximum(book.expiries - clock, 0) / YEAR
    return years


def _columns(inputs: Sequence[OptionInput]) -> NDArray[np.float64]:
    """Basis, volatility and mark, a row each."""
    rows = [
        (each.basis, nan if each.vol is None else each.vol, nan if each.mark is None else each.mark)
        for each in inputs
    ]
    return np.array(rows, dtype=np.float64).reshape(-1, 3).T


def stale(sheet: Sheet, now: int, greeks_age: int) -> dict[int, str]:
    """Options whose quote is older than may be decided on, by number, with what to say of it."""
    oldest = now - greeks_age
    if sheet.stands >= oldest:
        return {}
    return {
        number: f"stale {age(seen, now) // SECOND} s"
        for number, seen in enumerate(sheet.seen)
        if seen is not None
        and not seen.flaw
        and seen.at + seen.span < oldest
        and sheet.book.options[number].expiry > now
    }
