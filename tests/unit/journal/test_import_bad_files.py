"""Bad files: one line each that names the file, the row and the column; nothing is written."""

import gzip
import math
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from terminal.core.errors import DataError
from terminal.core.units import MINUTE
from terminal.journal.importers import files
from tests.unit.journal.importing import (
    BAR_NAME,
    START,
    bars_parquet,
    csv_of,
    imported,
    prices,
    write_csv,
    write_parquet,
)

Spoil = Callable[[list[list[object]]], None]


def put(row: int, column: int, value: object) -> Spoil:
    def spoil(rows: list[list[object]]) -> None:
        rows[row][column] = value

    return spoil


def remove_cell(rows: list[list[object]]) -> None:
    rows[4].pop()


def swap(rows: list[list[object]]) -> None:
    rows[4], rows[5] = rows[5], rows[4]


def conflict(rows: list[list[object]]) -> None:
    rows.insert(5, [*rows[4][:4], 104.5, rows[4][5]])


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (put(4, 0, "yesterday"), "row 6: column ts: 'yesterday' is no instant"),
        (put(4, 0, 12345), "row 6: column ts: 12345 is no instant between 2009 and 2100"),
        (put(4, 0, 10**30), "row 6: column ts: '1000.*' is no instant between 2009"),
        (put(4, 1, "x"), "row 6: column open: 'x' is no number"),
        (put(4, 1, ""), "row 6: column open: nan is not a positive number"),
        (put(4, 2, 0), "row 6: column high: 0.0 is not a positive number"),
        (put(4, 3, -1), "row 6: column low: -1.0 is not a positive number"),
        (put(4, 4, math.inf), "row 6: column close: inf is not a positive number"),
        (put(4, 5, -2), "row 6: column volume: -2.0 is negative"),
        (put(4, 2, 103), "row 6: column high: 103.0 is below another price"),
        (put(4, 3, 104.5), "row 6: column low: 104.5 is above another price"),
        (put(4, 0, START // 10**6 + 4 * 60_000 + 1), "row 6: column time: .* no multiple of"),
        (remove_cell, "row 6: 5 columns, 6 expected"),
        (swap, "row 7: column time: .* comes before the row in front"),
        (conflict, "row 7: column close: differs from row 6 with the same time"),
    ],
)
def test_a_bad_row_refuses_the_file(tmp_path: Path, spoil: Spoil, why: str) -> None:
    rows: list[list[object]] = [list(row) for row in prices(12)]
    spoil(rows)
    with pytest.raises(DataError, match=rf"{BAR_NAME}\.csv: {why}"):
        imported(write_csv(tmp_path / f"{BAR_NAME}.csv", rows))


def test_a_bad_row_of_parquet(tmp_path: Path) -> None:
    rows = prices(12)
    rows[4][2] = 1.0
    with pytest.raises(DataError, match=r"parquet: row 5: column high: 1\.0 is below"):
        imported(bars_parquet(tmp_path / f"{BAR_NAME}.parquet", rows))


def test_an_empty_stamp_and_a_column_of_words_in_parquet(tmp_path: Path) -> None:
    path = tmp_path / f"{BAR_NAME}.parquet"
    one = [1.0, 1.0]
    stamps: list[int | None] = [START // 10**6, None]
    columns = {"ts": stamps, "open": one, "high": one, "low": one, "close": one}
    with pytest.raises(DataError, match="row 2: column ts: is empty"):
        imported(write_parquet(path, columns))
    columns = {**columns, "ts": [START // 10**6, START // 10**6 + 60_000], "high": ["a", "b"]}
    with pytest.raises(DataError, match="column high: holds no numbers"):
        imported(write_parquet(path, columns))
    with pytest.raises(DataError, match="column ts: holds no instants"):
        imported(write_parquet(path, {**columns, "ts": ["a", "b"]}, ts=pa.string()))


def test_rows_before_the_header_count(tmp_path: Path) -> None:
    """A row number is the one that an editor shows."""
    path = tmp_path / f"{BAR_NAME}.csv"
    lines = csv_of(prices(5)).splitlines()
    path.write_text("\n".join([*lines[:3], "", *lines[3:5], "bad,1,1,1,1,1"]))
    with pytest.raises(DataError, match="row 7: column ts: 'bad'"):
        imported(path)


@pytest.mark.parametrize(
    ("head", "why"),
    [
        ("ts,open,high,low,price,volume", "row 1: no column for close among 'ts,"),
        ("", "row 1: 6 columns without names"),
        ("a;b;c", "row 1: no column for time, open, high, low, close"),
    ],
)
def test_columns_that_are_not_bars(tmp_path: Path, head: str, why: str) -> None:
    with pytest.raises(DataError, match=why):
        imported(write_csv(tmp_path / f"{BAR_NAME}.csv", prices(3), head))


def test_what_a_file_lacks_is_told_before_its_name_is_judged(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no column for time, open"):
        imported(write_csv(tmp_path / "mine.json", [], '{"a": 1}'))


def test_one_bar_tells_no_interval_unless_named(tmp_path: Path) -> None:
    assert imported(write_csv(tmp_path / f"{BAR_NAME}.csv", prices(1)))[0].count == 2
    with pytest.raises(DataError, match="one bar does not tell its interval"):
        imported(write_csv(tmp_path / "binance_usdm_BTCUSDT_x.csv", prices(1)))


# -- Whole files ------------------------------------------------------------------------------


def test_paths_that_are_no_files(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.csv: cannot be opened \(No such file"):
        imported(tmp_path / "none.csv")
    with pytest.raises(DataError, match="is a folder"):
        imported(tmp_path)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is empty"),
        (b"\0\1\2" * 100, "is binary of an unknown kind"),
        (b"\xff\xfe garbage \x9c\n" * 10, "row 1: is no UTF-8 text"),
        (b"GDTAPE1\nxxxx", "is a tape already"),
        (b"\n\n\n", "no column for"),
        (b"ts,open,high,low,close\n", "has no bars"),
        (b'ts,open,high,low,close\n1746370800,"1,1,1,1\n', "row 2"),
        (b"<html><body>404</body></html>", "no column for"),
        (b'{"a": 1}\n', "no column for"),
        (b"0" * 200_000, "row 1: is no row of a CSV"),
        (b"ts,open,high,low,close\n" + b"0" * 200_000, "row 2: is no row of a CSV"),
        (gzip.compress(b"", mtime=0), "is empty"),
        (b"\x1f\x8b garbage", "is cut short or damaged"),
        (b"PK\x03\x04 garbage", "is cut short or damaged"),
        (b"PAR1 garbage", "cannot be read"),
    ],
)
def test_files_of_the_wrong_kind(tmp_path: Path, content: bytes, why: str) -> None:
    path = tmp_path / f"{BAR_NAME}.csv"
    path.write_bytes(content)
    with pytest.raises(DataError, match=why) as caught:
        imported(path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("good")
    rows = prices(300)
    text = csv_of(rows).encode()
    with zipfile.ZipFile(folder / "a.zip", "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("a.csv", text)
    return {
        "gz": gzip.compress(text),
        "zip": (folder / "a.zip").read_bytes(),
        "parquet": bars_parquet(folder / "a.parquet", rows).read_bytes(),
    }


@pytest.mark.parametrize("kind", ["gz", "zip", "parquet"])
@settings(deadline=None, max_examples=40)
@given(part=st.floats(0.0, 1.0, exclude_max=True))
def test_a_file_cut_short_is_refused(
    tmp_path_factory: pytest.TempPathFactory, good: dict[str, bytes], kind: str, part: float
) -> None:
    path = tmp_path_factory.mktemp("cut") / f"{BAR_NAME}.{kind}"
    path.write_bytes(good[kind][: int(part * len(good[kind]))])
    with pytest.raises(DataError, match=BAR_NAME):
        imported(path)


@pytest.mark.parametrize("kind", ["gz", "zip"])
@settings(deadline=None, max_examples=60)
@given(place=st.integers(0, 10**6), flip=st.integers(1, 255))
def test_a_damaged_file_is_refused_or_reads_as_before(
    tmp_path_factory: pytest.TempPathFactory,
    good: dict[str, bytes],
    kind: str,
    place: int,
    flip: int,
) -> None:
    """Some bytes mean nothing (time stamps, names); no other may crash or change a price."""
    raw = bytearray(good[kind])
    raw[place % len(raw)] ^= flip
    path = tmp_path_factory.mktemp("flip") / f"{BAR_NAME}.{kind}"
    path.write_bytes(raw)
    try:
        header, _ = imported(path)
    except DataError:
        return
    assert header.count == 301


# -- Zip --------------------------------------------------------------------------------------


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in members.items():
            out.writestr(name, content)
    return path


def test_unexpected_members_are_refused(tmp_path: Path) -> None:
    content = {"a.csv": csv_of(prices(3)).encode(), "run.exe": b"MZ"}
    with pytest.raises(DataError, match=r"unexpected 'run\.exe' in the zip"):
        imported(zipped(tmp_path / f"{BAR_NAME}.zip", content))
    empty = tmp_path / f"{BAR_NAME}_2.zip"
    with zipfile.ZipFile(empty, "w"):
        pass
    with pytest.raises(DataError):
        imported(empty)


def test_a_zip_bomb_is_refused_before_it_unpacks(tmp_path: Path) -> None:
    path = zipped(tmp_path / f"{BAR_NAME}.zip", {"a.csv": b"0" * (80 << 20)})
    assert path.stat().st_size < 1 << 20
    with pytest.raises(DataError, match="times its size"):
        imported(path)


def test_a_zip_of_gigabytes_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_UNPACKED", 1_000)
    path = zipped(tmp_path / f"{BAR_NAME}.zip", {"a.csv": csv_of(prices(100)).encode()})
    with pytest.raises(DataError, match=r"unpacks to [\d,]+ bytes, at most 1,000"):
        imported(path)


def test_a_gzip_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_LINE", 1 << 16)
    path = tmp_path / f"{BAR_NAME}.csv.gz"
    path.write_bytes(gzip.compress(b"0" * (8 << 20)))
    with pytest.raises(DataError, match="row 1: the text is too long"):
        imported(path)
    monkeypatch.setattr(files, "MAX_UNPACKED", 1_000)
    path.write_bytes(gzip.compress(csv_of(prices(100)).encode()))
    with pytest.raises(DataError, match="the text is too long"):
        imported(path)


def test_a_member_with_a_bad_row_is_named(tmp_path: Path) -> None:
    rows = prices(5)
    rows[2][1] = -1.0
    content = {"a.csv": csv_of(prices(3)).encode(), "b.csv": csv_of(rows).encode()}
    path = zipped(tmp_path / f"{BAR_NAME}.zip", content)
    with pytest.raises(DataError, match=r"\.zip/b\.csv: row 4: column open: -1\.0"):
        imported(path)


def test_parquet_of_other_columns(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    with pytest.raises(DataError, match=r"its columns \(a, b\) are those of no known format"):
        imported(write_parquet(path, {"a": [1], "b": [2]}))
    columns: dict[str, list[float]] = {name: [] for name in ("open", "high", "low", "close")}
    with pytest.raises(DataError, match="has no rows"):
        imported(write_parquet(tmp_path / f"{BAR_NAME}.parquet", {"ts": [], **columns}))


def test_no_events_in_the_time_asked_for(tmp_path: Path) -> None:
    path = write_csv(tmp_path / f"{BAR_NAME}.csv", prices(5))
    with pytest.raises(DataError, match="no events"):
        imported(path, start=START + 99 * MINUTE)
