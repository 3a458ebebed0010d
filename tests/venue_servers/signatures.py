"""HMAC-SHA256 as the exchanges write it."""

import hashlib
import hmac
from base64 import b64encode


def in_hex(secret: str, text: str) -> str:
    """Sign a text, in hexadecimal digits."""
    return _made(secret, text).hex()


def in_base64(secret: str, text: str) -> str:
    """Sign a text, in base 64."""
    return b64encode(_made(secret, text)).decode()


def _made(secret: str, text: str) -> bytes:
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()
