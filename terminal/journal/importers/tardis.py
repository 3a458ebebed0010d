"""Quotes and trades in the CSV and parquet layout of tardis.dev."""

from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType

from msgspec import Struct

from terminal.core.errors import DataError
from terminal.core.units import iso_utc
from terminal.journal.importers import columns, files, naming, stamps
from terminal.journal.importers.feed import Clock, Feed, Options, Source, Tally
from terminal.journal.importers.files import Container
from terminal.journal.importers.messages import NO_INDEX, Stream
from terminal.journal.tape import Timed

COMMON = ("exchange", "symbol", "local_timestamp")
_QUOTES = ("bid_price", "bid_amount", "ask_price", "ask_amount")
_TRADES = ("price", "amount")
_VENUES = MappingProxyType(
    {
        "binance": "binance",
        "binance-futures": "binanceusdm",
        "binance-delivery": "binancecoinm",
        "bybit": "bybit",
        "deribit": "deribit",
        "ftx": "ftx",
        "hyperliquid": "hyperliquid",
        "okex-swap": "okx",
    }
)
_TOLD_EVERY = 20_000


class _Row(Struct, gc=False):
    """One row: where it came from, when, and its numbers in the order of the layout."""

    number: int
    exchange: str
    symbol: str
    at: int
    numbers: tuple[float, ...]
    side: str


class _File(Struct, frozen=True):
    """What the first row of a file tells."""

    path: Path
    layout: tuple[str, ...]
    exchange: str
    symbol: str
    stated: str
    first: int


def open_files(sources: list[Source], options: Options, tally: Tally) -> list[Feed]:
    """Feeds of all files; those of one instrument and layout may not overlap.

    Raises
    ------
    DataError
        A file has another layout, is empty, or its instrument is not known.
    """
    groups: dict[tuple[str, str, tuple[str, ...]], list[_File]] = {}
    for source in sources:
        file = _peek(source)
        groups.setdefault((file.exchange, file.symbol, file.layout), []).append(file)
    feeds = []
    for (exchange, symbol, layout), members in groups.items():
        members.sort(key=lambda each: each.first)
        stated, _, stated_venue = members[0].stated.partition("@")
        venue = stated_venue or _VENUES.get(exchange, exchange)
        instrument = naming.terms(
            members[0].path, stated or symbol, venue, (options, tally)
        )
        if layout == _QUOTES:
            tally.assume(NO_INDEX.format(instrument.contract.key))
        stream = Stream(instrument, tally, assume_index=layout == _QUOTES)
        feeds.append(Feed((instrument,), _chained(members, stream, tally)))
    return feeds


def _layout(names: tuple[str, ...] | list[str], label: str) -> tuple[str, ...]:
    for layout in (_QUOTES, (*_TRADES, "side")):
        if all(name in names for name in (*COMMON, *layout)) and "is_snapshot" not in names:
            return _QUOTES if layout == _QUOTES else _TRADES
    raise DataError(f"{label}: row 1: tardis files of quotes and of trades are read, no others")


def _peek(source: Source) -> _File:
    path = source.path
    names, rows = _open(path, None)
    layout = _layout(names, str(path))
    row = next(rows, None)
    if row is None:
        raise DataError(f"{path}: has no rows: fetch it again")
    return _File(path, layout, row.exchange, row.symbol, source.stated, row.at)


def _open(path: Path, tally: Tally | None) -> tuple[tuple[str, ...], Iterator[_Row]]:
    if files.container(path) is Container.PARQUET:
        names = columns.names(path)
        return names, _parquet_rows(path, _layout(names, str(path)), tally)
    names = tuple(next(files.cells(files.head(path, 1), str(path))))
    return names, _text_rows(path, _layout(names, str(path)), tally)


def _parquet_rows(path: Path, layout: tuple[str, ...], tally: Tally | None) -> Iterator[_Row]:
    side = ("side",) if layout == _TRADES else ()
    for batch, part in columns.batches(path, (*COMMON, *layout, *side)):
        at = batch.instants("local_timestamp").tolist()
        numbers = zip(*(batch.floats(name).tolist() for name in layout), strict=True)
        sides = batch.words("side") if side else [""] * batch.size
        words = zip(batch.words("exchange"), batch.words("symbol"), sides, strict=True)
        for i, ((exchange, symbol, taker), each) in enumerate(zip(words, numbers, strict=True)):
            yield _Row(batch.first + i, exchange, symbol, at[i], each, taker)
        if tally:
            tally.read(path, batch.size)
            tally.advance(path, part)


def _text_rows(path: Path, layout: tuple[str, ...], tally: Tally | None) -> Iterator[_Row]:
    for text in files.texts(path):
        reader = files.cells(files.lines(text), text.label)
        header = next(reader, [])
        _layout(header, text.label)
        place = {name: i for i, name in enumerate(header)}
        count = 0
        for number, cells in enumerate(reader, start=2):
            if not cells:
                continue
            if len(cells) != len(header):
                raise DataError(
                    f"{text.label}: row {number}: {len(cells)} columns, {len(header)} expected: "
                    "correct or remove the row"
                )
            yield _text_row(number, cells, place, layout, text.label)
            count += 1
            if tally and number % _TOLD_EVERY == 0:
                tally.advance(path, text.part())
        if tally:
            tally.read(path, count)


def _text_row(
    number: int, cells: list[str], place: dict[str, int], layout: tuple[str, ...], label: str
) -> _Row:
    column = "local_timestamp"
    try:
        at = stamps.parse(cells[place[column]])
        numbers = []
        for column in layout:
            numbers.append(float(cells[place[column]] or "nan"))
    except ValueError as error:
        raise DataError(
            f"{label}: row {number}: column {column}: {cells[place[column]][:40]!r} cannot be "
            "read: correct or remove the row"
        ) from error
    side = cells[place["side"]] if layout == _TRADES else ""
    return _Row(
        number, cells[place["exchange"]], cells[place["symbol"]], at, tuple(numbers), side
    )


def _chained(members: list[_File], stream: Stream, tally: Tally) -> Iterator[Timed]:
    last = 0
    for file in members:
        if file.first < last:
            raise DataError(
                f"{file.path}: starts at {iso_utc(file.first)}, before the file in front of it "
                f"ends ({iso_utc(last)}): leave one of the two out"
            )
        for at, event in _events(file, stream, tally):
            last = at
            yield at, event


def _events(file: _File, stream: Stream, tally: Tally) -> Iterator[Timed]:
    clock = Clock(str(file.path), tally)
    for row in _open(file.path, tally)[1]:
        at = clock.take(row.at, row.number)
        if (row.exchange, row.symbol) != (file.exchange, file.symbol):
            stream.skip()
        elif file.layout == _QUOTES:
            bid_price, bid_qty, ask_price, ask_qty = (max(0.0, x) for x in row.numbers)
            for event in stream.best((bid_price, bid_qty), (ask_price, ask_qty), at):
                yield at, event
        else:
            if row.side not in ("buy", "sell"):
                tally.note("trades without a side (taken as sold)")
            price, qty = row.numbers
            for event in stream.deal(price, qty, buyer_is_taker=row.side == "buy"):
                yield at, event
    tally.advance(file.path, 1.0)
