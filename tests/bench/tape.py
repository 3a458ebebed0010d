"""Measures a tape: import, write and read; run with ``python -m tests.bench.tape [FILES ...]``."""

import resource
import sys
import tempfile
import time
from pathlib import Path

from terminal.core.units import MINUTE
from terminal.journal.importers.feed import Options
from terminal.journal.importers.session import import_files
from terminal.journal.tape import Header, Timed, read_tape
from terminal.journal.tape_writing import write_tape
from terminal.model.market import Bar, Quote

_EVENTS = 500_000
_START = 1_750_000_000_000_000_000


def _synthetic() -> list[Timed]:
    """Bars and option quotes, turn by turn."""
    events: list[Timed] = []
    for i in range(_EVENTS // 2):
        at, price = _START + i * MINUTE, 95_000.0 + 0.1 * (i % 10_000)
        bar = Bar("BTCUSDT@binanceusdm", price, price + 9, price - 9, price + 1, 1.5, MINUTE, 0.5)
        key = "BTC-27JUN25-100000-C@deribit"
        quote = Quote(key, 0.0125, 0.013, 1.5, 2.5, mark=0.0127, iv=0.52, forward=price)
        events += [(at, bar), (at, quote)]
    return events


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _tell(what: str, count: int, seconds: float) -> None:
    sys.stdout.write(
        f"{what:8} {count:10,} events  {seconds:7.2f} s  {count / seconds:12,.0f} /s  "
        f"peak {_megabytes():,.0f} MB\n"
    )


def _read(path: Path) -> None:
    began = time.perf_counter()
    count = 0
    for _ in read_tape(path):
        count += 1
    _tell("read", count, time.perf_counter() - began)


def main(files: list[Path]) -> None:
    """Measure the import of files, or the writing of made-up events, and the reading back."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.tape"
        if files:
            began = time.perf_counter()
            each = import_files(files, Options(), lambda _part, _what: None)
            header = write_tape(path, each.header, each.events)
            _tell("import", header.count, time.perf_counter() - began)
        else:
            events = _synthetic()
            began = time.perf_counter()
            write_tape(path, Header(title="bench"), events)
            _tell("write", len(events), time.perf_counter() - began)
        _read(path)


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]])
