"""The books against the venue: no false lock and no missed one."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import json
from msgspec.structs import replace

from terminal.core.units import SECOND
from terminal.engine.context import day_pnl
from terminal.engine.state import State, restored, saved
from terminal.engine.step import step
from terminal.model.account import AccountSnapshot, Balance, Position, Settled
from terminal.model.messages import (
    AdoptVenue,
    AskAccount,
    Event,
    LinkDown,
    LinkUp,
    Mode,
    Rearm,
)
from terminal.model.order import OrderStatus, Side
from terminal.risk.halts import HaltCode
from tests.helpers.builders import EXPIRY, FUTURE, OPTION, PERP, fill, profile
from tests.helpers.statements import GRACE_S, compare, live, locked, truth
from tests.helpers.trial import Trial, alerts, cancels, ready, submits

# -- No false lock ----------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(
    trades=st.lists(
        st.tuples(
            st.integers(0, 20_000),  # ms at the venue
            st.integers(0, 5_000),  # ms until we hear of it
            st.sampled_from(["0.1", "0.3", "1"]),
            st.sampled_from(list(Side)),
        ),
        max_size=8,
    ),
    statements=st.lists(
        st.tuples(st.integers(0, 25_000), st.integers(0, 5_000), st.integers(0, 4_000)),
        min_size=1,
        max_size=4,
    ),
)
def test_a_consistent_venue_never_locks(
    trades: list[tuple[int, int, str, Side]], statements: list[tuple[int, int, int]]
) -> None:
    """Fills are told up to 5 s late and out of order; statements lag their own trades by 5 s."""
    trial = ready()
    start, opening = trial.now, dict(trial.state.ledger.cash)
    future = trial.state.ledger.positions[FUTURE]
    fills = [
        (when, late, fill(number, qty, side=side, price=Decimal(50_000), order_id=""))
        for number, (when, late, qty, side) in enumerate(trades)
    ]

    def stated(asked: int, lag: int) -> AccountSnapshot:
        known = [each for when, _, each in fills if when <= asked - lag]
        qty = sum((each.qty if each.side is Side.BUY else -each.qty for each in known), Decimal(0))
        paid = sum((each.fee for each in known), Decimal(0))
        perp = (Position(PERP, qty, Decimal(50_000)),) if qty else ()
        cash = (Balance("USDC", opening["USDC"] - paid),)
        return AccountSnapshot("sim", (future, *perp), cash, asked_at=start + asked * 1_000_000)

    events: list[tuple[int, Event | None]] = [(when + late, each) for when, late, each in fills]
    events += [(asked + took, stated(asked, lag)) for asked, lag, took in statements]
    events.sort(key=lambda pair: pair[0])
    clock = 0
    for at, event in [*events, (60_000, None)]:
        while clock < at:
            clock = min(clock + 500, at)
            trial.now = start + clock * 1_000_000
            trial.tick(0.0)
        if event is not None:
            trial.tell(event)
        assert not trial.state.locks


def test_a_venue_that_agrees_says_nothing() -> None:
    trial = ready()
    assert compare(trial, truth(trial)) == ""
    assert locked(trial) == []


# -- No missed lock ---------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(
    gap=st.sampled_from(["0.1", "-0.1", "3", "-1", "0.001"]),
    key=st.sampled_from(["perp", "future"]),
    every=st.integers(1, 30),
    polls=st.integers(1, 5),
)
def test_a_position_that_differs_locks_after_the_grace_window(
    gap: str, key: str, every: int, polls: int
) -> None:
    trial = ready()
    trial.tick(2 * GRACE_S)
    first = trial.now
    for _ in range(polls):  # statements that come faster than they are compared put nothing off
        trial.tell(truth(trial, **{key: gap}))
        trial.tick(float(every))
    while trial.now < first + round((GRACE_S + 1) * SECOND):
        trial.tick(0.5)
    assert HaltCode.MISMATCH in locked(trial)
    (row,) = trial.state.accounts["sim"].rows
    assert row.theirs - row.ours == Decimal(gap)


def test_a_working_hedge_ends_and_none_is_proposed() -> None:
    trial = ready(profile(min_gap_s=1.0))
    (sent,) = submits(trial.approve())
    trial.report(sent, OrderStatus.LIVE)
    trial.tell(truth(trial, perp="2"))
    effects = trial.tick(GRACE_S + 0.5)
    assert "crit RECONCILE BTC_USDC-PERP position" in alerts(effects)
    assert sent.order_id in cancels(trial.effects)
    trial.report(sent, OrderStatus.CANCELLED)
    trial.tick(5.0)
    assert trial.state.desks["BTC"].proposal is None
    assert "ours 0, sim 2" in trial.verdict
    trial.tell(Rearm("looked at it"))
    assert HaltCode.MISMATCH in locked(trial)


def test_tolerances_of_the_profile_show_and_do_not_lock() -> None:
    trial = ready(profile(position_gap_lots=1.0, balance_gap_pct=1.0))
    lot = trial.state.market.instruments[PERP].contract.lot
    said = compare(trial, truth(trial, perp=str(lot), USDC="-5000"))
    assert "warn RECONCILE" in said
    assert locked(trial) == []
    compare(trial, truth(trial, perp=str(2 * lot)))
    assert locked(trial) == [HaltCode.MISMATCH]
    compare(trial, truth(trial, USDC="-50000"))
    assert [each.underlying for each in trial.state.locks] == [""]


def test_a_position_in_an_unknown_instrument_locks_everything() -> None:
    trial = ready()
    strange = AccountSnapshot(
        "sim",
        (*truth(trial).positions, Position("XRP-PERP@sim", Decimal(1), Decimal(1))),
        truth(trial).balances,
    )
    compare(trial, strange)
    assert [each.underlying for each in trial.state.locks] == [""]


def test_a_difference_that_ends_by_itself_unlocks() -> None:
    trial = ready()
    compare(trial, truth(trial, perp="1"))
    assert locked(trial)
    assert "agree again" in compare(trial, truth(trial))
    assert not locked(trial)


# -- Asking, reconnecting, venues ---------------------------------------------------------------


def test_a_simulation_is_never_asked_and_a_live_venue_every_15_seconds() -> None:
    trial = ready()
    for _ in range(120):
        trial.tick(0.5)
    assert not [each for each in trial.effects if isinstance(each, AskAccount)]
    live(trial)
    for _ in range(120):
        trial.tick(0.5)
    assert len([each for each in trial.effects if isinstance(each, AskAccount)]) == 4


def test_after_a_reconnect_nothing_is_hedged_until_the_account_is_compared() -> None:
    trial = live(ready())
    trial.tell(LinkDown("sim", "socket closed"))
    trial.tick(1.0)
    effects = trial.tell(LinkUp("sim"))
    assert AskAccount("sim") in effects
    assert locked(trial) == [HaltCode.RECONCILING]
    old = replace(truth(trial), asked_at=trial.now - 10 * SECOND)
    trial.tell(old)
    trial.tick(GRACE_S + 0.5)
    assert locked(trial) == [HaltCode.RECONCILING]  # it was asked before the connection was back
    trial.tell(truth(trial))
    trial.tick(GRACE_S + 0.5)
    assert locked(trial) == []


def test_old_word_of_the_account_adds_no_risk() -> None:
    trial = ready(profile(snapshot_age_s=20.0))
    trial.state = replace(trial.state, mode=Mode.PAPER)
    trial.tick(30.0)
    assert "ACCOUNT_STALE" in alerts(trial.approve())
    trial.tell(truth(trial))
    trial.tick(1.0)
    assert submits(trial.approve())


def test_a_second_venue_opens_beside_the_first() -> None:
    trial = ready()
    cash = trial.state.ledger.cash["USDC"]
    trial.tell(AccountSnapshot("other", (), (Balance("USDC", Decimal(500)),)))
    assert trial.state.ledger.cash["USDC"] == cash + 500
    assert day_pnl(trial.state) == pytest.approx(0.0)
    compare(trial, truth(trial, USDC="-500"))  # what the first one holds
    assert not trial.state.locks


def test_a_run_from_before_accounts_were_kept_apart_is_compared_not_adopted() -> None:
    trial = ready()
    trial.state = replace(trial.state, accounts={})
    compare(trial, truth(trial, perp="1"))
    assert locked(trial) == [HaltCode.MISMATCH]


def test_a_replay_is_equal_and_old_statements_can_be_read() -> None:
    trial = ready()
    compare(trial, truth(trial, perp="1"))
    trial.tell(AdoptVenue("sim", "seen"))
    state = State()
    for record in trial.records:
        state, _ = step(state, record)
    assert saved(state) == saved(trial.state)
    assert saved(restored(saved(state))) == saved(state)
    old = b'{"type":"AccountSnapshot","venue":"sim","positions":[],"balances":[]}'
    assert json.decode(old, type=AccountSnapshot).orders is None


def test_a_state_read_from_a_snapshot_goes_on_as_the_one_that_was_saved() -> None:
    """At every record, a waiting statement among them: equal values are not one object then."""
    trial = ready()
    compare(trial, truth(trial, perp="1"))
    trial.tell(AdoptVenue("sim", "seen"))
    trial.obey(trial.tick(2.0))
    kept = read = State()
    for record in trial.records:
        kept, _ = step(kept, record)
        read, _ = step(restored(saved(read)), record)
        assert saved(read) == saved(kept), record


def test_a_balance_that_says_how_exact_it_is_may_be_off_by_that() -> None:
    trial = live(ready())
    stated = truth(trial, USDC="0.04")
    usdc = next(each for each in stated.balances if each.currency == "USDC")
    rest = tuple(each for each in stated.balances if each is not usdc)
    rough = replace(stated, balances=(*rest, replace(usdc, within=Decimal("0.05"))))
    assert compare(trial, rough) == ""
    finer = replace(stated, balances=(*rest, replace(usdc, within=Decimal("0.03"))))
    assert "USDC" in compare(trial, finer)


# -- What expires -----------------------------------------------------------------------------


def expire(trial: Trial) -> None:
    """Let time come to the expiry of the future and the option."""
    trial.now = EXPIRY - SECOND
    trial.tick(1.0)


def test_an_option_that_just_expired_locks_nothing_and_is_settled_into_agreement() -> None:
    trial = live(ready(positions={OPTION: "1"}))
    expire(trial)
    trial.tell(Settled(FUTURE, Decimal(50_000)))
    gone = truth(trial, option="-1", USDC="21000")  # of a strike of 30,000
    assert "BTC-30000-C position: ours 1, sim 0" in compare(trial, gone)
    assert HaltCode.MISMATCH not in locked(trial)
    assert trial.state.exposures["BTC"].usable is False  # and nothing is hedged meanwhile
    told = trial.tell(Settled(OPTION, Decimal(51_000)))
    assert "settled at 51,000" in alerts(told)
    assert OPTION not in trial.state.ledger.positions
    assert "agree again" in compare(trial, truth(trial))
    stated = {each.currency: each.amount for each in gone.balances}
    assert trial.state.ledger.cash["USDC"] == stated["USDC"]
    assert not trial.state.accounts["sim"].rows
    assert trial.state.exposures["BTC"].usable


def test_an_option_that_is_not_settled_for_long_locks() -> None:
    trial = live(ready(positions={OPTION: "1"}))
    expire(trial)
    trial.tick(300.0)
    compare(trial, truth(trial, option="-1"))
    assert HaltCode.MISMATCH in locked(trial)


def test_a_future_that_just_expired_locks_nothing_either() -> None:
    trial = live(ready())
    expire(trial)
    assert not trial.state.exposures["BTC"].usable
    assert trial.state.equity is not None  # its value is known
    compare(trial, truth(trial, future="-1"))
    assert HaltCode.MISMATCH not in locked(trial)
    trial.tell(Settled(FUTURE, Decimal(50_000)))
    assert "agree again" in compare(trial, truth(trial))
    assert trial.state.exposures["BTC"].usable


def test_an_option_that_has_not_expired_locks_as_ever() -> None:
    trial = live(ready(positions={OPTION: "1"}))
    compare(trial, truth(trial, option="-1"))
    assert HaltCode.MISMATCH in locked(trial)
