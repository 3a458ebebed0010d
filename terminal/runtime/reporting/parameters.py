"""Parameters in use as a span ends, and what the span says about them. Nothing is applied."""

from collections.abc import Iterable, Iterator

import msgspec
from msgspec import Struct

from terminal.model.frame import Frame
from terminal.model.regret import ENOUGH
from terminal.model.report import Cell, Column, Form, Section, Table
from terminal.model.risk import RiskProfile
from terminal.model.tca_tally import Tally, tally_of
from terminal.oracle.regret import rows as regret_rows
from terminal.runtime.reporting.at_risk import coverage
from terminal.runtime.reporting.hours import hours_of
from terminal.runtime.reporting.lived import Lived
from terminal.runtime.reporting.risk import limit_uses
from terminal.runtime.reporting.walk import CONFIDENCE, EVERY

NEAR = 0.8
"""Part of a limit from which on it is spoken of."""

LEAST_HEDGES = 30
"""Hedges below which nothing is said about what they cost."""

LEAST_LOOKS = 360
"""Looks at a band below which nothing is said about it: an hour of them."""

OUTSIDE, WORSE, UNFILLED = 0.1, 0.05, 0.2
"""Parts of looks or hedges beyond which it is spoken of."""

SIGMAS = 2.0
"""Standard errors beyond which chance is not believed any more."""


class Hint(Struct, frozen=True):
    """What to think of changing, on how much evidence."""

    field: str  # of the profile
    what: str
    evidence: str
    samples: int


def parameters_section(day: Lived, end: Frame | None) -> Section:
    """List every parameter of the profile in use, and what the span suggests to look at."""
    profile = day.state.profile
    hints = tuple(_hints(day, end, profile)) if profile is not None else ()
    return Section(
        name="parameters",
        title="Parameters",
        tables=(_suggestions(profile, hints), _listed(profile)),
    )


def _listed(profile: RiskProfile | None) -> Table:
    rows = tuple(flattened(msgspec.to_builtins(profile))) if profile is not None else ()
    name = f" of the profile {profile.name}" if profile is not None else ""
    return Table(
        name="parameters",
        title=f"Parameters{name}",
        columns=(Column("field", "Field"), Column("value", "Value")),
        rows=rows,
        empty="No profile was in use.",
    )


def flattened(value: object, where: str = "") -> Iterator[tuple[str, str]]:
    """Fields of nested mappings by their path, as text."""
    if isinstance(value, dict) and value:
        for name, each in value.items():
            yield from flattened(each, f"{where}.{name}" if where else str(name))
    else:
        yield where, "none" if value is None or value == {} else str(value)


def _suggestions(profile: RiskProfile | None, hints: Iterable[Hint]) -> Table:
    known = dict(flattened(msgspec.to_builtins(profile))) if profile is not None else {}
    rows: list[tuple[Cell, ...]] = [
        (each.field, known.get(each.field, ""), each.what, each.evidence, each.samples)
        for each in hints
    ]
    return Table(
        name="suggestions",
        title="What to look at",
        columns=(
            Column("field", "Field"),
            Column("now", "Now"),
            Column("what", "Think of"),
            Column("evidence", "Evidence"),
            Column("samples", "Samples", "", Form.COUNT),
        ),
        rows=tuple(rows),
        note="Nothing of this is applied: the profile's editor shows what a change would do.",
        empty="Nothing in this span is evidence enough to change a parameter.",
    )


def _hints(day: Lived, end: Frame | None, profile: RiskProfile) -> Iterator[Hint]:
    for use in limit_uses(day, end):
        if use.used is not None and use.used >= NEAR * use.most:
            evidence = f"{100 * use.used / use.most:.0f} % of the {use.name} was used"
            yield Hint(use.field, "whether it binds where it should", evidence, 1)
    yield from _of_costs(day, profile)
    yield from _of_bands(day)
    yield from _of_regret(day)
    judged = [each.beyond for each in hours_of(day) if each.beyond is not None]
    found = coverage(len(judged), sum(judged), CONFIDENCE)
    if found.p is not None and found.p < 0.05 and found.exceptions > found.expected:
        evidence = (
            f"{found.exceptions} hours lost more than their value at risk, {found.expected:.1f}"
            f" expected, p {found.p:.3f}"
        )
        yield Hint("delta_cap_usd", "a smaller book: it risks more than is thought", evidence, 1)


def _of_costs(day: Lived, profile: RiskProfile) -> Iterator[Hint]:
    hedges = [x for x in day.heard.hedges.values() if x.decided_at >= day.span.first]
    whole = sum((tally_of(each) for each in hedges), Tally())
    filled = [each for each in hedges if each.coins]
    if len(hedges) >= LEAST_HEDGES and whole.unfilled > UNFILLED * len(hedges):
        evidence = f"{whole.unfilled} of {len(hedges)} hedges filled nothing"
        yield Hint("passive_wait_s", "waiting longer, or crossing sooner", evidence, len(hedges))
    if len(filled) < LEAST_HEDGES:
        return
    slope, error = whole.fit.slope, whole.fit.error
    if slope is not None and error is not None and abs(slope - 1.0) > SIGMAS * error:
        evidence = f"{slope:.2f} USD were paid for each one predicted, error {error:.2f}"
        if profile.learned_cost_pct < 100.0:
            yield Hint("learned_cost_pct", "more of the cost as paid", evidence, len(filled))
    worse = sum(each.worse for each in filled)
    if worse > WORSE * len(filled):
        evidence = f"{worse} of {len(filled)} hedges filled worse than the limit of an alert"
        yield Hint("slippage_cap_bps", "a cap that refuses such prices", evidence, len(filled))


def _of_bands(day: Lived) -> Iterator[Hint]:
    for name, bands in day.heard.walk.bands.items():
        known = sum(bands.counts)
        if known >= LEAST_LOOKS and bands.counts[-1] > OUTSIDE * known:
            part = 100 * bands.counts[-1] / known
            minutes = bands.counts[-1] * EVERY / 60e9
            evidence = (
                f"{name} was outside its band in {part:.0f} % of looks, {minutes:.0f} minutes"
            )
            yield Hint("min_gap_s", "hedging sooner, or a wider band", evidence, known)


def _of_regret(day: Lived) -> Iterator[Hint]:
    found = regret_rows(day.heard.regret)
    every = found[-1] if found else None  # of all ways together
    if every is None or every.judged < ENOUGH or not every.error_usd:
        return
    mean = every.followed_usd / every.judged
    if abs(mean) > SIGMAS * every.error_usd:
        evidence = (
            f"following a proposal that was not followed came to {mean:+,.2f} USD, error"
            f" {every.error_usd:,.2f}"
        ).replace("-", "−")
        what = "longer answers, or automatic ones" if mean > 0.0 else "a wider band"
        yield Hint("approval_ttl_s", what, evidence, every.judged)
