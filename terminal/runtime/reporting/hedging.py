"""What hedging did in a span: hedges with what decided them, what they cost, what was passed up."""

from decimal import Decimal

from terminal.core.units import SECOND
from terminal.model.hedge import Proposal
from terminal.model.regret import ENOUGH
from terminal.model.report import Cell, Column, Form, Section, Table
from terminal.model.tca import HORIZONS, HedgeCost
from terminal.model.tca_tally import Tally, tally_of
from terminal.model.tca_view import delays
from terminal.oracle.regret import rows
from terminal.runtime.reporting.decided import Decided
from terminal.runtime.reporting.filling import filling_table
from terminal.runtime.reporting.hedge_costs import cost_tables
from terminal.runtime.reporting.hedging_error import (
    error_chart,
    error_tables,
    error_words,
    errors_of,
)
from terminal.runtime.reporting.hindsight import judged_hedges
from terminal.runtime.reporting.lived import Lived
from terminal.runtime.reporting.model_cost import model_table
from terminal.runtime.reporting.pictures import Pictures
from terminal.runtime.reporting.splits import split_tables, split_words
from terminal.runtime.reporting.volatility import realised_of
from terminal.runtime.reporting.writing import day_text, money

LISTED = 500
"""Hedges of a span that are listed one by one; the sums have all of them."""

def hedging_section(day: Lived, seen: Pictures, decided: Decided) -> Section:
    """Hedges of the span, with the decisions that led to them."""
    errors = errors_of(day, seen.start, seen.end)
    hedges = [each for each in day.heard.hedges.values() if each.decided_at >= day.span.first]
    hedges.sort(key=lambda each: (each.decided_at, each.hedge_id))
    splits = judged_hedges(hedges, day.heard.fills, day.heard.books.by_order)
    words = (*_words(day, hedges), *split_words(splits), *error_words(errors), *decided.faults)
    return Section(
        name="hedging",
        title="Hedging",
        words=words,
        tables=(
            *cost_tables(hedges),
            _markouts(hedges),
            _stages(hedges),
            filling_table(hedges),
            *split_tables(splits),
            *error_tables(errors),
            model_table(day, hedges, seen.end, realised_of(day)),
            _regret(day),
            _log(hedges[-LISTED:], decided, len(hedges)),
            _passed(day),
        ),
        charts=(error_chart(day),),
    )


def _words(day: Lived, hedges: list[HedgeCost]) -> tuple[str, ...]:
    filled = [each for each in hedges if each.coins]
    known = [each.paid.total for each in filled if each.paid.total is not None]
    traded = sum(each.notional for each in filled)
    # One that is approved as soon as it is made never lies on the table.
    made = {each.hedge_id for each in hedges} | set(day.heard.proposals)
    line = (
        f"{len(made)} proposals, {len(hedges)} hedges, {len(filled)} of them filled,"
        f" {len(day.heard.fills)} fills, {money(traded)} USD traded."
    )
    paid = f"Executing cost {money(sum(known))} USD"
    if len(known) < len(filled):
        paid += f", of {len(known)} hedges: that of {len(filled) - len(known)} is unknown"
    return (line, f"{paid}.") if filled else (line,)


def _markouts(hedges: list[HedgeCost]) -> Table:
    whole = sum((tally_of(each) for each in hedges), Tally())
    found = [
        (f"{horizon // SECOND} s", mark.usd if mark.notional else None, mark.bps, mark.notional)
        for horizon, mark in zip(HORIZONS, whole.marks, strict=True)
    ]
    return Table(
        name="markouts",
        title="Mark-outs of the fills",
        columns=(
            Column("after", "After"),
            Column("usd", "P&L", "USD", Form.MONEY),
            Column("bps", "P&L", "bp", Form.AMOUNT),
            Column("notional", "Marked", "USD", Form.MONEY),
        ),
        rows=tuple(found) if hedges else (),
        note="Negative: the price went against the fills, adverse selection.",
        empty="No fill to mark.",
    )


def _stages(hedges: list[HedgeCost]) -> Table:
    return Table(
        name="delays",
        title="Delays of the stages of a hedge",
        columns=(
            Column("stage", "Stage"),
            Column("median", "Median", "s", Form.AMOUNT),
            Column("p95", "95 %", "s", Form.AMOUNT),
            Column("hedges", "Hedges", "", Form.COUNT),
        ),
        rows=tuple(
            (each.stage, each.median / SECOND, each.high / SECOND, each.count)
            for each in delays(hedges)
        ),
        empty="No hedge was sent.",
    )


def _regret(day: Lived) -> Table:
    return Table(
        name="regret",
        title="Proposals that were not followed",
        columns=(
            Column("how", "How"),
            Column("count", "Proposals", "", Form.COUNT),
            Column("judged", "An hour old", "", Form.COUNT),
            Column("better", "Following would have paid", "", Form.COUNT),
            Column("followed", "By following them", "USD", Form.MONEY),
            Column("error", "Error of the mean", "USD", Form.MONEY),
            Column("always", "By always hedging", "USD", Form.MONEY),
            Column("closed", "Whose next hedge came", "", Form.COUNT),
        ),
        rows=tuple(
            (
                each.how,
                each.count,
                each.judged,
                each.better,
                each.followed_usd if each.judged else None,
                each.error_usd,
                each.always_usd if each.closed else None,
                each.closed,
            )
            for each in rows(day.heard.regret)
        ),
        note=f"Positive: following would have paid. Below {ENOUGH} judged it says nothing.",
        empty="Every proposal was followed, or delta came back by itself.",
    )


def _log(hedges: list[HedgeCost], decided: Decided, count: int) -> Table:
    more = f" The last {LISTED} of {count}." if count > LISTED else ""
    note = "Decisions are not kept in a backtest."
    if decided.kept:
        note = (
            "Decisions are counted from each start of the program; a number of the newest leads to"
            " its reasons: python -m terminal why --number N."
        )
    return Table(
        name="hedges",
        title="Hedges",
        columns=(
            Column("decided_at", "Decided, UTC"),
            Column("hedge", "Hedge"),
            Column("decision", "Decision", "", Form.COUNT),
            Column("instrument", "Instrument"),
            Column("policy", "Policy"),
            Column("by", "By"),
            Column("side", "Side"),
            Column("asked", "Asked", "contracts", Form.AMOUNT),
            Column("filled", "Filled", "contracts", Form.AMOUNT),
            Column("mid", "Decision mid", "USD", Form.AMOUNT),
            Column("price", "Fill", "USD", Form.AMOUNT),
            Column("liquidity", "Liquidity"),
            Column("cost", "Cost", "USD", Form.MONEY),
            Column("cost_bps", "Cost", "bp", Form.AMOUNT),
            Column("end", "End"),
        ),
        rows=tuple(_hedge(each, _number(each, decided)) for each in hedges),
        note=note + more,
        empty="None.",
    )


def _number(each: HedgeCost, decided: Decided) -> Cell:
    """Number of the decision that led to a hedge: unknown, or never kept."""
    decision = decided.by_proposal.get(each.hedge_id)
    if decision is None:
        return None if decided.kept else ""
    return decision.number


def _hedge(each: HedgeCost, number: Cell) -> tuple[Cell, ...]:
    asked: Decimal = each.asked
    return (
        day_text(each.decided_at, clock=True),
        each.hedge_id,
        number,
        each.key,
        each.rule,
        each.by,
        each.side.value,
        asked,
        each.filled,
        each.decision_mid,
        each.fill_price,
        each.liquidity,
        each.paid.total if each.coins else None,
        each.bps(each.paid.total),
        each.end or "at work",
    )


def _passed(day: Lived) -> Table:
    """Proposals that became no hedge."""
    heard = day.heard
    rejected = {
        each.text.partition(":")[0]: each.text.partition(": ")[2]
        for each in heard.deeds
        if each.what == "reject"
    }
    found = [each for name, each in heard.proposals.items() if name not in heard.hedges]
    return Table(
        name="proposals_not_followed",
        title="Proposals that became no hedge",
        columns=(
            Column("at", "Made, UTC"),
            Column("proposal", "Proposal"),
            Column("instrument", "Instrument"),
            Column("side", "Side"),
            Column("size", "Size", "USD", Form.MONEY),
            Column("end", "What became of it"),
        ),
        rows=tuple(
            (
                day_text(each.created_at, clock=True),
                each.proposal_id,
                each.key,
                each.side.value,
                each.usd,
                _end(day, each, rejected.get(each.proposal_id)),
            )
            for each in found[-LISTED:]
        ),
        empty="Every proposal became a hedge.",
    )


def _end(day: Lived, offer: Proposal, reason: str | None) -> str:
    if reason is not None:
        return f"rejected: {reason}"
    desk = day.state.desks.get(offer.underlying)
    standing = desk.proposal if desk is not None else None
    if standing is not None and standing.proposal_id == offer.proposal_id:
        return "on the table"
    if offer.ticket is not None:
        return "asked for by a person, not approved"
    return "lapsed, or delta came back by itself"
