"""Execution costs: the parts sum to the shortfall, for both sides and both payoffs."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from terminal.core.units import SECOND
from terminal.execution.hedges import start
from terminal.execution.learned_cost import LEAST, Learned, learn
from terminal.execution.tca import (
    Executed,
    arrival,
    ended,
    filled,
    opened,
    opportunity,
    paid_over_quoted,
    sent,
    shortfall,
    worse_than_expected,
)
from terminal.model.hedge import Approved, Cost, Plan
from terminal.model.instrument import coins
from terminal.model.order import Side
from terminal.model.tca import HedgeCost
from terminal.model.tca_tally import tally_of
from tests.helpers.builders import NOW, PERP, fill, inverse_contract, proposal, quote, seen

PRICES = st.floats(40_000.0, 60_000.0)
SIDES = st.sampled_from(Side)


def record(side: Side = Side.BUY, **more: Any) -> HedgeCost:
    """A hedge of ten coins, decided at 50,000."""
    offer = proposal(side=side, qty=Decimal(10), coins=10.0, usd=500_000.0,
                     cost=Cost(250.0, 5.0, 10.0))  # fmt: skip
    made = opened(start(Approved(offer, Decimal(10), "user", NOW), NOW), offer)
    return replace(made, **more)


def working(mid: float = 50_010.0, half: float = 0.5, **more: Any) -> HedgeCost:
    """The same with an order sent into a market around ``mid``."""
    book = seen(quote(PERP, mid - half, mid + half))
    return sent(record(**more), arrival("o1", book, NOW + SECOND), 5.1e-4)


def bought(price: float, qty: str = "1", amount: float | None = None, **more: Any) -> Executed:
    """A fill with its coins and a fee of its own."""
    side = more.pop("side", Side.BUY)
    done = fill(1, qty, price=Decimal(repr(price)), side=side, **more)
    return Executed(done, NOW + 2 * SECOND, float(qty) if amount is None else amount, 1.0)


@given(
    side=SIDES,
    mid=PRICES,
    half=st.floats(0.01, 50.0),
    fills=st.lists(st.tuples(PRICES, st.integers(1, 9), st.booleans()), min_size=1, max_size=6),
)
def test_the_parts_sum_to_fill_against_decision(
    side: Side, mid: float, half: float, fills: list[tuple[float, int, bool]]
) -> None:
    hedge = working(mid, half, side=side)
    for price, qty, maker in fills:
        hedge = filled(hedge, bought(price, str(qty), side=side, maker=maker))
    paid, sign = hedge.paid, 1.0 if side is Side.BUY else -1.0
    whole = sign * sum(qty * (price - 50_000.0) for price, qty, _ in fills)
    gross = sum(qty * price for price, qty, _ in fills)
    parts = (paid.delay, paid.spread, paid.impact)
    assert None not in parts
    assert sum(part or 0.0 for part in parts) == pytest.approx(whole, abs=1e-12 * gross)
    assert paid.price == pytest.approx(whole, abs=1e-12 * gross)
    assert paid.total == pytest.approx(whole + len(fills), abs=1e-12 * gross)
    fee = paid.fee
    assert fee is not None
    assert hedge.bps(paid.total) == pytest.approx(
        ((hedge.bps(paid.price) or 0.0) + (hedge.bps(fee) or 0.0)), abs=1e-9
    )


@given(side=SIDES, units=st.integers(1, 10_000), price=PRICES)
def test_an_inverse_fill_costs_its_loss_in_coin_at_the_decision_mid(
    side: Side, units: int, price: float
) -> None:
    contract = inverse_contract()
    amount = coins(contract, float(units), price)
    hedge = filled(working(side=side), bought(price, str(units), amount, side=side))
    in_coin = units * 10.0 * (1.0 / 50_000.0 - 1.0 / price)
    loss = (in_coin if side is Side.BUY else -in_coin) * 50_000.0
    assert hedge.paid.price == pytest.approx(loss, abs=1e-9 * units * 10.0)
    assert hedge.notional == pytest.approx(units * 10.0)  # USD contracts are their notional
    assert hedge.fill_price == pytest.approx(price)


def test_signs_of_a_buy_and_a_sell() -> None:
    # Decided at 50,000, sent at 50,010 with half a dollar of spread, filled at 50,012.
    buy = filled(working(), bought(50_012.0, "2")).paid
    assert (buy.delay, buy.spread, buy.impact) == pytest.approx((20.0, 1.0, 3.0))
    sell = filled(working(side=Side.SELL), bought(50_012.0, "2", side=Side.SELL)).paid
    assert (sell.delay, sell.spread, sell.impact) == pytest.approx((-20.0, 1.0, -5.0))
    assert (buy.price, sell.price) == pytest.approx((24.0, -24.0))


def test_a_maker_earns_the_half_spread() -> None:
    paid = filled(working(50_000.0), bought(49_999.5, maker=True)).paid
    assert (paid.delay, paid.spread, paid.impact) == pytest.approx((0.0, -0.5, 0.0))


def test_time_spent_resting_is_delay_of_the_order_that_filled() -> None:
    hedge = working(50_000.0)
    later = arrival("o2", seen(quote(PERP, 50_029.5, 50_030.5)), NOW + 11 * SECOND)
    hedge = sent(hedge, later, 9e-4)
    hedge = filled(hedge, bought(50_030.5, order_id="o2"))
    paid = hedge.paid
    assert (paid.delay, paid.spread, paid.impact) == pytest.approx((30.0, 0.5, 0.0))
    assert hedge.arrival_mid == 50_000.0
    assert hedge.sent_at == NOW + SECOND
    assert hedge.quoted_cost == 5.1e-4


def test_what_a_missed_order_gave_away_counts_in_what_hedging_costs() -> None:
    hedge = working(50_000.0)
    later = arrival("o2", seen(quote(PERP, 50_029.5, 50_030.5)), NOW + 11 * SECOND)
    hedge = filled(sent(hedge, later, 9e-4), bought(50_030.5, "10", order_id="o2"))
    done = ended(hedge, NOW + 12 * SECOND, "complete", 0.0)
    assert paid_over_quoted(done) == pytest.approx((305.0 + 1.0) / 500_000.0 / 5.1e-4)


def rested(price: float | None, moved: float, part: str = "10") -> HedgeCost:
    """A buy of ten that rested at a price, or was given up after the mid moved."""
    hedge = working(50_000.0)
    if price is not None:
        done = replace(bought(price, part, maker=True), fee_usd=0.0)
        hedge = filled(hedge, done)
    left = 10.0 - hedge.coins
    return ended(hedge, NOW + 12 * SECOND, "over", left * moved)


@given(half=st.floats(0.5, 20.0), share=st.floats(0.05, 0.95))
def test_luck_alone_teaches_nothing(half: float, share: float) -> None:
    """Mid goes to a resting buy with one chance, away from it with the other, fairly.

    By optional stopping the mean cost is then that of crossing, times the chance of a miss.
    """
    away = half * share / (1.0 - share)  # fair: share * half == (1 - share) * away
    hit, miss = paid_over_quoted(rested(50_000.0 - half, 0.0)), paid_over_quoted(rested(None, away))
    assert hit is not None
    assert miss is not None
    assert hit < 0.0
    assert miss > 1.0
    assert share * hit + (1.0 - share) * miss == pytest.approx(1.0 - share, abs=1e-9)


def test_a_part_that_stayed_unfilled_is_paid_at_the_end() -> None:
    half_done = paid_over_quoted(rested(49_999.5, 8.0, "5"))
    expected = (5 * -0.5 + 5 * 8.0 + 5 * 50_000.0 * 5.1e-4) / (10 * 50_000.0 * 5.1e-4)
    assert half_done == pytest.approx(expected)
    late = replace(rested(None, 8.0), decision_mid=49_990.0, opportunity=180.0)
    # Ten dollars of it were gone before the first order was sent: no band can change that.
    assert paid_over_quoted(late) == pytest.approx(1.0 + 8.0 / 50_000.0 / 5.1e-4)
    assert paid_over_quoted(replace(late, opportunity=None)) is None
    assert paid_over_quoted(replace(late, asked_coins=0.0)) is None


def test_resting_that_always_fills_teaches_the_floor_and_is_said_to_rest() -> None:
    learned, ratio = Learned(), paid_over_quoted(rested(49_999.5, 0.0))
    assert ratio is not None
    assert ratio == pytest.approx(-0.5 / 50_000.0 / 5.1e-4)  # half a spread earned, no maker fee
    for _ in range(200):
        learned = learn(learned, ratio, rested=1.0)
    assert learned.factor == LEAST
    assert learned.rested_share == pytest.approx(1.0)
    for _ in range(2000):
        learned = learn(learned, 1.0)  # the same desk, taking
    assert learned.factor == pytest.approx(1.0, abs=0.01)
    assert learned.rested_share == pytest.approx(0.0, abs=0.01)


def test_what_is_not_known_stays_unknown() -> None:
    blind = filled(working(decision_mid=None), bought(50_012.0))
    assert blind.paid.price is blind.paid.total is blind.paid.delay is None
    assert blind.paid.fee == 1.0
    assert blind.value is None
    assert worse_than_expected(blind, bought(60_000.0).fill) is None
    one_sided = sent(record(), arrival("o1", seen(quote(ask=None)), NOW), None)
    dark = filled(one_sided, bought(50_012.0))
    assert dark.paid.delay is dark.paid.spread is dark.paid.impact is None
    assert dark.paid.price == pytest.approx(12.0)
    assert dark.paid.total == pytest.approx(13.0)
    assert paid_over_quoted(dark) is None
    # One unknown fill makes the sum unknown for good.
    strange = filled(filled(working(), bought(50_012.0)), bought(50_013.0, order_id="x"))
    assert strange.paid.delay is None
    unpriced = Executed(fill(), NOW, 1.0, None)
    assert filled(working(), unpriced).paid.total is None


def test_a_crossed_book_tells_no_arrival() -> None:
    crossed = seen(quote(bid=50_001.0, ask=50_000.0))
    assert arrival("o1", crossed, NOW).mid is None
    assert arrival("o1", None, NOW).half_spread is None


def test_prediction_follows_the_size_approved_and_filled() -> None:
    offer = proposal(qty=Decimal(10), coins=10.0, cost=Cost(250.0, 5.0, 10.0))
    half = opened(start(Approved(offer, Decimal(5), "user", NOW), NOW), offer)
    assert half.asked_coins == 5.0
    assert half.predicted_usd == 132.5
    assert half.expected_slip == 1.5
    assert half.predicted == 0.0
    some = filled(sent(half, arrival("o1", seen(), NOW), 5e-4), bought(50_000.0, "2"))
    assert some.predicted == pytest.approx(265.0 * 0.2)
    nameless = opened(start(Approved(offer, Decimal(5), "user", NOW), NOW), None)
    assert (nameless.predicted_usd, nameless.asked_coins) == (0.0, 0.0)
    resting = replace(offer, plan=Plan(cost_usd=40.0))
    planned = opened(start(Approved(resting, Decimal(5), "user", NOW), NOW), resting)
    assert planned.predicted_usd == 20.0
    assert planned.expected_slip == 1.5  # what crossing would have paid is judged as before


def test_totals_are_kept_apart_by_profile_and_older_ones_go_on() -> None:
    offer = proposal(qty=Decimal(10), coins=10.0, cost=Cost(250.0, 5.0, 10.0))
    hedge = start(Approved(offer, Decimal(5), "user", NOW), NOW)
    untold, careful, degen = (opened(hedge, offer, name) for name in ("", "Cautious", "Degen"))
    cells = [tally_of(each).cell for each in (untold, careful, degen)]
    assert len(set(cells)) == 3
    assert cells[0] == "|".join(cells[1].split("|")[:-1])  # the name it had before profiles
    both = tally_of(careful) + tally_of(careful)
    assert (both.persona, both.hedges, both.cell) == ("Cautious", 2, cells[1])


def test_what_stayed_unfilled_missed_the_move() -> None:
    hedge = record()
    assert opportunity(hedge, 4.0, 50_100.0) == pytest.approx(400.0)
    assert opportunity(record(Side.SELL), 4.0, 50_100.0) == pytest.approx(-400.0)
    assert opportunity(hedge, 0.0, None) == 0.0
    assert opportunity(hedge, 1.0, None) is None
    # A fill that comes after the end takes its share of what was missed away.
    over = ended(filled(working(), bought(50_000.0, "6")), NOW, "cancelled", 400.0)
    assert filled(over, bought(50_000.0, "1")).opportunity == pytest.approx(300.0)
    assert filled(over, bought(50_000.0, "9")).opportunity == 0.0


def test_expected_price_has_the_predicted_spread_and_impact() -> None:
    # 5 USD of spread and 10 of impact on 10 coins: 1.5 USD beyond the decision mid.
    def worse(hedge: HedgeCost, price: float, **more: Any) -> float | None:
        return worse_than_expected(hedge, bought(price, **more).fill)

    assert worse(record(), 50_001.5) == pytest.approx(0.0, abs=1e-9)
    assert worse(record(), 50_051.5) == pytest.approx(10.0)
    assert worse(record(Side.SELL), 49_948.5) == pytest.approx(10.0)
    assert worse(working(side=Side.SELL), 50_100.0) == pytest.approx(-20.3)
    # A later order is held against the market it was sent into: 50,100 here.
    waited = sent(working(), arrival("o2", seen(quote(PERP, 50_099.0, 50_101.0)), NOW), 5e-4)
    assert worse(waited, 50_101.5) == pytest.approx(20.0)
    assert worse(waited, 50_101.5, order_id="o2") == pytest.approx(0.0, abs=1e-9)
    assert worse(waited, 50_101.5, order_id="gone") is None


def test_fees_are_kept_to_the_last_digit() -> None:
    hedge = working()
    for number, fee in enumerate(("0.1", "0.2000000000004", "-0.3")):
        hedge = filled(hedge, bought(50_000.0, fee=Decimal(fee), fee_currency="USDC"))
        assert hedge.filled == number + 1
    hedge = filled(hedge, bought(50_000.0, fee=Decimal("1e-9"), fee_currency="BTC"))
    assert dict(hedge.fees) == {"USDC": Decimal(0), "BTC": Decimal("1e-9")}


def test_liquidity_is_who_waited() -> None:
    assert working().liquidity == "none"
    maker = filled(working(), bought(50_000.0, maker=True))
    assert maker.liquidity == "maker"
    assert filled(maker, bought(50_000.0)).liquidity == "mixed"
    assert filled(working(), bought(50_000.0)).liquidity == "taker"


def test_one_fill_alone() -> None:
    assert shortfall(working(), bought(50_010.5)).impact == pytest.approx(0.0)


def test_a_hedge_of_nothing_cost_nothing_that_could_be_compared() -> None:
    nothing = ended(working(asked=Decimal(0)), NOW + SECOND, "nothing to do", 0.0)
    assert paid_over_quoted(nothing) is None
