"""A dialect for tests of the layers that are the same for every exchange."""

from typing import Any

from terminal.venues.dialects.dialect import DeadMan, Dialect


def a_dialect(**changed: Any) -> Dialect:
    """Deribit, without what a test does not name."""
    fields: dict[str, Any] = {
        "venue": "deribit",
        "ccxt_id": "deribit",
        "title": "Deribit",
        "why_read_only": "",
        "key_fields": ("apiKey", "secret"),
        "client_id_param": "label",
        "dead_man": DeadMan.NONE,
        "dead_man_seconds": 0,
        "sandbox": "urls",
        "options": {},
        "lookup": (),
        "decoder": None,
        "sent": None,
        "client_id": str,
        "greeks_convention": "",
        "funding_note": "",
    }
    return Dialect(**(fields | changed))


def deribit_market(name: str, **changed: Any) -> dict[str, Any]:
    """One row of Deribit's list: a perpetual, or an option where the name looks like one."""
    terms: dict[str, Any] = {
        "instrument_name": name,
        "kind": "future",
        "settlement_period": "perpetual",
        "base_currency": "BTC",
        "quote_currency": "USD",
        "counter_currency": "USD",
        "settlement_currency": "BTC",
        "contract_size": 10.0,
        "tick_size": 0.5,
        "min_trade_amount": 10.0,
        "maker_commission": 0.0,
        "taker_commission": 0.0005,
        "expiration_timestamp": 1_900_000_000_000,
    }
    if name.endswith("-C"):
        terms |= {
            "kind": "option",
            "option_type": "call",
            "strike": 100,
            "settlement_period": "week",
            "contract_size": 1.0,
            "tick_size": 0.0001,
            "min_trade_amount": 0.1,
        }
    return terms | changed
