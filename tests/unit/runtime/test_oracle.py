"""Decisions beside a run: kept in a file, read back, made again, and never in the engine's way."""

from itertools import pairwise
from pathlib import Path

import pytest

from terminal.core.errors import ConfigError, DataError
from terminal.core.moment import read_moment
from terminal.core.units import DAY, MINUTE, SECOND, iso_utc
from terminal.model.oracle import Act
from terminal.model.risk import Autonomy
from terminal.oracle.chain import read
from terminal.oracle.telling import regret_told
from terminal.runtime import oracle
from terminal.runtime.opening import open_session
from terminal.runtime.oracle import Oracle, folder_of
from terminal.runtime.session import Session
from terminal.runtime.settings import Settings
from terminal.runtime.why_verb import _away, why

SETTINGS = Settings(history_hours=0.1, autonomy=Autonomy.AUTO)


def lived(journal: Path, minutes: int = 8) -> Session:
    """A run of some minutes, left open."""
    session = open_session(SETTINGS, journal)
    session.advance(session.opens_at + minutes * MINUTE)
    return session


def kept(journal: Path) -> list[Path]:
    return sorted(folder_of(journal).iterdir())


def test_decisions_are_kept_shown_and_made_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    journal = tmp_path / "journal"
    for _ in range(2):  # the second run goes on from the first
        session = lived(journal)
        view = session.views.oracle.view() if session.views.oracle else None
        session.close()
    assert view is not None
    assert set(view.latest) == {"BTC", "ETH", "SOL"}
    assert not view.fault
    paths = kept(journal)
    assert len(paths) == 2
    assert all(each.stat().st_mode & 0o777 == 0o600 for each in paths)
    entries = read(paths[-1].read_bytes().splitlines())
    assert entries == view.recent
    assert {each.decision.act for each in entries} >= {Act.HOLD}
    assert why(["--data", str(journal), "--check"]) == 0
    assert "the same, byte for byte" in capsys.readouterr().out
    assert why(["--data", str(journal), "--regret"]) == 0
    assert regret_told(view.regret) in capsys.readouterr().out
    assert why(["--data", str(journal), "--coin", "eth"]) == 0
    told = capsys.readouterr().out
    assert "on ETH" in told
    assert "What would change it" in told
    assert why(["--data", str(journal), "--list"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(entries)
    third = entries[2].decision
    assert why(["--data", str(journal), "--number", "3", "--json"]) == 0
    assert third.headline in capsys.readouterr().out
    moment = iso_utc(third.at)[:19]
    assert why(["--data", str(journal), "--at", moment]) == 0
    assert iso_utc(third.at) in capsys.readouterr().out
    for path in paths:  # the start before is answered for, too
        lines = read(path.read_bytes().splitlines())
        times = sorted({each.decision.at // SECOND for each in lines})
        earlier, later = next(pair for pair in pairwise(times) if pair[1] - pair[0] > 6)
        for at, words in ((earlier + 2, "2 s earlier."), (later - 2, "Until then stood decision")):
            moment = iso_utc(at * SECOND)[:19]
            assert why(["--data", str(journal), "--at", moment]) == 0
            answer = capsys.readouterr().out
            assert answer.startswith(f"Nearest to {moment} UTC: ")
            assert words in answer.splitlines()[0]
            assert iso_utc((earlier if "earlier" in words else later) * SECOND)[:19] in answer


@pytest.mark.parametrize(
    ("ns", "words"),
    [
        (0, "at that second"),
        (-40 * SECOND, "40 s earlier"),
        (60 * SECOND, "1 min later"),
        (3_725 * SECOND, "1 h 2 min later"),
    ],
)
def test_how_far_a_decision_is_is_said_in_words(ns: int, words: str) -> None:
    assert _away(ns) == words


def test_a_decision_that_was_changed_is_found_out(tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    lived(journal).close()
    path = kept(journal)[0]
    content = path.read_bytes()
    path.write_bytes(content.replace(b'"act":"hold"', b'"act":"wait"', 1))
    with pytest.raises(DataError, match="it was changed"):
        why(["--data", str(journal)])
    path.write_bytes(b"".join(content.splitlines(keepends=True)[:4]) + b'{"half a li')
    assert why(["--data", str(journal)]) == 0


def test_what_is_asked_wrongly_is_answered_with_the_remedy(tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    with pytest.raises(ConfigError, match="name the journal directory"):
        why(["--data", str(journal)])
    lived(journal, 3).close()
    for given, words in (
        (["--at", "25:00"], "write 03:12"),
        (["--at", "soon"], "write 03:12"),
        (["--at", "2020-01-01T00:00"], "nothing was decided before"),
        (["--number", "999"], "the last is"),
        (["--coin", "DOGE"], "no decision about DOGE"),
    ):
        with pytest.raises(ConfigError, match=words):
            why(["--data", str(journal), *given])


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("03:12", 3 * 60 * MINUTE + 12 * MINUTE + 59 * 10**9),
        ("03:12:05", 3 * 60 * MINUTE + 12 * MINUTE + 5 * 10**9),
        ("23:59:59", 24 * 60 * MINUTE - 10**9 - DAY),
    ],
)
def test_a_time_of_day_is_of_the_last_day(text: str, moment: int) -> None:
    noon = 20_000 * DAY + 12 * 60 * MINUTE
    assert read_moment(text, noon) == 20_000 * DAY + moment


@pytest.mark.logs
def test_a_fault_of_the_oracle_leaves_the_engine_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("no such number")

    session = lived(tmp_path / "journal", 2)
    before = session.state.seq
    monkeypatch.setattr(oracle, "decisions", broken)
    session.advance(session.state.now + MINUTE)
    assert session.state.seq > before
    assert not session.state.halts
    view = session.views.oracle.view() if session.views.oracle else None
    assert view is not None
    assert "Hedging goes on" in view.fault
    assert "the Oracle failed" in caplog.text
    session.close()


@pytest.mark.logs
def test_decisions_that_cannot_be_kept_are_still_shown(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    journal = tmp_path / "journal"
    folder_of(journal).write_text("in the way", encoding="utf-8")
    session = lived(journal, 3)
    view = session.views.oracle.view() if session.views.oracle else None
    assert view is not None
    assert view.latest
    assert "are not kept" in view.fault
    assert "not kept" in caplog.text
    session.close()


def test_old_files_are_dropped_beyond_their_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oracle, "KEEP_BYTES", 10)
    journal = tmp_path / "journal"
    for _ in range(3):
        lived(journal, 1).close()
    assert len(kept(journal)) == 1
    assert why(["--data", str(journal), "--list"]) == 0


def test_no_folder_keeps_nothing(tmp_path: Path) -> None:
    session = open_session(SETTINGS, tmp_path / "journal")
    assert session.views.oracle is not None
    session.views.oracle.close()
    session.views.oracle = Oracle(None, {})
    session.advance(session.opens_at + MINUTE)
    assert session.views.oracle.view().latest == {}  # it was not told of a start
    session.close()
