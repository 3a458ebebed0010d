"""What of an exchange is followed, in which units its books are counted, and how quotes merge."""

import pytest

from terminal.core.units import DAY
from terminal.model.instrument import Instrument
from terminal.model.market import Quote
from terminal.venues.dialects.deribit import DERIBIT
from terminal.venues.dialects.dialect import Directory
from terminal.venues.dialects.quote_parts import QuotePart
from terminal.venues.quoting import LEVELS, Quoting, depth_of
from terminal.venues.watchlist import (
    Chain,
    contracts_in_unit,
    hedges_of,
    quoted_of,
    streams_of,
)
from tests.unit.venues.dialect_makers import deribit_market

NOW = 1_767_614_400_000_000_000


def instrument(name: str, **changed: object) -> Instrument:
    found = DERIBIT.decoder.instrument({"info": deribit_market(name, **changed)})
    assert found is not None
    return found


def an_option(strike: int, days: int) -> Instrument:
    stamp = (NOW + days * DAY) // 1_000_000
    return instrument(f"BTC-{days}D-{strike}-C", strike=strike, expiration_timestamp=stamp)


def directory(*listed: Instrument) -> Directory:
    return Directory(
        {each.contract.key: each for each in listed},
        {each.contract.symbol: each for each in listed},
    )


CHAIN = [an_option(strike, days) for days in (1, 8, 30) for strike in (50, 90, 100, 110, 200)]
KNOWN = directory(instrument("BTC-PERPETUAL"), *CHAIN)


def followed(spots: dict[str, float], *held: str, now: int = NOW, expiries: int = 2) -> set[str]:
    keys = quoted_of(KNOWN, Chain(expiries=expiries, width=0.3), spots, now, held)
    return {key.partition("@")[0] for key in keys}


def test_near_expiries_and_strikes_near_the_money_are_followed() -> None:
    assert hedges_of(KNOWN) == ("BTC-PERPETUAL@deribit",)
    near = {f"BTC-{days}D-{strike}-C" for days in (1, 8) for strike in (90, 100, 110)}
    assert followed({"BTC": 100.0}) == near


def test_what_is_held_is_followed_wherever_it_is_and_what_expired_never() -> None:
    far = "BTC-30D-200-C@deribit"
    assert "BTC-30D-200-C" in followed({}, far)
    assert followed({}) == set()
    assert not any("-1D-" in key for key in followed({"BTC": 100.0}, now=NOW + 2 * DAY))
    assert any("-30D-" in key for key in followed({"BTC": 100.0}, now=NOW + 2 * DAY))


@pytest.mark.parametrize(
    ("name", "amount"), [("BTC-PERPETUAL", 1.0), ("SOL_USDC-OPTION", 10.0), ("BTC-8D-100-C", 1.0)]
)
def test_books_are_counted_in_contracts(name: str, amount: float) -> None:
    changed: dict[str, object] = {}
    if name.startswith("SOL"):
        changed = {"kind": "option", "contract_size": 10.0, "base_currency": "SOL"}
        changed |= {"strike": 100, "option_type": "call", "settlement_currency": "USDC"}
    unit = contracts_in_unit(DERIBIT, instrument(name, **changed))
    assert unit == pytest.approx(1.0 / amount)


def test_an_exchange_that_is_not_in_the_table_is_asked_for_the_usual_streams() -> None:
    assert streams_of("gate") == streams_of("deribit")


# -- Quotes -----------------------------------------------------------------------------------

BOOK = {"bids": [[99.0, 20.0, 1], [98.0, 5.0, 1]], "asks": [[101.0, 10.0, 1]]}
TICKER = Quote("p", 98.0, 102.0, 1.0, 1.0, mark=100.0, iv=0.5, forward=100.5)


def test_the_book_gives_the_touch_and_the_ticker_the_marks() -> None:
    quoting = Quoting()
    assert quoting.take_book("p", BOOK, 0.1) == Quote("p", 99.0, 101.0, 2.0, 1.0)
    merged = Quote("p", 99.0, 101.0, 2.0, 1.0, mark=100.0, iv=0.5, forward=100.5)
    assert quoting.take_ticker(TICKER) == merged
    assert quoting.take_book("p", BOOK, 0.1) == merged


def test_a_lost_book_gives_way_to_the_ticker() -> None:
    quoting = Quoting()
    quoting.take_book("p", BOOK, 1.0)
    quoting.lose_book("p")
    assert quoting.take_ticker(TICKER) == TICKER
    quoting.forget()
    assert quoting.take_book("p", BOOK, 1.0).mark is None


def test_parts_of_a_ticker_are_joined() -> None:
    quoting = Quoting()
    quoting.take_ticker(QuotePart(key="p", bid=98.0, ask=102.0, bid_qty=1.0, ask_qty=1.0))
    whole = quoting.take_ticker(QuotePart(key="p", mark=100.0, iv=0.5, forward=100.5))
    assert whole == TICKER


def test_an_empty_side_is_unknown_and_depth_is_cut() -> None:
    one_sided = Quoting().take_book("p", {"bids": [], "asks": [[101.0, 10.0]]}, 1.0)
    assert (one_sided.bid, one_sided.bid_qty, one_sided.ask) == (None, 0.0, 101.0)
    deep = {"bids": [[100.0 - n, 1.0] for n in range(50)], "asks": []}
    assert len(depth_of("p", deep, 2.0).bids) == LEVELS
    assert depth_of("p", deep, 2.0).bids[0] == (100.0, 2.0)
