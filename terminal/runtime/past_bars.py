"""The past that forecasts learn from, out of files of bars that a person names."""

from collections.abc import Sequence
from pathlib import Path

from terminal.market.hours import hours_of
from terminal.runtime.bar_files import read_perpetuals
from terminal.runtime.outlooks import Outlooks


def take_past(outlooks: Outlooks, paths: Sequence[Path]) -> None:
    """Have forecasts learn from files.

    Parameters
    ----------
    outlooks : Outlooks
    paths : sequence of Path
        Files of five-minute bars of linear perpetuals, or folders of them.

    Raises
    ------
    DataError
        As in `bar_files.read_perpetuals`: names the file and the remedy.
    """
    for each in read_perpetuals(paths, lambda _part, _name: None):
        bars = each.bars
        # A bar's close is the price at its end.
        outlooks.remember(each.contract.base, hours_of(bars.start + bars.span, bars.close))
