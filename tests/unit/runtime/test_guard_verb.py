"""The guard beside the desk: it hears silence, compares the books, and can do one thing: stop."""

import os
import time
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace

from terminal.__main__ import main
from terminal.core.errors import ConfigError, VenueError
from terminal.core.secret import Secret
from terminal.core.units import SECOND
from terminal.engine.alert_margins import margins
from terminal.engine.state import State, saved
from terminal.journal import alive
from terminal.journal.alive import ALIVE_NAME
from terminal.journal.latch import LATCH_NAME, LatchFile
from terminal.journal.lock import LOCK_NAME
from terminal.model.account import Position
from terminal.model.keys import CheckRow, CheckState, KeyEntry, KeyReport, StoredKey
from terminal.model.live import LiveAccount, Network
from terminal.model.messages import StopStage
from terminal.model.risk import Autonomy
from terminal.runtime import guard_verb, venue_books
from terminal.runtime.guard_limits import Limits, beyond, read_limits
from terminal.runtime.onlooker import Journaled, Onlooker, differing
from terminal.runtime.opening import open_session
from terminal.runtime.session import Session
from terminal.runtime.settings import Settings
from terminal.venues.key_checks import Heard, findings, why_not_read_only
from terminal.venues.redaction import Redactor


@pytest.fixture
def desk(tmp_path: Path) -> Session:
    """Return a desk that has traded for a while; its journal is in ``tmp_path``."""
    session = open_session(Settings(history_hours=0.0, autonomy=Autonomy.AUTO), tmp_path)
    session.advance(session.opens_at + 20 * SECOND)
    session.flush()
    session.latch.say_alive()
    return session


def held(session: Session, **changed: str) -> tuple[Position, ...]:
    """Positions as a venue states them."""
    rows = [each for each in session.state.ledger.positions.values() if each.qty != 0]
    first = replace(rows[0], qty=rows[0].qty + Decimal(changed.get("gap", "0")))
    return (first, *rows[1:])


# -- Silence ----------------------------------------------------------------------------------


def test_an_engine_that_ended_in_order_is_not_silent(desk: Session, tmp_path: Path) -> None:
    now = time.time()
    assert (alive.silence(tmp_path, now + 7.0) or 0.0) > 5.0
    assert "no sign of life" in Onlooker(tmp_path, Limits(), None).silent(now + 60.0)
    assert Onlooker(tmp_path, Limits(), None).silent(now + 2.0) == ""
    desk.close()
    assert alive.silence(tmp_path, now) is None
    assert Onlooker(tmp_path, Limits(), None).silent(now + 60.0) == ""


def test_a_sign_of_life_that_cannot_be_given_is_silence(tmp_path: Path) -> None:
    alive.touch(tmp_path / "missing")
    assert alive.silence(tmp_path / "missing", 0.0) is None
    alive.ended(tmp_path / "missing")


# -- The books --------------------------------------------------------------------------------


def test_a_running_desk_is_read_without_its_lock(desk: Session, tmp_path: Path) -> None:
    before = {each: each.read_bytes() for each in tmp_path.glob("*.seg")}
    reader = Journaled(tmp_path)
    assert saved(reader.read()) == saved(desk.state)
    desk.advance(desk.state.now + 10 * SECOND)
    desk.flush()
    assert saved(reader.read()) == saved(desk.state)
    assert all(each.read_bytes().startswith(content) for each, content in before.items())
    desk.close()


def test_two_looks_in_a_row_must_find_the_same(desk: Session, tmp_path: Path) -> None:
    stated = [held(desk), held(desk, gap="500"), held(desk), held(desk, gap="500")]
    onlooker = Onlooker(tmp_path, Limits(cap_factor=1e9), lambda: stated.pop(0))
    assert [onlooker.look() for _ in range(4)] == [""] * 4
    stated += [held(desk, gap="500")]
    assert "the journal holds" in onlooker.look()
    desk.close()


def test_a_venue_or_a_journal_that_cannot_be_read_stops_nothing(
    desk: Session, tmp_path: Path
) -> None:
    def down() -> tuple[Position, ...]:
        raise VenueError("no answer")

    onlooker = Onlooker(tmp_path, Limits(), down)
    assert [onlooker.look() for _ in range(3)] == [""] * 3
    assert onlooker.notes == ("no answer",)
    nowhere = Onlooker(tmp_path / "missing", Limits(), None)
    assert nowhere.look() == ""
    assert nowhere.notes
    desk.close()


def test_delta_beyond_the_cap_and_positions_beyond_the_lots(desk: Session) -> None:
    state = desk.state
    assert state.profile is not None
    assert beyond(state, Limits(cap_factor=1e9)) == ({}, ())
    every = {f"delta {coin}" for coin in state.desks}
    assert set(beyond(state, Limits(cap_factor=1e-9))[0]) == every
    assert set(beyond(state, Limits(cap_factor=1e9, delta_usd=1e-3))[0]) == every
    assert beyond(State(), Limits()) == ({}, ())
    assert differing(state, held(desk)) == {}
    assert len(differing(state, held(desk, gap="500"))) == 1
    assert len(differing(state, held(desk)[1:])) == 1
    wide = replace(state, profile=replace(state.profile, position_gap_lots=1e9))
    assert differing(wide, held(desk, gap="500")) == {}
    desk.close()


def test_equity_and_margin_are_held_to_the_limits_and_unknown_ones_are_told(desk: Session) -> None:
    state, loose = desk.state, Limits(cap_factor=1e9)
    assert state.equity is not None
    for gap, found in ((-1.0, set()), (1.0, {"equity"})):
        limits = replace(loose, equity_usd=state.equity + gap)
        assert set(beyond(state, limits)[0]) == found
    blind = replace(state, equity=None, books=None)
    reasons, unknown = beyond(blind, replace(loose, equity_usd=1e9, margin_used_pct=1.0))
    assert not reasons
    assert "the equity is unknown" in unknown
    assert "the margin of BTC is unknown" in unknown
    used, _ = margins(state, 0.0)["BTC"]
    assert used > 0.0
    for factor, found in ((1.01, set()), (0.99, {"margin BTC"})):
        limits = replace(loose, margin_used_pct=100.0 * used * factor)
        assert set(beyond(state, limits)[0]) == found
    desk.close()


def test_delta_that_cannot_be_told_stops_nothing_and_is_said(desk: Session) -> None:
    desks = {coin: replace(each, net=None) for coin, each in desk.state.desks.items()}
    reasons, unknown = beyond(replace(desk.state, desks=desks), Limits(cap_factor=1e-9))
    assert not reasons
    assert "the delta of BTC is unknown" in unknown
    desk.close()


# -- Its limits -------------------------------------------------------------------------------


def test_a_file_of_limits_is_read_and_what_it_leaves_out_is_usual(tmp_path: Path) -> None:
    path = tmp_path / "guard.toml"
    path.write_text("equity_usd = -500\nmargin_used_pct = 80\nstrikes = 3\n")
    assert read_limits(path) == Limits(equity_usd=-500.0, margin_used_pct=80.0, strikes=3)
    path.write_text("")
    assert read_limits(path) == Limits()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("equity = 5", "unknown field `equity`"),
        ("strikes = 0", "strikes must be above 0, is 0"),
        ("margin_used_pct = -1.0\nsilent_s = 0.0", "silent_s must be above 0, is 0; margin_used"),
        ("equity_usd = nan", "equity_usd must be a number, is nan"),
        ("delta_usd = inf", "delta_usd must be a number, is inf"),
        ("delta_usd = ", "guard.toml"),
        ("#" * 20_000, "another file"),
    ],
)
def test_a_file_that_sets_no_sound_limit_is_refused(text: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "guard.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=words):
        read_limits(path)
    with pytest.raises(ConfigError, match="No such file"):
        read_limits(tmp_path / "missing")


# -- The verb ---------------------------------------------------------------------------------


def test_the_verb_stops_a_desk_that_died_and_leaves_a_living_one_alone(
    desk: Session, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    look = ["guard", "--data-dir", str(tmp_path), "--once"]
    assert main(look) == 0
    assert not (tmp_path / LATCH_NAME).exists()
    old = time.time() - 60.0
    os.utime(tmp_path / ALIVE_NAME, (old, old))
    assert main(look) == 1
    assert "stopped: the engine has given no sign of life" in capsys.readouterr().out
    found = LatchFile(tmp_path).read()
    assert found is not None
    assert (found.stage, found.by) == (StopStage.FREEZE, "guard")
    assert main(look) == 0  # stopped already
    desk.advance(desk.state.now)
    assert desk.state.stop is not None
    desk.close()


def test_the_verb_stops_a_desk_whose_books_are_wrong(
    desk: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard_verb, "_venue", lambda _: lambda: held(desk, gap="500"))
    assert main(["guard", "--data-dir", str(tmp_path), "--once"]) == 1
    found = LatchFile(tmp_path).read()
    assert found is not None
    assert "the venue" in found.reason
    desk.close()


def test_the_verb_stops_a_desk_beyond_a_limit_of_its_file(desk: Session, tmp_path: Path) -> None:
    path = tmp_path / "guard.toml"
    look = ["guard", "--data-dir", str(tmp_path), "--limits", str(path), "--once"]
    path.write_text("cap_factor = 1e9\n")
    assert main(look) == 0
    assert not (tmp_path / LATCH_NAME).exists()
    path.write_text("cap_factor = 1e9\nequity_usd = 1e12\n")
    assert main(look) == 1
    found = LatchFile(tmp_path).read()
    assert found is not None
    assert "equity is" in found.reason
    desk.close()


def test_the_verb_refuses_what_makes_no_sense(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["guard", "--data-dir", str(tmp_path)]) == 2
    assert "holds no journal" in capsys.readouterr().err
    (tmp_path / LOCK_NAME).touch()
    for option, words in (
        ("--silent", "above 0"),
        ("--every", "above 0"),
        ("--limits", "limits 0"),
    ):
        assert main(["guard", "--data-dir", str(tmp_path), option, "0", "--once"]) == 2
        assert words in capsys.readouterr().err


# -- Its key ----------------------------------------------------------------------------------


def rows(read_only: object, wallet: tuple[str, ...] = ()) -> tuple[CheckRow, ...]:
    """What a check finds of a key of bybit."""
    key = {
        "readOnly": read_only,
        "permissions": {"ContractTrade": ["Order", "Position"], "Wallet": list(wallet)},
        "ips": ["*"],
    }
    answers: Mapping[str, object] = {"balance": {}, "key": {"result": key}}
    heard = Heard(
        answers=answers, errors={}, offset_ms=0.0, round_trip_ms=1.0, order=None, now_ms=0
    )
    return findings("bybit", heard)


def test_only_a_key_that_is_said_to_read_and_no_more_is_taken() -> None:
    assert why_not_read_only(rows(1)) == ""
    assert "may trade" in why_not_read_only(rows(0))
    assert "does not say" in why_not_read_only(rows("?"))
    assert "withdraw" in why_not_read_only(rows(1, ("Withdraw",)))
    bad = (*rows(1), CheckRow("Reading", CheckState.BAD, "the key has expired"))
    assert "expired" in why_not_read_only(bad)
    assert "does not say" in why_not_read_only(())


class OneKey:
    """A desk of keys with one, of which a check finds what it is told."""

    redactor = Redactor()

    def __init__(self, report: KeyReport) -> None:
        self.report = report

    async def read(self, stored: StoredKey) -> dict[str, Secret]:
        return {name: Secret("x") for name in stored.fields}

    async def check(self, entry: KeyEntry) -> KeyReport:
        assert entry.fields
        return self.report


@pytest.mark.parametrize(("read_only", "failure"), [(0, ""), (1, "the exchange is down")])
def test_a_key_that_may_trade_or_cannot_be_checked_is_refused(
    read_only: int, failure: str, tmp_path: Path
) -> None:
    account = LiveAccount("bybit", Network.MAIN, "watch")
    stored = StoredKey(account=account, fields=("apiKey", "secret"), saved_at=1)
    keys = OneKey(KeyReport(account, rows(read_only), failure))
    with pytest.raises(ConfigError, match="is no key for a guard"):
        venue_books.watching(keys, stored, tmp_path)  # type: ignore[arg-type]
    harmless = OneKey(KeyReport(account, rows(1)))
    venue_books.watching(harmless, stored, tmp_path)  # type: ignore[arg-type]
