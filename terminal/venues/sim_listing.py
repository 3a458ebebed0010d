"""What the simulated venue lists: perpetuals, dated futures and option chains."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from terminal.core.units import DAY, HOUR, SECOND, YEAR
from terminal.model.instrument import (
    Contract,
    Future,
    Instrument,
    Option,
    Payoff,
    Perpetual,
    Right,
    TickStep,
)
from terminal.model.messages import Listing
from terminal.venues.sim_paths import ANNUAL_VOL, COINS

VENUE: Final = "sim"
FUNDING_INTERVAL: Final = 8 * HOUR
EXPIRY_HOUR: Final = 8
STRIKES_EACH_SIDE: Final = 4
_SHORTEST: Final = 18 * HOUR
_NICE: Final = (5.0, 2.5, 2.0, 1.0)
_COIN_TICKS: Final = (
    TickStep(Decimal(0), Decimal("0.0001")),
    TickStep(Decimal("0.005"), Decimal("0.0005")),
)
_USDC_TICKS: Final = (
    TickStep(Decimal(0), Decimal("0.01")),
    TickStep(Decimal(5), Decimal("0.05")),
)


def _terms(
    symbol: str, base: str, *, settle: str, multiplier: str, tick: str, lot: str, minimum: str
) -> Contract:
    inverse = settle == base
    return Contract(
        venue=VENUE,
        symbol=symbol,
        base=base,
        quote="USD" if inverse else settle,
        settle=settle,
        payoff=Payoff.INVERSE if inverse else Payoff.LINEAR,
        multiplier=Decimal(multiplier),
        ticks=(TickStep(Decimal(0), Decimal(tick)),),
        lot=Decimal(lot),
        min_qty=Decimal(lot),
        min_notional=Decimal(minimum),
        maker_bps=0.0,
        taker_bps=5.0,
    )


def perpetuals() -> tuple[Perpetual, ...]:
    """Coin-margined perpetuals of BTC and ETH, USDC-margined ones of BTC, ETH and SOL."""
    usdc = "USDC"
    rows = (
        _terms("BTC-PERPETUAL", "BTC", settle="BTC", multiplier="10", tick="0.5", lot="1",
               minimum="10"),
        _terms("ETH-PERPETUAL", "ETH", settle="ETH", multiplier="1", tick="0.05", lot="1",
               minimum="1"),
        _terms("SOL_USDC-PERPETUAL", "SOL", settle=usdc, multiplier="1", tick="0.01", lot="0.1",
               minimum="5"),
        _terms("BTC_USDC-PERPETUAL", "BTC", settle=usdc, multiplier="1", tick="1", lot="0.001",
               minimum="5"),
        _terms("ETH_USDC-PERPETUAL", "ETH", settle=usdc, multiplier="1", tick="0.05", lot="0.01",
               minimum="5"),
    )  # fmt: skip
    return tuple(Perpetual(contract=row, funding_interval=FUNDING_INTERVAL) for row in rows)


def future(coin: str, expiry: int) -> Future:
    """Coin-margined future of BTC or ETH that expires at ``expiry`` (UtcNs)."""
    multiplier, tick = ("10", "2.5") if coin == "BTC" else ("1", "0.25")
    symbol = f"{coin}-{expiry_text(expiry)}"
    contract = _terms(
        symbol, coin, settle=coin, multiplier=multiplier, tick=tick, lot="1", minimum=multiplier
    )
    return Future(contract=contract, expiry=expiry)


def option(coin: str, expiry: int, strike: Decimal, right: Right) -> Option:
    """Option of the chain: in coin for BTC and ETH, in USDC with ten coins for SOL."""
    in_coin = coin != "SOL"
    stem = coin if in_coin else f"{coin}_USDC"
    lot = Decimal("0.1") if coin == "BTC" else Decimal(1)
    contract = Contract(
        venue=VENUE,
        symbol=f"{stem}-{expiry_text(expiry)}-{strike:f}-{'C' if right is Right.CALL else 'P'}",
        base=coin,
        quote="USD" if in_coin else "USDC",
        settle=coin if in_coin else "USDC",
        payoff=Payoff.LINEAR,
        multiplier=Decimal(1) if in_coin else Decimal(10),
        ticks=_COIN_TICKS if in_coin else _USDC_TICKS,
        lot=lot,
        min_qty=lot,
        min_notional=Decimal(0),
        maker_bps=3.0,
        taker_bps=3.0,
    )
    return Option(contract=contract, expiry=expiry, strike=strike, right=right)


def expiry_text(expiry: int) -> str:
    """Write an expiry as ``27NOV26``."""
    moment = datetime.fromtimestamp(expiry // SECOND, tz=UTC)
    return f"{moment.day}{_MONTHS[moment.month - 1]}{moment.year % 100:02d}"


_MONTHS: Final = (
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
)  # fmt: skip


def expiries(at: int) -> tuple[int, int, int, int]:
    """Expiries of a chain at ``at``: a day or two, a Friday, a month end and a quarter end.

    Returns
    -------
    tuple of int
        UtcNs, ascending, all at 08:00 UTC, each later than the one before.
    """
    near = -(-(at + _SHORTEST - EXPIRY_HOUR * HOUR) // DAY) * DAY + EXPIRY_HOUR * HOUR
    week = _first_after(near, _is_friday)
    month = _first_after(week, _ends_month)
    quarter = _first_after(month, _ends_quarter)
    return near, week, month, quarter


def _is_friday(day: datetime) -> bool:
    return day.weekday() == 4


def _ends_month(day: datetime) -> bool:
    return _is_friday(day) and (day + timedelta(days=7)).month != day.month


def _ends_quarter(day: datetime) -> bool:
    return _ends_month(day) and day.month % 3 == 0


def _first_after(expiry: int, fits: Callable[[datetime], bool]) -> int:
    day = datetime.fromtimestamp(expiry // SECOND, tz=UTC) + timedelta(days=1)
    while not fits(day):
        day += timedelta(days=1)
    return int(day.timestamp()) * SECOND


def strikes(spot: float, vol: float, years: float) -> tuple[Decimal, ...]:
    """Nine strikes around the money, half a standard deviation apart on a round grid.

    Parameters
    ----------
    spot : float
        USD, > 0.
    vol, years : float
        Annual volatility as a fraction and time to expiry; the gap is at most a fifth of spot.

    Returns
    -------
    tuple of Decimal
        Ascending, > 0.
    """
    gap = spot * min(0.5 * vol * years**0.5, 0.2)
    step = _round_step(gap)
    middle = round(spot / float(step))
    first, last = middle - STRIKES_EACH_SIDE, middle + STRIKES_EACH_SIDE
    return tuple((step * count).normalize() for count in range(max(first, 1), last + 1))


def _round_step(gap: float) -> Decimal:
    """Largest of 1, 2, 2.5 and 5 times a power of ten that is not above ``gap``."""
    power = 0
    while 10.0 ** (power + 1) <= gap:
        power += 1
    while 10.0**power > gap:
        power -= 1
    unit = next(nice for nice in _NICE if nice * 10.0**power <= gap or nice == 1.0)
    return Decimal(str(unit)).scaleb(power).normalize()


def chain(coin: str, expiry: int, spot: float, at: int) -> tuple[Option, ...]:
    """Calls and puts of one expiry around ``spot``, by strike, the call first."""
    vol = ANNUAL_VOL[COINS.index(coin)]
    return tuple(
        option(coin, expiry, strike, right)
        for strike in strikes(spot, vol, (expiry - at) / YEAR)
        for right in (Right.CALL, Right.PUT)
    )


def listing(
    at: int,
    spots: Mapping[str, float],
    listed: Sequence[Instrument] = (),
    held: Sequence[Instrument] = (),
) -> Listing:
    """Everything the venue lists at ``at``.

    Parameters
    ----------
    at : int
        UtcNs.
    spots : mapping of str to float
        Index price by coin; centres the strikes of expiries that are new.
    listed : sequence of Instrument
        Listed so far; what has not expired stays, and an expiry that has options keeps its strikes.
    held : sequence of Instrument
        Listed in addition, even when expired: it has to be settled first.

    Returns
    -------
    Listing
    """
    dates = expiries(at)
    kept: dict[str, Instrument] = {each.contract.key: each for each in perpetuals()}
    chains = {(each.contract.base, each.expiry) for each in listed if isinstance(each, Option)}
    for each in listed:
        if isinstance(each, Option | Future) and each.expiry > at:
            kept[each.contract.key] = each
    kept.update((each.contract.key, each) for each in held)
    fresh: list[Instrument] = [future(coin, dates[3]) for coin in ("BTC", "ETH")]
    for coin in COINS:
        for expiry in dates:
            if (coin, expiry) not in chains:
                fresh.extend(chain(coin, expiry, spots[coin], at))
    kept.update((each.contract.key, each) for each in fresh)
    return Listing(VENUE, tuple(kept.values()))


def opened(key: str) -> Instrument | None:
    """Instrument of this venue that a key names, also when it is listed no more.

    Parameters
    ----------
    key : str
        Such as ``BTC-27NOV26-85000-C@sim``.

    Returns
    -------
    Instrument or None
        None: the key is not of this venue.
    """
    symbol, _, venue = key.partition("@")
    if venue != VENUE:
        return None
    for each in perpetuals():
        if each.contract.symbol == symbol:
            return each
    parts = symbol.split("-")
    coin = parts[0].removesuffix("_USDC")
    expiry = _expiry_of(parts[1]) if len(parts) in (2, 4) else None
    if coin not in COINS or expiry is None:
        return None
    if len(parts) == 2:
        return future(coin, expiry)
    right = Right.CALL if parts[3] == "C" else Right.PUT
    return option(coin, expiry, Decimal(parts[2]), right)


def _expiry_of(text: str) -> int | None:
    """Read ``27NOV26``; None when it is no date."""
    day, month, year = text[:-5], text[-5:-2], text[-2:]
    if not (day.isdigit() and year.isdigit() and month in _MONTHS):
        return None
    moment = datetime(2000 + int(year), _MONTHS.index(month) + 1, int(day), EXPIRY_HOUR, tzinfo=UTC)
    return int(moment.timestamp()) * SECOND
