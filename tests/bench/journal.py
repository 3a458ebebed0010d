"""Cost of the journal on this disk (python -m tests.bench.journal)."""

import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

from terminal.journal.journal import Journal, open_journal
from terminal.model.market import Quote
from terminal.model.messages import Record

_RECORDS = 100_000
_COMMITS = 200
_GROUP = 50
_START = 1_700_000_000_000_000_000


def _quote(seq: int) -> Record:
    event = Quote("BTC-PERPETUAL@deribit", 65_000.5, 65_001.0, 10.0, 12.0, 65_000.7)
    return Record(seq, _START + seq, "deribit", event)


def _say(label: str, value: float, unit: str) -> None:
    sys.stdout.write(f"{label:<44}{value:>14,.2f} {unit}\n")


def _percentile(values: list[float], part: float) -> float:
    return sorted(values)[min(int(part * len(values)), len(values) - 1)]


def _append_cost(journal: Journal) -> tuple[float, float]:
    """Median and 99th percentile, us per record, over batches of 100."""
    records = [_quote(seq) for seq in range(journal.last_seq + 1, journal.last_seq + _RECORDS + 1)]
    costs = []
    for start in range(0, _RECORDS, 100):
        begun = perf_counter()
        for record in records[start : start + 100]:
            journal.append(record)
        costs.append((perf_counter() - begun) * 1e4)
    journal.sync()
    return median(costs), _percentile(costs, 0.99)


def _commit_costs(journal: Journal, group: int) -> list[float]:
    """Ms per commit of ``group`` records, appending included."""
    costs = []
    for _ in range(_COMMITS):
        begun = perf_counter()
        for _ in range(group):
            journal.append(_quote(journal.last_seq + 1))
        journal.sync()
        costs.append((perf_counter() - begun) * 1e3)
    return costs


def _opening_cost(directory: Path) -> tuple[Journal, float]:
    begun = perf_counter()
    journal = open_journal(directory, run="bench", at=_START)
    return journal, perf_counter() - begun


def main() -> None:
    """Measure everything in one run, so that the ratios hold for one disk and one moment."""
    with tempfile.TemporaryDirectory() as root:
        directory = Path(root) / "journal"
        journal = open_journal(directory, run="bench", at=_START)
        middle, high = _append_cost(journal)
        _say("append a quote, no commit: median", middle, "us")
        _say("append a quote, no commit: p99", high, "us")
        single, grouped = _commit_costs(journal, 1), _commit_costs(journal, _GROUP)
        _say("commit of 1 record: median", median(single), "ms")
        _say("commit of 1 record: p99", _percentile(single, 0.99), "ms")
        _say(f"commit of {_GROUP} records: median", median(grouped), "ms")
        _say(f"commit of {_GROUP} records: p99", _percentile(grouped, 0.99), "ms")
        ratio = sum(single) * _GROUP / sum(grouped)
        _say(f"groups of {_GROUP} against a commit per record", ratio, "times as fast")
        journal.close()
        journal, span = _opening_cost(directory)
        count, begun = 0, perf_counter()
        for _ in journal.recovered.records:
            count += 1
        total = span + perf_counter() - begun
        _say("open: check the newest segment", journal.last_seq / span, "records/s")
        _say("open and decode all of it", count / total, "records/s")
        journal.rotate(b"state", at=_START)
        journal.close()
        journal, span = _opening_cost(directory)
        _say("open: check a finished segment by its seal", journal.last_seq / span, "records/s")
        journal.close()


if __name__ == "__main__":
    main()
