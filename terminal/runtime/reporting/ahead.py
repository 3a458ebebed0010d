"""What comes: payments and expiries of the next days; and what funding has paid so far."""

from collections.abc import Mapping

from terminal.core.units import DAY
from terminal.model.frame import Frame
from terminal.model.instrument import Option
from terminal.model.report import Cell, Column, Form, Section, Table
from terminal.runtime.reporting.interest import (
    Expiry,
    Told,
    interest_charts,
    interest_of,
    pain_table,
    strikes_table,
)
from terminal.runtime.reporting.lived import Lived
from terminal.runtime.reporting.writing import day_text

HORIZON = 2 * DAY
"""Time ahead that stamps are listed for."""


def carry_section(day: Lived, end: Frame | None) -> Section:
    """Funding that was paid, rates of what is held, and what happens within two days."""
    found = interest_of(day.state)
    return Section(
        name="carry",
        title="Funding and what comes",
        tables=(
            _ledger(day, end),
            _rates(end),
            _stamps(end),
            _pins(day, end, found),
            pain_table(day.state, found),
            strikes_table(found, day.state.now + HORIZON),
        ),
        charts=interest_charts(found),
    )


def _ledger(day: Lived, end: Frame | None) -> Table:
    first = day.span.first // DAY
    last = (day.span.last - 1) // DAY
    paid = end.carry.realised.days if end else ()
    return Table(
        name="funding_ledger",
        title="Funding paid and received",
        columns=(
            Column("day", "Day"),
            Column("venue", "Venue"),
            Column("instrument", "Instrument"),
            Column("currency", "Currency"),
            Column("amount", "Received", "", Form.AMOUNT),
            Column("usd", "Received", "USD", Form.MONEY),
            Column("payments", "Payments", "", Form.COUNT),
        ),
        rows=tuple(
            (
                day_text(each.day * DAY),
                each.key.rpartition("@")[2],
                each.key.rpartition("@")[0],
                each.currency,
                each.amount,
                each.usd,
                each.payments,
            )
            for each in paid
            if first <= each.day <= last
        ),
        note="Whole days, at the prices of the payments; negative was paid.",
        empty="Nothing was paid.",
    )


def _rates(end: Frame | None) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for each in end.carry.rows if end else ():
        rates = each.rates
        rows.append(
            (
                each.symbol,
                each.venue,
                each.notional_usd,
                rates.per_8h if rates else None,
                rates.per_year if rates else None,
                day_text(each.next_at, clock=True) if each.next_at else "",
                each.due_usd,
                each.day_usd,
                each.note,
            )
        )
    return Table(
        name="carry",
        title="Carry of what is held",
        columns=(
            Column("instrument", "Instrument"),
            Column("venue", "Venue"),
            Column("notional", "Notional", "USD", Form.MONEY),
            Column("rate_8h", "Rate per 8 h", "", Form.PERCENT),
            Column("rate_year", "Rate per year", "", Form.PERCENT),
            Column("next", "Next payment, UTC"),
            Column("due", "Next payment", "USD", Form.MONEY),
            Column("day", "Per day", "USD", Form.MONEY),
            Column("remark", "Remark"),
        ),
        rows=tuple(rows),
        empty="No perpetual is held.",
    )


def _stamps(end: Frame | None) -> Table:
    return Table(
        name="ahead",
        title="Expiries and payments of the next two days",
        columns=(
            Column("at", "At, UTC"),
            Column("coin", "Coin"),
            Column("what", "What"),
            Column("delta", "Delta that goes", "coin", Form.AMOUNT),
            Column("usd", "Payment", "USD", Form.MONEY),
        ),
        rows=tuple(
            (
                day_text(each.at, clock=True),
                each.underlying or "all",
                each.what,
                "" if each.delta is None else each.delta,
                "" if each.usd is None else each.usd,
            )
            for each in (end.carry.stamps if end else ())
            if end is not None and each.at < end.now + HORIZON
        ),
        empty="Nothing is due.",
    )


def _pins(day: Lived, end: Frame | None, interest: Mapping[Expiry, Told]) -> Table:
    """Strikes of held options that expire soon, and how far price is from them."""
    rows: list[tuple[Cell, ...]] = []
    for desk in end.desks if end else ():
        spot = desk.exposure.spot
        for each in desk.rows:
            listed = day.state.market.instruments.get(each.key)
            if end is None or not isinstance(listed, Option):
                continue
            if end.now < each.expiry < end.now + HORIZON:
                strike = float(listed.strike)
                off = None if spot is None else strike / spot - 1.0
                told = interest.get(Expiry(desk.underlying, each.expiry))
                pain = told.pain.strike if told is not None and told.pain else None
                row = (each.symbol, each.qty, day_text(each.expiry, clock=True), strike, off)
                rows.append((*row, each.risk.delta, each.risk.gamma_1pct_usd, pain))
    return Table(
        name="expiring",
        title="Options held that expire within two days",
        columns=(
            Column("option", "Option"),
            Column("qty", "Size", "contracts", Form.AMOUNT),
            Column("expiry", "Expiry, UTC"),
            Column("strike", "Strike", "USD", Form.AMOUNT),
            Column("off", "From the price", "", Form.PERCENT),
            Column("delta", "Delta", "coin", Form.AMOUNT),
            Column("gamma", "Gamma", "USD of delta per 1 %", Form.MONEY),
            Column("max_pain", "Max pain of its expiry", "USD", Form.AMOUNT),
        ),
        rows=tuple(rows),
        note="Near a strike delta flips within minutes of expiry: hedges chase it.",
        empty="None.",
    )
