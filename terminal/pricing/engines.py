"""What prices: numpy, which needs nothing else, or an engine that is loaded when asked for."""

from collections.abc import Callable

import numpy.typing as npt
from msgspec import Struct

from terminal.core.errors import ConfigError
from terminal.pricing.black import BlackGreeks, greeks
from terminal.pricing.book import price_book_numpy
from terminal.pricing.implied import StatusArray, implied_vol
from terminal.pricing.rows import FloatArray

NAMES = ("numpy", "compiled", "vollib")

Arrays = npt.ArrayLike


class Engine(Struct, frozen=True):
    """Functions that price, all with the contracts of their numpy twins."""

    name: str
    greeks: Callable[[Arrays, Arrays, Arrays, Arrays, Arrays], BlackGreeks]
    implied_vol: Callable[
        [Arrays, Arrays, Arrays, Arrays, Arrays], tuple[FloatArray, StatusArray]
    ]
    price_book: Callable[[float, FloatArray, FloatArray, FloatArray], None]


NUMPY = Engine("numpy", greeks, implied_vol, price_book_numpy)


def load(name: str) -> Engine:
    """Engine of a name; raises ConfigError for one that is not there."""
    if name == "numpy":
        return NUMPY
    raise ConfigError(f"pricing engine {name!r} is not there: use numpy")
