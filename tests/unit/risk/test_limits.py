"""Every pre-trade control: the case that provokes it, and a neighbour that passes."""

import math
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from terminal.core.units import DAY, MINUTE, SECOND
from terminal.model.hedge import Approved, Cost, DenialCode, ProposalStatus, Refused
from terminal.model.messages import StopStage
from terminal.model.order import Side
from terminal.portfolio.headroom import MarginUse
from terminal.risk.activity import Activity, Pace
from terminal.risk.halts import Halt, HaltCode
from terminal.risk.limits import (
    Ask,
    Context,
    approve,
    drifted,
    shrinks,
    too_many_orders,
    unfit,
)
from tests.helpers.builders import NOW, context, contract, profile, proposal, quote, seen

AT = NOW + SECOND
TODAY = AT // DAY
HALT = Halt(HaltCode.FAULT, "", "test", NOW, latched=True)


def ask(qty: str = "1", by: str = "user", revision: int = 1, **offer: Any) -> Ask:
    return Ask(proposal(**offer), Decimal(qty), by, revision)


def book(bid: float | None = 49_999.5, ask_: float | None = 50_000.5, **more: Any) -> Context:
    at = more.pop("at", AT)
    return context(book=seen(quote(bid=bid, ask=ask_, **more), at))


def paced(**pace: Any) -> Context:
    rules = profile(min_gap_s=10.0, hedges_per_hour=3, flips_per_10min=1)
    return context(profile=rules, activity=Activity(paces={"BTC": Pace(**pace)}))


def limited(activity: Activity | None = None, /, **rules: Any) -> Context:
    return context(profile=profile(**rules), activity=activity or Activity())


def sized(factor: float, **rules: Any) -> Context:
    return context(profile=profile(**rules), size_factor=factor)


MINUTELY = Activity(day=TODAY, orders=(AT - MINUTE + 1, AT), orders_day=2)
DAILY = Activity(day=TODAY, orders_day=5)
SIDES = ((AT - 3, Side.SELL), (AT - 2, Side.BUY))
HEDGES = (AT - 30 * MINUTE, AT - 20 * MINUTE, AT - 10 * SECOND)

Case = tuple[DenialCode, Ask, Context]

DENIED: list[Case] = [
    (DenialCode.REQUOTE, ask(revision=2), context()),
    (DenialCode.REQUOTE, ask(status=ProposalStatus.REQUOTE), context()),
    (DenialCode.NOT_OPEN, ask(status=ProposalStatus.APPROVED), context()),
    (DenialCode.EXPIRED, ask(expires_at=AT), context()),
    (DenialCode.STOPPED, ask(), context(stop=StopStage.FREEZE)),
    (DenialCode.TRADING_HALTED, ask(), context(halts=(HALT,))),
    (DenialCode.NOT_ARMED, ask(), context(size_factor=0.0)),
    (DenialCode.NOT_ARMED, ask(by="stop"), context(size_factor=0.0)),
    (DenialCode.FIRST_DAYS, ask(), sized(0.25, max_hedge_usd=199_000.0)),
    (DenialCode.HEDGE_NOTIONAL, ask(), sized(0.25, max_hedge_usd=49_000.0)),
    (DenialCode.BAD_SIZE, ask("0"), context()),
    (DenialCode.BAD_SIZE, ask("-1"), context()),
    (DenialCode.BAD_SIZE, ask("NaN"), context()),
    (DenialCode.BAD_SIZE, ask("Infinity"), context()),
    (DenialCode.BAD_SIZE, ask("1.001"), context()),
    (DenialCode.OFF_GRID, ask("0.0005"), context()),
    (DenialCode.QTY_BELOW_MIN, ask("0.01"), context(contract=contract(min_qty=Decimal("0.02")))),
    (
        DenialCode.QTY_BELOW_MIN,
        ask("0.01"),
        context(contract=contract(min_notional=Decimal("500.01"))),
    ),
    (DenialCode.DATA_STALE, ask(), context(book=None)),
    (DenialCode.DATA_STALE, ask(), book(at=AT - 5 * SECOND - 1)),
    (DenialCode.DATA_STALE, ask(), book(bid=None)),
    (DenialCode.BOOK_CROSSED, ask(), book(bid=50_001.0)),
    (DenialCode.SPREAD, ask(), book(bid=49_949.0, ask_=50_051.0)),
    (DenialCode.COLLAR, ask(), book(mark=49_700.0)),
    (DenialCode.COLLAR, ask(), context(index=49_700.0)),
    (DenialCode.REQUOTE, ask(), book(bid=50_101.0, ask_=50_102.0)),
    (DenialCode.REQUOTE, ask(), context(net_delta=None)),
    (DenialCode.REQUOTE, ask(), context(net_delta=1.31)),
    (DenialCode.REQUOTE, ask(), context(net_delta=0.69)),
    (DenialCode.WORKING, ask(), context(working=True)),
    (DenialCode.UNKNOWN_OUTSTANDING, ask(), context(unknown=True)),
    (DenialCode.HEDGE_NOTIONAL, ask(), limited(max_hedge_usd=49_999.0)),
    (DenialCode.RATE, ask(), limited(MINUTELY, orders_per_minute=2)),
    (DenialCode.RATE, ask(), limited(DAILY, orders_per_day=5)),
    (DenialCode.GAP, ask(), paced(hedges=(AT - 10 * SECOND + 1,))),
    (DenialCode.REPEATED_EXECUTION, ask(by="auto"), paced(hedges=HEDGES)),
    (DenialCode.FLIPS, ask(by="auto"), paced(sides=SIDES)),
    (DenialCode.TURNOVER, ask(), limited(Activity(turnover_usd=50_001.0), turnover_day_usd=1e5)),
    (DenialCode.COST, ask(), limited(Activity(cost_usd=75.0), cost_day_usd=100.0)),
    (DenialCode.SLIPPAGE, ask(cost=Cost(0.0, 50.0, 26.0)), context()),
    (DenialCode.DAY_LOSS, ask(), context(day_pnl=-1e6)),
    (DenialCode.LEVERAGE, ask(), limited(gross_leverage=0.0499)),
    (DenialCode.LEVERAGE, ask(), context(gross_usd=9_950_001.0)),
    (DenialCode.LEVERAGE, ask(), context(equity=None)),
    (DenialCode.LEVERAGE, ask(), context(gross_usd=None)),
    (DenialCode.LEVERAGE, ask(), context(equity=-1.0)),
    (DenialCode.MARGIN, ask(), context(margin=MarginUse(0.9, 0.0))),
    (DenialCode.MARGIN, ask(), context(margin=MarginUse(math.inf, 0.0))),
    (DenialCode.LIQUIDATION, ask(), context(margin=MarginUse(0.2, 1.0))),
]

APPROVED: list[tuple[Ask, Context]] = [
    (ask(), context()),
    (ask(expires_at=AT + 1), context()),
    (ask(by="stop"), context(stop=StopStage.NEUTRALISE, halts=(HALT,), day_pnl=-2e6)),
    (ask("0.001"), context(contract=contract(min_notional=Decimal(50)))),
    (ask("0.02"), context(contract=contract(min_qty=Decimal("0.02")))),
    (ask(), book(at=AT - 5 * SECOND)),
    (ask(), book(bid=49_950.5, ask_=50_049.5)),
    (ask(), book(mark=49_800.0)),
    (ask(), book(bid=50_098.0, ask_=50_099.0)),
    (ask(), context(net_delta=1.29)),
    (ask(), context(net_delta=0.71)),
    (ask(), limited(max_hedge_usd=50_000.0)),
    (ask(), limited(replace(MINUTELY, orders=(AT - MINUTE, AT)), orders_per_minute=2)),
    (ask(), limited(MINUTELY, orders_per_minute=3)),
    (ask(), limited(DAILY, orders_per_day=6)),
    (ask(), limited(replace(DAILY, day=TODAY - 1), orders_per_day=5)),
    (ask(), paced(hedges=HEDGES, sides=SIDES)),
    (ask(by="auto"), paced(hedges=HEDGES[1:], sides=SIDES[1:])),
    (ask(), limited(Activity(turnover_usd=50_000.0), turnover_day_usd=1e5)),
    (ask(), limited(Activity(cost_usd=74.5), cost_day_usd=100.0)),
    (ask(cost=Cost(0.0, 50.0, 24.9)), context()),
    (ask(), context(day_pnl=-999_999.0)),
    (ask(), context(day_pnl=-1e6, position=Decimal(1))),
    (ask(), limited(gross_leverage=0.0501)),
    (ask(), context(gross_usd=9_949_999.0)),
    (ask(), context(gross_usd=1e9, position=Decimal(1))),
    (ask(by="stop"), context(equity=None)),
    (ask(), context(margin=MarginUse(0.899, 0.0))),
    (ask(), context(margin=MarginUse(None, None, "its rules are unknown"))),
    (ask(), context(margin=MarginUse(2.0, 1e6), position=Decimal(1))),
    (ask(by="stop"), context(margin=MarginUse(2.0, 1e6))),
]


@pytest.mark.parametrize(("code", "asked", "moment"), DENIED)
def test_control_refuses(code: DenialCode, asked: Ask, moment: Context) -> None:
    verdict = approve(asked, moment)
    assert isinstance(verdict, Refused)
    assert verdict.code is code
    assert verdict.reason


@pytest.mark.parametrize(("asked", "moment"), APPROVED)
def test_control_lets_its_neighbour_pass(asked: Ask, moment: Context) -> None:
    assert approve(asked, moment) == Approved(asked.proposal, asked.qty, asked.by, moment.now)


def test_first_loss_limit_lets_a_position_shrink_but_not_turn() -> None:
    moment = context(day_pnl=-1e6, position=Decimal("0.5"))
    assert isinstance(approve(ask("0.5"), moment), Approved)
    verdict = approve(ask("0.501"), moment)
    assert isinstance(verdict, Refused)
    assert verdict.code is DenialCode.DAY_LOSS


def test_a_stop_is_never_held_up_by_budgets_but_always_by_doubt() -> None:
    spent = Activity(day=TODAY, turnover_usd=1e9, cost_usd=1e9, orders_day=9000, orders=(AT,) * 99)
    tight = profile(max_hedge_usd=10.0, max_order_usd=10.0, auto_hedge_usd=0.0)
    by_stop = context(profile=tight, activity=spent, stop=StopStage.FLATTEN)
    assert isinstance(approve(ask(by="stop"), by_stop), Approved)
    for doubt in ({"unknown": True}, {"working": True}, {"book": None}):
        verdict = approve(ask(by="stop"), replace(by_stop, **doubt))
        assert isinstance(verdict, Refused)


def test_drift_names_what_moved() -> None:
    offer = proposal()
    assert drifted(offer, context()) == ""
    assert "price moved" in drifted(offer, book(bid=50_101.0, ask_=50_102.0))
    assert "delta moved" in drifted(offer, context(net_delta=2.0))
    assert "one side" in drifted(offer, book(ask_=None))
    assert "older" in drifted(offer, book(at=AT - 6 * SECOND))
    assert "unknown" in drifted(offer, context(book=None))


@pytest.mark.parametrize(
    ("position", "side", "qty", "expected"),
    [
        ("1", Side.SELL, "1", True),
        ("1", Side.SELL, "1.001", False),
        ("1", Side.BUY, "0.5", False),
        ("-1", Side.BUY, "1", True),
        ("-1", Side.SELL, "0.5", False),
        ("0", Side.BUY, "0.001", False),
        ("0", Side.SELL, "0.001", False),
    ],
)
def test_shrinking(position: str, side: Side, qty: str, expected: bool) -> None:
    assert shrinks(Decimal(position), side, Decimal(qty)) is expected


def test_order_limits_name_themselves() -> None:
    assert "a minute" in too_many_orders(profile(orders_per_minute=2), MINUTELY, AT)
    assert "a day" in too_many_orders(profile(orders_per_day=5), DAILY, AT)
    assert too_many_orders(profile(orders_per_day=5), DAILY, AT + DAY) == ""


def test_old_word_of_the_account_lets_a_reducing_order_pass() -> None:
    old = context(account_age=40 * SECOND, position=Decimal(2))
    assert isinstance(approve(ask(), old), Approved)
    refused = approve(ask(), replace(old, position=Decimal(-2)))
    assert isinstance(refused, Refused)
    assert refused.code is DenialCode.ACCOUNT_STALE


def test_a_further_part_is_held_to_the_limits_of_the_moment_alone() -> None:
    assert unfit(ask(), context()) == ""
    assert unfit(ask(expires_at=NOW), context(working=True)) == ""  # it was approved in its time
    assert "stopped" in unfit(ask(), context(stop=StopStage.FREEZE))


def test_a_quote_that_nothing_vouches_for_is_refused() -> None:
    alone = context(index=None)
    refused = approve(ask(), alone)
    assert isinstance(refused, Refused)
    assert "no mark or index" in refused.reason
    assert isinstance(approve(ask(by="stop"), alone), Approved)


def test_the_notional_of_an_option_is_that_of_its_coins() -> None:
    rules = profile(max_hedge_usd=40_000.0, max_order_usd=40_000.0, auto_hedge_usd=0.0)
    offer = ask(spot=50_000.0)
    refused = approve(offer, context(profile=rules))
    assert isinstance(refused, Refused)
    assert refused.code is DenialCode.HEDGE_NOTIONAL
    assert isinstance(approve(ask("0.5", spot=50_000.0), context(profile=rules)), Approved)
