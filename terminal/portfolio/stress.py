"""Named days that hurt, as moves of price and volatility, and what they would do to a book."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from terminal.portfolio.checks import checked
from terminal.portfolio.revaluation import USUAL_SHAPE, Holdings, VolShape, revalue


class StressMove(Struct, frozen=True):
    """What one coin did: relative move of its price and of its 30-day volatility.

    ``spot_measured`` and ``vol_measured`` say whether the number was computed from recorded bars
    and index values; otherwise it is public knowledge, rounded and not measured.
    """

    spot: float
    vol: float
    spot_measured: bool = False
    vol_measured: bool = False

    def __post_init__(self) -> None:
        """Refuse moves that are not possible."""
        checked("StressMove.spot", self.spot, above=-1.0)
        checked("StressMove.vol", self.vol, least=-1.0)


class StressDay(Struct, frozen=True):
    """A day by name. ``date`` is UTC; a coin without a move did not trade that day."""

    name: str
    date: str
    source: str
    moves: Mapping[str, StressMove]


class StressResult(Struct, frozen=True):
    """What a day does to a book; every number is None for a coin that did not trade that day.

    ``delta`` is dU/dS after the move: what would have to be hedged at that price.
    """

    day: StressDay
    move: StressMove | None
    pnl_usd: float | None
    pnl_coin: float | None
    delta: float | None


_KNOWN = "public knowledge, not measured"

STRESS_DAYS: tuple[StressDay, ...] = (
    StressDay(
        "Black Thursday",
        "2020-03-12",
        "open of the 12th to the low of the 13th (BTC low 3,782, Binance spot); volatility from "
        f"one-month options, no index then; {_KNOWN}",
        {"BTC": StressMove(-0.52, 1.50), "ETH": StressMove(-0.56, 1.50)},
    ),
    StressDay(
        "China ban",
        "2021-05-19",
        f"open to low of the day (BTC low 30,000, Binance spot); {_KNOWN}",
        {
            "BTC": StressMove(-0.30, 0.60),
            "ETH": StressMove(-0.45, 0.60),
            "SOL": StressMove(-0.45, 0.60),
        },
    ),
    StressDay(
        "FTX",
        "2022-11-08",
        "open of the 8th to the low of the 9th (BTC low 15,588, Binance spot; DVOL peak 114.7); "
        + _KNOWN,
        {
            "BTC": StressMove(-0.24, 1.00),
            "ETH": StressMove(-0.31, 1.00),
            "SOL": StressMove(-0.57, 1.00),
        },
    ),
    StressDay(
        "Yen carry unwind",
        "2024-08-05",
        f"open to low of the day, {_KNOWN}; volatility measured for BTC: daily Deribit DVOL 51.40 "
        "on 2 August to 63.08, higher within the day, lent to the other coins",
        {
            "BTC": StressMove(-0.16, 0.227, vol_measured=True),
            "ETH": StressMove(-0.22, 0.227),
            "SOL": StressMove(-0.20, 0.227),
        },
    ),
    StressDay(
        "Tariff cascade",
        "2025-10-10",
        f"open to low of the day (lows BTC 101,516.5, ETH 3,400, SOL 141.28, perpetual); {_KNOWN}",
        {
            "BTC": StressMove(-0.165, 0.30),
            "ETH": StressMove(-0.22, 0.30),
            "SOL": StressMove(-0.36, 0.30),
        },
    ),
    StressDay(
        "First tariffs",
        "2025-02-02",
        "measured: open of the 2nd to the low of the 3rd, 5-minute bars of the Binance perpetual; "
        "BTC volatility daily Deribit DVOL 53.77 to 57.04, lent to the other coins",
        {
            "BTC": StressMove(-0.0942, 0.061, spot_measured=True, vol_measured=True),
            "ETH": StressMove(-0.3325, 0.061, spot_measured=True),
            "SOL": StressMove(-0.1858, 0.061, spot_measured=True),
        },
    ),
    StressDay(
        "Tesla melt-up",
        "2021-02-08",
        "price measured: open to high of the day, 5-minute bars of Binance spot; volatility "
        + _KNOWN,
        {
            "BTC": StressMove(0.2062, 0.15, spot_measured=True),
            "ETH": StressMove(0.1018, 0.15, spot_measured=True),
            "SOL": StressMove(0.2069, 0.15, spot_measured=True),
        },
    ),
    StressDay(
        "Reserve melt-up",
        "2025-03-02",
        "measured: open to high of the day, 5-minute bars of the Binance perpetual; BTC volatility "
        "daily Deribit DVOL 51.87 to 55.47, lent to the other coins",
        {
            "BTC": StressMove(0.1042, 0.069, spot_measured=True, vol_measured=True),
            "ETH": StressMove(0.1504, 0.069, spot_measured=True),
            "SOL": StressMove(0.2537, 0.069, spot_measured=True),
        },
    ),
)


def stressed(
    holdings: Holdings,
    underlying: str,
    days: Sequence[StressDay] = STRESS_DAYS,
    shape: VolShape = USUAL_SHAPE,
) -> tuple[StressResult, ...]:
    """Holdings valued anew after each named day, as if it happened at once.

    Parameters
    ----------
    holdings : Holdings
    underlying : str
        Coin, which chooses the move of each day.
    days : sequence of StressDay
    shape : VolShape
        How the volatility move spreads over expiries.

    Returns
    -------
    tuple of StressResult
        In the order of ``days``.
    """
    moves = [day.moves.get(underlying) for day in days]
    known = [move for move in moves if move is not None]
    worth = revalue(
        holdings,
        [holdings.spot, *(holdings.spot * (1.0 + move.spot) for move in known)],
        [0.0, *(move.vol for move in known)],
        0.0,
        shape,
    )
    usd, coin = worth.usd - worth.usd[0], worth.coin - worth.coin[0]
    rows = iter(zip(usd[1:].tolist(), coin[1:].tolist(), worth.delta[1:].tolist(), strict=True))
    return tuple(
        [
            StressResult(day, move, *((None, None, None) if move is None else next(rows)))
            for day, move in zip(days, moves, strict=True)
        ]
    )
