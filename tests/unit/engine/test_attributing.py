"""Attribution in the engine: every record that moves the account, a restart, unknown prices."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from terminal.core.units import HOUR, MINUTE
from terminal.engine.attributing import attribution_view, split_pnl
from terminal.engine.state import State, restored, saved
from terminal.engine.step import step
from terminal.model.account import AccountSnapshot, Balance, FundingPaid, Position, Settled
from terminal.model.attribution import Bucket
from terminal.model.market import AssumedVol, Index
from terminal.model.messages import AdoptVenue, Event, Listing, Mode, Record, Started, Tick
from terminal.model.order import Side
from terminal.model.risk import Autonomy
from tests.helpers.builders import (
    EXPIRY,
    NOW,
    OPTION,
    PERP,
    SPOT,
    fill,
    instruments,
    intent,
    order,
    profile,
    quote,
)


class Desk:
    """An engine that is fed records."""

    def __init__(self) -> None:
        self.state = State()
        start = Started("seed", Mode.SIM, 7, profile(), Autonomy.MANUAL)
        self.now = NOW
        self.tell(start, Listing("sim", instruments()))

    def tell(self, *events: Event, after: int = 0) -> None:
        self.now += after
        for event in events:
            record = Record(self.state.seq + 1, self.now, "test", event)
            self.state, _ = step(self.state, record)

    def market(self, price: float, vol: float = 0.6, after: int = 0) -> None:
        self.tell(
            Index("BTC", price),
            quote(PERP, price - 0.5, price + 0.5),
            AssumedVol(OPTION, vol),
            Tick(0.0),
            after=after,
        )


@pytest.fixture
def desk() -> Desk:
    made = Desk()
    held = (
        Position(OPTION, Decimal(2), Decimal(21_000)),
        Position(PERP, Decimal(-1), Decimal(50_000)),
    )
    cash = (Balance("USDC", Decimal(100_000)), Balance("BTC", Decimal(1)))
    made.tell(AccountSnapshot("sim", held, cash))
    made.market(SPOT)
    return made


def check(desk: Desk) -> dict[str, float]:
    result = split_pnl(desk.state)
    assert result is not None
    assert desk.state.opening is not None
    assert desk.state.equity is not None
    change = desk.state.equity - desk.state.opening.equity
    scale = desk.state.opening.equity
    assert result.total == pytest.approx(change, abs=1e-9 * scale)
    assert sum(result.buckets.values()) == pytest.approx(change, abs=1e-9 * scale)
    assert list(result.buckets) == [bucket.value for bucket in Bucket]
    return result.buckets


def test_every_record_that_moves_the_account_is_attributed(desk: Desk) -> None:
    desk.market(50_400.0, 0.62, after=20 * MINUTE)
    first = check(desk)
    assert first["gamma"] > 0.0 > first["theta"]
    assert first["perp_delta"] == pytest.approx(-400.0)
    assert first["collateral"] == pytest.approx(400.0)
    desk.tell(fill(1, "0.5", price=Decimal(50_401), side=Side.SELL), after=MINUTE)
    desk.tell(FundingPaid(PERP, Decimal("-4.5"), "USDC", 0.0001), after=MINUTE)
    desk.market(50_900.0, 0.61, after=3 * HOUR)
    found = check(desk)
    assert found["fees"] == pytest.approx(-1.0)
    assert found["funding"] == pytest.approx(-4.5)
    assert found["edge"] == pytest.approx(0.5)
    assert found["perp_delta"] == pytest.approx(-400.0 - 1.5 * 500.0)
    balances = (Balance("USDC", Decimal(90_000)), Balance("BTC", Decimal(1)))
    desk.tell(AccountSnapshot("sim", (), balances), after=MINUTE)
    desk.market(50_900.0, after=MINUTE // 2)
    desk.tell(AdoptVenue("sim", "withdrawn"))
    desk.market(50_900.0)
    assert check(desk)["corrections"] < 0.0


def test_an_option_settles_at_its_payout(desk: Desk) -> None:
    desk.market(51_000.0, after=EXPIRY - NOW)
    desk.tell(Settled(OPTION, Decimal(51_010)))
    desk.market(51_000.0)
    assert check(desk)["settlement"] == pytest.approx(20.0)


def test_slippage_is_measured_from_the_mid_that_was_decided_on(desk: Desk) -> None:
    desk.tell(fill(7, "1", price=Decimal(50_003), order_id="unknown"))
    assert check(desk)["edge"] == pytest.approx(-3.0)
    known = order(intent=intent("o1", decision_mid=50_001.0))
    desk.state = replace(desk.state, orders={"o1": known})
    desk.tell(fill(8, "1", price=Decimal(50_003)))
    found = check(desk)
    assert found["slippage"] == pytest.approx(-2.0)
    assert found["edge"] == pytest.approx(-3.0 - 1.0)


def test_steps_end_with_the_hour(desk: Desk) -> None:
    attribution = desk.state.attribution
    assert attribution is not None
    assert attribution.due == NOW + HOUR
    desk.market(50_100.0, after=30 * MINUTE)
    assert desk.state.attribution is attribution
    desk.market(50_200.0, after=31 * MINUTE)
    assert desk.state.attribution is not None
    assert desk.state.attribution.due == NOW + 2 * HOUR


def test_a_restart_changes_no_digit(desk: Desk) -> None:
    other = Desk()
    other.state, other.now = restored(saved(desk.state)), desk.now
    for each in (desk, other):
        for number in range(5):
            each.market(50_000.0 + 70.0 * number, 0.6 + 0.01 * number, after=17 * MINUTE)
            each.tell(fill(number, "0.1", price=Decimal(50_000)), after=MINUTE)
    assert saved(desk.state) == saved(other.state)


def test_a_run_from_before_keeps_its_result(desk: Desk) -> None:
    desk.market(50_400.0)
    before = check(desk)
    desk.state = replace(desk.state, attribution=None)
    desk.market(50_400.0, after=MINUTE)
    found = check(desk)
    assert found["corrections"] == pytest.approx(sum(before.values()), rel=0.05)
    desk.market(50_500.0)
    check(desk)


def test_what_has_no_price_leaves_the_result_unknown_and_says_what(desk: Desk) -> None:
    desk.market(50_400.0, after=2 * HOUR)
    desk.tell(AssumedVol(OPTION, -1.0), Tick(0.0))
    view = attribution_view(desk.state)
    assert view.total is None
    assert OPTION.partition("@")[0] in view.missing
    assert view.cells  # what was known before
    result = split_pnl(desk.state)
    assert result is not None
    assert (result.total, result.buckets) == (None, {})
    desk.market(50_500.0, after=2 * HOUR)
    check(desk)


def test_nothing_is_split_before_the_opening() -> None:
    empty = Desk()
    assert split_pnl(empty.state) is None
    assert "once everything held has a price" in attribution_view(empty.state).missing
