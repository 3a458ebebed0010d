"""Windows and books of the lab's tests, made from a seed."""

import numpy as np

from terminal.core.units import DAY, MINUTE
from terminal.lab.rule import Lots
from terminal.lab.windows import Setup, Windows
from terminal.market.bars import Bars, bars_of
from terminal.pricing.rows import FloatArray

SPAN = 5 * MINUTE
START = 20_000 * DAY
LOTS = Lots(0.001, 0.001, 5.0)


def walk(seed: int, days: int, *, vol: float = 0.6, spot: float = 50_000.0) -> FloatArray:
    """Closes of a random walk, a bar every five minutes."""
    rng = np.random.default_rng(seed)
    moves = rng.normal(0.0, vol * (288 * 365) ** -0.5, days * 288)
    return np.asarray(spot * np.exp(np.cumsum(moves)))


def bars_from(closes: FloatArray, start: int = START) -> Bars:
    """Bars that open where the one before closed."""
    opens = np.concatenate((closes[:1], closes[:-1]))
    prices = np.stack((opens, np.maximum(opens, closes), np.minimum(opens, closes), closes))
    return bars_of(start + SPAN * np.arange(closes.size), prices, span=SPAN)


def few_windows(seed: int, count: int = 3, days: int = 1, tenor: int = 2) -> tuple[Windows, Setup]:
    """Short windows of one walk each."""
    paths = [walk(seed + each, days)[: days * 288] for each in range(count)]
    price = np.vstack((np.full((1, count), 50_000.0), np.stack(paths, axis=1)))
    step = SPAN / (365 * DAY)
    setup = Setup(days=days, tenor_days=tenor)
    return Windows(np.zeros(count, np.int64), price, np.full(count, 0.6), step, 0), setup
