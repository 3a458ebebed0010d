"""What a comparison proves: no unlock by a move that may hide a difference, and none for ever."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from terminal.core.units import from_seconds
from terminal.engine.state import State, restored, saved
from terminal.engine.step import step
from terminal.model.account import AccountSnapshot
from terminal.model.messages import AdoptVenue, AskAccount, LinkDown, LinkUp, Mode
from terminal.model.order import OrderStatus, Side
from terminal.risk.halts import HaltCode
from tests.helpers.builders import FUTURE, PERP, fill, profile
from tests.helpers.statements import GRACE_S, compare, live, locked, truth
from tests.helpers.trial import Trial, alerts, ready, submits

AWAY_S = 60.0
BOUND = 8
"""Statements within which an account that trades all the time, both ways, is proven."""


def trade(trial: Trial, number: int, qty: str, side: Side = Side.BUY) -> None:
    trial.tell(fill(number, qty, side=side, price=Decimal(50_000), order_id=""))


def reconnected(trial: Trial) -> Trial:
    """Lose the connection, and have it back."""
    live(trial).tell(LinkDown("sim", "socket closed"))
    trial.tick(AWAY_S)
    trial.tell(LinkUp("sim"))
    assert locked(trial) == [HaltCode.RECONCILING]
    return trial


def answered(trial: Trial, **changed: str) -> None:
    """Let the venue state the truth, and the time pass until it is compared."""
    trial.tell(replace(truth(trial, **changed), asked_at=trial.now))
    trial.tick(GRACE_S + 0.25)


@settings(max_examples=40, deadline=None)
@given(
    after=st.booleans(),
    late=st.floats(0.5, 4.5),
    qty=st.integers(1, 9),
    side=st.sampled_from(list(Side)),
)
def test_a_fill_that_may_hide_a_difference_unlocks_nothing_after_a_reconnect(
    after: bool, late: float, qty: int, side: Side
) -> None:
    """Somebody traded while we were away; as much is filled for us around the statement."""
    trial = reconnected(ready())
    hidden = str(qty if side is Side.BUY else -qty)
    back = str(-qty if side is Side.BUY else qty)
    if after:  # the statement holds the stranger's; ours, of the same size, comes after it
        trial.tell(replace(truth(trial, perp=hidden), asked_at=trial.now))
        trial.tick(late)
        trade(trial, 1, str(qty), side)
    else:  # ours is in the statement, and the stranger's takes it back
        trial.tick(6.0)
        trade(trial, 1, str(qty), side)
        trial.tick(late)
        trial.tell(replace(truth(trial, perp=back), asked_at=trial.now))
    trial.tick(GRACE_S + 0.5)
    (account,) = trial.state.accounts.values()
    assert account.compared is not None
    assert not account.rows  # the fill explains it
    assert locked(trial) == [HaltCode.RECONCILING]
    trial.tick(2 * GRACE_S)
    answered(trial, perp=hidden if after else back)
    assert locked(trial) == [HaltCode.MISMATCH]


def test_a_quiet_account_is_proven_by_one_statement_and_says_so() -> None:
    trial = reconnected(ready())
    answered(trial)
    assert locked(trial) == []
    assert "has been compared" in alerts(trial.effects)
    assert trial.state.accounts["sim"].doubts == {}


def test_what_too_little_was_proven_of_is_asked_for_again_at_once() -> None:
    trial = reconnected(ready())
    trade(trial, 1, "5")
    trial.tick(1.0)
    trial.effects.clear()
    answered(trial)
    trial.tick(1.0)
    assert [each for each in trial.effects if isinstance(each, AskAccount)]
    trial.tick(2 * GRACE_S)
    answered(trial)
    assert locked(trial) == []


def test_a_move_of_one_instrument_leaves_what_was_proven_of_the_others() -> None:
    trial = reconnected(ready())
    trade(trial, 1, "5")
    trial.tick(1.0)
    answered(trial)
    assert locked(trial) == [HaltCode.RECONCILING]
    for _ in range(2):  # now the other one moves, around every statement
        trial.tick(2 * GRACE_S)
        trial.tell(fill(7, "3", key=FUTURE, order_id=""))
        answered(trial)
    assert locked(trial) == []


def busy(trial: Trial, every_s: float, sign: Callable[[int], int], lag_s: float) -> int:
    """Statements until the account is proven while somebody trades at intervals."""
    qty, number, statements = Decimal(40), 0, 0
    next_trade, asked = trial.now, True
    told: list[tuple[int, AccountSnapshot]] = []
    trial.effects.clear()
    for _ in range(2_000):
        if trial.now >= next_trade:
            number += 1
            trade(trial, number, str(qty), Side.BUY if sign(number) > 0 else Side.SELL)
            next_trade += from_seconds(every_s)
        told.append((trial.now, truth(trial)))
        if asked:
            then = trial.now - from_seconds(lag_s)
            stated = [each for at, each in told if at <= then][-1:] or [told[0][1]]
            trial.tell(replace(stated[0], asked_at=trial.now))
            statements += 1
        trial.effects.clear()
        trial.tick(0.25)
        asked = any(isinstance(each, AskAccount) for each in trial.effects)
        if HaltCode.RECONCILING not in locked(trial):
            return statements
        assert statements <= BOUND
    raise AssertionError("never proven")


@pytest.mark.parametrize("every_s", [0.5, 1.0, 2.5, 4.0, 7.0])
@pytest.mark.parametrize("lag_s", [0.0, 1.5, 4.0])
def test_an_account_that_trades_all_the_time_is_proven_within_some_statements(
    every_s: float, lag_s: float
) -> None:
    trial = reconnected(ready(profile(position_gap_lots=1.0, balance_gap_pct=1.0)))
    assert busy(trial, every_s, lambda number: 1 if number % 2 else -1, lag_s) <= BOUND
    assert locked(trial) == []


@settings(max_examples=15, deadline=None)
@given(every_s=st.sampled_from([0.5, 1.0, 3.0]), gap=st.sampled_from(["1", "-3", "60"]))
def test_what_a_busy_account_hides_never_unlocks_it(every_s: float, gap: str) -> None:
    """The venue's statements are prompt and in order; a stranger's trade stays untold."""
    trial = reconnected(ready(profile(position_gap_lots=1.0, balance_gap_pct=1.0)))
    next_trade, number = trial.now, 0
    for turn in range(400):
        if trial.now >= next_trade:
            number += 1
            trade(trial, number, "40", Side.BUY if number % 2 else Side.SELL)
            next_trade += from_seconds(every_s)
        if turn % 27 == 0:
            trial.tell(replace(truth(trial, perp=gap), asked_at=trial.now))
        trial.tick(0.25)
        assert locked(trial)


def test_a_difference_that_was_found_stays_locked_until_a_statement_proves_it_gone() -> None:
    trial = ready()
    compare(trial, truth(trial, perp="2"))
    assert locked(trial) == [HaltCode.MISMATCH]
    trial.tick(2 * GRACE_S)
    stated = truth(trial, perp="2")
    trade(trial, 1, "2")  # ours, of the same size, right when the venue is asked
    trial.tell(stated)
    trial.tick(GRACE_S + 0.5)
    assert locked(trial) == [HaltCode.MISMATCH]  # it may explain the difference, and does not
    assert "are under way" in alerts(trial.tell(AdoptVenue("sim", "hurry")))
    compare(trial, truth(trial, perp="2"))
    assert locked(trial) == [HaltCode.MISMATCH]
    assert "agree again" in compare(trial, truth(trial))
    assert locked(trial) == []


def test_a_balance_in_doubt_is_not_adopted() -> None:
    trial = ready(profile(balance_gap_pct=0.001))
    compare(trial, truth(trial, USDC="-500"))
    assert locked(trial) == [HaltCode.MISMATCH]
    trial.tick(2 * GRACE_S)
    stated = truth(trial, USDC="-500")
    trial.tell(fill(1, "1", fee=Decimal(500), order_id="", key=FUTURE))
    trial.tell(replace(stated, positions=truth(trial).positions))
    trial.tick(GRACE_S + 0.5)
    assert locked(trial) == [HaltCode.MISMATCH]
    before = trial.state.ledger
    assert "USDC is in doubt" in alerts(trial.tell(AdoptVenue("sim", "hurry")))
    assert trial.state.ledger == before


def test_a_statement_of_before_the_loss_ends_no_difference() -> None:
    trial = ready()
    compare(trial, truth(trial, perp="2"))
    reconnected_at = trial.now
    live(trial).tell(LinkDown("sim", "socket closed"))
    trial.tick(1.0)
    trial.tell(LinkUp("sim"))
    trial.tell(replace(truth(trial), asked_at=reconnected_at))
    trial.tick(GRACE_S + 0.5)
    assert set(locked(trial)) == {HaltCode.MISMATCH, HaltCode.RECONCILING}
    answered(trial)
    assert locked(trial) == []


def test_an_answer_that_took_a_minute_and_more_proves_nothing() -> None:
    """It may be of before the connection was lost: somebody traded since."""
    trial = live(ready())
    asked = trial.now
    trial.tick(30.0)
    trial.tell(LinkDown("sim", "socket closed"))
    trial.tick(1.0)
    trial.tell(LinkUp("sim"))
    trial.tick(90.0)
    before = trial.state.accounts["sim"]
    trial.tell(replace(truth(trial, perp="1"), asked_at=asked))
    trial.tick(GRACE_S + 0.5)
    assert trial.state.accounts["sim"] == before
    assert HaltCode.RECONCILING in locked(trial)


def test_doubts_are_kept_in_the_state() -> None:
    trial = reconnected(ready())
    trade(trial, 1, "5")
    answered(trial)
    assert trial.state.accounts["sim"].doubts[f"position {PERP}"].looks == 1
    (lock,) = trial.state.locks
    assert "position BTC_USDC-PERP, balance USDC moves" in lock.reason
    kept = read = State()
    for record in trial.records:
        kept, _ = step(kept, record)
        read, _ = step(restored(saved(read)), record)
        assert saved(read) == saved(kept)


@pytest.mark.parametrize("status", [OrderStatus.CANCELLED, OrderStatus.EXPIRED])
def test_a_hedge_at_work_sends_no_further_order_until_the_account_is_proven(
    status: OrderStatus,
) -> None:
    """Somebody may have traded while the connection was lost: what is left may be wrong."""
    trial = ready(profile(min_gap_s=1.0, snapshot_age_s=60.0))
    trial.state = replace(trial.state, mode=Mode.PAPER)
    (sent,) = submits(trial.approve())
    trial.report(sent, OrderStatus.LIVE)
    trial.tell(LinkDown("sim", "socket closed"))
    trial.tick(1.0)
    trial.tell(LinkUp("sim"))
    trial.effects.clear()
    trial.report(sent, status, filled=Decimal(0))
    for _ in range(8):
        trial.tick(0.5)
    assert trial.state.desks["BTC"].hedge is not None
    assert not submits(trial.effects)
    trial.tick(GRACE_S)
    answered(trial)
    for _ in range(4):
        trial.tick(0.5)
    assert submits(trial.effects)
