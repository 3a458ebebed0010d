"""Word from the venue: fills once, doubts chased, broken promises halted."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from terminal.core.units import DAY, SECOND
from terminal.model.account import AccountSnapshot, Balance, FundingPaid, Settled
from terminal.model.messages import AdoptVenue, Fault, LinkDown, LinkUp, Listing, Rearm, Tick
from terminal.model.order import OrderIntent, OrderStatus, TimeInForce
from terminal.model.risk import Autonomy
from terminal.portfolio.rows import itemised
from terminal.risk.halts import HaltCode
from tests.helpers.builders import EXPIRY, FUTURE, OPTION, PERP, fill, instruments, profile
from tests.helpers.trial import Trial, alerts, cancels, queries, ready, submits


def working(trial: Trial, *, urgent: bool = False) -> OrderIntent:
    """Approve what is on the table and answer its order."""
    del urgent
    (sent,) = submits(trial.approve())
    return sent


def codes(trial: Trial) -> list[HaltCode]:
    return [halt.code for halt in trial.state.halts]


def test_the_same_fill_twice_changes_nothing() -> None:
    trial = ready()
    sent = working(trial)
    trial.report(sent, OrderStatus.LIVE)
    trial.fill(sent, Decimal("0.4"))
    before = trial.state
    assert trial.fill(sent, Decimal("0.4")) == ()
    after = replace(trial.state, seq=before.seq, books=before.books)
    assert after == before


def test_a_fill_counts_once_in_every_counter() -> None:
    trial = ready()
    sent = working(trial)
    trial.fill(sent)
    assert trial.state.ledger.positions[PERP].qty == -1
    assert trial.state.counts.fills == 1
    assert trial.state.activity.turnover_usd == pytest.approx(50_000.5)
    assert trial.state.drifts["BTC"].traded == pytest.approx(1.0)
    assert trial.state.fills[-1].slippage_bps == pytest.approx(-0.1)


@pytest.mark.parametrize(("currency", "usd"), [("USDC", 0.5), ("BTC", 25_000.0), ("BNB", None)])
def test_fees_are_worth_what_their_currency_is(currency: str, usd: float | None) -> None:
    trial = ready()
    sent = working(trial)
    trial.tell(fill(1, "1", order_id=sent.order_id, side=sent.side, fee=Decimal("0.5"),
                    fee_currency=currency))  # fmt: skip
    assert trial.state.fills[-1].fee_usd == usd


def test_a_fill_of_nobodys_order_is_booked_and_told() -> None:
    trial = ready()
    effects = trial.tell(fill(1, "1", order_id="by hand"))
    assert "not ours" in alerts(effects)
    assert trial.state.ledger.positions[PERP].qty == 1


def test_silence_is_chased_and_halts_after_its_limit() -> None:
    trial = ready(profile(unknown_halt_s=20.0))
    sent = working(trial)
    assert not queries(trial.tick(2.9))
    assert queries(trial.tick(0.1)) == [sent.order_id]
    assert trial.state.orders[sent.order_id].status is OrderStatus.UNKNOWN
    assert trial.state.exposures["BTC"].working == pytest.approx(-1.0)
    assert not queries(trial.tick(1.9))
    assert trial.state.exposures["BTC"].working == pytest.approx(-1.0)
    assert queries(trial.tick(0.1)) == [sent.order_id]
    assert codes(trial) == []
    trial.tick(15.0)
    assert codes(trial) == [HaltCode.UNKNOWN_ORDER]
    assert not submits(trial.tick(1.0))


def test_an_answer_ends_the_doubt() -> None:
    trial = ready()
    sent = working(trial)
    trial.tick(3.0)
    trial.report(sent, OrderStatus.REJECTED, reason="never arrived", filled=Decimal(0))
    trial.tick(1.0)
    assert trial.state.exposures["BTC"].working == pytest.approx(-1.0)  # the next order
    assert trial.state.orders[sent.order_id].status is OrderStatus.REJECTED


def test_a_crossing_order_that_lives_too_long_is_asked_about() -> None:
    trial = ready(profile(urgent_bands=1.0))
    sent = working(trial)
    assert sent.tif is TimeInForce.IOC
    trial.report(sent, OrderStatus.LIVE)
    assert queries(trial.tick(3.1)) == [sent.order_id]
    trial.tick(17.0)
    assert codes(trial) == [HaltCode.UNKNOWN_ORDER]


def test_a_resting_order_is_left_alone() -> None:
    trial = ready(profile(passive_wait_s=300.0))
    sent = working(trial)
    trial.report(sent, OrderStatus.LIVE)
    for _ in range(10):
        assert not queries(trial.tick(5.0))
    assert codes(trial) == []


def test_a_cancel_without_an_answer_is_asked_for_again() -> None:
    trial = ready()
    sent = working(trial)
    trial.report(sent, OrderStatus.LIVE)
    assert cancels(trial.tick(10.0)) == [sent.order_id]
    effects = trial.tick(3.0)
    assert cancels(effects) == queries(effects) == [sent.order_id]
    trial.report(sent, OrderStatus.LIVE)  # it still rests
    assert trial.state.orders[sent.order_id].status is OrderStatus.CANCEL_PENDING
    trial.tick(17.0)
    assert codes(trial) == [HaltCode.UNKNOWN_ORDER]


def test_fills_that_were_stated_and_never_told_are_asked_for() -> None:
    trial = ready()
    sent = working(trial)
    trial.report(sent, OrderStatus.FILLED, filled=Decimal(1))
    assert trial.state.desks["BTC"].hedge is not None
    assert queries(trial.tick(3.0)) == [sent.order_id]
    assert trial.state.exposures["BTC"].working == pytest.approx(-1.0)
    trial.fill(sent)
    assert trial.state.desks["BTC"].hedge is None


def test_a_reject_of_an_order_that_lives_frees_nothing() -> None:
    trial = ready()
    sent = working(trial)
    trial.report(sent, OrderStatus.LIVE)
    effects = trial.report(sent, OrderStatus.REJECTED, reason="duplicate client order id")
    assert "lives" in alerts(effects)
    assert not submits(effects)
    trial.tick()
    assert trial.state.exposures["BTC"].working == pytest.approx(-1.0)
    assert trial.state.activity.paces["BTC"].rejects == 0


def test_rejects_in_a_row_halt_the_coin() -> None:
    trial = ready(profile(rejects_halt=3, urgent_bands=1.0))
    for _ in range(3):
        sent = working(trial)
        trial.report(sent, OrderStatus.REJECTED, reason="price band")
        trial.tick(5.0)
    assert codes(trial) == [HaltCode.REJECTS]
    assert "price band" in trial.state.halts[0].reason
    assert not submits(trial.tick(60.0))
    trial.tell(Rearm("fixed"))
    assert codes(trial) == []
    assert trial.state.activity.paces["BTC"].rejects == 0
    assert trial.offer.qty == 1


def test_a_fill_forgives_rejects() -> None:
    trial = ready(profile(rejects_halt=2))
    sent = working(trial)
    trial.report(sent, OrderStatus.REJECTED, reason="post only")
    (crossing,) = submits(trial.effects)[1:]
    trial.fill(crossing)
    assert trial.state.activity.paces["BTC"].rejects == 0


def test_more_than_was_sent_halts() -> None:
    trial = ready()
    sent = working(trial)
    trial.fill(sent, Decimal("1.3"))
    assert codes(trial) == [HaltCode.OVERFILL]
    assert trial.state.ledger.positions[PERP].qty == Decimal("-1.3")


def test_a_fill_of_a_rejected_order_is_booked_and_halts() -> None:
    trial = ready()
    sent = working(trial)
    trial.report(sent, OrderStatus.REJECTED)
    trial.fill(sent, Decimal("0.2"))
    assert codes(trial) == [HaltCode.OVERFILL]
    assert trial.state.ledger.positions[PERP].qty == Decimal("-0.2")


def test_a_latched_halt_cancels_what_rests() -> None:
    trial = ready()
    sent = working(trial)
    trial.report(sent, OrderStatus.LIVE)
    trial.tell(Fault("DISK", "gone"))
    assert cancels(trial.tick()) == [sent.order_id]
    effects = trial.report(sent, OrderStatus.CANCELLED, filled=Decimal(0))
    assert not submits(effects)
    assert "halted" in trial.verdict


def test_day_loss_halts_everything() -> None:
    trial = ready(profile(day_loss_reduce_usd=500.0, day_loss_halt_usd=1000.0))
    trial.tick(1.0, 48_900.0)
    assert codes(trial) == [HaltCode.DAY_LOSS]
    assert not submits(trial.approve())


@pytest.mark.parametrize("event", [LinkDown("sim", "gone"), Tick(5000.0)])
def test_passing_halts_end_by_themselves(event: LinkDown | Tick) -> None:
    trial = ready()
    trial.tell(event)
    effects = trial.approve()
    assert "TRADING_HALTED" in alerts(effects)
    assert not submits(effects)
    trial.tell(LinkUp("sim"))
    trial.tick()
    assert len(submits(trial.approve())) == 1


def test_an_expired_option_keeps_its_terms_until_it_settles() -> None:
    trial = ready(held="0", positions={OPTION: "1"})
    trial.now = EXPIRY + SECOND
    trial.markets()
    trial.tell(Listing("sim", instruments()[:1]))
    assert FUTURE in trial.state.market.instruments  # held, though at nothing
    trial.tell(Tick())
    assert itemised(trial.state.views["BTC"])[0].key == OPTION
    before = trial.state.ledger.cash["USDC"]
    trial.tell(Settled(OPTION, Decimal(50_000)))
    assert trial.state.ledger.cash["USDC"] == before + 20_000
    trial.tell(Listing("sim", instruments()[:1]))
    assert OPTION not in trial.state.market.instruments
    assert OPTION not in trial.state.market.quotes


def test_a_delisted_perpetual_is_not_hedged_with() -> None:
    trial = ready(positions={PERP: "0.5"})
    trial.tell(Listing("sim", instruments()[1:]))
    assert PERP in trial.state.market.delisted
    trial.tick()
    assert "no perpetual" in trial.verdict
    trial.tell(Listing("sim", instruments()))
    assert PERP not in trial.state.market.delisted


def test_settlement_of_what_is_not_held_changes_nothing() -> None:
    trial = ready()
    assert trial.tell(Settled("BTC-1-C@sim", Decimal(1))) == ()


def test_funding_and_snapshots_are_booked() -> None:
    trial = ready()
    effects = trial.tell(FundingPaid(PERP, Decimal(-2), "USDC", 0.0001))
    assert "funding paid 2" in alerts(effects)
    trial.tick(10.0)
    trial.tell(AccountSnapshot("sim", (), (Balance("USDC", Decimal(5)),)))
    trial.tick(10.0)
    effects = trial.tell(AdoptVenue("sim", "the demo account was reset"))
    assert "adopted" in alerts(effects)
    assert trial.state.ledger.cash["USDC"] == 5
    assert trial.state.ledger.positions == {}


def test_unknown_news_of_orders_is_told() -> None:
    trial = ready()
    sent = replace(working(trial), order_id="stranger")
    assert "not ours" in alerts(trial.report(sent, OrderStatus.LIVE))


def test_finished_orders_are_forgotten_first() -> None:
    trial = ready(profile(min_gap_s=1.0), autonomy=Autonomy.APPROVE)
    sent = working(trial)
    orders = dict(trial.state.orders)
    old = replace(orders[sent.order_id], status=OrderStatus.REJECTED)
    for number in range(300):
        orders[f"old{number}"] = replace(old, intent=replace(sent, order_id=f"old{number}"))
    trial.state = replace(trial.state, orders=orders)
    for _ in range(120):
        trial.report(sent, OrderStatus.SENT)
    assert sent.order_id in trial.state.orders
    assert len(trial.state.orders) < 301


def test_time_never_goes_back() -> None:
    trial = ready()
    now = trial.state.now
    trial.now -= DAY
    trial.tell(Tick())
    assert trial.state.now == now


def test_an_order_counts_when_it_is_sent_and_not_when_it_is_answered() -> None:
    trial = ready()
    sent = working(trial)
    assert trial.state.activity.orders_day == 1
    trial.report(sent, OrderStatus.LIVE)
    assert trial.state.activity.orders_day == 1
    assert len(trial.state.activity.orders) == 1
