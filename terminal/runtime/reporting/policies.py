"""What every policy of the lab would have cost at equal risk, on the prices of a run."""

from collections.abc import Iterator

import numpy as np
from msgspec import Struct

from terminal.core.errors import DataError
from terminal.core.units import BPS, MINUTE
from terminal.engine.context import hedge_contract
from terminal.lab.compare import Comparison, Draws, compare
from terminal.lab.ground import history
from terminal.lab.rule import Lots, lots_of
from terminal.lab.rules import AVERSIONS, REFERENCE
from terminal.lab.windows import Setup
from terminal.market.bars import Bars, bars_of
from terminal.model.instrument import Contract, Payoff
from terminal.model.report import Cell, Chart, Column, Curve, Form, Section, Table
from terminal.runtime.reporting.lived import Lived
from terminal.runtime.reporting.walk import SAMPLE, Point

LATE = MINUTE
"""A price this long after a point of the grid is still taken for that of the point."""

RISKS = tuple((f"{each:g}", each) for each in AVERSIONS[2:-3:3])
"""Risks that are equalled: the reference's, at these risk aversions."""

MIDDLE = RISKS[len(RISKS) // 2][0]

DRAWS = Draws(500, 2 * Setup().days, 1)  # neighbours share six days

MEASURE = "net"

DRAWN = 4
"""Policies that the chart shows: the reference, and the cheapest at the middle risk."""


class Ground(Struct, frozen=True):
    """What a comparison is made of: prices of one coin, and what hedging it takes."""

    coin: str
    at: list[int]  # UtcNs, whole multiples of `SAMPLE`
    price: list[float]  # USD per coin
    cost: float  # one way, as a fraction of notional
    lots: Lots


class Compared(Struct, frozen=True):
    """All policies on one coin's windows, or why they were not compared."""

    coin: str
    cost: float = 0.0  # one way, as a fraction of notional
    found: Comparison | None = None
    fault: str = ""


def grounds(day: Lived) -> Iterator[Ground | Compared]:
    """What each coin's comparison is made of, or why there is none."""
    for coin, points in day.heard.walk.points.items():
        chosen = hedge_contract(day.state, coin, "")
        at, price = on_grid(points)
        if chosen is None or not price:
            yield Compared(coin, fault="no perpetual of it has a price")
        else:
            yield Ground(coin, at, price, chosen.cost, _lots(chosen.contract, price[-1]))


def on_grid(points: list[Point]) -> tuple[list[int], list[float]]:
    """Instants of the grid, UtcNs, and the first price soon after each; others are missing."""
    found: dict[int, float] = {}
    for point in points:
        at = point.at - point.at % SAMPLE
        if point.spot is not None and point.at - at <= LATE:
            found.setdefault(at, point.spot)
    return list(found), list(found.values())


def compared(ground: Ground) -> Compared:
    """Hedge straddles along the prices with every policy."""
    setup = Setup(cost=ground.cost)
    try:
        windows = history(_bars(ground), setup)
    except DataError as error:
        return Compared(ground.coin, ground.cost, fault=str(error))
    found = compare(
        ground.coin, windows, setup, ground.lots, DRAWS, tell=lambda *_: None, targets=RISKS
    )
    return Compared(ground.coin, ground.cost, found)


def _bars(ground: Ground) -> Bars:
    """A bar wherever both of its ends are known."""
    at, price = np.array(ground.at, dtype=np.int64), np.array(ground.price)
    whole = np.flatnonzero(np.diff(at) == SAMPLE)
    opened, closed = price[whole], price[whole + 1]
    high, low = np.maximum(opened, closed), np.minimum(opened, closed)
    return bars_of(at[whole], np.array((opened, high, low, closed)), span=SAMPLE)


def _lots(contract: Contract, price: float) -> Lots:
    """Sizes in coins; those of an inverse contract, whose lots are USD, at the last price."""
    if contract.payoff is Payoff.LINEAR:
        return lots_of(contract)
    usd = float(contract.multiplier)
    least = float(contract.min_qty) * usd
    return Lots(float(contract.lot) * usd / price, least / price, float(contract.min_notional))


def policies_section(found: tuple[Compared, ...] | None) -> Section:
    """Cost of every policy at equal risk, coin by coin, with the band of chance around it.

    Parameters
    ----------
    found : tuple of Compared or None
        None where it was not asked for.
    """
    return Section(
        name="policies",
        title="Policies at equal risk",
        words=tuple(_words(found)),
        tables=(_table(found or ()),),
        charts=tuple(_chart(each.found) for each in found or () if each.found is not None),
    )


def _words(found: tuple[Compared, ...] | None) -> Iterator[str]:
    if found is None:
        yield "They were not compared: the report was asked for with --quick."
        return
    yield (
        "Nothing of this run was fitted to its tape: the profile was given, so there is no training"
        " to keep apart from the test. Walk-forward windows belong to numbers that were searched:"
        " python -m terminal lab walk-forward."
    )
    for each in found:
        if each.fault:
            yield f"{each.coin} was not compared: {each.fault}."
        elif each.found is not None:
            yield (
                f"{each.coin}: straddles of {Setup().days} days and {Setup().notional:,.0f} USD a"
                f" leg, bought on each of {each.found.windows} days of this tape and hedged at"
                f" {each.cost / BPS:.3g} bp one way by the lab, not by the engine and not the run's"
                f" own book ({each.found.left_out} days left out for gaps)."
            )


def _table(found: tuple[Compared, ...]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for each in found:
        for cell in each.found.cells if each.found else ():
            if cell.measure == MEASURE:
                cost, ratio = (cell.cost, *cell.cost_band), (cell.ratio, *cell.ratio_band)
                remark = "" if cell.reached else "no setting tried carries this risk"
                rows.append(
                    (each.coin, cell.risk, cell.policy, *cost, *ratio, cell.orders_per_day, remark)
                )
    return Table(
        name="policies",
        title="What hedging costs at the same deviation of net P&L",
        columns=(
            Column("coin", "Coin"),
            Column("risk", "Deviation", "USD", Form.AMOUNT),
            Column("policy", "Policy"),
            Column("cost", "Cost", "USD", Form.AMOUNT),
            Column("cost_low", "from", "USD", Form.AMOUNT),
            Column("cost_high", "to", "USD", Form.AMOUNT),
            Column("ratio", "Over the reference", "", Form.AMOUNT),
            Column("ratio_low", "from", "", Form.AMOUNT),
            Column("ratio_high", "to", "", Form.AMOUNT),
            Column("orders", "Orders a day", "", Form.AMOUNT),
            Column("remark", "Remark"),
        ),
        rows=tuple(rows),
        note=(
            f"Of one window; the reference is {REFERENCE}. From and to hold 95 % of"
            f" {DRAWS.count} resamples in blocks of {DRAWS.block} windows."
        ),
        empty="Not compared.",
    )


def _chart(found: Comparison) -> Chart:
    """Cost over risk of the policies that cost least."""
    by: dict[str, list[tuple[float, float | None]]] = {}
    least = {REFERENCE: 0.0}
    for cell in found.cells:
        if cell.measure == MEASURE:
            by.setdefault(cell.policy, []).append((cell.risk, cell.cost if cell.reached else None))
            if cell.target == MIDDLE and cell.reached:
                least.setdefault(cell.policy, cell.cost)
    drawn = sorted(least, key=least.__getitem__)[:DRAWN]
    return Chart(
        name=f"policies_{found.name}",
        title=f"{found.name}: cost of a window over its deviation, the cheapest policies",
        unit="USD",
        x_unit="USD of deviation",
        curves=tuple(Curve(name, tuple(sorted(by[name]))) for name in by if name in drawn),
    )
