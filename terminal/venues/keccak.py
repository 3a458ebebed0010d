"""Keccak-256 as Ethereum hashes, for orders signed on the loop: ccxt hashes in Python."""

from Crypto.Hash import keccak


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
    The padding is that of the submission to the competition, not that of SHA3-256 (FIPS 202).
    """
    return keccak.new(digest_bits=256, data=data).digest()
