"""Terms of Hyperliquid's perpetuals."""

from decimal import Decimal
from typing import Final

from terminal.core.errors import DataError
from terminal.core.units import HOUR
from terminal.model.instrument import (
    Contract,
    FundedOn,
    Payoff,
    Perpetual,
    TickStep,
)
from terminal.venues.dialects import raw
from terminal.venues.dialects.raw import Raw

VENUE: Final = "hyperliquid"
SETTLE: Final = "USDC"
_DECIMALS: Final = 6  # of a perpetual's price and size together
_FIGURES: Final = 5  # significant ones of a price
_MOST_SIZE_DECIMALS: Final = 8
_MIN_NOTIONAL: Final = Decimal(10)
_MAKER_BPS: Final = 1.5  # of the lowest tier of volume: the market list tells no fees
_TAKER_BPS: Final = 4.5


def instrument(info: Raw) -> Perpetual | None:
    """Terms from one row of ``metaAndAssetCtxs``; None for spot and for builders' own markets.

    One contract is one coin (of names like ``kPEPE``: one thousand). Markets of builders
    (``km:US500``) are left out: other collateral, other fees, other rules.
    """
    name = raw.text(info, "name")
    if ":" in name or "/" in name or name.startswith("@") or "szDecimals" not in info:
        return None
    digits = raw.decimal(info, "szDecimals")
    if digits != int(digits) or not 0 <= digits <= _MOST_SIZE_DECIMALS:
        raise DataError(f"field 'szDecimals' is {digits}: expected a whole number from 0 to 8")
    lot = Decimal(1).scaleb(-int(digits))
    contract = Contract(
        venue=VENUE,
        symbol=name,
        base=name,
        quote=SETTLE,
        settle=SETTLE,
        payoff=Payoff.LINEAR,
        multiplier=Decimal(1),
        ticks=ticks(int(digits)),
        lot=lot,
        min_qty=lot,
        min_notional=_MIN_NOTIONAL,
        maker_bps=_MAKER_BPS,
        taker_bps=_TAKER_BPS,
    )
    return Perpetual(contract, funding_interval=HOUR, funded_on=FundedOn.INDEX)


def ticks(size_decimals: int) -> tuple[TickStep, ...]:
    """Price grid of a perpetual whose sizes have ``size_decimals`` decimals.

    Notes
    -----
    Hyperliquid's documentation, "Tick and lot size": at most five significant figures and at most
    6 - szDecimals decimals; a whole number is always allowed. As steps: the decimals bind near
    zero, then the figures from each power of ten on, up to a step of one.
    """
    decimals = max(0, _DECIMALS - size_decimals)
    steps = [TickStep(Decimal(0), Decimal(1).scaleb(-decimals))]
    for exponent in range(_FIGURES - decimals, _FIGURES):
        start, tick = Decimal(10) ** exponent, Decimal(1).scaleb(exponent + 1 - _FIGURES)
        steps.append(TickStep(start, tick))
    return tuple(steps)
