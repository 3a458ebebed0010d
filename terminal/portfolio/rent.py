"""The gamma-rent meter: what today costs to hold, what hedging has banked, what breaks even."""

import math

import numpy as np
from msgspec import Struct

from terminal.core.units import DAY
from terminal.model.gamma import RentView
from terminal.model.greeks import Sensitivity
from terminal.portfolio.revaluation import Holdings, revalue
from terminal.pricing.gamma_rent import (
    DAYS_PER_YEAR,
    band_share,
    break_even_move,
    break_even_vol,
    leland_number,
    vol_with_costs,
)

HEDGES_A_YEAR = 365.0 * 24.0
"""By the clock, once an hour: what the band is held against."""

REACH = 8.0
"""Break-even moves are searched this many times as far away as gamma alone puts them."""

POINTS = 65


class RentInputs(Struct, frozen=True, kw_only=True):
    """What the meter is made of; amounts in USD of the UTC day."""

    now: int
    spot: float
    total: Sensitivity
    funding_usd: float | None  # of the whole day at present rates, negative: paid
    fees_usd: float
    banked_usd: float
    open_usd: float | None
    implied: float | None  # annual, of the expiry that holds the gamma
    cost: float | None  # one way, fraction of notional
    half_width: float | None  # of the no-trade band, coin
    holdings: Holdings | None  # every position, None while one cannot be valued


def rent_of(given: RentInputs) -> RentView:
    """Read the meter.

    Notes
    -----
    The rent of the day is theta and funding at present rates and the fees paid so far. Scalps are
    taken before fees, so that no fee counts twice.
    """
    total = given.total
    theta = total.theta_usd_day
    rent = given.fees_usd - theta - (given.funding_usd or 0.0)
    sigma = given.spot * given.implied / math.sqrt(DAYS_PER_YEAR) if given.implied else None
    move = break_even_move(-theta, total.gamma)
    paid_by = break_even_vol(-theta, total.gamma_1pct_usd)
    up, down = exact_moves(given.holdings, move) if given.holdings and move else (None, None)
    band = clock = None
    if given.cost is not None and paid_by is not None:
        hourly = leland_number(given.cost, paid_by, HEDGES_A_YEAR)
        clock = vol_with_costs(paid_by, hourly, total.gamma)
        share = band_share(given.cost, given.spot, total.gamma, given.half_width or 0.0)
        band = None if share is None else vol_with_costs(paid_by, share, total.gamma)
    day = given.now - given.now % DAY
    return RentView(
        gamma=total.gamma,
        gamma_1pct_usd=total.gamma_1pct_usd,
        theta_usd=theta,
        funding_usd=given.funding_usd,
        fees_usd=given.fees_usd,
        rent_usd=rent,
        banked_usd=given.banked_usd,
        open_usd=given.open_usd,
        elapsed=(given.now - day) / DAY,
        left=day + DAY - given.now,
        day_move_usd=sigma,
        move_usd=move,
        move_sigmas=move / sigma if move and sigma else None,
        exact_up=up,
        exact_down=down,
        needed_usd=break_even_move(rent - given.banked_usd, total.gamma),
        vol_theta=paid_by,
        vol_rent=break_even_vol(rent, total.gamma_1pct_usd),
        vol_band=band,
        vol_clock=clock,
        says=words(total, rent, given.banked_usd),
    )


def exact_moves(holdings: Holdings, guess: float) -> tuple[float | None, float | None]:
    """Moves within a day after which the book, hedged now, is worth what it is worth now.

    Parameters
    ----------
    holdings : Holdings
    guess : float
        Break-even move by gamma alone, USD, > 0.

    Returns
    -------
    up, down : float or None
        USD, up positive and down negative, nearest to no move; None within eight guesses none.

    Notes
    -----
    Every position is valued anew one day later at unchanged volatility; its delta of now is taken
    out, as a hedge would. Three bracketings by 64 leave less than 1e-4 of the guess.
    """
    here = revalue(holdings, [holdings.spot])
    value, delta = float(here.usd[0]), float(here.delta[0])

    def crossing(near: float, far: float) -> tuple[float, float] | None:
        moves = np.linspace(near, far, POINTS)
        moves = moves[holdings.spot + moves > 0.0]
        if moves.size < 2:
            return None
        gain = revalue(holdings, holdings.spot + moves, 0.0, 1.0).usd - value - delta * moves
        signs = np.flatnonzero(np.sign(gain[1:]) != np.sign(gain[:-1]))
        if not signs.size:
            return None
        place = int(signs[0])
        return float(moves[place]), float(moves[place + 1])

    def nearest(side: float) -> float | None:
        found: tuple[float, float] | None = (0.0, side * REACH * guess)
        for _ in range(3):
            found = crossing(*found) if found else None
        return 0.5 * (found[0] + found[1]) if found else None

    return nearest(1.0), nearest(-1.0)


def words(total: Sensitivity, rent: float, banked: float) -> str:
    """Say who pays whom today."""
    if total.gamma > 0.0 and rent > 0.0:
        gap = banked - rent
        state = "ahead by" if gap >= 0.0 else "short of it by"
        return f"Long gamma owes {rent:,.0f} USD today; scalps are {state} {abs(gap):,.0f}."
    if total.gamma < 0.0 and rent < 0.0:
        lost = max(-banked, 0.0)
        return f"Short gamma is paid {-rent:,.0f} USD today; hedging has cost {lost:,.0f} of it."
    if total.gamma == 0.0:
        return f"No gamma: holding costs {rent:,.0f} USD today, scalps banked {banked:,.0f}."
    side = "Long" if total.gamma > 0.0 else "Short"
    verb = "is paid" if rent < 0.0 else "pays"
    return (
        f"{side} gamma {verb} {abs(rent):,.0f} USD today besides its moves; scalps banked "
        f"{banked:,.0f}."
    )
