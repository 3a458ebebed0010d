"""Derive and Paradex: their units and traps, and that nothing can be sent to them."""

from decimal import Decimal

import pytest

from terminal.core.errors import DataError, InvariantError
from terminal.core.ids import client_order_id
from terminal.core.units import HOUR, YEAR
from terminal.model.account import Position
from terminal.model.instrument import Option, Right
from terminal.model.market import Funding, Index, Quote, Trade
from terminal.model.order import OrderIntent, Side, TimeInForce
from terminal.pricing.black_scalar import greeks_scalar
from terminal.venues.dialects.derive import DERIVE
from terminal.venues.dialects.dialect import Dialect, Directory
from terminal.venues.dialects.paradex import PARADEX
from tests.helpers import frames_derive, frames_paradex
from tests.helpers.frames import FIXTURES, directory, recorded

ETHER = directory(DERIVE.decoder, frames_derive.MARKETS)
BITCOIN = directory(PARADEX.decoder, frames_paradex.MARKETS)


@pytest.mark.parametrize(("dialect", "known"), [(DERIVE, ETHER), (PARADEX, BITCOIN)])
def test_nothing_is_sent(dialect: Dialect, known: Directory) -> None:
    listed = next(iter(known.by_key.values()))
    order = OrderIntent(
        order_id=client_order_id("run", "hedge", 1),
        proposal_id="",
        attempt=1,
        key=listed.contract.key,
        side=Side.BUY,
        qty=listed.contract.lot,
        limit=Decimal(1),
        tif=TimeInForce.GTC,
        reduce_only=False,
        decision_mid=1.0,
    )
    assert dialect.why_read_only
    assert dialect.lookup == ()
    with pytest.raises(InvariantError, match="read-only"):
        dialect.sent(order, listed)


def test_derive_counts_expiries_in_seconds() -> None:
    option = ETHER.by_symbol["ETH-20260612-1900-P"]
    assert isinstance(option, Option)
    assert (option.expiry, option.right) == (1_781_251_200_000_000_000, Right.PUT)
    late = frames_derive.OPTION_TERMS | {"expiry": 1781251200000}
    with pytest.raises(DataError, match="'expiry'"):
        DERIVE.decoder.instrument(
            {"info": frames_derive.listed("X", "option", option_details=late)}
        )


def test_derives_slim_ticker_takes_its_instrument_from_the_channel() -> None:
    key = "ETH-PERP@derive"
    assert DERIVE.decoder.public(frames_derive.ticker("ETH-PERP"), ETHER) == (
        Quote(key, 1992.36, 1992.37, 1.5, 2.5, mark=1992.49),
        Index("ETH", 1991.79),
        Funding(key, 0.0000125, HOUR, next_at=0),
    )
    assert DERIVE.decoder.public(frames_derive.ticker("DOGE-PERP"), ETHER) == ()
    (quote,) = DERIVE.decoder.public(frames_derive.CORPUS.public[1], ETHER)
    assert isinstance(quote, Quote)
    assert (quote.bid, quote.ask, quote.iv, quote.forward) == (38.4, None, 0.51, 1992.6)


@pytest.mark.parametrize(
    ("direction", "role", "bought"),
    [("buy", "taker", True), ("sell", "maker", True), ("sell", "taker", False)],
)
def test_derives_trades_tell_of_one_party(direction: str, role: str, bought: bool) -> None:
    row = frames_derive.TRADE | {"direction": direction, "liquidity_role": role}
    frame = frames_derive.notice("trades.ETH-PERP", [row])
    assert DERIVE.decoder.public(frame, ETHER) == (
        Trade("ETH-PERP@derive", 2050.0, 0.1, buyer_is_taker=bought),
    )


def test_paradexs_position_has_its_sign_from_its_side() -> None:
    held = Position("BTC-USD-PERP@paradex", Decimal("-0.5"), Decimal(90000))
    for size in ("0.5", "-0.5"):
        row = frames_paradex.POSITION | {"size": size}
        assert PARADEX.decoder.position(row, BITCOIN) == held
    with pytest.raises(DataError, match="'side'"):
        PARADEX.decoder.position(frames_paradex.POSITION | {"side": "short"}, BITCOIN)


def test_paradexs_funding_has_a_period_of_its_own() -> None:
    frame = frames_paradex.notice("funding_data", frames_paradex.FUNDING)
    assert PARADEX.decoder.public(frame, BITCOIN) == (
        Funding("BTC-USD-PERP@paradex", -0.00015, 2 * HOUR, next_at=0),
    )
    wrong = frames_paradex.FUNDING | {"funding_period_hours": 0}
    with pytest.raises(DataError, match="'funding_period_hours'"):
        PARADEX.decoder.public(frames_paradex.notice("funding_data", wrong), BITCOIN)


def test_options_without_an_expiry_are_left_out() -> None:
    row = frames_paradex.listed("BTC-USD-96000-C", "PERP_OPTION")
    assert PARADEX.decoder.instrument({"info": row}) is None


@pytest.mark.golden
@pytest.mark.skipif(not FIXTURES.exists(), reason="../shared with recorded messages is not here")
def test_recorded_terms_positions_and_fills_of_derive() -> None:
    folder = "nautilus_adapters/derive"
    rows = tuple(recorded(f"{folder}/perps/http_get_instruments_eth.json")["result"])
    rows += (recorded(f"{folder}/options/instrument_eth.json"),)
    rows += (recorded(f"{folder}/spot/instrument_eth.json"),)
    known = directory(DERIVE.decoder, rows)
    assert list(known.by_symbol) == ["ETH-PERP", "ETH-20260627-3500-C"]
    held = DERIVE.decoder.position(recorded(f"{folder}/perps/http_position_eth.json"), known)
    assert held == Position("ETH-PERP@derive", Decimal(-2), Decimal(3500))
    fill = DERIVE.decoder.fill(recorded(f"{folder}/perps/http_private_trade_eth.json"), known)
    assert fill is not None
    assert (fill.order_id, fill.qty, fill.maker) == ("", Decimal("0.5"), True)


@pytest.mark.golden
@pytest.mark.skipif(not FIXTURES.exists(), reason="../shared with recorded messages is not here")
def test_black_gives_the_greeks_that_derive_publishes() -> None:
    """Recorded without its name: strike and expiry are those that its vega and delta imply."""
    data = recorded("nautilus_adapters/derive/options/ws_ticker_slim_eth_put.json")
    frame = frames_derive.notice("ticker_slim.ETH-20260612-1900-P.1000", data)
    (quote,) = DERIVE.decoder.public(frame, ETHER)
    assert isinstance(quote, Quote)
    assert quote.forward is not None
    assert quote.iv is not None
    option = ETHER.by_symbol["ETH-20260612-1900-P"]
    assert isinstance(option, Option)
    life = (option.expiry - data["timestamp"] * 1_000_000) / YEAR
    theirs = data["instrument_ticker"]["option_pricing"]
    price, delta, gamma, vega, theta = greeks_scalar(quote.forward, 1900.0, life, quote.iv, -1.0)
    discount = float(theirs["df"])
    assert price * discount == pytest.approx(quote.mark, abs=0.1)
    assert delta * discount == pytest.approx(float(theirs["d"]), abs=1e-3)
    assert gamma * discount == pytest.approx(float(theirs["g"]), rel=3e-3)
    assert vega / 100.0 * discount == pytest.approx(float(theirs["v"]), rel=3e-3)
    assert theta / 365.0 == pytest.approx(float(theirs["t"]), rel=1e-2)
