"""Whose a report is: its hashes, signed by a key of this installation that only its keychain has.

::

    gammadesk report signature 1
    key 3f0c...                   SHA-256 of the public key, its first 32 digits
    public <base64>               Ed25519 public key, 32 bytes
    signature <base64>            of CONTEXT and the bytes of SHA256SUMS, 64 bytes
"""

import base64
import binascii
import hashlib
from typing import Final

from Crypto.PublicKey import ECC
from Crypto.Signature import eddsa
from msgspec import Struct

from terminal.core.errors import DataError, KeychainError
from terminal.core.secret import Secret
from terminal.venues.keychain import Keychain

SIGNATURE: Final = "SHA256SUMS.sig"
TITLE: Final = "gammadesk report signature 1"
CONTEXT: Final = b"gammadesk report 1\n"
"""Comes before what is signed, so that no signature of another purpose fits."""

ACCOUNT: Final = "reports"
FIELD: Final = "ed25519"
DIGITS: Final = 32


class Signature(Struct, frozen=True):
    """A signature with the public key that it claims to be of."""

    public: bytes
    signature: bytes

    @property
    def fingerprint(self) -> str:
        """Name of the key."""
        return fingerprint(self.public)


def fingerprint(public: bytes) -> str:
    """Name of a public key: as many digits as nobody can find another key for."""
    return hashlib.sha256(public).hexdigest()[:DIGITS]


class Signer:
    """Signs with the key in a keychain, and makes one the first time.

    Parameters
    ----------
    keychain : Keychain
    """

    def __init__(self, keychain: Keychain) -> None:
        self._keychain = keychain

    def sign(self, sums: str) -> str:
        """Text of the signature of ``SHA256SUMS``.

        Raises
        ------
        KeychainError
            There is no keychain, it is locked, or what it holds is no key. No other place will do.
        """
        if not self._keychain.keeping.name:
            raise KeychainError(self._keychain.keeping.why)
        if not self._keychain.holds(ACCOUNT, (FIELD,)):
            fresh = base64.b64encode(ECC.generate(curve="Ed25519").seed).decode()
            self._keychain.save(ACCOUNT, {FIELD: Secret(fresh)})
        key = _key(self._keychain.read(ACCOUNT, (FIELD,))[FIELD])
        made = eddsa.new(key, "rfc8032").sign(CONTEXT + sums.encode())
        return text_of(Signature(_public(key), made))

    def public(self) -> bytes | None:
        """Public key of this installation; None where it has none, or cannot say.

        Raises
        ------
        KeychainError
            The keychain is locked, or what it holds is no key.
        """
        if not self._keychain.keeping.name or not self._keychain.holds(ACCOUNT, (FIELD,)):
            return None
        return _public(_key(self._keychain.read(ACCOUNT, (FIELD,))[FIELD]))


def _key(secret: Secret) -> ECC.EccKey:
    try:
        seed = base64.b64decode(secret.reveal(), validate=True)
        return ECC.construct(curve="Ed25519", seed=seed)
    except ValueError:
        pass
    # Raised out here it has no context, whose frames would hold the key.
    raise KeychainError(
        f"the keychain's entry {ACCOUNT}/{FIELD} is no signing key: delete it, and the next report"
        " makes another"
    )


def _public(key: ECC.EccKey) -> bytes:
    raw: bytes = key.public_key().export_key(format="raw")
    return raw


def text_of(made: Signature) -> str:
    """A signature as it is kept in a file."""
    public, signature = (base64.b64encode(each).decode() for each in (made.public, made.signature))
    lines = (TITLE, f"key {made.fingerprint}", f"public {public}", f"signature {signature}")
    return "\n".join(lines) + "\n"


def read_signature(text: str) -> Signature:
    """Signature in the text of a file; not whether it is good.

    Raises
    ------
    DataError
        It is not what `text_of` writes.
    """
    lines = text.splitlines()
    names = [line.partition(" ")[0] for line in lines[1:]]
    if not lines or lines[0] != TITLE or names != ["key", "public", "signature"]:
        raise DataError(f"{SIGNATURE} is damaged: it is no signature of this program")
    told, *coded = (line.partition(" ")[2] for line in lines[1:])
    try:
        public, signature = (base64.b64decode(each, validate=True) for each in coded)
    except binascii.Error:
        raise DataError(f"{SIGNATURE} is damaged: its key or signature cannot be read") from None
    found = Signature(public, signature)
    if found.fingerprint != told:
        raise DataError(f"{SIGNATURE} is damaged: its key is not the one that it names")
    return found


def is_good(found: Signature, sums: bytes) -> bool:
    """Whether a signature is of these hashes by the key that it names."""
    try:
        key = eddsa.import_public_key(found.public)
        eddsa.new(key, "rfc8032").verify(CONTEXT + sums, found.signature)
    except ValueError:
        return False
    return True
