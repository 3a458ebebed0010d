"""Rotation: crashes at every point lose nothing, old segments go, heads vouch for the past."""

import hashlib
import itertools
from pathlib import Path

import pytest

from terminal.core.errors import InvariantError, JournalError
from terminal.core.fault_points import FaultPoint
from terminal.journal.segments import peek_head, segment_paths
from tests.unit.journal.logs import (
    START,
    Crash,
    contents,
    fill,
    opened,
    state_at,
    strike_at,
    tick,
    ticks,
    write_log,
)


@pytest.mark.parametrize(
    ("point", "turn"),
    [
        (point, turn)
        for point, turn in itertools.product(FaultPoint, (1, 2, 3))
        if point.name.startswith(("SEGMENT", "BEFORE", "AFTER", "CLOSED"))
    ],
)
def test_a_crash_at_any_point_loses_nothing_durable(
    tmp_path: Path, point: FaultPoint, turn: int
) -> None:
    durable = 0
    try:
        with opened(
            tmp_path / "journal", limit_bytes=3000, segment_bytes=900, fault=strike_at(point, turn)
        ) as journal:
            for record in ticks(1, 60):
                journal.append(record)
                if record.seq % 3 == 0:
                    journal.sync()
                    durable = record.seq
                if journal.needs_rotation:
                    journal.rotate(state_at(journal.last_seq), at=START)
                    durable = record.seq
    except Crash:
        pass
    with opened(tmp_path / "journal", limit_bytes=3000, segment_bytes=900) as journal:
        recovered = journal.recovered
        assert not recovered.read_only
        assert recovered.last_seq >= durable
        after = recovered.snapshot_seq
        assert recovered.snapshot == (state_at(after) if after else None)
        assert list(recovered.records) == ticks(after + 1, recovered.last_seq)
        assert not list((tmp_path / "journal").glob("*.new"))
        fill(journal, 70)
    with opened(tmp_path / "journal") as journal:
        assert journal.last_seq == 70
        assert journal.recovered.notes == ()


def test_old_segments_are_dropped_above_the_limit_but_two_stay(tmp_path: Path) -> None:
    with opened(tmp_path / "journal", limit_bytes=5000, segment_bytes=1000) as journal:
        for record in ticks(1, 400):
            journal.append(record)
            if journal.needs_rotation:
                journal.rotate(state_at(record.seq), at=START)
                assert journal.bytes_used <= journal.limit
            on_disk = sum(map(len, contents(tmp_path / "journal").values())) - 512
            assert on_disk <= journal.bytes_used <= journal.limit + 1500
        assert len(segment_paths(tmp_path / "journal")) >= 2
        held = list(journal.read())
        assert held == ticks(held[0].seq, 400)
        journal.rotate(bytes(9000), at=START)
        assert len(segment_paths(tmp_path / "journal")) == 2
        assert journal.bytes_used > journal.limit
    with opened(tmp_path / "journal") as journal:
        assert journal.recovered.snapshot == bytes(9000)


def test_every_head_vouches_for_the_whole_segment_before_it(tmp_path: Path) -> None:
    directory = tmp_path / "journal"
    for last in (5, 10, 15):  # a start in the middle of a segment each time
        with opened(directory) as journal:
            fill(journal, last - 2)
        with opened(directory) as journal:
            fill(journal, last)
            journal.rotate(state_at(last), at=START)
    paths = segment_paths(directory)
    for path, following in itertools.pairwise(paths):
        opened_head = peek_head(following)
        assert opened_head is not None
        digest = hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest()
        assert opened_head.head.sealed_digest == digest
        assert opened_head.head.sealed_bytes == path.stat().st_size


def test_a_segment_dropped_while_it_is_read_ends_the_reading(tmp_path: Path) -> None:
    paths = write_log(tmp_path / "journal", 30, per_segment=10)
    with opened(tmp_path / "journal") as journal:
        records = journal.read()
        assert next(records) == tick(1)
        paths[1].unlink()
        with pytest.raises(JournalError, match=r"journal-00000002\.seg cannot be read any more"):
            list(records)


def test_an_empty_snapshot_is_refused(tmp_path: Path) -> None:
    with (
        opened(tmp_path / "journal") as journal,
        pytest.raises(InvariantError, match="restores nothing"),
    ):
        journal.rotate(b"", at=START)


def test_the_snapshot_before_a_record_is_found_as_long_as_it_is_held(tmp_path: Path) -> None:
    with opened(tmp_path / "journal", limit_bytes=2000, segment_bytes=1000) as journal:
        fill(journal, 5)
        assert journal.snapshot_before(3) == (b"", 0)
        for last in (20, 40, 60):
            fill(journal, last)
            journal.rotate(state_at(last), at=START)
        assert journal.snapshot_before(61) == (state_at(60), 60)
        assert journal.snapshot_before(60) == (state_at(40), 40)
        with pytest.raises(JournalError, match="does not reach back to record 5"):
            journal.snapshot_before(5)
