"""Instruments and fills that the tests of this floor trade."""

from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from terminal.core.units import DAY, HOUR, SECOND
from terminal.market.state import Market, apply
from terminal.model.greeks import Exposure, PositionRisk
from terminal.model.instrument import (
    Contract,
    Future,
    Instrument,
    Option,
    Payoff,
    Perpetual,
    Right,
    Spot,
    TickStep,
)
from terminal.model.market import Index, Quote
from terminal.model.messages import Listing, MarketEvent
from terminal.model.order import Fill, Side
from terminal.portfolio.books import Books, refreshed
from terminal.portfolio.exposure import Lens, survey
from terminal.portfolio.ledger import Ledger, book_fill
from terminal.portfolio.rows import itemised
from terminal.pricing.engines import NUMPY

NOW = 20_000 * DAY
EXPIRY = NOW + 30 * DAY


def contract(symbol: str, *, base: str = "BTC", settle: str = "USDC", **terms: str) -> Contract:
    inverse = terms.get("payoff", "linear") == "inverse"
    return Contract(
        venue="sim",
        symbol=symbol,
        base=base,
        quote="USD" if settle == base else settle,
        settle=settle,
        payoff=Payoff.INVERSE if inverse else Payoff.LINEAR,
        multiplier=Decimal(terms.get("multiplier", "1")),
        ticks=(TickStep(Decimal(0), Decimal("0.0001")),),
        lot=Decimal("0.001"),
        min_qty=Decimal("0.001"),
        min_notional=Decimal(0),
        maker_bps=0.0,
        taker_bps=5.0,
    )


def linear_perp(base: str = "BTC", multiplier: str = "1") -> Perpetual:
    return Perpetual(contract(f"{base}_USDC-PERP", base=base, multiplier=multiplier), 8 * HOUR)


def inverse_perp(base: str = "BTC") -> Perpetual:
    terms = contract(f"{base}-PERP", base=base, settle=base, payoff="inverse", multiplier="10")
    return Perpetual(terms, 0)


def linear_future(expiry: int = EXPIRY, base: str = "BTC") -> Future:
    return Future(contract(f"{base}_USDC-{expiry // DAY}", base=base), expiry)


def inverse_future(expiry: int = EXPIRY, base: str = "BTC") -> Future:
    name = f"{base}-{expiry // DAY}"
    terms = contract(name, base=base, settle=base, payoff="inverse", multiplier="10")
    return Future(terms, expiry)


def spot(base: str = "BTC") -> Spot:
    return Spot(contract(f"{base}/USDC", base=base))


def option(  # noqa: PLR0917 the terms of an option read best in the order of its name
    strike: str = "60000",
    right: Right = Right.CALL,
    settle: str = "BTC",
    expiry: int = EXPIRY,
    base: str = "BTC",
    multiplier: str = "1",
) -> Option:
    letter = right.value[0].upper()
    symbol = f"{base}-{settle}-{expiry // DAY}-{strike}-{letter}"
    terms = contract(symbol, base=base, settle=settle, multiplier=multiplier)
    return Option(terms, expiry, Decimal(strike), right)


def fill(instrument: Instrument, qty: str | Decimal, price: str | Decimal, **more: str) -> Fill:
    """Fill of signed ``qty``; ids default to a function of quantity and price."""
    amount = Decimal(qty)
    return Fill(
        fill_id=more.get("fill_id", f"{instrument.contract.key}:{qty}:{price}"),
        order_id="order",
        key=instrument.contract.key,
        side=Side.BUY if amount > 0 else Side.SELL,
        qty=abs(amount),
        price=Decimal(price),
        fee=Decimal(more.get("fee", "0")),
        fee_currency=more.get("fee_currency", instrument.contract.settle),
        maker=False,
    )


SPOT = 60_000.0
AGE = 30 * SECOND

CALLS = [option(str(strike)) for strike in range(50_000, 70_000, 1_000)]
PUTS = [option(str(strike), Right.PUT, settle="USDC") for strike in range(50_000, 60_000, 1_000)]
EVERYTHING: tuple[Instrument, ...] = (
    *CALLS,
    *PUTS,
    linear_perp(),
    inverse_perp(),
    linear_future(),
    inverse_future(),
    spot(),
)


def market_of(
    *events: MarketEvent, at: int = NOW, listed: tuple[Instrument, ...] = EVERYTHING
) -> Market:
    market = apply(Market(), Listing("sim", listed), at)
    for event in (Index("BTC", SPOT), *events):
        market = apply(market, event, at)
    return market


def quote(
    instrument: Instrument,
    *,
    bid: float | None = None,
    ask: float | None = None,
    mark: float | None = None,
    iv: float | None = None,
    forward: float | None = None,
) -> Quote:
    return Quote(instrument.contract.key, bid, ask, mark=mark, iv=iv, forward=forward)


def quotes(forward: float = 60_600.0) -> list[MarketEvent]:
    """Quotes without marks of options and futures: the model and the index value them."""
    options = [each for each in EVERYTHING if isinstance(each, Option)]
    futures = [linear_future(), inverse_future()]
    return [
        *(quote(each, iv=0.4 + 0.01 * n, forward=forward) for n, each in enumerate(options)),
        *(quote(each, mark=forward) for each in futures),
    ]


def ledger_of(*held: tuple[Instrument, str, str], cash: str = "0") -> Ledger:
    ledger = Ledger()
    for number, (instrument, qty, entry) in enumerate(held):
        ledger = book_fill(ledger, instrument, fill(instrument, qty, entry, fill_id=str(number)))
    return replace(ledger, cash={**ledger.cash, "BTC": Decimal(cash)})


class Looked(Struct, frozen=True):
    """An exposure with its rows."""

    exposure: Exposure
    rows: tuple[PositionRisk, ...]


def looked_at(market: Market, ledger: Ledger, now: int = NOW) -> Looked:
    lens = Lens(
        underlyings=["BTC"], now=now, working={"BTC": 0.25}, greeks_age=AGE, engine=NUMPY
    )
    found = survey(market, ledger, refreshed(Books(), market.instruments, ledger), lens, {})
    view = found.views["BTC"]
    return Looked(found.exposures["BTC"], itemised(view) if view else ())


def seen_by(market: Market, ledger: Ledger, now: int = NOW) -> Exposure:
    return looked_at(market, ledger, now).exposure


def row_of(looked: Looked, instrument: Instrument) -> PositionRisk:
    return next(row for row in looked.rows if row.key == instrument.contract.key)
