"""Who signed: EIP-712 digests and recovery of an Ethereum address from a signature.

Hashing and packing come with ccxt; the curve is written out here, so that what ccxt signs is
verified by something else than ccxt. SEC 1 v2.0, section 4.1.6; EIP-712.
"""

from typing import Any

from ccxt.static_dependencies import keccak
from ccxt.static_dependencies.msgpack import packb

PRIME = 2**256 - 2**32 - 977
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
BASE = (
    0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798,
    0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8,
)
ZERO_ADDRESS = "0x" + "00" * 20

Point = tuple[int, int] | None  # None is the point at infinity
Values = dict[str, Any]
Fields = tuple[tuple[str, str], ...]  # name and type, in the order they are hashed


def digest_of(data: bytes) -> bytes:
    """Keccak-256."""
    return bytes(keccak.SHA3(data))


def address_of(secret: int) -> str:
    """Address that belongs to a private key."""
    return _address(_times(secret, BASE))


def signer(digest: bytes, signature: Values) -> str:
    """Address that made a signature over a digest; empty if nobody can have made it."""
    r, s = int(signature["r"], 16), int(signature["s"], 16)
    odd = int(signature["v"]) - 27
    if not (0 < r < ORDER and 0 < s < ORDER and odd in (0, 1)):
        return ""
    square = (pow(r, 3, PRIME) + 7) % PRIME
    y = pow(square, (PRIME + 1) // 4, PRIME)
    if y * y % PRIME != square:
        return ""
    point = (r, y if y % 2 == odd else PRIME - y)
    inverse = pow(r, -1, ORDER)
    first = _times(-int.from_bytes(digest, "big") * inverse % ORDER, BASE)
    return _address(_plus(first, _times(s * inverse % ORDER, point)))


def typed_digest(
    domain: dict[str, Any], name: str, fields: Fields, values: dict[str, Any]
) -> bytes:
    """Digest of a structure under a domain, as EIP-712 says."""
    inside: Fields = (
        ("name", "string"),
        ("version", "string"),
        ("chainId", "uint256"),
        ("verifyingContract", "address"),
    )
    parts = (_hashed("EIP712Domain", inside, domain), _hashed(name, fields, values))
    return digest_of(b"\x19\x01" + b"".join(parts))


def action_digest(action: Any, nonce: int, vault: str | None, expires: int | None) -> bytes:
    """Digest of a Hyperliquid action on its main network: a phantom agent that vouches for it."""
    packed = packb(action) + nonce.to_bytes(8, "big")
    packed += b"\x00" if vault is None else b"\x01" + bytes.fromhex(vault.removeprefix("0x"))
    if expires is not None:
        packed += b"\x00" + expires.to_bytes(8, "big")
    domain = {"name": "Exchange", "version": "1", "chainId": 1337}
    fields: Fields = (("source", "string"), ("connectionId", "bytes32"))
    agent = {"source": "a", "connectionId": digest_of(packed)}
    return typed_digest({**domain, "verifyingContract": ZERO_ADDRESS}, "Agent", fields, agent)


def _hashed(name: str, fields: Fields, values: Values) -> bytes:
    kind = f"{name}({','.join(f'{each} {field}' for field, each in fields)})"
    encoded = [_word(kind_of, values[field]) for field, kind_of in fields]
    return digest_of(digest_of(kind.encode()) + b"".join(encoded))


def _word(kind: str, value: Any) -> bytes:
    if kind == "string":
        return digest_of(value.encode())
    if kind == "address":
        return bytes.fromhex(value.removeprefix("0x")).rjust(32, b"\x00")
    if kind == "bytes32":
        return bytes(value)
    return int(value).to_bytes(32, "big")


def _plus(one: Point, other: Point) -> Point:
    if one is None or other is None:
        return other if one is None else one
    (x1, y1), (x2, y2) = one, other
    if x1 == x2 and (y1 + y2) % PRIME == 0:
        return None
    if one == other:
        slope = 3 * x1 * x1 * pow(2 * y1, -1, PRIME)
    else:
        slope = (y2 - y1) * pow(x2 - x1, -1, PRIME)
    x3 = (slope * slope - x1 - x2) % PRIME
    return x3, (slope * (x1 - x3) - y1) % PRIME


def _times(factor: int, point: Point) -> Point:
    total: Point = None
    while factor:
        if factor & 1:
            total = _plus(total, point)
        point = _plus(point, point)
        factor >>= 1
    return total


def _address(point: Point) -> str:
    if point is None:
        return ""
    packed = b"".join(each.to_bytes(32, "big") for each in point)
    return "0x" + digest_of(packed)[-20:].hex()
