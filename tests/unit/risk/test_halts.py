"""Conditions that halt, and whom they concern."""

import pytest

from terminal.core.units import SECOND
from terminal.risk.halts import (
    Halt,
    HaltCode,
    bad_data,
    bars,
    concerns,
    day_loss,
    drawdown,
    feed_lost,
    loop_lag,
    mismatch,
    reconciling,
    slippage,
    unknown_order,
)
from tests.helpers.builders import NOW, profile

RULES = profile(loop_lag_ms=100.0, unknown_halt_s=20.0, day_loss_halt_usd=2e6)


def test_passing_halts_end_with_their_cause() -> None:
    late, lost = loop_lag(RULES, 100.1, NOW), feed_lost("sim", "gone", NOW - 5)
    assert [late.code, lost.code] == [HaltCode.LOOP_LAG, HaltCode.FEED_LOST]
    assert (late.latched, lost.latched) == (False, False)
    assert late.since < NOW
    assert "gone" in lost.reason


@pytest.mark.parametrize(("loss", "halts"), [(None, False), (-1_999_999.0, False), (-2e6, True)])
def test_day_loss_latches(loss: float | None, halts: bool) -> None:
    halt = day_loss(RULES, loss, NOW)
    assert (halt is not None) is halts
    assert halt is None or halt.latched


@pytest.mark.parametrize(
    ("peak", "pnl", "halts"),
    [(None, -9e9, False), (5.0, None, False), (5e5, -499_999.0, False), (5e5, -5e5, True)],
)
def test_a_fall_from_the_weeks_peak_latches(
    peak: float | None, pnl: float | None, halts: bool
) -> None:
    halt = drawdown(profile(drawdown_7d_usd=1e6), peak, pnl, NOW)
    assert (halt is not None) is halts
    assert halt is None or (halt.latched and "1,000,000 USD from the peak" in halt.reason)


def test_unknown_order_halts_its_coin_after_its_time() -> None:
    assert unknown_order(RULES, "BTC", NOW, NOW + 20 * SECOND - 1) is None
    halt = unknown_order(RULES, "BTC", NOW, NOW + 20 * SECOND)
    assert halt is not None
    assert concerns(halt, "BTC")
    assert not concerns(halt, "ETH")
    assert concerns(Halt(HaltCode.FAULT, "", "", NOW, latched=True), "ETH")


def test_three_bad_fills_in_a_row_latch() -> None:
    assert slippage("BTC", 2, NOW) is None
    halt = slippage("BTC", 3, NOW)
    assert halt is not None
    assert (halt.code, halt.latched) == (HaltCode.SLIPPAGE, True)


def test_only_wrong_numbers_and_latched_halts_end_the_hedge_at_work() -> None:
    waits = (reconciling("sim", NOW), bad_data("BTC", "crossed", NOW), feed_lost("sim", "", NOW))
    assert not any(map(bars, waits))
    assert not any(each.latched for each in waits)
    assert bars(mismatch("BTC", "1 lot", NOW))
    assert bars(Halt(HaltCode.FAULT, "", "", NOW, latched=True))
    assert "sim" in waits[0].reason
    assert "USDC moves" in reconciling("sim", NOW, "balance USDC").reason
