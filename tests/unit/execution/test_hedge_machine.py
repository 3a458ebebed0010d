"""A hedge under a venue, a market and a person that do anything in any order: what always holds."""

from decimal import Decimal

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec.structs import replace

from terminal.core.units import BPS
from terminal.execution.at_work import Finished, Wish
from terminal.execution.hedges import MAX_ORDERS
from terminal.execution.orders import done
from terminal.execution.parts import MOST_PARTS
from terminal.execution.prices import ceiling_bps
from terminal.model.hedge import Plan
from terminal.model.messages import Submit
from terminal.model.order import FINAL, OrderIntent, OrderStatus, Side, TimeInForce
from terminal.model.risk import Escalation, Style
from tests.helpers.builders import SPOT, profile
from tests.helpers.play import Play

STYLES = [each for each in Style if each is not Style.BY_URGENCY]


class HedgeMachine(RuleBasedStateMachine):
    """One hedge from its approval to its end."""

    play: Play
    ended: bool

    @initialize(
        style=st.sampled_from(STYLES),
        side=st.sampled_from(list(Side)),
        after=st.sampled_from(list(Escalation)),
        over=st.sampled_from(list(Escalation)),
        repegs=st.integers(0, 5),
        largest=st.sampled_from([15_000.0, 1e6]),
        by=st.sampled_from(["user", "auto", "stop"]),
    )
    def approved(
        self,
        style: Style,
        side: Side,
        after: Escalation,
        *,
        over: Escalation,
        repegs: int,
        largest: float,
        by: str,
    ) -> None:
        rules = profile(
            after_wait=after, over_cap=over, repegs=repegs, max_order_usd=largest, sit_s=30.0
        )
        plan = Plan(
            style=style,
            cross_qty=Decimal("0.4") if style is Style.MIX else Decimal(0),
            slices=4 if style is Style.TWAP else 1,
            span=40_000_000_000 if style is Style.TWAP else 0,
            show_usd=10_000.0 if style is Style.ICEBERG else 0.0,
        )
        self.play = Play(rules=rules, plan=plan, side=side, by=by)
        self.ended = False
        self.waived = False  # a person has crossed
        self.touched = False  # a person has taken control
        self.middle = SPOT
        self.step()

    def step(self) -> None:
        """Let the hedge act, and check what it sends."""
        if self.ended:
            return
        play = self.play
        action = play.step()
        if isinstance(action, Submit):
            self.sent(action.intent)
        if isinstance(action, Finished):
            self.ended = True
            assert action.left == play.hedge.qty - sum(each.filled for each in play.orders)

    def sent(self, intent: OrderIntent) -> None:
        rules, style = self.play.rules, self.play.hedge.plan.style
        buying = intent.side is Side.BUY
        worse = float(intent.limit) / SPOT - 1.0 if buying else 1.0 - float(intent.limit) / SPOT
        waived = self.waived or self.play.hedge.by == "stop" or rules.over_cap is Escalation.CROSS
        bound = ceiling_bps(rules) if waived else rules.slippage_cap_bps
        assert worse / BPS <= bound + 1e-6
        assert intent.qty > 0
        assert intent.qty % self.play.contract.lot == 0
        assert intent.limit % Decimal("0.5") == 0
        quote = self.play.book.quote
        if intent.tif is TimeInForce.POST_ONLY:
            other = quote.ask if buying else quote.bid
            assert other is not None
            typed = self.play.hedge.by_hand
            assert typed or (float(intent.limit) < other if buying else float(intent.limit) > other)
        elif style in (Style.POST_ONLY, Style.ICEBERG) and not self.waived:
            assert rules.after_wait is Escalation.CROSS

    @rule(seconds=st.sampled_from([0.2, 1.5, 6.0, 20.0, 45.0]))
    def time_passes(self, seconds: float) -> None:
        self.play.now += round(seconds * 1e9)
        self.play.price(self.middle)
        self.step()

    @rule(move=st.floats(-30.0, 30.0))
    def market_moves(self, move: float) -> None:
        self.middle = round(self.middle * (1.0 + move * BPS) * 2.0) / 2.0
        self.play.price(self.middle)
        self.step()

    @rule()
    def book_is_lost(self) -> None:
        self.play.book = replace(self.play.book, flaw="crossed")
        if not self.ended:
            self.step()

    @precondition(lambda self: self.open_order())
    @rule(
        status=st.sampled_from(
            [OrderStatus.LIVE, OrderStatus.UNKNOWN, OrderStatus.CANCELLED, OrderStatus.EXPIRED]
        ),
        again=st.integers(1, 3),
    )
    def venue_says(self, status: OrderStatus, again: int) -> None:
        filled = self.play.orders[-1].filled
        for _ in range(again):
            self.play.hear(status, filled)
        self.step()

    @precondition(lambda self: self.open_order())
    @rule()
    def venue_rejects(self) -> None:
        self.play.hear(OrderStatus.REJECTED, Decimal(0))
        self.step()

    @precondition(lambda self: self.open_order())
    @rule(share=st.integers(1, 1000))
    def venue_fills(self, share: int) -> None:
        current = self.play.orders[-1]
        lot = self.play.contract.lot
        left = current.intent.qty - current.filled
        part = min(left, max(lot, Decimal(share) / 1000 * left // lot * lot))
        if part > 0:
            self.play.fill(part)
        self.step()

    @precondition(lambda self: self.open_order())
    @rule()
    def cancel_overtakes_a_fill(self) -> None:
        current = self.play.orders[-1]
        left = current.intent.qty - current.filled
        if left <= 0:
            return
        self.play.hear(OrderStatus.CANCELLED, current.filled + left)
        self.step()
        self.play.fill(left)
        self.step()

    @precondition(lambda self: not self.ended and self.play.hedge.by != "stop")
    @rule(cross=st.booleans(), behind=st.integers(0, 40))
    def person_takes_over(self, cross: bool, behind: int) -> None:
        hedge = self.play.hedge
        away = Decimal(behind) / 2
        sign = -1 if hedge.side is Side.BUY else 1
        touch = Decimal(repr(self.middle)).quantize(Decimal("0.1")) + sign * Decimal("0.5")
        limit = touch + sign * away
        worst = Decimal(repr(SPOT * (1 - sign * 14 * BPS)))
        if not cross and (limit > worst if sign < 0 else limit < worst):
            return  # the engine's hand refuses nothing inside the cap; past it only a cross goes
        self.waived, self.touched = self.waived or cross, True
        wish = Wish(cross=cross, limit=None if cross else limit // Decimal("0.5") * Decimal("0.5"))
        self.play.hedge = replace(hedge, by_hand=True, wish=wish, asking="")
        self.step()

    @precondition(lambda self: not self.ended and self.play.hedge.by_hand)
    @rule()
    def person_gives_back(self) -> None:
        self.play.hedge = replace(
            self.play.hedge, by_hand=False, wish=None, pegs=0, waited=False, passive_since=0
        )
        self.step()

    @precondition(lambda self: not self.ended)
    @rule()
    def person_cancels(self) -> None:
        sent = len(self.play.orders)
        self.play.hedge = replace(self.play.hedge, ending="cancelled by hand")
        self.step()
        assert len(self.play.orders) == sent

    def open_order(self) -> bool:
        """Whether the newest order may still hear from its venue."""
        orders = self.play.orders
        return bool(orders) and orders[-1].status not in FINAL

    @invariant()
    def never_more_than_approved(self) -> None:
        if not hasattr(self, "play"):
            return
        play = self.play
        assert play.possible <= play.hedge.qty
        assert sum(1 for each in play.orders if not done(each)) <= 1

    @invariant()
    def every_order_has_an_id_of_its_own(self) -> None:
        if not hasattr(self, "play"):
            return
        orders = self.play.orders
        assert len({each.intent.order_id for each in orders}) == len(orders)
        assert [each.intent.attempt for each in orders] == list(range(1, len(orders) + 1))
        if not self.touched:
            assert len(orders) <= MAX_ORDERS + MOST_PARTS


TestHedgeMachine = HedgeMachine.TestCase
TestHedgeMachine.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)


def rested(**more: object) -> Play:
    """A hedge whose first order rests."""
    play = Play(**more)  # type: ignore[arg-type]  # fields of Play by name
    assert isinstance(play.step(), Submit)
    play.hear(OrderStatus.LIVE)
    return play


@pytest.mark.parametrize("side", list(Side))
def test_a_peg_follows_its_touch_so_often_and_then_stays(side: Side) -> None:
    play = rested(rules=profile(repegs=2, passive_wait_s=300.0, after_wait=Escalation.LET_SIT),
                  side=side)  # fmt: skip
    sign = 1 if side is Side.BUY else -1
    limits = [play.orders[-1].intent.limit]
    for step in range(1, 5):
        play.now += 2_000_000_000
        play.price(SPOT + sign * 5.0 * step)
        play.step()
        if play.orders[-1].status is OrderStatus.CANCEL_PENDING:
            play.hear(OrderStatus.CANCELLED, Decimal(0))
            play.step()
            play.hear(OrderStatus.LIVE)
        limits.append(play.orders[-1].intent.limit)
    assert len(play.orders) == 3
    touches = [Decimal(SPOT) - sign * Decimal("0.5") + sign * 5 * n for n in (0, 1, 2)]
    assert [limits[0], limits[1], limits[2]] == touches
    assert limits[3] == limits[4] == limits[2]
    assert all(each.intent.tif is TimeInForce.POST_ONLY for each in play.orders)


def test_a_touch_beyond_the_cap_is_not_followed_past_it() -> None:
    play = rested(rules=profile(repegs=2, passive_wait_s=300.0), side=Side.BUY)
    play.now += 2_000_000_000
    play.price(SPOT * 1.01)
    play.step()
    play.hear(OrderStatus.CANCELLED, Decimal(0))
    play.step()
    assert play.orders[-1].intent.limit == Decimal("50075.0")


def test_a_price_that_comes_back_inside_the_cap_is_taken() -> None:
    play = rested(rules=profile(over_cap=Escalation.LET_SIT, passive_wait_s=1.0))
    play.now += 2_000_000_000
    play.price(49_880.0)
    play.step()
    assert play.orders[-1].status is OrderStatus.LIVE  # it sits
    play.price(49_990.0)
    play.step()
    play.hear(OrderStatus.CANCELLED, Decimal(0))
    play.step()
    assert play.orders[-1].intent.tif is TimeInForce.IOC


def test_beyond_the_ceiling_nothing_crosses() -> None:
    play = rested(rules=profile(passive_wait_s=1.0, collar_bps=50.0))
    play.now += 2_000_000_000
    play.price(49_700.0)
    play.step()
    play.hear(OrderStatus.CANCELLED, Decimal(0))
    action = play.step()
    assert isinstance(action, Finished)
    assert "50 bp ceiling: decided anew" in action.reason


def test_a_marketable_limit_pays_up_so_many_ticks() -> None:
    play = Play(plan=Plan(style=Style.MARKETABLE), rules=profile(pay_up_ticks=3), side=Side.BUY)
    action = play.step()
    assert isinstance(action, Submit)
    assert action.intent.limit == Decimal("50002.0")
    assert action.intent.tif is TimeInForce.IOC


def test_a_mix_takes_its_part_and_rests_the_others() -> None:
    play = Play(plan=Plan(style=Style.MIX, cross_qty=Decimal("0.4")))
    first = play.step()
    assert isinstance(first, Submit)
    assert (first.intent.qty, first.intent.tif) == (Decimal("0.4"), TimeInForce.IOC)
    play.hear(OrderStatus.FILLED, Decimal("0.4"))
    play.fill(Decimal("0.4"))
    second = play.step()
    assert isinstance(second, Submit)
    assert (second.intent.qty, second.intent.tif) == (Decimal("0.6"), TimeInForce.POST_ONLY)


def test_an_iceberg_shows_one_part_at_a_time() -> None:
    play = Play(plan=Plan(style=Style.ICEBERG, show_usd=15_000.0))
    sizes = []
    while isinstance(action := play.step(), Submit):
        sizes.append(action.intent.qty)
        assert action.intent.tif is TimeInForce.POST_ONLY
        play.hear(OrderStatus.FILLED, action.intent.qty)
        play.fill(action.intent.qty)
    assert sizes == [Decimal("0.3"), Decimal("0.3"), Decimal("0.3"), Decimal("0.1")]
    assert action == Finished(Decimal(0), "complete")
