"""Terms of Deribit's coin-settled options, and quotes cleaned of what cannot be."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from types import MappingProxyType

from terminal.core.units import HOUR, SECOND
from terminal.journal.importers.feed import Tally
from terminal.model.instrument import Contract, Option, Payoff, Right, TickStep
from terminal.model.market import Quote

VENUE = "deribit"
EXPIRY_HOUR = 8  # UTC

_NAME = re.compile(
    r"(?P<coin>[A-Z]+)-(?P<day>\d{1,2}[A-Z]{3}\d{2})-(?P<strike>\d+)-(?P<right>[CP])", re.ASCII
)
_TICKS = (
    TickStep(Decimal(0), Decimal("0.0001")),
    TickStep(Decimal("0.005"), Decimal("0.0005")),
)
_LOTS = MappingProxyType({"BTC": Decimal("0.1")})
_FEE_BPS = 3.0  # of the underlying; Deribit caps it at 12.5 % of the premium


def option(name: str) -> Option | None:
    """Read the terms of a coin-settled option from its name; None when it is no such name.

    Notes
    -----
    Deribit's instrument specification: ``BTC-27JUN25-100000-C`` expires at 08:00 UTC, is
    quoted and settled in coin, one contract is one coin, in lots of 0.1 (BTC) or 1 (ETH); the
    price step is 0.0001 below 0.005 and 0.0005 from there.
    """
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    try:
        day = datetime.strptime(match["day"], "%d%b%y").replace(tzinfo=UTC)
    except ValueError:
        return None
    coin = match["coin"]
    lot = _LOTS.get(coin, Decimal(1))
    contract = Contract(
        venue=VENUE,
        symbol=name,
        base=coin,
        quote="USD",
        settle=coin,
        payoff=Payoff.LINEAR,
        multiplier=Decimal(1),
        ticks=_TICKS,
        lot=lot,
        min_qty=lot,
        min_notional=Decimal(0),
        maker_bps=_FEE_BPS,
        taker_bps=_FEE_BPS,
    )
    expiry = round(day.timestamp()) * SECOND + EXPIRY_HOUR * HOUR
    right = Right.CALL if match["right"] == "C" else Right.PUT
    return Option(contract, expiry, Decimal(match["strike"]), right)


def positive(value: float, what: str, tally: Tally) -> float | None:
    """Read a price; None where there is none (NaN) or, counted, where it is no positive number."""
    if 0.0 < value < float("inf"):
        return value
    if not math.isnan(value):
        tally.note(f"{what} of zero or less (taken as unknown)")
    return None


def quote(key: str, row: Mapping[str, float], tally: Tally) -> Quote:
    """Quote from one row of a chain.

    Parameters
    ----------
    key : str
    row : mapping
        bid, ask, mark (coin), iv (% a year), forward (USD), bid_qty, ask_qty (contracts);
        NaN = none.
    tally : Tally

    Returns
    -------
    Quote
    """
    bid, ask = positive(row["bid"], "bid", tally), positive(row["ask"], "ask", tally)
    mark = positive(row["mark"], "mark", tally)
    iv = positive(row["iv"], "mark volatility", tally)
    if iv is not None and iv > 1_000.0:
        tally.note("mark volatility above 1,000 % (taken as unknown)")
        iv = None
    if bid is not None and ask is not None and bid >= ask:
        tally.note("crossed option quotes (kept, not tradable)")
    if mark is not None and not (bid or 0.0) <= mark <= (ask or float("inf")):
        tally.note("marks outside bid and ask (kept)")
    return Quote(
        key,
        bid,
        ask,
        max(0.0, row["bid_qty"]),  # in this order NaN becomes 0
        max(0.0, row["ask_qty"]),
        mark=mark,
        iv=None if iv is None else iv / 100.0,
        forward=positive(row["forward"], "forward", tally),
    )
