"""Our side of the pricing benchmark: both paths, asked for late, or why one is not there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from importlib import import_module
from typing import Any

from terminal.core.errors import ConfigError
from terminal.pricing.engines import load
from tests.bench.pricing_cases import Options, Quotes
from tests.bench.pricing_table import NOTHING, OPPONENT, OURS, Contest, Findings, Line
from tests.bench.pricing_timing import Effort, Timer, medians, timer

Job = Callable[[], Any]
Maker = Callable[[str], Job]
"""Turns the name of a path, ``numpy`` or ``compiled``, into what is timed."""

NOT_THERE = (ImportError, AttributeError, ConfigError)
"""What a path that is not there, or a program without the compiled extra, answers with."""

TWINS = {
    "terminal.pricing.black": "terminal.pricing.compiled.black_kernel",
    "terminal.pricing.fourier.cosine": "terminal.pricing.compiled.heston_kernel",
    "terminal.pricing.surface.svi_fit": "terminal.pricing.compiled.svi_kernel",
}
"""Modules of the numpy path, and their compiled twins."""


def available(make: Maker) -> Iterator[tuple[str, Job | str]]:
    """Job by path; a string in its place is the reason why there is none."""
    for path in OURS:
        try:
            yield path, make(path)
        except NOT_THERE as error:
            yield path, f"{path} is not there yet: {error}"


def fought(
    contest: Contest,
    rival: Timer,
    make: Maker,
    effort: Effort,
    findings: Findings = NOTHING,
) -> Line:
    """One line: the opponent and every path there is, in turns."""
    rivals, absent = {OPPONENT: rival}, list[str]()
    for path, job in available(make):
        if isinstance(job, str):
            absent.append(f"{contest.work}: {job}")
        else:
            rivals[path] = timer(job)
    remarks = (*absent, *findings.remarks)
    return Line(contest, medians(rivals, effort), remarks, findings.conditions)


def part(path: str, module: str, name: str) -> Any:
    """Function of a module, or of its compiled twin."""
    return getattr(import_module(module if path == "numpy" else TWINS[module]), name)


def greeks_job(options: Options) -> Maker:
    """Price, delta, gamma, vega, theta and rho of options."""

    def make(path: str) -> Job:
        greeks = part(path, "terminal.pricing.black", "greeks_with_rho")
        return lambda: greeks(*options)

    return make


def greeks_on_all_cores_job(options: Options, pool: Executor) -> Maker:
    """The same by the compiled path alone, which alone can use more than one."""

    def make(path: str) -> Job:
        if path == "numpy":
            raise AttributeError("it has one thread")
        greeks = part(path, "terminal.pricing.black", "greeks_with_rho")
        return lambda: greeks(*options, spread=pool.map)

    return make


def implied_job(quotes: Quotes) -> Maker:
    """Implied volatilities of quotes, with their status."""
    forward, strike, years, _, sign = quotes.options

    def make(path: str) -> Job:
        implied_vol = load(path).implied_vol
        return lambda: implied_vol(quotes.price, forward, strike, years, sign)

    return make
