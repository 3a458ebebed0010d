"""Fits to option chains and to the past, made when a policy needs them; they enter as records."""

from collections.abc import Mapping

import numpy as np
from msgspec import Struct

from terminal.core.units import MINUTE, SECOND, YEAR
from terminal.engine.state import State
from terminal.model.fits import FitEvent
from terminal.model.greeks import DeltaKind
from terminal.model.market import Smile, SmileSlice, StochasticVol
from terminal.model.risk import RiskProfile
from terminal.portfolio.smile_deltas import vol_slope
from terminal.pricing.fourier.calibration import Calibration, calibrate
from terminal.pricing.fourier.chain import chain_of_vols
from terminal.pricing.fourier.models import Heston
from terminal.pricing.rows import FloatArray
from terminal.pricing.surface.no_arbitrage import Neighbours
from terminal.pricing.surface.smile_delta import StickinessFit, shrunk
from terminal.pricing.surface.svi import RawSvi, total_variance
from terminal.pricing.surface.svi_fit import fit_slice
from terminal.runtime.outlooks import Outlooks
from terminal.runtime.vols import Quoted, quoted

SMILE_EVERY = MINUTE
MODEL_EVERY = 10 * MINUTE
"""Engine time between two fits of an underlying: a model means nothing by the second."""

RETRY = SECOND
"""Engine time until a chain that gave no fit is looked at again."""

FAR = 1 << 62


class Moved(Struct, frozen=True):
    """What is known of how a smile follows spot: sums of a regression through the origin."""

    forward: Mapping[int, float]  # USD, of the last fit, by expiry
    level: Mapping[int, float]  # annual volatility at the money, of the last fit
    slope: Mapping[int, float]  # of it by log-moneyness
    product: float = 0.0  # sum of expected times seen moves of volatility
    square: float = 0.0  # sum of squared expected moves
    count: int = 0  # moves seen


class Fits:
    """Knows which fits the profile in use needs, and when they are due."""

    def __init__(self) -> None:
        self.next_at = 0
        self.profile: RiskProfile | None = None  # in use when the fits were last looked at
        self.outlooks = Outlooks()
        self._due: dict[tuple[str, bool], int] = {}  # underlying, whether a model
        self._moved: dict[str, Moved] = {}

    def due(self, state: State) -> tuple[FitEvent, ...]:
        """Make the fits that are due at the state's time."""
        foretold = self.outlooks.due(state)
        if state.profile is not self.profile:
            self.profile = state.profile
            self._due = dict.fromkeys(needed(state.profile), state.now)
        wanted = [name for name, when in self._due.items() if when <= state.now]
        chains = quoted(state.market, state.now) if wanted else {}
        made: list[FitEvent] = [*foretold]
        for underlying, is_model in wanted:
            chain = chains.get(underlying, {})
            fit: FitEvent | None
            if is_model:
                fit, every = model_of(underlying, chain, state.now), MODEL_EVERY
            else:
                fit, every = self._smile(underlying, chain, state.now), SMILE_EVERY
            self._due[underlying, is_model] = state.now + (every if fit else RETRY)
            made += [fit] if fit else []
        self.next_at = min(self._due.values(), default=FAR)
        self.next_at = min(self.next_at, self.outlooks.next_at)
        return tuple(made)

    def _smile(self, underlying: str, chain: Mapping[int, list[Quoted]], now: int) -> Smile | None:
        slices, forwards = slices_of(chain, now)
        if not slices:
            return None
        moved = followed(self._moved.get(underlying), slices, forwards, now)
        self._moved[underlying] = moved
        return Smile(underlying, slices, stickiness(moved))


def needed(profile: RiskProfile | None) -> list[tuple[str, bool]]:
    """Fits that the policies of a profile hedge on: underlying, and whether a model."""
    if profile is None:
        return []
    found = []
    for name, spec in profile.policies.items():
        if spec.delta is DeltaKind.STOCHASTIC_VOL:
            found.append((name, True))
        elif spec.delta in {DeltaKind.STICKY_DELTA, DeltaKind.MIN_VARIANCE}:
            found.append((name, False))
    return found


def slices_of(
    chain: Mapping[int, list[Quoted]], now: int
) -> tuple[tuple[SmileSlice, ...], dict[int, float]]:
    """Smiles of every expiry that has enough quotes, free of arbitrage, and their forwards."""
    found, forwards = [], {}
    later: RawSvi | None = None
    # From the last expiry to the first: unquoted wings of a near one would lift all that follow.
    for expiry in sorted(chain, reverse=True):
        strike, forward, vol = _columns(chain[expiry])
        years = (expiry - now) / YEAR
        fit = fit_slice(
            np.log(strike / forward), vol * vol * years, 1.0, years, Neighbours(None, later)
        )
        if fit.smile is None:
            continue
        later = fit.smile
        found.append(SmileSlice(expiry, later.a, later.b, later.rho, later.m, later.sigma))
        forwards[expiry] = float(np.median(forward))
    return tuple(reversed(found)), forwards


def model_of(underlying: str, chain: Mapping[int, list[Quoted]], now: int) -> StochasticVol | None:
    """Heston model of a chain; None where the quotes do not determine one."""
    columns = [
        (*_columns(options), np.full(len(options), (expiry - now) / YEAR))
        for expiry, options in sorted(chain.items())
    ]
    if not columns:
        return None
    strike, forward, vol, years = (np.concatenate(each) for each in zip(*columns, strict=True))
    found = calibrate(chain_of_vols(forward, strike, years, vol), Heston)
    if not isinstance(found, Calibration) or not isinstance(found.model, Heston):
        return None
    model = found.model
    return StochasticVol(underlying, model.v0, model.kappa, model.theta, model.xi, model.rho)


def followed(
    before: Moved | None,
    slices: tuple[SmileSlice, ...],
    forwards: Mapping[int, float],
    now: int,
) -> Moved:
    """Take one more fit into what is known of how the smile follows spot.

    Notes
    -----
    With stickiness R the at-the-money volatility moves by R sigma'(0) dln F, so R is the slope of
    a regression through the origin over fits and expiries.
    """
    level, slope = {}, {}
    for each in slices:
        level[each.expiry], slope[each.expiry] = _at_the_money(each, now)
    if before is None:
        return Moved(forwards, level, slope)
    product, square, count = before.product, before.square, before.count
    for expiry, now_level in level.items():
        if expiry in before.level:
            reach = before.slope[expiry] * float(np.log(forwards[expiry] / before.forward[expiry]))
            product += reach * (now_level - before.level[expiry])
            square += reach * reach
            count += 1
    return Moved(forwards, level, slope, product, square, count)


def stickiness(moved: Moved) -> float:
    """Measured stickiness R, drawn toward 1 (sticky strike) while there are few observations."""
    if moved.square <= 0.0:
        return 1.0
    measured = min(max(moved.product / moved.square, 0.0), 2.0)
    return shrunk(StickinessFit(measured, moved.count))


def _at_the_money(fit: SmileSlice, now: int) -> tuple[float, float]:
    """Volatility and its slope by log-moneyness at the forward."""
    years, here = (fit.expiry - now) / YEAR, np.zeros(1)
    smile = RawSvi(fit.a, fit.b, fit.rho, fit.m, fit.sigma)
    level = np.sqrt(total_variance(smile, here) / years)
    return float(level[0]), float(vol_slope(fit, here, years)[0])


def _columns(options: list[Quoted]) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Strike, forward and marked volatility of the options of one expiry."""
    rows = [
        (
            float(each.option.strike),
            each.forward,
            np.nan if each.quote.iv is None else each.quote.iv,
        )
        for each in options
    ]
    strike, forward, vol = np.array(rows, dtype=np.float64).T
    return strike, forward, vol
