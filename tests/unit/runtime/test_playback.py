"""A journal seen again: the state of every moment, nothing written, and what cannot be shown."""

import hashlib
import shutil
from pathlib import Path

import pytest
from msgspec.structs import replace

from terminal.core.errors import ConfigError, JournalError
from terminal.core.units import MINUTE, SECOND
from terminal.engine.state import saved
from terminal.journal.frames import FIRST_LINK, make_frame
from terminal.journal.segments import segment_paths
from terminal.model.frame import Frame, Machine
from terminal.model.messages import CancelAll, Mode, Stop, StopStage
from terminal.model.playback import Seek
from terminal.model.preview import Draft
from terminal.model.risk import Autonomy
from terminal.model.smile import SmileAt
from terminal.model.what_if import WhatIf
from terminal.oracle.chain import read
from terminal.runtime import opening
from terminal.runtime.journal_reader import Source, engines_of, opened
from terminal.runtime.opening import open_session
from terminal.runtime.oracle import KEEP, folder_of
from terminal.runtime.playback import Playback
from terminal.runtime.recorded_decisions import NONE_KEPT, marks_of
from terminal.runtime.runner import Runner
from terminal.runtime.settings import Settings

STILL = Machine(lag_ms=0.0, records_per_s=0.0, speed=1.0, paused=True, progress=None)
MINUTES = 8
TURNS = 32
"""Frames until everything that is renewed by turns has had its turn."""

CURVES = ("price", "delta", "low", "high", "gamma", "vega", "funding")

Lived = tuple[Path, dict[int, bytes]]
"""A journal, and the state that its run had at some moments."""


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Lived:
    """Eight simulated minutes in several segments, the state of every other one kept."""
    directory = tmp_path_factory.mktemp("playback") / "journal"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(opening, "SEGMENT_BYTES", 1 << 20)
        session = open_session(Settings(history_hours=0.05, autonomy=Autonomy.AUTO), directory)
    states = {}
    for minute in range(1, MINUTES + 1):
        session.advance(session.opens_at + minute * MINUTE)
        if minute % 2 == 0:
            states[session.state.now] = saved(session.state)
    session.close()
    assert len(segment_paths(directory)) > 3
    return directory, states


def at(playback: Playback, moment: int) -> Playback:
    """Go to a moment, in pieces, as a window does."""
    playback.seek(moment)
    while not playback.advance(moment, budget_s=0.002):
        pass
    return playback


def hashes(directory: Path) -> dict[str, str]:
    return {
        str(each): hashlib.sha256(each.read_bytes()).hexdigest()
        for each in sorted(directory.parent.rglob("*"))
        if each.is_file()
    }


def test_every_moment_is_as_it_was_however_it_is_reached(lived: Lived) -> None:
    directory, states = lived
    before = hashes(directory)
    playback = Playback(directory)
    moments = list(states)
    segments = playback._source.found.held
    longest = max(each.last_seq - each.opened.head.first_seq + 1 for each in segments)
    for moment in (*reversed(moments), moments[2], moments[3], moments[0]):
        taken = playback.records
        assert saved(at(playback, moment).state) == states[moment]
        assert playback.records - taken <= longest  # which is what makes it quick
    playback.close()
    assert hashes(directory) == before


def test_a_recording_has_a_size_and_no_limit_for_it_cannot_fill_a_disk(lived: Lived) -> None:
    playback = Playback(lived[0])
    journal = playback.frame(STILL).journal
    assert journal.bytes == sum(each.stat().st_size for each in segment_paths(lived[0]))
    assert journal.limit == 0
    playback.close()


def plain(frame: Frame) -> dict[str, object]:
    """A frame as it can be compared: arrays are lists."""
    tracks = {
        name: [getattr(each, curve).values.tolist() for curve in CURVES]
        for name, each in frame.tracks.items()
    }
    # Smiles are fitted beside the loop and come when they are done.
    fields = {name: getattr(frame, name) for name in Frame.__struct_fields__ if name != "smiles"}
    return {**fields, "tracks": repr(tracks)}  # repr: an unknown value equals itself


def test_wound_to_or_played_to_it_is_the_same_picture(lived: Lived) -> None:
    played, wound = Playback(lived[0]), Playback(lived[0])
    moment = played.opens_at + 4 * MINUTE + 7 * SECOND
    played.advance(moment)
    played._renew()
    for each in (min(lived[1]), moment + MINUTE, moment):
        at(wound, each)
    assert wound._line.began > played._line.began
    while not wound.lengthen(0.01):
        pass
    for _ in range(TURNS):
        frames = played.frame(STILL), wound.frame(STILL)
    whole, jumped = (plain(each) for each in frames)
    assert [name for name in whole if whole[name] != jumped[name]] == []
    played.close()
    wound.close()


async def test_questions_stay_open_when_it_is_wound(lived: Lived) -> None:
    playback = Playback(lived[0])
    runner = Runner(playback, 1.0)
    at(playback, max(lived[1]))
    assert playback.state.profile is not None
    draft = replace(playback.state.profile, name="Looked at")
    for question in (WhatIf("BTC"), Draft(draft), SmileAt("ETH", 1)):
        runner.send(question)
    before = playback.views
    at(playback, min(lived[1]))
    views = playback.views
    assert views is not before
    assert (views.explorer.question, views.smiles.watched) == (WhatIf("BTC"), SmileAt("ETH", 1))
    assert views.previews.draft is draft
    playback.close()


def test_the_picture_stays_until_the_moment_is_reached(lived: Lived) -> None:
    playback = Playback(lived[0])
    before = at(playback, max(lived[1])).frame(STILL)
    playback.seek(min(lived[1]))
    going = playback.frame(STILL)
    assert going.seq == before.seq
    assert going.playback is not None
    assert going.playback.seeking == min(lived[1])
    assert playback.frame(STILL) is going
    assert at(playback, min(lived[1])).frame(STILL).seq < before.seq
    playback.close()


def test_it_reads_beside_the_desk_that_writes(lived: Lived, tmp_path: Path) -> None:
    directory = tmp_path / "journal"
    shutil.copytree(lived[0], directory)
    session = open_session(Settings(), directory)
    try:
        playback = Playback(directory)
        known = playback._source.last_seq
        session.advance(session.state.now + 10 * SECOND)
        session.flush()
        at(playback, session.state.now)  # as far as it went when it was opened
        assert playback.state.seq == known < session.state.seq
        playback.close()
    finally:
        session.close()


def test_decisions_of_a_restarted_run_follow_those_before(lived: Lived, tmp_path: Path) -> None:
    directory = tmp_path / "journal"
    for source, target in ((lived[0], directory), (folder_of(lived[0]), folder_of(directory))):
        shutil.copytree(source, target)
    session = open_session(Settings(autonomy=Autonomy.AUTO), directory)
    second = session.state.now
    session.advance(second + MINUTE)
    session.close()
    playback = Playback(directory)
    kept = [
        entry
        for path in sorted(folder_of(directory).iterdir())
        for entry in read(path.read_bytes().splitlines())
    ]
    assert [each.decision.number for each in kept].count(1) == 2
    for moment in (second + MINUTE, second - MINUTE, second + MINUTE // 2):
        shown = at(playback, moment).frame(STILL)
        past = [each for each in kept if each.decision.at <= shown.now]
        assert list(shown.oracle.recent) == past[-KEEP:]
    playback.close()


def test_marks_of_another_journal_in_the_same_place_are_left_out(lived: Lived) -> None:
    playback = Playback(lived[0])
    view = playback.frame(STILL).playback
    assert view is not None
    first = view.marks[0].at
    assert marks_of(lived[0], first + 1, view.last) == view.marks[1:]
    playback.close()


def test_the_engines_that_priced_it_are_known_before_it_is_stepped(
    lived: Lived, tmp_path: Path
) -> None:
    source = opened(lived[0])
    assert engines_of(source) == ("numpy",)
    turned = tmp_path / "turned"
    turned.write_bytes(b'..."event":{"type":"UsePricing","engine":"compiled"},"engine":"steam"}')
    held = (replace(source.found.held[0], path=turned),)
    assert engines_of(Source(replace(source.found, held=held), ())) == ("compiled",)


def test_decisions_are_those_that_were_recorded(lived: Lived, tmp_path: Path) -> None:
    playback = Playback(lived[0])
    last = at(playback, max(lived[1]))
    view = last.frame(STILL)
    assert view.playback is not None
    marks = view.playback.marks
    assert marks
    assert [each.at for each in marks] == sorted(each.at for each in marks)
    first = at(playback, marks[0].at).frame(STILL)
    decision = first.oracle.latest[marks[0].underlying].decision
    assert decision.headline == marks[0].text
    assert all(each.decision.at <= first.now for each in first.oracle.recent)
    playback.close()
    bare = tmp_path / "journal"
    shutil.copytree(lived[0], bare)
    without = Playback(bare)
    shown = at(without, without.opens_at).frame(STILL)
    assert shown.oracle.fault == NONE_KEPT
    assert shown.playback is not None
    assert shown.playback.marks == ()
    without.close()


def test_a_damaged_decision_is_said_and_the_rest_goes_on(lived: Lived, tmp_path: Path) -> None:
    directory = tmp_path / "journal"
    for source, target in ((lived[0], directory), (folder_of(lived[0]), folder_of(directory))):
        shutil.copytree(source, target)
    path = next(folder_of(directory).iterdir())
    content = path.read_bytes()
    path.write_bytes(content.replace(b'"number":2', b'"number":9', 1) + b"no json\n")
    playback = Playback(directory)
    shown = at(playback, max(lived[1])).frame(STILL)
    assert path.name in shown.oracle.fault
    assert shown.playback is not None
    assert shown.playback.marks
    playback.close()


def test_nobody_can_act_in_the_past(lived: Lived) -> None:
    playback = Playback(lived[0])
    at(playback, playback.opens_at + 5 * MINUTE)
    state = playback.state
    for command in (Stop(StopStage.FLATTEN, "now"), CancelAll("leaving")):
        playback.command(command)
        playback.process(state.now, "runtime", command)
        assert playback.state is state
    shown = playback.frame(STILL)
    assert shown.mode is Mode.RECORDING
    assert shown.live is None
    assert shown.playback is not None
    assert "CancelAll was not carried out: this is a recording" in shown.playback.refused
    [notice] = shown.notices
    assert "nothing can be sent" in notice.cause
    assert "without --recording" in notice.next_step
    playback.close()


@pytest.mark.parametrize("text", ["12:03", "2026-01-05T12:03", "2026-01-05 12:03:00+00:00"])
def test_it_begins_where_it_is_asked_to(lived: Lived, text: str) -> None:
    playback = Playback(lived[0], text)
    playback.advance(playback.opens_at)
    minute = playback.state.now % (60 * MINUTE) // MINUTE
    assert minute == 3
    playback.close()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("noon", "is no time"),
        ("2026-01-09T12:00", "it holds 2026-01-05"),
        ("2020-01-01T00:00", "it holds 2026-01-05"),
    ],
)
def test_a_moment_that_it_does_not_hold_is_refused(lived: Lived, text: str, why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        Playback(lived[0], text)


def test_what_is_no_journal_is_refused(lived: Lived, tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="no journal directory"):
        Playback(tmp_path / "nowhere")
    with pytest.raises(JournalError, match="holds no journal"):
        Playback(tmp_path)
    empty = tmp_path / "empty"
    shutil.copytree(lived[0], empty)
    for path in segment_paths(empty)[1:]:
        path.unlink()
    path = segment_paths(empty)[0]
    path.write_bytes(path.read_bytes()[:4])
    with pytest.raises(JournalError, match="no journal that can be read"):
        Playback(empty)


def test_a_journal_of_a_newer_version_names_the_remedy(lived: Lived, tmp_path: Path) -> None:
    directory = tmp_path / "journal"
    shutil.copytree(lived[0], directory)
    path = segment_paths(directory)[0]
    path.write_bytes(make_frame(b"H", 0, FIRST_LINK, b'{"format":2}')[0])
    with pytest.raises(JournalError, match="open it with the version that wrote it"):
        Playback(directory)


def test_a_segment_that_is_gone_is_said_and_the_picture_stays(lived: Lived, tmp_path: Path) -> None:
    directory = tmp_path / "journal"
    shutil.copytree(lived[0], directory)
    playback = Playback(directory)
    segment_paths(directory)[2].unlink()
    with pytest.raises(JournalError, match="cannot be read any more"):
        playback.advance(max(lived[1]))
    stood = playback.state
    assert playback.advance(max(lived[1]))  # nothing is stepped twice
    assert playback.state is stood
    playback.close()


def test_segments_that_are_dropped_meanwhile_leave_the_picture(
    lived: Lived, tmp_path: Path
) -> None:
    directory = tmp_path / "journal"
    shutil.copytree(lived[0], directory)
    playback = at(Playback(directory), max(lived[1]))
    stood = playback.state
    began = playback._line.began
    for path in segment_paths(directory)[:2]:
        path.unlink()  # as a desk does that has no room for them any more
    while not playback.lengthen(0.1):
        pass
    assert playback._line.began == began > 0  # the curves stay as short as they are
    playback.seek(playback.opens_at)
    assert playback.goal == 0
    assert playback.state is stood
    [notice] = playback.frame(STILL).notices
    assert "journal-00000001.seg" in notice.cause
    assert at(playback, max(lived[1])).state is stood
    playback.close()


def test_a_damaged_journal_is_shown_up_to_its_damage(lived: Lived, tmp_path: Path) -> None:
    directory = tmp_path / "journal"
    shutil.copytree(lived[0], directory)
    path = segment_paths(directory)[2]
    content = bytearray(path.read_bytes())
    content[-1000] ^= 0xFF
    path.write_bytes(content)
    playback = Playback(directory)
    shown = at(playback, max(lived[1])).frame(STILL)
    assert shown.playback is not None
    assert "is damaged" in shown.playback.note
    assert ["is damaged" in each.cause for each in shown.notices] == [True]
    assert shown.now <= shown.playback.last < max(lived[1])
    playback.close()


async def test_the_runner_seeks_and_plays_on_from_there(lived: Lived) -> None:
    playback = Playback(lived[0])
    runner = Runner(playback, 60.0)
    runner.pause(paused=True)
    goal = playback.opens_at + 6 * MINUTE
    runner.send(Seek(goal))
    while not runner._advance():
        pass
    assert goal - SECOND <= playback.state.now <= goal
    runner.pause(paused=False)
    first = playback.state.now
    while playback.state.now < first + SECOND:
        runner._advance()
    assert playback.state.now < goal + MINUTE
    runner.send(Seek(playback.opens_at))
    while not runner._advance():
        pass
    assert playback.state.now < goal - MINUTE
    assert runner.latest is not None
    assert runner.latest.machine.speed == 60.0
    playback.close()
