"""How the accounts of the program lie in bytes (borsh), and reading them field by field."""

from collections.abc import Mapping
from typing import Final

from terminal.core.errors import DataError
from terminal.venues.jupiter.program import discriminator

Fields = tuple[tuple[str, str], ...]
"""Name and kind of each field in order; a field of a struct within is ``struct.field``."""

SIZES: Final = {
    "bool": 1,
    "u8": 1,
    "i8": 1,
    "u32": 4,
    "f32": 4,
    "u64": 8,
    "i64": 8,
    "u128": 16,
    "key": 32,
    "[u8;32]": 32,
    "[i64;60]": 480,
}


def _within(struct: str, fields: Fields) -> Fields:
    return tuple((f"{struct}.{name}", kind) for name, kind in fields)


def _all(kind: str, names: str) -> Fields:
    return tuple((name, kind) for name in names.split())


POSITION: Final[Fields] = (
    *_all("key", "owner pool custody collateralCustody"),
    *_all("i64", "openTime updateTime"),
    ("side", "u8"),
    *_all("u64", "price sizeUsd collateralUsd"),
    ("realisedPnlUsd", "i64"),
    ("cumulativeInterestSnapshot", "u128"),
    ("lockedAmount", "u64"),
    ("bump", "u8"),
)

_FUNDING: Final[Fields] = (
    ("cumulativeInterestRate", "u128"),
    ("lastUpdate", "i64"),
    ("hourlyFundingDbps", "u64"),
)

CUSTODY: Final[Fields] = (
    *_all("key", "pool mint tokenAccount"),
    ("decimals", "u8"),
    ("isStable", "bool"),
    ("oracle.oracleAccount", "key"),
    ("oracle.oracleType", "u8"),
    ("oracle.buffer", "u64"),
    ("oracle.maxPriceAgeSec", "u32"),
    *_within(
        "pricing",
        _all(
            "u64",
            "tradeImpactFeeScalar buffer swapSpread maxLeverage"
            " maxGlobalLongSizes maxGlobalShortSizes",
        ),
    ),
    *_within(
        "permissions",
        _all(
            "bool",
            "allowSwap allowAddLiquidity allowRemoveLiquidity allowIncreasePosition"
            " allowDecreasePosition allowCollateralWithdrawal allowLiquidatePosition",
        ),
    ),
    ("targetRatioBps", "u64"),
    *_within(
        "assets",
        _all(
            "u64",
            "feesReserves owned locked guaranteedUsd globalShortSizes globalShortAveragePrices",
        ),
    ),
    *_within("fundingRateState", _FUNDING),
    *_all("u8", "bump tokenAccountBump"),
    *_all("u64", "increasePositionBps decreasePositionBps maxPositionSizeUsd"),
    ("dovesOracle", "key"),
    *_within("jumpRateState", _all("u64", "minRateBps maxRateBps targetRateBps")),
    ("jumpRateState.targetUtilizationRate", "u64"),
    ("dovesAgOracle", "key"),
    ("priceImpactBuffer.openInterest", "[i64;60]"),
    ("priceImpactBuffer.lastUpdated", "i64"),
    ("priceImpactBuffer.feeFactor", "u64"),
    ("priceImpactBuffer.exponent", "f32"),
    *_within("priceImpactBuffer", _all("u64", "deltaImbalanceThresholdDecimal maxFeeBps")),
    *_within(
        "borrowLendParameters",
        _all(
            "u64",
            "borrowsLimitInBps maintainanceMarginBps protocolFeeBps"
            " liquidationMargin liquidationFeeBps",
        ),
    ),
    *_within("borrowsFundingRateState", _FUNDING),
    *_all("u128", "debt borrowLendInterestsAccured"),
    *_all("u64", "borrowLimitInTokenAmount minInterestFeeBps minInterestFeeGracePeriodSeconds"),
)

PRICE_FEED: Final[Fields] = (
    *_all("key", "mint edgeFeed clFeed pythFeed"),
    ("pythFeedId", "[u8;32]"),
    ("price", "u64"),
    ("expo", "i8"),
    ("timestamp", "i64"),
)

LAYOUTS: Final[Mapping[str, Fields]] = {
    "Position": POSITION,
    "Custody": CUSTODY,
    "AgPriceFeed": PRICE_FEED,
}


class Account:
    """Fields of one account, read by name.

    Parameters
    ----------
    kind : str
        One of ``LAYOUTS``.
    where : str
        What it is called in a message.
    content : bytes
        The whole account; what follows the last field is reserved space.

    Raises
    ------
    DataError
        It is of another kind, or ends within a field, which is named.

    Notes
    -----
    Layouts: Jupiter's interface description 0.1.0 and that of its oracle Doves; numbers are
    little-endian without padding.
    """

    def __init__(self, kind: str, where: str, content: bytes) -> None:
        self.where = where
        if content[:8] != discriminator(kind):
            found = content[:8].hex() or "nothing"
            raise DataError(f"{where}: discriminator {found} is not that of a {kind} account")
        self._raw: dict[str, tuple[str, bytes]] = {}
        at = 8
        for name, shape in LAYOUTS[kind]:
            end = at + SIZES[shape]
            if end > len(content):
                raise DataError(f"{where}: {len(content)} bytes end within {name}")
            self._raw[name] = (shape, content[at:end])
            at = end

    def key(self, name: str) -> bytes:
        """An address of the account."""
        return self._raw[name][1]

    def number(self, name: str) -> int:
        """A whole number of the account, as it is stored."""
        shape, raw = self._raw[name]
        return int.from_bytes(raw, "little", signed=shape.startswith("i"))
