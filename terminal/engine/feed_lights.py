"""A light for every venue: what its feeds are worth now, in words."""

from collections.abc import Mapping

from terminal.core.units import seconds
from terminal.engine.state import State
from terminal.model.frame import FeedHealth
from terminal.model.health import Channel, ChannelAge, Light
from terminal.portfolio.accounts import venue_of

FEED_LATE = 5.0
"""Seconds without a message after which a feed is shown as late."""


def feed_lights(state: State, heard: Mapping[tuple[str, Channel], int]) -> tuple[FeedHealth, ...]:
    """How every venue's feeds are.

    Parameters
    ----------
    state : State
    heard : mapping
        When a venue's channel last said something, UtcNs; empty where nobody listens.
    """
    latest: dict[str, int] = {}
    for key, seen in state.market.quotes.items():
        venue = venue_of(key)
        stands = min(seen.at + seen.span, state.now)
        latest[venue] = max(latest.get(venue, 0), stands)
    for venue in state.links:
        latest.setdefault(venue, 0)
    return tuple(_one(state, venue, at, heard) for venue, at in latest.items())


def _one(state: State, venue: str, at: int, heard: Mapping[tuple[str, Channel], int]) -> FeedHealth:
    link = state.links.get(venue)
    old = state.now - at if at else None
    lost = link is not None and not link.up
    up = not lost and old is not None and seconds(old) < FEED_LATE
    detail = link.reason if lost and link else ""
    light, why = _light(state, venue, up=up, lost=detail if lost else None)
    ages = tuple(
        ChannelAge(channel, state.now - when)
        for (name, channel), when in sorted(heard.items())
        if name == venue
    )
    return FeedHealth(venue, up, old, detail, lost, light=light, why=why, channels=ages)


def _light(state: State, venue: str, *, up: bool, lost: str | None) -> tuple[Light, str]:
    """The worst light that stands, and why."""
    if lost is not None:
        return Light.RED, f"connection lost: {lost}"
    amber = "" if up else f"nothing of it for {FEED_LATE:g} s or more"
    for underlying, watch in state.feeds.items():
        if venue_of(state.desks[underlying].hedge_key) != venue:
            continue
        if watch.locked and watch.fault:
            return Light.RED, f"{underlying} hedging locked: {watch.fault}"
        if watch.locked:
            return Light.RED, f"{underlying} hedging locked until its data stay good"
        if watch.fault:
            amber = amber or f"{underlying}: {watch.fault}"
    account = state.accounts.get(venue)
    if account is not None and any(row.locks for row in account.rows):
        return Light.RED, "the account differs from the books: see Reconcile"
    offset, limit = state.clocks.get(venue), state.profile
    if offset is not None and limit is not None and abs(offset) > limit.clock_offset_ms / 2:
        amber = amber or f"clock is {offset:+.0f} ms off"
    return (Light.AMBER, amber) if amber else (Light.GREEN, "")
