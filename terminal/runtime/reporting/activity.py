"""How much a run traded: turnover, orders a day, maker's share, what was turned down."""

from collections import Counter
from collections.abc import Iterator
from typing import TypeAlias

from terminal.core.units import DAY, seconds
from terminal.engine.state import Drift
from terminal.model.hedge import DenialCode
from terminal.model.report import Cell, Column, Form, Section, Table
from terminal.model.tca_tally import Tally, tally_of
from terminal.runtime.reporting.hours import bands_table, delta_charts
from terminal.runtime.reporting.lived import Lived
from terminal.runtime.reporting.writing import day_text, money

LISTED = 200
"""Rejected orders that are listed one by one."""

MOST_REASONS = 20
"""Reasons of the venue that are listed."""

ALERTS = ("DENIED", "GUARD")
"""Topics under which the engine says that a limit held."""

Rejected: TypeAlias = tuple[int, str, str]
"""UtcNs, order, reason."""


def activity_section(day: Lived, rejected: list[Rejected]) -> Section:
    """Trading of the run, and where delta stood meanwhile."""
    return Section(
        name="activity",
        title="Activity",
        words=tuple(_left_waiting(day)),
        tables=(
            _counts(day, len(rejected)),
            _outside(day),
            bands_table(day),
            _reasons(day, rejected),
            _rejected(rejected),
        ),
        charts=tuple(delta_charts(day)),
    )


def _left_waiting(day: Lived) -> Iterator[str]:
    """Say how many proposals waited for a person, of whom a tape has none."""
    profile, heard = day.state.profile, day.heard
    if profile is None:
        return
    most = profile.auto_hedge_usd
    waited = [
        each
        for name, each in heard.proposals.items()
        if name not in heard.hedges and each.usd > most
    ]
    if waited:
        yield (
            f"{len(waited)} of {len(heard.proposals)} proposals were larger than automatic hedging"
            f" may approve ({money(most)} USD, auto_hedge_usd of the profile), the largest"
            f" {money(max(each.usd for each in waited))} USD. They waited for a person, and delta"
            " stayed open: raise the limit to try the policy by itself."
        )


def _counts(day: Lived, rejected: int) -> Table:
    counts, whole = day.state.counts, Tally()
    for each in day.heard.hedges.values():
        whole += tally_of(each)
    days = (day.state.now - day.span.first) / DAY

    def row(what: str, count: float) -> tuple[Cell, ...]:
        return what, count, count / days if days > 0.0 else None

    rows = (
        row("proposals", counts.proposals),
        row("hedges approved", counts.approvals),
        row("refused by a limit", counts.denials),
        row("orders", counts.orders),
        row("orders rejected by the venue", rejected),
        row("fills", counts.fills),
        row("turnover, USD", whole.notional),
        ("maker's share of turnover, %", _percent(whole.maker_share), ""),
    )
    return Table(
        name="counts",
        title="What was traded",
        columns=(
            Column("what", "What"),
            Column("count", "Whole run", "", Form.AMOUNT),
            Column("per_day", "A day", "", Form.AMOUNT),
        ),
        rows=rows,
    )


def _percent(share: float | None) -> float | None:
    return None if share is None else 100.0 * share


def _outside(day: Lived) -> Table:
    """Time that delta was outside its band, between the looks of the engine."""
    length = day.state.now - day.span.first
    rows: list[tuple[Cell, ...]] = []
    for name in day.state.desks:
        drift = day.state.drifts.get(name, Drift())
        part = drift.outside_ns / length if length else None
        rows.append((name, seconds(drift.outside_ns), part, drift.max_abs, drift.traded))
    return Table(
        name="outside_band",
        title="Outside the band",
        columns=(
            Column("coin", "Coin"),
            Column("seconds", "Time", "s", Form.AMOUNT),
            Column("part", "Of the run", "", Form.PERCENT),
            Column("furthest", "Furthest net delta", "coin", Form.AMOUNT),
            Column("traded", "Traded", "coin", Form.AMOUNT),
        ),
        rows=tuple(rows),
        empty="Nothing is watched.",
    )


def _reasons(day: Lived, rejected: list[Rejected]) -> Table:
    """Limits that held hedges back, and words of the venue, by how often."""
    limits = Counter(
        code.value
        for each in day.heard.alerts
        if each.topic in ALERTS
        for code in DenialCode
        if f"{code.value}:" in each.text
    )
    said = Counter(reason for _, _, reason in rejected)
    rows: list[tuple[Cell, ...]] = [("a limit", *each) for each in limits.most_common()]
    rows += [("the venue", *each) for each in said.most_common(MOST_REASONS)]
    return Table(
        name="turned_down",
        title="Turned down",
        columns=(
            Column("by", "By"),
            Column("why", "Why"),
            Column("count", "Times", "", Form.COUNT),
        ),
        rows=tuple(rows),
        note="A limit that holds a hedge back says so once, until it lets go.",
        empty="Nothing was.",
    )


def _rejected(rejected: list[Rejected]) -> Table:
    more = f"The last {LISTED} of {len(rejected)}." if len(rejected) > LISTED else ""
    return Table(
        name="rejected_orders",
        title="Orders that the venue rejected",
        columns=(Column("at", "At, UTC"), Column("order", "Order"), Column("reason", "Reason")),
        rows=tuple((day_text(at, clock=True), name, why) for at, name, why in rejected[-LISTED:]),
        note=more,
        empty="None.",
    )
