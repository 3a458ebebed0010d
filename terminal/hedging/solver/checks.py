"""What is wrong with a question, and which candidates cannot be used today."""

import math
from collections.abc import Iterable, Iterator
from decimal import Decimal

from terminal.hedging.solver.problem import Candidate, Outlook, Problem, Terms

_MOST_LOTS = 10**9
_MOST_INSTRUMENTS = 8


def faults(problem: Problem) -> tuple[str, ...]:
    """Sentences that name each mistake and its remedy; empty when the question can be asked."""
    return (
        *_bands(problem),
        *_repeated("candidate", [each.key for each in problem.candidates]),
        *(fault for each in problem.candidates for fault in _candidate(problem, each)),
        *_limits(problem),
        *(_outlook(problem.outlook) if problem.outlook is not None else ()),
    )


def unusable(candidate: Candidate) -> str:
    """Say why a sound candidate cannot be traded now; empty when it can."""
    if candidate.bid is None or candidate.ask is None:
        return f"{candidate.key}: its book has one side only, so its cost is unknown"
    if candidate.bid > candidate.ask:
        return f"{candidate.key}: its book is crossed, {candidate.bid} over {candidate.ask}"
    return ""


def _number(value: object) -> bool:
    return (
        isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    )


def _bands(problem: Problem) -> Iterator[str]:
    if not problem.bands:
        yield "no band is given: choose at least one Greek"
    yield from _repeated("band", [band.greek for band in problem.bands])
    for band in problem.bands:
        if not _number(problem.net.get(band.greek)):
            yield f"net {band.greek} is not a finite number: supply it, or drop its band"
        if not all(_number(end) or end in (math.inf, -math.inf) for end in (band.low, band.high)):
            yield f"band of {band.greek} has an end that is no number"
        elif band.low > band.high or band.low == math.inf or band.high == -math.inf:
            yield f"band of {band.greek} is empty: low {band.low} must not be above {band.high}"


def _repeated(what: str, names: list[str]) -> Iterator[str]:
    for name in sorted({each for each in names if names.count(each) > 1}):
        yield f"{what} {name} appears more than once: keep one"


def _candidate(problem: Problem, each: Candidate) -> Iterator[str]:
    for band in problem.bands:
        if not _number(each.greeks.get(band.greek)):
            yield f"{each.key}: {band.greek} of one contract is not a finite number"
    if not _decimal(each.lot) or each.lot <= 0:
        yield f"{each.key}: lot must be a Decimal above 0"
        return
    if not _decimal(each.min_qty) or each.min_qty < 0:
        yield f"{each.key}: min_qty must be a Decimal of at least 0"
    if not _decimal(each.position):
        yield f"{each.key}: position must be a finite Decimal"
    for name, price in (("bid", each.bid), ("ask", each.ask), ("fee_base", each.fee_base)):
        if price is not None and not (_number(price) and price >= 0.0):
            yield f"{each.key}: {name} must be at least 0, or None when there is none"
    if not (_number(each.order_cost) and each.order_cost >= 0.0):
        yield f"{each.key}: order_cost must be at least 0"
    if not _number(each.carry):
        yield f"{each.key}: carry must be a finite number"
    for side, terms in (("buy", each.buy), ("sell", each.sell)):
        yield from _terms(f"{each.key} {side}", terms, float(each.lot))


def _terms(name: str, terms: Terms, lot: float) -> Iterator[str]:
    for field in ("max_qty", "fee_rate", "impact", "convexity"):
        value = getattr(terms, field)
        if not (_number(value) and value >= 0.0):
            yield f"{name}: {field} must be finite and at least 0 (a rebate counts as 0)"
        elif field == "max_qty" and value > _MOST_LOTS * lot:
            yield f"{name}: max_qty is over a billion lots; use the depth of the book"


def _decimal(value: object) -> bool:
    return isinstance(value, Decimal) and value.is_finite()


def _limits(problem: Problem) -> Iterator[str]:
    if not problem.candidates:
        yield "there is no instrument to trade: name at least one candidate"
    limits: Iterable[tuple[str, object, int, float]] = (
        ("most_instruments", problem.most_instruments, 1, _MOST_INSTRUMENTS),
        ("alternatives", problem.alternatives, 0, math.inf),
        ("most_nodes", problem.most_nodes, 1, math.inf),
    )
    for name, value, least, most in limits:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            yield f"{name} must be a whole number from {least} to {most}"


def _outlook(outlook: Outlook) -> Iterator[str]:
    for name in ("spot", "vol"):
        value = getattr(outlook, name)
        if not (_number(value) and value > 0.0):
            yield f"outlook: {name} must be above 0"
    if not (_number(outlook.vol_of_vol) and outlook.vol_of_vol >= 0.0):
        yield "outlook: vol_of_vol must be at least 0"
    if not (_number(outlook.correlation) and abs(outlook.correlation) <= 1.0):
        yield "outlook: correlation must lie in [-1, 1]"
