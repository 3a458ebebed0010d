"""Volatility as a desk calibrates it: term structure, realised against implied, forecasts."""

from collections.abc import Mapping

from terminal.core.units import DAY, HOUR, MINUTE, SECOND
from terminal.market.signature import signature
from terminal.model.frame import Frame
from terminal.model.gamma import SignaturePoint
from terminal.model.report import Cell, Chart, Column, Curve, Form, Section, Table
from terminal.runtime.reporting.breakeven import breakeven_table
from terminal.runtime.reporting.forecasts import forecast_tables
from terminal.runtime.reporting.lived import Lived
from terminal.runtime.reporting.writing import day_text

STEPS = (MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR)
"""Sampling steps of the span's realised volatility."""

USUAL = 5 * MINUTE
"""The step that is held against implied volatility: bounce has died down, and points are many."""


def volatility_section(day: Lived, end: Frame | None) -> Section:
    """Term structure, realised volatility, forecasts and what executing is believed to cost."""
    seen = _seen(day)
    views = tuple(end.vols.values()) if end else ()
    words = []
    for each in views:
        index = "unknown" if each.index is None else f"{100 * each.index:.1f} %"
        note = f", {each.index_note}" if each.index_note else ""
        words.append(f"{each.underlying}: 30-day index {index}{note}; {each.shape}.")
    return Section(
        name="volatility",
        title="Volatility",
        words=tuple(words),
        tables=(
            _terms(end, seen),
            _signature(seen),
            _realised(end),
            breakeven_table(day, end, {name: _usual(seen, name) for name in seen}),
            _edge(end),
            *forecast_tables(day),
            _costs(end),
        ),
        charts=_charts(end),
    )


def _seen(day: Lived) -> dict[str, tuple[SignaturePoint, ...]]:
    """Realised volatility of the span, by coin and sampling step."""
    found = {}
    for name, tracks in day.tracks.items():
        times, prices = tracks.price.times, tracks.price.values
        inside = times >= day.span.first / SECOND
        found[name] = signature(times[inside], prices[inside], STEPS)
    return found


def _terms(end: Frame | None, seen: Mapping[str, tuple[SignaturePoint, ...]]) -> Table:
    return Table(
        name="term_structure",
        title="Volatility at the money",
        columns=(
            Column("coin", "Coin"),
            Column("expiry", "Expiry"),
            Column("forward", "Forward", "USD", Form.MONEY),
            Column("vol", "Volatility", "", Form.PERCENT),
            Column("forward_vol", "From the expiry before", "", Form.PERCENT),
            Column("realised", "Realised in the span", "", Form.PERCENT),
            Column("less", "Realised less implied", "", Form.PERCENT),
            Column("strikes", "Strikes quoted", "", Form.COUNT),
        ),
        rows=tuple(
            (
                view.underlying,
                day_text(each.expiry),
                each.forward,
                each.vol,
                each.forward_vol,
                _usual(seen, view.underlying),
                _less(_usual(seen, view.underlying), each.vol),
                each.strikes,
            )
            for view in (end.vols.values() if end else ())
            for each in view.expiries
        ),
        note="Realised by returns of five minutes; below implied, what is long of gamma loses.",
        empty="No option is quoted.",
    )


def realised_of(day: Lived) -> dict[str, float | None]:
    """Realised volatility of the span by coin, as it is held against others; annual fraction."""
    seen = _seen(day)
    return {name: _usual(seen, name) for name in seen}


def _usual(seen: Mapping[str, tuple[SignaturePoint, ...]], name: str) -> float | None:
    """Realised volatility of the span that is held against others."""
    return next((each.vol for each in seen.get(name, ()) if each.step == USUAL), None)


def _less(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one - other


def _signature(seen: Mapping[str, tuple[SignaturePoint, ...]]) -> Table:
    return Table(
        name="signature",
        title="Realised volatility of the span by sampling step",
        columns=(
            Column("coin", "Coin"),
            Column("step", "Step", "s", Form.COUNT),
            Column("vol", "Volatility", "", Form.PERCENT),
            Column("error", "Its error", "", Form.PERCENT),
            Column("returns", "Returns", "", Form.COUNT),
            Column("why", "Remark"),
        ),
        rows=tuple(
            (name, each.step // SECOND, each.vol, each.error, each.returns, each.reason)
            for name, points in seen.items()
            for each in points
        ),
        note="It falls with the step where prices bounce, and rises where they trend.",
        empty="No price has been seen.",
    )


def _realised(end: Frame | None) -> Table:
    return Table(
        name="realised_volatility",
        title="Realised volatility",
        columns=(
            Column("coin", "Coin"),
            Column("window", "Window"),
            Column("vol", "Volatility", "", Form.PERCENT),
            Column("why", "Remark"),
        ),
        rows=tuple(
            (view.underlying, _window(each.window), each.vol, each.reason)
            for view in (end.vols.values() if end else ())
            for each in view.realised
        ),
        empty="No price has been seen.",
    )


def _window(span: int) -> str:
    return f"{span // DAY} d" if span >= DAY else f"{span / HOUR:g} h"


def _edge(end: Frame | None) -> Table:
    """Realised against implied as the gamma meter judges it."""
    rows: list[tuple[Cell, ...]] = []
    for name, view in end.gammas.items() if end else ():
        if view.edge is not None:
            edge = view.edge
            rows.append((name, edge.implied, edge.forecast, edge.error, edge.cost, edge.says))
    return Table(
        name="edge",
        title="Forecast against implied volatility",
        columns=(
            Column("coin", "Coin"),
            Column("implied", "Implied", "", Form.PERCENT),
            Column("forecast", "Forecast", "", Form.PERCENT),
            Column("error", "Its error", "", Form.PERCENT),
            Column("cost", "Hedging costs", "", Form.PERCENT),
            Column("says", "Verdict"),
        ),
        rows=tuple(rows),
        empty="No option is held or quoted.",
    )


def _costs(end: Frame | None) -> Table:
    return Table(
        name="cost_beliefs",
        title="One-way cost that the bands take",
        columns=(
            Column("coin", "Coin"),
            Column("instrument", "Instrument"),
            Column("quoted", "Quoted", "", Form.PERCENT),
            Column("factor", "Paid over quoted", "", Form.AMOUNT),
            Column("hedges", "Hedges learned from", "", Form.COUNT),
            Column("used", "Used", "", Form.PERCENT),
        ),
        rows=tuple(
            (each.underlying, each.key, each.quoted, each.factor, each.hedges, each.used)
            for each in (end.tca.beliefs if end else ())
        ),
        empty="No instrument to hedge with is quoted.",
    )


def _charts(end: Frame | None) -> tuple[Chart, ...]:
    """At-the-money volatility by days to expiry, a line a coin."""
    if end is None or not end.vols:
        return ()
    curves = tuple(
        Curve(
            view.underlying,
            tuple(
                ((each.expiry - end.now) / DAY, None if each.vol is None else 100.0 * each.vol)
                for each in view.expiries
            ),
        )
        for view in end.vols.values()
    )
    return (
        Chart(
            name="term_structure",
            title="Volatility at the money",
            unit="% a year",
            curves=curves,
            x_unit="days to expiry",
        ),
    )
