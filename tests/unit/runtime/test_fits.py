"""Fits come as records, only for who hedges on them, and the desk then hedges on them."""

from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from terminal.core.units import DAY, SECOND
from terminal.engine.desk import verdict_of
from terminal.engine.state import State
from terminal.model.greeks import DeltaKind, net_delta
from terminal.model.market import Smile, SmileSlice, StochasticVol
from terminal.model.messages import Mode, Started
from terminal.model.risk import Autonomy
from terminal.runtime.fits import followed, needed, slices_of, stickiness
from terminal.runtime.profiles import load
from terminal.runtime.session import Session
from terminal.runtime.vols import quoted
from terminal.venues.demo_book import demo_book
from terminal.venues.sim_listing import listing
from terminal.venues.sim_market import DEFAULT_SPOTS
from terminal.venues.sim_world import SimWorld
from tests.unit.runtime.making import Logbook

START = 1_767_614_400 * SECOND


def run(kind: DeltaKind, length: int = 90 * SECOND) -> tuple[Session, list[Any]]:
    """Run a desk whose BTC policy hedges one kind of delta; the session and all its events."""
    positions, balances = demo_book(listing(START, DEFAULT_SPOTS), DEFAULT_SPOTS, START)
    world = SimWorld(seed=7, start_at=START, positions=positions, balances=balances)
    plain = load("balanced")
    policies = {**plain.policies, "BTC": replace(plain.policies["BTC"], delta=kind)}
    rules = replace(plain, policies=policies)
    book = Logbook()
    session = Session(world, book, State(), rules)  # type: ignore[arg-type]
    session.process(START, "runtime", Started("t", Mode.SIM, 7, rules, Autonomy.MANUAL))
    session.advance(START + length)
    return session, [record.event for record in book.read()]


@pytest.mark.parametrize("kind", [DeltaKind.STICKY_DELTA, DeltaKind.MIN_VARIANCE])
def test_a_smile_is_fitted_every_minute_and_hedged_on(kind: DeltaKind) -> None:
    session, events = run(kind)
    smiles = [event for event in events if isinstance(event, Smile)]
    assert 2 <= len(smiles) <= 3
    assert {each.underlying for each in smiles} == {"BTC"}
    assert len(smiles[-1].slices) == 4
    exposure = session.state.exposures["BTC"]
    assert net_delta(exposure, kind) is not None
    assert "needs a fit" not in verdict_of(session.state, "BTC")
    again, _ = run(kind)
    assert again.state.market.smiles == session.state.market.smiles


def test_a_model_is_fitted_and_hedged_on() -> None:
    session, events = run(DeltaKind.STOCHASTIC_VOL, 20 * SECOND)
    assert [type(event) for event in events if isinstance(event, StochasticVol)] == [StochasticVol]
    exposure = session.state.exposures["BTC"]
    hedged = net_delta(exposure, DeltaKind.STOCHASTIC_VOL)
    assert hedged is not None
    assert hedged == pytest.approx(exposure.total.delta + exposure.working, abs=1.5)


def test_nobody_pays_for_fits_that_nobody_needs() -> None:
    _, events = run(DeltaKind.BLACK_SCHOLES, 20 * SECOND)
    assert not [event for event in events if isinstance(event, Smile | StochasticVol)]
    assert not needed(None)


def test_slices_reproduce_the_marks(monkeypatch: pytest.MonkeyPatch) -> None:
    session, _ = run(DeltaKind.BLACK_SCHOLES, 5 * SECOND)
    chain = quoted(session.state.market, session.state.now)["BTC"]
    slices, forwards = slices_of(chain, session.state.now)
    for each in slices:
        years = (each.expiry - session.state.now) / (365 * DAY)
        for option in chain[each.expiry]:
            k = float(np.log(float(option.option.strike) / forwards[each.expiry]))
            away = k - each.m
            variance = each.a + each.b * (each.rho * away + np.hypot(away, each.sigma))
            assert np.sqrt(variance / years) == pytest.approx(option.quote.iv, abs=0.02)


def slice_at(level: float, skew: float, expiry: int) -> SmileSlice:
    return SmileSlice(expiry, a=level, b=0.05, rho=skew, m=0.0, sigma=0.1)


@pytest.mark.parametrize("truth", [0.0, 0.6, 1.7])
def test_stickiness_is_measured_and_drawn_toward_one(truth: float) -> None:
    expiry, chance, forward = START + 30 * DAY, np.random.default_rng(3), 60_000.0
    moved = followed(None, (slice_at(0.01, -0.4, expiry),), {expiry: forward}, START)
    assert stickiness(moved) == 1.0
    level = moved.level[expiry]
    for _ in range(500):
        step = float(chance.normal(0.0, 0.01))
        forward *= float(np.exp(step))
        level += truth * moved.slope[expiry] * step
        years = 30 / 365
        fresh = slice_at(level * level * years - 0.05 * 0.1, -0.4, expiry)
        moved = followed(moved, (fresh,), {expiry: forward}, START)
    expected = 1.0 + (truth - 1.0) * 500 / 2500
    assert stickiness(moved) == pytest.approx(expected, abs=0.02)
