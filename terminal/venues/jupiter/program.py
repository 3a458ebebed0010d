"""Jupiter's perpetuals program on mainnet: its accounts, and the nine places of a wallet."""

import hashlib
from typing import Final

from msgspec import Struct

from terminal.model.order import Side
from terminal.venues.jupiter.addresses import decoded, program_address

PROGRAM: Final = "PERPHjGBqRHArX4DySjwM6UJHiR3sWAatqfdBS2qQJu"
POOL: Final = "5BUwFW4nRbftYTDMbgxykoFWqWHPzahFSNAaaaJtVKsq"
DOVES: Final = "DoVEsk76QybCEHQGzkvYPWLQu9gzNoZZZt3TPiL597e"
"""Program of the oracle that positions are priced on."""

MINTS: Final = {
    "SOL": "So11111111111111111111111111111111111111112",
    "ETH": "7vfCXTUXx5WJV5JADk17DUJ4ksgau7utNKj4b963voxs",
    "BTC": "3NZ9JMVBmGAqocybic2c7LQCJScmgsAZ6vQqTDzcqmJh",
    "USDC": "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v",
    "USDT": "Es9vMFrzaCERmJfrF4H2FYD4KCoNkY11McCe8BenwNYB",
}
"""Tokens of the pool; ETH and BTC are the wrapped ones."""

CUSTODIES: Final = {
    "SOL": "7xS2gz2bTp3fwCC7knJvUWTEU9Tycczu6VhJYKgi1wdz",
    "ETH": "AQCGyheWPLeo6Qp9WpYS9m3Qj479t7R636N9ey1rEjEn",
    "BTC": "5Pv3gM9JrFFH883SWAhvJC9RPYmo8UNxuFtv5bMMALkm",
    "USDC": "G18jKKXQwBbrHeiK3C9MRXhkHsLHf7XgCSisykV46EZa",
    "USDT": "4vkNeXiYEUizLdrpdPS1eC2mccyM4NUPRtERrk6ZETkk",
}
"""Account of each token in the pool: what is owned and lent, and at which rate."""

COINS: Final = ("SOL", "ETH", "BTC")
STABLES: Final = ("USDC", "USDT")

SIDES: Final = {1: Side.BUY, 2: Side.SELL}
"""Byte of a side in an account and in a seed; 0 is none."""


class Place(Struct, frozen=True):
    """One of the nine positions that a wallet can have; each has an account of its own."""

    coin: str
    side: Side
    collateral: str  # the coin itself for a long, a stable coin for a short

    @property
    def symbol(self) -> str:
        """Our name of it, ``SOL-SHORT-USDC``: long and short of a coin are held side by side."""
        return f"{self.coin}-{'LONG' if self.side is Side.BUY else 'SHORT'}-{self.collateral}"


def places() -> tuple[Place, ...]:
    """All nine: long each coin on itself, short each coin on either stable coin."""
    longs = tuple(Place(coin, Side.BUY, coin) for coin in COINS)
    shorts = tuple(Place(coin, Side.SELL, stable) for coin in COINS for stable in STABLES)
    return longs + shorts


def position_address(wallet: bytes, place: Place) -> bytes:
    """Address of the account that one position of a wallet is kept in, whether it exists or not.

    Notes
    -----
    Seeds: research/venues.md 1.1 and Jupiter's documentation of the Position account.
    """
    side = next(byte for byte, each in SIDES.items() if each is place.side)
    seeds = (
        b"position",
        wallet,
        decoded(POOL),
        decoded(CUSTODIES[place.coin]),
        decoded(CUSTODIES[place.collateral]),
        bytes([side]),
    )
    return program_address(seeds, decoded(PROGRAM))


def discriminator(account: str) -> bytes:
    """First eight bytes of every account of a kind: Anchor's hash of its name."""
    return hashlib.sha256(f"account:{account}".encode()).digest()[:8]
