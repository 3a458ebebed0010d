"""Bars of perpetuals from the files or the folder that a person names."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from msgspec import Struct

from terminal.core.errors import DataError
from terminal.core.units import MINUTE
from terminal.journal.importers import files, naming, session
from terminal.journal.importers.feed import Options, Source, Tally
from terminal.market.bars import Bars, bars_of
from terminal.model.instrument import Contract, Payoff, Perpetual

SPAN = 5 * MINUTE


class Recorded(Struct, frozen=True):
    """Bars of one linear perpetual over all its files, and the terms it trades on."""

    contract: Contract
    bars: Bars
    names: tuple[str, ...]


def read_perpetuals(
    paths: Sequence[Path], progress: Callable[[float, str], None]
) -> tuple[Recorded, ...]:
    """Bars of five minutes of linear perpetuals, one series a coin, in the order of their names.

    Parameters
    ----------
    paths : sequence of Path
        Files of bars, or folders: of a folder, the files that are named as such bars are.
    progress : callable
        Told the part that is done (0..1) and the file.

    Raises
    ------
    DataError
        A path is missing or holds no such bars, or a file cannot be used; one line that names it
        and the remedy.
    """
    chosen = [each for path in paths for each in _chosen(path)]
    for path in chosen:
        if session.recognise(path) is not session.Format.BARS:
            raise DataError(f"{path}: holds no bars: give ts, open, high, low, close, volume")
        if not _names_perpetual(path):
            raise DataError(
                f"{path}: its name tells no linear perpetual that is known: name the file like "
                "binance_usdm_BTCUSDT_5m_2025.parquet, or leave it out"
            )
    unique = {files.sha256(path): Source(path) for path in chosen}
    tally = Tally({str(e.path): e.path.stat().st_size for e in unique.values()}, progress)
    found: dict[str, Recorded] = {}
    for series in session.bar_series(list(unique.values()), Options(), tally):
        contract, where = series.instrument.contract, series.paths[0]
        if series.span != SPAN:
            raise DataError(f"{where}: bars of {series.span // MINUTE} minutes: give those of 5")
        if contract.base in found:
            raise DataError(
                f"{where}: {contract.base} has a second perpetual beside "
                f"{found[contract.base].contract.key}: give one of them"
            )
        values = series.bars.values
        prices = np.stack([values[name] for name in ("open", "high", "low", "close")])
        names = tuple(path.name for path in series.paths)
        bars = bars_of(series.bars.opened, prices, span=SPAN)
        found[contract.base] = Recorded(contract, bars, names)
    return tuple(found[coin] for coin in sorted(found))


def _chosen(path: Path) -> list[Path]:
    """Return the file itself, or the files of a folder whose names tell that they are wanted."""
    if not path.exists():
        raise DataError(f"{path}: is not there: name a folder or files of five-minute bars")
    if not path.is_dir():
        return [path]
    with files.refusing(str(path)):
        found = [each for each in sorted(path.iterdir()) if each.is_file() and _wanted(each)]
    if not found:
        raise DataError(
            f"{path}: holds no five-minute bars of a linear perpetual "
            "(binance_usdm_BTCUSDT_5m_....parquet): name such a folder, or the files themselves"
        )
    return found


def _wanted(path: Path) -> bool:
    return naming.span_of(path) == SPAN and "_mark_" not in path.name and _names_perpetual(path)


def _names_perpetual(path: Path) -> bool:
    """Whether the file's name tells a linear perpetual whose terms are known."""
    try:
        instrument = naming.instrument_of(Source(path), Options(), Tally({}, lambda *_: None))
    except DataError:
        return False
    return isinstance(instrument, Perpetual) and instrument.contract.payoff is Payoff.LINEAR
