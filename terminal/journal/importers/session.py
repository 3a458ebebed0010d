"""Turn files of any known format into one stream of events and the header of its tape."""

from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from pathlib import Path

from msgspec import Struct

from terminal.core.errors import DataError
from terminal.journal.importers import (
    bars,
    chain,
    columns,
    files,
    funding,
    klines,
    naming,
    rawws,
    tardis,
    tickers,
)
from terminal.journal.importers.bars import Bars, Series
from terminal.journal.importers.feed import Feed, Options, Progress, Source, Tally
from terminal.journal.importers.files import Container
from terminal.journal.importers.merge import Listings, merged
from terminal.journal.tape import Header, Timed
from terminal.model.instrument import Instrument


class Format(StrEnum):
    """What a file holds, told from its content."""

    BARS = "bars"
    CHAIN = "option chain"
    TICKERS = "option tickers"
    LOG = "websocket log"
    TARDIS = "tardis quotes or trades"
    FUNDING = "funding"


class Import(Struct, frozen=True):
    """A stream of events to be taken once, and its header, to be asked for at the end."""

    events: Iterator[Timed]
    header: Callable[[], Header]


def import_files(paths: Sequence[Path], options: Options, progress: Progress) -> Import:
    """Open files of any known format as one stream.

    Parameters
    ----------
    paths : sequence of Path
        A file given twice is read once.
    options : Options
    progress : callable
        Told the part that is done (0..1) and the name of the file, at most 200 times.

    Returns
    -------
    Import
        For ``write_tape(out, each.header, each.events)``. Bars are read and checked by this
        call; ticks and chains while the events are taken.

    Raises
    ------
    DataError
        A file cannot be read or used; one line naming file, row, column and remedy. May also
        come while the events are taken.
    """
    sources, prints = _sources(paths, options)
    tally = Tally({str(each.path): each.path.stat().st_size for each in sources}, progress)
    tally.note("files given twice (read once)", len(paths) - len(sources))
    by_format: dict[Format, list[Source]] = {kind: [] for kind in Format}
    for source in sources:
        by_format[recognise(source.path)].append(source)
    feeds = _feeds(by_format, options, tally)
    listings = Listings()
    events = merged(feeds, listings, options.start, options.end)

    def header() -> Header:
        return Header(
            title=options.title or _title(listings.instruments),
            origins=tally.origins(prints),
            assumptions=tally.assumptions,
            notes=tally.notes,
        )

    return Import(events, header)


def _sources(paths: Sequence[Path], options: Options) -> tuple[list[Source], dict[str, str]]:
    """Each different file once, with the instrument stated for it, and the fingerprints."""
    names = options.instruments
    if not paths:
        raise DataError("no files to import: name at least one")
    if len(names) not in (0, 1, len(paths)):
        raise DataError(
            f"{len(names)} instruments for {len(paths)} files: state one for all, or one per file "
            "in their order (- to infer it)"
        )
    stated = (names or ("",)) * len(paths) if len(names) < 2 else names
    sources: dict[str, Source] = {}
    for path, name in zip(paths, stated, strict=False):
        files.container(path)  # refuses what is no file at all before it is fingerprinted
        sources.setdefault(files.sha256(path), Source(path, "" if name == "-" else name))
    return list(sources.values()), {str(each.path): print_ for print_, each in sources.items()}


def recognise(path: Path) -> Format:
    """Tell what a file holds from its column names or its first line.

    Raises
    ------
    DataError
        Nothing that can be imported.
    """
    if files.container(path) is Container.PARQUET:
        return _by_columns(columns.names(path), path)
    first = files.head(path, 1)[0]
    if rawws.LINE.match(first):
        return Format.LOG
    if "\0" in first:
        raise DataError(f"{path}: holds no text: give CSV, zip, gz, parquet or a websocket log")
    head = [cell.strip() for cell in next(files.cells([first], str(path)), [])]
    for kind, required in ((Format.TARDIS, tardis.COMMON), (Format.TICKERS, tickers.REQUIRED[:1])):
        if all(name in head for name in required):
            return kind
    klines.check_first(first, str(path))
    return Format.BARS


def _by_columns(names: tuple[str, ...], path: Path) -> Format:
    for kind, required in (
        (Format.CHAIN, chain.REQUIRED),
        (Format.FUNDING, funding.REQUIRED),
        (Format.TARDIS, tardis.COMMON),
    ):
        if all(name in names for name in required):
            return kind
    if klines.recognised(names):
        return Format.BARS
    raise DataError(
        f"{path}: its columns ({', '.join(names)[:120]}) are those of no known format: bars need "
        "ts, open, high, low, close, volume"
    )


def _feeds(by_format: dict[Format, list[Source]], options: Options, tally: Tally) -> list[Feed]:
    """All feeds; at one instant the index and the perpetuals come before the options."""
    feeds = _bar_feeds(by_format[Format.BARS], options, tally)
    barred = {each.contract.key for feed in feeds for each in feed.instruments}
    ticks = rawws.open_logs(by_format[Format.LOG], options, tally)
    ticks += tardis.open_files(by_format[Format.TARDIS], options, tally)
    for feed in ticks:
        for instrument in feed.instruments:
            if instrument.contract.key in barred:
                raise DataError(
                    f"{instrument.contract.key}: both bars and ticks are given: make two tapes"
                )
    feeds += ticks
    if sources := by_format[Format.FUNDING]:
        known = [each for feed in feeds for each in feed.instruments]
        feeds = funding.open_funding(sources, known, options, tally) + feeds
    if by_format[Format.CHAIN]:
        feeds.append(chain.open_chains(by_format[Format.CHAIN], tally))
    feeds += [tickers.open_tickers(each, tally) for each in by_format[Format.TICKERS]]
    return feeds


def _bar_feeds(sources: list[Source], options: Options, tally: Tally) -> list[Feed]:
    """One feed per instrument, over all its files."""
    found = bar_series(sources, options, tally)
    return [bars.feed(each, options.spread_bps, tally) for each in found]


def bar_series(sources: Sequence[Source], options: Options, tally: Tally) -> list[Series]:
    """Read files of bars: one checked series per instrument, over all its files.

    Raises
    ------
    DataError
        A file cannot be read or used; one line naming file, row, column and remedy.
    """
    instruments: dict[str, Instrument] = {}
    found: dict[str, list[tuple[int, Bars]]] = {}
    for source in sources:
        instrument = naming.instrument_of(source, options, tally)
        key = instrument.contract.key
        instruments[key] = instrument
        for each in _read_bars(source, tally):
            good = bars.in_contracts(bars.checked(each, tally), instrument, tally)
            span = bars.interval(good, naming.span_of(source.path))
            found.setdefault(key, []).append((span, good))
    return [bars.joined(instruments[key], parts, tally) for key, parts in found.items()]


def _read_bars(source: Source, tally: Tally) -> Iterator[Bars]:
    if files.container(source.path) is Container.PARQUET:
        yield klines.read_parquet(source.path, tally)
    else:
        yield from klines.read_text(source.path, tally)


def _title(instruments: dict[str, Instrument]) -> str:
    """Name a tape by its first instruments."""
    keys = list(instruments)
    more = f" and {len(keys) - 3:,} more" if len(keys) > 3 else ""
    return ", ".join(keys[:3]) + more
