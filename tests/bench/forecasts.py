"""Forecasts of variance and of spikes against naive ones: ``python -m tests.bench.forecasts``.

Realised variance of each UTC day from recorded five-minute bars; every model is fitted on the past
alone, anew every 30 days, and its forecasts of the next day and of the next seven are scored by
QLIKE (lower is better). All are scored on the same days. The best is marked; the last, which leans
on a prior, is what the program uses where the past allows. Then the probability of a spike within
the next hour: its Brier score, and how often spikes came when about so much was said.
"""

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from terminal.core.units import DAY, MILLISECOND, MINUTE
from terminal.market.arrays import InstantArray
from terminal.market.forecasts import ewma, future_means, qlike, running_means, trailing_means
from terminal.market.garch import fit_garch, log_likelihood
from terminal.market.har import PRIOR_ROWS, fit_har, har_path, jump_term, leverage_term
from terminal.market.hours import hours_of
from terminal.market.logistic import reliability
from terminal.market.scoring import briers, scores
from terminal.market.seasonal import season_walk
from terminal.market.spikes import spike_naive, spike_walk, spikes
from terminal.model.forecast import Reliable
from terminal.pricing.rows import FloatArray

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "ohlcv_5m"
FILES = {
    "BTC": (
        "binance_spot_BTCUSDT_5m_20240301_20240714",
        "binance_spot_BTCUSDT_5m_20240901_20241231",
        "binance_usdm_BTCUSDT_5m_20241231_20250914",
        "binance_usdm_BTCUSDT_5m_20251225_20260125",
    ),
    "ETH": (
        "binance_spot_ETHUSDT_5m_20240101_20240630",
        "binance_usdm_ETHUSDT_5m_20241231_20250914",
        "binance_usdm_ETHUSDT_5m_20251225_20260125",
    ),
    "SOL": (
        "binance_usdm_SOLUSDT_5m_20241231_20250914",
        "binance_usdm_SOLUSDT_5m_20251225_20260125",
    ),
}
"""Recorded five-minute bars since 2024; days between files are missing, and none is bridged."""

A_DAY = DAY // (5 * MINUTE)
FIRST = 50
"""Days before the first forecast: a month of terms, and rows to fit them on."""

REFIT = 30
OURS = "log-HAR + jumps + leverage, leaning"


def closes_of(coin: str) -> tuple[InstantArray, FloatArray]:
    """Opening instants (UtcNs) and closes of every recorded bar of a coin."""
    times, closes = list[InstantArray](), list[FloatArray]()
    for name in FILES[coin]:
        table = pq.read_table(SHARED / f"{name}.parquet", columns=["ts", "close"])
        times.append(table["ts"].cast("int64").to_numpy() * MILLISECOND)
        closes.append(table["close"].to_numpy())
    at, kept = np.unique(np.concatenate(times), return_index=True)
    return at, np.concatenate(closes)[kept]


class Days:
    """Variance, bipower variation and return of consecutive days; NaN where bars are missing."""

    variance: FloatArray
    bipower: FloatArray
    moves: FloatArray

    def __init__(self, coin: str) -> None:
        at, price = closes_of(coin)
        first = -(-int(at[0]) // DAY) * DAY
        count = (int(at[-1]) + 5 * MINUTE - first) // DAY
        grid = np.full(count * A_DAY + 1, np.nan)
        place = (at - first) // (5 * MINUTE) + 1  # a bar's close ends it
        inside = (place >= 0) & (place < grid.size)
        grid[place[inside]] = price[inside]
        moves = np.diff(np.log(grid)).reshape(count, A_DAY)
        with np.errstate(invalid="ignore"):
            self.variance = np.square(moves).sum(axis=1)
            pairs = np.abs(moves[:, 1:]) * np.abs(moves[:, :-1])
            self.bipower = 0.5 * np.pi * pairs.sum(axis=1) * A_DAY / (A_DAY - 1)
            self.moves = moves.sum(axis=1)


Model = Callable[[Days, slice, int], FloatArray]
"""Forecasts of the mean variance of some days after each, by a fit to the days of a slice."""


def walk(days: Days, past: slice, horizon: int) -> FloatArray:
    """What comes is as what came."""
    del past
    return trailing_means(days.variance, horizon)


def weighted_returns(days: Days, past: slice, horizon: int) -> FloatArray:
    """RiskMetrics: squared daily returns, decay 0.94."""
    del past, horizon
    return ewma(np.square(days.moves))


def weighted_variance(days: Days, past: slice, horizon: int) -> FloatArray:
    """Realised variances, decay 0.8."""
    del past, horizon
    return ewma(days.variance, 0.8)


def ever(days: Days, past: slice, horizon: int) -> FloatArray:
    """The mean of every day so far."""
    del past, horizon
    return running_means(days.variance)


def garch(days: Days, past: slice, horizon: int) -> FloatArray:
    """GARCH(1,1) of daily returns; weighted returns until there are enough to fit it."""
    fit = fit_garch(days.moves[past])
    if fit.parameters is None:
        return weighted_returns(days, past, horizon)
    path: FloatArray = log_likelihood(fit.parameters, days.moves).variance[1:]
    powers = np.power(fit.parameters.persistence, np.arange(horizon))
    entered = np.append(0.0, np.cumsum(powers[:-1]))
    return np.asarray(powers.mean() * path + fit.parameters.omega * entered.mean())


def autoregression(*, log: bool, more: bool, prior: float = 0.0) -> Model:
    """HAR of a day, a week and a month."""

    def model(days: Days, past: slice, horizon: int) -> FloatArray:
        extras = None
        if more:
            terms = (
                jump_term(days.variance, days.bipower),
                leverage_term(days.variance, days.moves),
            )
            extras = np.column_stack(terms)
        seen = None if extras is None else extras[past]
        fit = fit_har(days.variance[past], horizon=horizon, log=log, extras=seen, prior_rows=prior)
        if fit is None:
            return np.full(days.variance.size, np.nan)
        return har_path(fit, days.variance, extras)

    return model


MODELS: dict[str, Model] = {
    "random walk": walk,
    "unconditional": ever,
    "EWMA .94 of daily returns": weighted_returns,
    "EWMA .8 of realised variance": weighted_variance,
    "GARCH(1,1)": garch,
    "HAR": autoregression(log=False, more=False),
    "log-HAR": autoregression(log=True, more=False),
    "log-HAR + jumps + leverage": autoregression(log=True, more=True),
    OURS: autoregression(log=True, more=True, prior=PRIOR_ROWS),
}


def forward(days: Days, model: Model, horizon: int) -> FloatArray:
    """Forecast after each day, by fits that saw nothing later."""
    count = days.variance.size
    found = np.full(count, np.nan)
    for start in range(FIRST, count, REFIT):
        path = model(days, slice(0, start), horizon)
        part = slice(start - 1, min(start + REFIT, count) - 1)
        found[part] = path[part]
    return found


def table(horizon: int) -> set[str]:
    """Print the losses of every model over a horizon; the names of the best of each coin."""
    losses: dict[str, dict[str, float]] = {name: {} for name in MODELS}
    counts = {}
    for coin in FILES:
        days = Days(coin)
        paths = {name: forward(days, model, horizon) for name, model in MODELS.items()}
        came = future_means(days.variance, horizon)
        known = np.isfinite(came) & (came > 0.0)
        for path in paths.values():
            known &= np.isfinite(path) & (path > 0.0)
        counts[coin] = int(known.sum())
        for name, path in paths.items():
            losses[name][coin] = qlike(came[known], path[known]) or 0.0
    head = "".join(f"{f'{coin} ({counts[coin]})':>12}" for coin in FILES)
    title = f"QLIKE, {horizon} days ahead" if horizon > 1 else "QLIKE, one day ahead"
    sys.stdout.write(f"{title:<38}{head}\n")
    for name, found in losses.items():
        cells = "".join(f"{found[coin]:>12.3f}" for coin in FILES)
        sys.stdout.write(f"{name:<38}{cells}\n")
    best = {coin: min(losses, key=lambda name: losses[name][coin]) for coin in FILES}
    for coin, name in best.items():
        others = min(losses[each][coin] for each in MODELS if each != name)
        sys.stdout.write(f"{coin}: best is {name}, {others / losses[name][coin]:.2f}x\n")
    return set(best.values())


def spike_table(coin: str) -> None:
    """Print how good and how reliable the probability of a spike of a coin has been."""
    at, price = closes_of(coin)
    hours = hours_of(at + 5 * MINUTE, price)  # a bar's close ends it
    said, happened = spike_walk(hours, season_walk(hours))[0], spikes(hours)
    came = np.append(happened[1:], np.nan)
    naive = {name: briers(came, path) for name, path in spike_naive(hours).items()}
    sys.stdout.write(f"\n{coin}: spike within the next hour, {np.nanmean(happened):.2%} of hours\n")
    for each in scores("Brier", briers(came, said), naive, block=48):
        skill = 1.0 - each.ours / each.theirs
        sys.stdout.write(
            f"  Brier {each.ours:.5f}, {each.naive} {each.theirs:.5f}: skill {skill:+.1%}, "
            f"95 % bound of the difference {each.bound:+.6f}, {each.outcomes} hours\n"
        )
    sys.stdout.write(f"  {'said':>14}{'mean':>9}{'came':>9}{'95 %':>18}{'hours':>8}\n")
    for row in reliability(said, came):
        sys.stdout.write(_reliable(row))


def _reliable(row: Reliable) -> str:
    between = f"{row.low:.1%} to {row.high:.1%}"
    interval = f"{row.came_low:.2%} to {row.came_high:.2%}"
    return f"  {between:>14}{row.said:>9.2%}{row.came:>9.2%}{interval:>18}{row.outcomes:>8}\n"


def main() -> int:
    """Print the tables; the exit code tells whether ours is best a day ahead on every coin."""
    if not SHARED.exists():
        sys.stdout.write("no recorded bars: the folder 'shared' is missing\n")
        return 2
    best = table(1)
    sys.stdout.write("\n")
    table(7)
    for coin in FILES:
        spike_table(coin)
    return 0 if best == {OURS} else 1


if __name__ == "__main__":
    sys.exit(main())
