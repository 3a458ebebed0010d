"""The table of the pricing benchmark: one line a measurement, with its goals and its errors."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

OPPONENT = "theirs"
OURS = ("numpy", "compiled")

HEADER = (
    f"{'work':<30} {'N':>9}  {'opponent':<25} {'theirs':>9}"
    f" {'numpy':>9} {'ratio':>8} {'goal':>7} {'compiled':>9} {'ratio':>8} {'goal':>7}"
)


class Contest(Struct, frozen=True):
    """What is measured.

    Attributes
    ----------
    work, size, opponent
        What is done, on how many, against whom.
    goals
        How many times faster the numpy and the compiled path should be; None without a goal.
    """

    work: str
    size: int
    opponent: str
    goals: tuple[float | None, float | None] = (None, None)


class Findings(Struct, frozen=True):
    """What was found beside the times.

    Attributes
    ----------
    remarks
        Errors, failures, percentiles.
    conditions
        What else must hold for the goals to count, and whether it does.
    """

    remarks: tuple[str, ...] = ()
    conditions: Mapping[str, bool] = {}


NOTHING = Findings()


class Line(Struct, frozen=True):
    """One measurement.

    Attributes
    ----------
    contest
        What was measured.
    seconds
        Of one run, by rival: ``theirs``, ``numpy``, ``compiled``; those not measured are absent.
    remarks, conditions
        As in ``Findings``; the remarks also say why something is absent.
    """

    contest: Contest
    seconds: Mapping[str, float]
    remarks: tuple[str, ...] = ()
    conditions: Mapping[str, bool] = {}

    def ratio(self, path: str) -> float | None:
        """How many times faster than the opponent a path of ours is."""
        if path not in self.seconds or OPPONENT not in self.seconds:
            return None
        return self.seconds[OPPONENT] / self.seconds[path]


def in_words(line: Line) -> str:
    """One line of the table; a ratio below its goal carries a ``<``."""
    what = line.contest
    cells = [f"{what.work:<30} {what.size:>9,}  {what.opponent:<25} {_time(line, OPPONENT)}"]
    for path, goal in zip(OURS, what.goals, strict=True):
        ratio = line.ratio(path)
        short = ratio is not None and goal is not None and ratio < goal
        factor = "-" if ratio is None else f"{ratio:,.{2 if ratio < 100 else 0}f}x"
        wanted = "-" if goal is None else f"{goal:,g}x"
        cells.append(f"{_time(line, path)} {factor:>8} {'<' if short else ' '}{wanted:>6}")
    return " ".join(cells)


def verdict(lines: list[Line]) -> str:
    """How many goals were met, and which were not."""
    met, missed, unmeasured = 0, list[str](), list[str]()
    for line in lines:
        what = line.contest
        met += sum(line.conditions.values())
        missed += [f"{what.work}, {name}" for name, holds in line.conditions.items() if not holds]
        for path, goal in zip(OURS, what.goals, strict=True):
            if goal is None:
                continue
            ratio, name = line.ratio(path), f"{what.work} {what.size:,} vs {what.opponent}, {path}"
            if ratio is None:
                unmeasured.append(name)
            elif ratio < goal:
                missed.append(f"{name}: {ratio:,.2f}x of {goal:,g}x")
            else:
                met += 1
    total = met + len(missed) + len(unmeasured)
    text = [f"{met} of {total} goals met"]
    text += [f"  below   {each}" for each in missed]
    text += [f"  absent  {each}" for each in unmeasured]
    return "\n".join(text)


def _time(line: Line, name: str) -> str:
    seconds = line.seconds.get(name)
    if seconds is None:
        return f"{'-':>9}"
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:>6.3g} {unit:<2}"
    return f"{seconds / 1e-6:>6.3g} us"
