"""What is held and what it is exposed to: at both ends of a span, per expiry, and if it moved."""

import math

from msgspec import Struct

from terminal.core.units import HOUR
from terminal.model.frame import Desk, Frame
from terminal.model.greeks import PositionRisk, Sensitivity
from terminal.model.report import Cell, Chart, Column, Curve, Form, Section, Table
from terminal.runtime.reporting.at_risk import value_at_risk
from terminal.runtime.reporting.cents import in_cents, ledger_of
from terminal.runtime.reporting.lived import Lived
from terminal.runtime.reporting.margin import margin_table
from terminal.runtime.reporting.pictures import Pictures
from terminal.runtime.reporting.writing import day_text, money

CONFIDENCES = (0.95, 0.99)
"""Levels of the value at risk of one day."""

GREEKS = (
    Column("delta", "Delta", "coin", Form.AMOUNT),
    Column("delta_usd", "Delta", "USD", Form.MONEY),
    Column("gamma", "Gamma", "USD of delta per 1 %", Form.MONEY),
    Column("vega", "Vega", "USD per vol point", Form.MONEY),
    Column("theta", "Theta", "USD per day", Form.MONEY),
)


def risk_section(day: Lived, seen: Pictures) -> Section:
    """Positions and Greeks, the profile's limits, scenarios, value at risk and margin."""
    end = seen.end
    desks = end.desks if end else ()
    return Section(
        name="risk",
        title="Positions and risk",
        words=_words(day, seen),
        tables=(
            _coins(seen),
            _expiries(end),
            _venues(day, seen),
            _positions(desks),
            _limits(day, end),
            _shortfall(desks),
            margin_table(day, desks),
            *(_grid(end, name) for name in (end.scenarios if end else ())),
            _stress(end),
        ),
        charts=_moved(end),
    )


def _words(day: Lived, seen: Pictures) -> tuple[str, ...]:
    if seen.end is None:
        return ("No risk profile had been taken up by the end of the span.",)
    lines = [
        f"{desk.underlying}: {desk.exposure.flag}"
        for desk in seen.end.desks
        if not desk.exposure.usable
    ]
    start = seen.start
    opening = ledger_of(day.start, day.end).total
    if start is not None and opening is not None:
        lines += _judged(start, float(opening), (day.state.now - day.opened.now) / HOUR)
    return tuple(lines)


def _judged(start: Frame, earned: float, hours: float) -> list[str]:
    """Hold the result against the value at risk that stood at the start."""
    risks = [_var(desk, 0.99) for desk in start.desks]
    known = [each for each in risks if each is not None]
    if not known or len(known) < len(risks) or hours <= 0.0:
        return []
    most = math.fsum(known)  # coins move together: their sum is the careful one
    verdict = "beyond" if -earned > most else "within"
    line = (
        f"The result of {money(in_cents(earned))} USD in {hours:.1f} hours is {verdict} the one-day"
        f" value at risk of {money(in_cents(most))} USD (99 %, the coins' sum) at the start. One"
        " day is no test of a value at risk: Kupiec's needs 250."
    )
    return [line]


def _row(risk: Sensitivity) -> tuple[Cell, ...]:
    return (
        risk.delta,
        risk.delta_usd,
        risk.gamma_1pct_usd,
        risk.vega_usd,
        risk.theta_usd_day,
    )


def _coins(seen: Pictures) -> Table:
    """Greeks of each coin at both ends, and what changed."""
    starts = {each.underlying: each for each in (seen.start.desks if seen.start else ())}
    rows: list[tuple[Cell, ...]] = []
    for desk in seen.end.desks if seen.end else ():
        last = _row(desk.exposure.total) if desk.exposure.usable else (None,) * len(GREEKS)
        earlier = starts.get(desk.underlying)
        first: tuple[Cell, ...] = (None,) * len(GREEKS)
        if earlier is not None and earlier.exposure.usable:
            first = _row(earlier.exposure.total)
        rows.append((desk.underlying, "start", *first))
        rows.append((desk.underlying, "end", *last))
        change = tuple(_less(one, other) for one, other in zip(last, first, strict=True))
        rows.append((desk.underlying, "change", *change))
    return Table(
        name="greeks_by_coin",
        title="Greeks at the start and at the end",
        columns=(Column("coin", "Coin"), Column("when", "When"), *GREEKS),
        rows=tuple(rows),
        note=(
            "Black-Scholes delta, orders under way not counted. The start is the first moment at"
            " which everything held has a price."
        ),
        empty="Nothing is watched.",
    )


def _less(one: Cell, other: Cell) -> Cell:
    return one - other if isinstance(one, float) and isinstance(other, float) else None


def _expiries(end: Frame | None) -> Table:
    return Table(
        name="greeks_by_expiry",
        title="Greeks by expiry",
        columns=(
            Column("coin", "Coin"),
            Column("expiry", "Expiry"),
            Column("positions", "Positions", "", Form.COUNT),
            *GREEKS,
        ),
        rows=tuple(
            (
                each.underlying,
                day_text(each.expiry) if each.expiry else "without expiry",
                each.positions,
                *_row(each.risk),
            )
            for each in (end.ladder if end else ())
        ),
        empty="Nothing is held.",
    )


Where = tuple[str, str, str]
"""Coin, venue, and the currency that gains and losses are paid in."""


def _venues(day: Lived, seen: Pictures) -> Table:
    """Greeks by venue and settlement at both ends, and what changed."""
    first, last = (_by_venue(day, frame) for frame in (seen.start, seen.end))
    zero = (0, *(0.0 for _ in GREEKS))
    rows: list[tuple[Cell, ...]] = []
    for name in sorted({*first, *last}):
        before = first.get(name, zero) if seen.start else (None,) * len(zero)
        after = last.get(name, zero)
        rows.append((*name, "start", *before))
        rows.append((*name, "end", *after))
        change = (_less(one, other) for one, other in zip(after[1:], before[1:], strict=True))
        rows.append((*name, "change", "", *change))
    return Table(
        name="greeks_by_venue",
        title="Greeks by venue and settlement",
        columns=(
            Column("coin", "Coin"),
            Column("venue", "Venue"),
            Column("settle", "Settled in"),
            Column("when", "When"),
            Column("positions", "Positions", "", Form.COUNT),
            *GREEKS,
        ),
        rows=tuple(rows),
        note="Where margins are apart, a hedge at one venue does not keep the other from a call.",
        empty="Nothing is held.",
    )


def _by_venue(day: Lived, frame: Frame | None) -> dict[Where, tuple[Cell, ...]]:
    """Number of positions and their Greeks."""
    sums: dict[Where, list[list[float]]] = {}
    for desk in frame.desks if frame else ():
        for each in desk.rows:
            listed = day.state.market.instruments.get(each.key)
            if listed is None:
                listed = day.opened.market.instruments.get(each.key)  # expired since
            venue = each.key.rpartition("@")[2] if listed else "cash"
            settle = listed.contract.settle if listed else each.symbol
            here = sums.setdefault((desk.underlying, venue, settle), [])
            here.append([float(x) for x in _row(each.risk) if isinstance(x, float)])
    return {
        name: (len(found), *(math.fsum(each) for each in zip(*found, strict=True)))
        for name, found in sums.items()
    }


def _positions(desks: tuple[Desk, ...]) -> Table:
    rows = [_position(each) for desk in desks for each in desk.rows]
    return Table(
        name="positions",
        title="Positions at the end",
        columns=(
            Column("position", "Position"),
            Column("kind", "Kind"),
            Column("qty", "Size", "contracts", Form.AMOUNT),
            Column("entry", "Entry", "", Form.AMOUNT),
            Column("mark", "Mark", "", Form.AMOUNT),
            Column("vol", "Volatility", "", Form.PERCENT),
            Column("upnl", "Open P&L", "USD", Form.MONEY),
            *GREEKS,
            Column("flag", "Remark"),
        ),
        rows=tuple(rows),
        note="Prices of coin-settled options are in coin, all others in USD.",
        empty="Nothing is held.",
    )


def _position(each: PositionRisk) -> tuple[Cell, ...]:
    entry: Cell = "" if each.kind == "collateral" else each.entry
    vol: Cell = each.iv if each.kind == "option" else ""
    head = (each.symbol, each.kind, each.qty, entry, each.mark, vol, each.upnl_usd)
    return (*head, *_row(each.risk), each.flag)


class Use(Struct, frozen=True):
    """One limit of the profile, and how much of it was used."""

    field: str  # of the profile
    name: str
    unit: str
    used: float | None
    most: float


def limit_uses(day: Lived, end: Frame | None) -> tuple[Use, ...]:
    """How much of the profile's limits was used up by the end; nothing without a profile."""
    if end is None:
        return ()
    profile, activity = end.profile, day.state.activity
    delta = None
    if all(desk.exposure.usable for desk in end.desks):
        delta = max((abs(desk.exposure.total.delta_usd) for desk in end.desks), default=0.0)
    result = end.pnl.day
    lost = None if result is None else max(-result, 0.0)
    orders, most_orders = float(activity.orders_day), float(profile.orders_per_day)
    reduce, halt = profile.day_loss_reduce_usd, profile.day_loss_halt_usd
    turnover, cost = activity.turnover_usd, activity.cost_usd
    return (
        Use("delta_cap_usd", "delta of one coin", "USD", delta, profile.delta_cap_usd),
        Use("turnover_day_usd", "turnover of the day", "USD", turnover, profile.turnover_day_usd),
        Use("cost_day_usd", "hedging cost of the day", "USD", cost, profile.cost_day_usd),
        Use("orders_per_day", "orders of the day", "", orders, most_orders),
        Use("day_loss_reduce_usd", "loss of the day, reduces", "USD", lost, reduce),
        Use("day_loss_halt_usd", "loss of the day, halts", "USD", lost, halt),
    )


def _limits(day: Lived, end: Frame | None) -> Table:
    """How much of the profile's limits was used up by the end."""
    name = f" of the profile {end.profile.name}" if end is not None else ""
    return Table(
        name="limits",
        title=f"Limits{name}",
        columns=(
            Column("limit", "Limit"),
            Column("unit", "Unit"),
            Column("used", "Used", "", Form.AMOUNT),
            Column("most", "At most", "", Form.AMOUNT),
            Column("share", "Share", "", Form.PERCENT),
        ),
        rows=tuple(
            (
                each.name,
                each.unit,
                each.used,
                each.most,
                None if each.used is None or not each.most else each.used / each.most,
            )
            for each in limit_uses(day, end)
        ),
        empty="No profile was in use.",
    )


def _var(desk: Desk, confidence: float) -> float | None:
    """One-day value at risk of a coin, USD."""
    return value_at_risk(desk.exposure, desk.implied_vol or desk.realised_vol, confidence)


def _shortfall(desks: tuple[Desk, ...]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for desk in desks:
        vol = desk.implied_vol or desk.realised_vol
        rows.append((desk.underlying, vol, *(_var(desk, level) for level in CONFIDENCES)))
    names = [f"{100 * level:g} %" for level in CONFIDENCES]
    return Table(
        name="value_at_risk",
        title="Value at risk of the coming day",
        columns=(
            Column("coin", "Coin"),
            Column("vol", "At a volatility of", "a year", Form.PERCENT),
            *(
                Column(f"var_{round(100 * level)}", name, "USD", Form.MONEY)
                for level, name in zip(CONFIDENCES, names, strict=True)
            ),
        ),
        rows=tuple(rows),
        note="Delta and gamma in closed form, theta counted; negative: a gain is left even then.",
        empty="Nothing is watched.",
    )


def _grid(end: Frame | None, name: str) -> Table:
    view = end.scenarios[name] if end else None
    spots = view.spots if view else ()
    rows = zip(view.vols, view.pnl_usd, strict=True) if view else ()
    left = f" Left out: {', '.join(view.missing)}." if view and view.missing else ""
    return Table(
        name=f"scenarios_{name.lower()}",
        title=f"{name}: P&L if price and volatility moved at once",
        columns=(
            Column("vol", "Volatility", "", Form.PERCENT),
            *(
                Column(f"spot_{100 * move:+g}", f"price {100 * move:+g} %", "USD", Form.MONEY)
                for move in spots
            ),
        ),
        rows=tuple((vol, *cells) for vol, cells in rows),
        note=f"Every position valued anew; moves of volatility are those of 30 days.{left}",
    )


def _moved(end: Frame | None) -> tuple[Chart, ...]:
    """P&L of every coin by the move of its price, volatility unmoved."""
    curves = []
    for name, view in (end.scenarios if end else {}).items():
        row = next((x for vol, x in zip(view.vols, view.pnl_usd, strict=True) if vol == 0.0), ())
        points = tuple((100.0 * move, usd) for move, usd in zip(view.spots, row, strict=False))
        curves.append(Curve(name, points))
    if not curves:
        return ()
    return (
        Chart(
            name="scenarios",
            title="P&L if the price moved at once",
            unit="USD",
            curves=tuple(curves),
            x_unit="% of the price",
        ),
    )


def _stress(end: Frame | None) -> Table:
    views = end.scenarios.values() if end else ()
    return Table(
        name="stress",
        title="Historic days",
        columns=(
            Column("coin", "Coin"),
            Column("day", "Day"),
            Column("date", "Date"),
            Column("spot", "Price", "", Form.PERCENT),
            Column("vol", "Volatility", "", Form.PERCENT),
            Column("pnl", "P&L", "USD", Form.MONEY),
            Column("delta", "Delta then", "coin", Form.AMOUNT),
        ),
        rows=tuple(
            (
                view.underlying,
                each.name,
                each.date,
                each.spot_move,
                each.vol_move,
                each.pnl_usd,
                each.delta,
            )
            for view in views
            for each in view.stress
        ),
        empty="Nothing is held.",
    )
