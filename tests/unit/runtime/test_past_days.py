"""The last day under an edited profile: asked for by a draft, worked out beside the loop."""

import time
from collections.abc import Mapping
from decimal import Decimal

import numpy as np
import pytest
from msgspec.structs import replace

from terminal.core.units import MINUTE, SECOND
from terminal.engine.state import FillNote
from terminal.model.frame import Track, Tracks
from terminal.model.order import Fill, Side
from terminal.model.preview import Draft, PastDay
from terminal.runtime.past_days import PastDays, lived, past_days
from terminal.runtime.previews import Previews
from tests.helpers.builders import NOW, OPTION, PERP, profile, spec
from tests.helpers.trial import Trial, ready

MINUTES = 200
WIDE = profile(spec(low=-0.4, high=0.4))


def tracks() -> Mapping[str, Tracks]:
    """A delta that swings by half a coin about its target, at a price that stands."""
    count = MINUTES * 60
    times = NOW / SECOND + np.arange(1 - count, 1, dtype=np.float64)
    flat = Track(times, np.full(count, 50_000.0))
    swing = Track(times, 0.5 * np.sin(np.arange(count, dtype=np.float64) / 900.0))
    nothing = Track(times, np.zeros(count))
    return {
        "BTC": Tracks(
            price=flat,
            delta=swing,
            low=nothing,
            high=nothing,
            gamma=nothing,
            vega=nothing,
            funding=nothing,
            markers=(),
        )
    }


def note(key: str, side: Side, coins: float, ago: int) -> FillNote:
    fill = Fill("f", "o", key, side, Decimal(1), Decimal(50_000), Decimal(0), "USDC", maker=True)
    return FillNote(
        fill=fill, at=NOW - ago, underlying="BTC", coins=coins, fee_usd=None, slippage_bps=None
    )


def still() -> Trial:
    return ready(held="0")


def test_minutes_that_are_known_are_taken_and_own_hedges_taken_out() -> None:
    state = replace(still().state, now=NOW, fills=(note(PERP, Side.SELL, 0.25, 100 * MINUTE),))
    path = lived(state, "BTC", tracks()["BTC"])
    assert len(path) == MINUTES - 1 or len(path) == MINUTES
    bare = lived(replace(state, fills=()), "BTC", tracks()["BTC"])
    assert path[0].net == bare[0].net
    assert path[-1].net == pytest.approx(bare[-1].net + 0.25)
    optional = replace(state, fills=(note(OPTION, Side.SELL, 1.0, 100 * MINUTE),))
    assert lived(optional, "BTC", tracks()["BTC"]) == bare


def test_what_is_not_known_is_left_out() -> None:
    state = replace(still().state, now=NOW)
    known = tracks()["BTC"]
    values = known.delta.values.copy()
    values[-3600:] = np.nan
    path = lived(state, "BTC", replace(known, delta=Track(known.delta.times, values)))
    assert path[-1].at <= NOW - 3_600 * SECOND
    assert lived(state, "BTC", replace(known, price=Track(np.empty(0), np.empty(0)))) == []


def test_both_profiles_live_the_same_day() -> None:
    state = replace(still().state, now=NOW)
    found = past_days(state, WIDE, tracks())["BTC"]
    assert found.in_use.hedges > found.draft.hedges > 0
    assert found.in_use.cost_usd > found.draft.cost_usd
    same = past_days(state, profile(), tracks())["BTC"]
    assert same.draft == same.in_use
    assert past_days(state, replace(WIDE, policies={}), tracks()) == {}


def awaited(days: PastDays, state: object, given: object = WIDE) -> Mapping[str, PastDay]:
    for _ in range(500):
        found = days.of(state, given, tracks())  # type: ignore[arg-type]
        if found:
            return found
        time.sleep(0.01)
    raise AssertionError("no answer came")


def test_an_answer_comes_beside_the_loop_and_goes_with_the_draft() -> None:
    state = replace(still().state, now=NOW)
    days = PastDays()
    first = awaited(days, state)
    assert days.of(state, WIDE, tracks()) is first
    assert days.of(state, None, tracks()) == {}
    assert days.of(state, None, tracks()) is days.of(state, None, tracks())
    days.close()


def test_a_preview_carries_the_past_of_a_draft_only() -> None:
    state, previews = replace(still().state, now=NOW), Previews()
    assert previews.of(state, tracks())["BTC"].past is None
    previews.ask(Draft(WIDE))
    for _ in range(500):
        found = previews.of(state, tracks())["BTC"]
        if found.past is not None:
            break
        time.sleep(0.01)
    assert found.past is not None
    assert found.past.draft.hedges < found.past.in_use.hedges
    previews.ask(Draft(None))
    assert previews.of(state, tracks())["BTC"].past is None
    previews.close()
