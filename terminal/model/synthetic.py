"""Perps-only modes, by the names they deserve: none of them holds an option."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from terminal.model.declared import form_of, ranged


class SyntheticKind(StrEnum):
    """What a target delta that follows the price stands for."""

    OFF = "off"
    FADE_GRID = "fade_grid"  # synthetic short gamma
    STRADDLE = "straddle"  # synthetic long gamma
    CARRY = "carry"  # equal long and short across venues: no gamma


class Synthetic(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Terms of a perps-only mode. A limit of 0 is not set, and without it nothing is armed."""

    kind: Annotated[
        SyntheticKind,
        Meta(extra=form_of("Mode", "", "Perps-only: the target delta follows the price.")),
    ] = SyntheticKind.OFF
    gamma_1pct_usd: Annotated[
        float,
        ranged(0.0, 1e9, "Size per 1 %", "USD", "Bought or sold per 1 % move at the start."),
    ] = 0.0
    max_inventory: Annotated[
        float,
        ranged(0.0, 1e6, "Max inventory", "coin", "Required: the target never goes beyond."),
    ] = 0.0
    trend_limit: Annotated[
        float,
        ranged(0.0, 6.0, "Trend filter", "sigmas", "Required: a larger drift is a trend."),
    ] = 0.0
    trend_hours: Annotated[
        float, ranged(0.1, 720.0, "Trend half-life", "h", "How fast the trend filter forgets.")
    ] = 6.0
    centre: Annotated[
        float,
        ranged(0.0, 1e8, "Centre", "USD", "Price without inventory; 0: where the mode begins."),
    ] = 0.0
    days: Annotated[
        float, ranged(0.1, 365.0, "Straddle life", "d", "Life of the straddle that is replicated.")
    ] = 14.0
    vol: Annotated[
        float, ranged(0.01, 5.0, "Straddle vol", "", "It is replicated at, 0.6 is 60 %.")
    ] = 0.6


class SyntheticView(Struct, frozen=True, kw_only=True):
    """What a perps-only mode is, does and risks, in the words and numbers a screen shows."""

    kind: SyntheticKind
    label: str  # what it is, honestly
    sign: int  # of its convexity: -1 short gamma, +1 long gamma, 0 none
    gamma_1pct_usd: float  # effective now, USD of delta per 1 % move, signed
    centre: float | None  # USD; None before it has begun
    target: float  # coin that the price adds to the policy's target
    max_inventory: float
    trend: float | None  # drift in sigmas; None while the filter warms up
    trend_limit: float
    blocked: str  # why inventory is not added now; empty while it may be
    fault: str  # why it cannot be armed; empty when it can
    moves: tuple[float, ...]  # relative price moves, straight from the centre
    trend_pnl_usd: tuple[float, ...]  # P&L of each, without any back and forth
    day_pnl_usd: tuple[float, ...]  # with a day's back and forth; empty: volatility unknown
    says: str  # what would lose and what would pay
