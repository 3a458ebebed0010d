"""What the P&L page says: parts of the attribution chosen, added up and put in words."""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from terminal.core.units import DAY
from terminal.model.attribution import (
    EARLIER,
    EVER,
    EXPIRED,
    RESIDUAL_LIMIT,
    AttributionView,
    Bucket,
    Cell,
    Stray,
    Why,
)
from ui.format import clock, date, percent, usd

ALL = ""
"""Choice of a filter that leaves nothing out."""

SPANS = {"all": "Since start", "today": "Today", "days": "By day"}

TITLES = {
    Bucket.PERP_DELTA: "Perp delta",
    Bucket.FUTURE_DELTA: "Future delta",
    Bucket.SPOT_DELTA: "Spot delta",
    Bucket.EDGE: "Trade edge",
}

MEANINGS = {
    Bucket.DELTA: "Options: delta at the start of each step times the move of the index",
    Bucket.GAMMA: "Options: half gamma times the square of the move",
    Bucket.SPEED: "Options: what the change of gamma along the move added",
    Bucket.THETA: "Options: time that passed",
    Bucket.VEGA: "Options: vega times the change of implied volatility",
    Bucket.VANNA: "Options: price and volatility moved together",
    Bucket.VOLGA: "Options: half volga times the square of the volatility's change",
    Bucket.BASIS: "Marks and forwards against the index",
    Bucket.PERP_DELTA: "Perpetuals: the move of the index",
    Bucket.FUTURE_DELTA: "Dated futures: the move of the index",
    Bucket.SPOT_DELTA: "Coins bought as a hedge: the move of the index",
    Bucket.COLLATERAL: "The index on what is held in coin: cash, premium and coin profit",
    Bucket.FUNDING: "Funding received less funding paid",
    Bucket.BORROW: "Borrow fees",
    Bucket.FEES: "Fees at their value when paid",
    Bucket.SLIPPAGE: "Fills against the mid that was decided on",
    Bucket.EDGE: "Mark against the decision mid at each fill; against the fill without one",
    Bucket.SETTLEMENT: "Payouts against the last value before",
    Bucket.CORRECTIONS: "What snapshots of the venue put right, deposits too",
    Bucket.RESIDUAL: "What no cause above explains",
}

REASONS = {
    Why.LARGE_MOVE: "moves too large for third-order Greeks",
    Why.MARKS: "marks that moved against the model: stale volatility, or rounded",
    Why.EXPIRY: "options that expired within a step",
    Why.UNMARKED: "positions held or traded without a mark",
    Why.NEW_PRICE: "something that got its first price: a leg or a currency was missing",
    Why.GAP: "hours without records",
}

EPISODE_HELP = (
    "An episode is hedging against one set of options: it ends when the options held change."
    " Without options it is one UTC day."
)


class Choice(Struct, frozen=True):
    """Which cells are shown; ALL leaves none out."""

    underlying: str = ALL
    expiry: str = ALL
    venue: str = ALL
    episode: str = ALL


class BucketLine(Struct, frozen=True):
    """One cause, one day, or the total."""

    key: str
    name: str
    usd: float | None
    share: float | None  # of everything that moved, 0 to 1
    meaning: str = ""
    total: bool = False


def chosen(cells: Iterable[Cell], choice: Choice) -> list[Cell]:
    """Cells that a choice leaves in."""
    wanted = (choice.underlying, choice.expiry, choice.venue, choice.episode)
    return [
        cell
        for cell in cells
        if all(want in (ALL, have) for want, have in zip(wanted, places(cell), strict=True))
    ]


def places(cell: Cell) -> tuple[str, str, str, str]:
    """Values of a cell that a choice compares."""
    venue = cell.venue or "account"
    return cell.underlying, str(cell.expiry), venue, f"{cell.underlying} {cell.episode}"


def options_of(view: AttributionView) -> tuple[Mapping[str, str], ...]:
    """Values and labels of the four filters, the one for everything first."""
    found: tuple[dict[str, str], ...] = tuple(
        {ALL: label} for label in ("All coins", "All expiries", "All venues", "All episodes")
    )
    episodes = {f"{each.underlying} {each.number}": each for each in view.episodes}
    cells = sorted(view.cells, key=lambda cell: (cell.underlying, cell.expiry, cell.episode))
    for cell in cells:
        values = places(cell)
        found[0][values[0]] = cell.underlying or "account"
        found[1][values[1]] = expiry_label(cell.expiry)
        found[2][values[2]] = values[2]
        known = episodes.get(values[3])
        if known is not None:
            found[3][values[3]] = f"{values[3]}: {date(known.since)}, {known.cause}"
        elif cell.episode == EARLIER and cell.underlying:
            found[3][values[3]] = f"{cell.underlying} earlier"
    return found


def expiry_label(expiry: int) -> str:
    """Write an expiry of a cell."""
    if expiry == EXPIRED:
        return "expired earlier"
    return date(expiry) if expiry else "no expiry"


def title(bucket: Bucket) -> str:
    """Name of a cause on the screen."""
    return TITLES.get(bucket, bucket.value.capitalize())


def summed(cells: Iterable[Cell]) -> dict[Bucket, float]:
    """Amounts by cause in their order; those that moved nothing left out."""
    total = dict.fromkeys(Bucket, 0.0)
    for cell in cells:
        for bucket, amount in cell.usd.items():
            total[bucket] += amount
    return {bucket: amount for bucket, amount in total.items() if amount}


def bucket_lines(cells: Iterable[Cell], *, known: bool) -> list[BucketLine]:
    """Rows by cause, the total last; ``known``: whether the total is."""
    amounts = summed(cells)
    if not amounts and not known:
        return []
    moved = sum(map(abs, amounts.values()))
    lines = [
        BucketLine(bucket.value, title(bucket), amount, abs(amount) / moved, MEANINGS[bucket])
        for bucket, amount in amounts.items()
    ]
    return [*lines, _total(sum(amounts.values()) if known else None)]


def day_lines(cells: Iterable[Cell], *, known: bool) -> list[BucketLine]:
    """Rows by UTC day, newest first, then what was before, the total last."""
    days: dict[int, float] = {}
    for cell in cells:
        days[cell.day] = days.get(cell.day, 0.0) + sum(cell.usd.values())
    if not days and not known:
        return []
    moved = sum(map(abs, days.values()))
    lines = [
        BucketLine(
            f"day {day}",
            "earlier" if day == EVER else date(day * DAY),
            days[day],
            abs(days[day]) / moved if moved else None,
            "00:00 to 24:00 UTC; a step counts where it began",
        )
        for day in sorted(days, reverse=True)
    ]
    return [*lines, _total(sum(days.values()) if known else None)]


def residual_text(cells: Iterable[Cell], worst: Iterable[Stray]) -> tuple[str, bool]:
    """Write the share of what moved that is not explained, and whether it is above its limit."""
    kept = list(cells)
    gross, stray = (sum(getattr(cell, name) for cell in kept) for name in ("gross", "stray"))
    if not gross and not stray:
        return "Residual: nothing has moved yet", False
    share = stray / gross if gross else 1.0
    text = f"Residual {percent(share, 2)} of {usd(gross, 0, short=True)} moved"
    if share <= RESIDUAL_LIMIT:
        return f"{text}, limit {percent(RESIDUAL_LIMIT, 0)}", False
    reasons = dict.fromkeys(Why, 0.0)
    for cell in kept:
        for why, amount in cell.why.items():
            reasons[why] += amount
    main = max(reasons, key=lambda why: reasons[why])
    text = f"{text}, above the limit of {percent(RESIDUAL_LIMIT, 0)}. Mostly {REASONS[main]}."
    top = max(worst, key=lambda each: abs(each.usd), default=None)
    if top is not None:
        moment = f"{date(top.at)} {clock(top.at)}"
        text += f" Largest: {top.name} {usd(top.usd, 2, signed=True)} at {moment}."
    return text, True


def _total(amount: float | None) -> BucketLine:
    return BucketLine("total", "Total", amount, None, total=True)
