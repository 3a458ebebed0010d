"""Open interest and max pain in a report: what was told, by whom, and what is unknown."""

from decimal import Decimal

from terminal.core.units import DAY
from terminal.engine.state import State
from terminal.market.state import Level, Market
from terminal.model.instrument import Option, Right
from terminal.runtime.reporting.interest import (
    Expiry,
    Told,
    interest_charts,
    interest_of,
    pain_table,
    strikes_table,
)
from tests.helpers.builders import NOW, contract

SOON, LATER = NOW + DAY, NOW + 30 * DAY


def option(
    strike: int, right: Right, at: int = SOON, venue: str = "sim", size: str = "1"
) -> Option:
    name = f"BTC-{at}-{strike}-{right.value}"
    terms = contract(name, venue=venue, multiplier=Decimal(size))
    return Option(terms, at, Decimal(strike), right)


CALL, PUT = option(90, Right.CALL), option(100, Right.PUT)
ELSEWHERE = option(100, Right.PUT, venue="far", size="10")


def state(*options: Option, told: dict[Option, float] | None = None) -> State:
    market = Market(
        instruments={each.contract.key: each for each in options},
        index={"BTC": Level(NOW, 80.0)},
        interest={each.contract.key: held for each, held in (told or {}).items()},
    )
    return State(now=NOW, market=market)


def found(*options: Option, told: dict[Option, float] | None = None) -> dict[Expiry, Told]:
    return interest_of(state(*options, told=told))


def test_max_pain_is_of_all_venues_in_coins() -> None:
    """Two calls of 90; puts of 100: 3 here, and 4 contracts of ten coins elsewhere."""
    told = {CALL: 2.0, PUT: 3.0, ELSEWHERE: 4.0}
    here = state(CALL, PUT, ELSEWHERE, told=told)
    (row,) = pain_table(here, interest_of(here)).rows
    assert row[0] == "BTC"
    assert row[2:] == (100.0, 0.25, 20.0, 2.0, 43.0, 3, 3, "sim, far")
    rows = strikes_table(interest_of(here), NOW + 2 * DAY).rows
    assert [each[2:] for each in rows] == [(90.0, 2.0, None), (100.0, None, 43.0)]


def test_what_nobody_told_is_unknown_and_not_zero() -> None:
    silent = found(CALL, PUT)
    (row,) = pain_table(state(CALL, PUT), silent).rows
    assert row[2:] == (None, None, None, None, None, 0, 2, "nobody")
    assert strikes_table(silent, LATER).rows == ()
    assert "unknown" in strikes_table(silent, LATER).empty
    assert interest_charts(silent) == ()
    (part,) = pain_table(state(CALL, PUT), found(CALL, PUT, told={CALL: 2.0})).rows
    assert part[5:] == (2.0, None, 1, 2, "sim")


def test_nothing_open_is_zero_and_has_no_max_pain() -> None:
    (row,) = pain_table(state(CALL), found(CALL, told={CALL: 0.0})).rows
    assert row[2:6] == (None, None, None, 0.0)


def test_without_a_price_its_distance_is_unknown() -> None:
    here = state(CALL, told={CALL: 2.0})
    blind = State(now=NOW, market=Market(instruments=here.market.instruments))
    (row,) = pain_table(blind, interest_of(here)).rows
    assert row[2:4] == (90.0, None)


def test_what_has_expired_is_gone_and_what_is_far_is_in_no_list_of_strikes() -> None:
    past, far = option(90, Right.CALL, NOW), option(90, Right.CALL, LATER)
    told = found(past, far, told={past: 1.0, far: 1.0})
    assert list(told) == [Expiry("BTC", LATER)]
    assert strikes_table(told, NOW + 2 * DAY).rows == ()


def test_the_nearest_expiry_that_was_told_is_drawn() -> None:
    far = option(90, Right.CALL, LATER)
    (chart,) = interest_charts(found(CALL, far, told={far: 5.0}))
    assert chart.name == "open_interest_btc"
    assert [curve.points for curve in chart.curves] == [((90.0, 5.0),), ((90.0, None),)]


def test_a_day_without_options_says_so() -> None:
    for each in (pain_table(state(), {}), strikes_table({}, LATER)):
        assert each.rows == ()
        assert each.empty
