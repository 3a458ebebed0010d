"""Recorded websocket logs: ``<receive time> <JSON>`` a line, of Binance and Hyperliquid."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from terminal.core.errors import DataError
from terminal.core.units import iso_utc
from terminal.journal.importers import files, naming, stamps
from terminal.journal.importers.feed import Clock, Feed, Options, Source, Tally
from terminal.journal.importers.messages import NO_INDEX, Stream, levels
from terminal.journal.tape import Timed
from terminal.model.messages import MarketEvent

LINE = re.compile(r"\d{10,19} [{\[]")
_PEEKED = 2_000  # lines: seconds of a busy market, enough to see every stream
_TOLD_EVERY = 5_000


class _Log(Struct, frozen=True):
    """What the first lines of a log tell."""

    path: Path
    venue: str
    symbol: str  # as the messages have it
    stated: str  # as the person has it
    first: int  # UtcNs
    has_index: bool


def open_logs(sources: list[Source], options: Options, tally: Tally) -> list[Feed]:
    """Feeds of all logs; those of one instrument follow each other and may not overlap.

    Raises
    ------
    DataError
        A file is no such log, or its instrument is not known.
    """
    groups: dict[tuple[str, str], list[_Log]] = {}
    for source in sources:
        log = _peek(source)
        groups.setdefault((log.venue, log.symbol), []).append(log)
    feeds = []
    for (venue, symbol), logs in groups.items():
        logs.sort(key=lambda log: log.first)
        instrument = naming.terms(
            logs[0].path, logs[0].stated or symbol, venue, (options, tally)
        )
        assume = not logs[0].has_index
        if assume:
            tally.assume(NO_INDEX.format(instrument.contract.key))
        stream = Stream(instrument, tally, assume_index=assume)
        feeds.append(Feed((instrument,), _chained(logs, stream, tally)))
    return feeds


def _peek(source: Source) -> _Log:
    path = source.path
    head = files.head(path, _PEEKED)
    first = _split(head[0], f"{path}: row 1")[0]
    symbol = venue = ""
    for number, line in enumerate(head, start=1):
        message = _split(line, f"{path}: row {number}")[1]
        symbol, venue = _identity(message, path)
        if symbol:
            break
    stated, _, stated_venue = source.stated.partition("@")
    if not symbol:
        raise DataError(
            f"{path}: no message of Binance or Hyperliquid in its first {len(head)} rows: "
            "only their logs are read"
        )
    has_index = any("markPrice" in line for line in head)
    return _Log(path, stated_venue or venue, symbol, stated, first, has_index)


def _identity(message: Any, path: Path) -> tuple[str, str]:
    """Symbol and venue of a message, empty when it names none."""
    data = message.get("data", message) if isinstance(message, dict) else None
    if not isinstance(data, dict):
        return "", ""
    if message.get("channel") == "l2Book":
        return str(data.get("coin", "")), "hyperliquid"
    symbol = data.get("s")
    if not isinstance(symbol, str):
        return "", ""
    if named := naming.venue_of(path):
        return symbol, named
    if "ps" in data or "_" in symbol:
        return symbol, "binancecoinm"
    return symbol, "binanceusdm" if "pu" in data or "T" in data else "binance"


def _split(line: str, where: str) -> tuple[int, Any]:
    """Receive time and message of a line."""
    stamp, _, body = line.partition(" ")
    try:
        at = stamps.from_number(int(stamp))
    except ValueError as error:
        raise DataError(
            f"{where}: column receive time: {stamp[:40]!r} is no instant between 2009 and 2100: "
            "correct or remove the row"
        ) from error
    try:
        return at, msgspec.json.decode(body)
    except msgspec.DecodeError as error:
        raise DataError(f"{where}: column message: {error}: correct or remove the row") from error


def _chained(logs: list[_Log], stream: Stream, tally: Tally) -> Iterator[Timed]:
    """Logs one after the other; the book goes on where the update numbers do."""
    last = 0
    for log in logs:
        if log.first < last:
            raise DataError(
                f"{log.path}: starts at {iso_utc(log.first)}, before the log in front of it ends "
                f"({iso_utc(last)}): leave one of the two out"
            )
        for at, event in _events(log, stream, tally):
            last = at
            yield at, event


def _events(log: _Log, stream: Stream, tally: Tally) -> Iterator[Timed]:
    for text in files.texts(log.path):
        clock, row = Clock(text.label, tally), 0
        for row, line in enumerate(files.lines(text), start=1):
            if not line.strip():
                continue
            received, message = _split(line, f"{text.label}: row {row}")
            at = clock.take(received, row)
            try:
                for event in _told(message, log, stream, at):
                    yield at, event
            except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
                raise DataError(
                    f"{text.label}: row {row}: column message: {type(error).__name__} {error}: "
                    "no message of a known form: remove the row"
                ) from error
            if row % _TOLD_EVERY == 0:
                tally.advance(log.path, text.part())
        tally.read(log.path, row)
    tally.advance(log.path, 1.0)


def _told(message: Any, log: _Log, stream: Stream, at: int) -> Iterator[MarketEvent]:
    """Events of one message; other instruments and other subjects are counted and left out."""
    data = message.get("data", message)
    if message.get("channel") in ("l2Book", "trades"):
        yield from _hyperliquid(message["channel"], data, log, (stream, at))
    elif "lastUpdateId" in data:  # spot's answer does not name its symbol
        yield from stream.snapshot(data, at)
    elif data.get("s") != log.symbol:
        stream.skip()
    else:
        yield from _binance(data, stream, at)


def _binance(data: dict[str, Any], stream: Stream, at: int) -> Iterator[MarketEvent]:
    match data.get("e", "bookTicker" if "B" in data and "A" in data else ""):
        case "bookTicker":
            bid = (float(data["b"]), float(data["B"]))
            ask = (float(data["a"]), float(data["A"]))
            yield from stream.best(bid, ask, at)
        case "depthUpdate":
            yield from stream.change(data, at)
        case "trade" | "aggTrade":
            yield from stream.trade(data)
        case "markPriceUpdate":
            yield from stream.mark(data, at)
        case _:
            stream.skip()


def _hyperliquid(
    channel: str, data: Any, log: _Log, context: tuple[Stream, int]
) -> Iterator[MarketEvent]:
    stream, at = context
    if channel == "trades":
        for each in data:
            if each["coin"] == log.symbol:
                buyer = each["side"] == "B"
                yield from stream.deal(float(each["px"]), float(each["sz"]), buyer_is_taker=buyer)
    elif data["coin"] == log.symbol:
        bids, asks = (
            levels((each["px"], each["sz"]) for each in side) for side in data["levels"]
        )
        yield from stream.whole(bids, asks, at)
    else:
        stream.skip()
