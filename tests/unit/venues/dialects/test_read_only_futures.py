"""Kraken Futures, Gate and dYdX: their units and traps, and that nothing can be sent to them."""

from decimal import Decimal

import pytest

from terminal.core.errors import DataError, InvariantError
from terminal.core.units import HOUR, MILLISECOND
from terminal.model.account import Balance, Position
from terminal.model.instrument import Future, Payoff, Perpetual, coins
from terminal.model.market import Funding, Index, Quote, Trade
from terminal.model.order import Side
from terminal.venues.dialects.dialect import Dialect
from terminal.venues.dialects.dydx import DYDX
from terminal.venues.dialects.gate import GATE
from terminal.venues.dialects.krakenfutures import KRAKENFUTURES
from terminal.venues.dialects.quote_parts import QuotePart
from tests.helpers import frames_dydx, frames_gate, frames_krakenfutures
from tests.helpers.frames import FIXTURES, Corpus, Frame, directory, recorded
from tests.helpers.intents import intent_on
from tests.helpers.recordings import captured, history

KRAKEN = directory(KRAKENFUTURES.decoder, frames_krakenfutures.MARKETS)
GATED = directory(GATE.decoder, frames_gate.MARKETS)
CHAIN = directory(DYDX.decoder, frames_dydx.MARKETS)

needs_recordings = pytest.mark.skipif(
    not FIXTURES.exists(), reason="../shared with recorded messages is not here"
)


@pytest.mark.parametrize(
    "corpus",
    [frames_krakenfutures.CORPUS, frames_gate.CORPUS, frames_dydx.CORPUS],
    ids=lambda each: each.dialect.venue,
)
def test_nothing_is_sent(corpus: Corpus) -> None:
    dialect: Dialect = corpus.dialect
    listed = next(iter(directory(dialect.decoder, corpus.markets).by_key.values()))
    assert dialect.why_read_only
    assert dialect.lookup == ()
    with pytest.raises(InvariantError, match="read-only"):
        dialect.sent(intent_on(listed.contract), listed)


# -- Kraken Futures ---------------------------------------------------------------------------


def test_krakens_contracts_are_coins_or_usd() -> None:
    linear, inverse = KRAKEN.by_symbol["PF_XBTUSD"], KRAKEN.by_symbol["PI_XBTUSD"]
    assert isinstance(inverse, Perpetual)
    assert (linear.contract.base, linear.contract.lot) == ("BTC", Decimal("0.0001"))
    assert (linear.contract.payoff, linear.contract.settle) == (Payoff.LINEAR, "USD")
    assert (inverse.contract.payoff, inverse.contract.settle) == (Payoff.INVERSE, "BTC")
    dated = KRAKEN.by_symbol["FI_ETHUSD_261127"]
    assert isinstance(dated, Future)
    assert dated.expiry == 1_795_795_200_000 * MILLISECOND
    thousands = frames_krakenfutures.LINEAR | {"contractValueTradePrecision": -3}
    found = KRAKENFUTURES.decoder.instrument({"info": thousands})
    assert found is not None
    assert str(found.contract.lot) == "1000"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"symbol": "XBTUSD"}, "symbol"),
        ({"contractValueTradePrecision": 0.5}, "contractValueTradePrecision"),
        ({"lastTradingTime": "tomorrow"}, "lastTradingTime"),
        ({"lastTradingTime": "2026-11-27T16:00:00"}, "lastTradingTime"),
    ],
)
def test_krakens_terms_that_cannot_be_are_refused(changes: Frame, field: str) -> None:
    with pytest.raises(DataError, match=f"'{field}'"):
        KRAKENFUTURES.decoder.instrument({"info": frames_krakenfutures.LINEAR | changes})
    index = {"symbol": "in_xbtusd", "type": "spot index", "tradeable": False}
    assert KRAKENFUTURES.decoder.instrument({"info": index}) is None


def test_krakens_funding_is_the_relative_rate_and_never_the_absolute_one() -> None:
    key = "PF_XBTUSD@krakenfutures"
    assert KRAKENFUTURES.decoder.public(frames_krakenfutures.ticker("PF_XBTUSD"), KRAKEN) == (
        Quote(key, 90000.0, 90000.5, 2.5, 1.5, mark=90000.25),
        Index("BTC", 90010.0),
        Funding(key, 0.0000125, HOUR, frames_krakenfutures.PAID_MS * MILLISECOND, -0.00001),
    )


def test_krakens_short_position_is_negative_usd() -> None:
    found = KRAKENFUTURES.decoder.position(frames_krakenfutures.POSITION, KRAKEN)
    assert found == Position("PI_XBTUSD@krakenfutures", Decimal(-45000), Decimal(90000))
    held = KRAKEN.by_symbol["PI_XBTUSD"].contract
    assert coins(held, float(found.qty), 90000.0) == pytest.approx(-0.5)


@needs_recordings
@pytest.mark.golden
def test_krakens_recorded_messages_are_read() -> None:
    folder = "nautilus_adapters/kraken"
    decoder = KRAKENFUTURES.decoder
    rows = recorded(f"{folder}/http_futures_instruments.json")["instruments"]
    known = directory(decoder, tuple(rows))
    assert {"PI_XBTUSD", "PF_ETHUSD"} <= set(known.by_symbol)
    ticker = recorded(f"{folder}/ws_futures_ticker.json")
    quote, index, funding = decoder.public(ticker, known)
    assert isinstance(quote, Quote)
    assert (quote.bid, quote.ask_qty) == (21978.5, 13948.0)
    assert index == Index("BTC", 21984.54)
    assert isinstance(funding, Funding)
    assert (funding.rate, funding.following) == (-1.380384722222e-6, -8.047629166667e-6)
    (trade,) = decoder.public(recorded(f"{folder}/ws_futures_trade.json"), known)
    assert trade == Trade("PI_XBTUSD@krakenfutures", 34969.5, 15000.0, buyer_is_taker=False)
    (fill,) = decoder.private(recorded(f"{folder}/ws_futures_fills_delta.json"), known)
    assert getattr(fill, "fee", None) == Decimal("0.001581")
    assert decoder.private(recorded(f"{folder}/ws_futures_fills_snapshot.json"), known) == ()
    held = recorded(f"{folder}/http_futures_open_positions.json")["openPositions"]
    assert [getattr(decoder.position(row, known), "qty", None) for row in held] == [-8000, None]
    replied = recorded(f"{folder}/http_futures_fills.json")["fills"]
    assert getattr(decoder.fill(replied[0], known), "maker", None) is True


@needs_recordings
@pytest.mark.golden
def test_krakens_recorded_stream_is_read_whole() -> None:
    decoder = KRAKENFUTURES.decoder
    (reply,) = [each for each in captured("KRAKEN_FUTURES.0") if "instruments" in each]
    known = directory(decoder, tuple(reply["instruments"]))
    assert len(known.by_key) > 10
    told = [
        type(each).__name__
        for message in captured("KRAKEN_FUTURES.ws.1.0")
        for each in decoder.public(message, known)
    ]
    assert set(told) == {"QuotePart", "Trade"}
    assert len(told) > 100
    lines = history("cryptofacilities")
    found = [type(each) for line in lines for each in decoder.public(line, known)]
    assert set(found) <= {Quote, Index, Funding, Trade}  # most of it is of coins since delisted


# -- Gate -------------------------------------------------------------------------------------


def test_gates_contracts_are_fractions_of_a_coin() -> None:
    bitcoin, doge = GATED.by_symbol["BTC_USDT"], GATED.by_symbol["DOGE_USDT"]
    assert isinstance(bitcoin, Perpetual)
    assert isinstance(doge, Perpetual)
    assert bitcoin.contract.multiplier == Decimal("0.0001")
    assert doge.contract.multiplier == 10
    assert (bitcoin.funding_interval, doge.funding_interval) == (8 * HOUR, HOUR)
    assert coins(bitcoin.contract, -5000.0, 90000.0) == pytest.approx(-0.5)
    for other in ({"name": "BTC_USD", "type": "inverse"}, {"type": "inverse"}, {"name": ""}):
        assert GATE.decoder.instrument({"info": frames_gate.PERPETUAL | other}) is None
    with pytest.raises(DataError, match="'funding_interval'"):
        GATE.decoder.instrument({"info": frames_gate.PERPETUAL | {"funding_interval": 28800000}})


def test_gates_ticker_brings_mark_index_and_funding() -> None:
    key = "BTC_USDT@gate"
    frame = frames_gate.update("futures.tickers", [frames_gate.TICKER])
    assert GATE.decoder.public(frame, GATED) == (
        QuotePart(key=key, mark=90000.05),
        Index("BTC", 90010.0),
        Funding(key, 0.0001, 8 * HOUR, (frames_gate.AT_MS + 3_600_000) * MILLISECOND),
    )


def test_gates_sizes_carry_the_side() -> None:
    (trade,) = GATE.decoder.public(
        frames_gate.update("futures.trades", [frames_gate.TRADE]), GATED
    )  # fmt: skip
    assert trade == Trade("BTC_USDT@gate", 90000.1, 108.0, buyer_is_taker=False)
    fill = GATE.decoder.fill(frames_gate.FILL, GATED)
    assert fill is not None
    assert (fill.side, fill.qty, fill.order_id) == (Side.SELL, Decimal(2000), "")
    with pytest.raises(DataError, match="'size'"):
        GATE.decoder.fill(frames_gate.FILL | {"size": 0}, GATED)


def test_gates_dual_mode_is_refused_with_its_remedy() -> None:
    for mode in ("dual_long", "dual_short"):
        with pytest.raises(DataError, match="single mode"):
            GATE.decoder.position(frames_gate.POSITION | {"mode": mode}, GATED)


# -- dYdX -------------------------------------------------------------------------------------


def test_dydx_pays_hourly_on_its_oracle() -> None:
    key = "BTC-USD@dydx"
    frame = frames_dydx.frame(
        "v4_markets", {"markets": {"BTC-USD": frames_dydx.BITCOIN}}, "subscribed"
    )  # fmt: skip
    assert DYDX.decoder.public(frame, CHAIN) == (
        QuotePart(key=key, mark=90010.0),
        Index("BTC", 90010.0),
        Funding(key, 0.0000125, HOUR, next_at=0),
    )


def test_dydx_may_write_the_sign_of_a_short_twice() -> None:
    short = Position("BTC-USD@dydx", Decimal("-0.5"), Decimal(90000))
    assert DYDX.decoder.position(frames_dydx.POSITION, CHAIN) == short
    assert DYDX.decoder.position(frames_dydx.POSITION | {"size": "0.5"}, CHAIN) == short
    closed = frames_dydx.POSITION | {"status": "CLOSED"}
    assert DYDX.decoder.position(closed, CHAIN) is None
    standing = frames_dydx.frame("v4_subaccounts", frames_dydx.ACCOUNT, "subscribed")
    assert DYDX.decoder.private(standing, CHAIN) == (short, Balance("USDC", Decimal("10000.5")))


@needs_recordings
@pytest.mark.golden
def test_dydx_recorded_messages_are_read() -> None:
    folder = "nautilus_adapters/dydx"
    decoder = DYDX.decoder
    listed = recorded(f"{folder}/http_get_perpetual_markets.json")["result"]["markets"]
    known = directory(decoder, tuple(listed.values()))
    assert {"BTC-USD", "ETH-USD"} <= set(known.by_symbol)
    events = decoder.public(recorded(f"{folder}/ws_markets_subscribed.json"), known)
    assert Index("BTC", 43250.0) in events
    (trade, other) = decoder.public(recorded(f"{folder}/ws_trades_update.json"), known)
    assert trade == Trade("BTC-USD@dydx", 43248.0, 1.2, buyer_is_taker=False)
    assert other == Trade("BTC-USD@dydx", 43252.0, 0.3, buyer_is_taker=True)
    account = decoder.private(recorded(f"{folder}/ws_subaccounts_subscribed.json"), known)
    assert account == (
        Position("BTC-USD@dydx", Decimal("0.5"), Decimal(43000)),
        Balance("USDC", Decimal(100000)),
    )
    fills = recorded(f"{folder}/http_get_fills.json")["result"]["fills"]
    assert all(decoder.fill(row, known) for row in fills if row["market"] in known.by_symbol)
    lines = history("dydx_v4")
    told = {type(each).__name__ for line in lines for each in decoder.public(line, known)}
    assert told == {"Trade", "QuotePart", "Index", "Funding"}
    for text in (
        "ws_orderbook_subscribed",
        "ws_candles_update",
        "ws_error",
        "ws_block_height_update",
    ):
        assert decoder.public(recorded(f"{folder}/{text}.json"), known) == ()
