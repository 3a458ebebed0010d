"""Rent, scalps, signature and edge of every underlying, for the screen."""

from collections.abc import Mapping

import numpy as np
from msgspec import Struct

from terminal.core.units import DAY, MINUTE, SECOND
from terminal.engine.context import hedge_contract
from terminal.engine.frames import funding_usd_8h
from terminal.engine.state import State
from terminal.market.edge import edge_of
from terminal.market.edge_forecast import forecast
from terminal.market.signature import signature
from terminal.market.state import Market
from terminal.model.frame import Track, Tracks, VolView
from terminal.model.gamma import EdgeView, GammaView, RentView, SignaturePoint
from terminal.model.greeks import PositionRisk
from terminal.portfolio.exposure import View
from terminal.portfolio.rent import RentInputs, rent_of
from terminal.portfolio.revaluation import Holdings
from terminal.pricing.rows import FloatArray
from terminal.runtime.scalp_rows import Kept, in_usd, kept_of, scalp_rows, strangers
from terminal.runtime.scenes import held_in
from terminal.runtime.straddles import straddle_cost
from terminal.runtime.synthetics import synthetic_view
from terminal.runtime.vols import quoted

EVERY = 2 * SECOND
"""Engine time between two readings of the meter of one underlying."""

LOOK_EVERY = MINUTE
"""Engine time between two signatures of one underlying."""

LOOKBACK_S = 30 * DAY // SECOND
"""Older prices say little about the volatility that is traded now."""

USUAL = 7 * DAY
"""Without gamma, implied volatility is that of the expiry nearest to this."""

NO_PRICE = Track(np.empty(0), np.empty(0))

NO_OPTIONS = (
    "No options in the book: perpetuals and futures have neither gamma nor theta, so no rent is "
    "due and no move breaks even. Scalps, signature and edge need no options."
)


class Seen(Struct, frozen=True):
    """What the frame has found out already, by underlying."""

    rows: Mapping[str, tuple[PositionRisk, ...]]
    tracks: Mapping[str, Tracks]
    vols: Mapping[str, VolView]


class Look(Struct, frozen=True):
    """The signature and the edge, and when they were found."""

    at: int
    points: tuple[SignaturePoint, ...]
    span: int
    edge: EdgeView


class Gammas:
    """Keeps the latest view of each underlying."""

    def __init__(self) -> None:
        self._views: Mapping[str, GammaView] = {}
        self._made_at: dict[str, int] = {}
        self._looks: dict[str, Look] = {}

    def of(self, state: State, seen: Seen) -> Mapping[str, GammaView]:
        """Views by underlying; the same mapping while none is due.

        One underlying at a time, the one that has waited longest: a frame must not take long.
        """
        name = min(state.desks, key=lambda each: self._made_at.get(each, 0), default="")
        if name and state.now - self._made_at.get(name, -EVERY) >= EVERY:
            self._made_at[name] = state.now
            self._views = {**self._views, name: self._view(state, name, seen)}
        return self._views

    def _view(self, state: State, name: str, seen: Seen) -> GammaView:
        rows, vols = seen.rows.get(name, ()), seen.vols.get(name)
        expiry = matching_expiry(rows, vols, state.now)
        kept = kept_of(state, name)
        rent = rent_view(state, name, rows, kept, implied_of(vols, expiry))
        look = self._looks.get(name)
        if look is None or state.now - look.at >= LOOK_EVERY or look.edge.expiry != expiry:
            look = self._looks[name] = _look(state, name, seen, expiry, _hedging(rent))
        return GammaView(
            underlying=name,
            rent=rent,
            scalps=scalp_rows(kept),
            signature=look.points,
            span=look.span,
            edge=look.edge,
            note=" ".join(filter(None, (_missing(state, name, rent), strangers(kept)))),
            synthetic=synthetic_view(state, name, rows),
        )


def matching_expiry(rows: tuple[PositionRisk, ...], vols: VolView | None, now: int) -> int:
    """Expiry whose volatility the book stands on: that of most of its gamma, 0 without any.

    Without options it is the quoted one nearest to a week away.
    """
    gamma: dict[int, float] = {}
    for row in rows:
        if row.expiry and row.risk.gamma:
            gamma[row.expiry] = gamma.get(row.expiry, 0.0) + abs(row.risk.gamma)
    if gamma:
        return max(gamma, key=lambda each: (gamma[each], -each))
    known = [each.expiry for each in vols.expiries if each.vol is not None] if vols else []
    return min(known, key=lambda each: abs(each - now - USUAL), default=0)


def implied_of(vols: VolView | None, expiry: int) -> float | None:
    """Volatility at the money of an expiry; None while it is not quoted."""
    found = [each.vol for each in vols.expiries if each.expiry == expiry] if vols else []
    return found[0] if found else None


def rent_view(
    state: State,
    name: str,
    rows: tuple[PositionRisk, ...],
    kept: tuple[Kept, ...],
    implied: float | None,
) -> RentView | None:
    """Meter of one underlying; None while its exposure is unknown."""
    exposure, view = state.exposures.get(name), (state.views or {}).get(name)
    if exposure is None or exposure.spot is None or view is None or not exposure.usable:
        return None
    desk = state.desks[name]
    chosen = hedge_contract(state, name, desk.hedge_key)
    target = desk.target
    eight_hours = funding_usd_8h(state.market, rows)
    return rent_of(
        RentInputs(
            now=state.now,
            spot=exposure.spot,
            total=exposure.total,
            funding_usd=None if eight_hours is None else 3.0 * eight_hours,
            fees_usd=_total([in_usd(each.day.paid, each.price) for each in kept]) or 0.0,
            banked_usd=_total([in_usd(each.day.gross, each.price) for each in kept]) or 0.0,
            open_usd=_total([each.open_usd for each in kept]),
            implied=implied,
            cost=chosen.cost if chosen else None,
            half_width=0.5 * (target.high - target.low) if target else None,
            holdings=_holdings(view),
        )
    )


def _holdings(view: View) -> Holdings | None:
    built = held_in(view)
    return None if built.missing else built.holdings


def _total(amounts: list[float | None]) -> float | None:
    """Sum of amounts; None when one is unknown."""
    known = [each for each in amounts if each is not None]
    return sum(known) if len(known) == len(amounts) else None


def _hedging(rent: RentView | None) -> float | None:
    """What hedging at the band adds to the break-even volatility; None without a band."""
    if rent is None or rent.vol_band is None or rent.vol_theta is None:
        return None
    return abs(rent.vol_band - rent.vol_theta)


def _look(state: State, name: str, seen: Seen, expiry: int, hedging: float | None) -> Look:
    tracks = seen.tracks.get(name)
    past = tracks.price if tracks else NO_PRICE
    times, prices = _recent(past)
    guess = forecast(past.times, past.values, expiry - state.now if expiry else USUAL)
    trading = _trading(state.market, name, expiry, state.now)
    cost = None if trading is None else trading + (hedging or 0.0)
    span = round(float(times[-1] - times[0]) * SECOND) if times.size else 0
    edge = edge_of(guess, implied_of(seen.vols.get(name), expiry), cost, expiry)
    return Look(state.now, signature(times, prices), span, edge)


def _trading(market: Market, name: str, expiry: int, now: int) -> float | None:
    chain = quoted(market, now).get(name, {}).get(expiry)
    return straddle_cost(chain, now) if chain else None


def _recent(price: Track) -> tuple[FloatArray, FloatArray]:
    if not len(price.times):
        return price.times, price.values
    since = np.searchsorted(price.times, price.times[-1] - LOOKBACK_S)
    return price.times[since:], price.values[since:]


def _missing(state: State, name: str, rent: RentView | None) -> str:
    """Say what the gamma tools cannot show, and why; empty when they show everything."""
    if rent is None:
        exposure = state.exposures.get(name)
        return f"No rent can be shown: {(exposure.flag if exposure else '') or 'no price yet'}."
    if rent.gamma == 0.0:
        return NO_OPTIONS
    if rent.exact_up is None and rent.move_usd is not None:
        return "Break-even moves are by gamma alone: a position cannot be valued anew."
    if rent.move_usd is None:
        return "Gamma and theta have one sign, so no move breaks even: look at each expiry."
    return ""
