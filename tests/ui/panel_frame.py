"""Small frames for the tests of panels: one desk, or as many as a test asks for."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec

from terminal.core.units import DAY, SECOND
from terminal.model.attribution import AttributionView, Bucket, Cell, Why
from terminal.model.frame import (
    Desk,
    Frame,
    JournalHealth,
    LogLine,
    Machine,
    Pnl,
    StopView,
)
from terminal.model.greeks import DeltaKind, Exposure, PositionRisk, Sensitivity
from terminal.model.messages import Mode
from terminal.model.risk import Autonomy, PolicyKind, PolicySpec, RiskProfile

NOW = 1_769_000_000 * SECOND

SPEC = PolicySpec(
    kind=PolicyKind.WHALLEY_WILMOTT,
    delta=DeltaKind.BLACK_SCHOLES,
    target=0.0,
    low=-0.5,
    high=0.5,
    every_s=300.0,
    cap=0.5,
)

PROFILE = RiskProfile(
    name="Balanced",
    about="A desk that asks for each click.",
    risk_aversion=2e-05,
    approval_ttl_s=30.0,
    drift_price_bps=20.0,
    drift_delta_pct=30.0,
    max_order_usd=50_000.0,
    max_hedge_usd=150_000.0,
    auto_hedge_usd=50_000.0,
    delta_cap_usd=120_000.0,
    slippage_cap_bps=15.0,
    spread_cap_bps=20.0,
    collar_bps=50.0,
    book_age_s=5.0,
    greeks_age_s=30.0,
    min_gap_s=10.0,
    hedges_per_hour=12,
    orders_per_minute=15,
    orders_per_day=1000,
    flips_per_10min=5,
    rejects_halt=3,
    turnover_day_usd=6e6,
    cost_day_usd=3000.0,
    day_loss_reduce_usd=15_000.0,
    day_loss_halt_usd=30_000.0,
    drawdown_7d_usd=100_000.0,
    gross_leverage=4.0,
    margin_use_pct=60.0,
    liquidation_pct=15.0,
    passive_wait_s=10.0,
    urgent_bands=3.0,
    unknown_halt_s=120.0,
    loop_lag_ms=1000.0,
    policies={"BTC": SPEC, "ETH": msgspec.structs.replace(SPEC, low=-8.0, high=8.0, cap=8.0)},
)


def sensitivity(delta: float) -> Sensitivity:
    """Sensitivities that are all different and all proportional to a delta."""
    return Sensitivity(*(delta * factor for factor in range(1, 10)))


def position(symbol: str, qty: str, **more: Any) -> PositionRisk:
    """An option that expires in 12 days."""
    plain: dict[str, Any] = {
        "key": f"{symbol}@deribit",
        "symbol": symbol,
        "kind": "option",
        "qty": Decimal(qty),
        "coins": float(qty),
        "entry": 0.0125,
        "mark": 0.0131,
        "iv": 0.523,
        "upnl_usd": 10.0,
        "expiry": NOW + 12 * DAY,
        "risk": sensitivity(float(qty) / 2),
    }
    return PositionRisk(**plain | more)


def desk(underlying: str, *rows: PositionRisk) -> Desk:
    """A desk that holds these positions."""
    total = sum((row.risk for row in rows), Sensitivity())
    exposure = Exposure(
        underlying=underlying,
        spot=60_000.0,
        total=total,
        working=0.0,
        option_delta=total.delta,
        hedge_delta=0.0,
        usable=True,
    )
    return Desk(
        underlying=underlying,
        autonomy=Autonomy.APPROVE,
        exposure=exposure,
        rows=rows,
        net_delta=total.delta,
        target=None,
        verdict="",
        halted="",
        hedge_key=f"{underlying}-PERPETUAL@deribit",
        hedge_symbol=f"{underlying}-PERPETUAL",
        bid=None,
        ask=None,
        mark=None,
        book_age=None,
        funding_rate=None,
        funding_interval=0,
        funding_next=0,
        funding_usd_8h=None,
        change_pct=None,
        realised_vol=None,
        implied_vol=None,
    )


def frame(**more: Any) -> Frame:
    """A frame in which nothing happens but what a test says."""
    plain: dict[str, Any] = {
        "seq": 1,
        "now": NOW,
        "mode": Mode.SIM,
        "run": "run",
        "title": "test",
        "desks": (),
        "proposals": (),
        "orders": (),
        "fills": (),
        "ladder": (),
        "tracks": {},
        "scenarios": {},
        "vols": {},
        "pnl": pnl(None),
        "profile": PROFILE,
        "log": (),
        "notices": (),
        "feeds": (),
        "journal": JournalHealth(
            path="",
            bytes=0,
            limit=1,
            last_seq=0,
            durable_seq=0,
            sync_ms=0.0,
            read_only=False,
            note="",
        ),
        "machine": Machine(
            lag_ms=0.0, records_per_s=0.0, speed=1.0, paused=False, progress=None
        ),
        "stop": StopView(stage=None, reason="", since=0, previews={}, done=False),
    }
    return Frame(**plain | more)


def pnl(total: float | None, **more: Any) -> Pnl:
    """A result of the run."""
    plain: dict[str, Any] = {"day": None, "hedge_cost_day": 0.0, "equity": None}
    return Pnl(total=total, **plain | more)


def split(usd: Mapping[Bucket, float], **more: Any) -> AttributionView:
    """A result of one day and coin with these causes."""
    gross = sum(abs(each) for bucket, each in usd.items() if bucket is not Bucket.RESIDUAL)
    stray = abs(usd.get(Bucket.RESIDUAL, 0.0))
    cell = Cell(NOW // DAY, 1, "BTC", 0, "sim", dict(usd), gross, stray, {Why.MARKS: stray})
    plain: dict[str, Any] = {"cells": (cell,), "total": sum(usd.values()), "at": NOW}
    return AttributionView(**plain | more)


def line(text: str, topic: str = "FEED", level: str = "info") -> LogLine:
    """A line of the log at a fixed moment."""
    return LogLine(NOW, level, topic, text)
