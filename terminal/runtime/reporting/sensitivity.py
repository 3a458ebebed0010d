"""A backtest held against itself: under strains, and without its future."""

from collections.abc import Iterator

from terminal.core.units import iso_utc
from terminal.model.report import Cell, Column, Form, Section, Table
from terminal.runtime.reporting.variants import Again, Came


def sensitivity_section(base: Came, found: Again | None) -> Section:
    """What strains change, and whether anything of the future was known."""
    return Section(
        name="sensitivity",
        title="Sensitivity and look-ahead",
        words=tuple(_words(found)),
        tables=(_strains(base, found),),
    )


def _words(found: Again | None) -> Iterator[str]:
    if found is None:
        yield "Neither was tried: the report was asked for with --quick."
        return
    audit = found.audit
    if audit.differs:
        yield f"Look-ahead audit FAILED: {audit.differs}. Do not trust this backtest."
    else:
        yield (
            f"Look-ahead audit passed: played to {iso_utc(audit.until)} alone, with nothing of the"
            f" tape read beyond, the run made the same {audit.trades} trades to that moment, at the"
            " same instants, sizes and prices."
        )


def _strains(base: Came, found: Again | None) -> Table:
    rows: list[tuple[Cell, ...]] = [("as run", *_cells(base, base))]
    for name, each in found.strained.items() if found else ():
        rows.append((name, *_cells(each, base)))
    unit = base.scatter.unit if base.scatter else "day"
    return Table(
        name="sensitivity",
        title="The same run under strains",
        columns=(
            Column("strain", "Strain"),
            Column("pnl", "P&L", "USD", Form.MONEY),
            Column("change", "Change", "USD", Form.MONEY),
            Column("cost", "Hedge cost", "USD", Form.MONEY),
            Column("orders", "Orders", "", Form.COUNT),
            Column("fills", "Fills", "", Form.COUNT),
            Column("deviation", f"Deviation of a {unit}", "USD", Form.MONEY),
            Column("fall", "Deepest fall", "USD", Form.MONEY),
            Column("outside", "Outside the band", "s", Form.AMOUNT),
            Column("remark", "Remark"),
        ),
        rows=tuple(rows) if found else (),
        note=(
            "Each row is a run of its own through the whole engine. A strain that changes nothing"
            " is one that the policy or the tape does not know: a fixed band has no risk aversion."
            " Volatility is moved in quotes and assumptions alike, in deltas as in values."
        ),
        empty="Not tried.",
    )


def _cells(each: Came, base: Came) -> tuple[Cell, ...]:
    if each.fault:
        return None, None, None, 0, 0, None, None, None, each.fault
    change = None if each.pnl is None or base.pnl is None else each.pnl - base.pnl
    deviation = each.scatter.deviation if each.scatter else None
    counts = each.cost, each.orders, each.fills
    return each.pnl, change, *counts, deviation, each.fall, each.outside_s, ""
