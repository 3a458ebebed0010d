"""Columns of the leaderboard of shadows."""

from terminal.core.units import DAY
from terminal.model.shadow import ShadowRow
from ui.format import UNKNOWN, duration, number, percent
from ui.widgets.table import Column, Table

NO_SHADOWS = (
    "No policy hedges on paper yet. Add up to five: each sees what the engine sees and decides"
    " by the same code, with paper fills."
)


def board_table() -> Table:
    """Every policy on paper, with what it cost at the risk of the live profile."""
    columns = (
        *_standing(),
        _sum("Cost $/d", "cost_day_usd", 2, "Taker fee, half spread and impact a day"),
        _sum("Risk $/√d", "risk_usd", 0, "Standard deviation of a day's P&L from being off target"),
        *_sample(),
        _sum("Mean |off| coin", "mean_off", 4, "Mean distance of net delta from its target"),
        _sum("Max |off| coin", "max_off", 4, "Largest distance of net delta from its target"),
        _sum("Cost $", "cost_usd", 2, "Since it was added"),
        _sum("Funding $", "funding_usd", 2, "Paid on the coins hedged since; negative: received"),
        _sum("Hedge P&L $", "gain_usd", 2, "Of price on the coins hedged since, before cost"),
        _left("To be read as", "note", 360),
    )
    return Table(columns, row_id=row_name, empty=NO_SHADOWS, is_shaded=lambda row: row.live)


def _standing() -> tuple[Column, ...]:
    """Who it is, and how it does."""
    return (
        Column(
            title="Rank",
            get=lambda row: row.rank,
            show=lambda row: UNKNOWN if row.rank is None else str(row.rank),
            width=52,
            tooltip="By cost at the live profile's risk, on one underlying",
        ),
        _left("Policy", "name", 132),
        _left("Coin", "underlying", 48),
        Column(
            title="Cost at equal risk %",
            get=lambda row: row.ratio,
            show=_ratio,
            role=_tone,
            width=148,
            tooltip="Cost x risk over the live profile's on the same moments, in %: under 100 is"
            " better; with the standard error by the numbers of hedges",
        ),
    )


def _sample() -> tuple[Column, ...]:
    """How much it has been tried."""
    return (
        Column(
            title="Hedges",
            get=lambda row: row.hedges,
            show=lambda row: str(row.hedges),
            width=64,
            tooltip="Paper hedges: the sample",
        ),
        Column(
            title="In shadow",
            get=lambda row: row.span,
            show=lambda row: duration(row.span) if row.span < DAY else f"{row.span / DAY:.1f} d",
            width=84,
            tooltip="Time that was looked at; stops and gaps do not count",
        ),
    )


def row_name(row: ShadowRow) -> str:
    """Name of a line: policy and underlying; no name of a shadow holds a line break."""
    return f"{row.name}\n{row.underlying}"


def _left(title: str, name: str, width: int) -> Column:
    return Column(
        title=title,
        get=lambda row: getattr(row, name),
        show=lambda row: str(getattr(row, name)),
        role=lambda row: "crit" if row.stopped else "tx",
        align="left",
        width=width,
    )


def _sum(title: str, name: str, decimals: int, tooltip: str) -> Column:
    return Column(
        title=title,
        get=lambda row: getattr(row, name),
        show=lambda row: number(getattr(row, name), decimals),
        width=max(84, 9 * len(title)),
        tooltip=tooltip,
    )


def _ratio(row: ShadowRow) -> str:
    if row.live:
        return percent(row.ratio, 0)
    if row.error is None or row.ratio is None:
        return UNKNOWN
    return f"{percent(row.ratio, 0)} ± {number(100.0 * row.error, 0)}"


def _tone(row: ShadowRow) -> str:
    """Better or worse only beyond two standard errors."""
    if row.live or row.error is None or row.ratio is None:
        return "mut"
    if abs(row.ratio - 1.0) <= 2.0 * row.error:
        return "tx"
    return "up" if row.ratio < 1.0 else "dn"
