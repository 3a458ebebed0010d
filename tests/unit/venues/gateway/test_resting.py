"""Orders that rest, read from each venue's own rows: in our contracts, and what is left of them."""

from decimal import Decimal

import pytest

from terminal.core.errors import DataError
from terminal.core.units import HOUR
from terminal.model.instrument import Instrument, Perpetual
from terminal.model.order import Side
from terminal.venues.dialects.dialect import Directory
from terminal.venues.gateway.resting import READERS
from tests.helpers.builders import contract, inverse_contract

LINEAR, INVERSE = Perpetual(contract("LIN"), 8 * HOUR), Perpetual(inverse_contract("INV"), 8 * HOUR)
LISTED: dict[str, Instrument] = {each.contract.symbol: each for each in (LINEAR, INVERSE)}
KNOWN = Directory({each.contract.key: each for each in LISTED.values()}, LISTED)

DERIBIT = {
    "order_id": "v1",
    "instrument_name": "INV",
    "direction": "sell",
    "amount": 100,
    "filled_amount": 30,
    "price": 50_000.0,
    "reduce_only": True,
}


def test_what_is_left_is_in_contracts_whatever_the_venue_counts_in() -> None:
    read = READERS["deribit"]
    found = read(DERIBIT, known=KNOWN, order_id="ours")
    assert found is not None
    assert found.qty == 7  # 70 USD of ten each
    assert (found.side, found.limit) == (Side.SELL, Decimal(50_000))
    assert (found.venue_id, found.order_id, found.reduce_only) == ("v1", "ours", True)
    swap = {"ordId": "v2", "instId": "INV", "side": "buy", "sz": "9", "accFillSz": "", "px": "1.5"}
    found = READERS["okx"](swap, known=KNOWN, order_id="")
    assert found is not None
    assert found.qty == 9
    assert (found.side, found.reduce_only) == (Side.BUY, False)
    left = {"oid": 7, "coin": "LIN", "side": "B", "sz": "0.25", "limitPx": "49000"}
    found = READERS["hyperliquid"](left, known=KNOWN, order_id="")
    assert found is not None
    assert (found.qty, found.side, found.venue_id) == (Decimal("0.25"), Side.BUY, "7")


@pytest.mark.parametrize(("quantity", "done"), [("-1.00", "-0.40"), ("1.00", "0.40")])
def test_a_sale_of_options_counts_by_its_size_whatever_its_sign(quantity: str, done: str) -> None:
    row = {"orderId": 7, "symbol": "LIN", "side": "SELL", "quantity": quantity, "price": "1500"}
    found = READERS["binance"](row | {"executedQty": done}, known=KNOWN, order_id="")
    assert found is not None
    assert (found.qty, found.side) == (Decimal("0.6"), Side.SELL)


@pytest.mark.parametrize(("price", "limit"), [("0", None), ("market", None), (None, None), (2, 2)])
def test_an_order_at_market_has_no_limit(price: object, limit: int | None) -> None:
    found = READERS["deribit"](DERIBIT | {"price": price}, known=KNOWN, order_id="")
    assert found is not None
    assert found.limit == limit


@pytest.mark.parametrize("changed", [{"filled_amount": 100}, {"instrument_name": "OTHER"}])
def test_what_has_filled_or_is_not_known_does_not_rest(changed: dict[str, object]) -> None:
    assert READERS["deribit"](DERIBIT | changed, known=KNOWN, order_id="") is None


def test_a_side_that_is_none_is_an_error() -> None:
    with pytest.raises(DataError, match="is no side"):
        READERS["deribit"](DERIBIT | {"direction": "both"}, known=KNOWN, order_id="")
