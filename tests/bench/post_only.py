"""Post-only never crosses, in many simulated runs: ``python -m tests.bench.post_only [RUNS]``."""

import sys
import time

from tests.helpers.post_only import run, total


def main() -> int:
    """Play the runs and print what was seen; 1 when one of them took liquidity."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    begun = time.perf_counter()
    seen = total([run(seed) for seed in range(count)])
    spent = time.perf_counter() - begun
    sys.stdout.write(
        f"{count:,} runs in {spent:.0f} s: {seen.orders:,} post-only orders, {seen.made:,} maker"
        f" fills, {seen.refused:,} refused on arrival, {seen.crossing} crossing orders,"
        f" {seen.taken} fills that took\n"
    )
    return 1 if seen.crossing or seen.taken else 0


if __name__ == "__main__":
    sys.exit(main())
