"""Funding payments from parquet, merged in for the perpetuals of a tape."""

import math
from collections.abc import Iterable, Iterator
from types import MappingProxyType

from terminal.core.errors import DataError
from terminal.core.units import HOUR, MINUTE, iso_utc
from terminal.journal.importers import columns
from terminal.journal.importers.feed import Feed, Options, Source, Tally
from terminal.journal.tape import Timed
from terminal.model.instrument import Instrument, Perpetual
from terminal.model.market import Funding

REQUIRED = ("ts", "venue", "symbol", "interval_h", "rate")
LEAD = MINUTE
"""A payment is told this long before it is due: the venue shows it then, and hardly moves it."""

_OWN = MappingProxyType(
    {
        "binanceusdm": "binance",
        "bybit": "bybit",
        "hyperliquid": "hyperliquid",
    }
)
"""Name that the funding files give to the venue of a perpetual."""

_Payment = tuple[float, float, str]  # rate, interval in hours, where it was read


def open_funding(
    sources: list[Source], instruments: Iterable[Instrument], options: Options, tally: Tally
) -> list[Feed]:
    """Feeds of funding for each perpetual that the files know.

    Raises
    ------
    DataError
        No perpetual is among the inputs or none has funding in the files; a rate is no number;
        two rows of one payment differ.
    """
    perpetuals = [each for each in instruments if isinstance(each, Perpetual)]
    wanted: dict[tuple[str, str], list[str]] = {}
    for each in perpetuals:
        venue = options.funding_venue or _OWN.get(each.contract.venue, "")
        wanted.setdefault((venue, each.contract.base), []).append(each.contract.key)
    payments: dict[tuple[str, str], dict[int, _Payment]] = {name: {} for name in wanted}
    seen: set[tuple[str, str]] = set()
    for source in sources:
        for name, at, payment in _rows(source, wanted.keys(), seen, tally):
            _put(payments[name], at, payment)
    if not any(payments.values()):
        keys = ", ".join(each.contract.key for each in perpetuals) or "none"
        known = ", ".join(f"{venue}:{coin}" for venue, coin in sorted(seen))
        raise DataError(
            f"{sources[0].path}: no funding for the perpetuals of this tape ({keys}): add their "
            f"prices, or choose with --funding-venue among {known}"
        )
    tally.assume("a funding payment is told one minute before it is due")
    return [
        Feed((), _events(key, rows), follows=True)
        for name, rows in payments.items()
        for key in wanted[name]
    ]


def _rows(
    source: Source, wanted: Iterable[tuple[str, str]], seen: set[tuple[str, str]], tally: Tally
) -> Iterator[tuple[tuple[str, str], int, _Payment]]:
    path = source.path
    names = frozenset(wanted)
    for batch, part in columns.batches(path, REQUIRED):
        at = batch.instants("ts").tolist()
        places = list(zip(batch.words("venue"), batch.words("symbol"), strict=True))
        rates, hours = batch.floats("rate").tolist(), batch.floats("interval_h").tolist()
        seen.update(places)
        for i, name in enumerate(places):
            if name not in names:
                continue
            where = f"{path}: row {batch.first + i}"
            if not math.isfinite(rates[i]) or abs(rates[i]) > 0.5:
                raise DataError(
                    f"{where}: column rate: {rates[i]!r} is no fraction per interval: correct it"
                )
            if not 0.0 < hours[i] <= 24.0:
                raise DataError(
                    f"{where}: column interval_h: {hours[i]!r} is not 1 to 24 hours: correct it"
                )
            yield name, at[i], (rates[i], hours[i], where)
        tally.read(path, batch.size)
        tally.advance(path, part)


def _put(rows: dict[int, _Payment], at: int, payment: _Payment) -> None:
    known = rows.setdefault(at, payment)
    if known[:2] != payment[:2]:
        column = "rate" if known[0] != payment[0] else "interval_h"
        raise DataError(
            f"{payment[2]}: column {column}: differs from {known[2]} for the payment of "
            f"{iso_utc(at)}: keep the right one"
        )


def _events(key: str, rows: dict[int, _Payment]) -> Iterator[Timed]:
    for due in sorted(rows):
        rate, hours, _ = rows[due]
        yield due - LEAD, Funding(key, rate, round(hours * HOUR), due)
