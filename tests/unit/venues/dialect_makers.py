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
