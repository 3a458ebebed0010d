"""Options that settle at an average, and the vanna of a book against its own repricing."""

import pytest
from msgspec.structs import replace

from terminal.core.units import HOUR, MINUTE, SECOND
from terminal.market.state import Market
from terminal.model.greeks import Exposure
from terminal.portfolio.books import Books, refreshed
from terminal.portfolio.exposure import Lens, View, survey
from terminal.portfolio.settling import CALM, book_vanna, calm_gamma, settling
from terminal.pricing.engines import NUMPY
from tests.unit.portfolio.books import (
    AGE,
    CALLS,
    EXPIRY,
    PUTS,
    ledger_of,
    market_of,
    quote,
    quotes,
)

SPAN = 30 * MINUTE
HELD = (*CALLS[:2], *PUTS[:2])


def looked(market: Market, now: int) -> tuple[Exposure, View]:
    ledger = ledger_of(*((each, "2", "0.05") for each in HELD))
    books = refreshed(Books(), market.instruments, ledger)
    lens = Lens(underlyings=("BTC",), now=now, working={}, greeks_age=AGE, engine=NUMPY)
    found = survey(market, ledger, books, lens, {})
    view = found.views["BTC"]
    assert view is not None
    return found.exposures["BTC"], view


@pytest.mark.parametrize("left", [SPAN - SECOND, SPAN // 2, MINUTE, SECOND])
def test_the_next_expiry_is_all_of_a_book_of_one(left: int) -> None:
    exposure, view = looked(market_of(*quotes()), EXPIRY - left)
    found = settling(view, SPAN)
    assert found is not None
    assert found.delta == pytest.approx(exposure.option_delta)
    assert found.gamma == pytest.approx(exposure.total.gamma)
    assert found.left == pytest.approx(left / SPAN)


@pytest.mark.parametrize("left", [SPAN, 2 * SPAN])
def test_nothing_settles_before_its_time(left: int) -> None:
    _, view = looked(market_of(*quotes()), EXPIRY - left)
    assert settling(view, SPAN) is None


def test_vanna_is_the_slope_of_delta_in_volatility() -> None:
    deltas = []
    for vol in (0.499, 0.5, 0.501):
        given = [quote(each, mark=None, iv=vol, forward=60_600.0) for each in HELD]
        exposure, view = looked(market_of(*quotes(), *given), EXPIRY - 30 * 24 * 60 * MINUTE)
        deltas.append(exposure.option_delta)
        if vol == 0.5:
            vanna = book_vanna(view)
    assert vanna == pytest.approx((deltas[2] - deltas[0]) / 0.002, rel=1e-4)


def test_vanna_of_an_expired_book_is_none() -> None:
    _, view = looked(market_of(*quotes()), EXPIRY)
    assert book_vanna(replace(view)) == 0.0


@pytest.mark.parametrize("left", [HOUR - SECOND, HOUR // 2, MINUTE, SECOND])
def test_calm_gamma_is_that_of_an_hour_before(left: int) -> None:
    fixed = [quote(each, mark=None, iv=0.5, forward=60_600.0) for each in HELD]
    before, view = looked(market_of(*quotes(), *fixed), EXPIRY - CALM)
    assert calm_gamma(view, 0) is None  # what is known already will do
    _, near = looked(market_of(*quotes(), *fixed), EXPIRY - left)
    assert calm_gamma(near, 0) == pytest.approx(before.total.gamma, rel=1e-12)


def test_calm_gamma_fades_with_the_averaging() -> None:
    fixed = [quote(each, mark=None, iv=0.5, forward=60_600.0) for each in HELD]
    before, _ = looked(market_of(*quotes(), *fixed), EXPIRY - CALM)
    _, view = looked(market_of(*quotes(), *fixed), EXPIRY - SPAN // 4)
    assert calm_gamma(view, SPAN) == pytest.approx(0.25 * before.total.gamma, rel=1e-12)


def test_an_expired_book_has_no_calm_gamma() -> None:
    _, view = looked(market_of(*quotes()), EXPIRY + SECOND)
    assert calm_gamma(view, SPAN) is None
