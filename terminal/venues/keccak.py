"""Keccak-256 as Ethereum hashes, for orders signed on the loop: ccxt takes twice as long.

The permutation is written out: its loops would cost as much as what they do.
"""

from typing import Final

RATE: Final = 136
"""Bytes taken up between two permutations."""

M: Final = (1 << 64) - 1

Lanes = tuple[int, ...]
"""State: 25 lanes of 64 bits, lane (x, y) at x + 5 y."""


def keccak256(data: bytes) -> bytes:
    """Hash bytes.

    Parameters
    ----------
    data : bytes

    Returns
    -------
    bytes
        32 of them.

    Notes
    -----
    The Keccak reference, version 3.0 (2011): rate 1088, capacity 512, padding 10*1, which is what
    Ethereum calls keccak256. SHA3-256 of FIPS 202 pads otherwise and gives other digests.
    """
    padded = bytearray(data) + bytes(RATE - len(data) % RATE)
    padded[len(data)] ^= 0x01
    padded[-1] ^= 0x80
    lanes: Lanes = (0,) * 25
    for start in range(0, len(padded), RATE):
        taken = [
            lanes[lane] ^ int.from_bytes(padded[start + 8 * lane : start + 8 * lane + 8], "little")
            for lane in range(RATE // 8)
        ]
        lanes = (*taken, *lanes[RATE // 8 :])
        for constant in _CONSTANTS:
            lanes = _nonlinear(_moved(lanes), constant)
    return b"".join(lane.to_bytes(8, "little") for lane in lanes[:4])


# fmt: off
def _moved(lanes: Lanes) -> Lanes:
    """Theta, rho and pi: mix the columns, turn every lane, and move it."""
    (
        a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16, a17, a18, a19,
        a20, a21, a22, a23, a24,
    ) = lanes
    c0 = a0 ^ a5 ^ a10 ^ a15 ^ a20
    c1 = a1 ^ a6 ^ a11 ^ a16 ^ a21
    c2 = a2 ^ a7 ^ a12 ^ a17 ^ a22
    c3 = a3 ^ a8 ^ a13 ^ a18 ^ a23
    c4 = a4 ^ a9 ^ a14 ^ a19 ^ a24
    d0 = c4 ^ (c1 << 1 & M | c1 >> 63)
    d1 = c0 ^ (c2 << 1 & M | c2 >> 63)
    d2 = c1 ^ (c3 << 1 & M | c3 >> 63)
    d3 = c2 ^ (c4 << 1 & M | c4 >> 63)
    d4 = c3 ^ (c0 << 1 & M | c0 >> 63)
    return (
        a0 ^ d0, (t := a6 ^ d1) << 44 & M | t >> 20, (t := a12 ^ d2) << 43 & M | t >> 21,
        (t := a18 ^ d3) << 21 & M | t >> 43, (t := a24 ^ d4) << 14 & M | t >> 50,
        (t := a3 ^ d3) << 28 & M | t >> 36, (t := a9 ^ d4) << 20 & M | t >> 44,
        (t := a10 ^ d0) << 3 & M | t >> 61, (t := a16 ^ d1) << 45 & M | t >> 19,
        (t := a22 ^ d2) << 61 & M | t >> 3, (t := a1 ^ d1) << 1 & M | t >> 63,
        (t := a7 ^ d2) << 6 & M | t >> 58, (t := a13 ^ d3) << 25 & M | t >> 39,
        (t := a19 ^ d4) << 8 & M | t >> 56, (t := a20 ^ d0) << 18 & M | t >> 46,
        (t := a4 ^ d4) << 27 & M | t >> 37, (t := a5 ^ d0) << 36 & M | t >> 28,
        (t := a11 ^ d1) << 10 & M | t >> 54, (t := a17 ^ d2) << 15 & M | t >> 49,
        (t := a23 ^ d3) << 56 & M | t >> 8, (t := a2 ^ d2) << 62 & M | t >> 2,
        (t := a8 ^ d3) << 55 & M | t >> 9, (t := a14 ^ d4) << 39 & M | t >> 25,
        (t := a15 ^ d0) << 41 & M | t >> 23, (t := a21 ^ d1) << 2 & M | t >> 62,
    )


def _nonlinear(lanes: Lanes, constant: int) -> Lanes:
    """Chi and iota: each lane with the two beside it in its row, and the round's constant."""
    (
        a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16, a17, a18, a19,
        a20, a21, a22, a23, a24,
    ) = lanes
    return (
        a0 ^ (~a1 & a2) ^ constant, a1 ^ (~a2 & a3), a2 ^ (~a3 & a4), a3 ^ (~a4 & a0),
        a4 ^ (~a0 & a1), a5 ^ (~a6 & a7), a6 ^ (~a7 & a8), a7 ^ (~a8 & a9), a8 ^ (~a9 & a5),
        a9 ^ (~a5 & a6), a10 ^ (~a11 & a12), a11 ^ (~a12 & a13), a12 ^ (~a13 & a14),
        a13 ^ (~a14 & a10), a14 ^ (~a10 & a11), a15 ^ (~a16 & a17), a16 ^ (~a17 & a18),
        a17 ^ (~a18 & a19), a18 ^ (~a19 & a15), a19 ^ (~a15 & a16), a20 ^ (~a21 & a22),
        a21 ^ (~a22 & a23), a22 ^ (~a23 & a24), a23 ^ (~a24 & a20), a24 ^ (~a20 & a21),
    )
# fmt: on


def _constants() -> tuple[int, ...]:
    """Constants of the 24 rounds, by the shift register of the reference (section 1.2)."""
    found, register = [], 1
    for _ in range(24):
        constant = 0
        for bit in range(7):
            constant |= (register & 1) << ((1 << bit) - 1)
            register = register << 1 ^ (0x171 if register & 0x80 else 0)
        found.append(constant)
    return tuple(found)


_CONSTANTS: Final = _constants()
