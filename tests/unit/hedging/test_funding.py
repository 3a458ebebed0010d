"""Advice on funding: it informs, weighs waiting against risk, and never holds a hedge back."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from terminal.core.units import HOUR, MINUTE, YEAR
from terminal.hedging.decide import decide
from terminal.hedging.funding import Planned, funding_line, waiting_usd
from terminal.hedging.inputs import HedgeInputs
from terminal.model.hedge import Cost, Propose
from terminal.model.instrument import CarryKind, Perpetual
from terminal.model.market import Funding
from terminal.model.order import Side
from tests.helpers.builders import NOW, PERP, contract, inputs, profile

LISTED = Perpetual(contract(), 8 * HOUR)


def given_(net: float, rate: float, ahead: int = 6 * MINUTE, **more: Any) -> HedgeInputs:
    """Inputs of a desk whose hedge is funded ``ahead`` from now."""
    made = inputs(net, **more.pop("inputs", {}))
    funding = Funding(PERP, rate, 8 * HOUR, NOW + ahead, more.pop("following", None))
    hedge = replace(made.hedge, listed=more.pop("listed", LISTED), funding=funding, **more)
    return replace(made, hedge=hedge)


def line(made: HedgeInputs, *, urgent: bool = False, cost: float = 25.0) -> str:
    side = Side.SELL if made.net_delta > 0 else Side.BUY
    qty = Decimal(repr(abs(made.net_delta)))
    planned = Planned(side, qty, 0.0, Cost(cost, 0.0, 0.0))
    return " ".join(funding_line(made, planned, urgent=urgent))


def test_selling_before_a_positive_stamp_receives() -> None:
    assert line(given_(1.0, 1e-4)) == "Funding: selling now receives 5.00 USD in 06:00."


def test_buying_before_it_pays_and_waiting_is_weighed() -> None:
    made = given_(-1.0, 1e-4)
    risk = 0.5 * made.profile.risk_aversion * (50_000.0 * 0.5) ** 2 * 6 * MINUTE / YEAR
    assert waiting_usd(made, 0.0, 6 * MINUTE) == pytest.approx(risk)
    assert line(made) == (
        "Funding: buying now pays 5.00 USD in 06:00; wait 6 min, then it is not due: "
        f"risks {risk:,.2f} USD."
    )


def test_a_flip_that_the_venue_foresees_is_named() -> None:
    assert "wait 6 min, funding flips to −2.000 bp" in line(given_(-1.0, 1e-4, following=-2e-4))
    assert "flips" not in line(given_(-1.0, 1e-4, following=2e-4))


def test_urgency_wins_and_so_does_risk() -> None:
    assert "wait" not in line(given_(-1.0, 1e-4), urgent=True)
    bold = {"profile": profile(risk_aversion=0.1)}
    assert "wait" not in line(given_(-1.0, 1e-4, inputs=bold), cost=1e9)
    assert "wait" not in line(given_(-1.0, 1e-4, ahead=31 * MINUTE))
    assert "wait" not in line(given_(-1.0, 1e-4, inputs={"annual_vol": None}))


def test_a_stamp_beyond_what_the_hedge_is_for_is_not_mentioned() -> None:
    averse = {"profile": profile(risk_aversion=1e-3)}
    assert line(given_(1.0, 1e-4, ahead=7 * HOUR, inputs=averse)) == ""
    assert line(given_(1.0, 1e-4, ahead=MINUTE, inputs=averse)) != ""


def test_it_is_what_the_hedge_changes_that_counts() -> None:
    borrowed = replace(LISTED, carry=CarryKind.BORROW)
    closing = given_(1.0, 1e-4, listed=borrowed, position=Decimal(1))
    assert "receives 5.00" in line(closing)  # a fee that is not paid any more
    opening = given_(1.0, 1e-4, listed=borrowed)
    assert "pays 5.00" in line(opening)


def test_what_accrues_is_told_by_the_hour() -> None:
    accrues = replace(LISTED, funding_interval=0)
    assert line(given_(1.0, 8e-4, listed=accrues)) == (
        "Funding: selling now receives 5.00 USD an hour."
    )


def test_nothing_is_said_of_nothing() -> None:
    assert line(inputs(1.0)) == ""
    assert line(given_(1.0, 1e-9)) == ""
    assert line(given_(1.0, 1e-4, ahead=-30 * HOUR)) == ""


@given(st.floats(-2.0, 2.0), st.floats(-0.01, 0.01), st.integers(-HOUR, 9 * HOUR))
def test_it_changes_nothing_but_the_reasons(net: float, rate: float, ahead: int) -> None:
    made = given_(net, rate, ahead)
    plain = decide(inputs(net), "p")
    told = decide(made, "p")
    if isinstance(plain, Propose):
        assert isinstance(told, Propose)
        assert told.proposal.reasons[: len(plain.proposal.reasons)] == plain.proposal.reasons
        assert replace(told.proposal, reasons=()) == replace(plain.proposal, reasons=())
    else:
        assert told == plain
