"""Tapes: what is written is read, and anything less than whole is refused."""

import math
import zlib
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from terminal.core.errors import DataError
from terminal.core.units import HOUR, MINUTE, SECOND
from terminal.journal import tape, tape_writing
from terminal.journal.importers.contracts import known
from terminal.journal.tape import Header, Origin, Timed, read_header, read_tape
from terminal.journal.tape_about import describe, summary
from terminal.journal.tape_cut import cut_tape
from terminal.journal.tape_writing import write_tape
from terminal.model.instrument import Instrument
from terminal.model.market import (
    AssumedVol,
    Bar,
    Depth,
    Funding,
    Gap,
    Index,
    OpenInterest,
    Quote,
    Trade,
)
from terminal.model.messages import Listing, MarketEvent

START = 1_750_000_000 * SECOND
KEY = "BTCUSDT@binanceusdm"

numbers = st.floats(allow_nan=False, allow_infinity=False)
maybe = st.none() | numbers
words = st.text(st.characters(codec="utf-8"), max_size=8)
instants = st.integers(0, 2**62)
levels = st.lists(st.tuples(numbers, numbers), max_size=3).map(tuple)
events: st.SearchStrategy[MarketEvent] = st.one_of(
    st.builds(Index, words, numbers),
    st.builds(Quote, words, maybe, maybe, numbers, numbers, maybe, maybe, maybe),
    st.builds(Trade, words, numbers, numbers, st.booleans()),
    st.builds(Depth, words, levels, levels),
    st.builds(Funding, words, numbers, instants, instants),
    st.builds(Bar, words, numbers, numbers, numbers, numbers, maybe, instants, numbers),
    st.builds(Gap, words, instants, instants, words),
    st.builds(AssumedVol, words, numbers),
    st.builds(OpenInterest, words, numbers),
    st.lists(st.sampled_from(("BTCUSDT", "ETHUSDT", "SOLUSDT")), unique=True).map(
        lambda names: listing(*names)
    ),
)


def perpetual(symbol: str) -> Instrument:
    found = known(symbol, "binanceusdm")
    assert found
    return found


def listing(*symbols: str) -> Listing:
    return Listing("binanceusdm", tuple(perpetual(each) for each in symbols))


def index(count: int) -> list[Timed]:
    return [(START + i * SECOND, Index("BTC", 100.0 + i)) for i in range(count)]


def small(folder: Path, count: int = 10) -> Path:
    path = folder / "small.tape"
    write_tape(path, Header(title="small"), index(count))
    return path


@pytest.fixture
def blocks_of_four(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tape_writing, "BLOCK_EVENTS", 4)


# -- Laws -------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=80)
@given(st.lists(st.tuples(instants, events), min_size=1, max_size=40))
def test_what_is_written_is_read(drawn: list[Timed]) -> None:
    told = sorted(drawn, key=lambda each: each[0])
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(tape_writing, "BLOCK_EVENTS", 7)
        path = Path(folder) / "a.tape"
        header = write_tape(path, Header(title="t", notes=("n",)), told)
        assert list(read_tape(path)) == told
        assert read_header(path) == header
        assert (header.count, header.first, header.last) == (len(told), told[0][0], told[-1][0])
        assert header.gaps == tuple(event for _, event in told if isinstance(event, Gap))


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 40), st.integers(0, 40))
def test_a_part_is_what_lies_in_it(first: int, last: int) -> None:
    start, end = START + first * SECOND, START + last * SECOND
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(tape_writing, "BLOCK_EVENTS", 4)
        path = small(Path(folder), 30)
        inside = [each for each in index(30) if start <= each[0] < end]
        assert list(read_tape(path, start, end)) == inside
        assert list(read_tape(path, start)) == [each for each in index(30) if each[0] >= start]


def test_every_truncation_is_refused(tmp_path: Path, blocks_of_four: None) -> None:
    path = small(tmp_path)
    whole = path.read_bytes()
    for size in range(len(whole)):
        path.write_bytes(whole[:size])
        with pytest.raises(DataError, match=r"small\.tape"):
            read_tape(path)
        with pytest.raises(DataError, match=r"small\.tape"):
            read_header(path)


def test_every_damaged_byte_is_refused(tmp_path: Path, blocks_of_four: None) -> None:
    path = small(tmp_path)
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x5A]) + whole[place + 1 :])
        with pytest.raises(DataError, match=r"small\.tape.*: "):
            list(read_tape(path))


def test_blocks_exchanged_with_those_of_another_tape_are_refused(
    tmp_path: Path, blocks_of_four: None
) -> None:
    one, other = tmp_path / "one.tape", tmp_path / "other.tape"
    write_tape(one, Header(title="x"), index(10))
    moved = [(at, Index("ETH", 100.0 + i)) for i, (at, _) in enumerate(index(10))]
    write_tape(other, Header(title="x"), moved)
    a, b = one.read_bytes(), other.read_bytes()
    assert len(a) == len(b)
    start = a.index(b"BLCK")
    end = a.index(b"BLCK", start + 1)
    if b[start:].index(b"BLCK", 1) != end - start:
        pytest.skip("blocks of different length")
    one.write_bytes(a[:start] + b[start:end] + a[end:])
    with pytest.raises(DataError, match="not those it was written with"):
        list(read_tape(one))


# -- Writing ----------------------------------------------------------------------------------


def test_nothing_is_left_when_the_events_fail(tmp_path: Path) -> None:
    def failing() -> list[Timed]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_tape(tmp_path / "a.tape", Header(title="x"), (each for each in failing()))
    assert list(tmp_path.iterdir()) == []


def test_a_failure_leaves_the_old_tape(tmp_path: Path) -> None:
    path = small(tmp_path)
    before = path.read_bytes()
    with pytest.raises(DataError, match=r"event 2 .* comes before"):
        write_tape(path, Header(title="x"), list(reversed(index(2))))
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["small.tape"]


def test_order_is_checked_within_a_block(tmp_path: Path) -> None:
    told = index(3)
    with pytest.raises(DataError, match="event 3"):
        write_tape(tmp_path / "a.tape", Header(title="x"), [told[0], told[2], told[1]])


def test_order_is_checked_over_blocks(tmp_path: Path, blocks_of_four: None) -> None:
    told = [*index(4), (START, Index("BTC", 1.0))]
    with pytest.raises(DataError, match="event 5"):
        write_tape(tmp_path / "a.tape", Header(title="x"), told)


@pytest.mark.parametrize(
    "event",
    [
        Index("BTC", math.nan),
        Quote(KEY, math.nan, 2.0),
        Quote(KEY, 1.0, 2.0, mark=math.inf),
        Trade(KEY, -math.inf, 1.0, buyer_is_taker=True),
    ],
)
def test_a_number_that_is_not_finite_is_not_written(tmp_path: Path, event: MarketEvent) -> None:
    with pytest.raises(DataError, match=r"a\.tape"):
        write_tape(tmp_path / "a.tape", Header(title="x"), [(START, event)])
    assert list(tmp_path.iterdir()) == []


def test_a_tape_without_events_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no events"):
        write_tape(tmp_path / "a.tape", Header(title="x"), [])


def test_the_header_is_asked_for_after_the_last_event(tmp_path: Path) -> None:
    seen: list[int] = []

    def told() -> list[Timed]:
        seen.append(1)
        return index(3)

    header = write_tape(
        tmp_path / "a.tape",
        lambda: Header(title=str(len(seen))),
        (each for _ in (0,) for each in told()),
    )
    assert header.title == "1"


def test_listed_instruments_are_kept_once(tmp_path: Path) -> None:
    told: list[Timed] = [(START + i, listing("BTCUSDT", "ETHUSDT")) for i in range(100)]
    header = write_tape(tmp_path / "a.tape", Header(title="x"), told)
    assert header.instruments == listing("BTCUSDT", "ETHUSDT").instruments
    assert (tmp_path / "a.tape").stat().st_size < 3_000


# -- Reading ----------------------------------------------------------------------------------


def test_what_is_no_tape_is_refused(tmp_path: Path) -> None:
    blob = tmp_path / "blob.tape"
    blob.write_bytes(b"ts,open\n" * 100)
    later = tmp_path / "later.tape"
    later.write_bytes(b"GDTAPE9\n" + b"x" * 100)
    for path, why in (
        (tmp_path / "none.tape", "cannot be opened"),
        (tmp_path, "is a folder"),
        (blob, "is no tape"),
        (later, "another version"),
    ):
        with pytest.raises(DataError, match=why):
            read_header(path)
        with pytest.raises(DataError, match=why):
            read_tape(path)


def test_reading_is_lazy_and_checked_at_the_call(tmp_path: Path) -> None:
    path = small(tmp_path)
    first = read_tape(path)
    assert next(first) == index(1)[0]
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(DataError, match="cut short"):
        read_tape(path)


def test_it_tells_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "a.tape"
    gap = Gap(KEY, START, START + HOUR, "60 bars missing")
    header = Header(title="My tape", origins=(Origin("a.csv", 60, "ab" * 32),), assumptions=("A",))
    write_tape(path, header, [(START, listing("BTCUSDT")), (START + HOUR, gap)])
    text = describe(path)
    for part in ("My tape", "2025-06-15 15:06:40 UTC", "60 bars missing", "a.csv (60 rows", KEY):
        assert part in text
    assert '"events":2' in summary(path)


def test_only_the_first_gaps_are_told_one_by_one(tmp_path: Path) -> None:
    gaps = [(START + i, Gap(KEY, START, START + i, "lost")) for i in range(13)]
    write_tape(tmp_path / "a.tape", Header(title="Gaps"), [(START, listing("BTCUSDT")), *gaps])
    assert "and 3 more" in describe(tmp_path / "a.tape")


def remade(path: Path, header: bytes, block: bytes | None = None) -> None:
    """Put another packed header, and another packed block, into a tape with sound checksums."""
    content = path.read_bytes()
    start = len(tape.MAGIC) + tape.LEAD.size
    size, _ = tape.LEAD.unpack(content[len(tape.MAGIC) : start])
    at = start + size + tape.FRAME.size + tape.CRC.size
    frame = content[start + size : start + size + tape.FRAME.size]
    mark, number, packed, *rest = tape.FRAME.unpack(frame)
    body = content[at : at + packed] if block is None else block
    frame = tape.FRAME.pack(mark, number, len(body), *rest)
    crc = tape.CRC.pack(zlib.crc32(body, zlib.crc32(frame)))
    lead = tape.LEAD.pack(len(header), zlib.crc32(header))
    whole = tape.MAGIC + lead + header + frame + crc + body
    length = len(whole) + tape.TRAILER.size + tape.CRC.size
    total = zlib.crc32(crc) ^ zlib.crc32(header)
    _, blocks, count, _, _ = tape.TRAILER.unpack(content[-tape.TRAILER.size - 4 : -4])
    tail = tape.TRAILER.pack(tape.TRAILER_MARK, blocks, count, length, total)
    path.write_bytes(whole + tail + tape.CRC.pack(zlib.crc32(tail)))


def test_what_its_checksums_vouch_for_must_still_be_a_tape(tmp_path: Path) -> None:
    path = small(tmp_path)
    header = msgspec.structs.replace(read_header(path))
    packed = zlib.compress(msgspec.json.encode(header))
    remade(path, packed)
    assert len(list(read_tape(path))) == 10
    remade(path, packed, b"no block")
    with pytest.raises(DataError, match="block 1 of 1 cannot be read"):
        list(read_tape(path))
    remade(path, b"no header")
    with pytest.raises(DataError, match="its header cannot be read"):
        read_header(path)
    path = small(tmp_path)
    other = msgspec.structs.replace(header, count=11)
    remade(path, zlib.compress(msgspec.json.encode(other)))
    with pytest.raises(DataError, match="its header and its end disagree"):
        read_header(path)


# -- Cutting ----------------------------------------------------------------------------------


def test_a_cut_opens_with_what_still_holds(tmp_path: Path) -> None:
    path, out = tmp_path / "a.tape", tmp_path / "b.tape"
    funding = Funding(KEY, 1e-4, 8 * HOUR, START + 8 * HOUR)
    told: list[Timed] = [
        (START, listing("BTCUSDT")),
        (START, Quote(KEY, 1.0, 2.0)),
        (START + 1, listing("BTCUSDT", "ETHUSDT")),
        (START + 2, funding),
        (START + MINUTE, Quote(KEY, 3.0, 4.0)),
        (START + 2 * MINUTE, Quote(KEY, 5.0, 6.0)),
    ]
    write_tape(path, Header(title="x"), told)
    start = START + MINUTE
    header = cut_tape(path, out, start, START + 2 * MINUTE)
    assert list(read_tape(out)) == [
        (start, listing("BTCUSDT", "ETHUSDT")),
        (start, funding),
        (start, Quote(KEY, 3.0, 4.0)),
    ]
    assert "cut from a.tape" in header.notes[0]


def test_a_cut_where_nothing_is_writes_nothing(tmp_path: Path) -> None:
    path = small(tmp_path)
    with pytest.raises(DataError, match="no events"):
        cut_tape(path, tmp_path / "b.tape", START + HOUR, None)
    assert not (tmp_path / "b.tape").exists()


def test_decimals_survive(tmp_path: Path) -> None:
    write_tape(tmp_path / "a.tape", Header(title="x"), [(START, listing("BTCUSDT"))])
    (instrument,) = read_header(tmp_path / "a.tape").instruments
    assert instrument.contract.ticks[0].tick == Decimal("0.1")
    assert instrument == perpetual("BTCUSDT")
