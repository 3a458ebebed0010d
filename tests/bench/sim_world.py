"""Events per second of the simulated world: ``python -m tests.bench.sim_world [MINUTES]``."""

import sys
import time
from collections import Counter

from terminal.core.units import MINUTE, SECOND
from terminal.venues.demo_book import demo_book
from terminal.venues.sim_listing import listing
from terminal.venues.sim_market import DEFAULT_SPOTS, SimMarket
from terminal.venues.sim_world import SimWorld

START = 1_764_000_000 * SECOND


def market_only(until: int) -> int:
    """Take the market's events and nothing else."""
    market, count = SimMarket(seed=7, start_at=START), 0
    while market.next_at() < until:
        market.pop()
        count += 1
    return count


def whole_world(until: int) -> Counter[str]:
    """Take everything a desk would see, with its book at the venue."""
    positions, balances = demo_book(listing(START, DEFAULT_SPOTS), DEFAULT_SPOTS, START)
    live = SimWorld(seed=7, start_at=START, positions=positions, balances=balances)
    kinds: Counter[str] = Counter()
    while (at := live.next_at()) is not None and at < until:
        kinds[type(live.pop()[1]).__name__] += 1
    return kinds


def main() -> None:
    """Measure both and print a line each."""
    minutes = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    until = START + minutes * MINUTE
    begun = time.process_time()
    count = market_only(until)
    middle = time.process_time()
    kinds = whole_world(until)
    done = time.process_time()
    total = kinds.total()
    lines = (
        f"market: {count} events, {count / (middle - begun):,.0f}/s of CPU",
        f"world:  {total} events, {total / (done - middle):,.0f}/s of CPU",
        f"{total / minutes / 60:.1f} events per market second: {dict(kinds)}",
    )
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
