"""Attribution: sums to the change of equity, every cause in its bucket, unknown stays unknown."""

import math
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from terminal.core.units import DAY, HOUR
from terminal.model.attribution import EARLIER, EVER, EXPIRED, Bucket, Why
from terminal.model.market import AssumedVol, Index
from terminal.portfolio.attribution import Attribution
from terminal.portfolio.attribution_steps import FEW, explained
from terminal.portfolio.attribution_store import DAYS, EPISODES
from tests.unit.portfolio.attributed import (
    COIN_CALL,
    HELD,
    USD_CALL,
    Account,
    marks,
)
from tests.unit.portfolio.books import (
    EXPIRY,
    NOW,
    inverse_future,
    inverse_perp,
    linear_future,
    linear_perp,
    option,
    spot,
)

Act = Callable[[Account], None]

TOLERANCE = 1e-9
"""Of what moved, and of the equity."""


def check(account: Account) -> None:
    change = account.worth() - account.opened
    account.step()
    parts = sum(account.buckets().values())
    scale = max(account.opened, account.gross())
    assert parts == pytest.approx(change, abs=TOLERANCE * scale)
    legs = sum(sum(leg.usd.values()) for leg in account.attribution.store.legs.values())
    assert legs == pytest.approx(change, abs=TOLERANCE * scale)


def moves() -> st.SearchStrategy[Act]:
    return st.builds(
        lambda price, hours, vol, basis: lambda account: account.move(
            price, int(hours * HOUR), vol=vol, basis=basis
        ),
        st.floats(20_000, 150_000),
        st.floats(0.0, 60.0),
        st.floats(0.1, 2.0),
        st.floats(0.9, 1.2),
    )


def fills() -> st.SearchStrategy[Act]:
    return st.builds(
        lambda held, qty, price, fee, slippage: lambda account: account.trade(
            held, str(qty), str(price), fee=str(fee), slippage=str(slippage)
        ),
        st.sampled_from(HELD),
        st.decimals("-30", "30", places=2).filter(lambda qty: qty != 0),
        st.decimals("0.01", "70000", places=2),
        st.decimals("-1", "1", places=5),
        st.floats(-100, 100),
    )


def payments() -> st.SearchStrategy[Act]:
    return st.builds(
        lambda amount, currency, bucket: lambda account: account.pay(
            str(amount), currency, bucket
        ),
        st.decimals("-1", "1", places=6),
        st.sampled_from(["BTC", "USDC"]),
        st.sampled_from([Bucket.FUNDING, Bucket.BORROW]),
    )


def settlements() -> st.SearchStrategy[Act]:
    return st.builds(
        lambda held, price: lambda account: account.expire(held, str(price)),
        st.sampled_from([COIN_CALL, USD_CALL, linear_future(), inverse_future()]),
        st.integers(20_000, 150_000),
    )


def snapshots() -> st.SearchStrategy[Act]:
    return st.one_of(
        st.builds(
            lambda coins, usd: lambda account: account.correct(
                account.stated(BTC=str(coins), USDC=str(usd))
            ),
            st.decimals("-3", "9", places=4),
            st.decimals("-9000", "90000", places=2),
        ),
        st.builds(
            lambda held: lambda account: account.correct(account.without(held.contract.key)),
            st.sampled_from(HELD),
        ),
    )


def blackouts() -> st.SearchStrategy[Act]:
    return st.sampled_from([
        lambda account: account.tell(AssumedVol(COIN_CALL.contract.key, -1.0)),
        lambda account: account.tell(marks(linear_future(), -1.0)),
        Account.step,
    ])


acts = st.one_of(moves(), fills(), payments(), settlements(), snapshots(), blackouts())


@settings(max_examples=80, deadline=None)
@given(st.lists(acts, max_size=14), st.floats(20_000, 150_000))
def test_sums_to_the_change_of_equity_whatever_happens(story: list[Act], last: float) -> None:
    account = Account()
    for act in story:
        act(account)
    account.move(last)  # with which everything has its mark again
    check(account)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(20_000, 150_000), min_size=1, max_size=6), st.floats(0.9, 1.2))
def test_what_has_no_curvature_leaves_no_residual(prices: list[float], basis: float) -> None:
    account = Account([linear_perp(), inverse_perp(), linear_future(), inverse_future(), spot()])
    for price in prices:
        account.move(price, basis=basis)
        account.step()
    check(account)
    stray = sum(cell.stray for cell in account.attribution.store.cells.values())
    assert stray == 0.0
    assert Bucket.GAMMA not in account.buckets()


def test_inverse_perpetual_is_linear_in_dollars_and_its_profit_is_coin() -> None:
    account = Account([inverse_perp()])
    account.move(66_000.0, basis=1.01)
    account.step()
    found = account.buckets()
    over = 1.0 + 0.01 / 50.0
    before = 10.0 * (1.0 / 59_000.0 - 1.0 / (60_000.0 * over))
    assert found[Bucket.PERP_DELTA] == pytest.approx(10.0 / over * 0.1)
    assert found[Bucket.COLLATERAL] == pytest.approx((4.0 + before) * 6_000.0)
    check(account)


def test_gamma_is_half_gamma_times_the_square_of_the_move() -> None:
    account = Account([COIN_CALL, USD_CALL])
    legs = account.look().legs
    account.move(60_300.0, span=60 * 10**9)
    account.step()
    found = account.buckets()
    # Black-76 by hand: F = 60,600, K = 60,000, 30 days, 50 %.
    deviation = 0.5 * math.sqrt(30.0 / 365.0)
    score = math.log(60_600.0 / 60_000.0) / deviation + deviation / 2.0
    unit = math.exp(-score * score / 2.0) / math.sqrt(2.0 * math.pi) / (60_600.0 * deviation)
    gamma = unit * 1.01 * (1.0 + 1.01)  # b of the coin option, b^2 of the USD one
    assert found[Bucket.GAMMA] == pytest.approx(gamma * 300.0**2 / 2.0)
    premium = sum(leg.value or 0.0 for leg in legs.values() if leg.in_coin)
    assert found[Bucket.COLLATERAL] == pytest.approx((4.0 - 0.05 + premium / 60_000.0) * 300.0)
    assert abs(found[Bucket.RESIDUAL]) < 0.002 * found[Bucket.GAMMA]


def test_each_cause_lands_in_its_bucket() -> None:
    account = Account()
    call, perp = linear_perp(), inverse_perp()
    account.pay("-0.001", "BTC")
    account.pay("-3", "USDC", Bucket.BORROW)
    account.trade(call, "-1", "59990", fee="30.5", slippage="-5")
    found = account.buckets()
    mark = 60_000.0 * (1.0 + 0.01 / 50.0)
    assert found == {
        Bucket.FUNDING: pytest.approx(-60.0),
        Bucket.BORROW: pytest.approx(-3.0),
        Bucket.FEES: pytest.approx(-30.5),
        Bucket.SLIPPAGE: pytest.approx(-5.0),
        Bucket.EDGE: pytest.approx(59_990.0 - mark + 5.0),
    }
    account.correct(account.stated(USDC=str(account.ledger.cash["USDC"] + 7)))
    account.correct(account.without(perp.contract.key))
    lost = account.look().legs
    assert perp.contract.key not in lost
    gone = 10.0 * (1.0 / 59_000.0 - 1.0 / mark) * 60_000.0
    assert account.buckets()[Bucket.CORRECTIONS] == pytest.approx(7.0 - gone)
    check(account)


def test_settlement_is_the_payout_against_the_last_value() -> None:
    account = Account([USD_CALL])
    account.move(61_000.0, EXPIRY - NOW, basis=1.0)
    account.expire(USD_CALL, "61005")
    assert account.buckets()[Bucket.SETTLEMENT] == pytest.approx(5.0)
    check(account)
    assert {cell.expiry for cell in account.attribution.store.cells.values()} == {0, EXPIRY}


def test_what_was_traded_without_a_mark_is_a_residual_that_says_so() -> None:
    account = Account()
    future = linear_future()
    account.tell(marks(future, -1.0))
    assert account.look().missing == f"no value of {future.contract.symbol}"
    account.trade(future, "2", "60500", fee="3")
    account.trade(future, "-1", "60400", fee="3")
    account.move(61_000.0)
    check(account)
    cells = account.attribution.store.cells.values()
    cell = next(each for each in cells if each.expiry == EXPIRY and Why.UNMARKED in each.why)
    assert cell.why[Why.UNMARKED] == pytest.approx(cell.stray, rel=0.2)
    assert account.buckets()[Bucket.FEES] == pytest.approx(-6.0)


def test_a_position_closed_without_a_mark_keeps_what_it_made() -> None:
    account = Account([linear_future()])
    account.tell(marks(linear_future(), -1.0))
    account.trade(linear_future(), "-1", "60400")
    assert not account.look().missing
    assert account.buckets() == {Bucket.RESIDUAL: pytest.approx(60_400.0 - 60_600.0)}
    check(account)


def test_a_missing_mark_makes_a_longer_step_of_that_leg_alone() -> None:
    account = Account()
    future = linear_future().contract.key
    account.tell(marks(linear_future(), -1.0))
    account.step()
    assert account.attribution.anchors[future].leg.spot == 60_000.0
    account.move(60_600.0, basis=1.02)
    account.tell(marks(linear_future(), -1.0))
    account.step()
    assert account.attribution.anchors[future].leg.at == NOW
    assert account.attribution.anchors[linear_perp().contract.key].leg.at == account.now
    account.move(61_000.0)
    check(account)


@pytest.mark.parametrize(
    ("hours", "vol", "why"), [(3, 0.5, Why.GAP), (9 * 24, 0.5, Why.GAP), (1, 0.5, Why.LARGE_MOVE)]
)
def test_a_residual_says_why(hours: int, vol: float, why: Why) -> None:
    account = Account([COIN_CALL])
    account.move(75_000.0, hours * HOUR, vol=vol)
    account.step()
    cells = account.attribution.store.cells.values()
    assert {reason for cell in cells for reason in cell.why} == {why}
    assert account.attribution.store.worst[NOW // DAY].why is why


def test_an_expiry_says_so() -> None:
    account = Account([COIN_CALL])
    account.move(60_000.0, EXPIRY - NOW - HOUR)
    account.step()
    account.move(60_100.0, HOUR)
    account.step()
    worst = account.attribution.store.worst[(EXPIRY - HOUR) // DAY]
    assert (worst.why, worst.name) == (Why.EXPIRY, COIN_CALL.contract.symbol)


def test_days_are_those_in_which_steps_began() -> None:
    account = Account([linear_perp()])
    for price in (60_100.0, 60_300.0):
        account.move(price, DAY)
        account.step()
    by_day = {
        cell.day: cell.usd[Bucket.PERP_DELTA]
        for cell in account.attribution.store.cells.values()
        if Bucket.PERP_DELTA in cell.usd
    }
    assert by_day == {NOW // DAY: pytest.approx(100.02), NOW // DAY + 1: pytest.approx(200.04)}


def test_an_episode_is_one_set_of_options_or_one_day_without() -> None:
    account = Account([linear_perp()])
    account.move(60_100.0, DAY)
    account.step()
    account.trade(COIN_CALL, "1", "0.05")
    account.trade(linear_perp(), "-0.5", "60100")
    account.move(60_200.0, DAY)
    account.step()
    account.trade(COIN_CALL, "-1", "0.05")
    causes = [each.cause for each in account.attribution.store.episodes["BTC"]]
    name = COIN_CALL.contract.symbol
    assert causes == [
        "the run's opening",
        "a new UTC day, no options held",
        f"a fill of {name}",
        f"a fill of {name}",
    ]
    cells = account.attribution.store.cells.values()
    assert {cell.episode for cell in cells if Bucket.GAMMA in cell.usd} == {3}


def test_what_is_kept_stays_bounded_and_sums_the_same() -> None:
    account = Account([linear_perp()])
    for number in range(70):
        later = option(expiry=account.now + 2 * DAY)
        account.market = replace(
            account.market,
            instruments={**account.market.instruments, later.contract.key: later},
        )
        account.tell(AssumedVol(later.contract.key, 0.5))
        account.trade(later, "1", "0.01")
        account.move(60_000.0 + number, 12 * HOUR)
        account.step()
        account.trade(later, "-1", "0.01")
    check(account)
    store = account.attribution.store
    assert len(store.episodes["BTC"]) == EPISODES
    today = account.now // DAY
    days = {cell.day for cell in store.cells.values()}
    assert days <= {EVER, *range(today - DAYS + 1, today + 1)}
    assert {cell.expiry for cell in store.cells.values() if cell.day == EVER} <= {0, EXPIRED} | {
        cell.expiry for cell in store.cells.values() if cell.expiry >= account.now - DAYS * DAY
    }
    assert any(cell.episode == EARLIER for cell in store.cells.values())
    assert len(store.cells) < 150
    assert len(store.legs) < 50
    assert len(store.worst) <= DAYS


def test_a_saved_attribution_goes_on_as_if_nothing_had_happened() -> None:
    one, other = Account(), Account()
    for account in (one, other):
        account.move(60_500.0, vol=0.6)
        account.step()
        account.trade(linear_perp(), "0.3", "60510", fee="1", slippage="-2")
    plain = msgspec.json.encode(other.attribution)
    other.attribution = msgspec.json.decode(plain, type=Attribution)
    for account in (one, other):
        account.move(60_900.0, vol=0.55)
        account.step()
    assert msgspec.json.encode(one.attribution) == msgspec.json.encode(other.attribution)


def test_numbers_beyond_any_model_are_a_residual_and_not_nan() -> None:
    account = Account([USD_CALL])
    account.tell(AssumedVol(USD_CALL.contract.key, 9.99))
    account.step()
    account.tell(marks(linear_future(), 1e-300))  # the forward of the option
    account.step()
    account.move(60_000.0)
    check(account)


def test_cash_of_a_coin_without_a_price_comes_in_when_it_has_one() -> None:
    account = Account([linear_perp()])
    account.correct(account.stated(BNB="2"))
    assert account.look().missing == "no price of BNB"
    account.step()
    assert not account.buckets()
    account.tell(Index("BNB", 500.0))
    check(account)
    assert account.buckets() == {Bucket.RESIDUAL: 1_000.0}
    cells = account.attribution.store.cells.values()
    assert [cell.why for cell in cells if cell.underlying == "BNB"] == [{Why.NEW_PRICE: 1_000.0}]


def test_few_options_are_split_like_many() -> None:
    account = Account([COIN_CALL, USD_CALL])
    before = account.look().legs
    account.move(63_000.0, vol=0.55, basis=1.02)
    after = account.look().legs
    keys = [COIN_CALL.contract.key, USD_CALL.contract.key]
    pairs = [(before[key], after[key]) for key in keys]
    few, many = explained(pairs), explained(pairs * FEW)
    for one, other in zip(few, many, strict=False):
        assert one.why is other.why
        assert one.usd.keys() == other.usd.keys()
        size = sum(map(abs, one.usd.values()))
        for bucket, amount in one.usd.items():
            assert amount == pytest.approx(other.usd[bucket], abs=1e-11 * size)
