"""Option chain snapshots from parquet: listings, index and quotes at one instant each."""

import heapq
from collections.abc import Iterator
from operator import itemgetter
from pathlib import Path
from statistics import median
from types import MappingProxyType

from terminal.core.errors import DataError
from terminal.core.units import iso_utc
from terminal.journal.importers import columns, deribit
from terminal.journal.importers.feed import Feed, Source, Tally
from terminal.journal.tape import Timed
from terminal.model.instrument import Option
from terminal.model.market import Index, Quote
from terminal.model.messages import Listing

_WORDS = ("currency", "instrument", "type")
_NUMBERS = MappingProxyType(
    {
        "bid": "bid",
        "ask": "ask",
        "mark": "mark",
        "iv": "mark_iv",
        "forward": "underlying_price",
        "index": "index_price",
        "strike": "strike",
    }
)
REQUIRED = ("ts", "expiry", *_WORDS, *_NUMBERS.values())

_Row = dict[str, float]
_Snapshot = tuple[int, str, dict[str, _Row]]  # instant, file, rows by instrument


def open_chains(sources: list[Source], tally: Tally) -> Feed:
    """One feed of all the chain files; the same snapshot in two of them must be equal."""
    tally.assume("one index price per coin and snapshot: the median of its rows, which drift")
    streams = [_snapshots(source.path, tally) for source in sources]
    return Feed((), _events(heapq.merge(*streams, key=itemgetter(0)), tally))


def _snapshots(path: Path, tally: Tally) -> Iterator[_Snapshot]:
    """Rows gathered by instant; the file is read some rows at a time."""
    at, rows = 0, dict[str, _Row]()
    options: dict[str, Option | None] = {}
    for batch, part in columns.batches(path, REQUIRED):
        stamps, expiries = batch.instants("ts").tolist(), batch.instants("expiry").tolist()
        numbers = {field: batch.floats(name).tolist() for field, name in _NUMBERS.items()}
        coins, names, rights = (batch.words(name) for name in _WORDS)
        for i, stamp in enumerate(stamps):
            if stamp != at:
                if stamp < at:
                    raise DataError(
                        f"{path}: row {batch.first + i}: column ts: {iso_utc(stamp)} comes before "
                        "the row in front of it: sort the file by time"
                    )
                if rows:
                    yield at, str(path), rows
                at, rows = stamp, {}
            name = names[i]
            if "_" in name.partition("-")[0]:
                tally.note("rows of options settled in USDC (skipped)")
                continue
            row = {field: column[i] for field, column in numbers.items()}
            row["bid_qty"] = row["ask_qty"] = 0.0
            if name not in options:
                options[name] = deribit.option(name)
            stated = (coins[i], expiries[i], row["strike"], rights[i])
            _check_terms(options[name], stated, f"{path}: row {batch.first + i}")
            if name in rows:
                tally.note("options twice in one snapshot (the later row is kept)")
            rows[name] = row
        tally.read(path, batch.size)
        tally.advance(path, part)
    if rows:
        yield at, str(path), rows


def _check_terms(
    option: Option | None, stated: tuple[str, int, float, str], where: str
) -> None:
    """The name of an option and the columns beside it must say the same."""
    if option is None:
        raise DataError(
            f"{where}: column instrument: is no coin-settled Deribit option such as "
            "BTC-27JUN25-100000-C: remove the row"
        )
    coin, expiry, strike, right = stated
    if coin != option.contract.base:
        wrong = "currency"
    elif expiry != option.expiry:
        wrong = "expiry"
    elif strike != float(option.strike):
        wrong = "strike"
    elif right.lower() not in (option.right[0], option.right.value):
        wrong = "type"
    else:
        return
    raise DataError(
        f"{where}: column {wrong}: differs from the instrument's name "
        f"{option.contract.symbol!r}: correct or remove the row"
    )


def _events(snapshots: Iterator[_Snapshot], tally: Tally) -> Iterator[Timed]:
    listed: dict[str, Option] = {}
    before: _Snapshot = (0, "", {})
    for snapshot in snapshots:
        at, _, rows = snapshot
        if at == before[0]:
            _check_same(before, snapshot)
            tally.note("snapshots found in two files with the same values (taken once)")
            continue
        before = snapshot
        fresh: list[Option] = []
        quotes: list[Quote] = []
        for name, row in rows.items():
            option = listed.get(name) or deribit.option(name)
            if option is None or option.expiry <= at:
                tally.note("rows of options already expired (dropped)")
                continue
            if name not in listed:
                listed[name] = option
                fresh.append(option)
            quotes.append(deribit.quote(option.contract.key, row, tally))
        if fresh:
            yield at, Listing(deribit.VENUE, tuple(fresh))
        for coin, price in _index(rows, tally).items():
            yield at, Index(coin, price)
        for quote in quotes:
            yield at, quote


def _index(rows: dict[str, _Row], tally: Tally) -> dict[str, float]:
    prices: dict[str, list[float]] = {}
    for name, row in rows.items():
        price = deribit.positive(row["index"], "index", tally)
        if price is not None:
            prices.setdefault(name.partition("-")[0], []).append(price)
    return {coin: median(each) for coin, each in prices.items()}


def _check_same(one: _Snapshot, other: _Snapshot) -> None:
    for name in sorted(one[2].keys() | other[2].keys()):
        a, b = one[2].get(name, {}), other[2].get(name, {})
        differ = [f for f in a.keys() | b.keys() if repr(a.get(f)) != repr(b.get(f))]
        if differ:
            column = _NUMBERS.get(min(differ), min(differ))
            raise DataError(
                f"{other[1]}: {name} at {iso_utc(other[0])}: column {column}: differs from "
                f"{one[1]}: leave one file out"
            )
