"""The fast path makes the full engine's decisions, bar for bar, or says why it does not."""

from decimal import Decimal
from pathlib import Path as File
from typing import NamedTuple

import numpy as np
import pytest
from msgspec.structs import replace

from terminal.core.errors import ConfigError, DataError
from terminal.core.units import MINUTE
from terminal.engine.state import State
from terminal.lab.fast import Held, Path, Run, Venue, path_of, run, why_not
from terminal.model.instrument import Contract, Option, Payoff, Perpetual, Right, TickStep
from terminal.model.market import Bar
from terminal.model.messages import Record
from terminal.model.order import Fill
from terminal.model.risk import PolicyKind, RiskProfile, Style
from terminal.runtime.profiles import save_file
from terminal.runtime.recorder import Recorder
from terminal.runtime.session import Session
from tests.bench.backtest import VOL, band_profile, make_tape, open_run, play

BARS = 2 * 1440
COIN = "BTC"


class Watcher(Recorder):
    """Keeps what the engine decided at each bar, and every fill."""

    def __init__(self) -> None:
        super().__init__(draws=False)
        self.decided: list[tuple[float, float, float]] = []
        self.bars: list[tuple[int, float, float | None]] = []
        self.fills: list[tuple[int, float, float]] = []

    def watch(self, state: State, record: Record) -> None:
        event = record.event
        if isinstance(event, Bar):
            desk = state.desks[COIN]
            assert desk.net is not None
            assert desk.target is not None
            self.decided.append((desk.net, desk.target.low, desk.target.high))
            assert state.opening is not None
            assert state.equity is not None
            self.bars.append((record.at, event.close, state.equity - state.opening.equity))
        elif isinstance(event, Fill):
            sign = 1.0 if event.side == "buy" else -1.0
            self.fills.append((len(self.bars) - 1, sign * float(event.qty), float(event.price)))


class Played(NamedTuple):
    """One tape on both paths."""

    session: Session
    seen: Watcher
    path: Path
    fast: Run


def profile_of(kind: PolicyKind, **changes: float) -> RiskProfile:
    profile = band_profile()
    terms = {"kind": kind, "patience": 0.0, "every_s": 1800.0, **changes}
    policies = {coin: replace(spec, **terms) for coin, spec in profile.policies.items()}
    return replace(profile, policies=policies, style=Style.MARKET, learned_cost_pct=0.0)


def venue_of(contract: Contract, latency: int = 0) -> Venue:
    return Venue(contract=contract, impact_bps_per_coin=0.08, cash=1e6, latency=latency)


def played(folder: File, profile: RiskProfile, count: int = BARS) -> Played:
    save_file(profile, folder / "p.toml")
    make_tape(folder / "t.tape", count)
    session = open_run(folder / "t.tape", folder / "p.toml")
    seen = Watcher()
    session.recorder = seen
    play(session)
    market, ledger = session.state.market, session.state.ledger
    options = tuple(
        Held(
            float(each.strike),
            each.expiry,
            1.0 if each.right is Right.CALL else -1.0,
            float(ledger.positions[key].qty),
            VOL,
        )
        for key, each in market.instruments.items()
        if isinstance(each, Option)
    )
    at, close, _ = (np.array(each) for each in zip(*seen.bars, strict=True))
    path = path_of(at, close, 0.5, options)
    fast = run(path, profile, COIN, venue_of(perpetual(session)), curve=True)
    return Played(session, seen, path, fast)


def perpetual(session: Session) -> Contract:
    instruments = session.state.market.instruments.values()
    return next(each.contract for each in instruments if isinstance(each, Perpetual))


CASES = [
    replace(profile_of(PolicyKind.BAND_TO_HALF, low=-0.03, high=0.05), min_gap_s=200.0),
    replace(profile_of(PolicyKind.BAND_TO_EDGE, target=0.25), flips_per_10min=1),
    replace(profile_of(PolicyKind.BAND_TO_TARGET, low=-0.05, high=0.05), hedges_per_hour=7),
    replace(profile_of(PolicyKind.WHALLEY_WILMOTT), risk_aversion=4e-4),
    profile_of(PolicyKind.TIMER),
]


@pytest.mark.parametrize("profile", CASES)
def test_every_decision_trade_and_cent_is_the_engines(tmp_path: File, profile: RiskProfile) -> None:
    session, seen, path, fast = played(tmp_path, profile)
    assert fast.left == ""
    nets, lows, highs = (np.array(each) for each in zip(*seen.decided, strict=True))
    np.testing.assert_allclose(fast.net, nets, rtol=0.0, atol=1e-9)
    assert len(seen.fills) == session.state.counts.fills > 10
    bars, coins, prices = (np.array(each) for each in zip(*seen.fills, strict=True))
    np.testing.assert_array_equal(fast.bar, bars)
    np.testing.assert_allclose(fast.coins, coins, rtol=0.0, atol=1e-9)
    np.testing.assert_allclose(fast.price, prices, rtol=0.0, atol=1e-6)
    assert np.all(lows <= highs)
    # The engine's equity at a bar is from before that bar's hedge.
    hedged = np.zeros(nets.size, dtype=np.bool_)
    hedged[fast.bar] = True
    told = np.array([each[2] for each in seen.bars])
    np.testing.assert_allclose(fast.pnl[~hedged], told[~hedged], rtol=0.0, atol=0.005)
    end, opening = session.state.equity, session.state.opening
    assert end is not None
    assert opening is not None
    assert fast.profit == pytest.approx(end - opening.equity, abs=0.005)
    assert fast.profit == pytest.approx(fast.pnl[-1], abs=1e-6)
    assert path.at.size == BARS


def year() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(5)
    at = (np.arange(3000, dtype=np.int64) + 30_000_000) * MINUTE
    return at, 60_000.0 * np.exp(np.cumsum(rng.normal(0.0, 8e-4, at.size)))


def straddle(at: np.ndarray) -> tuple[Held, Held]:
    expiry = int(at[-1]) + 48 * 60 * MINUTE
    return Held(60_000.0, expiry, 1.0, 10.0, 0.6), Held(60_000.0, expiry, -1.0, 10.0, 0.6)


CONTRACT = Contract(
    venue="sim",
    symbol="BTC_USDC-PERPETUAL",
    base=COIN,
    quote="USDC",
    settle="USDC",
    payoff=Payoff.LINEAR,
    multiplier=Decimal(1),
    ticks=(TickStep(Decimal(0), Decimal(1)),),
    lot=Decimal("0.001"),
    min_qty=Decimal("0.001"),
    min_notional=Decimal(5),
    maker_bps=0.0,
    taker_bps=5.0,
)

WIDE = profile_of(PolicyKind.BAND_TO_TARGET)


@pytest.mark.parametrize(
    ("profile", "said"),
    [
        (profile_of(PolicyKind.ZAKAMOULINE), "policy zakamouline"),
        (profile_of(PolicyKind.BAND_TO_EDGE, patience=1.0), "patience of the policy must be 0"),
        (replace(WIDE, style=Style.POST_ONLY), "style post_only"),
        (replace(profile_of(PolicyKind.WHALLEY_WILMOTT), learned_cost_pct=50.0), "learned_cost"),
        (profile_of(PolicyKind.BAND_TO_TARGET, low=-1e-4, high=1e-4), "60 % of one lot"),
        (replace(WIDE, policies={}), "no policy for BTC"),
    ],
)
def test_what_it_does_not_model_is_refused(profile: RiskProfile, said: str) -> None:
    assert said in why_not(profile, COIN, CONTRACT)
    at, close = year()
    with pytest.raises(ConfigError, match="use the full backtest"):
        run(path_of(at, close, 0.5, straddle(at)), profile, COIN, venue_of(CONTRACT), curve=False)


@pytest.mark.parametrize(
    ("profile", "left"),
    [
        (replace(WIDE, max_order_usd=1_000.0), "largest order"),
        (replace(WIDE, turnover_day_usd=200_000.0), "turnover"),
        (replace(WIDE, cost_day_usd=100.0), "cost"),
        (replace(WIDE, orders_per_day=4), "number of orders"),
        (replace(WIDE, day_loss_reduce_usd=50.0), "day's loss"),
        (replace(WIDE, drawdown_7d_usd=400.0, day_loss_reduce_usd=1e9), "drawdown"),
        (replace(WIDE, gross_leverage=0.01), "leverage"),
        (replace(WIDE, slippage_cap_bps=0.2), "price limit"),
    ],
)
def test_a_limit_that_would_bind_ends_the_run_and_says_so(profile: RiskProfile, left: str) -> None:
    at, close = year()
    found = run(
        path_of(at, close, 0.01, straddle(at)), profile, COIN, venue_of(CONTRACT), curve=False
    )
    assert left in found.left
    assert 0 <= found.left_at < at.size


def test_latency_fills_on_a_later_bar_and_misses_what_ran_away() -> None:
    at, close = year()
    path = path_of(at, close, 0.5, straddle(at))
    late = run(path, WIDE, COIN, venue_of(CONTRACT, latency=1), curve=False)
    assert late.bar.size > 10
    assert late.missed > 0
    prompt = run(path, WIDE, COIN, venue_of(CONTRACT), curve=False)
    assert late.bar[0] == prompt.bar[0] + 1
    np.testing.assert_allclose(late.price, close[late.bar], rtol=2e-4)


def test_bars_that_cannot_be_are_named() -> None:
    at, close = year()
    with pytest.raises(DataError, match="1 bars are too few"):
        path_of(at[:1], close[:1], 0.5, ())
    with pytest.raises(DataError, match="in time order"):
        path_of(at[::-1], close, 0.5, ())
    with pytest.raises(DataError, match="within an hour"):
        path_of(at, close, 0.5, (Held(6e4, int(at[-1]), 1.0, 1.0, 0.6),))
    close[7] = np.nan
    with pytest.raises(DataError, match="bar 8"):
        path_of(at, close, 0.5, ())
