"""The key of a Solana wallet: read once from the keychain's text, and used to sign."""

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from terminal.core.errors import ConfigError
from terminal.core.secret import Secret
from terminal.venues.jupiter.addresses import base58

_SIZE = 64  # bytes: the seed, then the public key that is made of it


class Signer:
    """Signs with the key of one wallet.

    Parameters
    ----------
    key : Secret
        As wallets export it: 64 bytes in base 58, or as a list of numbers.

    Raises
    ------
    ConfigError
        It is no such key, or its two halves do not belong together; never says what it was.
    """

    def __init__(self, key: Secret) -> None:
        whole = _bytes_of(key)
        if whole is None or len(whole) != _SIZE:
            raise ConfigError(
                "that is no key of a Solana wallet: paste what the wallet exports, 64 bytes in"
                " base 58 or as a list of numbers"
            )
        self._key = Ed25519PrivateKey.from_private_bytes(whole[:32])
        self.address = self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        if self.address != whole[32:]:
            raise ConfigError("that key is damaged: its halves do not belong together")

    def sign(self, message: bytes) -> bytes:
        """Signature of a message, 64 bytes; the same every time (RFC 8032)."""
        return self._key.sign(message)


def _bytes_of(key: Secret) -> bytes | None:
    text = key.reveal().strip()
    try:
        if text.startswith("["):
            return bytes(msgspec.json.decode(text.encode(), type=list[int]))
        return base58(text)
    except (ValueError, msgspec.DecodeError):
        return None
