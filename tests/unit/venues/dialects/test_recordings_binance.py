"""Binance's own recorded messages, and its Greeks recomputed from what was decoded."""

import json
from collections import Counter
from decimal import Decimal

import pytest

from terminal.core.errors import DataError
from terminal.core.units import HOUR, MILLISECOND, YEAR
from terminal.model.account import Balance, Position
from terminal.model.instrument import Option, Payoff, Perpetual
from terminal.model.market import Funding, Index, Quote
from terminal.model.order import Fill, OrderStatus, Side
from terminal.pricing.black_scalar import greeks_scalar
from terminal.venues.dialects.binance_options import BINANCE_OPTIONS
from terminal.venues.dialects.binancecoinm import BINANCECOINM
from terminal.venues.dialects.binanceusdm import BINANCEUSDM
from terminal.venues.dialects.dialect import Dialect, Directory
from tests.helpers.frames import Corpus, Frame, directory, recorded
from tests.helpers.frames_binance import OURS, filters, listed
from tests.helpers.frames_binance_options import OPTION
from tests.helpers.recordings import captured, damaged_and_read, golden, history

LINEAR, COIN, OPTIONS = BINANCEUSDM.decoder, BINANCECOINM.decoder, BINANCE_OPTIONS.decoder
FOLDER = "nautilus_adapters/binance/futures"
KNOWN = directory(LINEAR, (listed("BTCUSDT"), listed("ETHUSDT", baseAsset="ETH")))

pytestmark = golden


def listing(name: str, dialect: Dialect) -> Directory:
    (reply,) = [each for each in captured(f"{name}.0") if "symbols" in each]
    return directory(dialect.decoder, tuple(reply["symbols"]))


def user_data(text: str) -> Frame:
    found: Frame = recorded(f"{FOLDER}/user_data_json/{text}.json")
    return found


def test_every_future_of_the_recorded_lists_is_read() -> None:
    linear = listing("BINANCE_FUTURES", BINANCEUSDM)
    coin = listing("BINANCE_DELIVERY", BINANCECOINM)
    assert len(linear.by_key) > 3
    assert {each.contract.payoff for each in linear.by_key.values()} == {Payoff.LINEAR}
    assert {each.contract.settle for each in linear.by_key.values()} <= {"USDT", "BUSD"}
    bitcoin = linear.by_symbol["BTCUSDT"].contract
    assert (bitcoin.lot, bitcoin.min_notional) == (Decimal("0.001"), Decimal(5))
    sizes = {each.contract.base: each.contract.multiplier for each in coin.by_key.values()}
    assert sizes.pop("BTC") == 100
    assert set(sizes.values()) == {Decimal(10)}
    assert {each.contract.payoff for each in coin.by_key.values()} == {Payoff.INVERSE}
    perpetual = coin.by_symbol["BTCUSD_PERP"]
    assert isinstance(perpetual, Perpetual)
    assert perpetual.contract.settle == "BTC"


@pytest.mark.parametrize(
    ("name", "dialect"),
    [("BINANCE_FUTURES", BINANCEUSDM), ("BINANCE_DELIVERY", BINANCECOINM)],
)
def test_a_recorded_stream_is_read_whole(name: str, dialect: Dialect) -> None:
    known = listing(name, dialect)
    kinds: Counter[str] = Counter()
    for message in captured(f"{name}.ws.1.0"):
        assert dialect.decoder.private(message, known) == ()
        kinds.update(type(each).__name__ for each in dialect.decoder.public(message, known))
    assert kinds["QuotePart"] > 500
    assert kinds["Trade"] > 10


def test_every_line_of_a_recorded_history_is_read_or_left_out() -> None:
    linear = [each for line in history("binance_futures") for each in LINEAR.public(line, KNOWN)]
    assert Counter(type(each).__name__ for each in linear)["Trade"] >= 3
    rates = [each for each in linear if isinstance(each, Funding)]
    assert rates[0].rate == 0.0001
    assert rates[0].next_at == 1_569_916_800_000 * MILLISECOND
    assert {each.interval for each in rates} == {8 * HOUR}
    coin = listing("BINANCE_DELIVERY", BINANCECOINM)
    told = [each for line in history("binance_delivery") for each in COIN.public(line, coin)]
    assert Index("BTC", 9429.39675) in told


def test_recorded_public_messages() -> None:
    mark = recorded(f"{FOLDER}/market_data_json/mark_price_stream.json")
    _, index, funding = LINEAR.public(mark, KNOWN)
    assert index == Index("BTC", 11784.62659091)
    assert isinstance(funding, Funding)
    # The documented frame pays at 06:00, which a perpetual paying every 8 hours never does.
    assert (funding.rate, funding.interval) == (0.00038167, 2 * HOUR)
    for text in ("kline_stream_open", "depth_update_stream", "liquidation_stream", "ticker_stream"):
        assert LINEAR.public(recorded(f"{FOLDER}/market_data_json/{text}.json"), KNOWN) == ()


@pytest.mark.parametrize(
    ("text", "fills", "currency"),
    [
        ("order_update_trade", Decimal("0.001"), "USDT"),
        ("order_update_trade_partial", Decimal("0.001"), "USDT"),
        ("order_update_calculated", Decimal("0.014"), "USDT"),
        ("order_update_adl", Decimal("0.005"), "USDT"),
        ("order_update_insurance", Decimal("0.020"), "USDT"),
        ("order_update_settlement", Decimal("0.010"), "USDT"),
    ],
)
def test_recorded_executions_of_somebody_else(text: str, fills: Decimal, currency: str) -> None:
    (fill,) = LINEAR.private(user_data(text), KNOWN)
    assert isinstance(fill, Fill)
    assert (fill.order_id, fill.qty, fill.fee_currency) == ("", fills, currency)


def test_a_recorded_delivery_names_no_fee() -> None:
    message = user_data("order_update_delivery")
    coin = listed(
        "BTCUSD_240329", contractSize=100, contractType="CURRENT_QUARTER", quoteAsset="USD",
        marginAsset="BTC", deliveryDate=1711699200000, filters=filters("0.1", "1"),
    )  # fmt: skip
    (fill,) = COIN.private(message, directory(COIN, (coin,)))
    assert isinstance(fill, Fill)
    assert (fill.side, fill.qty, fill.fee) == (Side.SELL, Decimal(1), Decimal(0))
    assert fill.fee_currency == "BTC"


def test_recorded_orders_of_our_own() -> None:
    message = user_data("order_update_new")
    message["o"]["c"] = OURS
    (update,) = LINEAR.private(message, KNOWN)
    assert getattr(update, "status", None) is OrderStatus.LIVE
    replied = recorded(f"{FOLDER}/http_json/order_response.json")
    assert LINEAR.order(replied, KNOWN) is None
    ours = LINEAR.order(replied | {"clientOrderId": OURS}, KNOWN)
    assert ours is not None
    assert (ours.status, ours.filled) == (OrderStatus.LIVE, Decimal(0))


@pytest.mark.parametrize(
    "text",
    ["trade_lite", "algo_update_new", "algo_update_canceled", "order_update_calculated_pending"],
)
def test_recorded_messages_that_are_about_something_else(text: str) -> None:
    assert LINEAR.private(user_data(text), KNOWN) == ()


def test_a_recorded_account_in_hedge_mode_is_refused() -> None:
    message = user_data("account_update")
    with pytest.raises(DataError, match="one-way mode"):
        LINEAR.private(message, KNOWN)
    message["a"]["P"] = message["a"]["P"][:1]  # the position that is in one-way mode
    assert LINEAR.private(message, KNOWN) == (
        Position("BTCUSDT@binanceusdm", Decimal(0), Decimal(0)),
        Balance("USDT", Decimal("122624.12345678")),
    )
    (row,) = recorded(f"{FOLDER}/http_json/position_risk.json")
    assert LINEAR.position(row, KNOWN) == Position(
        "BTCUSDT@binanceusdm", Decimal("0.001"), Decimal(50000)
    )


def _options() -> Directory:
    terms = (
        ("BTC-240927-25000-P", "PUT", "25000", "BTCUSDT", 1_727_424_000_000),
        ("BTC-251219-89000-C", "CALL", "89000", "BTCUSDT", 1_766_131_200_000),
        ("XRP-251219-2.05-P", "PUT", "2.05", "XRPUSDT", 1_766_131_200_000),
        ("BTC-231001-27500-C", "CALL", "27500", "BTCUSDT", 1_696_147_200_000),
        ("BTC-251218-89000-P", "PUT", "89000", "BTCUSDT", 1_766_044_800_000),
        ("ETH-251218-3100-C", "CALL", "3100", "ETHUSDT", 1_766_044_800_000),
    )
    return directory(
        OPTIONS,
        tuple(
            OPTION
            | {
                "symbol": name, "side": side, "strikePrice": strike, "underlying": pair,
                "expiryDate": expiry,
            }
            for name, side, strike, pair, expiry in terms
        ),
    )  # fmt: skip


def test_every_recorded_message_of_options_is_read_or_left_out() -> None:
    known = _options()
    kinds = Counter(
        type(each).__name__
        for line in history("binance_european_options")
        for each in OPTIONS.public(line, known)
    )
    assert kinds == {"Trade": 3, "Index": 4, "Quote": 4, "QuotePart": 1}


def test_black_on_the_index_gives_the_published_greeks() -> None:
    """To the last digit printed, which settles what these Greeks are taken on."""
    known = _options()
    spot = None
    seen = 0
    for line in history("binance_european_options"):
        for event in OPTIONS.public(line, known):
            if isinstance(event, Index) and event.underlying == "BTC":
                spot = event.price
            elif isinstance(event, Quote) and event.key.startswith("BTC-240927"):
                assert spot is not None
                seen += 1
                _compare(event, spot, known, line["data"])
    assert seen == 2


def _compare(quote: Quote, spot: float, known: Directory, theirs: Frame) -> None:
    option = known.by_key[quote.key]
    assert isinstance(option, Option)
    assert quote.iv is not None
    years = (option.expiry - theirs["E"] * MILLISECOND) / YEAR
    price, delta, gamma, vega, theta = greeks_scalar(
        spot, float(option.strike), years, quote.iv, -1.0
    )
    assert delta == pytest.approx(float(theirs["d"]), abs=3e-5)
    assert gamma == pytest.approx(float(theirs["g"]), abs=1e-8)
    assert vega / 100.0 == pytest.approx(float(theirs["v"]), rel=1e-4)
    assert theta / 365.0 == pytest.approx(float(theirs["t"]), rel=1e-4)
    assert price == pytest.approx(quote.mark, rel=5e-4)


def test_a_recorded_message_that_lies_is_refused() -> None:
    text = json.dumps(recorded(f"{FOLDER}/market_data_json/book_ticker_stream.json"))
    known = directory(LINEAR, (listed("BNBUSDT", baseAsset="BNB"),))
    assert len(LINEAR.public(json.loads(text), known)) == 1
    with pytest.raises(DataError, match="'b'"):
        LINEAR.public(json.loads(text.replace("25.35190000", "high")), known)


def test_damaged_recordings_are_read_or_refused_and_nothing_else() -> None:
    texts = ("order_update_trade", "order_update_adl", "order_update_calculated", "account_update")
    (reply,) = [each for each in captured("BINANCE_FUTURES.0") if "symbols" in each]
    corpus = Corpus(
        dialect=BINANCEUSDM,
        markets=tuple(reply["symbols"][:20]),
        public=tuple(history("binance_futures")),
        private=tuple(user_data(each) for each in texts),
        orders=(
            recorded(f"{FOLDER}/http_json/order_response.json") | {"clientOrderId": OURS},
            user_data("order_update_new")["o"] | {"c": OURS},
        ),
        positions=tuple(recorded(f"{FOLDER}/http_json/position_risk.json")),
    )
    came = damaged_and_read(corpus, KNOWN)
    assert min(came[each] for each in ("events", "nothing", "refused")) > 200


def test_damaged_recordings_of_options_are_read_or_refused_and_nothing_else() -> None:
    corpus = Corpus(
        dialect=BINANCE_OPTIONS,
        markets=(OPTION,),
        public=tuple(history("binance_european_options")),
        private=(),
    )
    came = damaged_and_read(corpus, _options())
    assert min(came[each] for each in ("events", "nothing", "refused")) > 200
