"""What is worth an alert in the margin: how much of it is used, how near liquidation is."""

from collections.abc import Iterator

from terminal.core.words import amount
from terminal.engine.state import State
from terminal.market.state import spot
from terminal.model.risk import RiskProfile
from terminal.portfolio.headroom import margin_use
from terminal.portfolio.option_inputs import Scene
from terminal.pricing.engines import load
from terminal.risk.alert_machine import Condition

Margins = dict[str, tuple[float, float]]
"""By coin: initial margin over balance, and USD to add so that the move watched liquidates not."""


def margins(state: State, distance_pct: float) -> Margins:
    """Look at the bucket of every hedge instrument whose venue's margin rules are known here.

    Parameters
    ----------
    state : State
    distance_pct : float
        Move of the index that must not liquidate, percent, below 100.
    """
    found: Margins = {}
    for coin, desk in state.desks.items():
        instrument = state.market.instruments.get(desk.hedge_key)
        price = spot(state.market, coin)
        if instrument is None or price is None or state.books is None:
            continue
        scene = Scene(state.market, state.books, coin, price, state.now, load(state.pricing))
        use = margin_use(scene, state.ledger, instrument.contract, 0.01 * min(distance_pct, 99.0))
        if use.used is not None and use.missing_usd is not None:
            found[coin] = min(use.used, 1e9), use.missing_usd  # no balance at all is still a number
    return found


def margin_conditions(
    found: Margins, profile: RiskProfile, *, near: float, distance_pct: float
) -> Iterator[Condition]:
    """Conditions of what was last looked at.

    Parameters
    ----------
    found : Margins
    profile : RiskProfile
    near : float
        Part of the profile's margin limit from which on it is told.
    distance_pct : float
        As in ``margins``.
    """
    for coin, (used, missing) in found.items():
        limit = profile.margin_use_pct
        if 100.0 * used >= near * limit:
            part = min(100.0 * used, 999.0)
            text = f"{coin}: {part:.0f} % of the margin is used, limit {limit:g} %"
            yield Condition("margin_near", coin, text)
        if missing > 0.0:
            text = (
                f"{coin}: a move of {distance_pct:g} % would liquidate, add {amount(missing)} USD"
                " or reduce"
            )
            yield Condition("liquidation_near", coin, text)
