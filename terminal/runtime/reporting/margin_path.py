"""How near a run came to its margin: every hour, the move that would have liquidated it."""

from collections import Counter
from collections.abc import Callable, Mapping

from msgspec import Struct

from terminal.core.units import HOUR
from terminal.engine.state import State
from terminal.market.state import spot
from terminal.model.report import Cell, Chart, Column, Curve, Form, Section, Table
from terminal.portfolio.headroom import nearest_liquidation
from terminal.portfolio.option_inputs import Scene
from terminal.pricing.engines import load
from terminal.runtime.reporting.hours import margin_charts
from terminal.runtime.reporting.lived import Lived
from terminal.runtime.reporting.writing import day_text

ANY_VOL = 1.0
"""Distances are told as moves here, for which volatility does not matter."""


class Near(Struct, frozen=True):
    """Moves that would liquidate at one moment, fractions; None where no move does."""

    at: int
    below: float | None  # negative
    above: float | None


class Unknown(Struct, frozen=True):
    """A moment at which the distance was unknown, and why."""

    at: int
    why: str


class MarginPath:
    """Looks every hour at the distance to liquidation of each coin."""

    def __init__(self) -> None:
        self.coins: dict[str, list[Near | Unknown]] = {}
        self._next = 0

    def step(self, state: State) -> None:
        """Take the state after a record; before everything held has a price, nothing is asked."""
        if state.now >= self._next and state.equity is not None:
            self._next = state.now - state.now % HOUR + HOUR
            self.look(state)

    def look(self, state: State) -> None:
        """Look now."""
        for name in state.desks:
            self.coins.setdefault(name, []).append(distance(state, name))


def distance(state: State, coin: str) -> Near | Unknown:
    """Moves that would liquidate the bucket a coin is hedged in, or why that is unknown."""
    held = state.market.instruments.get(state.desks[coin].hedge_key)
    price = spot(state.market, coin)
    if held is None or price is None or state.books is None:
        return Unknown(state.now, "nothing to hedge with, or no price")
    scene = Scene(state.market, state.books, coin, price, state.now, load(state.pricing))
    found = nearest_liquidation(scene, state.ledger, held.contract, ANY_VOL)
    if isinstance(found, str):
        return Unknown(state.now, found)
    if found.cushion_usd < 0.0:
        return Near(state.now, 0.0, 0.0)
    return Near(
        state.now,
        found.below.move if found.below else None,
        found.above.move if found.above else None,
    )


def margin_section(day: Lived, path: MarginPath) -> Section:
    """Margin used and the distance to liquidation along the run."""
    return Section(
        name="margin_path",
        title="Margin along the way",
        tables=(_used(day), _nearest(path.coins)),
        charts=(*_lines(day, path.coins), *margin_charts(day)),
    )


def _used(day: Lived) -> Table:
    """Most and usual part of the balance that initial margin took."""
    rows: list[tuple[Cell, ...]] = []
    for name in day.state.desks:
        parts = [
            (mark.margin[name], mark.at) for mark in day.heard.walk.marks if name in mark.margin
        ]
        if not parts:
            rows.append((name, None, "", None, 0))
            continue
        most, at = max(parts)
        middle = sorted(part for part, _ in parts)[len(parts) // 2]
        rows.append((name, most, day_text(at, clock=True), middle, len(parts)))
    return Table(
        name="margin_use",
        title="Initial margin used",
        columns=(
            Column("coin", "Coin"),
            Column("most", "Most", "of the balance", Form.PERCENT),
            Column("at", "At, UTC"),
            Column("median", "Median", "of the balance", Form.PERCENT),
            Column("looks", "Looks", "", Form.COUNT),
        ),
        rows=tuple(rows),
        note="Looked at every hour; unknown where the venue's margin rules are not known here.",
        empty="Nothing is watched.",
    )


def _nearest(coins: Mapping[str, list[Near | Unknown]]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for name, looks in coins.items():
        known = [each for each in looks if isinstance(each, Near)]
        whys = Counter(each.why for each in looks if isinstance(each, Unknown))
        why = whys.most_common(1)[0][0] if whys else ""
        rows.append((name, *_least(known), len(known), len(looks) - len(known), why))
    return Table(
        name="least_distance",
        title="Least distance to liquidation",
        columns=(
            Column("coin", "Coin"),
            Column("below", "Fall", "", Form.PERCENT),
            Column("below_at", "Least at, UTC"),
            Column("above", "Rise", "", Form.PERCENT),
            Column("above_at", "Least at, UTC"),
            Column("known", "Looks", "", Form.COUNT),
            Column("unknown", "Unknown", "", Form.COUNT),
            Column("why", "Why unknown"),
        ),
        rows=tuple(rows),
        note=(
            "The move that would have liquidated the bucket of what hedges, had it come at once"
            " with volatility rising in a fall. Zero: liquidation had begun."
        ),
        empty="Nothing is watched.",
    )


def _least(known: list[Near]) -> tuple[Cell, ...]:
    """Smallest move on either side and when; "none" where no move ever liquidates."""
    if not known:
        return None, "", None, ""
    cells: list[Cell] = []
    for side in (_below, _above):
        moves = [(abs(move), each.at) for each in known if (move := side(each)) is not None]
        least, at = min(moves, default=(None, 0))
        cells += ["none", ""] if least is None else [least, day_text(at, clock=True)]
    return tuple(cells)


def _lines(day: Lived, coins: Mapping[str, list[Near | Unknown]]) -> tuple[Chart, ...]:
    """Distance on both sides, a chart a coin of which one was known."""
    found = []
    for name, looks in coins.items():
        if not any(isinstance(each, Near) for each in looks):
            continue
        curves = tuple(
            Curve(title, tuple((_hours(day, each.at), _percent(each, side)) for each in looks))
            for title, side in (("fall", _below), ("rise", _above))
        )
        found.append(
            Chart(
                name=f"distance_{name.lower()}",
                title=f"{name}: move that would liquidate",
                unit="%",
                curves=curves,
            )
        )
    return tuple(found)


def _below(near: Near) -> float | None:
    return near.below


def _above(near: Near) -> float | None:
    return near.above


def _percent(look: Near | Unknown, side: Callable[[Near], float | None]) -> float | None:
    move = side(look) if isinstance(look, Near) else None
    return None if move is None else 100.0 * move


def _hours(day: Lived, at: int) -> float:
    return (at - day.span.first) / HOUR
