"""Solana addresses: base 58, and addresses that a program derives and nobody has a key of."""

import hashlib
from collections.abc import Sequence

from terminal.core.errors import ConfigError

SIZE = 32
"""Bytes of an address."""

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_LONGEST = 44  # digits that 32 bytes can take
_MARKER = b"ProgramDerivedAddress"
_PRIME = 2**255 - 19
_D = -121665 * pow(121666, -1, _PRIME) % _PRIME


def encoded(address: bytes) -> str:
    """Write bytes in base 58, a leading zero byte as a leading ``1``."""
    number = int.from_bytes(address, "big")
    digits = ""
    while number:
        number, digit = divmod(number, 58)
        digits = _ALPHABET[digit] + digits
    zeros = len(address) - len(address.lstrip(b"\0"))
    return "1" * zeros + digits


def base58(text: str) -> bytes:
    """Bytes of a text in base 58; raises ValueError where a letter is none of its digits."""
    number = 0
    for letter in text:
        number = number * 58 + _ALPHABET.index(letter)
    body = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return b"\0" * (len(text) - len(text.lstrip("1"))) + body


def decoded(text: str) -> bytes:
    """Read an address.

    Returns
    -------
    bytes
        32 of them.

    Raises
    ------
    ConfigError
        The text is not base 58 or not of 32 bytes; names what is wrong.
    """
    if len(text) > _LONGEST:
        raise ConfigError(f"{text[:8]}... is no Solana address: it has {len(text)} characters")
    strange = next((letter for letter in text if letter not in _ALPHABET), "")
    if strange:
        raise ConfigError(f"{text!r} is no Solana address: base 58 has no {strange!r}")
    whole = base58(text)
    if len(whole) != SIZE:
        raise ConfigError(f"{text!r} is no Solana address: it holds {len(whole)} bytes, not {SIZE}")
    return whole


def on_curve(address: bytes) -> bool:
    """Whether 32 bytes are a point of ed25519, so that somebody could hold a key of them.

    Notes
    -----
    RFC 8032, 5.1.3: with y the number without its highest bit, x^2 = (y^2 - 1) / (d y^2 + 1) must
    have a root. The quotient is a square where the product is, by Euler's criterion. As in Solana's
    run time, a y beyond the prime is reduced and the sign of x = 0 is not looked at.
    """
    y = int.from_bytes(address, "little") & (2**255 - 1)
    square = y * y % _PRIME
    product = (square - 1) * (_D * square + 1) % _PRIME
    return pow(product, (_PRIME - 1) // 2, _PRIME) in (0, 1)


def program_address(seeds: Sequence[bytes], program: bytes) -> bytes:
    """Address that a program derives from seeds: the first off the curve, bump from 255 down.

    Notes
    -----
    Solana documentation, "Program derived address": sha256 of the seeds, the bump, the program
    and a marker. Checked against published addresses in tests/unit/venues/jupiter.
    """
    head = b"".join(seeds)
    for bump in range(255, -1, -1):
        address = hashlib.sha256(head + bytes([bump]) + program + _MARKER).digest()
        if not on_curve(address):
            return address
    raise ConfigError("these seeds give no program address")  # one in 2^256
