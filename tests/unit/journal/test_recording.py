"""A feed that is recorded can be replayed, in bounded parts, and its end is never the engine's."""

import errno
from collections.abc import Iterator
from pathlib import Path

import pytest

from terminal.core.errors import DataError
from terminal.journal import recording as recordings
from terminal.journal.recording import BLOCK, Recording
from terminal.journal.tape import Timed, read_header, read_tape
from terminal.journal.tape_writing import Spool
from terminal.model.market import AssumedVol, OpenInterest, Quote
from terminal.model.messages import Listing, Tick
from tests.helpers.builders import NOW, OPTION, PERP, instruments, quote

LISTING = Listing("sim", instruments())
VOL = AssumedVol(OPTION, 0.6)
HELD = OpenInterest(OPTION, 12.0)


def quotes(count: int, start: int = 0) -> Iterator[Timed]:
    for number in range(start, start + count):
        price = 50_000.0 + number
        yield NOW + number * 1_000_000, quote(PERP, price, price + 1.0, mark=price)


def recorded(path: Path, events: list[Timed], **terms: int) -> Recording:
    made = Recording(path, [(NOW, LISTING), (NOW, VOL)], **terms)
    for at, event in events:
        made.take(at, event)
    made.close()
    return made


def test_a_recording_is_a_tape_of_what_was_said(tmp_path: Path) -> None:
    path = tmp_path / "a.tape"
    events = list(quotes(3 * BLOCK + 7))
    made = recorded(path, events)
    assert list(read_tape(path)) == [(NOW, LISTING), (NOW, VOL), *events]
    assert read_header(path).instruments == instruments()
    assert made.view.fault == ""
    assert made.view.bytes == path.stat().st_size
    assert made.view.events == len(events) + 2
    assert [each.name for each in tmp_path.iterdir()] == ["a.tape"]


def test_what_is_no_word_of_the_market_passes_by(tmp_path: Path) -> None:
    path = tmp_path / "a.tape"
    recorded(path, [(NOW, Tick()), *quotes(1)])  # type: ignore[list-item] # as records bring it
    assert len(list(read_tape(path))) == 3


def test_a_time_that_falls_back_is_held(tmp_path: Path) -> None:
    path = tmp_path / "a.tape"
    (first,) = quotes(1)
    recorded(path, [(NOW + 5, first[1]), (NOW + 2, first[1])])
    assert [at for at, _ in read_tape(path)][-2:] == [NOW + 5, NOW + 5]


def test_parts_open_with_what_stands_and_the_oldest_are_dropped(tmp_path: Path) -> None:
    path = tmp_path / "a.tape"
    events = list(quotes(8 * BLOCK))
    made = recorded(path, events, part_bytes=1, keep=3)
    names = sorted(each.name for each in tmp_path.iterdir())
    assert names == ["a-0006.tape", "a-0007.tape", "a-0008.tape", "a-0009.tape"][-len(names) :]
    assert len(names) == 3
    seen: list[Timed] = []
    for name in names:
        part = list(read_tape(tmp_path / name))
        assert [event for _, event in part[:2]] == [LISTING, VOL]
        seen += part[2:]
    assert seen == events[-len(seen) :]
    assert made.view.bytes == sum(each.stat().st_size for each in tmp_path.iterdir())


def test_the_newest_open_interest_opens_the_next_part(tmp_path: Path) -> None:
    path = tmp_path / "a.tape"
    older = OpenInterest(OPTION, 11.0)
    recorded(path, [(NOW, older), (NOW, HELD), *quotes(3 * BLOCK)], part_bytes=1)
    second = tmp_path / "a-0002.tape"
    assert [event for _, event in read_tape(second)][:3] == [LISTING, VOL, HELD]


def test_a_part_with_nothing_new_is_no_tape(tmp_path: Path) -> None:
    path = tmp_path / "a.tape"
    recorded(path, list(quotes(BLOCK - 2)), part_bytes=1)  # fills exactly one block
    assert [each.name for each in tmp_path.iterdir()] == ["a.tape"]


@pytest.mark.parametrize("where", ["put", "finish"])
def test_a_full_disk_ends_the_recording_with_a_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Spool, where, full)
    made = recorded(tmp_path / "a.tape", list(quotes(3 * BLOCK)))
    assert "a.tape ended" in made.view.fault
    assert "No space left" in made.view.fault
    assert made.view.path == ""
    assert list(tmp_path.iterdir()) == []


def test_an_event_that_cannot_be_written_ends_the_recording(tmp_path: Path) -> None:
    bad = Quote(PERP, float("nan"), 1.0)
    made = recorded(tmp_path / "a.tape", [(NOW, bad), *quotes(BLOCK)])
    assert "not finite" in made.view.fault


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    made = Recording(tmp_path / "none" / "a.tape")
    made.take(NOW, VOL)
    made.close()
    assert "ended" in made.view.fault


def test_damage_of_a_finished_part_is_found_when_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.tape"
    recorded(path, list(quotes(BLOCK)))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(DataError):
        list(read_tape(path))


def test_the_default_bounds_a_forgotten_recording() -> None:
    assert recordings.PART_BYTES * recordings.KEEP_PARTS <= 1 << 30


def test_a_recording_of_nothing_leaves_nothing(tmp_path: Path) -> None:
    made = Recording(tmp_path / "a.tape")
    made.close()
    assert made.view.fault == ""
    assert list(tmp_path.iterdir()) == []
