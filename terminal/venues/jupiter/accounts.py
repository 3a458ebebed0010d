"""What the program keeps of a position, of a token of the pool, and of a price."""

from decimal import Decimal
from typing import Final

from msgspec import Struct

from terminal.core.errors import DataError
from terminal.venues.jupiter.addresses import decoded, encoded
from terminal.venues.jupiter.layouts import Account
from terminal.venues.jupiter.program import CUSTODIES, MINTS, POOL, SIDES, Place

MICRO: Final = Decimal("0.000001")
"""USD that one unit of a price, size or collateral stands for."""

_EXPONENTS: Final = range(-18, 1)
"""Powers of ten that a price can be told in."""


class HeldPosition(Struct, frozen=True, kw_only=True):
    """An open position as the program states it."""

    place: Place
    entry: Decimal  # USD per coin, > 0
    size_usd: Decimal  # worth of the position at its entry, > 0
    collateral_usd: Decimal  # counted when it was paid in; its price no longer matters
    opened_at: int  # seconds since 1970
    interest_snapshot: int  # the collateral's cumulative rate when the fee was last charged, 1e9


class Custody(Struct, frozen=True, kw_only=True):
    """One token of the pool: how much of it is lent, at which rates, and where its price is.

    ``debt_scaled`` and ``interest_scaled`` are tokens times 1e9, the rest whole base units.
    """

    token: str
    owned: int
    locked: int
    debt_scaled: int
    interest_scaled: int
    hourly_dbps: int  # 1e-5 an hour at full use; 0: the jump curve holds
    min_bps: int  # a year, at no use
    target_bps: int  # a year, at ``target_use``
    max_bps: int  # a year, at full use
    target_use: int  # times 1e9
    cumulative: int  # sum of all hourly rates so far, times 1e9
    updated_at: int  # seconds since 1970: when that sum was last brought up to date
    fee_bps: int  # of size, to open or to close, the larger; price impact comes on top
    feed: bytes  # address of the price


class OraclePrice(Struct, frozen=True):
    """Price of a token, USD, with the time it was published at."""

    price: float
    at: int  # seconds since 1970


def position(content: bytes, wallet: bytes, place: Place) -> HeldPosition | None:
    """Read the account of one place of a wallet.

    Returns
    -------
    HeldPosition or None
        None where the position is closed: the account stays, with a size of 0.

    Raises
    ------
    DataError
        It is no position, not this one, or open without a price; the field is named.
    """
    where = f"position {place.symbol}"
    account = Account("Position", where, content)
    _expect(account, "owner", wallet)
    _expect(account, "pool", decoded(POOL))
    _expect(account, "custody", decoded(CUSTODIES[place.coin]))
    _expect(account, "collateralCustody", decoded(CUSTODIES[place.collateral]))
    side = account.number("side")
    if SIDES.get(side) is not place.side:
        raise DataError(f"{where}: side is {side}, which is not that of {place.symbol}")
    size, price = account.number("sizeUsd"), account.number("price")
    if size == 0:
        return None
    if price == 0:
        raise DataError(f"{where}: price is 0 in an open position")
    return HeldPosition(
        place=place,
        entry=price * MICRO,
        size_usd=size * MICRO,
        collateral_usd=account.number("collateralUsd") * MICRO,
        opened_at=account.number("openTime"),
        interest_snapshot=account.number("cumulativeInterestSnapshot"),
    )


def custody(content: bytes, token: str) -> Custody:
    """Read the account of one token of the pool.

    Raises
    ------
    DataError
        It is no custody, not that of this token, or its rates contradict each other.
    """
    where = f"custody {token}"
    account = Account("Custody", where, content)
    _expect(account, "pool", decoded(POOL))
    _expect(account, "mint", decoded(MINTS[token]))
    number = account.number
    found = Custody(
        token=token,
        owned=number("assets.owned"),
        locked=number("assets.locked"),
        debt_scaled=number("debt"),
        interest_scaled=number("borrowLendInterestsAccured"),
        hourly_dbps=number("fundingRateState.hourlyFundingDbps"),
        min_bps=number("jumpRateState.minRateBps"),
        target_bps=number("jumpRateState.targetRateBps"),
        max_bps=number("jumpRateState.maxRateBps"),
        target_use=number("jumpRateState.targetUtilizationRate"),
        cumulative=number("fundingRateState.cumulativeInterestRate"),
        updated_at=number("fundingRateState.lastUpdate"),
        fee_bps=max(number("increasePositionBps"), number("decreasePositionBps")),
        feed=account.key("dovesAgOracle"),
    )
    if not found.hourly_dbps and not 0 < found.target_use < 10**9:
        raise DataError(
            f"{where}: jumpRateState.targetUtilizationRate is {found.target_use}, not within 0..1e9"
        )
    if not found.hourly_dbps and not found.min_bps <= found.target_bps <= found.max_bps:
        raise DataError(f"{where}: jumpRateState.targetRateBps is not between minimum and maximum")
    return found


def price(content: bytes, token: str) -> OraclePrice:
    """Read the account that the price of a token is published in.

    Raises
    ------
    DataError
        It is no price, of another token, or no number to work with.
    """
    where = f"price of {token}"
    account = Account("AgPriceFeed", where, content)
    _expect(account, "mint", decoded(MINTS[token]))
    units, exponent = account.number("price"), account.number("expo")
    if units == 0:
        raise DataError(f"{where}: price is 0")
    if exponent not in _EXPONENTS:
        raise DataError(f"{where}: expo is {exponent}, not within {_EXPONENTS[0]}..0")
    return OraclePrice(float(units * Decimal(10) ** exponent), account.number("timestamp"))


def _expect(account: Account, name: str, wanted: bytes) -> None:
    found = account.key(name)
    if found != wanted:
        raise DataError(f"{account.where}: {name} is {encoded(found)}, not {encoded(wanted)}")
