"""Locks hedging on data that cannot be believed, and frees it when they have been good again."""

from msgspec.structs import replace

from terminal.core.units import from_seconds
from terminal.engine.state import ASKED, DeskState, State, Step, contract_of
from terminal.market.health import Evidence, fault_of, watched
from terminal.model.health import FeedWatch
from terminal.model.messages import Alert, ClockOffset, Effect
from terminal.model.risk import RiskProfile
from terminal.risk.halts import bad_data


def on_clock(state: State, event: ClockOffset) -> State:
    """Take how far a venue's clock is from ours."""
    return replace(state, clocks={**state.clocks, event.venue: event.offset_ms})


def watch_feeds(state: State) -> Step:
    """Look at the data of every desk that hedges; a simulation is its own truth and is left out."""
    profile = state.profile
    if profile is None or state.mode not in ASKED:
        return state, ()
    feeds: dict[str, FeedWatch] = {}
    effects: list[Effect] = []
    for underlying, desk in state.desks.items():
        before = state.feeds.get(underlying, FeedWatch())
        if not desk.hedge_key:
            continue
        after = watched(before, fault_of(_evidence(state, underlying, desk, profile)), state.now)
        feeds[underlying] = after
        if after.locked and not before.locked:
            text = f"{underlying}: hedging is locked, {desk.hedge_key}: {after.locked}"
            effects.append(Alert("warn", "DATA", text))
        elif before.locked and not after.locked:
            text = f"{underlying}: hedging is free again, its data are good"
            effects.append(Alert("info", "DATA", text))
    if feeds == state.feeds:
        return state, ()
    locks = tuple(
        bad_data(underlying, f"{state.desks[underlying].hedge_key}: {each.locked}", each.locked_at)
        for underlying, each in feeds.items()
        if each.locked
    )
    return replace(state, feeds=feeds, feed_locks=locks), tuple(effects)


def _evidence(state: State, underlying: str, desk: DeskState, profile: RiskProfile) -> Evidence:
    market, key = state.market, desk.hedge_key
    contract = contract_of(state, key)
    level = market.index.get(underlying)
    return Evidence(
        now=state.now,
        seen=market.quotes.get(key),
        index_at=level.at if level else None,
        index=level.price if level else None,
        gap_end=max(market.gaps.get(key, 0), market.gaps.get("", 0)),
        clock_offset_ms=state.clocks.get(contract.venue) if contract else None,
        oldest=from_seconds(profile.book_age_s),
        collar_bps=profile.collar_bps,
        offset_limit_ms=profile.clock_offset_ms,
    )
