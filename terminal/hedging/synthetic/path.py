"""The target delta of a perps-only mode: a function of price, held back by limit and trend."""

import math

from msgspec import Struct
from msgspec.structs import replace

from terminal.core.units import DAY, HOUR, MINUTE, YEAR
from terminal.model.synthetic import Synthetic, SyntheticKind

STEP = MINUTE
"""The trend is measured on returns of a minute or longer."""

LEAST_LEFT = HOUR / YEAR
"""A straddle is replicated as if an hour were left at least: its gamma has no limit at expiry."""


class Progress(Struct, frozen=True, gc=False):
    """Where a mode stands; ``terms`` are those it began with."""

    terms: Synthetic
    centre: float  # USD, price without inventory
    coins: float  # kappa (coin per USD) of a grid, straddles of a replication
    began: int  # UtcNs; of the present straddle
    since: int  # UtcNs, when the trend filter began to watch
    target: float = 0.0  # coin
    slope: float = 0.0  # of the target, coin per USD; 0 where it is held back
    blocked: str = ""  # why inventory is not added now
    price: float = 0.0  # last sample of the trend filter
    sampled: int = 0
    drift: float = 0.0  # weighted sum of log returns
    squares: float = 0.0  # of the same weights squared


def begun(terms: Synthetic, price: float, now: int) -> Progress:
    """Progress of a mode that begins now, without inventory and with an empty trend filter."""
    centre = terms.centre or price
    kappa = terms.gamma_1pct_usd / (0.01 * price * price)
    coins = kappa
    if terms.kind is SyntheticKind.STRADDLE:
        coins = kappa / straddle_gamma(price, price, terms.days * DAY / YEAR, terms.vol)
        centre = price
    return Progress(terms, centre, coins, now, now, price=price, sampled=now)


def advanced(before: Progress | None, terms: Synthetic, price: float, now: int) -> Progress:
    """Progress at a price.

    Parameters
    ----------
    before : Progress or None
        The last one; a mode begins anew when its terms have changed.
    terms : Synthetic
        With every limit set: ``arming.unsound`` finds nothing.
    price : float
        Index, USD, > 0.
    now : int
        UtcNs.

    Returns
    -------
    Progress
        Its target is within the maximum inventory. While the trend filter objects it only comes
        nearer to nothing.
    """
    if before is None or before.terms != terms:
        before = begun(terms, price, now)
    state = _observed(before, price, now)
    if terms.kind is SyntheticKind.STRADDLE and now - state.began >= terms.days * DAY:
        fresh = begun(terms, price, now)
        state = replace(state, centre=price, coins=fresh.coins, began=now)
    wanted, slope = aim(state, price, now)
    blocked = objection(state, now) if abs(wanted) > abs(state.target) else ""
    if blocked:
        inside = min(max(wanted, min(state.target, 0.0)), max(state.target, 0.0))
        return replace(state, target=inside, slope=0.0, blocked=blocked)
    return replace(state, target=wanted, slope=slope, blocked="")


def aim(state: Progress, price: float, now: int) -> tuple[float, float]:
    """Target (coin) and its slope (coin per USD) at a price, inventory limit included.

    Notes
    -----
    Fade grid: -kappa (S - C), the mirror image of long gamma. Straddle: n (2 N(d1) - 1), the
    delta of n straddles struck at C. Past the maximum inventory the slope is 0.
    """
    terms = state.terms
    match terms.kind:
        case SyntheticKind.FADE_GRID:
            wanted, slope = -state.coins * (price - state.centre), -state.coins
        case SyntheticKind.STRADDLE:
            left = max(terms.days * DAY / YEAR - (now - state.began) / YEAR, LEAST_LEFT)
            wanted = state.coins * straddle_delta(price, state.centre, left, terms.vol)
            slope = state.coins * straddle_gamma(price, state.centre, left, terms.vol)
        case _:
            return 0.0, 0.0
    limit = terms.max_inventory
    return (wanted, slope) if abs(wanted) <= limit else (math.copysign(limit, wanted), 0.0)


def foreseen(state: Progress, price: float, now: int) -> tuple[float, float]:
    """Target (coin) and its slope (coin per USD) if the price went straight to another one now.

    The trend filter stays as it is: while it objects, inventory only comes nearer to nothing.
    """
    wanted, slope = aim(state, price, now)
    if not objection(state, now):
        return wanted, slope
    inside = min(max(wanted, min(state.target, 0.0)), max(state.target, 0.0))
    return inside, slope if inside == wanted else 0.0


def trend(state: Progress, now: int) -> float | None:
    """Drift in standard deviations of itself; None until a half-life has been watched.

    Notes
    -----
    Sum of w r over root of sum of w^2 r^2 with w halving every half-life: about standard normal
    for returns without a trend, whatever their volatility.
    """
    if now - state.since < state.terms.trend_hours * HOUR or state.squares <= 0.0:
        return None
    return state.drift / math.sqrt(state.squares)


def objection(state: Progress, now: int) -> str:
    """Why the trend filter lets no inventory be added; empty when it does.

    A grid may not grow in a trend, which it would fight; a replication may not grow without one,
    which would only pay for turning back and forth.
    """
    found, limit = trend(state, now), state.terms.trend_limit
    if found is None:
        return f"the trend filter warms up for {state.terms.trend_hours:g} h"
    strong = abs(found) >= limit
    if state.terms.kind is SyntheticKind.FADE_GRID and strong:
        return f"trend of {found:+.1f} sigmas, limit {limit:g}: inventory may only shrink"
    if state.terms.kind is SyntheticKind.STRADDLE and not strong:
        return f"no trend, {found:+.1f} sigmas of {limit:g}: inventory may only shrink"
    return ""


def straddle_delta(price: float, strike: float, years: float, vol: float) -> float:
    """Delta of one straddle, coin, rates 0: 2 N(d1) - 1."""
    return math.erf(_d1(price, strike, years, vol) / math.sqrt(2.0))


def straddle_gamma(price: float, strike: float, years: float, vol: float) -> float:
    """Gamma of one straddle, coin per USD, rates 0: 2 n(d1) / (S vol sqrt(T))."""
    density = math.exp(-0.5 * _d1(price, strike, years, vol) ** 2) / math.sqrt(2.0 * math.pi)
    return 2.0 * density / (price * vol * math.sqrt(years))


def _d1(price: float, strike: float, years: float, vol: float) -> float:
    spread = vol * math.sqrt(years)
    return math.log(price / strike) / spread + 0.5 * spread


def _observed(state: Progress, price: float, now: int) -> Progress:
    """Take a price into the trend filter when a step has passed since the last sample."""
    elapsed = now - state.sampled
    if elapsed < STEP:
        return state
    keep = 0.5 ** (elapsed / (state.terms.trend_hours * HOUR))
    move = math.log(price / state.price)
    return replace(
        state,
        price=price,
        sampled=now,
        drift=keep * state.drift + move,
        squares=keep * keep * state.squares + move * move,
    )
