"""The ``tape`` verb: import market data, tell what a tape holds, cut it, make one of a journal."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from terminal.core.commandline import Parser
from terminal.core.errors import ConfigError, TerminalError
from terminal.core.plain import plain
from terminal.journal.importers import naming, stamps
from terminal.journal.importers.feed import Options
from terminal.journal.importers.session import import_files
from terminal.journal.tape import is_tape
from terminal.journal.tape_about import describe, summary
from terminal.journal.tape_cut import cut_tape
from terminal.journal.tape_from_journal import tape_from_journal
from terminal.journal.tape_writing import write_tape

DONE, FAILED, BAD_INPUT = 0, 1, 2
SUFFIX = ".tape"
_BAR = 30  # characters


def main(argv: Sequence[str]) -> int:
    """Run ``tape import | info | cut | from-journal``.

    Parameters
    ----------
    argv : sequence of str
        Arguments after ``tape``.

    Returns
    -------
    int
        0 done, 1 failed (the disk, an interrupt), 2 bad input.
    """
    try:
        options = _parser().parse_args(argv)
        return int(options.run(options))
    except TerminalError as error:
        return _fail(str(error), BAD_INPUT)
    except OSError as error:
        return _fail(f"{error.filename or 'tape'}: {error.strerror or error}", FAILED)
    except KeyboardInterrupt:
        return _fail("stopped: nothing was written", FAILED)
    except SystemExit as done:  # --help
        return DONE if done.code in (None, 0) else BAD_INPUT


def _fail(message: str, code: int) -> int:
    sys.stderr.write(" ".join(plain(message).split()) + "\n")
    return code


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="tape", description=__doc__, allow_abbrev=False)
    verbs = parser.add_subparsers(required=True, metavar="import|info|cut|from-journal")
    add = verbs.add_parser("import", help="make a tape from files", allow_abbrev=False)
    add.add_argument("files", nargs="+", type=Path, metavar="FILE")
    add.add_argument("-o", "--out", required=True, type=Path, metavar="OUT.tape")
    add.add_argument(
        "--spread-bps", type=_spread, default=1.0, help="full spread around a bar's close"
    )
    add.add_argument(
        "--instrument",
        action="append",
        default=[],
        metavar="SYMBOL[@venue]",
        help="once for all files, or once per file in their order (- infers one)",
    )
    add.add_argument("--contract", action="append", default=[], metavar="name=value,...")
    add.add_argument("--funding-venue", default="", help="whose rows of a funding file to take")
    add.add_argument("--title", default="")
    add.add_argument("--progress", action="store_true", help="percentages, a line each")
    add.set_defaults(run=_import)
    info = verbs.add_parser("info", help="tell what a tape holds", allow_abbrev=False)
    info.add_argument("file", type=Path)
    info.set_defaults(run=_info)
    cut = verbs.add_parser("cut", help="take a part of a tape", allow_abbrev=False)
    cut.add_argument("file", type=Path)
    cut.add_argument("-o", "--out", required=True, type=Path, metavar="OUT.tape")
    cut.set_defaults(run=_cut)
    lived = verbs.add_parser("from-journal", help="make a tape of a run", allow_abbrev=False)
    lived.add_argument("directory", type=Path, metavar="DIR")
    lived.add_argument("out", type=Path, metavar="OUT.tape")
    lived.set_defaults(run=_from_journal, start=None, end=None)
    for each in (add, cut):
        each.add_argument("--from", dest="start", type=_instant, help="ISO 8601, UTC")
        each.add_argument("--to", dest="end", type=_instant, help="ISO 8601, UTC; not included")
    for each in (add, info, cut, lived):
        each.add_argument("--json", action="store_true", help="one JSON object for machines")
    return parser


def _instant(text: str) -> int:
    try:
        return stamps.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} {error}") from error


def _spread(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0.0 <= value <= 1_000.0:
        raise argparse.ArgumentTypeError(f"{text!r} is not 0 to 1000 basis points")
    return value


def _import(given: argparse.Namespace) -> int:
    _check_out(given)
    options = Options(
        spread_bps=given.spread_bps,
        instruments=tuple(given.instrument),
        contracts=tuple(naming.parse_contract(text) for text in given.contract),
        funding_venue=given.funding_venue,
        start=given.start,
        end=given.end,
        title=given.title,
    )
    meter = Meter(sys.stderr, lines=given.progress)
    try:
        each = import_files(given.files, options, meter.tell)
        write_tape(given.out, each.header, each.events)
        meter.tell(1.0, given.out.name)
    finally:
        meter.close()
    return _show(given.out, as_json=given.json)


def _info(given: argparse.Namespace) -> int:
    return _show(given.file, as_json=given.json)


def _cut(given: argparse.Namespace) -> int:
    _check_out(given)
    cut_tape(given.file, given.out, given.start, given.end)
    return _show(given.out, as_json=given.json)


def _from_journal(given: argparse.Namespace) -> int:
    _check_out(given)
    tape_from_journal(given.directory, given.out)
    return _show(given.out, as_json=given.json)


def _check_out(given: argparse.Namespace) -> None:
    """Refuse to write over anything but a tape."""
    out: Path = given.out
    if out.suffix != SUFFIX:
        raise ConfigError(f"{out}: a tape ends in {SUFFIX}: name it {out.stem}{SUFFIX}")
    if not out.parent.is_dir():
        raise ConfigError(f"{out}: there is no folder {out.parent}: make it first")
    if out.exists() and not (out.is_file() and is_tape(out)):
        raise ConfigError(f"{out}: exists and is no tape: choose another name")
    if None not in (given.start, given.end) and given.start >= given.end:
        raise ConfigError("--from must be before --to")


def _show(path: Path, *, as_json: bool) -> int:
    text = summary(path) if as_json else describe(path)
    sys.stdout.write(plain(text, len(text)) + "\n")
    return DONE


class Meter:
    """Progress on a terminal as a bar; elsewhere, when asked for, as lines of whole percents.

    Parameters
    ----------
    out : TextIO
    lines : bool
        Write lines though it is no terminal.
    """

    def __init__(self, out: TextIO, *, lines: bool) -> None:
        self._out = out
        self._bar = out.isatty() and not lines
        self._lines = lines
        self._percent = -1
        self._drawn = False

    def tell(self, part: float, what: str) -> None:
        """Show that ``part`` (0..1) is done."""
        percent = int(100 * part)
        if percent <= self._percent:
            return
        self._percent = percent
        if self._bar:
            full = round(_BAR * part)
            bar = "#" * full + "." * (_BAR - full)
            self._out.write(f"\r[{bar}] {percent:3d} %  {what[:30]:30}")
            self._drawn = True
        elif self._lines:
            self._out.write(f"{percent} % {what}\n")
        self._out.flush()

    def close(self) -> None:
        """Leave the line of the bar."""
        if self._drawn:
            self._out.write("\n")
