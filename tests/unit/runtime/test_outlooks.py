"""Forecasts of a run: prices every five minutes, hours on the hour, records for who uses them."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from terminal.core.units import DAY, HOUR, MINUTE, SECOND
from terminal.engine.state import DeskState, State, restored, saved
from terminal.market.hours import hours_of
from terminal.market.state import Level
from terminal.model.forecast import Outlook
from terminal.model.frame import Machine
from terminal.model.messages import Mode, Started
from terminal.model.risk import Autonomy, RiskProfile
from terminal.runtime import outlooks as module
from terminal.runtime.hour_files import HourFiles, folder_of
from terminal.runtime.outlooks import BLOCK, FAR, Outlooks, cut, users
from terminal.runtime.profiles import load
from terminal.runtime.session import Session
from terminal.venues.demo_book import demo_book
from terminal.venues.sim_listing import listing
from terminal.venues.sim_market import DEFAULT_SPOTS
from terminal.venues.sim_world import SimWorld
from tests.unit.market.hourly import MONDAY, made
from tests.unit.runtime.making import Logbook

PLAIN = load("balanced")


MACHINE = Machine(lag_ms=0.0, records_per_s=0.0, speed=1.0, paused=False, progress=None)


def ahead() -> RiskProfile:
    """A profile whose BTC policy lets forecasts in."""
    policy = replace(PLAIN.policies["BTC"], foresight_pct=30.0)
    return replace(PLAIN, policies={**PLAIN.policies, "BTC": policy})


def state_at(now: int, price: float | None = 100.0, profile: RiskProfile | None = None) -> State:
    """State of one coin whose price came a second ago."""
    state = State(now=now, profile=profile, desks={"BTC": DeskState(autonomy=Autonomy.MANUAL)})
    if price is None:
        return state
    index = {"BTC": Level(now - SECOND, price)}
    return replace(state, market=replace(state.market, index=index))


def walked(given: Outlooks, start: int, prices: list[float | None], **more: Any) -> list[Outlook]:
    """Show a price every five minutes, a second late, and again until nothing is due."""
    heard = list[Outlook]()
    state = state_at(start, **more)
    for number, price in enumerate(prices):
        fresh = state_at(start + number * 5 * MINUTE + SECOND, price, **more)
        state = replace(fresh, market=replace(fresh.market, outlooks=state.market.outlooks))
        while state.now >= given.next_at:
            for each in given.due(state):
                heard.append(each)
                known = {**state.market.outlooks, each.underlying: each}
                state = replace(state, market=replace(state.market, outlooks=known))
    return heard


def path(hours: int, seed: int = 1) -> list[float | None]:
    moves = np.random.default_rng(seed).normal(0.0, 1e-3, 12 * hours + 1)
    return [*(100.0 * np.exp(np.cumsum(moves))).tolist()]


def test_hours_are_those_of_the_prices_that_were_seen(tmp_path: Path) -> None:
    given, prices = Outlooks(), path(5)
    given.keep(tmp_path)
    walked(given, MONDAY, prices)
    found = HourFiles(tmp_path).read("BTC")
    levels = [np.nan if each is None else each for each in prices]
    expected = hours_of(MONDAY + 5 * MINUTE * np.arange(len(prices), dtype=np.int64), levels)
    assert (found.first, found.end) == (MONDAY, MONDAY + 5 * HOUR)
    for name in ("variance", "bipower", "move"):
        assert getattr(found, name) == pytest.approx(getattr(expected, name), rel=1e-12)
    view = given.views()["BTC"]
    assert view.at == MONDAY + 5 * HOUR
    assert "too short" in view.cards[0].told.reason


def test_a_run_that_begins_within_an_hour_or_stands_still_loses_only_what_it_did_not_see(
    tmp_path: Path,
) -> None:
    given, prices = Outlooks(), path(6)
    given.keep(tmp_path)
    prices[30:50] = [None] * 20
    walked(given, MONDAY + 20 * MINUTE, prices)
    found = HourFiles(tmp_path).read("BTC")
    assert found.first == MONDAY + HOUR
    assert np.isnan(found.variance[2])
    assert np.isfinite(found.variance[[0, 1, 4]]).all()


def test_old_prices_count_as_none(tmp_path: Path) -> None:
    given = Outlooks()
    given.keep(tmp_path)
    for number in range(13):
        state = state_at(MONDAY + number * 5 * MINUTE)
        stale = {"BTC": Level(MONDAY - DAY, 100.0)}
        given.due(replace(state, market=replace(state.market, index=stale)))
    assert HourFiles(tmp_path).read("BTC").variance.size == 0


def test_only_who_looks_ahead_gets_records_one_an_hour() -> None:
    prices = path(3)
    assert walked(Outlooks(), MONDAY, prices) == []
    heard = walked(Outlooks(), MONDAY, prices, profile=ahead())
    assert [each.at for each in heard] == [0, *(MONDAY + HOUR * n for n in (1, 2, 3))]
    assert {each.underlying for each in heard} == {"BTC"}
    assert users(None) == ()
    assert list(users(ahead())) == ["BTC"]
    assert list(users(PLAIN)) == []


def test_a_backtest_that_uses_none_pays_for_none() -> None:
    given = Outlooks()
    state = replace(state_at(MONDAY, profile=PLAIN), mode=Mode.BACKTEST)
    assert given.due(state) == ()
    assert given.next_at == FAR
    state = replace(state, profile=ahead())
    assert given.due(state) == ()
    assert given.next_at == MONDAY + 5 * MINUTE
    state = replace(state, now=given.next_at)
    assert given.due(state) == ()
    assert given.next_at == state.now  # the coin waits to be foretold
    assert len(given.due(state)) == 1


def test_a_known_past_foretells_at_once_and_nothing_of_what_is_to_come() -> None:
    hours = made(1, 120)
    given = Outlooks()
    given.remember("BTC", hours)
    now = MONDAY + 100 * DAY
    heard = walked(given, now, path(1), profile=ahead())
    assert heard[0].at == now
    assert heard[0].day.value is not None
    early = Outlooks()
    early.remember("BTC", type(hours)(hours.first, HOUR, *(e[: 100 * 24] for e in hours[2:])))
    again = walked(early, now, path(1), profile=ahead())
    assert again == heard


def test_a_restart_forgets_no_past(tmp_path: Path) -> None:
    files = HourFiles(tmp_path)
    files.add("BTC", made(2, 100))
    given = Outlooks()
    given.keep(tmp_path)
    heard = walked(given, MONDAY + 100 * DAY, path(1), profile=ahead())
    assert heard[0].day.value is not None
    assert heard[-1].at == MONDAY + 100 * DAY + HOUR


def test_old_hours_are_dropped_by_the_block() -> None:
    hours = made(3, 40)
    limit = 24 * 20
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "MOST_HOURS", limit)
        assert cut(hours) is hours  # 20 days too many, less than a block
        patch.setattr(module, "MOST_HOURS", 24 * 5)
        found = cut(hours)
    assert found.variance.size == hours.variance.size - BLOCK
    assert found.end == hours.end


def test_files_of_hours_come_back_equal(tmp_path: Path) -> None:
    hours = made(4, 5, holes=7)
    files = HourFiles(folder_of(tmp_path / "journal"))
    files.add("BTC", hours)
    found = files.read("BTC")
    known = np.isfinite(hours.variance)
    start = (found.first - hours.first) // HOUR
    for name in ("variance", "bipower", "move"):
        expected = getattr(hours, name)[start : start + found.variance.size]
        assert np.array_equal(getattr(found, name), expected, equal_nan=True)
    assert int(np.isfinite(found.variance).sum()) == int(known.sum())
    assert (folder_of(tmp_path / "journal") / "BTC.csv").stat().st_mode & 0o077 == 0


def test_damaged_lines_cost_their_hours_only(tmp_path: Path) -> None:
    (tmp_path / "BTC.csv").write_text(
        f"{MONDAY},1e-4,9e-5,0.01\n"
        "nonsense\n"
        f"{MONDAY + 1},1e-4,9e-5,0.01\n"
        f"{MONDAY + HOUR},nan,9e-5,0.01\n"
        f"{MONDAY + HOUR},-1.0,9e-5,0.01\n"
        f"{MONDAY + 2 * HOUR},2e-4,9e-5,0.01\n"
        f"{MONDAY + 3 * HOUR},2e-4,9"
    )
    found = HourFiles(tmp_path).read("BTC")
    assert found.variance.tolist() == pytest.approx([1e-4, np.nan, 2e-4], nan_ok=True)
    assert HourFiles(tmp_path).read("ETH").variance.size == 0


def test_no_name_leads_out_of_the_folder(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    HourFiles(inner).add("../x", made(5, 1))
    assert [each.name for each in inner.iterdir()] == ["___x.csv"]
    assert [each.name for each in tmp_path.iterdir()] == ["inner"]


@pytest.mark.logs
def test_a_disk_that_refuses_is_told_of_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    files = HourFiles(tmp_path / "file")
    for _ in range(2):
        files.add("BTC", made(6, 1))
    assert files.read("BTC").variance.size == 0
    assert len(caplog.records) == 1
    assert "hours are not kept" in caplog.text


def simulated(rules: RiskProfile, past: bool) -> tuple[Session, Logbook]:
    """Run a simulated desk for two minutes, with or without a past."""
    start = MONDAY + 100 * DAY
    positions, balances = demo_book(listing(start, DEFAULT_SPOTS), DEFAULT_SPOTS, start)
    world = SimWorld(seed=7, start_at=start, positions=positions, balances=balances)
    book = Logbook()
    session = Session(world, book, State(), rules)  # type: ignore[arg-type]
    if past:
        session.views.fits.outlooks.remember("BTC", made(7, 100))
    session.process(start, "runtime", Started("t", Mode.SIM, 7, rules, Autonomy.MANUAL))
    session.advance(start + 90 * SECOND)
    return session, book


def test_the_engine_hears_of_it_decides_by_it_and_remembers_it() -> None:
    session, book = simulated(ahead(), past=True)
    events = [each.event for each in book.read() if isinstance(each.event, Outlook)]
    assert [each.underlying for each in events] == ["BTC"]
    state = session.state
    assert state.market.outlooks["BTC"] == events[0]
    assert restored(saved(state)).market.outlooks == state.market.outlooks
    target = state.desks["BTC"].target
    assert target is not None
    assert "forecast volatility" in target.reason
    again, _ = simulated(ahead(), past=True)
    assert saved(again.state) == saved(state)


def test_a_default_profile_hears_of_nothing_and_decides_as_before() -> None:
    session, book = simulated(PLAIN, past=True)
    bare, _ = simulated(PLAIN, past=False)
    assert not [each for each in book.read() if isinstance(each.event, Outlook)]
    assert saved(session.state) == saved(bare.state)
    assert session.frame(MACHINE).forecasts["BTC"].cards[0].told.value is not None
