"""Policies on paper: the live one's decisions, and costs that add up."""

from collections.abc import Sequence
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from terminal.core.units import HOUR
from terminal.model.market import Funding
from terminal.model.messages import Effect, Fault, Stop, StopStage, Submit
from terminal.model.order import Fill, Side
from terminal.model.risk import Autonomy, PolicyKind, RiskProfile
from terminal.model.shadow import carried, same
from terminal.oracle.shadow import (
    GAP,
    Run,
    Tally,
    added,
    begun,
    joined,
    looked_at,
    paired,
    risk,
)
from tests.helpers.builders import FUTURE, PERP, SPOT, profile, spec
from tests.helpers.trial import Trial

LIVE = profile()
TIGHT = profile(spec(low=-0.01, high=0.01))
WIDE = profile(spec(low=-0.5, high=0.5))
NEVER = profile(spec(low=-50.0, high=50.0))
MOVES = st.lists(st.tuples(st.integers(-8, 8), st.floats(-0.004, 0.004)), min_size=1, max_size=12)


def news(trial: Trial, number: int, tenths: int) -> tuple[Effect, ...]:
    """Somebody else trades tenths of a coin of the future into the book."""
    if not tenths:
        return ()
    return trial.tell(
        Fill(
            fill_id=f"other-{number}",
            order_id="",
            key=FUTURE,
            side=Side.BUY if tenths > 0 else Side.SELL,
            qty=Decimal(abs(tenths)) / 10,
            price=Decimal(50_000),
            fee=Decimal(0),
            fee_currency="USDC",
            maker=False,
        )
    )


class Market:
    """A live desk on auto whose orders fill at once, and what is watched beside it."""

    def __init__(self, watched: Sequence[RiskProfile], rules: RiskProfile = LIVE) -> None:
        self.trial = Trial(rules, autonomy=Autonomy.AUTO, held="0.85")
        for _ in range(12):  # until the live desk has hedged, and may hedge again
            self.trial.obey(self.trial.tick(seconds=1.5))
        desk = self.trial.state.desks["BTC"]
        self.approved = self.trial.state.counts.approvals
        self.live = begun(desk.memory, desk.last_hedge_at)
        self.profiles = tuple(carried(rules, each) for each in watched)
        self.runs = tuple(joined(self.live) for _ in watched)
        self.price = SPOT

    def look(self) -> None:
        state, before = self.trial.state, self.live
        profile_now = state.profile
        assert profile_now is not None
        self.live = looked_at(before, state, "BTC", profile_now)
        self.runs = tuple(
            paired(looked_at(run, state, "BTC", each), before, self.live, started=run.seen is None)
            for run, each in zip(self.runs, self.profiles, strict=True)
        )

    def move(self, number: int, tenths: int, change: float) -> None:
        """News, a new price, the look, and then whatever the live desk does about it."""
        self.price *= 1.0 + change
        sent = self.trial.tick(seconds=5.0, price=self.price)
        sent += news(self.trial, number, tenths)
        self.look()
        self.trial.obey(sent)
        for _ in range(3):
            self.trial.obey(self.trial.tick(seconds=1.5, price=self.price))


def lived(moves: Sequence[tuple[int, float]], *watched: RiskProfile) -> Market:
    market = Market(watched)
    for number, (tenths, change) in enumerate(moves):
        market.move(number, tenths, change)
    return market


def own_coins(market: Market) -> float:
    return market.trial.state.desks["BTC"].memory.hedged


@settings(max_examples=15, deadline=None)
@given(MOVES)
def test_the_live_profile_on_paper_holds_what_the_live_desk_holds(
    moves: list[tuple[int, float]],
) -> None:
    market = lived(moves, LIVE)
    market.look()
    assert market.runs[0].memory.hedged == pytest.approx(own_coins(market), abs=0.0021)
    assert market.runs[0].own.hedges == market.trial.state.counts.approvals - market.approved


@settings(max_examples=15, deadline=None)
@given(MOVES)
def test_a_shadow_with_the_live_profile_is_the_live_profile_on_paper(
    moves: list[tuple[int, float]],
) -> None:
    market = lived(moves, LIVE)
    run = market.runs[0]
    assert run.own == run.rival == market.live.own
    assert run.memory == market.live.memory


@settings(max_examples=10, deadline=None)
@given(MOVES)
def test_the_sums_are_those_of_every_look(moves: list[tuple[int, float]]) -> None:
    market = Market((TIGHT,))
    cost = turnover = gain = 0.0
    for number, (tenths, change) in enumerate(moves):
        before, price, held = market.runs[0], market.price, market.runs[0].memory.hedged
        market.move(number, tenths, change)
        run = market.runs[0]
        if before.seen is not None:
            gain += (held - run.base) * (market.price - price)
        step = abs(run.memory.hedged - held)
        turnover += step * market.price
        # Taker fee of 5 bp and half a dollar of half spread a coin; no depth is told.
        cost += step * (market.price * 5e-4 + 0.5)
    run = market.runs[0]
    assert run.own.turnover_usd == pytest.approx(turnover)
    assert run.own.cost_usd == pytest.approx(cost)
    assert run.own.gain_usd == pytest.approx(gain, abs=1e-6)
    assert run.max_off >= run.own.off / run.own.span if run.own.span else run.own.off == 0.0


@settings(max_examples=10, deadline=None)
@given(MOVES)
def test_a_shadow_never_touches_another(moves: list[tuple[int, float]]) -> None:
    alone = lived(moves, WIDE).runs[0]
    among = lived(moves, TIGHT, WIDE, LIVE).runs[1]
    assert alone == among


def test_a_narrower_band_hedges_more_and_strays_less() -> None:
    moves = [(3 if number % 2 else -2, 0.001) for number in range(12)]
    market = lived(moves, TIGHT, WIDE)
    tight, wide = market.runs
    assert tight.own.hedges > wide.own.hedges
    assert tight.own.cost_usd > wide.own.cost_usd
    tight_risk, wide_risk = risk(tight.own), risk(wide.own)
    assert tight_risk is not None
    assert wide_risk is not None
    assert tight_risk < wide_risk


def test_funding_is_paid_on_what_was_hedged() -> None:
    market = Market((TIGHT,))
    market.trial.tell(Funding(PERP, 0.0008, 8 * HOUR, 0))
    market.move(0, 5, 0.0)  # half a coin long more: it sells
    sold = market.runs[0].memory.hedged - market.runs[0].base
    assert sold < -0.45
    before, at = market.runs[0].own.funding_usd, market.trial.state.now
    looked = market.runs[0].seen
    assert looked is not None
    market.move(1, 0, 0.0)
    span = market.trial.state.now - looked.at - 4_500_000_000
    assert at > looked.at
    paid = market.runs[0].own.funding_usd - before
    assert paid == pytest.approx(sold * SPOT * 0.0008 * span / (8 * HOUR))


def test_no_look_counts_what_lies_in_a_gap() -> None:
    market = lived([(3, 0.001), (0, 0.001)], NEVER)
    before = market.runs[0]
    market.trial.tick(seconds=GAP / 1e9 + 10.0, price=40_000.0)
    market.look()
    assert market.runs[0].own == before.own
    market.move(9, 0, 0.0)
    assert market.runs[0].own.span > before.own.span


def test_a_run_waits_while_the_live_desk_may_not_trade() -> None:
    market = lived([(3, 0.001)], TIGHT)
    before = market.runs[0]
    market.trial.tick(seconds=1.0)
    blind = replace(market.trial.state, market=replace(market.trial.state.market, index={}))
    waiting = looked_at(before, blind, "BTC", TIGHT)
    assert waiting.waits == "no index price of BTC yet"
    assert waiting.own == before.own
    assert looked_at(waiting, blind, "BTC", TIGHT) is waiting


def test_what_is_in_flight_is_the_live_desks_alone() -> None:
    market = Market((NEVER, WIDE))
    assert own_coins(market) == market.runs[0].base != 0.0
    market.trial.tick(seconds=5.0)
    sent = news(market.trial, 0, 8)
    sent += market.trial.tick(seconds=0.25)
    assert any(isinstance(each, Submit) for each in sent)
    exposure = market.trial.state.exposures["BTC"]
    assert exposure.working < -0.7
    market.look()
    looked = market.runs[0].seen
    assert looked is not None
    assert looked.off == pytest.approx(exposure.total.delta)
    assert market.runs[1].own.hedges == 1


def test_a_hedge_counts_from_the_look_that_made_it() -> None:
    market = Market((TIGHT,))
    market.move(0, 8, 0.0)
    (run,) = market.runs
    assert run.own.hedges == 1
    assert run.seen is not None
    assert abs(run.seen.off) < 0.011
    assert run.seen.own == pytest.approx(run.memory.hedged - run.base)
    assert run.seen.own < -0.7
    assert run.base < -0.7  # of the live desk, before it began
    market.move(1, 0, 0.01)
    after, held = market.runs[0].own, run.memory.hedged - run.base
    assert after.gain_usd - run.own.gain_usd == pytest.approx(held * 500.0)
    assert after.squares - run.own.squares == pytest.approx((run.seen.off * 500.0) ** 2, abs=1e-6)


@pytest.mark.parametrize("kind", [each for each in PolicyKind if each is not PolicyKind.HYBRID])
def test_every_policy_decides_on_paper_as_it_does_live(kind: PolicyKind) -> None:
    rules = profile(spec(kind, every_s=15.0, cap=0.5))
    market = Market((rules,), rules)
    for number, (tenths, change) in enumerate([(4, 0.004), (-3, -0.006), (0, 0.009), (6, 0.001)]):
        market.move(number, tenths, change)
    (run,) = market.runs
    assert run.own.hedges == market.trial.state.counts.approvals - market.approved
    assert run.memory.hedged == pytest.approx(own_coins(market), abs=0.0021)


def test_the_clock_of_a_hybrid_starts_when_it_has_looked() -> None:
    market = Market((profile(spec(PolicyKind.HYBRID, every_s=15.0, jump_sigmas=20.0)),))
    looks = []
    for _ in range(6):
        market.trial.tick(seconds=5.0)
        market.look()
        looked = market.runs[0].memory.look
        assert looked is not None
        looks.append((market.trial.now - looked.at) / 1e9)
    assert looks == [0.0, 5.0, 10.0, 0.0, 5.0, 10.0]


def test_news_of_the_book_reaches_a_policy_that_waits_for_it() -> None:
    anchored = profile(spec(low=-50.0, high=50.0, vol_skip_pct=10.0))
    market = Market((anchored,))
    market.look()
    before = market.runs[0].memory.anchor
    assert before is not None
    market.trial.tick(seconds=5.0, price=50_100.0)
    market.look()
    assert market.runs[0].memory.anchor == before
    news(market.trial, 0, 2)
    market.look()
    assert market.runs[0].memory.news_at == market.trial.now
    after = market.runs[0].memory.anchor
    assert after is not None
    assert after.spot == 50_100.0


@pytest.mark.parametrize("bar", ["stop", "halt"])
def test_nothing_is_hedged_on_paper_while_trading_is_barred(bar: str) -> None:
    market = lived([(3, 0.001)], TIGHT)
    market.trial.tick(seconds=5.0)
    news(market.trial, 9, 8)
    barred = Stop(StopStage.FREEZE, "enough") if bar == "stop" else Fault("FEED", "enough")
    market.trial.tell(barred)
    before = market.runs[0]
    market.look()
    assert market.runs[0].own == before.own
    assert "enough" in market.runs[0].waits or "stopped" in market.runs[0].waits


def test_the_look_that_ends_a_wait_of_one_side_is_paired_with_nothing() -> None:
    market = lived([(3, 0.001)], TIGHT)
    waiting = replace(market.runs[0], seen=None, waits="no fit")
    market.runs = (waiting,)
    market.trial.tick(seconds=5.0)
    market.look()
    assert market.runs[0].waits == ""
    assert market.runs[0].rival == waiting.rival
    market.move(5, 0, 0.0)
    assert market.runs[0].rival.span > waiting.rival.span


def test_a_hedge_is_cut_to_the_live_limit_and_kept_apart() -> None:
    rules = replace(LIVE, max_hedge_usd=10_000.0, max_order_usd=10_000.0, auto_hedge_usd=0.0)
    market = Market(
        (replace(TIGHT, max_hedge_usd=1e9, min_gap_s=1.0),), replace(rules, min_gap_s=60.0)
    )
    market.move(0, 8, 0.0)
    assert market.runs[0].own.turnover_usd == pytest.approx(10_000.0, rel=0.01)
    market.move(1, 0, 0.0)
    assert market.runs[0].own.hedges == 1  # the live gap of hedges, not the shadow's


def test_what_a_shadow_cannot_move() -> None:
    shadow = replace(TIGHT, risk_aversion=1e-6, delta_cap_usd=1.0, style="twap", name="x")
    tried = carried(LIVE, shadow)
    assert tried == replace(LIVE, policies=TIGHT.policies, risk_aversion=1e-6)
    assert same(LIVE, replace(LIVE, name="another", max_hedge_usd=2e6))
    assert not same(LIVE, TIGHT)
    more = replace(LIVE, policies={"ETH": spec()})
    assert carried(LIVE, more).policies == {"BTC": spec(), "ETH": spec()}


def test_a_band_that_cannot_be_armed_says_so() -> None:
    market = Market((profile(spec(low=-0.0001, high=0.0001)),))
    market.move(0, 8, 0.0)
    assert market.runs[0].own.hedges == 0
    assert "under 60 % of one lot" in market.runs[0].waits


@given(st.lists(st.floats(-1e9, 1e9), min_size=3, max_size=3))
def test_sums_add_differences(numbers: list[float]) -> None:
    first, second, third = (Tally(cost_usd=each, span=3) for each in numbers)
    found = added(first, second, third)
    assert found.cost_usd == numbers[0] + (numbers[1] - numbers[2])
    assert found.span == 3


def test_a_run_survives_its_file() -> None:
    market = lived([(5, 0.002), (-4, 0.001)], TIGHT, profile(spec(PolicyKind.PRICE_STEP)))
    for run in market.runs:
        again = msgspec.json.decode(msgspec.json.encode(run), type=Run)
        assert again == run
