"""Smiles of the quoted expiries, for the screen: fitted beside the loop, one at a time."""

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait

import numpy as np
from msgspec.structs import replace

from terminal.core.units import SECOND, YEAR
from terminal.engine.state import State
from terminal.model.instrument import Right, coin_settled
from terminal.model.smile import SmileAt, SmilePoint, SmileView
from terminal.pricing.implied import implied_vol
from terminal.pricing.rows import FloatArray
from terminal.pricing.surface.svi import total_variance
from terminal.pricing.surface.svi_fit import FEWEST_STRIKES, FitStatus, SliceFit, fit_slice
from terminal.runtime.collector import collector_off
from terminal.runtime.vols import Quoted, quoted

WATCHED_EVERY = 2 * SECOND
"""Engine time between two looks at the expiry that somebody looks at."""

EVERY = 15 * SECOND
"""Engine time between two looks at any other."""

CURVE_POINTS = 61

NOBODY = SmileAt("", 0)


class Smiles:
    """Keeps the latest smile of every expiry; a fit takes tens of milliseconds: a thread does it.

    A state is never changed, so what was read of it can be used there while the engine goes on.
    """

    def __init__(self) -> None:
        self._views: Mapping[str, Mapping[int, SmileView]] = {}
        self._made_at: dict[tuple[str, int], int] = {}
        self.watched = NOBODY
        self._work: Future[SmileView] | None = None

    def ask(self, wish: SmileAt) -> None:
        """Look at one expiry more often than at the others."""
        self.watched = wish

    def of(self, state: State) -> Mapping[str, Mapping[int, SmileView]]:
        """Smiles by underlying and expiry as far as they are made; starts the next that is due.

        One expiry at a time: the one watched, if it is due, else the one that has waited longest.
        """
        chains = quoted(state.market, state.now)
        if self._work is not None and self._work.done():
            fresh, self._work = self._work.result(), None
            ours = {**self._views.get(fresh.underlying, {}), fresh.expiry: fresh}
            self._views = {**self._views, fresh.underlying: ours}
        kept = {
            name: {expiry: view for expiry, view in views.items() if expiry in chains.get(name, ())}
            for name, views in self._views.items()
        }
        if kept != self._views:
            self._views = kept  # what expired, or lost its quotes, is not shown any more
        found = self._due(chains, state.now) if self._work is None else None
        if found is not None:
            name, expiry = found
            self._made_at[found] = state.now
            worker = ThreadPoolExecutor(1, "smile")
            self._work = worker.submit(_quietly, name, expiry, chains[name][expiry], state.now)
            worker.shutdown(wait=False)  # its thread ends with this one fit
        return self._views

    def close(self) -> None:
        """Wait for the fit under way."""
        if self._work is not None:
            wait((self._work,))

    def _due(
        self, chains: Mapping[str, Mapping[int, list[Quoted]]], now: int
    ) -> tuple[str, int] | None:
        waiting = [(name, expiry) for name, chain in chains.items() for expiry in chain]
        watched = (self.watched.underlying, self.watched.expiry)
        if watched in waiting and now - self._made_at.get(watched, 0) >= WATCHED_EVERY:
            return watched
        oldest = min(waiting, key=lambda each: self._made_at.get(each, 0), default=None)
        if oldest is None or now - self._made_at.get(oldest, 0) < EVERY:
            return None
        return oldest


def _quietly(underlying: str, expiry: int, options: list[Quoted], now: int) -> SmileView:
    """The smile; a fault of the program is said, for a screen must not halt the desk."""
    with collector_off():
        try:
            return smile_view(underlying, expiry, options, now)
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:
            note = f"no smile: {type(error).__name__}: {error}"
            forward = options[0].forward
            return SmileView(
                underlying=underlying,
                expiry=expiry,
                at=now,
                forward=forward,
                points=(),
                model_note=note,
            )


def smile_view(underlying: str, expiry: int, options: list[Quoted], now: int) -> SmileView:
    """Smile of one expiry: volatilities out of the money, and a curve through them.

    Notes
    -----
    At each strike the option out of the money speaks, for its premium is the smaller and all of it
    is time value; the other one only where it is quoted alone. The curve is raw SVI without
    butterfly arbitrage, all points weighted alike: through the venue's marks, or through the middle
    of bid and ask where it sends none.
    """
    forward = float(np.median([each.forward for each in options]))
    years = (expiry - now) / YEAR
    strike, bid, ask, mark = _out_of_the_money(options, forward, years)
    points = tuple(
        [
            SmilePoint(float(row[0]), *(_known(each) for each in row[1:]))
            for row in zip(strike, bid, ask, mark, strict=True)
        ]
    )
    through = np.where(np.isfinite(mark), mark, 0.5 * (bid + ask))
    known = np.isfinite(through)
    blank = SmileView(underlying=underlying, expiry=expiry, at=now, forward=forward, points=points)
    if np.count_nonzero(known) < FEWEST_STRIKES:
        few = f"no curve: fewer than {FEWEST_STRIKES} strikes have a volatility"
        return replace(blank, model_note=few)
    log_strike = np.log(strike[known] / forward)
    fit = fit_slice(log_strike, through[known] ** 2 * years, 1.0, years)
    if fit.smile is None:
        return replace(blank, model_note="no curve without arbitrage goes through these quotes")
    grid = np.linspace(float(log_strike.min()), float(log_strike.max()), CURVE_POINTS)
    vols = np.sqrt(np.maximum(total_variance(fit.smile, grid), 0.0) / years)
    strikes = forward * np.exp(grid)
    return replace(
        blank,
        model=tuple(zip(strikes.tolist(), vols.tolist(), strict=True)),
        model_error=fit.vol_error,
        model_note=_fitted_to(fit, marked=bool(np.isfinite(mark[known]).all())),
    )


def _fitted_to(fit: SliceFit, *, marked: bool) -> str:
    through = "marks" if marked else "marks and mids"
    bent = ", bent to hold no arbitrage" if fit.status is FitStatus.CONSTRAINED else ""
    return f"SVI through {through}{bent}"


def _out_of_the_money(
    options: list[Quoted], forward: float, years: float
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Strikes rising, with bid, ask and mark volatilities; NaN where unknown."""
    chosen: dict[float, Quoted] = {}
    for each in options:
        strike, is_call = float(each.option.strike), each.option.right is Right.CALL
        if is_call == (strike >= forward) or strike not in chosen:
            chosen[strike] = each
    rows = [
        (
            strike,
            each.forward,
            1.0 if each.option.right is Right.CALL else -1.0,
            _premium(each.quote.bid, each),
            _premium(each.quote.ask, each),
            np.nan if each.quote.iv is None else each.quote.iv,
        )
        for strike, each in sorted(chosen.items())
    ]
    strikes, forwards, sign, bid, ask, mark = np.array(rows, dtype=np.float64).T
    vols, _ = implied_vol(np.array((bid, ask)), forwards, strikes, years, sign)
    return strikes, vols[0], vols[1], mark


def _premium(quoted_at: float | None, each: Quoted) -> float:
    """USD of a premium; a coin premium is worth the forward, as venues quote it."""
    if quoted_at is None:
        return np.nan
    return quoted_at * (each.forward if coin_settled(each.option.contract) else 1.0)


def _known(vol: float) -> float | None:
    return float(vol) if np.isfinite(vol) else None
