"""The leaderboard of policies on paper: who is ahead at equal risk, and who cannot be judged."""

import math
from itertools import permutations

import pytest
from msgspec.structs import replace

from terminal.core.units import DAY, HOUR
from terminal.model.shadow import ENOUGH
from terminal.oracle.shadow import Run, Tally, stopped
from terminal.oracle.shadow_rows import Entrant, board
from tests.helpers.builders import profile, spec

LIVE = profile()
TIGHT = profile(spec(low=-0.01, high=0.01))
WIDE = profile(spec(low=-0.5, high=0.5))
NEVER = profile(spec(low=-50.0, high=50.0))


def run_of(hedges: int, cost: float, deviation: float, **more: object) -> Run:
    """A run of a day, beside a live one of 100 hedges, 50 USD and a deviation of 200 USD."""
    own = Tally(span=DAY, hedges=hedges, cost_usd=cost, squares=deviation**2)
    rival = Tally(span=DAY, hedges=100, cost_usd=50.0, squares=200.0**2)
    return replace(Run(own=own, rival=rival), **more)


LEADER = Entrant("live profile", LIVE, {"BTC": replace(run_of(100, 50.0, 200.0), rival=Tally())})
ENTRANTS = (
    Entrant("tight", TIGHT, {"BTC": run_of(400, 100.0, 110.0)}),
    Entrant("wide", WIDE, {"BTC": run_of(ENOUGH, 20.0, 400.0)}),
    Entrant("rare", NEVER, {"BTC": run_of(ENOUGH - 1, 1.0, 900.0)}),
    Entrant("broken", NEVER, {"BTC": stopped(run_of(90, 9.0, 100.0), "stopped by a fault: x")}),
    Entrant("copy", replace(LIVE, name="copy"), {"BTC": run_of(100, 50.0, 200.0)}),
)


def test_the_board_ranks_by_cost_at_the_risk_of_the_live_profile() -> None:
    rows = {each.name: each for each in board(LEADER, ENTRANTS)}
    assert [rows[x].rank for x in ("wide", "copy", "live profile", "tight")] == [1, 2, 3, 4]
    assert rows["wide"].ratio == pytest.approx(0.8)
    assert rows["tight"].ratio == pytest.approx(1.1)
    assert rows["tight"].error == pytest.approx(1.1 * math.sqrt(1 / 400 + 1 / 100))
    assert rows["tight"].cost_day_usd == pytest.approx(100.0)
    assert rows["tight"].risk_usd == pytest.approx(110.0)
    assert rows["live profile"].live
    assert rows["copy"].note == "the same as the live profile"


def test_who_cannot_be_judged_stands_below_and_says_why() -> None:
    found = board(LEADER, ENTRANTS)
    assert [each.name for each in found[-2:]] == ["broken", "rare"]
    rows = {each.name: each for each in found}
    assert rows["rare"].rank is None
    assert f"too early to tell: {ENOUGH - 1} of {ENOUGH} hedges" in rows["rare"].note
    assert rows["broken"].stopped
    assert rows["broken"].rank is None
    assert rows["broken"].note.startswith("stopped by a fault: x; the same as rare")


def test_nobody_is_ahead_of_a_live_profile_that_has_stopped() -> None:
    broken = replace(LEADER, runs={"BTC": stopped(LEADER.runs["BTC"], "stopped by a fault: y")})
    rows = board(broken, ENTRANTS)
    assert all(each.rank is None for each in rows)
    assert [each.note for each in rows if each.live] == ["stopped by a fault: y"]


def test_the_order_of_the_shadows_does_not_matter() -> None:
    assert len({board(LEADER, order) for order in permutations(ENTRANTS)}) == 1


def test_nothing_is_told_of_a_day_before_an_hour_has_passed() -> None:
    short = replace(run_of(40, 1.0, 10.0), own=Tally(span=HOUR - 1, hedges=40, cost_usd=1.0))
    row = board(LEADER, (Entrant("short", TIGHT, {"BTC": short}),))[-1]
    assert row.cost_day_usd is None
    assert row.risk_usd is None
    assert row.ratio is None
