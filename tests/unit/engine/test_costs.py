"""The engine's book of costs: from real records, through restarts, into the band and the halts."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from terminal.core.units import MINUTE, SECOND
from terminal.engine.context import inputs_for
from terminal.engine.state import State, restored, saved
from terminal.engine.step import step
from terminal.execution.learned_cost import Learned
from terminal.execution.tca_book import NEVER
from terminal.hedging.inputs import HedgeInputs
from terminal.model.market import Bar
from terminal.model.messages import Mode, Rearm, Started
from terminal.model.order import Fill, OrderStatus
from terminal.model.risk import Autonomy
from terminal.model.tca import HedgeCost
from terminal.risk.halts import HaltCode
from tests.helpers.builders import PERP, fill, profile
from tests.helpers.trial import Trial, alerts, ready, submits

CAREFUL = profile(urgent_bands=1.0, fill_alert_bps=25.0)


def only(trial: Trial) -> HedgeCost:
    """The one hedge that has not left for the totals."""
    (record,) = trial.state.costs.open.values()
    return record


def hedged(trial: Trial, price: str | None = None) -> None:
    """Approve what is on the table and fill its order, at its limit or at a price."""
    (sent,) = submits(trial.approve())
    trial.report(sent, OrderStatus.LIVE)
    trial.tell(
        Fill(
            fill_id=f"{sent.order_id}-1",
            order_id=sent.order_id,
            key=sent.key,
            side=sent.side,
            qty=sent.qty,
            price=sent.limit if price is None else Decimal(price),
            fee=Decimal("25.000000000000123"),
            fee_currency="USDC",
            maker=False,
        )
    )


def test_a_hedge_is_timed_from_decision_to_fill() -> None:
    trial = ready(CAREFUL)
    decided = trial.offer.created_at
    trial.now += 2 * SECOND
    trial.markets(50_010.0)
    (sent,) = submits(trial.approve())
    trial.now += SECOND
    trial.report(sent, OrderStatus.LIVE)
    trial.now += SECOND
    trial.fill(sent)
    record = only(trial)
    assert record.decided_at == decided
    assert record.approved_at == record.sent_at == decided + 2 * SECOND
    assert record.acked_at == decided + 3 * SECOND
    assert record.first_fill_at == record.last_fill_at == decided + 4 * SECOND
    assert record.ended_at == decided + 4 * SECOND
    assert record.decision_mid == 50_000.0
    assert record.arrival_mid == 50_010.0
    assert record.paid.delay == pytest.approx(-10.0)  # a sell at a higher mid gained
    assert record.predicted > 0.0


def test_fees_are_the_ledgers_to_the_last_digit() -> None:
    trial = ready(CAREFUL)
    hedged(trial)
    trial.tell(fill(9, "1", order_id="by hand", fee=Decimal("0.3000000000004")))
    costs = trial.state.costs
    assert dict(only(trial).fees) == dict(costs.fees) == {"USDC": Decimal("25.000000000000")}
    both = dict(costs.fees)["USDC"] + dict(costs.strays)["USDC"]
    assert both == trial.state.ledger.fees["USDC"]
    assert only(trial).paid.fee == trial.state.fills[0].fee_usd


def test_mark_outs_come_with_quotes_and_the_hedge_then_leaves() -> None:
    trial = ready(CAREFUL)
    hedged(trial, "50000")
    assert trial.state.costs.due == trial.state.now + SECOND
    for seconds, price in ((1.0, 49_990.0), (9.0, 49_950.0), (50.0, 50_100.0)):
        trial.tick(seconds, price)
    (record,) = trial.state.costs.done
    assert [mark.bps for mark in record.marks] == pytest.approx([2.0, 10.0, -20.0])
    assert trial.state.costs.due == NEVER
    assert not trial.state.costs.open


def test_bars_are_quotes_too() -> None:
    trial = ready(CAREFUL)
    hedged(trial, "50000")
    trial.now += MINUTE
    close = 49_950.0
    trial.tell(Bar(PERP, close, close, close, close, 1.0, MINUTE, 0.5))
    (record,) = trial.state.costs.done
    assert [mark.bps for mark in record.marks] == [None, None, pytest.approx(10.0)]


def test_what_a_cancelled_hedge_left_is_held_against_the_price() -> None:
    trial = ready(profile(passive_wait_s=10.0))
    (sent,) = submits(trial.approve())
    trial.report(sent, OrderStatus.LIVE)
    trial.fill(sent, Decimal("0.4"))
    trial.tick(1.0, 49_900.0)
    trial.report(sent, OrderStatus.REJECTED)
    trial.report(sent, OrderStatus.CANCELLED, filled=Decimal("0.4"))
    (again,) = [each for each in trial.state.orders.values() if each.intent.attempt == 2]
    trial.report(again.intent, OrderStatus.REJECTED, reason="price band")
    record = only(trial)
    assert record.end.startswith("rejected")
    assert len(record.orders) == 2
    assert record.filled == Decimal("0.4")
    assert record.opportunity == pytest.approx(0.6 * 100.0)


def story() -> Trial:
    """Two hedges, one cut off by a restart, with all their mark-outs."""
    trial = ready(CAREFUL)
    hedged(trial)
    trial.tick(70.0, 51_000.0)
    trial.tell(fill(7, "1", order_id="by hand"))
    trial.tick(1.0, 51_000.0)
    (sent,) = submits(trial.approve())
    trial.report(sent, OrderStatus.LIVE)
    trial.fill(sent, Decimal("0.25"))
    trial.tell(Started("test", Mode.SIM, 1, CAREFUL, Autonomy.APPROVE))
    trial.fill(sent, Decimal("0.25"), number=2)
    for _ in range(8):
        trial.tick(10.0, 51_100.0)
    return trial


def test_a_restart_ends_the_hedge_and_keeps_its_late_fill() -> None:
    trial = story()
    costs = trial.state.costs
    last = costs.done[-1]
    assert last.end == "ended with a restart"
    assert last.filled == Decimal("0.5")
    assert sum(each.hedges for each in costs.tallies.values()) == 2
    assert dict(costs.fees)["USDC"] + dict(costs.strays)["USDC"] == trial.state.ledger.fees["USDC"]


def test_replays_and_snapshots_give_the_same_bytes() -> None:
    trial = story()
    state = State()
    for record in trial.records:
        state, _ = step(restored(saved(state)), record)
    assert saved(state) == saved(trial.state)
    assert state.costs == trial.state.costs


def test_a_bad_fill_alerts_once_and_three_hedges_in_a_row_halt_the_coin() -> None:
    trial = ready(CAREFUL)
    for number in range(3):
        (sent,) = submits(trial.approve())
        trial.report(sent, OrderStatus.LIVE)
        bad = replace(sent, limit=Decimal(49_800))  # 40 bp below
        said = trial.fill(bad, Decimal("0.5")) + trial.fill(bad, Decimal("0.5"), number=2)
        assert alerts(said).count("worse than its proposal expected") == 1
        assert bool(trial.state.halts) is (number == 2)
        trial.tell(fill(number, "1", order_id="by hand"))  # delta is back where it was
        trial.tick(5.0)
    (halt,) = trial.state.halts
    assert (halt.code, halt.underlying) == (HaltCode.SLIPPAGE, "BTC")
    trial.tell(Rearm("looked into it"))
    assert trial.state.halts == ()
    assert trial.state.activity.paces["BTC"].slips == 0


def test_a_fill_as_expected_ends_the_row() -> None:
    trial = ready(CAREFUL)
    for price in ("49800", "49800", "49999.5", "49800"):
        hedged(trial, price)
        trial.tell(fill(trial.state.seq, "1", order_id="by hand"))
        trial.tick(5.0)
    assert trial.state.halts == ()
    assert trial.state.activity.paces["BTC"].slips == 1


def test_bars_are_too_coarse_to_judge_a_fill() -> None:
    trial = ready(CAREFUL)
    trial.tell(Bar(PERP, 5e4, 5e4, 5e4, 5e4, 1.0, MINUTE, 0.1))
    (sent,) = submits(trial.approve())
    said = trial.fill(replace(sent, limit=Decimal(49_000)))
    assert "worse than its proposal" not in alerts(said)
    assert not only(trial).worse


@pytest.mark.parametrize(("percent", "wider"), [(0.0, 1.0), (50.0, 1.25), (100.0, 1.5)])
def test_the_band_uses_what_fills_taught_as_far_as_the_profile_says(
    percent: float, wider: float
) -> None:
    trial = ready(profile(learned_cost_pct=percent))
    lesson = Learned(1000, 130.0, 210.0, 1.5)
    costs = replace(trial.state.costs, learned={PERP: lesson})
    state = replace(trial.state, costs=costs)
    quoted = 5e-4 + 0.5 / 50_000.0
    inputs = inputs_for(state, "BTC", state.desks["BTC"])
    assert isinstance(inputs, HedgeInputs)
    assert inputs.one_way_cost == pytest.approx(wider * quoted)


def test_a_hedge_teaches_the_cost_of_its_instrument() -> None:
    trial = ready(profile(urgent_bands=1.0, learned_cost_pct=100.0))
    hedged(trial, "49999.5")
    # 0.5 USD of half spread and 25 of fee, as quoted: exactly the model.
    lesson = trial.state.costs.learned[PERP]
    assert lesson.hedges == 1
    assert lesson.total == pytest.approx(1.0, rel=1e-4)
