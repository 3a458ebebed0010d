"""What stands as a span ends: stops, halts, orders, questions, alerts; and what led there."""

from collections.abc import Iterable

from terminal.engine.context import halts_of
from terminal.engine.state import State
from terminal.model.frame import Frame
from terminal.model.report import Cell, Column, Form, Section, Table
from terminal.runtime.reporting.hearing import Deed, Trouble
from terminal.runtime.reporting.lived import Lived
from terminal.runtime.reporting.writing import day_text

LISTED = 500
"""Lines of a list at most; its note says when there were more."""

AT = Column("at", "At, UTC")


def standing_section(day: Lived, end: Frame | None) -> Section:
    """What whoever takes over finds."""
    return Section(
        name="standing",
        title="As it stands",
        words=tuple(_words(day.state, end)),
        tables=(_desks(day.state, end), _orders(end), _offers(end), _raised(end), _accounts(end)),
    )


def events_section(day: Lived) -> Section:
    """What happened beside trading: what people did, what broke, what was told."""
    heard = day.heard
    lines = [f"{len(heard.starts)} starts of the program, {heard.told} messages sent to a person."]
    return Section(
        name="events",
        title="What happened",
        words=tuple(lines),
        tables=(_deeds(heard.deeds), _troubles(heard.troubles), _alerts(day)),
    )


def _words(state: State, end: Frame | None) -> list[str]:
    lines = []
    stop = state.stop
    if stop is not None:
        since = day_text(stop.since, clock=True)
        lines.append(f"STOPPED: {stop.stage.value} since {since} UTC: {stop.reason}")
    halts = (*state.halts, *state.locks, *state.feed_locks)
    lines += [f"Halted, {each.underlying or 'all'}: {each.reason}" for each in halts]
    lines += [f"The feed of {name} is lost." for name, link in state.links.items() if not link.up]
    if end is not None:
        lines += [f"{note.cause}: {note.next_step}" for note in end.notices]
    return list(dict.fromkeys(lines)) or ["Nothing is stopped, halted or lost."]


def _desks(state: State, end: Frame | None) -> Table:
    return Table(
        name="desks",
        title="Desks",
        columns=(
            Column("coin", "Coin"),
            Column("autonomy", "Autonomy"),
            Column("net", "Net delta", "coin", Form.AMOUNT),
            Column("low", "Band from", "coin", Form.AMOUNT),
            Column("high", "to", "coin", Form.AMOUNT),
            Column("policy", "Policy"),
            Column("verdict", "Verdict"),
            Column("halted", "Halted"),
        ),
        rows=tuple(
            (
                desk.underlying,
                desk.autonomy.value,
                desk.net_delta,
                desk.target.low if desk.target else None,
                desk.target.high if desk.target else None,
                desk.target.rule if desk.target else "",
                desk.verdict,
                "; ".join(each.reason for each in halts_of(state, desk.underlying)) or "no",
            )
            for desk in (end.desks if end else ())
        ),
        empty="Nothing is watched.",
    )


def _orders(end: Frame | None) -> Table:
    return Table(
        name="orders",
        title="Orders at work",
        columns=(
            Column("order", "Order"),
            Column("instrument", "Instrument"),
            Column("side", "Side"),
            Column("qty", "Size", "contracts", Form.AMOUNT),
            Column("filled", "Filled", "contracts", Form.AMOUNT),
            Column("limit", "Limit", "", Form.AMOUNT),
            Column("status", "Status"),
            Column("why", "Why"),
        ),
        rows=tuple(
            (
                each.order_id,
                each.symbol,
                each.side.value,
                each.qty,
                each.filled,
                "" if each.limit is None else each.limit,
                each.status,
                each.reason,
            )
            for each in (end.orders if end else ())
            if each.working
        ),
        empty="None.",
    )


def _offers(end: Frame | None) -> Table:
    return Table(
        name="proposals",
        title="Proposals on the table",
        columns=(
            Column("made", "Made, UTC"),
            Column("proposal", "Proposal"),
            Column("instrument", "Instrument"),
            Column("side", "Side"),
            Column("size", "Size", "USD", Form.MONEY),
            Column("why", "Why"),
        ),
        rows=tuple(
            (
                day_text(each.created_at, clock=True),
                each.proposal_id,
                each.key,
                each.side.value,
                each.usd,
                "; ".join(each.reasons),
            )
            for each in (end.proposals if end else ())
        ),
        empty="None.",
    )


def _raised(end: Frame | None) -> Table:
    return Table(
        name="alerts_raised",
        title="Alerts that hold or wait for an acknowledgement",
        columns=(
            Column("since", "Since, UTC"),
            Column("tier", "Tier"),
            Column("text", "Text"),
            Column("state", "State"),
        ),
        rows=tuple(
            (
                day_text(each.since, clock=True),
                each.tier.value,
                each.text,
                ("holds" if each.active else "over")
                + (", acknowledged" if each.acked_at else ", not acknowledged"),
            )
            for each in (end.alerts.raised if end else ())
        ),
        empty="None.",
    )


def _accounts(end: Frame | None) -> Table:
    """Lines on which the books and the venues differ."""
    return Table(
        name="reconciliation",
        title="Differences between our books and the venues'",
        columns=(
            Column("venue", "Venue"),
            Column("subject", "Subject"),
            Column("name", "Name"),
            Column("ours", "Ours", "", Form.AMOUNT),
            Column("theirs", "Theirs", "", Form.AMOUNT),
            Column("locks", "Locks hedging"),
        ),
        rows=tuple(
            (
                account.venue,
                each.subject.value,
                each.name,
                each.ours,
                each.theirs,
                "yes" if each.locks else "no",
            )
            for account in (end.accounts if end else ())
            for each in account.rows
        ),
        note="Foreign orders are not in this list.",
        empty="None.",
    )


def _deeds(deeds: list[Deed]) -> Table:
    rows = ((each.at, (each.source, each.what, each.text)) for each in deeds)
    columns = (AT, Column("by", "By"), Column("what", "What"), Column("text", "Details"))
    return _listed("deeds", "What people changed and asked for", columns, rows, len(deeds))


def _troubles(troubles: list[Trouble]) -> Table:
    rows = ((each.at, (each.what, each.subject, each.text)) for each in troubles)
    columns = (AT, Column("what", "What"), Column("subject", "Of"), Column("text", "Details"))
    return _listed("outages", "Outages and gaps", columns, rows, len(troubles))


def _alerts(day: Lived) -> Table:
    lines = [each for each in day.heard.alerts if each.level != "info"]
    rows = ((each.at, (each.level, each.topic, each.text)) for each in lines)
    columns = (AT, Column("level", "Level"), Column("topic", "Topic"), Column("text", "Text"))
    return _listed("warnings", "Warnings and worse in the log", columns, rows, len(lines))


def _listed(
    name: str,
    title: str,
    columns: tuple[Column, ...],
    rows: Iterable[tuple[int, tuple[Cell, ...]]],
    count: int,
) -> Table:
    """Dated lines, the last ones where they are many."""
    found = [(day_text(at, clock=True), *cells) for at, cells in rows][-LISTED:]
    note = f"The last {LISTED} of {count}." if count > LISTED else ""
    return Table(name=name, title=title, columns=columns, rows=tuple(found), note=note)
