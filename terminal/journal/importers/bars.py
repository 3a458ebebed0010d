"""Bars as columns: checked, joined over files, and told as events."""

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray

from terminal.core.errors import DataError
from terminal.core.units import SECOND, iso_utc
from terminal.journal.importers.feed import Feed, Tally
from terminal.journal.tape import Timed
from terminal.model.instrument import Instrument, Payoff
from terminal.model.market import Bar, Gap

PRICES = ("open", "high", "low", "close")
COLUMNS = (*PRICES, "volume")
_CHUNK = 8192


class Bars(Struct, frozen=True):
    """Bars of one file.

    ``opened`` are UtcNs of the bars' opens; ``rows`` are row numbers as a person counts them;
    ``values`` hold a column per name in ``COLUMNS``, volume in contracts, NaN where unknown.
    """

    path: Path
    label: str
    opened: NDArray[np.int64]
    rows: NDArray[np.int64]
    values: dict[str, NDArray[np.float64]]

    def part(self, keep: NDArray[np.bool_]) -> "Bars":
        """Only the bars where ``keep`` is true."""
        values = {name: column[keep] for name, column in self.values.items()}
        return Bars(self.path, self.label, self.opened[keep], self.rows[keep], values)


class Series(Struct, frozen=True):
    """Bars of one instrument over all its files, in time order."""

    instrument: Instrument
    span: int
    bars: Bars
    paths: tuple[Path, ...]


def checked(bars: Bars, tally: Tally) -> Bars:
    """Bars without their identical repetitions.

    Raises
    ------
    DataError
        A price is not positive and finite, high or low do not hold the others, a volume is
        negative, stamps fall, or one stamp has two different bars; names the row and column.
    """
    if not bars.opened.size:
        raise DataError(f"{bars.label}: has no bars: fetch it again")
    _check_values(bars)
    steps = np.diff(bars.opened)
    if (steps < 0).any():
        at = int(np.argmax(steps < 0)) + 1
        raise DataError(
            f"{bars.label}: row {bars.rows[at]}: column time: {iso_utc(int(bars.opened[at]))} "
            "comes before the row in front of it: sort the file by time"
        )
    again = np.concatenate(([False], steps == 0))
    if not again.any():
        return bars
    for at in np.flatnonzero(again).tolist():
        if column := _difference(bars, at - 1, bars, at):
            raise DataError(
                f"{bars.label}: row {bars.rows[at]}: column {column}: differs from row "
                f"{bars.rows[at - 1]} with the same time: keep the right one"
            )
    tally.note("bars given twice with the same values (dropped)", int(again.sum()))
    return bars.part(~again)


def in_contracts(bars: Bars, instrument: Instrument, tally: Tally) -> Bars:
    """Bars with their volume in contracts.

    Notes
    -----
    Linear contracts and spot: the files count coins. Inverse contracts: Binance's archive counts
    contracts. FTX: its history counts USD, which the close turns into coins.
    """
    contract = instrument.contract
    volume = bars.values["volume"]
    if contract.venue == "ftx":
        tally.assume("FTX volumes are in USD: divided by the close of their bar")
        volume = volume / bars.values["close"]
    if contract.payoff is Payoff.LINEAR:
        volume = volume / float(contract.multiplier)
    return replace(bars, values={**bars.values, "volume": volume})


def _check_values(bars: Bars) -> None:
    values = bars.values
    for name in PRICES:
        column = values[name]
        _refuse(bars, ~(np.isfinite(column) & (column > 0.0)), name, "is not a positive number")
    volume = values["volume"]
    _refuse(bars, (volume < 0.0) | np.isinf(volume), "volume", "is negative or infinite")
    body = np.stack([values["open"], values["close"]])
    high, low = values["high"], values["low"]
    _refuse(bars, high < np.maximum(body.max(axis=0), low), "high", "is below another price")
    _refuse(bars, low > body.min(axis=0), "low", "is above another price")


def _refuse(bars: Bars, bad: NDArray[np.bool_], column: str, why: str) -> None:
    if bad.any():
        at = int(np.argmax(bad))
        raise DataError(
            f"{bars.label}: row {bars.rows[at]}: column {column}: "
            f"{float(bars.values[column][at])!r} {why}: correct or remove the row"
        )


def _difference(one: Bars, i: int, other: Bars, j: int) -> str:
    """Name the first column in which two bars differ; empty when they are equal."""
    for name in COLUMNS:
        a, b = one.values[name][i], other.values[name][j]
        if not (a == b or (np.isnan(a) and np.isnan(b))):
            return name
    return ""


def interval(bars: Bars, named: int | None) -> int:
    """Bar interval, ns: the most common step, or what the file's name says of a single bar.

    Raises
    ------
    DataError
        There is one bar and no name, or a step is no multiple of the interval.
    """
    steps = np.diff(bars.opened)
    if not steps.size:
        if named is None:
            raise DataError(
                f"{bars.label}: one bar does not tell its interval: name the file like "
                "BTCUSDT-1m-2025-05.csv"
            )
        return named
    sizes, counts = np.unique(steps, return_counts=True)
    span = int(sizes[np.argmax(counts)])
    odd = steps % span != 0
    if odd.any():
        at = int(np.argmax(odd))
        raise DataError(
            f"{bars.label}: row {bars.rows[at + 1]}: column time: {steps[at] / SECOND:g} s after "
            f"the row in front of it, no multiple of the bar interval of {span / SECOND:g} s: "
            "correct the row"
        )
    return span


def joined(instrument: Instrument, files: list[tuple[int, Bars]], tally: Tally) -> Series:
    """One series from the files of one instrument, equal where they overlap.

    Raises
    ------
    DataError
        The files have different intervals, or differ in a bar that both have.
    """
    files = sorted(files, key=lambda each: int(each[1].opened[0]))
    span, whole = files[0]
    for other_span, bars in files[1:]:
        if other_span != span:
            raise DataError(
                f"{bars.label}: bars of {other_span / SECOND:g} s, but {files[0][1].label} has "
                f"bars of {span / SECOND:g} s of the same instrument: make two tapes"
            )
        whole = _union(whole, bars, tally)
    paths = tuple(dict.fromkeys(bars.path for _, bars in files))
    return Series(instrument, span, whole, paths)


def _union(one: Bars, other: Bars, tally: Tally) -> Bars:
    shared, i, j = np.intersect1d(one.opened, other.opened, return_indices=True)
    for name in COLUMNS:
        a, b = one.values[name][i], other.values[name][j]
        differ = ~((a == b) | (np.isnan(a) & np.isnan(b)))
        if differ.any():
            at = int(np.argmax(differ))
            raise DataError(
                f"{other.label}: row {other.rows[j[at]]}: column {name}: {float(b[at])!r} differs "
                f"from {one.label} row {one.rows[i[at]]} ({float(a[at])!r}) at "
                f"{iso_utc(int(shared[at]))}: leave one file out"
            )
    tally.note("bars found in two files with the same values (taken once)", int(shared.size))
    fresh = other.part(~np.isin(other.opened, shared))
    opened = np.concatenate((one.opened, fresh.opened))
    order = np.argsort(opened, kind="stable")
    values = {
        name: np.concatenate((one.values[name], fresh.values[name]))[order] for name in COLUMNS
    }
    rows = np.concatenate((one.rows, fresh.rows))[order]
    return Bars(one.path, f"{one.label} with {other.label}", opened[order], rows, values)


def feed(series: Series, spread_bps: float, tally: Tally) -> Feed:
    """Tell a series as events: each bar at its close, each hole as a Gap when it ends."""
    tally.assume(
        f"bars carry no quotes: bid and ask stand {0.5 * spread_bps:g} bps below and above the "
        "close"
    )
    return Feed((series.instrument,), _events(series, 0.5 * spread_bps, tally))


def _events(series: Series, half_spread_bps: float, tally: Tally) -> Iterator[Timed]:
    key, span, bars = series.instrument.contract.key, series.span, series.bars
    due = int(bars.opened[0])
    count = bars.opened.size
    for first in range(0, count, _CHUNK):
        cut = slice(first, first + _CHUNK)
        columns = [bars.values[name][cut].tolist() for name in COLUMNS]
        for opened, o, h, low, c, v in zip(bars.opened[cut].tolist(), *columns, strict=True):
            if opened > due:
                missing = (opened - due) // span
                yield opened, Gap(key, due, opened, f"{missing} bars missing")
            due = opened + span
            volume = None if math.isnan(v) else v
            yield due, Bar(key, o, h, low, c, volume, span, half_spread_bps)
        for path in series.paths:
            tally.advance(path, 0.5 + 0.5 * (first + _CHUNK) / count)
