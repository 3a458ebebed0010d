"""The screen's view of execution costs: the same value until something is new."""

import pytest
from msgspec.structs import replace

from terminal.core.units import SECOND
from terminal.execution.learned_cost import Learned
from terminal.model.order import OrderStatus
from terminal.runtime.tca import Costs, beliefs
from tests.helpers.builders import PERP, profile, quote
from tests.helpers.trial import ready, submits


def test_the_view_is_kept_until_something_is_new() -> None:
    trial, costs = ready(profile(urgent_bands=1.0)), Costs()
    first = costs.of(trial.state)
    assert first.hedges == ()
    trial.tick(0.25)
    assert costs.of(trial.state) is first
    trial.tick(1.0)
    assert costs.of(trial.state) is first  # looked at again, nothing had changed
    (sent,) = submits(trial.approve())
    trial.report(sent, OrderStatus.LIVE)
    trial.fill(sent)
    second = costs.of(trial.state)
    (hedge,) = second.hedges
    assert hedge.hedge_id == sent.proposal_id
    for seconds in (1.0, 10.0, 60.0):
        trial.tick(seconds)
    third = costs.of(trial.state)
    assert [each.hedges for each in third.tallies] == [1]
    assert third.hedges[0].marks != hedge.marks


def test_both_costs_and_the_one_in_use() -> None:
    trial = ready(profile(learned_cost_pct=50.0))
    (belief,) = beliefs(trial.state)
    assert (belief.key, belief.factor, belief.hedges) == (PERP, 1.0, 0)
    assert belief.quoted == belief.used == pytest.approx(5.1e-4)
    taught = {PERP: Learned(40, 35.0, 28.0, 0.9)}
    trial.state = replace(trial.state, costs=replace(trial.state.costs, learned=taught))
    (belief,) = beliefs(trial.state)
    assert (belief.factor, belief.hedges) == (0.9, 40)
    assert belief.used == pytest.approx(0.95 * belief.quoted)
    trial.now += SECOND
    trial.tell(quote(bid=None))
    assert beliefs(trial.state) == ()
