"""Candidate policies that hedge on paper beside the live one, and how they compare with it."""

from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from terminal.model.risk import RiskProfile

MOST: Final = 5
"""Shadows at once."""

ENOUGH: Final = 30
"""Hedges, of a shadow and of the live profile beside it, before their costs are compared."""


class AddShadow(Struct, frozen=True):
    """Let a profile's policies hedge on paper from now on, under a name of its own."""

    name: str
    profile: RiskProfile


class DropShadow(Struct, frozen=True):
    """Let a shadow go, with its record."""

    name: str


class ShadowRow(Struct, frozen=True, kw_only=True):
    """One policy on one underlying. Deltas are in coin; None is unknown yet."""

    name: str
    underlying: str
    live: bool  # the profile in use, on paper as the others are
    rank: int | None  # by ``ratio`` on its underlying; None: too early to tell, or stopped
    span: int  # ns that were looked at
    hedges: int
    turnover_usd: float
    cost_usd: float
    funding_usd: float  # paid; negative: received
    gain_usd: float  # of price on the coins hedged, before cost and funding
    cost_day_usd: float | None
    mean_off: float | None  # mean distance of net delta from its target
    max_off: float
    risk_usd: float | None  # standard deviation of a day's P&L from that distance
    ratio: float | None  # cost at the live profile's risk, over its cost on the same moments
    error: float | None  # standard error of ``ratio`` by the numbers of hedges alone
    note: str = ""  # what stands against reading it, or why it does not hedge
    stopped: bool = False  # by a fault of its own


class ShadowView(Struct, frozen=True):
    """What a screen may know of the shadows."""

    rows: tuple[ShadowRow, ...] = ()
    shadows: tuple[AddShadow, ...] = ()
    choices: tuple[RiskProfile, ...] = ()  # to make shadows of
    edited: RiskProfile | None = None  # in the editor, likewise; None while nothing is edited
    answer: str = ""  # what became of the last wish; empty when it was followed
    fault: str = ""  # why no record is kept


def carried(live: RiskProfile, shadow: RiskProfile) -> RiskProfile:
    """The live profile with what a shadow tries: policies, risk aversion, learned cost.

    Every limit and the name stay the live profile's, and so does the policy of a coin that the
    shadow has none for.
    """
    return replace(
        live,
        policies={**live.policies, **shadow.policies},
        risk_aversion=shadow.risk_aversion,
        learned_cost_pct=shadow.learned_cost_pct,
    )


def same(live: RiskProfile, shadow: RiskProfile) -> bool:
    """Whether a shadow tries what the live profile does anyway."""
    return carried(live, shadow) == live
