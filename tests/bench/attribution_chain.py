"""A mixed book on a real option chain: coin and dollar options, inverse and linear perpetuals."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc
import pyarrow.parquet as pq
from msgspec import Struct

from terminal.core.units import DAY, HOUR, MILLISECOND, MINUTE, YEAR
from terminal.market.state import Market, apply
from terminal.model.account import AccountSnapshot, Balance, Position
from terminal.model.attribution import Bucket
from terminal.model.instrument import (
    Contract,
    Instrument,
    Option,
    Payoff,
    Perpetual,
    Right,
    TickStep,
)
from terminal.model.market import Index, Quote
from terminal.model.messages import Listing
from terminal.model.order import Fill, Side
from terminal.portfolio.attribution import Change, begun, moved, stepped
from terminal.portfolio.attribution_legs import Look, looked
from terminal.portfolio.attribution_store import Row, totals
from terminal.portfolio.books import Books, refreshed
from terminal.portfolio.exposure import Lens, survey
from terminal.portfolio.ledger import Ledger, adopt, book_fill
from terminal.pricing.black import price
from terminal.pricing.engines import NUMPY

CHAIN = "options/deribit_chain_BTC_ETH_20251230_20260125.parquet"
BARS = "ohlcv_5m/binance_usdm_{}USDT_5m_20251225_20260125.parquet"
SPAN = 7 * DAY
HEDGE_EVERY = 4 * HOUR
DELTAS = (0.5, 0.25, -0.25, -0.5)

Numbers = npt.NDArray[np.float64]
Stamps = npt.NDArray[np.int64]


class Series(Struct, frozen=True):
    """One option through the snapshots of a window."""

    name: str
    expiry: int
    strike: float
    right: Right
    basis: Numbers  # forward over index
    vol: Numbers
    off: Numbers  # mark less model, in coin


class Window(Struct, frozen=True):
    """A week of a chain, and the price path through it."""

    coin: str
    snapshots: Stamps
    options: tuple[Series, ...]
    times: Stamps
    prices: Numbers


class Outcome(Struct, frozen=True):
    """How a week was attributed. ``off`` is what the buckets miss of the change of equity."""

    steps: int
    change: float
    off: float
    gross: float
    stray: float  # sum of the absolute residuals of every position and step
    net: float  # residual of the week
    buckets: dict[Bucket, float]


def windows(folder: Path, coin: str) -> Iterator[Window]:
    """Weeks of a coin's chain that follow each other, with twelve options of three expiries."""
    table = pq.read_table(folder / CHAIN)
    table = table.filter(pc.equal(pc.cast(table["currency"], "string"), coin))
    stamps = table["ts"].to_numpy().astype(np.int64) * MILLISECOND
    bars = pq.read_table(folder / BARS.format(coin))
    closes = bars["ts"].to_numpy().astype(np.int64) * MILLISECOND + 5 * MINUTE
    path = bars["close"].to_numpy()
    columns = {name: table[name].to_numpy() for name in _NUMBERS}
    columns["expiry"] = table["expiry"].to_numpy().astype(np.int64) * MILLISECOND
    names = np.array(table["instrument"].to_pylist())
    start = int(stamps.min())
    while start + SPAN <= int(stamps.max()):
        part = (stamps >= start) & (stamps <= start + SPAN)
        shots = np.unique(stamps[part])
        kept = {key: values[part] for key, values in columns.items()}
        options = tuple(_chosen(names[part], stamps[part], kept, shots))
        inside = (closes >= shots[0]) & (closes <= shots[-1])
        yield Window(coin, shots, options, closes[inside], path[inside])
        start += SPAN


_NUMBERS = ("strike", "underlying_price", "index_price", "mark", "mark_iv", "delta")


def _chosen(
    names: npt.NDArray[np.str_], stamps: Stamps, columns: dict[str, Numbers], shots: Stamps
) -> Iterator[Series]:
    """The options nearest four deltas of three expiries that outlive the week."""
    first = stamps == shots[0]
    known, counts = np.unique(names[columns["mark_iv"] > 0.0], return_counts=True)
    whole = set(known[counts == len(shots)].tolist())
    expiries = np.unique(columns["expiry"][first])
    for expiry in expiries[expiries > shots[-1] + DAY][:3]:
        for delta in DELTAS:
            rows = np.flatnonzero(first & (columns["expiry"] == expiry))
            rows = rows[[names[row] in whole for row in rows]]
            best = rows[np.argmin(np.abs(columns["delta"][rows] - delta))]
            yield _series(str(names[best]), names, stamps, columns)


def _series(
    name: str, names: npt.NDArray[np.str_], stamps: Stamps, columns: dict[str, Numbers]
) -> Series:
    rows = np.flatnonzero(names == name)
    forward, index = columns["underlying_price"][rows], columns["index_price"][rows]
    vol, strike = columns["mark_iv"][rows] / 100.0, float(columns["strike"][rows[0]])
    right = Right.CALL if name.endswith("C") else Right.PUT
    expiry = int(columns["expiry"][rows[0]])
    years = (expiry - stamps[rows]) / YEAR
    sign = 1.0 if right is Right.CALL else -1.0
    model = price(forward, strike, years, vol, sign) / forward
    return Series(
        name=name,
        expiry=expiry,
        strike=strike,
        right=right,
        basis=forward / index,
        vol=vol,
        off=columns["mark"][rows] - model,
    )


def _contract(coin: str, symbol: str, settle: str, *, inverse: bool = False) -> Contract:
    return Contract(
        venue="deribit",
        symbol=symbol,
        base=coin,
        quote="USD" if settle == coin else settle,
        settle=settle,
        payoff=Payoff.INVERSE if inverse else Payoff.LINEAR,
        multiplier=Decimal(10 if inverse else 1),
        ticks=(TickStep(Decimal(0), Decimal("0.0001")),),
        lot=Decimal("0.1"),
        min_qty=Decimal("0.1"),
        min_notional=Decimal(0),
        maker_bps=0.0,
        taker_bps=5.0,
    )


class WeekOfBook:
    """A book that is held through a window, and hedged with the inverse perpetual."""

    def __init__(self, window: Window) -> None:
        coin = window.coin
        self.window = window
        self.inverse = Perpetual(_contract(coin, f"{coin}-PERPETUAL", coin, inverse=True), 0)
        self.linear = Perpetual(_contract(coin, f"{coin}_USDC-PERPETUAL", "USDC"), 8 * HOUR)
        self.options = [
            Option(
                _contract(coin, each.name, "USDC" if number % 3 == 2 else coin),
                each.expiry,
                Decimal(str(each.strike)),
                each.right,
            )
            for number, each in enumerate(window.options)
        ]
        self.listed: tuple[Instrument, ...] = (*self.options, self.inverse, self.linear)
        self.market = apply(Market(), Listing("deribit", self.listed), 0)
        self.books, self.now, self.fills = Books(), 0, 0
        held = [
            Position(each.contract.key, Decimal((10, -15, 20, -8)[number % 4]), Decimal("0.02"))
            for number, each in enumerate(self.options)
        ]
        entry = Decimal(str(window.prices[0]))
        held += [
            Position(self.inverse.contract.key, Decimal(-20_000), entry),
            Position(self.linear.contract.key, Decimal(3), entry),
        ]
        cash = (Balance(coin, Decimal(20)), Balance("USDC", Decimal(500_000)))
        self.ledger, _ = adopt(Ledger(), AccountSnapshot("deribit", tuple(held), cash))

    def at(self, now: int, spot: float) -> None:
        """Market at a moment: bases, volatilities and mark errors between two snapshots."""
        self.now, coin = now, self.window.coin
        events: list[Index | Quote] = [Index(coin, spot)]
        for option, each in zip(self.options, self.window.options, strict=True):
            basis, vol, mark = self._between(each, now, spot)
            forward = basis * spot
            in_coin = option.contract.settle == coin
            quoted = mark if in_coin else mark * forward
            events.append(
                Quote(option.contract.key, None, None, mark=quoted, iv=vol, forward=forward)
            )
        wave = 1.0 + 3e-4 * np.sin(now / (3 * HOUR))
        events.append(Quote(self.inverse.contract.key, None, None, mark=spot * wave))
        events.append(Quote(self.linear.contract.key, None, None, mark=spot / wave))
        for event in events:
            self.market = apply(self.market, event, now)

    def _between(self, each: Series, now: int, spot: float) -> tuple[float, float, float]:
        shots = self.window.snapshots
        basis, vol = (float(np.interp(now, shots, rows)) for rows in (each.basis, each.vol))
        years = (each.expiry - now) / YEAR
        sign = 1.0 if each.right is Right.CALL else -1.0
        model = float(price(basis * spot, each.strike, years, vol, sign)) / (basis * spot)
        return basis, vol, model + float(np.interp(now, shots, each.off))

    def look(self) -> Look:
        self.books = refreshed(self.books, self.market.instruments, self.ledger)
        lens = Lens(
            underlyings=[self.window.coin],
            now=self.now,
            working={},
            greeks_age=DAY,
            engine=NUMPY,
        )
        found = survey(self.market, self.ledger, self.books, lens, {})
        self.net = found.exposures[self.window.coin].total.delta
        return looked(found.views, self.ledger, self.books)

    def hedge(self, spot: float) -> tuple[Ledger, Change] | None:
        """Ledger after the net delta was sold in inverse contracts, half a basis point worse."""
        lots = Decimal(round(-self.net * spot / 10.0))
        if not lots:
            return None
        self.fills += 1
        side = Side.BUY if lots > 0 else Side.SELL
        worse = 1.00005 if side is Side.BUY else 0.99995
        key = self.inverse.contract.key
        made = Decimal(str(round(spot * worse, 2)))
        fee = Decimal("0.0000001") * abs(lots)
        fill = Fill(
            f"f{self.fills}", "o", key, side, abs(lots), made, fee, self.window.coin, maker=False
        )
        size = float(lots) * 10.0
        change = Change(
            bucket=Bucket.EDGE,
            row=Row(key, self.inverse.contract.symbol, self.window.coin, 0, "deribit"),
            at=self.now,
            fee_usd=float(fee) * spot,
            slippage_usd=-size * (1.0 / spot - 1.0 / float(made)) * spot,
        )
        return book_fill(self.ledger, self.inverse, fill), change


def attributed(window: Window, step: int) -> Outcome:
    """Attribute a week in steps of ``step`` ns at most, fills between them."""
    book = WeekOfBook(window)
    times, prices = window.times[:: step // (5 * MINUTE)], window.prices[:: step // (5 * MINUTE)]
    book.at(int(times[0]), float(prices[0]))
    first = book.look()
    opened, attribution = _worth(first), begun(first, book.now)
    hedged = book.now
    for now, spot in zip(times[1:].tolist(), prices[1:].tolist(), strict=True):
        book.at(now, spot)
        seen = book.look()
        attribution = stepped(attribution, seen, now)
        traded = book.hedge(spot) if now - hedged >= HEDGE_EVERY else None
        if traded is not None:
            book.ledger, hedged = traded[0], now
            attribution = moved(attribution, seen, book.look(), traded[1])
    change = _worth(book.look()) - opened
    cells = attribution.store.cells.values()
    buckets = totals(cells)
    return Outcome(
        steps=len(times) - 1,
        change=change,
        off=abs(sum(buckets.values()) - change),
        gross=sum(cell.gross for cell in cells),
        stray=sum(cell.stray for cell in cells),
        net=buckets[Bucket.RESIDUAL],
        buckets=buckets,
    )


def _worth(seen: Look) -> float:
    return sum(leg.value or 0.0 for leg in seen.legs.values())
