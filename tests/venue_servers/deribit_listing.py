"""What Deribit lists: inverse and linear perpetuals, coin options, and options on SOL in USDC."""

from decimal import Decimal
from typing import Any

from tests.venue_servers.listing import Expiry, Terms, Unit, expiries, strikes

FOR_EVER_MS = 32_503_708_800_000
CURRENCIES = ("BTC", "ETH", "SOL", "USDC", "USDT")
_STEPS = ((Decimal("0.005"), Decimal("0.0005")),)


def listing(now_ms: int) -> list[Terms]:
    """Everything listed; amounts are dollars where the coin settles, else coins."""
    chain = list(expiries(now_ms))
    listed = [
        _inverse("BTC", lot=Decimal(10), tick=Decimal("0.5")),
        _inverse("ETH", lot=Decimal(1), tick=Decimal("0.05")),
        _linear("BTC", lot=Decimal("0.001"), tick=Decimal("0.5")),
        _linear("ETH", lot=Decimal("0.01"), tick=Decimal("0.05")),
        _linear("SOL", lot=Decimal("0.1"), tick=Decimal("0.01")),
    ]
    for base, minimum in (("BTC", Decimal("0.1")), ("ETH", Decimal(1))):
        listed += [_coin_option(base, minimum, each) for each in _cells(base, chain)]
    listed += [_sol_option(each) for each in _cells("SOL", chain)]
    return listed


_Cell = tuple[Expiry, Decimal, bool]


def _cells(base: str, chain: list[Expiry]) -> list[_Cell]:
    return [
        (each, strike, call) for each in chain for strike in strikes(base) for call in (True, False)
    ]


def _inverse(base: str, *, lot: Decimal, tick: Decimal) -> Terms:
    return Terms(
        name=f"{base}-PERPETUAL",
        base=base,
        quote="USD",
        settle=base,
        unit=Unit.USD,
        tick=tick,
        lot=lot,
        minimum=lot,
    )


def _linear(base: str, *, lot: Decimal, tick: Decimal) -> Terms:
    return Terms(
        name=f"{base}_USDC-PERPETUAL",
        base=base,
        quote="USDC",
        settle="USDC",
        unit=Unit.COIN,
        tick=tick,
        lot=lot,
        minimum=lot,
    )


def _coin_option(base: str, minimum: Decimal, cell: _Cell) -> Terms:
    expiry, strike, call = cell
    return Terms(
        name=f"{base}-{_day(expiry)}-{strike:f}-{'C' if call else 'P'}",
        base=base,
        quote=base,
        settle=base,
        unit=Unit.COIN,
        tick=Decimal("0.0001"),
        grid=_STEPS,
        lot=minimum,
        minimum=minimum,
        strike=strike,
        call=call,
        expiry_ms=expiry.ms,
        coin_price=True,
    )


def _sol_option(cell: _Cell) -> Terms:
    """Contracts of 10 SOL; amounts are counted in SOL."""
    expiry, strike, call = cell
    return Terms(
        name=f"SOL_USDC-{_day(expiry)}-{strike:f}-{'C' if call else 'P'}",
        base="SOL",
        quote="USDC",
        settle="USDC",
        unit=Unit.COIN,
        tick=Decimal("0.1"),
        lot=Decimal(10),
        minimum=Decimal(10),
        strike=strike,
        call=call,
        expiry_ms=expiry.ms,
    )


def _day(expiry: Expiry) -> str:
    return f"{expiry.at.day}{expiry.text('%b%y')}"


def instrument(terms: Terms, number: int) -> dict[str, Any]:
    """One entry of ``public/get_instruments``."""
    inverse = terms.settle == terms.base
    shape: dict[str, Any] = {
        "price_index": index_name(terms),
        "kind": "option" if terms.is_option else "future",
        "instrument_name": terms.name,
        "instrument_id": number,
        "instrument_type": "reversed" if inverse else "linear",
        "maker_commission": 0.0003 if terms.is_option else 0.0,
        "taker_commission": 0.0003 if terms.is_option else 0.0005,
        "expiration_timestamp": terms.expiry_ms or FOR_EVER_MS,
        "creation_timestamp": 1_534_167_754_000,
        "is_active": True,
        "state": "open",
        "tick_size": float(terms.tick),
        "tick_size_steps": [
            {"above_price": float(above), "tick_size": float(step)} for above, step in terms.grid
        ],
        "contract_size": contract_size(terms),
        "min_trade_amount": float(terms.minimum),
        "block_trade_commission": 0.00025,
        "block_trade_min_trade_amount": 25 if terms.is_option else 200_000,
        "block_trade_tick_size": 0.01,
        "settlement_currency": terms.settle,
        "settlement_period": "week" if terms.is_option else "perpetual",
        "base_currency": terms.base,
        "counter_currency": "USD" if inverse else "USDC",
        "quote_currency": terms.quote,
        "rfq": False,
    }
    if terms.strike is None:
        kind = "reversed" if inverse else "linear"
        return {**shape, "future_type": kind, "max_leverage": 50}
    side = "call" if terms.call else "put"
    return {**shape, "option_type": side, "strike": float(terms.strike)}


def contract_size(terms: Terms) -> float:
    """Amount of one contract, in the unit of amounts."""
    if terms.is_option:
        return float(terms.minimum) if terms.settle == "USDC" else 1.0
    return float(terms.lot)


def index_name(terms: Terms) -> str:
    """Name of the index an instrument settles to."""
    return f"{terms.base}_{'usd' if terms.settle == terms.base else 'usdc'}".lower()
