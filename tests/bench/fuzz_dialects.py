"""Damaged frames into every decoder: ``python -m tests.bench.fuzz_dialects [FRAMES] [VENUE..]``.

Every frame must give events, nothing or a DataError; anything else ends the run with its trace.
"""

import sys
import time
from collections import Counter
from random import Random

import psutil

from tests.helpers.corpora import CORPORA
from tests.helpers.frames import Corpus, decode, directory

WARM_UP = 5_000


def run(corpus: Corpus, count: int, seed: int = 1) -> str:
    """Feed ``count`` damaged frames to one decoder and describe what came of them."""
    random = Random(seed)
    known = directory(corpus.dialect.decoder, corpus.markets)
    for _ in range(WARM_UP):
        decode(corpus, known, random)
    process = psutil.Process()
    before, begun = process.memory_info().rss, time.perf_counter()
    came = Counter(decode(corpus, known, random) for _ in range(count))
    spent = time.perf_counter() - begun
    grown = (process.memory_info().rss - before) / 1024
    counts = ", ".join(f"{came[each]:,} {each}" for each in ("events", "nothing", "refused"))
    venue = corpus.dialect.venue
    return f"{venue}: {count:,} frames in {spent:.1f} s: {counts}; memory grew by {grown:,.0f} kB\n"


def main() -> int:
    """Run every exchange, or those that are named."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    wanted = frozenset(sys.argv[2:])
    for corpus in CORPORA:
        if not wanted or corpus.dialect.venue in wanted:
            sys.stdout.write(run(corpus, count))
    return 0


if __name__ == "__main__":
    sys.exit(main())
