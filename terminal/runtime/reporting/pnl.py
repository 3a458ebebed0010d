"""What a span earned: by cause, coin, venue, expiry and position, and against what it risked."""

from collections.abc import Callable
from decimal import Decimal

from terminal.core.units import HOUR
from terminal.model.attribution import RESIDUAL_LIMIT, Bucket
from terminal.model.report import Cell, Chart, Column, Curve, Form, Section, Table
from terminal.runtime.reporting.cents import NOWHERE, Ledger, Place, in_cents, ledger_of
from terminal.runtime.reporting.hours import start_of
from terminal.runtime.reporting.lived import Lived
from terminal.runtime.reporting.writing import day_text, money

NAMES = {
    Bucket.PERP_DELTA: "perpetuals' delta",
    Bucket.FUTURE_DELTA: "futures' delta",
    Bucket.SPOT_DELTA: "spot's delta",
    Bucket.DELTA: "options' delta",
}

GROUPS: tuple[tuple[str, str, frozenset[Bucket]], ...] = (
    ("options_delta", "Options' delta", frozenset({Bucket.DELTA})),
    (
        "hedges_delta",
        "Hedges' delta",
        frozenset({Bucket.PERP_DELTA, Bucket.FUTURE_DELTA, Bucket.SPOT_DELTA}),
    ),
    ("gamma", "Gamma, speed", frozenset({Bucket.GAMMA, Bucket.SPEED})),
    ("theta", "Theta", frozenset({Bucket.THETA})),
    ("vega", "Vega, vanna, volga", frozenset({Bucket.VEGA, Bucket.VANNA, Bucket.VOLGA})),
    ("carry", "Funding, borrow", frozenset({Bucket.FUNDING, Bucket.BORROW})),
    ("fees", "Fees", frozenset({Bucket.FEES})),
    ("execution", "Slippage, edge", frozenset({Bucket.SLIPPAGE, Bucket.EDGE})),
    (
        "other",
        "Basis, collateral, settlement, corrections",
        frozenset({Bucket.BASIS, Bucket.COLLATERAL, Bucket.SETTLEMENT, Bucket.CORRECTIONS}),
    ),
    ("residual", "Residual", frozenset({Bucket.RESIDUAL})),
)
"""Columns of the tables by place; together they are every cause, once."""


def pnl_section(day: Lived) -> Section:
    """P&L of the span."""
    ledger = ledger_of(day.start, day.end)
    return Section(
        name="pnl",
        title="Profit and loss",
        words=tuple(_words(day, ledger)),
        tables=(
            _causes(ledger),
            _places(ledger, "pnl_by_coin", "By coin", lambda each: each.underlying or NOWHERE),
            _places(ledger, "pnl_by_venue", "By venue", lambda each: each.venue or "cash"),
            _places(ledger, "pnl_by_expiry", "By expiry", _expiry),
            _positions(day),
            _strays(day),
        ),
        charts=(_bars(ledger), _curve(day)),
    )


def _words(day: Lived, ledger: Ledger) -> list[str]:
    if ledger.total is None:
        missing = ledger.missing or "something held has no price"
        return [f"The P&L of the span is unknown: {missing}."]
    causes = ledger.by(lambda each: each.cause)
    lines = [f"The account earned {money(ledger.total)} USD; the causes below sum to it exactly."]
    gamma = causes.get(Bucket.GAMMA, Decimal(0)) + causes.get(Bucket.SPEED, Decimal(0))
    theta = causes.get(Bucket.THETA, Decimal(0))
    if theta:
        ratio = f"{float(gamma / -theta):.2f}"
        lines.append(
            f"Gamma earned {money(gamma)} USD against theta of {money(theta)} USD:"
            f" {ratio} USD for each one of rent."
        )
    lines.append(_explained(day))
    return lines


def _explained(day: Lived) -> str:
    """Share of all movements that the causes do not explain."""
    gross = sum(each.gross for each in day.end.cells) - sum(x.gross for x in day.start.cells)
    stray = sum(each.stray for each in day.end.cells) - sum(x.stray for x in day.start.cells)
    if gross <= 0.0:
        return "Nothing moved, so nothing had to be explained."
    part = stray / gross
    verdict = "within" if part <= RESIDUAL_LIMIT else "beyond"
    return (
        f"Residuals are {100 * part:.2f} % of all that moved, {verdict} the limit of"
        f" {100 * RESIDUAL_LIMIT:g} %."
    )


def _causes(ledger: Ledger) -> Table:
    causes = ledger.by(lambda each: each.cause)
    rows: list[tuple[Cell, ...]] = [
        (NAMES.get(cause, cause.value.replace("_", " ")), causes[cause])
        for cause in Bucket
        if cause in causes
    ]
    rows.append(("Total", ledger.total))
    return Table(
        name="pnl_by_cause",
        title="By cause",
        columns=(Column("cause", "Cause"), Column("usd", "Amount", "USD", Form.MONEY)),
        rows=tuple(rows),
        summed=True,
    )


def _places(ledger: Ledger, name: str, title: str, of: Callable[[Place], object]) -> Table:
    """Amounts of every place, a column for each group of causes."""
    group = {cause: at for at, (_, _, causes) in enumerate(GROUPS) for cause in causes}
    sums = ledger.by(lambda each: (of(each), group[each.cause]))
    names = dict.fromkeys(of(each) for each in ledger.amounts)
    rows: list[tuple[Cell, ...]] = []
    for place in names:
        cells = [sums.get((place, at), Decimal(0)) for at in range(len(GROUPS))]
        rows.append((str(place) or "rounding", *cells, sum(cells, Decimal(0))))
    columns = range(1, len(GROUPS) + 1)
    totals = [sum((_exact(row[at]) for row in rows), Decimal(0)) for at in columns]
    rows.append(("Total", *totals, ledger.total))
    return Table(
        name=name,
        title=title,
        columns=(
            Column(name.rpartition("_")[2], title.removeprefix("By ").capitalize()),
            *(Column(each, heading, "USD", Form.MONEY) for each, heading, _ in GROUPS),
            Column("total", "Total", "USD", Form.MONEY),
        ),
        rows=tuple(rows),
        summed=True,
    )


def _exact(cell: Cell) -> Decimal:
    return cell if isinstance(cell, Decimal) else Decimal(0)


def _expiry(place: Place) -> str:
    if place.expiry > 0:
        return day_text(place.expiry)
    return "long expired" if place.expiry < 0 else "without expiry"


def _positions(day: Lived) -> Table:
    """Change of every position's sum since the opening, the largest first."""
    earlier: dict[tuple[str, str, bool], float] = {}
    for leg in day.start.legs:
        earlier[leg.name, leg.venue, leg.closed] = sum(leg.usd.values())
    found = []
    for leg in day.end.legs:
        was = earlier.get((leg.name, leg.venue, leg.closed), 0.0)
        usd = in_cents(sum(leg.usd.values()) - was)
        found.append((leg.name, leg.venue or "cash", usd))
    found = [each for each in found if each[2]]
    found.sort(key=lambda each: (-abs(each[2]), each[0], each[1]))
    return Table(
        name="pnl_by_position",
        title="By position",
        columns=(
            Column("position", "Position"),
            Column("venue", "Venue"),
            Column("usd", "Amount", "USD", Form.MONEY),
        ),
        rows=tuple(found),
        note="Closed positions are one line an expiry and venue.",
        empty="Nothing that is held moved.",
    )


def _strays(day: Lived) -> Table:
    """The largest residual of each day that the span touches."""
    inside = [each for each in day.end.worst if day.span.first < each.at <= day.span.last]
    return Table(
        name="largest_residual",
        title="Largest residual of one position in one step",
        columns=(
            Column("at", "Time"),
            Column("position", "Position"),
            Column("usd", "Amount", "USD", Form.MONEY),
            Column("why", "Why"),
        ),
        rows=tuple(
            (day_text(each.at, clock=True), each.name, in_cents(each.usd), each.why.value)
            for each in inside
        ),
        empty="No residual was booked.",
    )


def _bars(ledger: Ledger) -> Chart:
    causes = ledger.by(lambda each: each.cause)
    shown = [cause for cause in Bucket if cause in causes]
    points = tuple((float(at), float(causes[cause])) for at, cause in enumerate(shown))
    return Chart(
        name="pnl_by_cause",
        title="P&L by cause",
        unit="USD",
        curves=(Curve("P&L", points),),
        labels=tuple(NAMES.get(cause, cause.value.replace("_", " ")) for cause in shown),
    )


def _curve(day: Lived) -> Chart:
    start = start_of(day)
    points = tuple(
        ((at - day.span.first) / HOUR, None if usd is None or start is None else usd - start)
        for at, usd in day.heard.walk.pnl
    )
    return Chart(
        name="pnl_curve", title="P&L of the span", unit="USD", curves=(Curve("P&L", points),)
    )
