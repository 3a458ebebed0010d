"""Many runs: their seeds, how one is lived in a process of its own, and what they came to."""

from collections import Counter
from collections.abc import Iterator

from tests.sim.run import Report, lived


def runs(hours: float, seed: int, each: float) -> Iterator[tuple[int, float]]:
    """Seed and hours of every run."""
    while hours > 1e-9:
        yield seed, min(each, hours)
        hours -= each
        seed += 1


def one(factor: float, twice: bool, run: tuple[int, float]) -> Report:
    """Live one run; again, when it is to be compared."""
    found = lived(*run, factor)
    if twice and lived(*run, factor).trace != found.trace:
        raise AssertionError(f"seed {run[0]} did not go the same way twice")
    return found


def told(found: Report, factor: float) -> list[str]:
    """Lines of what was violated, and of the command that lives it again."""
    lines = [f"seed {found.seed}: {line}" for line in found.violations]
    if lines:
        again = f"--hours {found.hours:g} --seed {found.seed} --each {found.hours:g}"
        lines.append(f"  again: python -m tests.sim {again} --factor {factor:g} --jobs 1")
    return lines


def summary(reports: list[Report], took: float) -> str:
    """What all runs came to."""
    faults = sum((Counter(each.faults) for each in reports), Counter[str]())
    hours = sum(each.hours for each in reports)
    times = 3600 * hours / took

    def total(field: str) -> int:
        return sum(getattr(each, field) for each in reports)

    restarts = total("lives") - len(reports)
    often = ", ".join(f"{kind} {count:,}" for kind, count in faults.most_common())
    return (
        f"{hours:,.0f} simulated hours in {took:,.0f} s ({times:,.0f} times real time)\n"
        f"{faults.total():,} faults: {often}\n"
        f"{total('records'):,} records, {total('orders'):,} orders, {total('fills'):,} fills,"
        f" {restarts:,} restarts\n"
        f"{sum(len(each.violations) for each in reports):,} violations"
    )
