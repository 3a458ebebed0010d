"""Holdings as floats, one book per underlying, made anew only when positions or terms change."""

from collections.abc import Mapping
from decimal import Decimal
from typing import assert_never

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from terminal.model.account import Position
from terminal.model.instrument import Future, Instrument, Option, Perpetual, Right, Spot
from terminal.portfolio.holding import is_inverse, kind_of, pays_in_coin
from terminal.portfolio.ledger import Ledger


class Held(Struct, frozen=True):
    """One position as floats.

    ``size`` is in coins, for an inverse contract in USD, and ``exact`` is the same number.
    ``entry`` is None where the venue gave none.
    """

    key: str
    symbol: str
    kind: str
    qty: Decimal
    exact: Decimal
    size: float
    entry: float | None
    inverse: bool
    expiry: int  # UtcNs, 0 without expiry


class HeldOption(Struct, frozen=True):
    """One option position as floats."""

    key: str
    symbol: str
    qty: Decimal
    coins: float
    entry: float
    expiry: int
    strike: float
    sign: float  # +1 call, -1 put
    in_coin: bool  # premium and payoff in coin


class Book(Struct, frozen=True):
    """Everything held in one underlying but its cash."""

    options: tuple[HeldOption, ...]
    keys: tuple[str, ...]  # of the options
    columns: NDArray[np.float64]  # of the options: coins, entry, strike, sign, in_coin
    expiries: NDArray[np.int64]  # of the options, UtcNs
    futures: tuple[Held, ...]  # perpetuals too
    spot: tuple[Held, ...]


NO_BOOK = Book((), (), np.empty((5, 0)), np.empty(0, np.int64), (), ())


class Books(Struct, frozen=True):
    """Books by underlying, and what they were made of, so that a reader can tell they are fresh."""

    instruments: Mapping[str, Instrument] = {}
    positions: Mapping[str, Position] = {}
    spot: Mapping[str, Position] = {}
    by_underlying: Mapping[str, Book] = {}
    dated: Mapping[tuple[str, int], str] = {}  # (underlying, expiry) -> key of its future
    perpetuals: Mapping[str, tuple[str, ...]] = {}  # keys by underlying, as listed
    unlisted: tuple[str, ...] = ()  # held, but their terms are unknown


def refreshed(books: Books, instruments: Mapping[str, Instrument], ledger: Ledger) -> Books:
    """Books of the present positions: the same object as long as nothing they hold has changed.

    Parameters
    ----------
    books : Books
        The last ones; ``Books()`` at the start.
    instruments : mapping
        Terms by instrument key.
    ledger : Ledger

    Returns
    -------
    Books
        Cash is not part of them: it changes with every fee and is read when it is needed.

    Notes
    -----
    Maps are compared by identity. Frozen values are replaced and never changed, so the same map
    means the same content; converting Decimals on every tick would cost more than the Greeks.
    """
    if (
        books.instruments is instruments
        and books.positions is ledger.positions
        and books.spot is ledger.spot
    ):
        return books
    relisted = books.instruments is not instruments
    grouped: dict[str, list[tuple[Instrument, Position]]] = {}
    unlisted = []
    for key, position in (*ledger.positions.items(), *ledger.spot.items()):
        instrument = instruments.get(key)
        if not position.qty:
            continue
        if instrument is None:
            unlisted.append(key)
        else:
            grouped.setdefault(instrument.contract.base, []).append((instrument, position))
    return Books(
        instruments=instruments,
        positions=ledger.positions,
        spot=ledger.spot,
        by_underlying={name: _book(rows) for name, rows in grouped.items()},
        dated=_dated(instruments) if relisted else books.dated,
        perpetuals=perpetuals(instruments) if relisted else books.perpetuals,
        unlisted=tuple(unlisted),
    )


def perpetuals(instruments: Mapping[str, Instrument]) -> dict[str, tuple[str, ...]]:
    """Keys of the perpetuals of each underlying, in the order of the listing."""
    found: dict[str, tuple[str, ...]] = {}
    for key, instrument in instruments.items():
        if isinstance(instrument, Perpetual):
            base = instrument.contract.base
            found[base] = (*found.get(base, ()), key)
    return found


def _dated(instruments: Mapping[str, Instrument]) -> dict[tuple[str, int], str]:
    """One future an expiry, the first by key, so that the choice does not depend on the listing."""
    found: dict[tuple[str, int], str] = {}
    for key, instrument in instruments.items():
        if isinstance(instrument, Future):
            name = (instrument.contract.base, instrument.expiry)
            found[name] = min(key, found.get(name, key))
    return found


def _book(rows: list[tuple[Instrument, Position]]) -> Book:
    options, futures, spot = [], [], []
    for instrument, position in rows:
        match instrument:
            case Option():
                options.append(_held_option(instrument, position))
            case Perpetual() | Future():
                futures.append(_held(instrument, position))
            case Spot():
                spot.append(_held(instrument, position))
            case _:
                assert_never(instrument)
    columns = [(each.coins, each.entry, each.strike, each.sign, each.in_coin) for each in options]
    transposed = np.array(columns, dtype=np.float64).reshape(-1, 5).T.copy()
    return Book(
        options=tuple(options),
        keys=tuple([each.key for each in options]),
        columns=transposed,
        expiries=np.array([each.expiry for each in options], dtype=np.int64),
        futures=tuple(futures),
        spot=tuple(spot),
    )


def _held_option(option: Option, position: Position) -> HeldOption:
    contract = option.contract
    return HeldOption(
        key=contract.key,
        symbol=contract.symbol,
        qty=position.qty,
        coins=float(position.qty * contract.multiplier),
        entry=float(position.entry),
        expiry=option.expiry,
        strike=float(option.strike),
        sign=1.0 if option.right is Right.CALL else -1.0,
        in_coin=pays_in_coin(contract),
    )


def _held(instrument: Spot | Perpetual | Future, position: Position) -> Held:
    contract = instrument.contract
    size = position.qty * contract.multiplier
    return Held(
        key=contract.key,
        symbol=contract.symbol,
        kind=kind_of(instrument),
        qty=position.qty,
        exact=size,
        size=float(size),
        entry=float(position.entry) if position.entry > 0 else None,
        inverse=is_inverse(instrument),
        expiry=instrument.expiry if isinstance(instrument, Future) else 0,
    )
