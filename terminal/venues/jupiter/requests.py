"""Requests to change a position: accounts and bytes of the program's two market requests."""

import hashlib
import struct
from decimal import Decimal
from typing import Final

from msgspec import Struct

from terminal.core.errors import ConfigError
from terminal.model.order import Side
from terminal.venues.jupiter.accounts import MICRO
from terminal.venues.jupiter.addresses import decoded, program_address
from terminal.venues.jupiter.program import (
    CUSTODIES,
    MINTS,
    POOL,
    PROGRAM,
    STABLES,
    Place,
    position_address,
)
from terminal.venues.jupiter.transactions import Instruction, Meta

TOKENS: Final = decoded("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA")
TOKEN_ACCOUNTS: Final = decoded("ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL")
SYSTEM: Final = bytes(32)

WORST_FROM_ORACLE: Final = 0.05
"""Fraction of the price; a worst price further away is a slip of the finger."""

_INCREASE, _DECREASE = 1, 2  # bytes of RequestChange in a seed
_SIDE_BYTE: Final = {Side.BUY: 1, Side.SELL: 2}
_NONE: Final = b"\0"  # an option that is not given
_MOST: Final = 2**64 - 1


class Change(Struct, frozen=True, kw_only=True):
    """A change of one position that is asked for.

    ``worst`` is the price, USD per coin, beyond which the keeper must not fill.
    """

    order_id: str  # names the request: one id is one request, whatever happens
    place: Place
    grows: bool
    size_usd: Decimal  # > 0
    worst: Decimal
    collateral: Decimal = Decimal(0)  # stable coins paid in with an increase, >= 0

    @property
    def buys(self) -> bool:
        """Whether the coin is bought, so that ``worst`` is a ceiling; else it is a floor."""
        return self.grows == (self.place.side is Side.BUY)


def checked(change: Change, price: float) -> Change:
    """The change, if it can be asked for at an oracle's price.

    Raises
    ------
    ConfigError
        Says what is wrong with it and how to put it right.
    """
    if change.grows and change.place.collateral not in STABLES:
        raise ConfigError(
            f"{change.place.symbol} cannot be increased from here: its collateral is the coin,"
            " which has to be wrapped first; use jup.ag"
        )
    for name, amount in (("size", change.size_usd), ("worst price", change.worst)):
        if not MICRO <= amount <= _MOST * MICRO:
            raise ConfigError(f"{name} {amount} is no amount of USD that can be asked for")
    if not 0 <= change.collateral <= _MOST * MICRO or (change.collateral and not change.grows):
        raise ConfigError("collateral is paid in with an increase, in whole or part dollars")
    away = float(change.worst) / price - 1.0
    if abs(away) > WORST_FROM_ORACLE:
        raise ConfigError(
            f"worst price {change.worst} is {100.0 * away:+.1f} % from the oracle's {price:,.4f}:"
            f" at most {100.0 * WORST_FROM_ORACLE:g} % is taken"
        )
    return change


def counter_of(order_id: str) -> int:
    """Number that the program names a request by: made of the order's id, so that it is one."""
    return int.from_bytes(hashlib.sha256(order_id.encode()).digest()[:8], "little")


def request_address(wallet: bytes, change: Change) -> bytes:
    """Address of the account that a request is kept in until a keeper has dealt with it.

    Notes
    -----
    Seeds: Jupiter's published example, generate-position-and-position-request-pda.
    """
    kind = _INCREASE if change.grows else _DECREASE
    counter = counter_of(change.order_id).to_bytes(8, "little")
    position = position_address(wallet, change.place)
    seeds = (b"position_request", position, counter, bytes([kind]))
    return program_address(seeds, decoded(PROGRAM))


def token_account(owner: bytes, mint: bytes) -> bytes:
    """Address of an owner's account of a token."""
    return program_address((owner, TOKENS, mint), TOKEN_ACCOUNTS)


def instructions(wallet: bytes, change: Change) -> tuple[Instruction, ...]:
    """What a transaction must call for a change; a decrease first makes sure of where it pays."""
    asked = Instruction(decoded(PROGRAM), _accounts(wallet, change), _content(change))
    if change.grows:
        return (asked,)
    mint = decoded(MINTS[change.place.collateral])
    ready = Instruction(
        TOKEN_ACCOUNTS,
        (
            Meta(wallet, writes=True, signs=True),
            Meta(token_account(wallet, mint), writes=True),
            Meta(wallet),
            Meta(mint),
            Meta(SYSTEM),
            Meta(TOKENS),
        ),
        b"\1",  # create where there is none
    )
    return ready, asked


def _accounts(wallet: bytes, change: Change) -> tuple[Meta, ...]:
    """Accounts in the order of the interface description 0.1.0; no referral: the program itself."""
    program, place = decoded(PROGRAM), change.place
    mint, request = decoded(MINTS[place.collateral]), request_address(wallet, change)
    return (
        Meta(wallet, writes=True, signs=True),
        Meta(token_account(wallet, mint), writes=True),
        Meta(program_address((b"perpetuals",), program)),
        Meta(decoded(POOL)),
        Meta(position_address(wallet, place), writes=change.grows),
        Meta(request, writes=True),
        Meta(token_account(request, mint), writes=True),
        Meta(decoded(CUSTODIES[place.coin])),
        Meta(decoded(CUSTODIES[place.collateral])),
        Meta(mint),
        Meta(program),
        Meta(TOKENS),
        Meta(TOKEN_ACCOUNTS),
        Meta(SYSTEM),
        Meta(program_address((b"__event_authority",), program)),
        Meta(program),
    )


def _content(change: Change) -> bytes:
    """Anchor's name of the call and its parameters (borsh), amounts in millionths."""
    size, worst = _micros(change.size_usd), _micros(change.worst)
    counter = struct.pack("<Q", counter_of(change.order_id))
    if change.grows:
        head = _call("create_increase_position_market_request")
        body = struct.pack("<QQ", size, _micros(change.collateral))
        side = bytes([_SIDE_BYTE[change.place.side]])
        return head + body + side + struct.pack("<Q", worst) + _NONE + counter
    head = _call("create_decrease_position_market_request")
    return head + struct.pack("<QQQ", 0, size, worst) + _NONE + _NONE + counter


def _call(name: str) -> bytes:
    return hashlib.sha256(f"global:{name}".encode()).digest()[:8]


def _micros(amount: Decimal) -> int:
    return int(amount / MICRO)
