"""What a screen may know: one immutable frame, made about ten times a second.

Parts that did not change keep their identity, so a panel redraws only when ``is`` says so.
"""

from collections.abc import Mapping
from decimal import Decimal

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from terminal.model.advice import AdviceView
from terminal.model.alert import AlertView
from terminal.model.attribution import AttributionView
from terminal.model.carry import CarryView
from terminal.model.dead_man import DeadManView
from terminal.model.forecast import ForecastView
from terminal.model.gamma import GammaView
from terminal.model.greeks import Exposure, PositionRisk, Sensitivity
from terminal.model.health import ChannelAge, Light
from terminal.model.hedge import HedgeLadder, Proposal, Target
from terminal.model.hedge_with import HedgeWith, ProxyView
from terminal.model.live import LiveView
from terminal.model.messages import Mode, StopStage
from terminal.model.oracle import OracleView
from terminal.model.order import Side
from terminal.model.order_row import OrderRow
from terminal.model.playback import PlaybackView
from terminal.model.preview import BandPreview
from terminal.model.reconcile import AccountView
from terminal.model.recording import RecordingView
from terminal.model.risk import Autonomy, RiskProfile
from terminal.model.shadow import ShadowView
from terminal.model.smile import ConeBand, SmileView
from terminal.model.tca_view import TcaView
from terminal.model.what_if import WhatIfView

Column = NDArray[np.float64]


class Track(Struct, frozen=True):
    """One curve, grown at its end only: a longer track starts with the shorter one.

    ``start`` counts points dropped from the front since the beginning, so that a reader who has
    seen ``k`` points reads on from index ``k - start``.
    """

    times: Column  # seconds since 1970, UTC
    values: Column
    start: int = 0


class Marker(Struct, frozen=True):
    """A hedge fill on the price chart."""

    at: int
    side: Side
    price: float
    coins: float
    text: str


class Tracks(Struct, frozen=True, kw_only=True):
    """Curves of one underlying. NaN separates what a gap interrupts."""

    price: Track
    delta: Track
    low: Track
    high: Track
    gamma: Track  # USD of delta per 1 % move
    vega: Track  # USD per volatility point
    funding: Track  # bp per 8 h
    markers: tuple[Marker, ...]


class StressRow(Struct, frozen=True):
    """What a named historic day would do to the positions of one underlying now."""

    name: str
    date: str
    source: str  # where its numbers come from, and whether they were measured
    spot_move: float | None  # relative; None: the coin did not trade that day
    vol_move: float | None  # relative, of a 30-day volatility
    pnl_usd: float | None
    delta: float | None  # coin, after the move


class ScenarioView(Struct, frozen=True, kw_only=True):
    """P&L of one underlying if price and volatility moved at once, every position valued anew."""

    underlying: str
    spots: tuple[float, ...]  # relative price moves
    vols: tuple[float, ...]  # relative moves of a 30-day volatility
    pnl_usd: tuple[tuple[float, ...], ...]  # a row a volatility move
    delta: tuple[tuple[float, ...], ...]  # coin, cash included, after the move
    stress: tuple[StressRow, ...]
    missing: tuple[str, ...]  # positions left out because a number of theirs is unknown


class ExpiryVol(Struct, frozen=True):
    """At-the-money volatility of one expiry, annual; None where its quotes give none."""

    expiry: int
    forward: float  # USD
    vol: float | None
    forward_vol: float | None  # between the expiry before and this one
    strikes: int  # quoted on both sides


class RealisedVol(Struct, frozen=True):
    """Realised volatility over a window that ends now, annual; None with the reason."""

    window: int  # ns
    vol: float | None
    reason: str


class VolView(Struct, frozen=True, kw_only=True):
    """What options of one underlying cost in volatility, and what it did."""

    underlying: str
    expiries: tuple[ExpiryVol, ...]
    shape: str  # of the term structure
    index: float | None  # 30-day index of the chain, annual; None with the reason
    index_note: str
    realised: tuple[RealisedVol, ...]


class Desk(Struct, frozen=True, kw_only=True):
    """Everything about one underlying that is not a chart."""

    underlying: str
    autonomy: Autonomy
    exposure: Exposure
    rows: tuple[PositionRisk, ...]  # their risks sum to the exposure's total
    net_delta: float | None  # of the kind the profile hedges; None: unknown
    target: Target | None
    verdict: str  # why nothing is proposed, or what is
    halted: str  # empty: may hedge
    hedge_key: str
    hedge_symbol: str
    bid: float | None
    ask: float | None
    mark: float | None
    book_age: int | None  # ns
    funding_rate: float | None  # fraction per interval
    funding_interval: int  # ns
    funding_next: int  # UtcNs
    funding_usd_8h: float | None  # negative: paid
    change_pct: float | None  # since the first price seen
    realised_vol: float | None  # of the last hour, annual
    implied_vol: float | None  # at the money, nearest expiry, annual


class FillRow(Struct, frozen=True, kw_only=True):
    """One execution."""

    fill_id: str
    at: int
    symbol: str
    side: Side
    qty: Decimal
    coins: float
    price: Decimal
    fee_usd: float | None
    slippage_bps: float | None
    maker: bool


class ExpiryGreeks(Struct, frozen=True, kw_only=True):
    """Greeks of one underlying and expiry; perpetuals and spot have expiry 0."""

    underlying: str
    expiry: int
    positions: int
    risk: Sensitivity


class Pnl(Struct, frozen=True, kw_only=True):
    """Result since the start of the run, USD; its causes are in the frame's attribution."""

    total: float | None
    day: float | None
    hedge_cost_day: float
    equity: float | None


class LogLine(Struct, frozen=True):
    """One line of the log."""

    at: int
    level: str
    topic: str
    text: str


class Notice(Struct, frozen=True):
    """A standing problem: its cause, since when, and what to do next."""

    level: str  # warn or crit
    cause: str
    since: int
    next_step: str


class FeedHealth(Struct, frozen=True):
    """Condition of one feed: up, lost (its link is down), or neither: late."""

    venue: str
    up: bool
    age: int | None  # ns since its last message
    detail: str
    lost: bool = False
    light: Light = Light.GREEN
    why: str = ""  # of a light that is not green
    channels: tuple[ChannelAge, ...] = ()


class JournalHealth(Struct, frozen=True, kw_only=True):
    """Size and condition of the journal."""

    path: str
    bytes: int
    limit: int  # bytes; 0: none, nothing is written
    last_seq: int
    durable_seq: int
    sync_ms: float  # of the last durable commit
    read_only: bool
    note: str


class Machine(Struct, frozen=True, kw_only=True):
    """How the program itself is doing."""

    lag_ms: float  # of the engine loop, recent 99th percentile
    records_per_s: float
    speed: float  # market seconds per second; 0 = as fast as possible
    paused: bool
    progress: float | None  # of the tape, 0..1


class StopView(Struct, frozen=True, kw_only=True):
    """State of the stop, and what each stage would do now."""

    stage: StopStage | None
    reason: str
    since: int
    previews: Mapping[StopStage, tuple[str, ...]]
    done: bool


class Frame(Struct, frozen=True, kw_only=True):
    """The whole picture at one record."""

    seq: int
    now: int
    mode: Mode
    run: str
    title: str  # name of the market or tape
    desks: tuple[Desk, ...]
    proposals: tuple[Proposal, ...]  # open and to be re-quoted, oldest first
    orders: tuple[OrderRow, ...]
    fills: tuple[FillRow, ...]
    ladder: tuple[ExpiryGreeks, ...]
    tracks: Mapping[str, Tracks]
    scenarios: Mapping[str, ScenarioView]  # by underlying
    vols: Mapping[str, VolView]  # by underlying
    pnl: Pnl
    profile: RiskProfile
    log: tuple[LogLine, ...]
    notices: tuple[Notice, ...]
    feeds: tuple[FeedHealth, ...]
    journal: JournalHealth
    machine: Machine
    stop: StopView
    hedge_ladders: Mapping[str, HedgeLadder] = {}  # by underlying
    gammas: Mapping[str, GammaView] = {}  # by underlying
    hedge_with: Mapping[str, HedgeWith] = {}  # by underlying
    previews: Mapping[str, BandPreview] = {}  # by underlying, of the profile being edited
    proxy: ProxyView | None = None  # None: not looked at yet
    carry: CarryView = CarryView()
    tca: TcaView = TcaView()
    what_if: WhatIfView | None = None  # answer to the question that is open
    smiles: Mapping[str, Mapping[int, SmileView]] = {}  # by underlying and expiry
    cones: Mapping[str, tuple[ConeBand, ...]] = {}  # by underlying, the short horizons first
    attribution: AttributionView = AttributionView()
    alerts: AlertView = AlertView()
    accounts: tuple[AccountView, ...] = ()
    recording: RecordingView = RecordingView()
    switches: tuple[DeadManView, ...] = ()  # of venues that orders may rest at
    live: LiveView | None = None  # of a live run only
    oracle: OracleView = OracleView()
    advice: AdviceView = AdviceView()
    forecasts: Mapping[str, ForecastView] = {}
    playback: PlaybackView | None = None  # of a recording only
    shadows: ShadowView = ShadowView()
