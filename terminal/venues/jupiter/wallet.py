"""Everything a wallet holds at Jupiter's perpetuals, read in two questions.

Nothing here signs or sends. Unproven on mainnet: the layouts were checked against the published
interface descriptions and the addresses against published ones, not against bytes of a live
account.
"""

from collections.abc import Mapping
from itertools import islice
from typing import Final

from msgspec import Struct

from terminal.core.errors import DataError
from terminal.venues.jupiter import accounts
from terminal.venues.jupiter.accounts import Custody, HeldPosition
from terminal.venues.jupiter.addresses import decoded, encoded
from terminal.venues.jupiter.borrowing import owed_usd
from terminal.venues.jupiter.holdings import Holding, carry, contracts, perpetual
from terminal.venues.jupiter.program import (
    CUSTODIES,
    DOVES,
    PROGRAM,
    Place,
    places,
    position_address,
)
from terminal.venues.jupiter.rpc import Node, RawAccount

FRESH: Final = 60
"""Seconds for which a price stands, clocks that differ included."""


class Wallet(Struct, frozen=True):
    """Open positions of a wallet at one slot of the chain, in the order of ``places``.

    ``known`` is whether the wallet has an account at all: an address carries no check digits, and
    a mistyped one is most often a good address of nobody.
    """

    address: str
    slot: int
    known: bool
    holdings: tuple[Holding, ...]

    @property
    def borrow_usd_hour(self) -> float:
        """Fees of all positions for an hour, USD, at least 0."""
        return sum((each.borrow_usd_hour for each in self.holdings), 0.0)


async def read_wallet(node: Node, address: str, now: int) -> Wallet:
    """Read the nine places of a wallet with rates and prices.

    Parameters
    ----------
    node : Node
    address : str
        Of the wallet, base 58.
    now : int
        Seconds since 1970, that prices must be near.

    Raises
    ------
    ConfigError
        The address is none.
    VenueError
        The node gave no answer.
    DataError
        An account is not what it should be; the field is named. A price that cannot be read is
        no error: positions and rates stand without it, and the holding says why.
    """
    owner, nine = decoded(address), places()
    asked = [owner, *(position_address(owner, each) for each in nine)]
    asked += [decoded(each) for each in CUSTODIES.values()]
    answer = await node.accounts(asked)
    found = iter(answer.found)
    known = next(found) is not None
    held = [_position(raw, owner, place) for place, raw in zip(nine, islice(found, 9), strict=True)]
    tokens = {token: _custody(raw, token) for token, raw in zip(CUSTODIES, found, strict=True)}
    still_open = [each for each in held if each is not None]
    prices = await _prices(node, still_open, tokens, now)
    holdings = tuple(_holding(each, tokens, prices[each.place.coin], now) for each in still_open)
    return Wallet(encoded(owner), answer.slot, known, holdings)


def _position(raw: RawAccount | None, owner: bytes, place: Place) -> HeldPosition | None:
    if raw is None:
        return None  # never opened
    _written_by(raw, PROGRAM, f"position {place.symbol}")
    return accounts.position(raw.content, owner, place)


def _custody(raw: RawAccount | None, token: str) -> Custody:
    where = f"custody {token}"
    if raw is None:
        raise DataError(f"{where}: there is no such account: is this node on Solana's mainnet?")
    _written_by(raw, PROGRAM, where)
    return accounts.custody(raw.content, token)


def _written_by(raw: RawAccount, program: str, where: str) -> None:
    if raw.owner != program:
        raise DataError(f"{where}: owner of the account is {raw.owner[:44]}, not {program}")


async def _prices(
    node: Node, held: list[HeldPosition], tokens: Mapping[str, Custody], now: int
) -> dict[str, float | str]:
    """Price of each coin that is held, or why it is unknown."""
    coins = tuple(dict.fromkeys(each.place.coin for each in held))
    if not coins:
        return {}
    answer = await node.accounts([tokens[coin].feed for coin in coins])
    return {coin: _price(raw, coin, now) for coin, raw in zip(coins, answer.found, strict=True)}


def _price(raw: RawAccount | None, coin: str, now: int) -> float | str:
    where = f"price of {coin}"
    if raw is None:
        return f"{where}: there is no such account"
    try:
        _written_by(raw, DOVES, where)
        found = accounts.price(raw.content, coin)
    except DataError as error:
        return str(error)
    age = now - found.at
    if abs(age) > FRESH:
        return f"{where}: {age:,} s old" if age > 0 else f"{where}: stamped {-age:,} s ahead"
    return found.price


def _holding(
    held: HeldPosition, tokens: Mapping[str, Custody], price: float | str, now: int
) -> Holding:
    place = held.place
    return Holding(
        perpetual=perpetual(place, float(tokens[place.coin].fee_bps)),
        position=contracts(held),
        funding=carry(place, tokens[place.collateral]),
        held=held,
        owed_usd=owed_usd(held, tokens[place.collateral], now),
        price=None if isinstance(price, str) else price,
        why_no_price=price if isinstance(price, str) else "",
    )
