"""Baskets of a running engine: solved beside the loop, at their pace, and why there are none."""

from typing import Any

import pytest
from msgspec.structs import replace

from terminal.core.units import HOUR
from terminal.engine.state import State
from terminal.model.market import Depth, Funding, Quote
from terminal.runtime.baskets import PAUSE_S, Baskets, Solved, offered_of, solved
from terminal.runtime.hedge_views import HedgeViews
from tests.helpers.builders import NOW, OPTION, PERP, SPOT, depth
from tests.helpers.trial import Trial, ready


def optioned(**more: Any) -> Trial:
    """A desk that is short a call, with a quote of it that has sizes."""
    trial = ready(positions={OPTION: "-5"}, **more)
    trial.tell(Quote(OPTION, 19_900.0, 20_100.0, 20.0, 20.0, iv=0.9, forward=SPOT))
    trial.tell(depth(PERP, size=5.0))
    return trial


def test_a_basket_is_solved_beside_the_loop() -> None:
    clock = [0.0]
    made = Baskets(lambda: clock[0])
    trial = optioned()
    assert made.of(type(trial.state)()) == {}
    made.of(trial.state)
    made.close()
    first = made.of(trial.state)["BTC"]
    made.close()
    assert [row.name for row in first.rows] == ["Delta-gamma", "Delta-gamma-vega"]
    assert first.rows[0].reason == "nothing cheaper meets the bands"
    assert any(trade.symbol == "BTC-30000-C" for trade in first.rows[0].trades)


def test_solutions_keep_their_pace_in_market_and_in_wall_time() -> None:
    clock = [0.0]
    made = Baskets(lambda: clock[0])
    trial = optioned()
    made.of(trial.state)
    made.close()
    first = made.of(trial.state)["BTC"]
    trial.tick(60.0)
    made.of(trial.state)  # the market is due, the wall clock is not
    made.close()
    assert made.of(trial.state)["BTC"] is first
    clock[0] = PAUSE_S + 1.0
    made.of(trial.state)
    made.close()
    assert made.of(trial.state)["BTC"] is not first


def test_they_reach_the_view_of_their_coin() -> None:
    views = HedgeViews()
    trial = optioned()
    views.of(trial.state)
    views.baskets.close()
    trial.tick(2.0)
    assert views.of(trial.state)["BTC"].baskets


def test_why_there_are_none() -> None:
    assert solved(Trial().state, "BTC").note == "no index price of BTC yet"
    flat = ready()
    assert solved(flat.state, "BTC").note == "no gamma to hedge: the book holds no options"
    desk = flat.state.desks["BTC"]
    silent = replace(flat.state, desks={"BTC": replace(desk, target=None, verdict="paused")})
    assert solved(silent, "BTC").note == "paused"


def test_a_fault_of_the_solver_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_state: State, _underlying: str) -> Solved:
        raise ZeroDivisionError("lots")

    monkeypatch.setattr("terminal.runtime.baskets.solved", broken)
    made = Baskets()
    made.of(optioned().state)
    made.close()
    assert made.of(optioned().state)["BTC"] == Solved((), "ZeroDivisionError: lots")
    made.close()


def test_old_and_unpriced_options_are_left_out() -> None:
    trial = optioned()
    assert len(offered_of(trial.state, "BTC")) == 1
    assert offered_of(trial.state, "ETH") == ()
    trial.tell(Quote(OPTION, 19_900.0, 20_100.0, 20.0, 20.0))
    assert offered_of(trial.state, "BTC") == ()
    trial.tell(Quote(OPTION, 19_900.0, 20_100.0, 20.0, 20.0, iv=0.9, forward=SPOT))
    trial.now += HOUR
    trial.tick(0.25, None)
    assert offered_of(trial.state, "BTC") == ()


def test_without_depth_the_touch_is_what_can_be_traded() -> None:
    trial = optioned()
    trial.tell(Depth(PERP, (), ()))
    none = solved(trial.state, "BTC")
    assert all(trade.symbol != "BTC_USDC-PERP" for row in none.rows for trade in row.trades)
    trial.tell(Funding(PERP, 1e-4, 8 * HOUR, NOW + HOUR))
    bare = replace(trial.state, market=replace(trial.state.market, depth={}))
    assert solved(bare, "BTC").rows
