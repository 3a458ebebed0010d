"""What the gamma page says: the figures of the meter, and the columns of the scalp ledger."""

from terminal.model.gamma import GammaView, RentView, ScalpRow
from ui.format import UNKNOWN, countdown, number, percent, usd
from ui.panels.book_cells import moment_text, price_text, sign_role
from ui.widgets.table import Column

NO_SCALPS = "No scalps yet: nothing of the hedge instruments has been bought and sold here."
NO_VIEW = "Nothing is known of this coin's gamma yet."

FIGURES = {
    "Theta a day": "At the present moment, for a whole day",
    "Funding a day": "Of the perpetuals held, at the present rate, for a whole day",
    "Fees today": "Of today's hedges, options not included",
    "Scalps today": "Paired hedges before fees; open ones at the mark are not in it",
    "Break-even move": "Daily move that pays theta, by gamma alone, and in standard deviations "
    "of a day at implied volatility",
    "Valued anew": "The same with every position valued a day later",
    "Still needed": "One more move that would earn what rent exceeds scalps by",
    "Pays theta": "Realised volatility at which gamma pays theta",
    "Pays all rent": "Realised volatility at which gamma pays theta, funding and today's fees",
    "With band costs": "Realised volatility that pays theta and hedging at the edge of the band",
    "Hedged hourly": "Realised volatility that pays theta and hedging every hour (Leland 1985)",
    "Day ends in": "Of the UTC day that the meter counts",
}
"""Figures of the meter, each with what it means."""


def figures(rent: RentView | None) -> dict[str, str]:
    """Texts of the figures, all unknown without a meter."""
    if rent is None:
        return dict.fromkeys(FIGURES, UNKNOWN)
    texts = (
        usd(rent.theta_usd, 0, signed=True),
        usd(rent.funding_usd, 0, signed=True),
        usd(-rent.fees_usd, 2, signed=True),
        usd(rent.banked_usd, 2, signed=True),
        _move(rent),
        _exact(rent),
        usd(rent.needed_usd, 0),
        percent(rent.vol_theta),
        percent(rent.vol_rent),
        percent(rent.vol_band),
        percent(rent.vol_clock),
        countdown(rent.left),
    )
    return dict(zip(FIGURES, texts, strict=True))


def _move(rent: RentView) -> str:
    if rent.move_usd is None:
        return UNKNOWN
    size = f"±{usd(rent.move_usd, 0)}"
    return size if rent.move_sigmas is None else f"{size} · {number(rent.move_sigmas, 2)} σ"


def _exact(rent: RentView) -> str:
    if rent.exact_up is None and rent.exact_down is None:
        return UNKNOWN
    return f"{usd(rent.exact_up, 0, signed=True)} / {usd(rent.exact_down, 0, signed=True)}"


def heading(view: GammaView | None, underlying: str) -> str:
    """Say the coin and who owes what today."""
    if view is None:
        return NO_VIEW
    return f"{underlying}: {view.rent.says}" if view.rent else f"{underlying}: {view.note}"


def _trip(row: ScalpRow) -> str:
    if row.bought_first is None:
        return ""
    return "▲ bought first" if row.bought_first else "▼ sold first"


def _moment(at: int, now: int) -> str:
    return moment_text(at, now) if at else ""


def _money(title: str, get: str, tooltip: str) -> Column:
    return Column(
        title=title,
        get=lambda line: getattr(line.row, get),
        show=lambda line: usd(getattr(line.row, get), 2, signed=True),
        width=104,
        tooltip=tooltip,
        role=lambda line: sign_role(getattr(line.row, get)),
    )


COLUMNS = (
    Column(
        title="Scalp",
        get=lambda line: line.place,
        show=lambda line: line.row.name,
        align="left",
        width=120,
        role=lambda line: "hi" if line.row.summed else "tx",
        tooltip="Sums of each hedge instrument, then the latest pairs, first in first out",
    ),
    Column(
        title="Instrument",
        get=lambda line: line.row.symbol,
        show=lambda line: line.row.symbol,
        align="left",
        width=144,
    ),
    Column(
        title="Side",
        get=lambda line: line.row.bought_first,
        show=lambda line: _trip(line.row),
        align="left",
        width=112,
    ),
    Column(
        title="Size coin",
        get=lambda line: line.row.coins,
        show=lambda line: "" if line.row.coins is None else number(line.row.coins, 4),
        width=88,
    ),
    Column(
        title="Opened at",
        get=lambda line: line.row.entry,
        show=lambda line: "" if line.row.entry is None else price_text(line.row.entry),
        width=104,
        tooltip="Price of the first of the two hedges",
    ),
    Column(
        title="Closed at",
        get=lambda line: line.row.exit,
        show=lambda line: "" if line.row.entry is None else price_text(line.row.exit),
        width=104,
        tooltip="Price of the second hedge; of what is open, the mark",
    ),
    _money("Gross $", "gross_usd", "Before fees; coin at its present price"),
    Column(
        title="Fees $",
        get=lambda line: line.row.fees_usd,
        show=lambda line: usd(line.row.fees_usd, 2),
        width=88,
        tooltip="Of both hedges; negative is a rebate",
    ),
    _money("Net $", "net_usd", "Since the start and open together are what the fills earned"),
    Column(
        title="Pairs",
        get=lambda line: line.row.scalps,
        show=lambda line: number(line.row.scalps, 0) if line.row.summed else "",
        width=64,
    ),
    Column(
        title="Closed UTC",
        get=lambda line: line.row.closed or None,
        show=lambda line: _moment(line.row.closed, line.now),
        align="left",
        width=144,
    ),
)
"""Columns of the scalp ledger; rows are lines of ``ui.panels.book_gamma``."""
