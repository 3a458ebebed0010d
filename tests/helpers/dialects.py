"""Dialects of tests: enough of an exchange to give it a key."""

from decimal import Decimal
from typing import Any

from terminal.model.instrument import Contract, Instrument, Payoff, Perpetual, TickStep
from terminal.model.order import OrderIntent
from terminal.venues.dialects.dialect import DeadMan, Dialect, SentOrder

CONTRACT = Contract(
    venue="deribit",
    symbol="BTC-PERPETUAL",
    base="BTC",
    quote="USD",
    settle="BTC",
    payoff=Payoff.INVERSE,
    multiplier=Decimal(10),
    ticks=(TickStep(Decimal(0), Decimal("0.5")),),
    lot=Decimal(1),
    min_qty=Decimal(1),
    min_notional=Decimal(0),
    maker_bps=0.0,
    taker_bps=5.0,
)


class OnePerpetual:
    """Decoder of an exchange that lists one perpetual."""

    def instrument(self, market: Any) -> Instrument | None:
        """Terms of the one market."""
        listed = market.get("id") == CONTRACT.symbol
        return Perpetual(CONTRACT, 0) if listed else None

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"a key check decodes no {name}")


def sent(intent: OrderIntent, _: Instrument) -> SentOrder:
    """Order in the exchange's words: amounts in USD."""
    return SentOrder(
        symbol="BTC/USD:BTC",
        kind="limit",
        side=intent.side.value,
        amount=intent.qty * 10,
        price=intent.limit,
        params={"postOnly": True, "label": intent.order_id},
    )


def dialect(venue: str = "deribit", **more: Any) -> Dialect:
    """Make a dialect; what a key needs no part of is left empty."""
    defaults: dict[str, Any] = {
        "venue": venue,
        "ccxt_id": venue,
        "title": venue.capitalize(),
        "why_read_only": "",
        "key_fields": ("apiKey", "secret"),
        "client_id_param": "label",
        "dead_man": DeadMan.NONE,
        "dead_man_seconds": 0,
        "sandbox": "urls",
        "options": {},
        "lookup": (),
        "decoder": OnePerpetual(),
        "sent": sent,
        "client_id": lambda text: text,
        "greeks_convention": "",
        "funding_note": "",
    }
    return Dialect(**(defaults | more))
