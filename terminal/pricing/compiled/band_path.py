"""One pass over a path of bars with a book hedged by its band: the engine's rules, compiled."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from numba import njit

from terminal.pricing.compiled.black_kernel import fill
from terminal.pricing.rows import FloatArray

IntArray = npt.NDArray[np.int64]
Terms = tuple[FloatArray, IntArray]
Books = tuple[FloatArray, IntArray]

BLOCK: Final = 1024
SECOND_NS: Final = 1_000_000_000
YEAR_NS: Final = 365.0 * 86_400e9
DAY_NS: Final = 86_400_000_000_000
HOUR_NS: Final = 3_600_000_000_000
FLIP_NS: Final = 600_000_000_000
LEAST_LOTS: Final = 3.0  # as in hedging.policies.bands
ROUNDING: Final = 5e-10  # of a lot, as in hedging.legs.size
GRID: Final = 1e-9  # of a tick: prices are rounded to nine digits before
NEAR: Final = 0.995  # part of a day's budget past which the answer is left to the full engine
WEEK: Final = 7

MIDDLE, LOW, HIGH, LEAVE, SCALE, CAP = range(6)
LOT, LEAST_QTY, LEAST_USD, TICK, TAKER, SLOPE, REACH = range(6, 13)
ORDER_USD, HEDGE_USD, TURNOVER, COST, LOSS, DRAWDOWN, LEVERAGE, MARGIN, CASH = range(13, 22)
NUMBERS: Final = 22
COMPUTED, EVERY, GAP, HOURLY, FLIPS, DAILY, LATENCY = range(7)
WHOLES: Final = 7
SCANNED: Final = (
    "void(Tuple((i8[::1], f8[:, ::1])), Tuple((f8[::1], i8[::1])),"
    " Tuple((f8[:, ::1], f8[:, ::1], i8[::1])))"
)

(WHOLE_PATH, ORDER_SIZE, TURNOVER_DAY, COST_DAY, ORDERS_DAY, LOSS_DAY, FALL_WEEK, GROSS, MARGIN_USE,
 THIN_BOOK) = range(10)  # fmt: skip
TRADES, UNMET, LEFT_AT, WHY = range(4)
MONEY, HELD, TOP, PAST, START, TURNED, SPENT, OPENED, LIMIT = range(9)
COUNT, MISSED, LOTS, LAST, WANTED, DUE, ORDERS, ENDS = range(8)


_piece = njit(cache=True, nogil=True, error_model="numpy")


@_piece
def _on_grid(price: float, tick: float, sign: float) -> float:
    """Price on the grid, never better for a taker of this side than ``price``."""
    steps = round(price * 1e9) / 1e9 / tick
    return (math.ceil(steps - GRID) if sign > 0.0 else math.floor(steps + GRID)) * tick


@_piece
def _restless(at: IntArray, done: FloatArray, now: int, tally: IntArray, rule: IntArray) -> Any:
    """Whether hedges of the last hour, or changes of side in ten minutes, hold this one back."""
    hourly, changes, last = 0, 0, tally[WANTED] > 0
    for k in range(tally[COUNT] - 1, -1, -1):
        age = now - at[np.int64(done[0, k])]
        if age >= HOUR_NS:
            break
        hourly += 1
        if age < FLIP_NS:
            changes += 1 if (done[1, k] > 0.0) != last else 0
            last = done[1, k] > 0.0
    return hourly >= rule[HOURLY] or changes > rule[FLIPS]


@_piece
def _new_day(now: int, pnl: float, purse: FloatArray, tally: IntArray, peaks: FloatArray) -> None:
    """Begin the counters of a day; ``peaks`` are the days and the best P&L of seven of them."""
    day = now // DAY_NS
    before = tally[ENDS] // DAY_NS - 1
    peaks[0, before % WEEK], peaks[1, before % WEEK] = before, purse[TOP]
    best = -np.inf
    for k in range(WEEK):
        if 0 < day - peaks[0, k] < WEEK:
            best = max(best, peaks[1, k])
    purse[TOP], purse[PAST], purse[START] = pnl, best, pnl
    purse[TURNED], purse[SPENT] = 0.0, 0.0
    tally[ORDERS], tally[ENDS] = 0, (day + 1) * DAY_NS


@_piece
def _band(now: int, bar: FloatArray, tally: IntArray, terms: Terms) -> tuple[float, float]:
    """Edges of the band around the middle."""
    x, rule = terms
    if rule[EVERY] > 0 and now - tally[LAST] >= rule[EVERY]:
        return 0.0, 0.0
    if not rule[COMPUTED]:
        return x[LOW], x[HIGH]
    least = LEAST_LOTS * max(x[LOT], x[LEAST_USD] / bar[0])
    half = min(max(x[SCALE] * bar[3], least), x[CAP])
    return -half, half


@_piece
def _lots(net: float, spot: float, low: float, high: float, x: FloatArray) -> Any:
    """Signed lots of the hedge that is wanted; 0 inside the band or below the venue's least."""
    off = net - x[MIDDLE]
    if low <= off <= high:
        return 0
    away = x[MIDDLE] + x[LEAVE] * (high if off > 0.0 else low) - net
    size = math.floor(abs(away) / x[LOT] + ROUNDING)
    coins = size * x[LOT]
    if size < 1.0 or coins < x[LEAST_QTY] - 0.5 * x[LOT] or coins * spot < x[LEAST_USD]:
        return 0
    return np.int64(math.copysign(size, away))


@_piece
def _unfit(bar: FloatArray, pnl: float, books: Books, terms: Terms) -> Any:
    """Which limit leaves a hedge to the full engine; WHOLE_PATH for none."""
    (purse, tally), (x, rule) = books, terms
    spot, held, size = bar[0], purse[HELD], tally[WANTED] * x[LOT]
    usd = abs(size) * spot
    if usd > x[ORDER_USD] or usd > x[HEDGE_USD]:
        return ORDER_SIZE
    if tally[ORDERS] + 1 >= rule[DAILY]:
        return ORDERS_DAY
    if purse[TURNED] + usd > NEAR * x[TURNOVER]:
        return TURNOVER_DAY
    if purse[SPENT] + usd * x[TAKER] + abs(size) * bar[1] > NEAR * x[COST]:
        return COST_DAY
    if held * size < 0.0 and abs(size) <= abs(held):
        return WHOLE_PATH
    if (abs(bar[2]) + abs(held)) * spot + usd > x[LEVERAGE] * (x[CASH] + purse[OPENED] + pnl):
        return GROSS
    worth = x[CASH] + purse[MONEY] + held * spot
    return MARGIN_USE if (abs(held) * spot + usd) * x[MARGIN] > 0.5 * worth else WHOLE_PATH


@_piece
def _limit(spot: float, wanted: int, x: FloatArray) -> Any:
    """Worst price of an order: the slippage cap, rounded inside to the tick."""
    reach = x[REACH] * spot
    if wanted > 0:
        return math.floor((spot + reach) / x[TICK] + GRID) * x[TICK]
    return math.ceil((spot - reach) / x[TICK] - GRID) * x[TICK]


@_piece
def _met(
    bar: FloatArray, purse: FloatArray, tally: IntArray, x: FloatArray, done: FloatArray
) -> Any:
    """Let an order meet the market; whether it could be filled whole, or was missed."""
    sign = 1.0 if tally[WANTED] > 0 else -1.0
    spot, coins, limit = bar[0], abs(tally[WANTED]) * x[LOT], purse[LIMIT]
    touch = spot + sign * bar[1]
    room = sign * (limit / touch - 1.0)
    if room < 0.0:
        tally[MISSED] += 1
        return WHOLE_PATH
    if coins * x[SLOPE] > room:
        return THIN_BOOK
    price = _on_grid(touch * (1.0 + sign * x[SLOPE] * coins), x[TICK], sign)
    price = min(price, limit) if sign > 0.0 else max(price, limit)
    fee = coins * price * x[TAKER]
    purse[MONEY] -= sign * coins * price + fee
    tally[LOTS] += tally[WANTED]
    purse[HELD] = tally[LOTS] * x[LOT]
    purse[TURNED] += coins * price
    purse[SPENT] += fee + coins * abs(price - spot)
    place = tally[COUNT]
    done[0, place], done[1, place], done[2, place] = tally[DUE], sign * coins, price
    tally[COUNT] += 1
    return WHOLE_PATH


@_piece
def _decide(
    now: int, bar: FloatArray, books: Books, terms: Terms, past: tuple[IntArray, FloatArray]
) -> Any:
    """Want a hedge, or nothing; which limit leaves it to the full engine."""
    (purse, tally), (x, rule), (at, done) = books, terms, past
    low, high = _band(now, bar, tally, terms)
    tally[WANTED] = _lots(bar[2] + purse[HELD], bar[0], low, high, x)
    if tally[WANTED] == 0 or _restless(at, done, now, tally, rule):
        tally[WANTED] = 0
        return WHOLE_PATH
    purse[LIMIT] = _limit(bar[0], tally[WANTED], x)
    tally[LAST] = now
    pnl = purse[MONEY] + purse[HELD] * bar[0] + bar[4] - purse[OPENED]
    why = _unfit(bar, pnl, books, terms)
    tally[ORDERS] += 1
    return why


@_piece
def _stirs(net: float, wide: float, since: int, x: FloatArray, rule: IntArray) -> Any:
    """Whether a bar may need a hedge: a band's least width is left for `_band` to look at."""
    if since < rule[GAP]:
        return False
    if rule[EVERY] > 0 and since >= rule[EVERY]:
        return True
    off = net - x[MIDDLE]
    if rule[COMPUTED]:
        return abs(off) > min(x[SCALE] * wide, x[CAP])
    return not x[LOW] <= off <= x[HIGH]


@_piece
def _quiet(
    first: int, market: tuple[IntArray, FloatArray], books: Books, terms: Terms, curve: FloatArray
) -> Any:
    """First bar from this one on that may need more than its P&L looked at.

    What stands still meanwhile is kept out of the arrays, so that it stays in registers: most bars
    of a backtest are passed over here.
    """
    (at, path), (purse, tally), (x, rule) = market, books, terms
    money, held, worth, top = purse[MONEY], purse[HELD], purse[OPENED], purse[TOP]
    past, start, loss, fall = purse[PAST], purse[START], -x[LOSS], x[DRAWDOWN]
    ends, due, waits = tally[ENDS], tally[DUE], tally[WANTED] != 0
    free, timed = tally[LAST] + rule[GAP], tally[LAST] + rule[EVERY]
    timer, computed, keeps = rule[EVERY] > 0, rule[COMPUTED] != 0, curve.shape[1] > 0
    middle, low, high, scale, cap = x[MIDDLE], x[LOW], x[HIGH], x[SCALE], x[CAP]
    i = first
    while i < at.size:
        now, net = at[i], path[2, i] + held
        pnl = money + held * path[0, i] + path[4, i] - worth
        best = max(top, pnl)
        peak = max(best, past)
        if now >= ends or pnl - start <= loss or peak - pnl >= fall:
            break
        if waits:
            if i == due:
                break
        elif now >= free:
            if timer and now >= timed:
                break
            off = net - middle
            if computed:
                if abs(off) > min(scale * path[3, i], cap):
                    break
            elif off < low or off > high:
                break
        top = best
        if keeps:
            curve[0, i], curve[1, i] = net, pnl
        i += 1
    purse[TOP] = top
    return i


@_piece
def _acted(
    i: int, market: tuple[IntArray, FloatArray], books: Books, terms: Terms, done: FloatArray
) -> Any:
    """Decide where the desk is free to, and let an order that is due meet the market."""
    (at, path), (purse, tally), (x, rule) = market, books, terms
    bar = np.empty(5)
    for k in range(5):
        bar[k] = path[k, i]
    if tally[WANTED] == 0:
        why = _decide(at[i], bar, books, terms, (at, done))
        if why != WHOLE_PATH or tally[WANTED] == 0:
            return why
        tally[DUE] = i + rule[LATENCY]
    if i < tally[DUE]:
        return WHOLE_PATH
    why = _met(bar, purse, tally, x, done)
    tally[WANTED] = 0
    return why


def _compiled_pricing(function: Callable[..., None]) -> Callable[..., None]:
    made: Callable[..., None] = njit(
        ["void(Tuple((i8[::1], f8[::1])), i8[::1], f8[:, ::1], f8, f8[:, ::1])"],
        cache=True,
        nogil=True,
        error_model="numpy",
    )(function)
    return made


@_compiled_pricing
def price_path(
    market: tuple[IntArray, FloatArray],
    expiry: IntArray,
    terms: FloatArray,
    spread: float,
    rows: FloatArray,
) -> None:
    """Fill the rows that `hedge_path` reads; a block of bars at a time, which fits the cache.

    Parameters
    ----------
    market : tuple of ndarray (n,)
        UtcNs and closes.
    expiry : ndarray of int64 (k,)
        UtcNs of each strike's options.
    terms : ndarray (4, k)
        Strike, volatility, coins of calls, coins of puts.
    spread : float
        Half the spread, a fraction.
    rows : ndarray (5, n)

    Notes
    -----
    A put is its call by parity: delta less one, price less S - K. Time to expiry counts whole
    seconds, as that of the book does.
    """
    at, close = market
    columns, upper, lower = np.ones((5, BLOCK)), np.empty((4, BLOCK)), np.empty((2, BLOCK))
    bent = np.empty(BLOCK)
    for start in range(0, at.size, BLOCK):
        stop = min(start + BLOCK, at.size)
        size = stop - start
        bent[:] = 0.0
        for i in range(size):
            rows[0, start + i], rows[1, start + i] = close[start + i], spread * close[start + i]
            rows[2, start + i], rows[3, start + i], rows[4, start + i] = 0.0, 0.0, 0.0
            columns[0, i] = close[start + i]
        for k in range(expiry.size):
            strike, calls, puts = terms[0, k], terms[2, k], terms[3, k]
            for i in range(size):
                now = at[start + i]
                columns[1, i], columns[3, i], columns[4, i] = strike, terms[1, k], 1.0
                columns[2, i] = max(expiry[k] - (now - now % SECOND_NS), 0) / YEAR_NS
            # The last block is priced in full: what lies beyond its bars is of no use.
            fill((columns[0], columns[1], columns[2], columns[3], columns[4]), upper, lower)
            for i in range(size):
                rows[2, start + i] += (calls + puts) * upper[1, i] - puts
                bent[i] += (calls + puts) * upper[2, i]
                whole = (calls + puts) * upper[0, i]
                rows[4, start + i] += whole - puts * (columns[0, i] - strike)
        for i in range(size):
            rows[3, start + i] = np.cbrt(1.5 * columns[0, i] * (bent[i] * bent[i]))


def _compiled(function: Callable[..., None]) -> Callable[..., None]:
    made: Callable[..., None] = njit(
        [SCANNED],
        cache=True,
        nogil=True,
        error_model="numpy",
    )(function)
    return made


@_compiled
def hedge_path(
    market: tuple[IntArray, FloatArray],
    terms: Terms,
    out: tuple[FloatArray, FloatArray, IntArray],
) -> None:
    """Hedge a book along a path; a bar's close is the moment to decide.

    Parameters
    ----------
    market : tuple of ndarray
        UtcNs of the closes (n,); and (5, n) close, half spread (USD), delta of the options (coin),
        width of the band at a cost and a risk aversion of 1 (coin), value of the options (USD).
    terms : tuple of ndarray
        (NUMBERS,) and of int64 (WHOLES,), by the names above.
    out : tuple of ndarray
        (2, n) is filled with net delta at each decision and P&L after it, and left out where it has
        no room (2, 0); (3, n) with the bar, the signed coins and the price of each trade; (4,) of
        int64 with trades, missed orders, the bar at which the path was left (-1: nowhere) and why.
    """
    (at, path), (x, rule), (curve, done, told) = market, terms, out
    purse, tally, peaks = np.zeros(10), np.zeros(8, np.int64), np.full((2, WEEK), -1e12)
    tally[LAST], tally[ENDS], tally[DUE] = -(1 << 62), -(1 << 60), -1
    purse[TOP], purse[OPENED] = -np.inf, path[4, 0]
    keeps, why, worth = curve.shape[1] > 0, WHOLE_PATH, path[4, 0]
    told[LEFT_AT] = -1
    i = _quiet(0, market, (purse, tally), terms, curve)
    while i < at.size:
        now, spot, net = at[i], path[0, i], path[2, i] + purse[HELD]
        pnl = purse[MONEY] + purse[HELD] * spot + path[4, i] - worth
        if now >= tally[ENDS]:
            _new_day(now, pnl, purse, tally, peaks)
        purse[TOP] = max(purse[TOP], pnl)
        if pnl - purse[START] <= -x[LOSS]:
            why = LOSS_DAY
        elif max(purse[TOP], purse[PAST]) - pnl >= x[DRAWDOWN]:
            why = FALL_WEEK
        elif i == tally[DUE] or (
            tally[WANTED] == 0 and _stirs(net, path[3, i], now - tally[LAST], x, rule)
        ):
            why = _acted(i, market, (purse, tally), terms, done)
        if keeps:
            money, held = purse[MONEY], purse[HELD]
            curve[0, i], curve[1, i] = net, money + held * spot + path[4, i] - worth
        if why != WHOLE_PATH:
            told[LEFT_AT] = i
            break
        i = _quiet(i + 1, market, (purse, tally), terms, curve)
    told[TRADES], told[UNMET], told[WHY] = tally[COUNT], tally[MISSED], why
