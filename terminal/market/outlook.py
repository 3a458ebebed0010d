"""Everything that is foretold of one underlying, and whether it may be used."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from terminal.core.units import DAY, YEAR
from terminal.market.drift import Verdict, judged
from terminal.market.forecasts import future_means, with_band
from terminal.market.har_walk import least_days, naive_paths, walked
from terminal.market.hours import A_DAY, Spans, daily_means, days_of, latest, until
from terminal.market.logistic import reliability
from terminal.market.scoring import LEAST_SCORED, briers, qlikes, scores
from terminal.market.seasonal import (
    LEAST_HOURS,
    hour_of_week,
    profile_of,
    season_paths,
    season_walk,
)
from terminal.market.spikes import FIRST as FIRST_SPIKE
from terminal.market.spikes import SpikeModel, features, spike_naive, spike_walk, spikes
from terminal.model.forecast import Card, ForecastView, Foretold, Outlook, Reliable, Season
from terminal.pricing.rows import FloatArray

MOST_HOURS: Final = 500 * A_DAY
"""Older hours than this are not looked at."""

RECENT: Final = 60 * A_DAY
"""Hours from which the inputs of the coming one are made: their means forget within a few days."""

USUAL_DAYS: Final = 30
LEAST_USUAL: Final = 15
WEEK: Final = 7

DAY_NAME, WEEK_NAME = "volatility 1 d", "volatility 7 d"
SEASON_NAME, SPIKE_NAME = "season 1 h", "spike 1 h"


class _Losses(Struct, frozen=True):
    """Losses of a forecast and of the naive ones, and how they are judged."""

    loss: str
    ours: FloatArray
    naive: Mapping[str, FloatArray]
    first: int  # UtcNs of the first day
    block: int
    overlap: int = 1
    hours: Spans | None = None  # of hourly losses: they are judged by day


class Learned(Struct, frozen=True):
    """What the whole days of a past say: fits, scores, and which forecasts may be used."""

    first: int  # UtcNs at which the past begins
    until: int  # the midnight at which it ends
    day: Card
    week: Card
    season: Card  # without a value: that is of the hour
    spike: Card  # likewise
    profile: tuple[Season, ...]
    models: dict[int, SpikeModel]
    reliability: tuple[Reliable, ...]


def midnight(hours: Spans) -> int:
    """UtcNs at which the last whole day of some hours ends."""
    return hours.end - hours.end % DAY


def learned(hours: Spans, before: Learned | None = None) -> Learned:
    """Learn from every whole UTC day.

    Parameters
    ----------
    hours : Spans
        Consecutive hours; those after the last midnight are not looked at.
    before : Learned, optional
        Of the beginning of the very same hours: what it has fitted is not fitted again.

    Returns
    -------
    Learned

    Notes
    -----
    Every forecast is made again for the whole past by fits to nothing but what was before it; its
    scores, its drift and its band are of those. So nothing but the hours needs to be kept.
    """
    past = until(hours, midnight(hours))
    days, factors = days_of(past), season_walk(past)
    made = before.models if before is not None and before.first == past.first else {}
    said, models = spike_walk(past, factors, made)
    came = np.append(spikes(past)[1:], np.nan)[: said.size]
    return Learned(
        first=past.first,
        until=midnight(hours),
        day=_vol_card(days, 1, DAY_NAME),
        week=_vol_card(days, WEEK, WEEK_NAME),
        season=_season_card(past, factors),
        spike=_spike_card(past, said, came),
        profile=profile_of(past),
        models=models,
        reliability=reliability(said, came),
    )


def foreseen(underlying: str, hours: Spans, known: Learned) -> tuple[Outlook, ForecastView]:
    """Forecast from everything that is known of the past.

    Parameters
    ----------
    underlying : str
    hours : Spans
        Consecutive hours up to now.
    known : Learned
        From `learned` of the same hours, or of those up to the last midnight.

    Returns
    -------
    outlook : Outlook
        For decisions.
    view : ForecastView
        The same for a screen, with what it is worth.
    """
    cards = (
        known.day,
        known.week,
        replace(known.season, told=_season_told(hours, known)),
        replace(known.spike, told=_spike_told(hours, known)),
    )
    outlook = Outlook(underlying, hours.end, *(card.told for card in cards))
    view = ForecastView(
        underlying=underlying,
        at=hours.end,
        days=hours.variance.size / A_DAY,
        cards=cards,
        reliability=known.reliability,
        seasons=known.profile,
    )
    return outlook, view


def _season_told(hours: Spans, known: Learned) -> Foretold:
    """Variance of the coming hour against that of the mean hour of a week."""
    if not known.profile:
        return replace(known.season.told, reason=_too_short(hours, LEAST_HOURS), on=False)
    coming = known.profile[int(hour_of_week(hours.end, 1)[0])]
    low, high = max(coming.factor - coming.error, 0.0), coming.factor + coming.error
    return replace(known.season.told, value=coming.factor, low=low, high=high)


def _spike_told(hours: Spans, known: Learned) -> Foretold:
    """Probability of a spike within the coming hour, banded by how often one came at such odds."""
    blank = known.spike.told
    if not known.models or not known.profile:
        return replace(blank, reason=_too_short(hours, FIRST_SPIKE), on=False)
    recent = latest(hours, RECENT)
    factors = np.array([each.factor for each in known.profile])
    place = hour_of_week(recent.first, recent.variance.size + 1)
    model = known.models[max(known.models)]
    value = float(model.said(features(recent, factors[place])[-1:])[0])
    if not math.isfinite(value):
        return replace(
            blank, reason="the past has a gap: an hour of the last day is missing", on=False
        )
    row = next((each for each in known.reliability if each.low <= value < each.high), None)
    low, high = (row.came_low, row.came_high) if row else (None, None)
    return replace(blank, value=value, low=low, high=high)


def _vol_card(days: Spans, horizon: int, name: str) -> Card:
    """Volatility over some days: log-HAR with jumps and leverage."""
    path, outcomes = walked(days, horizon), future_means(days.variance, horizon)
    blank = Foretold(name=name, usual=_usual(days))
    if path.size == 0 or not math.isfinite(path[-1]):
        return Card(replace(blank, reason=_no_vol(days, horizon)))
    found = with_band(
        path, outcomes, span=DAY, horizon=horizon, observations=int(np.isfinite(path).sum())
    )
    losses = _Losses(
        "QLIKE",
        qlikes(outcomes, path),
        {key: qlikes(outcomes, each) for key, each in naive_paths(days, horizon).items()},
        days.first,
        2 * horizon,
        horizon,
    )
    return _judged(replace(blank, value=found.vol, low=found.low, high=found.high), losses)


def _season_card(hours: Spans, factors: FloatArray) -> Card:
    """What the season of an hour is worth."""
    ours, naive = season_paths(hours, factors)
    came = hours.variance
    losses = _Losses(
        "QLIKE",
        qlikes(came, ours),
        {key: qlikes(came, each) for key, each in naive.items()},
        hours.first,
        2 * A_DAY,
        hours=hours,
    )
    return _judged(Foretold(name=SEASON_NAME, usual=1.0), losses)


def _spike_card(hours: Spans, said: FloatArray, came: FloatArray) -> Card:
    """What the probability of a spike is worth."""
    naive = spike_naive(hours)
    ever = naive["unconditional"]
    usual = float(ever[-1]) if ever.size and math.isfinite(ever[-1]) else None
    losses = _Losses(
        "Brier",
        briers(came, said),
        {key: briers(came, each) for key, each in naive.items()},
        hours.first,
        2 * A_DAY,
        hours=hours,
    )
    return _judged(Foretold(name=SPIKE_NAME, usual=usual), losses)


def _judged(told: Foretold, losses: _Losses) -> Card:
    """Card of a forecast that is judged: on if it has proved itself and not drifted."""
    found = scores(losses.loss, losses.ours, losses.naive, block=losses.block)
    if not found:
        known = int(np.isfinite(losses.ours).sum())
        why = f"{known} outcomes of its own are known, {LEAST_SCORED} are needed before it is used"
        return Card(replace(told, reason=why))
    best = min(found, key=lambda each: each.theirs)
    differences = losses.ours - losses.naive[best.naive]
    if losses.hours is not None:
        differences = daily_means(losses.hours, differences)
    verdict = judged(differences, overlap=losses.overlap)
    day = losses.first // DAY + verdict.changed
    changed = day * DAY if verdict.changed >= 0 else 0
    if not verdict.on:
        return Card(replace(told, reason=_drifted(verdict, best.naive)), found, changed)
    if best.ours >= best.theirs:
        why = (
            f"no better than {best.naive} on {best.outcomes} outcomes: {best.loss} "
            f"{best.ours:.4g} against {best.theirs:.4g}"
        )
        return Card(replace(told, reason=why), found, changed)
    return Card(replace(told, on=True), found, changed)


def _drifted(verdict: Verdict, naive: str) -> str:
    proof = f"proof {verdict.level:.1f} of {verdict.limit:.0f} standard deviations"
    return f"turned off by drift: worse than {naive} of late; on again once better, {proof}"


def _usual(days: Spans) -> float | None:
    """Volatility of the last 30 days, annual; None where less than half of them is known."""
    seen = days.variance[-USUAL_DAYS:]
    seen = seen[np.isfinite(seen)]
    if seen.size < LEAST_USUAL:
        return None
    return math.sqrt(float(seen.mean()) * YEAR / DAY)


def _no_vol(days: Spans, horizon: int) -> str:
    known, needed = int(np.isfinite(days.variance).sum()), least_days(horizon)
    if known < needed:
        return f"the past is too short: {known} whole days are known, {needed} are needed"
    return "the past has a gap: a day among the last 30 was not seen, or too few before it were"


def _too_short(hours: Spans, first: int) -> str:
    known, needed = int(np.isfinite(hours.variance).sum()) // A_DAY, first // A_DAY
    if hours.variance.size < first:
        return f"the past is too short: {known} days are known, {needed} are needed"
    return f"the past has gaps: {known} days of {hours.variance.size // A_DAY} are known"
