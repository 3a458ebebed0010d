"""What expires is closed at its venue's price: once, not too early, and never on a guess."""

import asyncio
from collections.abc import Callable, Mapping
from decimal import Decimal

import ccxt.async_support as ccxt
import pytest
from msgspec.structs import replace

from terminal.core.errors import VenueError
from terminal.core.units import HOUR, MILLISECOND, SECOND
from terminal.model.account import AccountSnapshot, Settled
from terminal.model.instrument import Contract, Future, Option, Payoff, Right, TickStep
from terminal.model.messages import Event
from terminal.venues.ccxt_exchange import Taps
from terminal.venues.dialects.dialect import Directory, Raw
from terminal.venues.gateway.asks import Ask, Asks, Expiring, SettlementAsk, at
from terminal.venues.gateway.asks_binance import COIN_MARGINED, USD_MARGINED
from terminal.venues.gateway.asks_binance_options import OPTIONS
from terminal.venues.gateway.asks_bybit import BYBIT
from terminal.venues.gateway.asks_deribit import DERIBIT
from terminal.venues.gateway.fill_log import Booked
from terminal.venues.gateway.settlements import LATE
from terminal.venues.gateway.wire import Dialled
from terminal.venues.sim_listing import option
from tests.unit.venues.gateway.driving import START, Driven, tell
from tests.unit.venues.gateway.fake_venue import KEY, KNOWN, FakeVenue, asks

EXPIRY = START + 100 * SECOND
CALL = option("BTC", EXPIRY, Decimal(90_000), Right.CALL)
PUT = option("BTC", EXPIRY, Decimal(90_000), Right.PUT)
NAME, OTHER = CALL.contract.key, PUT.contract.key
PRICE = Decimal("91234.56")


class ExpiringVenue(FakeVenue):
    """The fake venue with an option held, which it closes at its expiry."""

    def __init__(self) -> None:
        super().__init__()
        self.held = Decimal(5)
        self.prices: list[Raw] = [{"price": str(PRICE)}]
        self.listed = listed(NAME, OTHER)

    def dial(self, taps: Taps) -> Dialled:
        dialled = super().dial(taps)
        return Dialled(dialled.wire, self.listed, dialled.symbols)

    async def ask(self, ask: Ask) -> object:
        if ask.method == "settlement":
            return await self._call("settlement", lambda: {"rows": self.prices})
        return await super().ask(ask)

    def _positions(self) -> list[dict[str, object]]:
        rows = super()._positions()
        return [*rows, {"key": NAME, "qty": str(self.held)}] if self.held else rows


def listed(*names: str) -> Directory:
    """Directory of the perpetuals, and of the options named."""
    more = {each.contract.key: each for each in (CALL, PUT) if each.contract.key in names}
    by_key = {**KNOWN.by_key, **more}
    return Directory(by_key, {each.contract.symbol: each for each in by_key.values()})


def asked(settlement: SettlementAsk | None = None) -> Asks:
    """Make the fake venue's questions, with one for settlement prices."""
    one = SettlementAsk(
        lambda _: Ask("settlement", (), at("rows")),
        lambda raw, _: Decimal(str(raw["price"])) if "price" in raw else None,
    )
    return replace(asks(), settlement=settlement or one)


async def statement(driven: Driven, seconds: float) -> None:
    """Let time pass, and the account be stated at the end of it."""
    await asyncio.sleep(seconds)
    driven.gateway.ask_account(1)
    await asyncio.sleep(1.0)


def told(driven: Driven) -> list[Event]:
    """Settlements and statements, in their order."""
    driven.take()
    return [each for each in driven.heard if isinstance(each, Settled | AccountSnapshot)]


def settled(driven: Driven) -> list[Event]:
    return [each for each in told(driven) if isinstance(each, Settled)]


PAST = (EXPIRY - START + LATE) / SECOND + 1.0


def test_what_expired_and_is_gone_is_told_once_before_the_statement() -> None:
    async def story(driven: Driven) -> None:
        assert isinstance(driven.venue, ExpiringVenue)
        driven.venue.held = Decimal(0)
        await statement(driven, PAST)
        await statement(driven, 20.0)

    driven = tell(story, venue=ExpiringVenue(), asked=asked())
    opening, closed, *statements = told(driven)
    assert isinstance(opening, AccountSnapshot)
    assert closed == Settled(NAME, PRICE)
    assert len(statements) == 2
    assert all(isinstance(each, AccountSnapshot) for each in statements)
    assert driven.venue.calls.count("settlement") == 1
    assert driven.gateway.held() == ()


def test_options_of_one_expiry_are_asked_about_once() -> None:
    booked = Booked(positions={NAME: Decimal(5), OTHER: Decimal(-2)}, fills=())
    venue = ExpiringVenue()
    venue.held = Decimal(0)

    async def story(driven: Driven) -> None:
        await asyncio.sleep(1.0)

    late = {NAME: replace(CALL, expiry=START - HOUR), OTHER: replace(PUT, expiry=START - HOUR)}
    venue.listed = listed()
    driven = tell(story, venue=venue, asked=asked(), booked=replace(booked, instruments=late))
    assert settled(driven) == [Settled(NAME, PRICE), Settled(OTHER, PRICE)]
    assert venue.calls.count("settlement") == 1


@pytest.mark.parametrize("gone_at", [0.0, 99.0, 130.0])
def test_nothing_is_told_while_a_trade_of_before_may_still_be_listed(gone_at: float) -> None:
    async def story(driven: Driven) -> None:
        assert isinstance(driven.venue, ExpiringVenue)
        await asyncio.sleep(gone_at)
        driven.venue.held = Decimal(0)
        await statement(driven, PAST - 5.0 - gone_at)
        assert not settled(driven)

    tell(story, venue=ExpiringVenue(), asked=asked())


def test_what_the_venue_still_holds_is_not_closed() -> None:
    async def story(driven: Driven) -> None:
        await statement(driven, PAST)

    driven = tell(story, venue=ExpiringVenue(), asked=asked())
    assert not settled(driven)
    assert "settlement" not in driven.venue.calls


@pytest.mark.parametrize(
    "bad",
    [
        [],
        [{"other": 1}],
        [{"price": "0"}],
        [{"price": "-1"}],
    ],
)
def test_without_a_price_the_position_stays_until_there_is_one(bad: list[Raw]) -> None:
    async def story(driven: Driven) -> None:
        assert isinstance(driven.venue, ExpiringVenue)
        driven.venue.held, driven.venue.prices = Decimal(0), bad
        await statement(driven, PAST)
        assert not settled(driven)
        driven.venue.prices = [{"other": 1}, {"price": "7"}]
        driven.venue.faults["settlement"] = [VenueError("busy")]
        await statement(driven, 5.0)
        assert not settled(driven)  # a request that failed says nothing
        await statement(driven, 5.0)

    driven = tell(story, venue=ExpiringVenue(), asked=asked())
    assert settled(driven) == [Settled(NAME, Decimal(7))]
    assert sum(isinstance(each, AccountSnapshot) for each in told(driven)) == 4


def test_a_venue_that_tells_no_prices_leaves_it_to_a_person() -> None:
    async def story(driven: Driven) -> None:
        assert isinstance(driven.venue, ExpiringVenue)
        driven.venue.held = Decimal(0)
        await statement(driven, PAST)

    driven = tell(story, venue=ExpiringVenue(), asked=asks())
    assert not settled(driven)
    assert driven.gateway.held() == (NAME,)


def test_it_is_closed_though_the_venue_lists_it_no_more() -> None:
    async def story(driven: Driven) -> None:
        assert isinstance(driven.venue, ExpiringVenue)
        driven.venue.held = Decimal(0)
        await statement(driven, 10.0)
        driven.gateway.know(listed())
        await statement(driven, PAST)

    assert settled(tell(story, venue=ExpiringVenue(), asked=asked())) == [Settled(NAME, PRICE)]


def test_what_expired_while_nobody_was_here_is_told_at_the_opening() -> None:
    gone = replace(CALL, expiry=START - HOUR)
    booked = Booked(
        positions={NAME: Decimal(5), KEY: Decimal(0)}, fills=(), instruments={NAME: gone}
    )
    venue = ExpiringVenue()
    venue.held, venue.listed = Decimal(0), listed()

    async def story(driven: Driven) -> None:
        await asyncio.sleep(1.0)

    driven = tell(story, venue=venue, asked=asked(), booked=booked)
    closed, opening = told(driven)
    assert closed == Settled(NAME, PRICE)
    assert isinstance(opening, AccountSnapshot)


# -- The words of each venue ------------------------------------------------------------------

DATE = 1_798_704_000  # 2026-12-31 08:00 UTC
MS = DATE * 1000
AROUND = HOUR // MILLISECOND


def terms(symbol: str, venue: str, *, settle: str, inverse: bool = False) -> Contract:
    return Contract(
        venue=venue,
        symbol=symbol,
        base="BTC",
        quote="USD",
        settle=settle,
        payoff=Payoff.INVERSE if inverse else Payoff.LINEAR,
        multiplier=Decimal(1),
        ticks=(TickStep(Decimal(0), Decimal("0.1")),),
        lot=Decimal("0.1"),
        min_qty=Decimal("0.1"),
        min_notional=Decimal(0),
        maker_bps=0.0,
        taker_bps=0.0,
    )


def call(symbol: str, venue: str, settle: str) -> Option:
    contract = terms(symbol, venue, settle=settle)
    return Option(contract, DATE * SECOND, Decimal(90_000), Right.CALL)


def future(symbol: str, venue: str, settle: str, *, inverse: bool = False) -> Future:
    contract = terms(symbol, venue, settle=settle, inverse=inverse)
    return Future(contract, DATE * SECOND)


DAYS = [
    {"date": "2027-01-01", "delivery_price": 1.0},
    {"date": "2026-12-31", "delivery_price": 91234.56},
]
WORDS: dict[str, tuple[Asks, str, Expiring, Mapping[str, object], object, Raw]] = {
    "deribit, in coin": (
        DERIBIT,
        "deribit",
        call("BTC-31DEC26-90000-C", "deribit", "BTC"),
        {"index_name": "btc_usd", "offset": 0, "count": 30},
        {"result": {"data": DAYS, "records_total": 2}},
        {"date": "2026-12-31"},
    ),
    "deribit, in USDC": (
        DERIBIT,
        "deribit",
        call("BTC_USDC-31DEC26-90000-C", "deribit", "USDC"),
        {"index_name": "btc_usdc", "offset": 0, "count": 30},
        {"result": {"data": DAYS, "records_total": 2}},
        {"date": "2026-12-31", "delivery_price": "soon"},
    ),
    "bybit": (
        BYBIT,
        "bybit",
        call("BTC-31DEC26-90000-C-USDT", "bybit", "USDT"),
        {"category": "option", "symbol": "BTC-31DEC26-90000-C-USDT"},
        {
            "result": {
                "list": [
                    {
                        "symbol": "BTC-31DEC26-90000-C-USDT",
                        "deliveryPrice": "91234.56",
                        "deliveryTime": str(MS),
                    }
                ]
            }
        },
        {"symbol": "BTC-31DEC26-90000-C-USDT"},
    ),
    "binanceoptions": (
        OPTIONS,
        "binance",
        call("BTC-261231-90000-C", "binanceoptions", "USDT"),
        {
            "underlying": "BTCUSDT",
            "startTime": MS - AROUND,
            "endTime": MS + AROUND,
            "limit": 100,
        },
        [
            {"symbol": "BTC-270101-90000-C", "realStrikePrice": "1", "expiryDate": MS + 1},
            {"symbol": "BTC-261231-95000-P", "realStrikePrice": "91234.56", "expiryDate": MS},
        ],
        {"symbol": "BTC-261231-90000-C", "expiryDate": MS},
    ),
    "binanceusdm": (
        USD_MARGINED,
        "binance",
        future("BTCUSDT_261231", "binanceusdm", "USDT"),
        {"pair": "BTCUSDT"},
        [
            {"deliveryTime": MS - 1, "deliveryPrice": 1.0},
            {"deliveryTime": MS, "deliveryPrice": 91234.56},
        ],
        {"deliveryTime": MS},
    ),
    "binancecoinm": (
        COIN_MARGINED,
        "binance",
        future("BTCUSD_261231", "binancecoinm", "BTC", inverse=True),
        {"pair": "BTCUSD"},
        [{"deliveryTime": MS, "deliveryPrice": 91234.56}],
        {"deliveryTime": MS, "deliveryPrice": "-3"},
    ),
}


@pytest.mark.parametrize("name", WORDS)
def test_the_price_is_read_out_of_each_venue_s_words(name: str) -> None:
    spoken, exchange, expired, wanted, reply, bad = WORDS[name]
    assert spoken.settlement is not None
    ask = spoken.settlement.ask(expired)
    assert hasattr(getattr(ccxt, exchange), _snake(ask.method)) or hasattr(
        getattr(ccxt, exchange)(), ask.method
    )
    assert ask.args == (wanted,)
    read: Callable[[Raw, Expiring], Decimal | None] = spoken.settlement.read
    found = [each for row in ask.rows(reply) if (each := read(row, expired)) is not None]
    assert found == [PRICE]
    with pytest.raises(Exception, match=r"field|missing|expected"):
        read(bad, expired)


def _snake(method: str) -> str:
    return "".join(f"_{each.lower()}" if each.isupper() else each for each in method)
