"""The gamma view of a running desk: what it says ties to the engine's own numbers."""

from decimal import Decimal

import pytest

from terminal.core.units import DAY, MINUTE, SECOND, utc_day
from terminal.engine.attributing import attribution_view
from terminal.engine.state import State
from terminal.model.attribution import Bucket
from terminal.model.frame import ExpiryVol, Machine, VolView
from terminal.model.messages import Mode, Started
from terminal.model.risk import Autonomy
from terminal.runtime.gammas import NO_OPTIONS, Gammas, Seen, matching_expiry
from terminal.runtime.memory import MemoryJournal
from terminal.runtime.profiles import load
from terminal.runtime.session import Session
from terminal.venues.demo_book import demo_book
from terminal.venues.sim_listing import listing
from terminal.venues.sim_market import DEFAULT_SPOTS
from terminal.venues.sim_world import SimWorld
from tests.helpers.builders import OPTION, PERP
from tests.helpers.trial import Trial, ready

START = 1_767_614_400 * SECOND
MACHINE = Machine(lag_ms=0.0, records_per_s=0.0, speed=1.0, paused=False, progress=None)


@pytest.fixture(scope="module")
def session() -> Session:
    """A desk that has hedged by itself for ten minutes after two hours of history."""
    positions, balances = demo_book(listing(START, DEFAULT_SPOTS), DEFAULT_SPOTS, START)
    options = tuple(each for each in positions if "PERP" not in each.key)
    assert len(options) < len(positions)  # what is held at the opening is no part of the ledger
    world = SimWorld(
        seed=7, start_at=START, positions=options, balances=balances, history_hours=2.0
    )
    rules = load("balanced")
    made = Session(world, MemoryJournal(), State(), rules)
    made.opens_at = START
    made.process(
        START - 2 * 60 * MINUTE, "runtime", Started("t", Mode.SIM, 7, rules, Autonomy.AUTO)
    )
    made.advance(START + 10 * MINUTE)
    return made


def seen(session: Session) -> Seen:
    for _ in range(3 * 6):  # three coins, and six parts that take turns
        frame = session.frame(MACHINE)
    rows = {desk.underlying: desk.rows for desk in frame.desks}
    return Seen(rows, frame.tracks, frame.vols)


def test_every_coin_has_rent_a_signature_and_an_edge(session: Session) -> None:
    gammas, around = Gammas(), seen(session)
    for count in range(1, 4):
        found = gammas.of(session.state, around)
        assert len(found) == count  # one a frame
    assert gammas.of(session.state, around) is found
    for name, view in found.items():
        total = session.state.exposures[name].total
        assert view.rent is not None
        assert view.rent.theta_usd == total.theta_usd_day
        assert view.rent.move_usd is not None
        assert view.rent.exact_up is not None
        assert view.rent.exact_down is not None
        assert view.rent.exact_down < 0.0 < view.rent.exact_up
        assert view.edge is not None
        assert view.edge.implied is not None
        assert view.edge.forecast is not None
        assert view.edge.cost is not None
        assert 0.0 < view.edge.cost < 0.2
        minute = next(each for each in view.signature if each.step == MINUTE)
        assert minute.vol is not None
        assert view.span > 60 * MINUTE


def test_the_ledger_ties_to_the_cent_with_the_engines_own_result(session: Session) -> None:
    state = session.state
    assert state.scalps
    gammas, around = Gammas(), seen(session)
    for _ in range(3):
        found = gammas.of(state, around)
    rows = [row for view in found.values() for row in view.scalps if row.summed]
    earned = sum(row.gross_usd or 0.0 for row in rows if row.name in ("Since the start", "Open"))
    fees = sum(row.fees_usd or 0.0 for row in rows if row.name in ("Since the start", "Open"))
    legs = [each for each in attribution_view(state).legs if each.venue and not each.expiry]
    paid = sum(each.usd.get(Bucket.FEES, 0.0) for each in legs)
    apart = (Bucket.FEES, Bucket.FUNDING)
    made = sum(sum(usd for b, usd in each.usd.items() if b not in apart) for each in legs)
    assert -fees == pytest.approx(paid, abs=0.005)
    assert earned == pytest.approx(made, abs=0.005)


def test_a_fill_is_seen_within_seconds_and_survives_a_restart() -> None:
    trial = ready(positions={OPTION: "1"})
    trial.obey(trial.approve())
    trial.tick(10.0)
    assert trial.state.scalps[PERP].lots
    view = Gammas().of(trial.state, Seen({}, {}, {}))["BTC"]
    assert [row.name for row in view.scalps] == ["Today", "Since the start", "Open"]
    assert view.scalps[-1].coins == pytest.approx(
        abs(float(sum((lot.qty for lot in trial.state.scalps[PERP].lots), Decimal(0))))
    )
    assert utc_day(trial.now) in trial.state.scalps[PERP].days


def test_without_options_it_says_what_it_can_show() -> None:
    trial = ready()
    view = Gammas().of(trial.state, Seen({}, {}, {}))["BTC"]
    assert view.note.startswith(NO_OPTIONS)
    assert view.rent is not None
    assert view.rent.move_usd is None
    assert view.edge is not None
    assert "hour of prices" in view.edge.says


def test_before_any_price_it_says_so() -> None:
    trial = Trial()
    view = Gammas().of(trial.state, Seen({}, {}, {}))["BTC"]
    assert view.rent is None
    assert "No rent can be shown" in view.note


def test_without_gamma_implied_is_that_of_about_a_week() -> None:
    expiries = tuple(
        ExpiryVol(days * DAY, 60_000.0, vol, None, 4)
        for days, vol in ((1, 0.5), (6, 0.6), (7, None), (30, 0.7))
    )
    view = VolView(
        underlying="BTC", expiries=expiries, shape="", index=None, index_note="", realised=()
    )
    assert matching_expiry((), view, 0) == 6 * DAY
    assert matching_expiry((), None, 0) == 0
