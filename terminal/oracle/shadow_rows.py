"""The leaderboard: what each policy on paper cost, at the risk of the live one."""

import math
from collections.abc import Iterable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from terminal.core.units import HOUR
from terminal.model.risk import RiskProfile
from terminal.model.shadow import ENOUGH, ShadowRow, carried, same
from terminal.oracle.shadow import Run, Tally, days, risk

LIVE = "live profile"

ENOUGH_SPAN = HOUR
"""Time before sums are made into numbers of a day."""


class Entrant(Struct, frozen=True):
    """A policy of the leaderboard: its name, what it tries, and its runs by underlying."""

    name: str
    profile: RiskProfile
    runs: Mapping[str, Run]


def board(live: Entrant, shadows: Iterable[Entrant]) -> tuple[ShadowRow, ...]:
    """Rows of every underlying, the best first, then those that cannot be judged yet.

    Parameters
    ----------
    live : Entrant
        The profile in use, on paper as the others are.
    shadows : iterable of Entrant

    Returns
    -------
    tuple of ShadowRow
        Ordered by underlying, rank and name, so the order of the shadows does not matter.

    Notes
    -----
    Cost at equal risk is cost a day times risk over the live profile's risk: of bands under
    proportional cost, cost falls as one over the width and risk grows with it (Whalley and
    Wilmott 1997), so their product tells a better policy from a wider one. The error takes hedges
    for independent events, 1/sqrt(n) of each side; looks are shared, so it is too large rather
    than too small.
    """
    entrants = tuple(shadows)
    found = []
    for name, run in live.runs.items():
        rows = [_live_row(name, run)]
        rows += [
            _row(each, name, run, _twin(each, live, entrants))
            for each in entrants
            if name in each.runs
        ]
        found += _ranked(rows)
    return tuple(found)


def _ranked(rows: list[ShadowRow]) -> list[ShadowRow]:
    ripe = sorted((each for each in rows if _ripe(each)), key=lambda each: (each.ratio, each.name))
    rest = sorted((each for each in rows if not _ripe(each)), key=lambda each: each.name)
    placed = [replace(each, rank=place) for place, each in enumerate(ripe, start=1)]
    return placed + rest


def _ripe(row: ShadowRow) -> bool:
    return row.error is not None and not row.stopped


def _live_row(underlying: str, run: Run) -> ShadowRow:
    """The live profile against itself."""
    enough = run.own.hedges >= ENOUGH
    note = run.error or run.waits or ("" if enough else _early(run.own.hedges))
    row = _told(LIVE, underlying, run, note)
    ratio = 1.0 if run.own.hedges and not run.error else None
    ripe = enough and ratio is not None
    return replace(
        row, live=True, ratio=ratio, error=0.0 if ripe else None, stopped=bool(run.error)
    )


def _row(entrant: Entrant, underlying: str, live: Run, twin: str) -> ShadowRow:
    run = entrant.runs[underlying]
    least = min(run.own.hedges, run.rival.hedges)
    ratio = None if live.error else _ratio(run.own, run.rival)
    ripe = ratio is not None and least >= ENOUGH
    notes = (run.error, run.waits, twin, "" if ripe else _early(least))
    row = _told(entrant.name, underlying, run, "; ".join(filter(None, notes)))
    error = None
    if ratio is not None and ripe:
        error = ratio * math.sqrt(1.0 / run.own.hedges + 1.0 / run.rival.hedges)
    return replace(row, ratio=ratio, error=error, stopped=bool(run.error))


def _told(name: str, underlying: str, run: Run, note: str) -> ShadowRow:
    own, long = run.own, run.own.span >= ENOUGH_SPAN
    return ShadowRow(
        name=name,
        underlying=underlying,
        live=False,
        rank=None,
        span=own.span,
        hedges=own.hedges,
        turnover_usd=own.turnover_usd,
        cost_usd=own.cost_usd,
        funding_usd=own.funding_usd,
        gain_usd=own.gain_usd,
        cost_day_usd=own.cost_usd / days(own) if long else None,
        mean_off=own.off / own.span if own.span else None,
        max_off=run.max_off,
        risk_usd=risk(own) if long else None,
        ratio=None,
        error=None,
        note=note,
    )


def _early(hedges: int) -> str:
    return f"too early to tell: {hedges} of {ENOUGH} hedges"


def _ratio(own: Tally, rival: Tally) -> float | None:
    """Cost x risk over that of the live profile on the same looks; None where one has none."""
    mine, other = risk(own), risk(rival)
    if not mine or not other or rival.cost_usd <= 0.0 or own.cost_usd <= 0.0:
        return None
    return own.cost_usd * mine / (rival.cost_usd * other)


def _twin(entrant: Entrant, live: Entrant, others: tuple[Entrant, ...]) -> str:
    """Say which policy an entrant is the same as, if any."""
    if same(live.profile, entrant.profile):
        return "the same as the live profile"
    tried = carried(live.profile, entrant.profile)
    for each in others:
        if each.name != entrant.name and carried(live.profile, each.profile) == tried:
            return f"the same as {each.name}"
    return ""
