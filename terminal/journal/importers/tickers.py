"""Option tickers in CSV (one row per instrument and instant), as Deribit's API words them."""

from collections.abc import Iterator
from pathlib import Path

from terminal.core.errors import DataError
from terminal.journal.importers import deribit, files, stamps
from terminal.journal.importers.feed import Feed, Source, Tally
from terminal.journal.tape import Timed
from terminal.model.instrument import Option
from terminal.model.market import Index, Quote

_FIELDS = (
    ("bid", "best_bid_price"),
    ("ask", "best_ask_price"),
    ("bid_qty", "best_bid_amount"),
    ("ask_qty", "best_ask_amount"),
    ("mark", "mark_price"),
    ("iv", "mark_iv"),
    ("forward", "underlying_price"),
    ("index", "index_price"),
)
REQUIRED = ("instrument_name", "timestamp", *(column for _, column in _FIELDS))

_Ticker = tuple[int, Option, Quote, float | None]  # instant, option, quote, index


def open_tickers(source: Source, tally: Tally) -> Feed:
    """Feed of a ticker file, sorted by time (rows of one poll come in no order)."""
    tickers: list[_Ticker] = []
    for text in files.texts(source.path):
        reader = files.cells(files.lines(text), text.label)
        header = next(reader, [])
        missing = [name for name in REQUIRED if name not in header]
        if missing:
            raise DataError(f"{text.label}: row 1: no column for {', '.join(missing)}: add it")
        tickers += _rows(reader, header, text.label, tally)
    tally.read(source.path, len(tickers))
    tally.advance(source.path, 0.5)
    tickers.sort(key=lambda each: each[0])
    listed = {quote.key: option for _, option, quote, _ in tickers}
    return Feed(tuple(listed.values()), _events(tickers, source.path, tally))


def _rows(
    reader: Iterator[list[str]], header: list[str], label: str, tally: Tally
) -> Iterator[_Ticker]:
    for number, cells in enumerate(reader, start=2):
        if not cells:
            continue
        if len(cells) != len(header):
            raise DataError(
                f"{label}: row {number}: {len(cells)} columns, {len(header)} expected: "
                "correct or remove the row"
            )
        row = dict(zip(header, cells, strict=True))
        option = deribit.option(row["instrument_name"])
        if option is None:
            tally.note("rows of instruments other than coin-settled options (skipped)")
            continue
        where = f"{label}: row {number}"
        at = _instant(row["timestamp"], where)
        if at >= option.expiry:
            tally.note("rows of options already expired (dropped)")
            continue
        numbers = {field: _number(row, column, where) for field, column in _FIELDS}
        quote = deribit.quote(option.contract.key, numbers, tally)
        yield at, option, quote, deribit.positive(numbers["index"], "index", tally)


def _instant(cell: str, where: str) -> int:
    try:
        return stamps.parse(cell)
    except ValueError as error:
        raise DataError(
            f"{where}: column timestamp: {cell[:40]!r} {error}: correct or remove the row"
        ) from error


def _number(row: dict[str, str], column: str, where: str) -> float:
    try:
        return float(row[column] or "nan")
    except ValueError as error:
        raise DataError(
            f"{where}: column {column}: {row[column][:40]!r} is no number: "
            "correct or remove the row"
        ) from error


def _events(tickers: list[_Ticker], path: Path, tally: Tally) -> Iterator[Timed]:
    index: dict[str, float] = {}
    for at, option, quote, price in tickers:
        coin = option.contract.base
        if price is not None and index.get(coin) != price:
            index[coin] = price
            yield at, Index(coin, price)
        yield at, quote
    tally.advance(path, 1.0)
