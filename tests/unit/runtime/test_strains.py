"""Strains of a tape: what each changes, and that none changes what it does not name."""

from decimal import Decimal

import numpy as np
import pytest
from msgspec.structs import replace

from terminal.core.units import SECOND
from terminal.model.instrument import Perpetual
from terminal.model.market import AssumedVol, Bar, Index, Quote
from terminal.model.messages import Listing, Mode
from terminal.model.risk import Autonomy
from terminal.runtime.profiles import presets
from terminal.runtime.reporting.lived import Lived
from terminal.runtime.reporting.variants import played
from terminal.runtime.settings import Settings
from terminal.runtime.strains import LEAST_VOL, Strain, dearer, strained, venue_terms, warier
from terminal.venues.message_queue import USUAL_LATENCY
from terminal.venues.order_desk import Misses
from tests.bench.backtest import make_tape
from tests.helpers.builders import contract

BARS = 1_500
KEY = "BTC_USDC-PERPETUAL@sim"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A day of one perpetual, hedged by itself."""
    tape = tmp_path_factory.mktemp("strains") / "day.tape"
    make_tape(tape, BARS)
    return Settings(
        mode=Mode.BACKTEST, tape=tape, speed=0.0, autonomy=Autonomy.AUTO, profile="degen"
    )


def perpetual(maker: float, taker: float) -> Perpetual:
    """A perpetual with such fees."""
    return Perpetual(replace(contract(), maker_bps=maker, taker_bps=taker), 0)


def test_nothing_changes_without_a_strain() -> None:
    none, bar = Strain(), Bar(KEY, 1.0, 2.0, 0.5, 1.5, None, 60, 0.5)
    assert strained(bar, none) == bar
    quote = Quote(KEY, 99.0, 101.0)
    assert strained(quote, none) == quote
    assert warier(presets()["Balanced"], none) == presets()["Balanced"]
    listed = (perpetual(-1.0, 5.0),)
    assert dearer(listed, none) == listed
    assert venue_terms("sim", 7, none).latency == USUAL_LATENCY
    assert not none.of_market


def test_costs_doubled_double_what_is_paid_and_leave_rebates_and_middles() -> None:
    twice = Strain(cost=2.0)
    (found,) = dearer((perpetual(-1.0, 5.0),), twice)
    assert (found.contract.maker_bps, found.contract.taker_bps) == (-1.0, 10.0)
    told = strained(Listing("sim", (perpetual(1.0, 5.0),)), twice)
    assert isinstance(told, Listing)
    assert told.instruments[0].contract.maker_bps == 2.0
    bar = Bar(KEY, 1.0, 2.0, 0.5, 1.5, None, 60, 0.5)
    assert strained(bar, twice) == replace(bar, half_spread_bps=1.0)
    assert strained(Quote(KEY, 99.0, 101.0), twice) == Quote(KEY, 98.0, 102.0)
    assert strained(Quote(KEY, None, 101.0), twice) == Quote(KEY, None, 101.0)
    assert strained(Index("BTC", 100.0), twice) == Index("BTC", 100.0)
    plain, dear = (venue_terms("sim", 7, each) for each in (Strain(), twice))
    assert dear.impact_bps_per_coin["BTC"] == 2.0 * plain.impact_bps_per_coin["BTC"]


def test_volatility_moves_by_points_and_never_to_nothing() -> None:
    lower = Strain(vol_points=-5.0)
    shifted = strained(AssumedVol(KEY, 0.6), lower)
    assert isinstance(shifted, AssumedVol)
    assert shifted.iv == pytest.approx(0.55)
    assert strained(AssumedVol(KEY, 0.02), lower) == AssumedVol(KEY, LEAST_VOL)
    option = Quote("BTC-CALL@sim", 0.01, 0.02, iv=0.6, mark=0.015)
    assert strained(option, lower) == replace(option, iv=shifted.iv)


def test_a_part_of_all_orders_is_missed() -> None:
    rng = np.random.default_rng(3)
    found = sum(Misses(0.1, rng).next() for _ in range(10_000))
    assert 900 < found < 1_100  # three deviations
    untouched = np.random.default_rng(3)
    assert not Misses(0.0, untouched).next()
    assert untouched.random() == np.random.default_rng(3).random()  # nothing was drawn


def test_whose_orders_are_all_missed_trades_nothing_and_goes_on(settings: Settings) -> None:
    whole = played(settings)
    none = played(replace(settings, strain=Strain(missed=1.0)))
    assert whole.heard.fills
    assert not none.heard.fills
    assert none.state.counts.orders > 0
    held = none.state.ledger.positions.get(KEY)
    assert held is None or held.qty == 0
    assert none.state.now == whole.state.now


def test_late_orders_arrive_late_and_dear_ones_cost_more(settings: Settings) -> None:
    prompt, late = (
        played(replace(settings, strain=Strain(latency_s=seconds))) for seconds in (0.0, 30.0)
    )
    for day, least in ((prompt, 0), (late, 60)):
        waits = [each.acked_at - each.decided_at for each in day.heard.hedges.values()]
        assert waits
        assert min(waits) >= least * SECOND
        assert (min(waits) == 0) == (least == 0)
    dear = played(replace(settings, strain=Strain(cost=3.0)))
    usual = played(settings)

    def fees(day: Lived) -> Decimal:
        fills = [each.fill for each in day.heard.fills]
        paid = sum((each.fee for each in fills), Decimal(0))
        return paid / sum((each.qty * each.price for each in fills), Decimal(0))

    assert fees(dear) > 2 * fees(usual)


def test_the_same_strain_gives_the_same_run(settings: Settings) -> None:
    some = replace(settings, strain=Strain(missed=0.3, latency_s=2.0))
    one, other = played(some), played(some)
    assert one.heard.fills == other.heard.fills
    assert one.state.counts == other.state.counts
