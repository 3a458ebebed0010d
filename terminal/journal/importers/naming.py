"""Which instrument a file is about: from what a person states, or from the file's name."""

import re
from decimal import Decimal, InvalidOperation
from pathlib import Path
from types import MappingProxyType

from terminal.core.errors import DataError
from terminal.core.units import parse_duration
from terminal.journal.importers.contracts import AS_OF, known, ladder, listed_at, venues
from terminal.journal.importers.feed import Options, Source, Tally
from terminal.model.instrument import Contract, Instrument, Payoff, Perpetual, Spot

_PREFIXES = MappingProxyType(
    {
        "binance_spot": "binance",
        "binance_usdm": "binanceusdm",
        "binance_coinm": "binancecoinm",
        "deribit": "deribit",
        "ftx_perp": "ftx",
        "bybit": "bybit",
        "okx": "okx",
        "hyperliquid": "hyperliquid",
    }
)
_ARCHIVE_FOLDERS = MappingProxyType({"um": "binanceusdm", "cm": "binancecoinm", "spot": "binance"})
_ARCHIVE = re.compile(r"(?P<symbol>[A-Z0-9_]+)-(?P<span>\d+[smhdw])-\d{4}-\d{2}")
_SPAN = re.compile(r"[_-](?P<span>\d+[smhd])[_.-]")
_CONTRACT_FIELDS = (
    "symbol", "venue", "base", "quote", "settle", "kind", "payoff", "multiplier", "tick", "lot",
    "min_qty", "min_notional", "maker_bps", "taker_bps", "funding",
)  # fmt: skip
_CONTRACT_FORM = "--contract symbol=XRPUSDT,venue=binanceusdm,base=XRP,quote=USDT,tick=0.0001,lot=1"


def venue_of(path: Path) -> str:
    """Venue that the file's name starts with; empty when it names none."""
    name = path.name.lower()
    return next((v for prefix, v in _PREFIXES.items() if name.startswith(f"{prefix}_")), "")


def span_of(path: Path) -> int | None:
    """Bar interval that the file's name states, ns."""
    found = _SPAN.search(path.name)
    return parse_duration(found["span"]) if found else None


def instrument_of(source: Source, options: Options, tally: Tally) -> Instrument:
    """Instrument of a file of bars.

    Raises
    ------
    DataError
        The name tells nothing, or names a contract whose terms are not known.
    """
    if source.stated:
        symbol, _, venue = source.stated.partition("@")
        return terms(source.path, symbol, venue, (options, tally))
    path = source.path
    for prefix, venue in _PREFIXES.items():
        if path.name.lower().startswith(f"{prefix}_"):
            symbol = path.name[len(prefix) + 1 :].split("_")[0]
            if "_mark_" in path.name:
                tally.assume(f"{path.name} holds mark prices: they stand for traded ones")
            return terms(path, symbol, venue, (options, tally))
    if archive := _ARCHIVE.match(path.name):
        return terms(path, archive["symbol"], _archive_venue(path, tally), (options, tally))
    raise DataError(
        f"{path}: its name does not tell the instrument: state it, --instrument BTCUSDT@binanceusdm"
    )


def _archive_venue(path: Path, tally: Tally) -> str:
    """Venue of a file of Binance's archive, whose names are the same for spot and futures."""
    for folder in reversed(path.parent.parts):
        if folder in _ARCHIVE_FOLDERS:
            return _ARCHIVE_FOLDERS[folder]
    if "_PERP" in path.name:
        return "binancecoinm"
    tally.assume(
        f"{path.name} is the USD-M perpetual: archive names do not tell it from spot "
        "(--instrument SYMBOL@binance for spot)"
    )
    return "binanceusdm"


def terms(
    path: Path, symbol: str, venue: str, context: tuple[Options, Tally]
) -> Instrument:
    """Terms of a contract: stated by the person, else from the table of well-known ones.

    Parameters
    ----------
    path : Path
        File that the contract was found in.
    symbol, venue : str
        The venue may be empty where the symbol is listed at one only.
    context : (Options, Tally)

    Raises
    ------
    DataError
        Neither knows it, or several venues list the symbol.
    """
    options, tally = context
    for each in options.contracts:
        if each.contract.symbol == symbol and venue in ("", each.contract.venue):
            return each
    places = (venue,) if venue else listed_at(symbol)
    if len(places) > 1:
        raise DataError(
            f"{path}: {symbol!r} is listed at {', '.join(places)}: say which, "
            f"--instrument {symbol}@{places[0]}"
        )
    found = known(symbol, places[0]) if places else None
    if found is None:
        at = f" at {venue!r} (known venues: {', '.join(venues())})" if venue else ""
        raise DataError(
            f"{path}: the terms of {symbol!r}{at} are not known: state them, {_CONTRACT_FORM}"
        )
    tally.assume(f"ticks, lots and fees are those of {AS_OF}")
    return found


def parse_contract(text: str) -> Instrument:
    """Read a contract stated as ``name=value,...``.

    Required: symbol, venue, base, quote, tick, lot. Else settle = quote, kind = perpetual (or
    spot), payoff = linear (or inverse), multiplier = 1, min_qty = lot, min_notional = 0, fees
    2 and 5 bps, funding = 8h.

    Raises
    ------
    DataError
        A field is missing, unknown or no number.
    """
    pairs = [part.partition("=") for part in text.split(",")]
    fields = {name.strip(): value.strip() for name, _, value in pairs}
    missing = [n for n in ("symbol", "venue", "base", "quote", "tick", "lot") if not fields.get(n)]
    unknown = [name for name in fields if name not in _CONTRACT_FIELDS]
    if missing or unknown:
        what = f"lacks {', '.join(missing)}" if missing else f"has unknown {', '.join(unknown)}"
        raise DataError(f"--contract {text!r} {what}: write {_CONTRACT_FORM}")
    try:
        contract = _contract(fields)
        interval = parse_duration(fields.get("funding", "8h"))
        kind = fields.get("kind", "perpetual")
    except (ValueError, InvalidOperation) as error:
        raise DataError(
            f"--contract {text!r}: a field is no valid value ({error}): write {_CONTRACT_FORM}"
        ) from error
    if kind not in ("perpetual", "spot"):
        raise DataError(f"--contract {text!r}: kind is perpetual or spot")
    return Spot(contract) if kind == "spot" else Perpetual(contract, interval)


def _contract(fields: dict[str, str]) -> Contract:
    lot = _positive(fields["lot"])
    return Contract(
        venue=fields["venue"],
        symbol=fields["symbol"],
        base=fields["base"],
        quote=fields["quote"],
        settle=fields.get("settle", fields["quote"]),
        payoff=Payoff(fields.get("payoff", "linear")),
        multiplier=_positive(fields.get("multiplier", "1")),
        ticks=ladder(str(_positive(fields["tick"]))),
        lot=lot,
        min_qty=_positive(fields.get("min_qty", str(lot))),
        min_notional=Decimal(fields.get("min_notional", "0")),
        maker_bps=float(fields.get("maker_bps", "2")),
        taker_bps=float(fields.get("taker_bps", "5")),
    )


def _positive(text: str) -> Decimal:
    value = Decimal(text)
    if not (value.is_finite() and value > 0):
        raise ValueError(f"{text} is not positive")
    return value
