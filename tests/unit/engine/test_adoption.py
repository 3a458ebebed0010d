"""A person takes over the venue's numbers: the difference is gone and the books balance."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from terminal.engine.attributing import split_pnl
from terminal.engine.context import day_pnl
from terminal.model.account import FundingPaid
from terminal.model.messages import AdoptVenue
from terminal.model.order import Side
from terminal.model.reconcile import Adopted, Changes
from terminal.risk.halts import HaltCode
from tests.helpers.builders import FUTURE, PERP, SPOT, fill, profile
from tests.helpers.statements import compare, locked, truth
from tests.helpers.trial import alerts, ready


@settings(max_examples=40, deadline=None)
@given(
    perp=st.sampled_from(["0", "0.5", "-2"]),
    future=st.sampled_from(["0", "1", "-1", "-3"]),
    cash=st.sampled_from(["0", "12345.678901", "-900000"]),
    coin=st.sampled_from(["0", "0.5"]),
)
def test_adoption_makes_the_difference_empty_and_books_balance(
    perp: str, future: str, cash: str, coin: str
) -> None:
    trial = ready()
    trial.tell(fill(1, "0.2", side=Side.SELL, price=Decimal(50_100), order_id=""))
    trial.tick(20.0)
    said = truth(trial, perp=perp, future=future, USDC=cash, BTC=coin)
    compare(trial, said)
    before, day = trial.state, day_pnl(trial.state)
    trial.tell(AdoptVenue("sim", "seen at the venue"))
    if before.accounts["sim"].rows:
        assert "adopted" in alerts(trial.effects)
    assert not trial.state.accounts["sim"].rows
    assert not trial.state.locks
    assert compare(trial, said) == ""
    ledger = trial.state.ledger
    assert ledger.cash == trial.state.accounts["sim"].cash
    for currency, amount in ledger.cash.items():
        traded = sum(each.get(currency, Decimal(0)) for each in ledger.trading.values())
        paid = ledger.fees.get(currency, Decimal(0))
        assert amount == ledger.adopted.get(currency, Decimal(0)) + traded - paid
    result = split_pnl(trial.state)
    assert result is not None
    assert result.total is not None
    assert sum(result.buckets.values()) == pytest.approx(result.total, abs=1e-6)
    assert day_pnl(trial.state) == pytest.approx(day, abs=1e-6)


def test_fills_after_the_statement_survive_the_adoption_of_cash() -> None:
    trial = ready()
    compare(trial, truth(trial, USDC="100"))
    trial.tell(FundingPaid(PERP, Decimal(-7), "USDC", 0.0001))
    before = trial.state.ledger.cash["USDC"]
    trial.tell(AdoptVenue("sim", "a bonus"))
    assert trial.state.ledger.cash["USDC"] == before + 100


@pytest.mark.parametrize(
    ("stated", "changes"),
    [
        ({"perp": "-0.5"}, ((PERP, Decimal("-0.5")),)),
        ({"perp": "2", "future": "1"}, ((FUTURE, Decimal(1)), (PERP, Decimal(2)))),
        ({"USDC": "-90000"}, None),
    ],
)
def test_the_venue_is_told_which_contracts_were_taken_over(
    stated: dict[str, str], changes: Changes | None
) -> None:
    trial = ready()
    compare(trial, truth(trial, **stated))
    told = [each for each in trial.tell(AdoptVenue("sim", "seen")) if isinstance(each, Adopted)]
    assert told == ([] if changes is None else [Adopted("sim", changes)])


def test_a_position_that_moved_since_is_not_adopted() -> None:
    trial = ready()
    compare(trial, truth(trial, perp="1"))
    trial.tell(fill(5, "1", side=Side.BUY, order_id=""))
    held = trial.state.ledger.positions
    assert "are under way" in alerts(trial.tell(AdoptVenue("sim", "hurry")))
    assert trial.state.ledger.positions == held


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (AdoptVenue("sim", " "), "needs a reason"),
        (AdoptVenue("sim", "why not"), "there is no difference"),
        (AdoptVenue("elsewhere", "why not"), "there is no difference"),
    ],
)
def test_adoption_needs_a_reason_and_a_difference(command: AdoptVenue, words: str) -> None:
    trial = ready()
    if command.reason == " ":
        compare(trial, truth(trial, perp="1"))
    assert words in alerts(trial.tell(command))


def test_an_old_comparison_is_not_adopted() -> None:
    trial = ready()
    compare(trial, truth(trial, perp="1"))
    trial.tick(120.0)
    assert "too old" in alerts(trial.tell(AdoptVenue("sim", "late")))


def test_a_withdrawal_is_no_loss_of_the_day_and_hides_none() -> None:
    trial = ready(profile(day_loss_reduce_usd=1_000.0, day_loss_halt_usd=2_000.0))
    assert day_pnl(trial.state) == 0.0
    compare(trial, truth(trial, USDC="-500000"))
    trial.tell(AdoptVenue("sim", "withdrawn"))
    trial.tick()
    assert day_pnl(trial.state) == pytest.approx(0.0)
    assert not trial.state.halts
    compare(trial, truth(trial, USDC="400000"))
    trial.tell(AdoptVenue("sim", "deposited"))
    trial.tick(1.0, SPOT - 3_000.0)  # one coin long
    assert HaltCode.DAY_LOSS in locked(trial)
