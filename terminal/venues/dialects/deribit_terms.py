"""Terms of Deribit's instruments."""

from decimal import Decimal
from types import MappingProxyType
from typing import Final

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

VENUE: Final = "deribit"
_RIGHTS: Final = MappingProxyType({"call": Right.CALL, "put": Right.PUT})


def instrument(info: Raw) -> Instrument | None:
    """Terms from one row of ``public/get_instruments``; None for spot and combinations.

    Notes
    -----
    An amount on Deribit's wire is in USD for inverse futures and in coins for everything else
    (API documentation, ``amount``), so it is always our contracts times our multiplier:

    - A future or perpetual is counted in units of that amount, one USD or one coin: what Deribit
      calls its position, what recorded tapes of it hold, and no division anywhere. Its own
      "contract" (10 USD of BTC-PERPETUAL, 1 of ETH-PERPETUAL, 0.1 SOL) is not needed.
    - An option is counted in Deribit's contracts: one coin, or ten SOL (``contract_size``).

    The lot is ``min_trade_amount``, a whole number of Deribit's contracts: ccxt cuts every amount
    down to a multiple of it without a word, even where the exchange would take a finer one.
    """
    kind = raw.text(info, "kind")
    if kind not in ("future", "option"):
        return None
    perpetual = raw.text_or_none(info, "settlement_period") == "perpetual"
    contract = _contract(info, is_option=kind == "option")
    if perpetual:
        return Perpetual(contract, funding_interval=0)
    expiry = raw.millis(info, "expiration_timestamp")
    if kind == "future":
        return Future(contract, expiry)
    right = raw.one_of(info, "option_type", _RIGHTS)
    return Option(contract, expiry, raw.positive(info, "strike"), right)


def _contract(info: Raw, *, is_option: bool) -> Contract:
    base = raw.text(info, "base_currency")
    settle = raw.text_or_none(info, "settlement_currency") or base  # old lists: coin only
    in_coin = settle == base
    least = raw.positive(info, "min_trade_amount")
    multiplier = raw.positive(info, "contract_size") if is_option else Decimal(1)
    return Contract(
        venue=VENUE,
        symbol=raw.text(info, "instrument_name"),
        base=base,
        quote="USD" if in_coin else settle,
        settle=settle,
        payoff=Payoff.INVERSE if in_coin and not is_option else Payoff.LINEAR,
        multiplier=multiplier,
        ticks=_ticks(info),
        lot=least / multiplier,
        min_qty=least / multiplier,
        min_notional=Decimal(0),
        maker_bps=raw.number(info, "maker_commission") * 1e4,
        taker_bps=raw.number(info, "taker_commission") * 1e4,
    )


def _ticks(info: Raw) -> tuple[TickStep, ...]:
    """Price grid: ccxt keeps the first step only, and 0.0123 is not on the grid above 0.005."""
    first = TickStep(Decimal(0), raw.positive(info, "tick_size"))
    wider = () if info.get("tick_size_steps") is None else raw.rows(info, "tick_size_steps")
    steps = (
        TickStep(raw.positive(row, "above_price"), raw.positive(row, "tick_size")) for row in wider
    )
    return (first, *sorted(steps, key=lambda step: step.from_price))
