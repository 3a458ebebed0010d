"""Backtest of one perpetual and a book of options at compiled speed, for sweeps.

It makes the decisions of the full engine, bar for bar, or says why it cannot: what it does not
model is refused before it runs (`why_not`) or ends the run at the bar concerned (`Run.left`).
"""

from __future__ import annotations

from importlib import import_module
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from terminal.core.errors import ConfigError, DataError
from terminal.core.units import BPS, HOUR, from_seconds
from terminal.hedging.legs import FEASIBLE_LOTS
from terminal.market.arrays import InstantArray
from terminal.model.greeks import DeltaKind
from terminal.model.instrument import Contract, Payoff
from terminal.model.risk import PolicyKind, PolicySpec, RiskProfile, Style
from terminal.pricing.rows import FloatArray

LEAVES: Final = MappingProxyType(
    {
        PolicyKind.BAND_TO_TARGET: 0.0,
        PolicyKind.BAND_TO_HALF: 0.5,
        PolicyKind.BAND_TO_EDGE: 1.0,
        PolicyKind.TIMER: 0.0,
    }
)
"""Part of the band that a hedge of each policy leaves; Whalley-Wilmott's is its own number."""

KINDS: Final = frozenset((*LEAVES, PolicyKind.WHALLEY_WILMOTT))

_OFF: Final = ("patience", "tilt_pct", "regime", "interval_s", "hysteresis_pct", "vol_skip_pct")
_LEFT: Final = (
    "",
    "a hedge above the profile's largest order, hedge or automatic hedge",
    "the day's turnover limit",
    "the day's cost limit",
    "the day's number of orders",
    "the day's loss limit",
    "the drawdown limit of seven days",
    "the gross leverage",
    "the margin that is free",
    "an order larger than the book within its price limit",
)


class Held(NamedTuple):
    """One option of the book: of a linear contract, priced at a volatility that stands."""

    strike: float
    expiry: int  # UtcNs
    sign: float  # 1 call, -1 put
    coins: float
    vol: float


class Path(NamedTuple):
    """A market with the book's options on it; every policy runs on the same one.

    Attributes
    ----------
    at : ndarray of int64 (n,)
        UtcNs of each bar's close.
    rows : ndarray (5, n)
        As `terminal.pricing.compiled.band_path.hedge_path` reads them; the fourth is of a gamma of
        the book and a cost of 1.
    """

    at: InstantArray
    rows: FloatArray


class Run(NamedTuple):
    """What a policy did on a path.

    Attributes
    ----------
    bar : ndarray of int64 (t,)
        Number of the bar that each trade was decided on (of its fill, where it comes later).
    coins, price : ndarray (t,)
        Signed coins, and USD per coin.
    net, pnl : ndarray (n,) or (0,)
        Net delta at each decision and P&L after it, USD; only where they were asked for.
    profit, cost, turnover : float
        USD: P&L at the end, fees with what fills lost against the close, notional traded.
    missed : int
        Orders that the market had run away from; none without latency.
    left : str
        Why the full engine must be asked from bar ``left_at`` on; empty where the path was run.
    """

    bar: npt.NDArray[np.int64]
    coins: FloatArray
    price: FloatArray
    net: FloatArray
    pnl: FloatArray
    profit: float
    cost: float
    turnover: float
    missed: int
    left: str
    left_at: int


class Venue(Struct, frozen=True, kw_only=True):
    """Where the book is hedged."""

    contract: Contract
    impact_bps_per_coin: float  # average cost past the touch
    cash: float  # USD at the opening
    latency: int = 0  # bars from a decision to the quote that it meets


def why_not(profile: RiskProfile, underlying: str, contract: Contract) -> str:
    """Say why the fast path cannot run a profile; empty when it can.

    Parameters
    ----------
    profile : RiskProfile
    underlying : str
    contract : Contract
        Of the perpetual that hedges.
    """
    spec = profile.policies.get(underlying)
    if spec is None:
        return f"the profile has no policy for {underlying}"
    if spec.kind not in KINDS:
        return f"policy {spec.kind.value}: only the fixed bands, the timer and Whalley-Wilmott are"
    on = [name for name in _OFF if getattr(spec, name)]
    if on:
        return f"{', '.join(on)} of the policy must be 0"
    if spec.delta is not DeltaKind.BLACK_SCHOLES or spec.ratio_pct != 100.0:
        return "only a full hedge of the Black-Scholes delta is"
    if profile.style is not Style.MARKET:
        return f"style {profile.style.value}: only orders that take at once (market) are"
    if profile.learned_cost_pct and spec.kind is PolicyKind.WHALLEY_WILMOTT:
        return "learned_cost_pct must be 0: costs learnt from fills move the band"
    if contract.payoff is not Payoff.LINEAR or len(contract.ticks) != 1:
        return f"{contract.symbol} is inverse or has several tick sizes"
    return _no_band(spec, float(contract.lot * contract.multiplier))


def _no_band(spec: PolicySpec, lot: float) -> str:
    sides = (-spec.low, spec.high)
    if spec.kind is PolicyKind.WHALLEY_WILMOTT:
        sides = (spec.cap, spec.cap)
    if min(sides) < FEASIBLE_LOTS * lot and spec.kind is not PolicyKind.TIMER:
        return f"the band is under 60 % of one lot ({lot:g}): widen it"
    return ""


def path_of(
    at: InstantArray,
    close: FloatArray,
    half_spread_bps: float,
    options: tuple[Held, ...],
) -> Path:
    """Price a book of options along a market once, for every policy to run on.

    Parameters
    ----------
    at : ndarray of int64 (n,)
        UtcNs of each bar's close, rising by ten seconds at least.
    close : ndarray (n,)
        USD per coin, > 0.
    half_spread_bps : float
        Half the spread around each close, basis points.
    options : tuple of Held

    Returns
    -------
    Path

    Raises
    ------
    DataError
        Fewer than two bars, bars out of order or too near each other, a close that is no price, or
        a bar within an hour of an expiry, where the engine tapers its hedges.
    ConfigError
        The compiled kernels are not installed.
    """
    if at.size < 2 or at.size != close.size:
        raise DataError(f"{at.size} bars are too few for a backtest: give two at least")
    if np.diff(at).min() < from_seconds(10.0):
        raise DataError("bars must be in time order and ten seconds apart: sort or merge them")
    if not (np.isfinite(close).all() and close.min() > 0.0):
        number = int(np.argmin(np.where(np.isfinite(close), close, -1.0)))
        raise DataError(f"the close of bar {number + 1} is no price: leave the bar out")
    first = min((each.expiry for each in options), default=int(at[-1]) + 2 * HOUR)
    if first - int(at[-1]) <= HOUR:
        raise DataError("an option expires within an hour of the last bar: end the bars before")
    strikes: dict[tuple[float, int, float], list[float]] = {}
    for each in options:
        found = strikes.setdefault((each.strike, each.expiry, each.vol), [0.0, 0.0])
        found[0 if each.sign > 0.0 else 1] += each.coins
    expiry = np.array([key[1] for key in strikes], dtype=np.int64)
    terms = np.array([(key[0], key[2], *coins) for key, coins in strikes.items()])
    rows = np.empty((5, close.size))
    kernel("band_path").price_path(
        (np.array(at), np.array(close)),
        expiry,
        np.array(terms.reshape(-1, 4).T, order="C"),
        half_spread_bps * BPS,
        rows,
    )
    return Path(np.array(at), rows)


def run(path: Path, profile: RiskProfile, underlying: str, venue: Venue, *, curve: bool) -> Run:
    """Hedge the book of a path as a profile says.

    Parameters
    ----------
    path : Path
    profile : RiskProfile
    underlying : str
    venue : Venue
    curve : bool
        Whether net delta and P&L of every bar are kept.

    Returns
    -------
    Run
        Without latency the trades of the full engine. An order that takes bars to arrive is missed
        where the market has left its limit by then, and decided anew.

    Raises
    ------
    ConfigError
        The fast path cannot run this profile; the message says why.
    """
    fault = why_not(profile, underlying, venue.contract)
    if fault:
        raise ConfigError(f"the fast path cannot run this: {fault}; use the full backtest")
    compiled = kernel("band_path")
    count = path.at.size
    done, told = np.empty((3, count)), np.zeros(4, dtype=np.int64)
    kept = np.empty((2, count if curve else 0))
    spec = profile.policies[underlying]
    numbers = _numbers(profile, spec, venue, float(path.rows[1, 0] / path.rows[0, 0]))
    wholes = _wholes(profile, spec, venue.latency)
    compiled.hedge_path((path.at, path.rows), (numbers, wholes), (kept, done, told))
    traded, missed, left_at, why = (int(each) for each in told)
    bars = done[0, :traded].astype(np.int64)
    bare = Run(
        bars, done[1, :traded], done[2, :traded], kept[0], kept[1], 0.0, 0.0, 0.0, missed,
        _LEFT[why], left_at,
    )  # fmt: skip
    return _summed(path, venue, bare)


def _summed(path: Path, venue: Venue, found: Run) -> Run:
    taker = venue.contract.taker_bps * BPS
    close, size = path.rows[0], np.abs(found.coins)
    notional = size * found.price
    fee = taker * float(notional.sum())
    slipped = float((size * np.abs(found.price - close[found.bar])).sum())
    hedges = float((found.coins * (close[-1] - found.price)).sum()) - fee
    return found._replace(
        profit=float(path.rows[4, -1] - path.rows[4, 0]) + hedges,
        cost=fee + slipped,
        turnover=float(notional.sum()),
    )


def _numbers(profile: RiskProfile, spec: PolicySpec, venue: Venue, half: float) -> FloatArray:
    """Terms of `hedge_path`, in its order."""
    contract = venue.contract
    multiplier, taker = float(contract.multiplier), contract.taker_bps * BPS
    lot = float(contract.lot) * multiplier
    leave = LEAVES.get(spec.kind, spec.leave)
    return np.array(
        [
            *(spec.target, spec.low, spec.high, leave),
            *(((taker + half) / profile.risk_aversion) ** (1.0 / 3.0), spec.cap),
            *(lot, float(contract.min_qty) * multiplier, float(contract.min_notional)),
            *(float(contract.ticks[0].tick), taker, venue.impact_bps_per_coin * BPS),
            profile.slippage_cap_bps * BPS,
            min(profile.max_order_usd, profile.auto_hedge_usd),
            *(profile.max_hedge_usd, profile.turnover_day_usd, profile.cost_day_usd),
            min(profile.day_loss_reduce_usd, profile.day_loss_halt_usd),
            *(profile.drawdown_7d_usd, profile.gross_leverage),
            MARGIN_BUFFER + 0.01 * profile.liquidation_pct,
            venue.cash,
        ]
    )


MARGIN_BUFFER: Final = 0.1
"""Initial margin of a perpetual at most, a part of its notional; half of the cash must bear it."""


def _wholes(profile: RiskProfile, spec: PolicySpec, latency: int) -> npt.NDArray[np.int64]:
    return np.array(
        [
            spec.kind is PolicyKind.WHALLEY_WILMOTT,
            from_seconds(spec.every_s) if spec.kind is PolicyKind.TIMER else 0,
            *(from_seconds(profile.min_gap_s), profile.hedges_per_hour, profile.flips_per_10min),
            *(profile.orders_per_day, latency),
        ],
        dtype=np.int64,
    )


def kernel(name: str) -> Any:
    """A compiled kernel, imported late.

    Raises
    ------
    ConfigError
        The compiler is not installed.
    """
    try:
        return import_module(f"terminal.pricing.compiled.{name}")
    except ImportError as error:
        raise ConfigError(
            f"the fast path needs numba, the extra 'fast': install gammadesk[fast] ({error})"
        ) from error
