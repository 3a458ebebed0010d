"""Windows: where they open, what they know, and what they leave out."""

import numpy as np
import pytest

from terminal.core.units import DAY
from terminal.lab.windows import Setup, cut, simulated
from terminal.market.bars import bars_of, between
from tests.unit.lab.walks import SPAN, START, bars_from, walk

SETUP = Setup()
DAYS = 45


def test_one_window_a_day_once_thirty_days_are_known() -> None:
    windows = cut(bars_from(walk(1, DAYS)), SETUP)
    assert windows.start.tolist() == [START + day * DAY for day in range(30, DAYS - 7 + 1)]
    assert windows.price.shape == (7 * 288 + 1, 9)
    assert windows.step * 288 * 365 == pytest.approx(1.0)
    assert windows.left_out == 0


def test_prices_are_the_closes_of_the_window() -> None:
    closes = walk(1, DAYS)
    windows = cut(bars_from(closes), SETUP)
    assert windows.price[0, 0] == closes[30 * 288 - 1]
    assert (windows.price[1:, 0] == closes[30 * 288 : 37 * 288]).all()


def test_volatility_is_the_stated_mix_of_realised_ones() -> None:
    closes = walk(2, DAYS)
    windows = cut(bars_from(closes), SETUP)
    squares = np.diff(np.log(np.concatenate((closes[:1], closes)))) ** 2
    week, month = (squares[30 * 288 - n * 288 : 30 * 288].sum() * 365 / n for n in (7, 30))
    assert windows.vol[0] == pytest.approx(1.05 * (0.5 * week + 0.5 * month) ** 0.5, rel=1e-9)


def test_nothing_known_when_a_window_opens_comes_after_it() -> None:
    closes = walk(3, DAYS)
    changed = closes.copy()
    changed[32 * 288 :] *= 1.5
    before, after = cut(bars_from(closes), SETUP), cut(bars_from(changed), SETUP)
    assert (before.vol[:3] == after.vol[:3]).all()
    assert (before.price[0, :3] == after.price[0, :3]).all()
    assert before.vol[4] != after.vol[4]


def test_a_missing_bar_leaves_out_every_day_that_needs_it() -> None:
    bars = bars_from(walk(4, DAYS + 40))
    keep = np.ones(bars.start.size, dtype=bool)
    keep[40 * 288 + 5 : 40 * 288 + 7] = False  # two: of one the next open tells the price
    prices = np.stack((bars.open, bars.high, bars.low, bars.close))[:, keep]
    windows = cut(bars_of(bars.start[keep], prices, span=SPAN), SETUP)
    days = ((windows.start - START) // DAY).tolist()
    assert days == [*range(30, 34), *range(71, 79)]
    assert windows.left_out == 37


def test_too_few_bars_make_no_window() -> None:
    windows = cut(bars_from(walk(5, 36)), SETUP)
    assert windows.start.size == 0
    assert windows.vol.size == 0


def test_bars_must_divide_a_day() -> None:
    bars = bars_from(walk(6, 40))
    with pytest.raises(ValueError, match="divide a day"):
        cut(between(bars, 0, 1), SETUP)


def test_simulated_windows_are_a_martingale_of_the_stated_volatility() -> None:
    setup = Setup(days=14, tenor_days=14)
    windows = simulated(setup, 1, 2_000, spot=60_000.0, vol=0.6)
    assert windows.price.shape == (2_017, 2_000)
    last = windows.price[-1] / 60_000.0
    expected = 0.6 * (14 / 365) ** 0.5
    assert last.mean() == pytest.approx(1.0, abs=4 * expected / 2_000**0.5)
    assert np.log(last).std() == pytest.approx(expected, rel=0.06)
    again = simulated(setup, 1, 2_000, spot=60_000.0, vol=0.6)
    assert (again.price == windows.price).all()
