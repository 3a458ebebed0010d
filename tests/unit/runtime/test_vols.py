"""Volatilities of a running desk: the chain's own, and what the price curve did."""

import numpy as np
import pytest

from terminal.core.units import DAY, HOUR, MINUTE, SECOND, YEAR
from terminal.engine.state import State
from terminal.model.frame import Track
from terminal.model.messages import Mode, Started
from terminal.model.risk import Autonomy
from terminal.pricing.rows import FloatArray
from terminal.runtime.memory import MemoryJournal
from terminal.runtime.profiles import load
from terminal.runtime.session import Session
from terminal.runtime.vols import Vols, _realised, minutes, vol_view
from terminal.venues.demo_book import demo_book
from terminal.venues.sim_listing import listing
from terminal.venues.sim_market import DEFAULT_SPOTS
from terminal.venues.sim_world import SimWorld

START = 1_767_614_400 * SECOND


@pytest.fixture(scope="module")
def session() -> Session:
    """A desk that has run for a minute after two hours of history."""
    positions, balances = demo_book(listing(START, DEFAULT_SPOTS), DEFAULT_SPOTS, START)
    world = SimWorld(
        seed=7, start_at=START, positions=positions, balances=balances, history_hours=2.0
    )
    rules = load("balanced")
    made = Session(world, MemoryJournal(), State(), rules)
    made.opens_at = START
    made.process(START - 2 * HOUR, "runtime", Started("t", Mode.SIM, 7, rules, Autonomy.MANUAL))
    made.advance(START + MINUTE)
    return made


def test_every_coin_has_a_term_structure_an_index_and_a_past(session: Session) -> None:
    vols, tracks = Vols(), session.recorder.tracks()
    for seen in range(1, 4):
        found = vols.of(session.state, tracks)
        assert len(found) == seen  # one a frame
    assert set(found) == {"BTC", "ETH", "SOL"}
    for view in found.values():
        assert len(view.expiries) == 4
        assert all(0.2 < (each.vol or 0.0) < 2.0 for each in view.expiries)
        near, far = view.expiries[0], view.expiries[-1]
        assert near.expiry < far.expiry
        assert view.index is not None
        assert abs(view.index - (view.expiries[2].vol or 0.0)) < 0.1
        hour, day = view.realised
        assert hour.window == HOUR
        assert 0.05 < (hour.vol or 0.0) < 3.0
        assert (day.window, day.vol) == (DAY, None)
        assert "window was seen" in day.reason


def test_they_are_looked_at_every_few_seconds(session: Session) -> None:
    vols = Vols()
    for _ in session.state.desks:
        first = vols.of(session.state, session.recorder.tracks())
    assert vols.of(session.state, session.recorder.tracks()) is first


def test_without_quotes_or_curve_there_is_a_reason() -> None:
    view = vol_view("BTC", {}, None, START)
    assert (view.expiries, view.index) == ((), None)
    assert view.index_note
    assert all(each.vol is None and each.reason for each in view.realised)


def test_minutes_of_a_curve() -> None:
    times = np.arange(120.0, 300.0, 1.0)
    values = 100.0 + np.sin(times / 10.0)
    values[5] = np.nan
    starts, (opened, high, low, close) = minutes(Track(times, values))
    assert starts.tolist() == [120.0, 180.0, 240.0]
    assert opened[0] == values[0]
    assert close[0] == values[59]
    assert high[1] == values[60:120].max()
    assert low[2] == values[120:].min()


def test_realised_volatility_of_a_known_walk() -> None:
    chance = np.random.default_rng(5)
    steps = chance.normal(0.0, 0.6 * np.sqrt(MINUTE / YEAR), 26 * 60)
    walk: FloatArray = 60_000.0 * np.exp(np.cumsum(steps))
    curve = Track(np.arange(0.0, 60.0 * len(steps), 60.0), walk)
    hour, day = _realised(curve)
    assert day.vol == pytest.approx(0.6, rel=0.06)
    assert hour.vol == pytest.approx(0.6, rel=0.4)
