"""Columns of the tables of execution costs: hedges, groups, delays and the cost that bands use."""

from collections.abc import Callable

from msgspec import Struct

from terminal.core.units import BPS
from terminal.model.tca import HedgeCost
from terminal.model.tca_tally import Tally
from terminal.model.tca_view import CostBelief
from ui.format import count, duration, number, percent, usd
from ui.panels.book_cells import moment_text, price_text, side_role, side_text
from ui.widgets.table import Column, Table

NO_HEDGES = "No hedge was approved in this run yet: what it costs to execute appears here."
NO_GROUPS = "No totals yet: a hedge enters them a minute after its end, with its mark-outs."
NO_DELAYS = "No delays yet: they are measured from the first hedge that is approved."
NO_BELIEFS = "No instrument to hedge with has a two-sided book: there is no cost to correct."

_MARKS = ("1 s", "10 s", "60 s")
_MARK_HELP = "Mid this long after a fill against its price; positive: the price went our way"


class HedgeLine(Struct, frozen=True):
    """One hedge, and the time at which it is shown."""

    cost: HedgeCost
    now: int


class GroupLine(Struct, frozen=True):
    """Hedges that have something in common, or all of them."""

    name: str
    tally: Tally
    whole: bool


def hedge_table() -> Table:
    """Hedges of the run, newest first."""
    return Table(_HEDGES, row_id=lambda line: line.cost.hedge_id, empty=NO_HEDGES)


def group_table(title: str) -> Table:
    """Totals by what ``title`` says."""
    name = Column(
        title=title,
        get=lambda line: line.name,
        show=lambda line: line.name,
        align="left",
        width=136,
    )
    return Table(
        (name, *_GROUPS),
        row_id=lambda line: line.name,
        is_total=lambda line: line.whole,
        empty=NO_GROUPS,
    )


def delay_table() -> Table:
    """Time spent in each stage."""
    return Table(_DELAYS, row_id=lambda line: line.stage, empty=NO_DELAYS)


def belief_table() -> Table:
    """Cost that the bands use, by coin."""
    return Table(_BELIEFS, row_id=lambda line: line.key, empty=NO_BELIEFS)


def _basis(title: str, get: Callable[[HedgeLine], float | None], help_text: str) -> Column:
    return Column(
        title=title,
        get=get,
        show=lambda line: number(get(line), 1, signed=True),
        width=92,
        tooltip=help_text,
    )


def _part(title: str, get: Callable[[HedgeCost], float | None], help_text: str) -> Column:
    """Column of a part of a hedge's cost, bp of its value at the decision mid."""
    return _basis(title, lambda line: line.cost.bps(get(line.cost)), help_text)


def _hedge_mark(place: int) -> Column:
    return _basis(f"{_MARKS[place]} bp", lambda line: line.cost.marks[place].bps, _MARK_HELP)


def _money(get: Callable[[HedgeCost], float | None]) -> Callable[[HedgeLine], float | None]:
    return lambda line: get(line.cost) if line.cost.coins else None


def _dollars(title: str, get: Callable[[HedgeLine], float | None], help_text: str) -> Column:
    return Column(
        title=title,
        get=get,
        show=lambda line: usd(get(line), 2, signed=True),
        width=104,
        tooltip=help_text,
    )


def _price(title: str, get: Callable[[HedgeCost], float | None], help_text: str = "") -> Column:
    return Column(
        title=title,
        get=lambda line: get(line.cost),
        show=lambda line: price_text(get(line.cost)),
        width=116,
        tooltip=help_text,
    )


def _state(line: HedgeLine) -> str:
    cost = line.cost
    if not cost.ended_at:
        return "working"
    worse = "worse than proposed, " if cost.worse else ""
    return f"{worse}{cost.end}"


_HEDGES = (
    Column(
        title="Decided UTC",
        get=lambda line: line.cost.decided_at,
        show=lambda line: moment_text(line.cost.decided_at, line.now),
        align="left",
        width=152,
    ),
    Column(
        title="Instrument",
        get=lambda line: line.cost.key,
        show=lambda line: line.cost.key.partition("@")[0],
        align="left",
        width=152,
    ),
    Column(
        title="Side",
        get=lambda line: line.cost.side.value,
        show=lambda line: side_text(line.cost.side),
        align="left",
        width=76,
        role=lambda line: side_role(line.cost.side),
    ),
    Column(
        title="Filled $",
        get=lambda line: line.cost.notional,
        show=lambda line: usd(line.cost.notional, 0),
        width=96,
        tooltip="At the fill prices",
    ),
    _price("Decision mid $", lambda cost: cost.decision_mid, "Mid when the hedge was proposed"),
    _price("Arrival $", lambda cost: cost.arrival_mid, "Mid when the first order was sent"),
    _price("Fill $", lambda cost: cost.fill_price, "Average price of the fills"),
    _part(
        "Delay bp",
        lambda cost: cost.paid.delay,
        "Decision mid to the mid at which the order that filled was sent",
    ),
    _part("Spread bp", lambda cost: cost.paid.spread, "Half spread at sending; a maker earns it"),
    _part(
        "Impact bp",
        lambda cost: cost.paid.impact,
        "Touch at sending to the fill; of a maker, what the price moved through its order",
    ),
    _part("Fee bp", lambda cost: cost.paid.fee, "Negative is a rebate"),
    _part("Total bp", lambda cost: cost.paid.total, "The four together; positive is a cost"),
    _dollars("Total $", _money(lambda cost: cost.paid.total), "Positive is a cost"),
    _part("Predicted bp", lambda cost: cost.predicted, "Cost on the proposal, for what filled"),
    _dollars(
        "Missed $",
        lambda line: line.cost.opportunity if line.cost.ended_at else None,
        "What the price moved away from the part that stayed unfilled",
    ),
    *(_hedge_mark(place) for place in range(len(_MARKS))),
    Column(
        title="Policy",
        get=lambda line: line.cost.rule,
        show=lambda line: line.cost.rule,
        align="left",
        width=136,
    ),
    Column(
        title="Liquidity",
        get=lambda line: line.cost.liquidity,
        show=lambda line: line.cost.liquidity,
        align="left",
        width=84,
    ),
    Column(
        title="End",
        get=_state,
        show=_state,
        align="left",
        width=200,
        role=lambda line: "warn" if line.cost.worse else "tx",
    ),
)


def _group(title: str, get: Callable[[Tally], float], help_text: str) -> Column:
    """Column of a part of the costs, bp of the value traded."""

    def value(line: GroupLine) -> float | None:
        return line.tally.bps(get(line.tally))

    return Column(
        title=title,
        get=value,
        show=lambda line: number(value(line), 1, signed=True),
        width=92,
        tooltip=help_text,
    )


def _group_mark(place: int) -> Column:
    def value(line: GroupLine) -> float | None:
        return line.tally.marks[place].bps

    return Column(
        title=f"{_MARKS[place]} bp",
        get=value,
        show=lambda line: number(value(line), 1, signed=True),
        width=76,
        tooltip=_MARK_HELP,
    )


def _slope(line: GroupLine) -> str:
    fit = line.tally.fit
    error = "" if fit.error is None else f" ± {number(fit.error, 2)}"
    return f"{number(fit.slope, 2)}{error}"


_GROUPS = (
    Column(
        title="Hedges",
        get=lambda line: line.tally.hedges,
        show=lambda line: count(line.tally.hedges),
        width=72,
    ),
    Column(
        title="Unfilled",
        get=lambda line: line.tally.unfilled,
        show=lambda line: count(line.tally.unfilled),
        width=76,
        tooltip="Hedges that ended without a fill",
    ),
    Column(
        title="Unknown",
        get=lambda line: line.tally.unknown,
        show=lambda line: count(line.tally.unknown),
        width=84,
        role=lambda line: "warn" if line.tally.unknown else "mut",
        tooltip="Filled hedges left out of the costs because a price or a fee is not known",
    ),
    Column(
        title="Value $",
        get=lambda line: line.tally.value,
        show=lambda line: usd(line.tally.value, 0),
        width=104,
        tooltip="Filled, at the decision mids",
    ),
    _group("Delay bp", lambda tally: tally.delay, "Decision mid to the mid at sending"),
    _group("Spread bp", lambda tally: tally.spread, "Half spread at sending; a maker earns it"),
    _group("Impact bp", lambda tally: tally.impact, "Touch at sending to the fill"),
    _group("Fee bp", lambda tally: tally.fee, "Negative is a rebate"),
    _group("Total bp", lambda tally: tally.total, "Positive is a cost"),
    Column(
        title="Total $",
        get=lambda line: line.tally.total if line.tally.value else None,
        show=lambda line: usd(line.tally.total if line.tally.value else None, 2, signed=True),
        width=104,
    ),
    _group("Predicted bp", lambda tally: tally.predicted, "Cost on the proposals"),
    Column(
        title="Paid / predicted",
        get=lambda line: line.tally.fit.slope,
        show=_slope,
        width=124,
        tooltip="Slope of paid on predicted cost through the origin ± its standard error",
    ),
    Column(
        title="Maker",
        get=lambda line: line.tally.maker_share,
        show=lambda line: percent(line.tally.maker_share, 0),
        width=72,
        tooltip="Share of the notional that was filled as maker",
    ),
    Column(
        title="Missed $",
        get=lambda line: line.tally.opportunity,
        show=lambda line: usd(line.tally.opportunity, 2, signed=True),
        width=96,
        tooltip="What the price moved away from what stayed unfilled, where it is known",
    ),
    *(_group_mark(place) for place in range(len(_MARKS))),
)

_DELAYS = (
    Column(
        title="Stage",
        get=lambda line: line.stage,
        show=lambda line: line.stage.capitalize(),
        align="left",
        width=176,
    ),
    Column(
        title="Median",
        get=lambda line: line.median,
        show=lambda line: duration(line.median),
        width=112,
        tooltip="Engine time",
    ),
    Column(
        title="95 of 100 within",
        get=lambda line: line.high,
        show=lambda line: duration(line.high),
        width=136,
        tooltip="Engine time",
    ),
    Column(
        title="Hedges",
        get=lambda line: line.count,
        show=lambda line: count(line.count),
        width=84,
        tooltip="Latest hedges that passed the stage",
    ),
    Column(title="", get=lambda _line: None, show=lambda _line: "", sort=False, width=32),
)


def _of_cost(title: str, get: Callable[[CostBelief], float], help_text: str) -> Column:
    return Column(
        title=title,
        get=get,
        show=lambda belief: number(get(belief) / BPS, 2),
        width=104,
        tooltip=help_text,
    )


_BELIEFS = (
    Column(
        title="Coin",
        get=lambda belief: belief.underlying,
        show=lambda belief: belief.underlying,
        align="left",
        width=64,
    ),
    Column(
        title="Instrument",
        get=lambda belief: belief.key,
        show=lambda belief: belief.key,
        align="left",
        width=216,
    ),
    _of_cost("Quoted bp", lambda belief: belief.quoted, "Taker fee and half spread now, one way"),
    _of_cost(
        "Learned bp",
        lambda belief: belief.quoted * belief.factor,
        "Quoted, times what hedges paid over what was quoted, held between half and double",
    ),
    _of_cost("Used bp", lambda belief: belief.used, "What bands take: see Learned cost"),
    Column(
        title="Paid / quoted",
        get=lambda belief: belief.factor,
        show=lambda belief: f"{number(belief.factor, 3)} ×",
        width=112,
        tooltip="From sending to the fills with the fee; starts at 1, half-way after 30 hedges",
    ),
    Column(
        title="Hedges",
        get=lambda belief: belief.hedges,
        show=lambda belief: count(belief.hedges),
        width=84,
        tooltip="That it was learned from; one weighs half after 100 more",
    ),
    Column(
        title="Rested",
        get=lambda belief: belief.rested,
        show=lambda belief: percent(belief.rested, 0),
        width=80,
        tooltip="Part of them that resting orders filled: these pay the maker's fee and earn the"
        " half spread, while the quoted cost is a taker's",
    ),
    Column(title="", get=lambda _line: None, show=lambda _line: "", sort=False, width=32),
)
