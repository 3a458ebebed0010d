"""What Hyperliquid has signed with every order, hashed once where it is the same every time.

ccxt hashes in Python, a quarter of a millisecond a block: the domain and the type of an action,
which never change, took three quarters of the time that an order kept the loop busy.
"""

import importlib
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol, cast

from terminal.venues.keccak import keccak256

KEPT: Final = 64
"""Digests kept; there are five of them in one account's orders."""

Fields = Sequence[Mapping[str, str]]


class _Hashing(Protocol):
    """The part of ccxt that is called: ``static_dependencies.ethabi.typed_data``."""

    def hash_domain(self, domain: Mapping[str, object]) -> bytes: ...

    def hash_type(self, kind: str, types: Mapping[str, Fields]) -> bytes: ...

    def hash_eip712_message(
        self, types: Mapping[str, Fields], message: Mapping[str, object]
    ) -> bytes: ...


class TypedDigests:
    """Encodes structures to sign, as EIP-712 says."""

    def __init__(self) -> None:
        self._hashing = cast(
            "_Hashing", importlib.import_module("ccxt.static_dependencies.ethabi.typed_data")
        )
        self._known: dict[str, bytes] = {}

    def encoded(
        self,
        domain: Mapping[str, object],
        types: Mapping[str, Fields],
        message: Mapping[str, object],
    ) -> bytes:
        """Return the bytes whose hash is signed.

        Parameters
        ----------
        domain : mapping
            Whom the signature is for.
        types : mapping
            Fields of every structure, in the order they are hashed.
        message : mapping

        Returns
        -------
        bytes
            66 of them: 0x19 0x01, the digest of the domain and that of the message.

        Notes
        -----
        EIP-712, "Definition of hashStruct" and "Definition of encodeData".
        """
        hashing = self._hashing
        header = self._once(f"domain {domain!r}", lambda: hashing.hash_domain(domain))
        return b"\x19\x01" + header + self._body(types, message)

    def _body(self, types: Mapping[str, Fields], message: Mapping[str, object]) -> bytes:
        """Digest of the message; ccxt's own where it is more than text and digests."""
        hashing = self._hashing
        if len(types) == 1:
            ((name, fields),) = types.items()
            values = [self._word(each["type"], message.get(each["name"])) for each in fields]
            known = [each for each in values if each is not None]
            if len(known) == len(values):
                kind = self._once(f"type {types!r}", lambda: hashing.hash_type(name, types))
                return keccak256(b"".join([kind, *known]))
        return bytes(hashing.hash_eip712_message(types, message))

    def _word(self, kind: str, value: object) -> bytes | None:
        """32 bytes of a field; None where ccxt has to encode it."""
        if kind == "string" and isinstance(value, str):
            return self._once(f"text {value}", lambda: keccak256(value.encode()))
        if kind == "bytes32" and isinstance(value, bytes) and len(value) == 32:
            return value
        return None

    def _once(self, name: str, work: Callable[[], bytes]) -> bytes:
        found = self._known.get(name)
        if found is None:
            if len(self._known) >= KEPT:
                self._known.clear()
            found = self._known[name] = bytes(work())
        return found
