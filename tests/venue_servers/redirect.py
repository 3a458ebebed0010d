"""Pointing ccxt at a local server: every address it knows, rewritten, and nothing else."""

from typing import Any
from urllib.parse import urlsplit

import ccxt.pro

from tests.venue_servers.server import VenueServer


def endpoints(server: VenueServer, exchange_id: str) -> dict[str, Any]:
    """Return what belongs under ``urls`` in the settings of a ccxt exchange.

    The original host becomes the first part of the path: ccxt tells the kinds of streams apart
    by words in the address.
    """
    known = getattr(ccxt.pro, exchange_id)()
    return {"api": _rewritten(known.urls["api"], server, known.hostname or "")}


def _rewritten(value: Any, server: VenueServer, hostname: str) -> Any:
    if isinstance(value, dict):
        return {name: _rewritten(each, server, hostname) for name, each in value.items()}
    if not isinstance(value, str) or "://" not in value:
        return value
    parts = urlsplit(value.replace("{hostname}", hostname))
    scheme = "ws" if parts.scheme.startswith("ws") else "http"
    base = server.url.replace("http", scheme, 1)
    query = f"?{parts.query}" if parts.query else ""
    return f"{base}/{parts.netloc}{parts.path}{query}"
