"""Heston, Merton and Bates fitted to a chain of quotes."""

from __future__ import annotations

import math
from typing import Final, Protocol

import msgspec
import numpy as np

from terminal.pricing.fourier.chain import Chain, Target, target
from terminal.pricing.fourier.cosine import put_gradients
from terminal.pricing.fourier.least_squares import Evaluate, Fit, FitStatus, Limits, minimise
from terminal.pricing.fourier.models import (
    Bates,
    Coefficients,
    Heston,
    Merton,
    Model,
    coefficients,
    feller_holds,
    in_own_parameters,
)
from terminal.pricing.fourier.slices import Slices, in_groups
from terminal.pricing.rows import FloatArray

# Where a fit may go: what markets have shown, with room. Fits to the ends of `RANGES` would only
# trade one meaningless parameter against another.
BOUNDS: Final[dict[str, tuple[float, float]]] = {
    "v0": (1e-4, 25.0),
    "kappa": (0.05, 50.0),
    "theta": (1e-4, 25.0),
    "xi": (0.01, 20.0),
    "rho": (-0.99, 0.99),
    "vol": (0.01, 5.0),
    "jump_rate": (0.01, 200.0),
    "jump_mean": (-1.0, 1.0),
    "jump_std": (0.005, 1.0),
}
# Parameters with a sign; the others are positive and fitted as logarithms.
SIGNED: Final = frozenset({"rho", "jump_mean"})
# Prices of a fit need no more than this, as a share of the forward.
TOLERANCE: Final = 1e-10
# Half the sum of squares per quote at which the fit is perfect: a millionth of a volatility point.
PERFECT: Final = 0.5e-16


class GradientKernel(Protocol):
    """Anything that prices puts with derivatives as `put_gradients` does."""

    def __call__(
        self, c: Coefficients, slices: Slices, tolerance: float, *, jumps: bool
    ) -> FloatArray:
        """Puts and partial derivatives (9, n) or (6, n), as a share of the forward."""


class Calibration(msgspec.Struct, frozen=True, tag="calibration"):
    """A model fitted to quotes.

    Attributes
    ----------
    model : Heston, Merton or Bates
        Parameters inside `BOUNDS`.
    rmse_points : float
        Root of the weighted mean squared error, in points of volatility (0.01), to first order:
        price error over Black vega.
    worst_points : float
        Largest error of one quote, unweighted, in points.
    used, dropped : int
        Quotes fitted, and quotes that were broken or had no vega.
    evaluations : int
        How often the surface was priced.
    status : FitStatus
        Why the fit ended.
    feller : bool or None
        Whether the variance stays positive (2 kappa theta >= xi^2); None for Merton.
    at_bounds : tuple of str
        Parameters that ended at a bound: the quotes ask for more than the model has.
    """

    model: Model
    rmse_points: float
    worst_points: float
    used: int
    dropped: int
    evaluations: int
    status: FitStatus
    feller: bool | None
    at_bounds: tuple[str, ...]


class CalibrationRefused(msgspec.Struct, frozen=True, tag="calibration_refused"):
    """Quotes that cannot be fitted.

    Attributes
    ----------
    reason : str
        What is missing, for the trader.
    used, dropped : int
        Usable and unusable quotes.
    """

    reason: str
    used: int
    dropped: int


def calibrate(
    chain: Chain,
    kind: type[Model],
    *,
    start: Model | None = None,
    kernel: GradientKernel = put_gradients,
    limits: Limits | None = None,
) -> Calibration | CalibrationRefused:
    """Fit a model to a chain.

    Parameters
    ----------
    chain : Chain
        Quotes from `chain_of_vols` or `chain_of_prices`; broken ones are dropped and counted.
    kind : type
        `Heston`, `Merton` or `Bates`.
    start : Heston, Merton or Bates, optional
        First parameters, of that kind; by default read off the at-the-money quotes.
    kernel : GradientKernel, optional
        What prices the surface; the compiled twin, if wanted.
    limits : Limits, optional
        When to stop.

    Returns
    -------
    Calibration or CalibrationRefused
        A refusal when fewer usable quotes than parameters are left, or the start has no price.

    Raises
    ------
    TypeError
        `start` is not of the kind asked for.

    Notes
    -----
    Residuals are price errors over Black vega, in effect errors in volatility, with the analytic
    gradient of `log_gradient`. A fit to the skew of a venue says nothing reliable about how spot
    and volatility move together: use it for wings and scenarios before using it for hedges.
    """
    if start is not None and not isinstance(start, kind):
        raise TypeError(f"start is a {type(start).__name__}, but a {kind.__name__} is to be fitted")
    aim = target(chain)
    used = aim.put.size
    dropped = chain.vol.size - used
    names = kind.__struct_fields__
    if used < len(names):
        reason = (
            f"{kind.__name__} has {len(names)} parameters and the chain {used} usable quotes "
            f"({dropped} broken); add strikes or expiries"
        )
        return CalibrationRefused(reason, used, dropped)
    lower, upper = (np.array([_coded(name, BOUNDS[name][end]) for name in names]) for end in (0, 1))
    first = start or first_guess(kind, aim)
    values = [_coded(name, max(getattr(first, name), BOUNDS[name][0])) for name in names]
    rules = limits or Limits(cost=PERFECT * used)
    with np.errstate(all="ignore"):
        fit = minimise(_residuals(kind, aim, kernel), np.array(values), lower, upper, rules)
    if not np.isfinite(fit.residuals).all():
        return CalibrationRefused("the start has no finite prices; choose another", used, dropped)
    bounded = (fit.point <= lower) | (fit.point >= upper)
    at_bounds = tuple(name for name, out in zip(names, bounded, strict=True) if out)
    return _summary(_model(kind, fit.point), fit, aim, (dropped, at_bounds))


def _summary(model: Model, fit: Fit, aim: Target, rest: tuple[int, tuple[str, ...]]) -> Calibration:
    errors = fit.residuals / np.sqrt(aim.weight)
    dropped, at_bounds = rest
    return Calibration(
        model=model,
        rmse_points=100.0 * math.sqrt(float(fit.residuals @ fit.residuals) / errors.size),
        worst_points=100.0 * float(np.abs(errors).max()),
        used=errors.size,
        dropped=dropped,
        evaluations=fit.evaluations,
        status=fit.status,
        feller=None if isinstance(model, Merton) else feller_holds(model),
        at_bounds=at_bounds,
    )


def first_guess(kind: type[Model], aim: Target) -> Model:
    """Starting parameters read off the quotes nearest the forward.

    Parameters
    ----------
    kind : type
        `Heston`, `Merton` or `Bates`.
    aim : Target
        At least one quote.

    Returns
    -------
    Heston, Merton or Bates
        Variances of the first and the last expiry, unremarkable values for the rest.
    """
    nearest = np.abs(aim.slices.log_strike)
    pieces = list(zip(aim.slices.offsets[:-1], aim.slices.offsets[1:], strict=True))
    central = [float(aim.vol[low + nearest[low:high].argmin()]) for low, high in pieces]
    low, high = BOUNDS["v0"]
    near, far = (min(max(vol * vol, low), high) for vol in (central[0], central[-1]))
    if issubclass(kind, Merton):
        return Merton(min(max(math.sqrt(far), 0.01), 5.0), 5.0, -0.02, 0.08)
    diffusion = (near, 3.0, far, min(2.0 * math.sqrt(near), 2.0), -0.2)
    if issubclass(kind, Heston):
        return Heston(*diffusion)
    return Bates(*diffusion, 5.0, -0.02, 0.08)


def _residuals(kind: type[Model], aim: Target, kernel: GradientKernel) -> Evaluate:
    """Errors in volatility (n,), and their derivatives (n, p) by the fitted parameters."""
    scale = np.sqrt(aim.weight) / aim.vega
    jumps = not issubclass(kind, Heston)
    signed = np.array([name in SIGNED for name in kind.__struct_fields__])

    def evaluate(point: FloatArray) -> tuple[FloatArray, FloatArray]:
        model = _model(kind, point)
        c = coefficients(model)
        values = in_groups(lambda part: kernel(c, part, TOLERANCE, jumps=jumps), aim.slices)
        own = in_own_parameters(model, values[1:])
        chain_rule = np.where(signed, 1.0, msgspec.structs.astuple(model))
        return (values[0] - aim.put) * scale, (own * scale).T * chain_rule

    return evaluate


def _coded(name: str, value: float) -> float:
    return value if name in SIGNED else math.log(value)


def _model(kind: type[Model], point: FloatArray) -> Model:
    """Parameters from their fitted form, held to the bounds that rounding may cross."""
    values = []
    for name, code in zip(kind.__struct_fields__, point.tolist(), strict=True):
        low, high = BOUNDS[name]
        values.append(min(max(code if name in SIGNED else math.exp(code), low), high))
    return kind(*values)
