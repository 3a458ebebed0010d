"""Names that ccxt gives to instruments, whatever the exchange."""

from datetime import UTC, datetime

from terminal.core.units import SECOND
from terminal.model.instrument import Future, Instrument, Option, Perpetual, Right, Spot


def unified_symbol(instrument: Instrument) -> str:
    """Name of an instrument in ccxt, ``BTC/USD:BTC-241227-100000-C``.

    Notes
    -----
    ccxt's convention: base, quote, settlement currency, day of expiry, strike, right.
    """
    contract = instrument.contract
    pair = f"{contract.base}/{contract.quote}"
    match instrument:
        case Spot():
            return pair
        case Perpetual():
            return f"{pair}:{contract.settle}"
        case Future(expiry=expiry):
            return f"{pair}:{contract.settle}-{_day(expiry)}"
        case Option(expiry=expiry, strike=strike, right=right):
            letter = "C" if right is Right.CALL else "P"
            return f"{pair}:{contract.settle}-{_day(expiry)}-{strike.normalize():f}-{letter}"


def _day(expiry: int) -> str:
    return datetime.fromtimestamp(expiry // SECOND, tz=UTC).strftime("%y%m%d")
