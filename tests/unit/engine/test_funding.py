"""Funding in the engine: the ledger of days, and intervals that change in the middle of a day."""

from decimal import Decimal

from terminal.core.units import DAY, HOUR
from terminal.engine.state import restored, saved
from terminal.model.account import FundingPaid
from terminal.model.instrument import Perpetual
from terminal.model.market import Funding
from terminal.portfolio.carry import next_stamp
from terminal.portfolio.funding_days import realised
from tests.helpers.builders import NOW, PERP
from tests.helpers.trial import Trial, alerts, ready


def paid(trial: Trial, amount: str) -> str:
    return alerts(trial.tell(FundingPaid(PERP, Decimal(amount), "USDC", 1e-4)))


def test_payments_are_kept_by_day_and_survive_a_restart() -> None:
    trial = ready()
    assert "info FUNDING funding paid 1.25 USDC" in paid(trial, "-1.25")
    trial.now += DAY
    paid(trial, "0.75")
    trial.state = restored(saved(trial.state))
    paid(trial, "0.05")
    found = realised(trial.state.funding_days, trial.state.ledger)
    assert found.ties
    assert found.booked == (("USDC", Decimal("-0.45")),)
    assert [(each.amount, each.payments) for each in found.days] == [
        (Decimal("0.80"), 2),
        (Decimal("-1.25"), 1),
    ]


def test_a_changed_interval_is_said_and_taken_at_once() -> None:
    trial = ready()
    assert trial.tell(Funding(PERP, 1e-4, 8 * HOUR, NOW + 6 * HOUR)) == ()
    assert trial.tell(Funding(PERP, 2e-4, 8 * HOUR, NOW + 6 * HOUR)) == ()
    said = alerts(trial.tell(Funding(PERP, 5e-5, 4 * HOUR, NOW + 2 * HOUR)))
    assert "warn FUNDING BTC_USDC-PERP: funding is now paid every 4 h, before every 8 h" in said
    assert "UTC" in said
    perpetual = trial.state.market.instruments[PERP]
    assert isinstance(perpetual, Perpetual)
    told = trial.state.market.funding[PERP]
    assert next_stamp(perpetual, told, trial.now) == NOW + 2 * HOUR
    assert "unknown span" in alerts(trial.tell(Funding(PERP, 5e-5, 0, 0)))


def test_a_payment_on_something_unlisted_is_booked_and_said() -> None:
    trial = ready()
    said = alerts(trial.tell(FundingPaid("X@sim", Decimal(1), "XYZ", 1e-4)))
    assert "not listed" in said
    (line,) = trial.state.funding_days.days
    assert line.usd is None


def test_a_proposal_tells_of_its_funding() -> None:
    trial = Trial()
    trial.tell(Funding(PERP, 1e-4, 8 * HOUR, NOW + HOUR))
    trial.tick()
    assert any("Funding: selling now receives 5.00 USD" in each for each in trial.offer.reasons)


def test_a_payment_told_again_is_not_booked_and_not_told_on() -> None:
    trial = ready()
    once = FundingPaid(PERP, Decimal(-2), "USDC", None, payment_id="p 1")
    assert "paid 2 USDC" in alerts(trial.tell(once))
    before = trial.state.ledger.cash["USDC"]
    assert alerts(trial.tell(once)) == ""
    assert trial.state.ledger.cash["USDC"] == before
