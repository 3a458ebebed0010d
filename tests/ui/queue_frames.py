"""Frames made by hand, for tests of what decides on proposals and stops."""

from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from terminal.core.units import SECOND
from terminal.model.frame import Desk, Frame, JournalHealth, Machine, Pnl, StopView
from terminal.model.greeks import Exposure, Sensitivity
from terminal.model.hedge import Cost, Proposal, ProposalStatus, Target
from terminal.model.messages import Mode, StopStage
from terminal.model.order import Side
from terminal.model.order_row import OrderRow
from terminal.model.risk import Autonomy
from terminal.risk.profiles import read_profile
from ui.theme.tokens import RESOURCES

NOW = 1_769_000_000 * SECOND

NO_STOP = StopView(
    stage=None,
    reason="",
    since=0,
    previews={stage: (f"would {stage.value}", "and nothing else") for stage in StopStage},
    done=False,
)

PROPOSAL = Proposal(
    proposal_id="BTC-1-abcd",
    revision=1,
    underlying="BTC",
    status=ProposalStatus.OPEN,
    key="BTC-PERPETUAL@deribit",
    side=Side.SELL,
    qty=Decimal(8515),
    coins=0.85,
    usd=80_123.0,
    mid=94_262.0,
    limit=Decimal("94262.50"),
    urgent=False,
    reduce_only=False,
    before=0.9,
    after=0.05,
    target=Target(0.05, -0.2, 0.3, "band to target", "0.9 is outside"),
    cost=Cost(4.0, 2.0, 2.0),
    risk_removed_usd=1800.0,
    reasons=("Net delta +0.9 BTC is above the band's +0.3.", "Calm: rests at the touch."),
    data_age=SECOND // 5,
    created_at=NOW,
    expires_at=NOW + 20 * SECOND,
)


def proposal(**changes: Any) -> Proposal:
    """The usual proposal, with changes."""
    return replace(PROPOSAL, **changes)


def desk(underlying: str, **changes: Any) -> Desk:
    """A quiet desk."""
    exposure = Exposure(
        underlying=underlying,
        spot=None,
        total=Sensitivity(),
        working=0.0,
        option_delta=0.0,
        hedge_delta=0.0,
        usable=True,
    )
    made = Desk(
        underlying=underlying,
        autonomy=Autonomy.APPROVE,
        exposure=exposure,
        rows=(),
        net_delta=0.0,
        target=None,
        verdict=f"+0.1 {underlying} is inside −0.2 to +0.2 {underlying}",
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
    return replace(made, **changes)


def order(order_id: str, **changes: Any) -> OrderRow:
    """A working order."""
    made = OrderRow(
        order_id=order_id,
        symbol="BTC-PERPETUAL",
        side=Side.BUY,
        qty=Decimal(100),
        filled=Decimal(40),
        limit=Decimal("94000.5"),
        status="live",
        age=SECOND,
        rule="band",
        reason="",
        working=True,
    )
    return replace(made, **changes)


def frame(*proposals: Proposal, seq: int = 1, now: int = NOW, **changes: Any) -> Frame:
    """A frame with these proposals and three desks."""
    text = (RESOURCES / "profiles" / "balanced.toml").read_text("utf-8")
    made = Frame(
        seq=seq,
        now=now,
        mode=Mode.SIM,
        run="run",
        title="simulated",
        desks=tuple(desk(name) for name in ("BTC", "ETH", "SOL")),
        proposals=proposals,
        orders=(),
        fills=(),
        ladder=(),
        tracks={},
        scenarios={},
        vols={},
        pnl=Pnl(total=None, day=None, hedge_cost_day=0.0, equity=None),
        profile=read_profile(text, "balanced.toml"),
        log=(),
        notices=(),
        feeds=(),
        journal=JournalHealth(
            path="",
            bytes=0,
            limit=1,
            last_seq=0,
            durable_seq=0,
            sync_ms=0.0,
            read_only=False,
            note="",
        ),
        machine=Machine(lag_ms=0.0, records_per_s=0.0, speed=1.0, paused=False, progress=None),
        stop=NO_STOP,
    )
    return replace(made, **changes)
