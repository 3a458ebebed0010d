"""The clock of the book: payments add up by stamp, expiries carry the delta that ends."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from terminal.core.units import DAY, HOUR
from terminal.model.carry import CarryRow
from terminal.model.greeks import PositionRisk, Sensitivity
from terminal.model.market import Funding
from terminal.portfolio.carry import Prices, carry_row
from terminal.portfolio.settlement_clock import next_settlement, stamps
from tests.unit.portfolio.books import NOW, linear_perp


def held(symbol: str, rate: float, ahead: int) -> CarryRow:
    perpetual = linear_perp()
    perpetual = replace(perpetual, contract=replace(perpetual.contract, symbol=symbol))
    funding = Funding(perpetual.contract.key, rate, 8 * HOUR, NOW + ahead)
    return carry_row(perpetual, Decimal(1), funding, Prices(50_000.0, 50_000.0), NOW)


def leg(delta: float, expiry: int, **more: Any) -> PositionRisk:
    plain: dict[str, Any] = {
        "key": f"{delta} {expiry}@sim",
        "symbol": "X",
        "kind": "option",
        "qty": Decimal(1),
        "coins": 1.0,
        "entry": None,
        "mark": None,
        "iv": None,
        "upnl_usd": 0.0,
        "expiry": expiry,
        "risk": Sensitivity(delta=delta),
    }
    return PositionRisk(**plain | more)


@given(st.integers(0, 40_000 * DAY))
def test_the_next_settlement_is_at_eight(now: int) -> None:
    at = next_settlement(now)
    assert at % DAY == 8 * HOUR
    assert 0 < at - now <= DAY


def test_payments_of_one_stamp_are_one() -> None:
    rows = [held("A", 1e-4, HOUR), held("B", -3e-4, HOUR), held("C", 1e-4, 2 * HOUR)]
    found = [each for each in stamps(rows, {}, NOW) if each.what == "funding"]
    assert [each.at - NOW for each in found] == [HOUR, 2 * HOUR]
    assert [each.usd for each in found] == pytest.approx([10.0, -5.0])
    unknown = replace(rows[1], due_usd=None)
    assert stamps([rows[0], unknown], {}, NOW)[0].usd is None


def test_an_expiry_takes_its_delta_with_it() -> None:
    soon, late = NOW + 3 * HOUR, NOW + 30 * DAY
    book = {
        "BTC": (leg(0.5, soon), leg(-0.2, soon, kind="future"), leg(1.0, late), leg(9.0, 0)),
        "ETH": (leg(3.0, soon, qty=Decimal(0)), leg(3.0, NOW)),
    }
    found = stamps([], book, NOW)
    assert [each.at for each in found] == sorted(each.at for each in found)
    first, daily, last = found
    assert first.at == soon
    assert first.delta == pytest.approx(0.3)
    assert first.what == "expiry: 2 × future and option"
    assert (daily.what, daily.underlying) == ("daily settlement", "")
    assert (last.at, last.delta) == (late, 1.0)
