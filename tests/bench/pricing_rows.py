"""Rows of the pricing benchmark that need no model: Greeks and implied volatilities."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from msgspec.structs import replace

from tests.bench import pricing_opponents as opponents
from tests.bench.pricing_cases import (
    Floats,
    Options,
    Quotes,
    book,
    drawn,
    hard_grid,
    other_side,
    worst_relative,
)
from tests.bench.pricing_ours import (
    Job,
    available,
    fought,
    greeks_job,
    greeks_on_all_cores_job,
    implied_job,
)
from tests.bench.pricing_table import NOTHING, OURS, Contest, Findings, Line
from tests.bench.pricing_timing import Effort, timer
from tests.bench.pricing_vectorized import vectorized
from tests.bench.rival_python import Unavailable
from tests.unit.pricing import mp_reference

GREEKS = "price + 5 Greeks"
IMPLIED = "implied volatility"
VECTORIZED = "py_vollib_vectorized"
DAYS_PER_YEAR = 365.0


def greeks_scalar(effort: Effort) -> Iterator[Line]:
    """Against py_vollib one option after another, and the same on the smallest books."""
    loop = opponents.vollib_loop
    found = _greek_errors("py_vollib", lambda options: np.array(loop(options)()).T)
    for size, goals in ((1_000, (300.0, 1_800.0)), (10_000, (300.0, 1_800.0))):
        yield _greeks(Contest(GREEKS, size, "py_vollib", goals), loop, effort, found)
    for size in (1, 4, 50):
        yield _greeks(Contest(GREEKS, size, "py_vollib"), loop, effort)


def greeks_arrays(effort: Effort) -> Iterator[Line]:
    """Against py_vollib_vectorized and a loop over QuantLib's calculator."""
    contests = [Contest(GREEKS, size, VECTORIZED, (25.0, 140.0)) for size in (1_000, 10_000)]
    waiting = list(contests)
    try:
        with vectorized() as other:
            found = _greek_errors(
                VECTORIZED, lambda terms: other.result(other.case(terms), "greeks")
            )
            for contest in contests:
                options = book(contest.size)
                rival = other.timer(other.case(options), "greeks")
                yield fought(contest, rival, greeks_job(options), effort, found)
                waiting.remove(contest)
    except Unavailable as error:
        for contest in waiting:
            yield Line(contest, {}, (f"{VECTORIZED}: {error}",))
    for contest in contests:
        against = replace(contest, opponent="QuantLib BlackCalculator", goals=(150.0, 700.0))
        yield _greeks(against, opponents.quantlib_loop, effort)


def greeks_million(effort: Effort) -> Iterator[Line]:
    """Against the textbook in whole arrays: on one core, and with all of them where we can."""
    contest = Contest(GREEKS, 1_000_000, "numpy + scipy ndtr", (1.3, None))
    found = _greek_errors(contest.opponent, lambda options: np.array(opponents.textbook(options)()))
    yield _greeks(contest, opponents.textbook, effort, found)
    cores, options = os.cpu_count() or 1, book(contest.size)
    contest = replace(contest, work=f"{GREEKS}, {cores} cores", goals=(None, 8.0))
    with ThreadPoolExecutor(cores) as pool:
        job, rival = greeks_on_all_cores_job(options, pool), timer(opponents.textbook(options))
        yield fought(contest, rival, job, effort)


def implied(effort: Effort) -> Iterator[Line]:
    """Against py_vollib_vectorized on quotes drawn from the hard grid."""
    grid = hard_grid()
    waiting = [Contest(IMPLIED, size, VECTORIZED, (2.0, 20.0)) for size in (1_000, 100_000)]
    answers = {
        path: job() for path, job in available(implied_job(grid)) if not isinstance(job, str)
    }
    conditions = {
        f"{path}: no failures, error 2e-12": _failures(*each) == 0 and _error(each, grid) < 2e-12
        for path, each in answers.items()
    }
    try:
        with vectorized() as other:
            theirs = other.result(other.case(*grid), "implied")
            answers[VECTORIZED] = theirs, np.isnan(theirs)
            found = Findings(_implied_remarks(answers, grid), conditions)
            for contest in tuple(waiting):
                quotes = drawn(grid, contest.size)
                rival = other.timer(other.case(*quotes), "implied")
                yield fought(contest, rival, implied_job(quotes), effort, found)
                waiting.remove(contest)
    except Unavailable as error:
        remarks = (f"{VECTORIZED}: {error}", *_implied_remarks(answers, grid))
        for contest in waiting:
            yield Line(contest, {}, remarks, conditions)


def _greeks(
    contest: Contest,
    rival: Callable[[Options], Job],
    effort: Effort,
    found: Findings = NOTHING,
) -> Line:
    options = book(contest.size)
    return fought(contest, timer(rival(options)), greeks_job(options), effort, found)


def _greek_errors(name: str, theirs: Callable[[Options], Floats]) -> Findings:
    """Errors of every path and of an opponent, against fifty digits on a part of the hard grid."""
    grid = Options(*(column[::9] for column in hard_grid().options))
    options = Options(*np.hstack([grid, other_side(grid)]))
    legs = zip(*(column.tolist() for column in options), strict=True)
    exact = np.array([mp_reference.black(*leg) for leg in legs]).T
    answers: list[tuple[str, Floats]] = []
    for path, job in available(greeks_job(options)):
        if not isinstance(job, str):
            answers.append((path, np.array(job()[:5])))
    rows = np.array(theirs(options))[:5]
    # Some quote vega a point and theta a day; the unit is told from the answers.
    for row, unit in ((3, 0.01), (4, 1.0 / DAYS_PER_YEAR)):
        if np.nanmedian(rows[row] / exact[row]) < 0.5:
            rows[row] /= unit
    answers.append((name, rows))
    largest = np.maximum(options.forward, options.strike)
    remarks, conditions = list[str](), dict[str, bool]()
    for path, rows in answers:
        absolute = float(np.nanmax(np.abs(rows[0] - exact[0]) / largest))
        relative = worst_relative(rows[1:], exact[1:])
        remarks.append(
            f"{path}: price error {absolute:.0e} of the larger of forward and strike,"
            f" of Greeks {relative:.0e} relative"
        )
        if path in OURS:
            conditions[f"{path}: accuracy"] = absolute < 1e-15 and relative < 1e-12
    return Findings(tuple(remarks), conditions)


def _failures(vols: Floats, status: Any) -> int:
    return int(((np.asarray(status) != 0) | ~np.isfinite(vols)).sum())


def _error(answer: tuple[Floats, Any], quotes: Quotes) -> float:
    return worst_relative(answer[0], quotes.options.vol)


def _implied_remarks(answers: dict[str, tuple[Floats, Any]], quotes: Quotes) -> tuple[str, ...]:
    return tuple(
        f"{name}: {_failures(*each)} of {each[0].size} failed, largest relative error"
        f" {_error(each, quotes):.0e}"
        for name, each in answers.items()
    )
