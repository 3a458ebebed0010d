"""Identifiers as functions of their causes, so that recovery recomputes the same ones."""

import base64
import hashlib
import re

_OURS = re.compile(r"gd[a-z2-7]{24}")


def _digest(text: str, length: int) -> str:
    raw = hashlib.sha256(text.encode()).digest()
    return base64.b32encode(raw).decode()[:length].lower()


def run_id(seed: str, started_at: int) -> str:
    """Name one run of the engine: a function of what it was started from and when."""
    return _digest(f"run|{seed}|{started_at}", 10)


def proposal_id(run: str, underlying: str, number: int) -> str:
    """Name the ``number``-th proposal of a run, readable on the screen (``BTC-17-k3xq``)."""
    return f"{underlying}-{number}-{_digest(f'{run}|{underlying}|{number}', 4)}"


def client_order_id(run: str, cause: str, attempt: int) -> str:
    """Client order id of one attempt at one cause (a proposal or a stop).

    Returns
    -------
    str
        26 characters ``[a-z0-9]``, starting with ``gd``: fits Binance (36), OKX (32
        alphanumerics), Deribit labels (64) and Bybit (36).
    """
    return "gd" + _digest(f"order|{run}|{cause}|{attempt}", 24)


def is_client_order_id(text: str) -> bool:
    """Whether a text has the form of a client order id of this program, of whatever run."""
    return _OURS.fullmatch(text) is not None


def fill_id(venue: str, order_id: str, number: int) -> str:
    """Name the ``number``-th fill of an order at a venue that gives no trade ids of its own."""
    return f"{venue}-{_digest(f'fill|{venue}|{order_id}|{number}', 16)}"
