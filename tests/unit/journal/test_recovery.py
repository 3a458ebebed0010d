"""Recovery: a torn tail is cut, damage is never passed over, a bad snapshot costs nothing."""

import shutil
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.core.errors import InvariantError, JournalError
from terminal.core.fault_points import FaultPoint
from terminal.journal.codec import encode_record
from terminal.journal.frames import FIRST_LINK, HEADER_BYTES, make_frame, parse_frame
from terminal.journal.lock import LOCK_NAME
from terminal.journal.recover import survey
from terminal.journal.segments import SegmentHead, segment_name, segment_paths
from terminal.model.messages import LinkUp, Record
from tests.unit.journal.logs import (
    START,
    Crash,
    contents,
    fill,
    flip,
    opened,
    put,
    quote,
    state_at,
    strike_at,
    tick,
    ticks,
    write_log,
)


def frame_starts(path: Path) -> list[int]:
    """Offsets of all frames, the end of the file included."""
    content, starts = path.read_bytes(), [0]
    while starts[-1] < len(content):
        starts.append(parse_frame(content, starts[-1]).end)
    return starts


@pytest.fixture(scope="module")
def long_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("long") / "journal"
    write_log(directory, 200, per_segment=50)
    return directory


@given(st.lists(st.tuples(st.booleans(), st.sampled_from(["sync", "rotate", "reopen", ""]))))
def test_any_sequence_of_records_round_trips(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[bool, str]]
) -> None:
    directory = tmp_path_factory.mktemp("any") / "journal"
    written: list[Record] = []
    rest = iter(steps)
    going = True
    while going:
        going = False
        with opened(directory) as journal:
            assert journal.last_seq == len(written)
            snapshot = journal.recovered.snapshot
            tail = list(journal.recovered.records)
            assert tail == written[journal.recovered.snapshot_seq :]
            assert snapshot == (state_at(len(written) - len(tail)) if snapshot else None)
            for quoted, then in rest:
                written.append((quote if quoted else tick)(len(written) + 1))
                journal.append(written[-1])
                if then == "sync":
                    journal.sync()
                    assert journal.durable_seq == len(written)
                elif then == "rotate":
                    journal.rotate(state_at(len(written)), at=START)
                elif then == "reopen":
                    going = True
                    break
            assert list(journal.read()) == written
    shutil.rmtree(directory)


def test_an_empty_directory_is_a_beginning(tmp_path: Path) -> None:
    with opened(tmp_path / "journal") as journal:
        assert journal.recovered.snapshot is None
        assert list(journal.recovered.records) == []
        assert (journal.last_seq, journal.recovered.notes) == (0, ())


@pytest.mark.parametrize("seq", [0, 1, 2, 4])
def test_records_are_numbered_without_holes(tmp_path: Path, seq: int) -> None:
    with opened(tmp_path / "journal") as journal:
        fill(journal, 2)
        with pytest.raises(InvariantError, match=f"record {seq} cannot follow record 2"):
            journal.append(tick(seq))
        journal.append(tick(3))
        assert list(journal.read(after=1)) == ticks(2, 3)


def test_a_refused_record_leaves_the_journal_as_it_was(tmp_path: Path) -> None:
    with opened(tmp_path / "journal") as journal:
        fill(journal, 1)
        with pytest.raises(InvariantError, match="does not survive"):
            journal.append(msgspec.structs.replace(tick(2), at=1.5))
        fill(journal, 3)
    with opened(tmp_path / "journal") as journal:
        assert list(journal.read()) == ticks(1, 3)


def test_every_truncation_of_a_log_recovers_a_prefix_and_is_reported(tmp_path: Path) -> None:
    (path,) = write_log(tmp_path / "journal", 50)
    content, starts = path.read_bytes(), frame_starts(path)
    lock = (tmp_path / "journal" / LOCK_NAME).read_bytes()
    for size in range(len(content)):
        put(path, content[:size])
        put(tmp_path / "journal" / LOCK_NAME, lock)
        whole = sum(start <= size for start in starts) - 2  # head and end of the last one
        with opened(tmp_path / "journal") as journal:
            recovered = journal.recovered
            assert list(recovered.records) == ticks(1, max(whole, 0))
            assert recovered.notes
            # A head is durable before the segment has its name: to lose it is no crash.
            assert recovered.read_only == (whole < 0)
            torn = size not in starts and whole >= 0
            kept = {name for name in contents(tmp_path / "journal") if "torn" in name}
            assert len(kept) == torn
            if torn:
                cut = content[starts[whole + 1] : size]
                assert contents(tmp_path / "journal")[kept.pop()] == cut
                assert any(f"cut {len(cut)} bytes" in note for note in recovered.notes)
        for side in (tmp_path / "journal").glob("*.torn-*"):
            side.unlink()


def test_every_byte_flip_in_a_log_of_four_segments_is_found(long_log: Path) -> None:
    paths = segment_paths(long_log)
    assert survey(paths).damage is None
    for path in paths[:2]:
        content = path.read_bytes()
        snapshots = range(0)
        if path is paths[1]:
            starts = frame_starts(path)
            snapshots = range(starts[1], starts[2])
        for offset in range(0, len(content), 3):
            flip(path, offset, 1 << (offset % 8))
            found = survey(paths[:3])
            flip(path, offset, 1 << (offset % 8))
            if offset in snapshots:
                assert found.damage is None
                assert found.held[1].snapshot_fault
            else:
                assert found.damage is not None
                assert found.damage.path == path


@given(st.data())
def test_a_flip_in_the_newest_segment_keeps_only_what_came_before(
    long_log: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    directory = tmp_path_factory.mktemp("flip") / "journal"
    shutil.copytree(long_log, directory)
    newest = segment_paths(directory)[-1]
    content, starts = newest.read_bytes(), frame_starts(newest)
    offset = data.draw(st.integers(0, len(content) - 1))
    flip(newest, offset, 1 << data.draw(st.integers(0, 7)))
    index = sum(start <= offset for start in starts) - 1  # 0 head, 1 snapshot, 2.. records
    before = contents(directory)
    with opened(directory) as journal:
        recovered = journal.recovered
        assert recovered.notes
        expected = ticks(1, 200) if index == 1 else ticks(1, 150 + max(index - 2, 0))
        assert list(journal.read()) == expected
        assert list(recovered.records) == expected[recovered.snapshot_seq :]
        assert recovered.read_only == (index not in (1, 51))  # 51: the last record of all
        if recovered.read_only:
            assert contents(directory) == before
            with pytest.raises(JournalError, match=r"journal-00000004\.seg is damaged at byte"):
                journal.append(tick(recovered.last_seq + 1))
    shutil.rmtree(directory)


def test_damage_names_place_record_and_remedy(tmp_path: Path) -> None:
    paths = write_log(tmp_path / "journal", 40, per_segment=10)
    starts = frame_starts(paths[1])
    flip(paths[1], starts[5] + HEADER_BYTES)
    with opened(tmp_path / "journal") as journal:
        assert journal.read_only
        with pytest.raises(JournalError, match="is read-only"):
            journal.sync()
        with pytest.raises(JournalError) as caught:
            journal.append(tick(14))
        text = str(caught.value)
        assert f"journal-00000002.seg is damaged at byte {starts[5]}, record 14" in text
        assert "move the segments before journal-00000003.seg elsewhere: the rest is whole" in text
        assert list(journal.read()) == ticks(1, 13)
        assert not journal.needs_rotation
        with pytest.raises(JournalError, match="is damaged"):
            journal.rotate(b"state", at=START)
    for path in paths[:2]:
        path.unlink()
    with opened(tmp_path / "journal") as journal:  # the remedy works
        assert journal.recovered.last_seq == 40
        assert list(journal.read()) == ticks(21, 40)


def test_a_missing_segment_is_damage(tmp_path: Path) -> None:
    paths = write_log(tmp_path / "journal", 40, per_segment=10)
    paths[2].unlink()
    with opened(tmp_path / "journal") as journal:
        assert journal.recovered.read_only
        assert journal.recovered.snapshot == state_at(10)
        assert list(journal.recovered.records) == ticks(11, 20)
        assert "journal-00000003.seg is missing" in journal.blocked


def test_segments_of_two_journals_do_not_mix(tmp_path: Path) -> None:
    ours = write_log(tmp_path / "ours", 20, per_segment=10)
    with opened(tmp_path / "theirs") as journal:
        for seq in range(1, 11):
            journal.append(quote(seq))
        journal.rotate(state_at(10), at=START)
    theirs = sorted((tmp_path / "theirs").glob("*.seg"))
    shutil.copy(theirs[1], ours[1])
    with opened(tmp_path / "ours") as journal:
        assert "does not continue journal-00000001.seg" in journal.blocked
    shutil.copy(ours[0], ours[1])
    with opened(tmp_path / "ours") as journal:
        assert "was written as journal-00000001.seg" in journal.blocked


def test_segments_of_equal_length_from_another_journal_do_not_mix(tmp_path: Path) -> None:
    ours = write_log(tmp_path / "ours", 20, per_segment=10)
    with opened(tmp_path / "theirs") as journal:
        for record in ticks(1, 10):
            journal.append(msgspec.structs.replace(record, source="sam"))
        journal.rotate(state_at(10), at=START)
        fill(journal, 20)
    theirs = sorted((tmp_path / "theirs").glob("*.seg"))
    shutil.copy(theirs[1], ours[1])
    with opened(tmp_path / "ours") as journal:
        assert "does not continue journal-00000001.seg" in journal.blocked
        assert list(journal.read()) == ticks(1, 10)


def test_a_finished_segment_cut_between_records_is_damage(tmp_path: Path) -> None:
    paths = write_log(tmp_path / "journal", 20, per_segment=10)
    paths[0].write_bytes(paths[0].read_bytes()[: frame_starts(paths[0])[9]])
    with opened(tmp_path / "journal") as journal:
        assert "record 8 is followed by 11" in journal.blocked
        assert list(journal.read()) == ticks(1, 8)


def test_a_whole_last_record_of_another_journal_is_damage_not_a_torn_tail(tmp_path: Path) -> None:
    (path,) = write_log(tmp_path / "journal", 3)
    stray = make_frame(b"R", 4, FIRST_LINK, encode_record(tick(4)))[0]
    with path.open("ab") as file:
        file.write(stray)
    before = path.read_bytes()
    with opened(tmp_path / "journal") as journal:
        assert "record 4: number 4 does not belong to the one before it" in journal.blocked
    assert path.read_bytes() == before


def test_a_snapshot_must_be_the_one_its_head_names(tmp_path: Path) -> None:
    paths = write_log(tmp_path / "journal", 20, per_segment=10)
    content, starts = paths[1].read_bytes(), frame_starts(paths[1])
    other = bytes(reversed(state_at(10)))
    forged = make_frame(b"S", 10, content[20:28], other)[0]
    paths[1].write_bytes(content[: starts[1]] + forged + content[starts[2] :])
    with opened(tmp_path / "journal") as journal:
        assert journal.recovered.snapshot is None
        assert list(journal.recovered.records) == ticks(1, 20)


def test_a_record_framed_under_another_number_is_refused(tmp_path: Path) -> None:
    (path,) = write_log(tmp_path / "journal", 1)
    link = parse_frame(path.read_bytes(), frame_starts(path)[1]).link
    with path.open("ab") as file:
        file.write(make_frame(b"R", 2, link, encode_record(tick(3)))[0])
    with (
        opened(tmp_path / "journal") as journal,
        pytest.raises(JournalError, match=r"record 3 in .* is framed as 2"),
    ):
        list(journal.read())


def test_two_bad_snapshots_fall_back_twice(tmp_path: Path) -> None:
    paths = write_log(tmp_path / "journal", 40, per_segment=10)
    for path in paths[2:]:
        flip(path, frame_starts(path)[1] + HEADER_BYTES + 1)
    with opened(tmp_path / "journal") as journal:
        recovered = journal.recovered
        assert not recovered.read_only
        assert recovered.snapshot == state_at(10)
        assert list(recovered.records) == ticks(11, 40)
        assert any("recovered from journal-00000002.seg" in note for note in recovered.notes)
        fill(journal, 45)
        journal.rotate(state_at(45), at=START)
    with opened(tmp_path / "journal") as journal:
        assert journal.recovered.notes == ()
        assert journal.recovered.snapshot == state_at(45)


def test_without_any_good_snapshot_nothing_is_made_up(tmp_path: Path) -> None:
    paths = write_log(tmp_path / "journal", 20, per_segment=10)
    paths[0].unlink()
    flip(paths[1], frame_starts(paths[1])[1] + HEADER_BYTES)
    with opened(tmp_path / "journal") as journal:
        assert journal.recovered.read_only
        assert journal.recovered.snapshot is None
        assert list(journal.recovered.records) == []
        assert "no snapshot can be read" in journal.blocked
        assert list(journal.read()) == ticks(11, 20)


def test_an_unknown_format_is_named(tmp_path: Path) -> None:
    (path,) = write_log(tmp_path / "journal", 3)
    head = SegmentHead(format=7, number=1, run="x", epoch=1, first_seq=1, created_at=START)
    path.write_bytes(make_frame(b"H", 0, FIRST_LINK, msgspec.json.encode(head))[0])
    with (
        pytest.raises(JournalError, match="journal format 7, this version knows format 1"),
        opened(tmp_path / "journal"),
    ):
        pass


def test_a_whole_record_of_an_unknown_kind_is_named_not_skipped(tmp_path: Path) -> None:
    (path,) = write_log(tmp_path / "journal", 1)
    link = parse_frame(path.read_bytes(), frame_starts(path)[1]).link
    payload = b'[2,0,"sim",{"type":"Telepathy"}]'
    with path.open("ab") as file:
        file.write(make_frame(b"R", 2, link, payload)[0])
    with opened(tmp_path / "journal") as journal:
        records = journal.read()
        assert next(records) == tick(1)
        with pytest.raises(JournalError, match=r"record 2 in .* unknown to this version"):
            next(records)


def test_records_lost_after_a_clean_close_are_reported(tmp_path: Path) -> None:
    paths = write_log(tmp_path / "journal", 20, per_segment=10)
    paths[1].unlink()
    with opened(tmp_path / "journal") as journal:
        assert journal.last_seq == 10
        assert "records 11 to 20 were durable" in journal.recovered.notes[0]


def test_zeros_behind_the_last_record_are_a_torn_tail(tmp_path: Path) -> None:
    (path,) = write_log(tmp_path / "journal", 5)
    with path.open("ab") as file:
        file.write(bytes(4096))
    with opened(tmp_path / "journal") as journal:
        assert "cut 4096 bytes" in journal.recovered.notes[0]
        fill(journal, 6)
    with opened(tmp_path / "journal") as journal:
        assert list(journal.read()) == ticks(1, 6)


@pytest.mark.parametrize("point", [FaultPoint.LOCKED, FaultPoint.TORN_KEPT, FaultPoint.TORN_CUT])
def test_a_crash_while_recovering_is_recovered(tmp_path: Path, point: FaultPoint) -> None:
    (path,) = write_log(tmp_path / "journal", 5)
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(Crash), opened(tmp_path / "journal", fault=strike_at(point)):
        pass
    with opened(tmp_path / "journal") as journal:
        assert list(journal.recovered.records) == ticks(1, 4)
        assert len(list((tmp_path / "journal").glob("*.torn-*"))) in (1, 2)


def test_reading_sees_what_is_not_yet_synced(tmp_path: Path) -> None:
    with opened(tmp_path / "journal") as journal:
        journal.append(Record(1, START, "deribit", LinkUp("deribit")))
        assert [record.seq for record in journal.read()] == [1]
        assert journal.durable_seq == 0


def test_names_of_segments_sort_in_order() -> None:
    names = [segment_name(number) for number in (1, 9, 10, 99_999_999)]
    assert names == sorted(names)
