"""The perps-only mode of an underlying as a screen shows it, with an honest label."""

from collections.abc import Iterable

from terminal.engine.frames import funding_usd_8h
from terminal.engine.state import State
from terminal.engine.synthetics import mode_fault, mode_of
from terminal.hedging.synthetic.curves import MOVES, premium, trend_pnl, variance_pnl
from terminal.hedging.synthetic.path import Progress, begun, trend
from terminal.market.state import spot
from terminal.market.volatility import annual_vol
from terminal.model.greeks import PositionRisk
from terminal.model.synthetic import Synthetic, SyntheticKind, SyntheticView

LABELS = {
    SyntheticKind.FADE_GRID: "Synthetic short gamma: sells rallies, buys dips, loses in trends.",
    SyntheticKind.STRADDLE: (
        "Synthetic long gamma: buys rallies, sells dips, pays realised variance."
    ),
    SyntheticKind.CARRY: "Funding carry, no gamma: equal long and short across venues.",
}
SIGNS = {SyntheticKind.FADE_GRID: -1, SyntheticKind.STRADDLE: 1, SyntheticKind.CARRY: 0}
"""Of the convexity."""

TREND = 0.1
"""Move that a sentence names."""


def synthetic_view(
    state: State, underlying: str, rows: tuple[PositionRisk, ...]
) -> SyntheticView | None:
    """View of the mode of an underlying; None while there is none."""
    terms, price = mode_of(state, underlying), spot(state.market, underlying)
    if terms is None:
        return None
    fault, running = mode_fault(state, underlying), state.synthetics.get(underlying)
    shown = running
    if running is None and price is not None and terms.gamma_1pct_usd > 0.0:
        shown = begun(terms, price, state.now)  # what it would be if it began now
    variance = state.market.variance.get(underlying)
    vol = annual_vol(variance) if variance else None
    trends = trend_pnl(shown, state.now) if shown else ()
    day = None
    if shown is not None and price is not None and vol is not None:
        day = variance_pnl(shown, shown.centre, vol, state.now)
    return SyntheticView(
        kind=terms.kind,
        label=LABELS[terms.kind],
        sign=SIGNS[terms.kind],
        gamma_1pct_usd=running.slope * price * price * 0.01 if running and price else 0.0,
        centre=shown.centre if shown else None,
        target=running.target if running else 0.0,
        max_inventory=terms.max_inventory,
        trend=trend(running, state.now) if running else None,
        trend_limit=terms.trend_limit,
        blocked=running.blocked if running else "",
        fault=fault,
        moves=MOVES if shown else (),
        trend_pnl_usd=trends,
        day_pnl_usd=() if day is None else tuple(each + day for each in trends),
        says=_carry(state, rows) if terms.kind is SyntheticKind.CARRY else _says(terms, shown, day),
    )


def _says(terms: Synthetic, shown: Progress | None, day: float | None) -> str:
    if shown is None:
        return "Its curve needs a price and a size."
    worst = min(trend_pnl(shown, shown.began, (-TREND, TREND)))
    size = f"{100.0 * TREND:g} %"
    fades = terms.kind is SyntheticKind.FADE_GRID
    to_and_fro = ""
    if day is not None:
        verb = "collects" if fades else "costs"
        to_and_fro = f"; a day's back and forth at the realised volatility {verb} {abs(day):,.0f}"
    if fades:
        return (
            f"A straight {size} move loses {-worst:,.0f} USD{to_and_fro}. How high volatility is "
            "does not matter, only whether prices come back. Costs come on top."
        )
    return (
        f"A straight {size} move earns {worst:,.0f} USD{to_and_fro}. Over its life it pays "
        f"realised variance in place of a premium of {premium(shown, shown.began):,.0f} USD. "
        "Costs come on top."
    )


def _carry(state: State, rows: Iterable[PositionRisk]) -> str:
    """Say what stands long and short, and what funding makes of it."""
    legs = [row for row in rows if row.kind == "perpetual" and row.qty]
    long = sum(row.risk.delta_usd for row in legs if row.risk.delta_usd > 0.0)
    short = -sum(row.risk.delta_usd for row in legs if row.risk.delta_usd < 0.0)
    venues = {row.key.partition("@")[2] for row in legs}
    funding = funding_usd_8h(state.market, legs)
    if not long or not short:
        return "Nothing is both long and short here: there is no carry until two legs stand."
    paid = "of an unknown rate" if funding is None else f"{funding:+,.0f} USD per 8 h"
    where = f"on {len(venues)} venues" if len(venues) > 1 else "on one venue"
    return (
        f"Long {long:,.0f} and short {short:,.0f} USD {where}; funding {paid} less two sets of "
        "fees. Each leg is margined and can be liquidated by itself."
    )
