"""Margin of the accounts that hedge: how much is used, and how far off liquidation is."""

from terminal.engine.alert_margins import margins
from terminal.engine.state import State
from terminal.market.state import spot
from terminal.model.frame import Desk
from terminal.model.report import Cell, Column, Form, Table
from terminal.portfolio.headroom import nearest_liquidation
from terminal.portfolio.liquidation import Distance, Liquidation
from terminal.portfolio.option_inputs import Scene
from terminal.pricing.engines import load
from terminal.runtime.reporting.lived import Lived

NONE = "none"
"""Said where no price liquidates; unknown is another word."""


def margin_table(day: Lived, desks: tuple[Desk, ...]) -> Table:
    """Margin used and the nearest liquidation on both sides, a row a coin."""
    profile = day.state.profile
    distance = profile.liquidation_pct if profile else 0.0
    found = margins(day.state, distance) if profile else {}
    rows: list[tuple[Cell, ...]] = []
    for desk in desks:
        used, missing = found.get(desk.underlying, (None, None))
        rows.append((desk.underlying, used, missing, *cells(nearest(day.state, desk))))
    return Table(
        name="margin",
        title="Margin of the accounts that hedge",
        columns=(
            Column("coin", "Coin"),
            Column("used", "Initial margin used", "", Form.PERCENT),
            Column("missing", f"To add against a move of {distance:g} %", "USD", Form.MONEY),
            *(
                column
                for name in ("below", "above")
                for column in (
                    Column(f"price_{name}", f"Liquidation {name}", "USD", Form.AMOUNT),
                    Column(f"move_{name}", "Away", "", Form.PERCENT),
                    Column(f"sigmas_{name}", "Away", "daily sigmas", Form.AMOUNT),
                )
            ),
            Column("remark", "Remark"),
        ),
        rows=tuple(rows),
        note=(
            "Unknown where the venue's margin rules or a price are not known here. Liquidation is"
            " of the bucket of the instrument that hedges, if the price moved at once and"
            " volatility rose with a fall."
        ),
        empty="Nothing is watched.",
    )


def nearest(state: State, desk: Desk) -> Liquidation | str:
    """Nearest liquidation of the bucket a coin is hedged in, or why it is unknown."""
    coin = desk.underlying
    held = state.market.instruments.get(state.desks[coin].hedge_key)
    price, vol = spot(state.market, coin), desk.implied_vol or desk.realised_vol
    if held is None:
        return "no instrument to hedge with yet"
    if price is None or state.books is None or not vol:
        return "price or volatility unknown"
    scene = Scene(state.market, state.books, coin, price, state.now, load(state.pricing))
    return nearest_liquidation(scene, state.ledger, held.contract, vol)


def cells(found: Liquidation | str) -> tuple[Cell, ...]:
    """Price and distances below and above, and the reason where they are unknown."""
    if isinstance(found, str):
        return (*(None,) * 6, found)
    begun = "liquidation has begun" if found.cushion_usd < 0.0 else ""
    return (*_side(found.below), *_side(found.above), begun)


def _side(found: Distance | None) -> tuple[Cell, ...]:
    return (NONE, "", "") if found is None else (found.price, found.move, found.sigmas)
