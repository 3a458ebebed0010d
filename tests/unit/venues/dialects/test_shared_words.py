"""What dialects share: parts of quotes, times of funding, ccxt's names of instruments."""

from decimal import Decimal

from msgspec.structs import replace

from terminal.core.units import HOUR
from terminal.model.instrument import Option
from terminal.model.market import Quote
from terminal.venues.dialects.binance_options import BINANCE_OPTIONS
from terminal.venues.dialects.funding_times import interval_that_fits, next_boundary
from terminal.venues.dialects.quote_parts import QuotePart, joined
from terminal.venues.dialects.unified import unified_symbol
from tests.helpers import frames_binance_options
from tests.helpers.frames import directory


def test_a_mark_leaves_the_touch_and_a_touch_leaves_the_mark() -> None:
    touched = joined(None, QuotePart(key="A@x", bid=1.0, ask=2.0, bid_qty=3.0, ask_qty=4.0))
    assert touched == Quote("A@x", 1.0, 2.0, 3.0, 4.0)
    marked = joined(touched, QuotePart(key="A@x", mark=1.5, iv=0.6, forward=9.0))
    assert marked == Quote("A@x", 1.0, 2.0, 3.0, 4.0, 1.5, 0.6, 9.0)
    assert joined(marked, QuotePart(key="A@x")) == marked


def test_an_empty_side_wipes_out_the_old_one() -> None:
    before = Quote("A@x", 1.0, 2.0, 3.0, 4.0, 1.5)
    after = joined(before, QuotePart(key="A@x", bid=None, bid_qty=0.0))
    assert after == Quote("A@x", None, 2.0, 0.0, 4.0, 1.5)


def test_ccxts_names_of_instruments_write_strikes_plainly() -> None:
    known = directory(BINANCE_OPTIONS.decoder, frames_binance_options.MARKETS)
    option = known.by_symbol[frames_binance_options.NAME]
    assert isinstance(option, Option)
    for strike, written in (("100000.00000000", "100000"), ("0.0600", "0.06"), ("1E+5", "100000")):
        named = unified_symbol(replace(option, strike=Decimal(strike)))
        assert named == f"BTC/USDT:USDT-261127-{written}-C"


def test_payments_come_at_full_intervals_from_midnight() -> None:
    day = 20_000 * 24 * HOUR
    assert next_boundary(day, 8 * HOUR) == day + 8 * HOUR
    assert next_boundary(day + 8 * HOUR - 1, 8 * HOUR) == day + 8 * HOUR
    assert next_boundary(day + 5 * HOUR, 4 * HOUR) == day + 8 * HOUR


def test_a_payment_at_an_odd_hour_shortens_the_interval() -> None:
    day = 20_000 * 24 * HOUR
    assert interval_that_fits(day + 16 * HOUR, 8 * HOUR) == 8 * HOUR
    assert interval_that_fits(day + 4 * HOUR, 8 * HOUR) == 4 * HOUR
    assert interval_that_fits(day + 7 * HOUR, 8 * HOUR) == HOUR
    assert interval_that_fits(day + 8 * HOUR, 4 * HOUR) == 4 * HOUR
    assert interval_that_fits(day + 1, 8 * HOUR) == 8 * HOUR
