"""Terms of OKX's instruments, which are all counted in contracts."""

from decimal import Decimal
from types import MappingProxyType
from typing import Final

from terminal.core.errors import DataError
from terminal.core.units import HOUR
from terminal.model.instrument import (
    Contract,
    Future,
    Instrument,
    Option,
    Payoff,
    Perpetual,
    Right,
    TickStep,
)
from terminal.venues.dialects import raw
from terminal.venues.dialects.raw import Raw

VENUE: Final = "okx"

FUNDING_INTERVAL: Final = 8 * HOUR
"""Until the first message about funding, which states the interval of its instrument."""

_RIGHTS: Final = MappingProxyType({"C": Right.CALL, "P": Right.PUT})
_PAYOFFS: Final = MappingProxyType({"linear": Payoff.LINEAR, "inverse": Payoff.INVERSE})
_UNIFIED: Final = "_UM"
"""Contracts in several currencies at once, some of them dated and paying funding: not read."""

_FUTURES_BPS: Final = (2.0, 5.0)
_OPTION_BPS: Final = (2.0, 3.0)
"""Maker and taker fee of an account without discounts, which the list does not tell."""


def instrument(info: Raw) -> Instrument | None:
    """Terms from one row of ``public/instruments``; None for spot and what is no plain future.

    Notes
    -----
    A contract is ``ctVal`` times ``ctMult`` units of ``ctValCcy``: coins of a linear contract or
    an option, USD of an inverse one. ccxt's contract size leaves ``ctMult`` out, which makes an
    option a hundred times too large.
    """
    kind = raw.text(info, "instType")
    if kind not in ("SWAP", "FUTURES", "OPTION") or _UNIFIED in raw.text(info, "uly"):
        return None
    contract = _contract(info, is_option=kind == "OPTION")
    if kind == "SWAP":
        return Perpetual(contract, FUNDING_INTERVAL)
    expiry = raw.millis(info, "expTime")
    if kind == "FUTURES":
        return Future(contract, expiry)
    right = raw.one_of(info, "optType", _RIGHTS)
    return Option(contract, expiry, raw.positive(info, "stk"), right)


def _contract(info: Raw, *, is_option: bool) -> Contract:
    base, _, quote = raw.text(info, "uly").partition("-")
    payoff = Payoff.LINEAR if is_option else raw.one_of(info, "ctType", _PAYOFFS)
    unit = raw.text(info, "ctValCcy")
    if not quote or unit != (quote if payoff is Payoff.INVERSE else base):
        raise DataError(
            f"field 'ctValCcy' is {unit!r}: {payoff} on {base}-{quote} expected another"
        )
    maker, taker = _OPTION_BPS if is_option else _FUTURES_BPS
    return Contract(
        venue=VENUE,
        symbol=raw.text(info, "instId"),
        base=base,
        quote=quote,
        settle=raw.text(info, "settleCcy"),
        payoff=payoff,
        multiplier=raw.positive(info, "ctVal") * raw.positive(info, "ctMult"),
        ticks=(TickStep(Decimal(0), raw.positive(info, "tickSz")),),
        lot=raw.positive(info, "lotSz"),
        min_qty=raw.positive(info, "minSz"),
        min_notional=Decimal(0),
        maker_bps=maker,
        taker_bps=taker,
    )
