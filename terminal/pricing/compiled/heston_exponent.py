"""Compiled twin of the characteristic exponent: many frequencies of one expiry at once.

The numpy twin, `terminal.pricing.fourier.characteristic`, explains the formulas. `model` is a tuple
of the `Coefficients` in their order, `here` the years, the first frequency and the distance of the
next. Rows of `work` hold the exponent and its eight derivatives, real and imaginary parts in turn.
"""

from __future__ import annotations

import math
from typing import Final

from terminal.pricing.compiled.angles import arc_tangent, sine_cosine
from terminal.pricing.compiled.elementary import (
    exponential,
    kernel,
    log_ratio,
    piece,
    use_widest_vectors,
)
from terminal.pricing.fourier.characteristic import SMALLEST_XI
from terminal.pricing.rows import FloatArray

# Frequencies worked off together.
BLOCK: Final = 16
WORK_ROWS: Final = 18

ModelTuple = tuple[float, float, float, float, float, float, float, float]
Place = tuple[float, float, float]
Solution = tuple[complex, complex, complex, complex, complex, complex, complex]


@piece
def inverse(z: complex) -> complex:
    """1 / z without the care for overflow that frequencies do not need."""
    size = 1.0 / (z.real * z.real + z.imag * z.imag)
    return complex(z.real * size, -z.imag * size)


@piece
def log_of_sum(z: complex) -> complex:
    """ln(1 + z), exact for small z."""
    excess = z.real * (2.0 + z.real) + z.imag * z.imag
    whole = 1.0 + excess
    real = log_ratio(whole, 1.0) + (excess - (whole - 1.0)) / whole
    return complex(0.5 * real, arc_tangent(z.imag, 1.0 + z.real))


@piece
def solve(model: ModelTuple, u: float, years: float) -> Solution:
    """Riccati solution at u: q, beta, d, decay, bottom, level, integral."""
    square = model[3] * model[3]
    q = complex(u * u, u)
    beta = complex(model[1], -model[4] * model[3] * u)
    inner = beta * beta + square * q
    # The real part is positive for |rho| < 1, so the root needs no care.
    size = math.sqrt(inner.real * inner.real + inner.imag * inner.imag)
    root = math.sqrt(0.5 * (size + inner.real))
    d = complex(root, 0.5 * inner.imag / root)
    sine, cosine = sine_cosine(d.imag * years)
    fade = exponential(-root * years)
    decay = complex(fade * cosine, -fade * sine)
    rest = 1.0 - decay
    ratio = q * inverse(beta + d)
    bottom = beta + d + square * ratio * decay
    level = -q * rest * inverse(bottom)
    plain = 0.5 * ratio * rest * inverse(d)
    is_moving = square > 0.0
    by_square = -1.0 / square if is_moving else 0.0
    bent = by_square * log_of_sum(-square * plain)
    weight = bent if is_moving else plain
    return q, beta, d, decay, bottom, level, 2.0 * weight - ratio * years


@piece
def slopes(model: ModelTuple, years: float, solution: Solution) -> tuple[complex, complex]:
    """Derivatives of the variance part by beta at constant xi, and by xi at constant beta."""
    q, beta, d, decay, bottom, level, integral = solution
    square, pull = model[3] * model[3], model[1] * model[2]
    by_xi = 1.0 / model[3] if square > 0.0 else 0.0
    rest, fading = 1.0 - decay, years * decay
    by_d, by_both, by_bottom = inverse(d), inverse(beta + d), inverse(bottom)
    gap, slope, curve = square * q * by_both, beta * by_d, q * by_d
    down = rest + (1.0 + decay) * slope - fading * slope * gap
    steep = -(q * fading * slope + level * down) * by_bottom
    inner = (rest * by_d - fading * beta * by_both) * by_bottom
    first = model[0] * steep + pull * curve * (years * by_both - 2.0 * inner)
    lift = model[3] * curve
    down = lift * (1.0 + decay - fading * gap)
    steep = -(q * fading * lift + level * down) * by_bottom
    inner = (fading * gap + slope * rest) * by_bottom
    bend = (curve * (2.0 * inner - years) - 2.0 * integral) * by_xi
    return first, model[0] * steep + pull * bend


MODEL: Final = "UniTuple(float64, 8)"
PLACE: Final = "UniTuple(float64, 3)"


@kernel(f"void({MODEL}, {PLACE}, float64[:, ::1])")
def exponents(model: ModelTuple, here: Place, work: FloatArray) -> None:
    """Write the exponent without jumps."""
    use_widest_vectors()
    years, start, step = here
    for index in range(BLOCK):
        solution = solve(model, start + index * step, years)
        exponent = model[0] * solution[5] + model[1] * model[2] * solution[6]
        work[0, index], work[1, index] = exponent.real, exponent.imag


@kernel(f"void({MODEL}, {PLACE}, float64[:, ::1])")
def exponents_and_slopes(model: ModelTuple, here: Place, work: FloatArray) -> None:
    """Write the exponent without jumps, and its derivatives by the first five parameters."""
    use_widest_vectors()
    years, start, step = here
    for index in range(BLOCK):
        u = start + index * step
        solution = solve(model, u, years)
        level, integral = solution[5], solution[6]
        by_beta, by_xi = slopes(model, years, solution)
        exponent = model[0] * level + model[1] * model[2] * integral
        turn = complex(0.0, u) * by_beta
        by_kappa, by_xi = model[2] * integral + by_beta, by_xi - model[4] * turn
        work[0, index], work[1, index] = exponent.real, exponent.imag
        work[2, index], work[3, index] = level.real, level.imag
        work[4, index], work[5, index] = by_kappa.real, by_kappa.imag
        work[6, index], work[7, index] = model[1] * integral.real, model[1] * integral.imag
        work[8, index], work[9, index] = by_xi.real, by_xi.imag
        work[10, index], work[11, index] = -model[3] * turn.real, -model[3] * turn.imag


@kernel(f"void({MODEL}, {PLACE}, float64[:, ::1])")
def add_jumps(model: ModelTuple, here: Place, work: FloatArray) -> None:
    """Add the jumps to the exponent, and write its derivatives by their three parameters."""
    use_widest_vectors()
    years, start, step = here
    rate, mean, spread = model[5], model[6], model[7]
    drift = math.expm1(mean + 0.5 * spread * spread)
    for index in range(BLOCK):
        u = start + index * step
        sine, cosine = sine_cosine(mean * u)
        size = exponential(-0.5 * (spread * u) * (spread * u))
        jump = complex(size * cosine, size * sine)
        turn = complex(0.0, u)
        rise = years * (jump - 1.0 - drift * turn)
        scale = rate * years * turn
        by_mean = scale * (jump - (1.0 + drift))
        by_spread = spread * scale * (turn * jump - (1.0 + drift))
        work[0, index] += rate * rise.real
        work[1, index] += rate * rise.imag
        work[12, index], work[13, index] = rise.real, rise.imag
        work[14, index], work[15, index] = by_mean.real, by_mean.imag
        work[16, index], work[17, index] = by_spread.real, by_spread.imag


@kernel(f"float64({MODEL}, float64, float64)")
def log_moment(model: ModelTuple, power: float, years: float) -> float:
    """Logarithm of E[(F_T / F)^power], infinite where it does not exist."""
    q = power * (1.0 - power)
    if model[3] < SMALLEST_XI:
        reverted = -math.expm1(-model[1] * years) / model[1]
        exponent = -0.5 * q * (model[2] * years + (model[0] - model[2]) * reverted)
    else:
        square = model[3] * model[3]
        beta = model[1] - model[4] * model[3] * power
        discriminant = beta * beta + square * q
        root = math.sqrt(abs(discriminant))
        if discriminant > 0.0:
            decay = math.exp(-root * years)
            sine, cosine, size, drift = 1.0 - decay, 1.0 + decay, 2.0 * root, beta - root
        else:
            angle = 0.5 * root * years
            if angle >= math.pi:
                return math.inf
            sine, cosine, size, drift = math.sin(angle), math.cos(angle), root, beta
        bottom = beta * sine + root * cosine
        if not bottom > 0.0:
            return math.inf
        integral = (drift * years - 2.0 * math.log(bottom / size)) / square
        exponent = -model[0] * q * sine / bottom + model[1] * model[2] * integral
    if model[5] > 0.0:
        jump = math.expm1(power * (model[6] + 0.5 * model[7] * model[7] * power))
        drift = math.expm1(model[6] + 0.5 * model[7] * model[7])
        exponent += model[5] * years * (jump - power * drift)
    return exponent if math.isfinite(exponent) else math.inf
