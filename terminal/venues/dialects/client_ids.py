"""Our order ids as client ids of an exchange, and back: both ways without a table."""

import base64
import binascii
import re
from typing import Final

from terminal.core.errors import InvariantError

_OURS: Final = re.compile(r"gd[a-z2-7]{24}", re.ASCII)
_HEX: Final = re.compile(r"0x9d[0-9a-f]{30}", re.ASCII)
_MARK: Final = "0x9d"


def ours(text: str | None) -> str:
    """Our order id where ``text`` is one (``client_order_id`` makes them); empty otherwise."""
    return text if text is not None and _OURS.fullmatch(text) else ""


def as_text(order_id: str) -> str:
    """Client id where an exchange takes free text of 26 characters or more: our id itself.

    Raises
    ------
    InvariantError
        ``order_id`` is not made by ``client_order_id``: it could not be told from foreign ones.
    """
    if not ours(order_id):
        raise InvariantError(f"{order_id!r} is no order id of this program: it cannot be sent")
    return order_id


def as_hex(order_id: str) -> str:
    """Client id where an exchange takes 128 bits, ``0x`` and 32 hexadecimal digits.

    Our ids carry 120 bits (24 base32 characters): all of them are kept, behind one byte that
    marks them as ours, so that two ids never meet and :func:`from_hex` needs no table.

    Raises
    ------
    InvariantError
        ``order_id`` is not made by ``client_order_id``.
    """
    return _MARK + base64.b32decode(as_text(order_id)[2:].upper()).hex()


def from_hex(cloid: str | None) -> str:
    """Our order id behind a client id of :func:`as_hex`; empty for a foreign or missing one.

    A foreign id passes for ours with a chance of 1 in 256 where its owner draws bits at random:
    it is then an order id that this program does not know, which is foreign as well.
    """
    if cloid is None or not _HEX.fullmatch(cloid.lower()):
        return ""
    packed = binascii.unhexlify(cloid[len(_MARK) :])
    return "gd" + base64.b32encode(packed).decode().lower()
