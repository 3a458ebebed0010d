"""What prices: numpy, which needs nothing else, or an engine that is loaded when asked for."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from importlib import import_module
from types import ModuleType
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from terminal.core.errors import ConfigError
from terminal.pricing.black import BlackGreeks, greeks
from terminal.pricing.book import INPUTS, OUTPUTS, price_book_numpy, price_book_with
from terminal.pricing.book_totals import fold, total_at
from terminal.pricing.implied import StatusArray, implied_vol
from terminal.pricing.rows import FloatArray

FIELDS: Final = 9
"""Fields of ``Sensitivity``, the first of the outputs of a book."""

NAMES: Final = ("numpy", "compiled", "vollib")

Arrays = npt.ArrayLike
Unfolded = tuple[FloatArray, FloatArray, FloatArray]
"""Columns of a book, and room for its rows and their sums."""

PriceBook = Callable[[float, FloatArray, FloatArray, FloatArray], None]


class Engine(Struct, frozen=True):
    """Functions that price, all with the contracts of their numpy twins.

    Attributes
    ----------
    name : str
        One of `NAMES`.
    greeks : callable
        As `terminal.pricing.black.greeks`.
    implied_vol : callable
        As `terminal.pricing.implied.implied_vol`.
    price_book : callable
        As `terminal.pricing.book.price_book_numpy`.
    fold : callable
        Of spot and the columns of `price_book`: what `total_at` takes, whatever that is.
    total_at : callable
        Of spot and what `fold` gave: the nine fields of ``Sensitivity``, summed over the book.
    """

    name: str
    greeks: Callable[[Arrays, Arrays, Arrays, Arrays, Arrays], BlackGreeks]
    implied_vol: Callable[[Arrays, Arrays, Arrays, Arrays, Arrays], tuple[FloatArray, StatusArray]]
    price_book: PriceBook
    fold: Callable[[float, FloatArray], Any]
    total_at: Callable[[float, Any], list[float]]


NUMPY: Final = Engine("numpy", greeks, implied_vol, price_book_numpy, fold, total_at)


@cache  # asked for on every tick, and always the same
def load(name: str) -> Engine:
    """Engine of a name, ready: no later call of it imports or compiles anything.

    Parameters
    ----------
    name : str
        One of `NAMES`.

    Returns
    -------
    Engine
        The same object every time.

    Raises
    ------
    ConfigError
        There is no engine of that name, or what it needs is not installed.

    Notes
    -----
    The first load of ``compiled`` on a machine takes seconds, later ones half a second.
    """
    if name == "numpy":
        return NUMPY
    if name == "compiled":
        return _warmed(_compiled())
    if name == "vollib":
        return _warmed(_vollib())
    raise ConfigError(f"no pricing engine is called {name!r}: choose one of {', '.join(NAMES)}")


def _compiled() -> Engine:
    need = "numba, the extra 'fast': install gammadesk[fast], or choose the engine numpy"
    names = ("black_kernel", "iv_kernel", "book_kernel")
    black, iv, book = (_module(f"terminal.pricing.compiled.{name}", need) for name in names)
    return Engine(
        "compiled", black.greeks, iv.implied_vol, book.price_book, _as_it_is, book.total_at
    )


def _vollib() -> Engine:
    need = "the package vollib: install it, or choose the engine numpy"
    vollib = _module("terminal.pricing.vollib_engine", need)
    price_book = partial(price_book_with, vollib.greeks)
    return _by_rows("vollib", vollib.greeks, vollib.implied_vol, price_book)


def _by_rows(name: str, greeks: Any, implied_vol: Any, price_book: PriceBook) -> Engine:
    """Engine whose totals are those of the rows of a book, which it has nothing to fold of."""
    return Engine(name, greeks, implied_vol, price_book, _unfolded, partial(_total, price_book))


def _as_it_is(_: float, columns: FloatArray) -> FloatArray:
    return columns


def _unfolded(_: float, columns: FloatArray) -> Unfolded:
    return columns, np.empty((OUTPUTS, columns.shape[1])), np.empty(OUTPUTS)


def _total(price_book: PriceBook, spot: float, book: Unfolded) -> list[float]:
    columns, out, total = book
    price_book(spot, columns, out, total)
    sums: list[float] = total.tolist()
    return sums[:FIELDS]


def _module(name: str, need: str) -> ModuleType:
    """A module imported late, or an error that names what is missing."""
    try:
        return import_module(name)
    except ImportError as error:
        raise ConfigError(f"this pricing engine needs {need} ({error})") from error


def _warmed(engine: Engine) -> Engine:
    """The engine, each of its functions called once."""
    one = np.ones(1)
    engine.greeks(one, one, one, one, one)
    engine.implied_vol(0.5 * one, one, one, one, one)
    columns = np.ones((INPUTS, 1))
    engine.price_book(1.0, columns, np.empty((OUTPUTS, 1)), np.empty(OUTPUTS))
    engine.total_at(1.0, engine.fold(1.0, columns))
    return engine
