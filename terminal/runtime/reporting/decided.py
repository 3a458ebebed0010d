"""Decisions of the runs of a span, by the proposal that each of them made."""

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from terminal.core.errors import DataError
from terminal.model.oracle import Decision
from terminal.oracle.chain import read
from terminal.runtime.oracle import SUFFIX, folder_of


class Decided(Struct, frozen=True, kw_only=True):
    """What was found, and why the rest was not; a backtest keeps none."""

    kept: bool = True
    by_proposal: Mapping[str, Decision] = {}
    faults: tuple[str, ...] = ()


def decisions_of(journal: Path, run: str) -> Decided:
    """Read the decisions beside a journal.

    Parameters
    ----------
    journal : Path
        Its directory.
    run : str
        Name of the journal's run, which goes on over restarts: each of them begins a file.

    Notes
    -----
    A file that cannot be read, or whose chain of seals is broken, gives none of its decisions and
    a line that says so: they explain the hedges, and no number of a report is made of them.
    """
    found: dict[str, Decision] = {}
    faults = []
    for path in sorted(folder_of(journal).glob(f"{run}-*{SUFFIX}")):
        try:
            entries = read(path.read_bytes().split(b"\n")[:-1])
        except (OSError, DataError) as error:
            faults.append(f"No decision of {path.name} is used: {error}.")
            continue
        found.update({each.decision.proposal_id: each.decision for each in entries})
    found.pop("", None)
    return Decided(by_proposal=found, faults=tuple(faults))
