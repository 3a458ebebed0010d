"""Regret: what was left out, judged an hour later and until the next hedge."""

from decimal import Decimal

import pytest

from terminal.core.units import HOUR
from terminal.engine.state import State
from terminal.engine.step import step
from terminal.model.messages import Reject
from terminal.model.regret import RegretRow
from terminal.oracle.regret import Regret, regretted, rows
from terminal.oracle.telling import regret_told
from tests.helpers.trial import Trial


def seen(trial: Trial) -> dict[str, RegretRow]:
    """What came of the proposals of a trial."""
    state, memory = State(), Regret()
    for record in trial.records:
        state, _ = step(state, record)
        memory = regretted(memory, state, record)
    return {each.how: each for each in rows(memory)}


def offered() -> Trial:
    """A desk that is long a coin, and asked to sell it."""
    trial = Trial()
    trial.tick()
    trial.tick(seconds=2.0)
    assert trial.offer.after < trial.offer.before
    return trial


def later(trial: Trial, seconds: float, price: float) -> None:
    """Let time pass at a price, in the end with fresh markets twice."""
    trial.tick(seconds=seconds, price=price)
    trial.tick(seconds=11.0, price=price)


def gain_of(trial: Trial, price: float) -> float:
    """What the proposal on the table makes until a price, before its cost."""
    return (trial.offer.after - trial.offer.before) * (price - 50_000.0)


def wait(trial: Trial, price: float) -> None:
    """Let time pass until a hedge is proposed again."""
    for _ in range(100):
        trial.tick(seconds=2.0, price=price)
        if trial.state.desks["BTC"].proposal is not None:
            return


def reject(trial: Trial) -> None:
    trial.tell(Reject(trial.offer.proposal_id, "not now"))


def test_a_rejected_sale_is_regretted_when_the_price_falls() -> None:
    trial = offered()
    gain, cost = gain_of(trial, 49_500.0), trial.offer.cost.total
    reject(trial)
    assert seen(trial)["rejected"] == RegretRow(how="rejected", count=1, judged=0, better=0)
    later(trial, 3_600.0, 49_500.0)
    found = seen(trial)["rejected"]
    assert (found.count, found.judged, found.better) == (1, 1, 1)
    assert found.followed_usd == pytest.approx(gain - cost)
    assert found.error_usd is None


def test_a_rejected_sale_is_not_regretted_when_the_price_rises() -> None:
    trial = offered()
    reject(trial)
    later(trial, 3_600.0, 50_500.0)
    found = seen(trial)["rejected"]
    assert found.better == 0
    assert found.followed_usd < 0.0


def test_a_proposal_that_lapses_counts_as_expired() -> None:
    trial = offered()
    trial.tick(seconds=31.0)
    assert seen(trial)["expired"].count == 1


def test_of_a_resized_proposal_the_rest_is_judged() -> None:
    trial = offered()
    full, offer = gain_of(trial, 49_500.0), trial.offer
    part = Decimal("0.25") * offer.qty
    trial.obey(trial.approve(qty=part))
    later(trial, 3_600.0, 49_500.0)
    found = seen(trial)["resized"]
    assert found.count == 1
    assert found.followed_usd == pytest.approx(0.75 * (full - offer.cost.total))


def test_a_proposal_that_is_followed_is_nothing_to_regret() -> None:
    trial = offered()
    trial.obey(trial.approve())
    later(trial, 3_600.0, 49_500.0)
    assert seen(trial) == {}


def test_what_is_proposed_again_is_held_once_until_the_next_hedge() -> None:
    trial = offered()
    whole = gain_of(trial, 49_600.0)
    reject(trial)
    wait(trial, 50_000.0)
    reject(trial)
    wait(trial, 49_600.0)
    trial.approve()
    found = seen(trial)["rejected"]
    assert (found.count, found.closed) == (2, 2)
    assert found.always_usd == pytest.approx(whole)


def test_a_day_without_a_hedge_ends_the_comparison() -> None:
    trial = offered()
    reject(trial)
    later(trial, 24 * 3_600.0, 49_500.0)
    found = seen(trial)["rejected"]
    assert (found.judged, found.closed) == (1, 1)
    assert found.always_usd > found.followed_usd > 0.0


def test_all_ways_together_have_a_row_of_their_own() -> None:
    trial = offered()
    reject(trial)
    wait(trial, 50_000.0)
    trial.tick(seconds=31.0)
    later(trial, HOUR / 1e9, 49_500.0)
    found = seen(trial)
    every = found["all"]
    assert every.count == found["rejected"].count + found["expired"].count
    assert every.followed_usd == pytest.approx(
        found["rejected"].followed_usd + found["expired"].followed_usd
    )
    assert every.error_usd is not None


def test_it_is_told_with_how_much_it_weighs() -> None:
    row = RegretRow(how="rejected", count=3, judged=2, better=1, followed_usd=10.0, error_usd=4.0)
    text = regret_told((row,))
    assert "1 of 2" in text
    assert "mean 5.00 ± 4.00" in text
    assert "too few to say" in text
    assert "followed" in regret_told(())
