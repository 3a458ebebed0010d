"""From the state to the frame that a screen shows. Nothing here changes anything."""

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

from terminal.core.units import HOUR
from terminal.core.words import amount, delta
from terminal.engine.account_views import account_views
from terminal.engine.arming import live_view
from terminal.engine.context import day_pnl, halts_of, total_pnl
from terminal.engine.desk import verdict_of
from terminal.engine.feed_lights import feed_lights
from terminal.engine.order_rows import order_rows, questions
from terminal.engine.state import DeskState, State, contract_of
from terminal.engine.stops import closed_by_hand, closing, open_hedges
from terminal.execution.orders import done
from terminal.market.state import Market, age, mid, spot
from terminal.market.volatility import annual_vol
from terminal.model.advice import AdviceView
from terminal.model.alert import RANK, AlertView, RaisedAlert, Tier
from terminal.model.attribution import AttributionView
from terminal.model.carry import CarryView
from terminal.model.dead_man import DeadManView
from terminal.model.forecast import ForecastView
from terminal.model.frame import (
    Desk,
    FillRow,
    Frame,
    JournalHealth,
    LogLine,
    Machine,
    Notice,
    Pnl,
    ScenarioView,
    StopView,
    Tracks,
    VolView,
)
from terminal.model.gamma import GammaView
from terminal.model.greeks import Exposure, PositionRisk, Sensitivity
from terminal.model.health import Channel
from terminal.model.hedge import HedgeLadder, Proposal
from terminal.model.hedge_with import HedgeWith, ProxyView
from terminal.model.instrument import Option
from terminal.model.messages import Mode, StopStage
from terminal.model.oracle import OracleView
from terminal.model.preview import BandPreview
from terminal.model.recording import RecordingView
from terminal.model.risk import RiskProfile
from terminal.model.shadow import ShadowView
from terminal.model.smile import ConeBand, SmileView
from terminal.model.tca_view import TcaView
from terminal.model.what_if import WhatIfView
from terminal.portfolio.rows import ladder
from terminal.risk.alert_rules import completed, defaults, is_quiet

USUAL = defaults()
"""Rules of alerts until a person changes them."""


class Surroundings(Struct, frozen=True, kw_only=True):
    """What the engine itself does not know: the machine, the log, the curves.

    ``rows`` are the positions of each underlying, from ``itemised`` of the state's view of it.
    """

    title: str
    tracks: Mapping[str, Tracks]
    log: tuple[LogLine, ...]
    journal: JournalHealth
    machine: Machine
    attribution: AttributionView = AttributionView()
    notices: tuple[Notice, ...] = ()
    # Derived from the state for the screen, by underlying:
    rows: Mapping[str, tuple[PositionRisk, ...]] = {}
    scenarios: Mapping[str, ScenarioView] = {}
    vols: Mapping[str, VolView] = {}
    smiles: Mapping[str, Mapping[int, SmileView]] = {}
    cones: Mapping[str, tuple[ConeBand, ...]] = {}
    hedge_ladders: Mapping[str, HedgeLadder] = {}
    gammas: Mapping[str, GammaView] = {}
    hedge_with: Mapping[str, HedgeWith] = {}
    previews: Mapping[str, BandPreview] = {}
    proxy: ProxyView | None = None
    carry: CarryView = CarryView()
    tca: TcaView = TcaView()
    what_if: WhatIfView | None = None
    recording: RecordingView = RecordingView()
    oracle: OracleView = OracleView()
    advice: AdviceView = AdviceView()
    forecasts: Mapping[str, ForecastView] = {}
    shadows: ShadowView = ShadowView()
    switches: tuple[DeadManView, ...] = ()
    heard: Mapping[tuple[str, Channel], int] = {}  # when, by venue and channel


AS_THEY_ARE = tuple(
    each
    for each in Surroundings.__struct_fields__
    if each in Frame.__struct_fields__ and each != "notices"
)
"""Parts of the surroundings that a frame carries unchanged."""


def select(state: State, profile: RiskProfile, around: Surroundings) -> Frame:
    """Everything a screen may know at this record."""
    desks = _desks(state, around.rows)
    carried: dict[str, Any] = {name: getattr(around, name) for name in AS_THEY_ARE}
    return Frame(
        seq=state.seq,
        now=state.now,
        mode=state.mode,
        run=state.run,
        desks=desks,
        proposals=_offers(state),
        orders=order_rows(state),
        fills=_fills(state),
        ladder=tuple(step for desk in desks for step in ladder(desk.underlying, desk.rows)),
        pnl=_pnl(state),
        profile=profile,
        notices=_notices(state, around),
        feeds=feed_lights(state, around.heard),
        stop=_stop(state),
        alerts=_alerts(state),
        accounts=account_views(state),
        live=live_view(state),
        **carried,
    )


def _offers(state: State) -> tuple[Proposal, ...]:
    """Proposals on the table, oldest first."""
    offers = (desk.proposal for desk in state.desks.values() if desk.proposal is not None)
    return tuple(sorted(offers, key=lambda each: each.created_at))


def _desks(state: State, rows: Mapping[str, tuple[PositionRisk, ...]]) -> tuple[Desk, ...]:
    known = state.desks.items()
    return tuple(_desk(state, name, desk, rows.get(name, ())) for name, desk in known)


def _desk(state: State, underlying: str, desk: DeskState, rows: tuple[PositionRisk, ...]) -> Desk:
    market = state.market
    exposure = state.exposures.get(underlying) or unknown_exposure(market, underlying)
    seen = market.quotes.get(desk.hedge_key)
    funding = market.funding.get(desk.hedge_key)
    price, first = spot(market, underlying), market.first.get(underlying)
    halts = halts_of(state, underlying)
    variance = market.variance.get(underlying)
    return Desk(
        underlying=underlying,
        autonomy=desk.autonomy,
        exposure=exposure,
        rows=rows,
        net_delta=desk.net,
        target=desk.target,
        verdict=verdict_of(state, underlying),
        halted=halts[0].reason if halts else "",
        hedge_key=desk.hedge_key,
        hedge_symbol=desk.hedge_key.partition("@")[0],
        bid=seen.quote.bid if seen else None,
        ask=seen.quote.ask if seen else None,
        mark=(seen.quote.mark or mid(seen.quote)) if seen else None,
        book_age=age(seen, state.now) if seen else None,
        funding_rate=funding.rate if funding else None,
        funding_interval=funding.interval if funding else 0,
        funding_next=funding.next_at if funding else 0,
        funding_usd_8h=funding_usd_8h(market, rows),
        change_pct=(price / first - 1.0) * 100.0 if price and first else None,
        realised_vol=annual_vol(variance) if variance else None,
        implied_vol=at_the_money(market, underlying, state.now),
    )


def unknown_exposure(market: Market, underlying: str) -> Exposure:
    """An exposure of which nothing is known yet."""
    return Exposure(
        underlying=underlying,
        spot=spot(market, underlying),
        total=Sensitivity(),
        working=0.0,
        option_delta=0.0,
        hedge_delta=0.0,
        usable=False,
        flag="no data yet",
    )


def funding_usd_8h(market: Market, rows: Iterable[PositionRisk]) -> float | None:
    """Funding of the perpetuals held over the next 8 h at the present rate, USD; - is paid.

    None while the rate of one of them is unknown.
    """
    total = 0.0
    for row in rows:
        if row.kind != "perpetual" or row.qty == 0:
            continue
        funding = market.funding.get(row.key)
        if funding is None or funding.interval <= 0:
            return None
        total -= row.risk.delta_usd * funding.rate * 8 * HOUR / funding.interval
    return total


def at_the_money(market: Market, underlying: str, now: int) -> float | None:
    """Mark volatility of the option nearest the money at the nearest expiry a day or more away."""
    price = spot(market, underlying)
    best: tuple[int, float, float] | None = None
    for key, instrument in market.instruments.items():
        if not isinstance(instrument, Option) or instrument.contract.base != underlying:
            continue
        seen = market.quotes.get(key)
        if price is None or seen is None or seen.quote.iv is None:
            continue
        if instrument.expiry - now < 24 * HOUR:
            continue
        rank = (instrument.expiry, abs(float(instrument.strike) - price), seen.quote.iv)
        if best is None or rank < best:
            best = rank
    return best[2] if best else None


def _fills(state: State) -> tuple[FillRow, ...]:
    return tuple(
        FillRow(
            fill_id=note.fill.fill_id,
            at=note.at,
            symbol=note.fill.key.partition("@")[0],
            side=note.fill.side,
            qty=note.fill.qty,
            coins=note.coins,
            price=note.fill.price,
            fee_usd=note.fee_usd,
            slippage_bps=note.slippage_bps,
            maker=note.fill.maker,
        )
        for note in reversed(state.fills)
    )


def _pnl(state: State) -> Pnl:
    return Pnl(
        total=total_pnl(state),
        day=day_pnl(state),
        hedge_cost_day=state.activity.cost_usd,
        equity=state.equity,
    )


def _notices(state: State, around: Surroundings) -> tuple[Notice, ...]:
    found = [*around.notices, *questions(state)]
    if around.recording.fault:
        step = "Free the disk or choose another folder, then record again"
        found.append(Notice("warn", around.recording.fault, state.now, step))
    if state.stop is not None:
        stage = state.stop.stage.value
        progress = "done" if state.stop.done else "in progress"
        cause = f"Stopped ({stage}, {progress}): {state.stop.reason}"
        found.append(Notice("crit", cause, state.stop.since, "Re-arm with a reason to trade again"))
    if state.mode is Mode.LIVE and not state.arming.armed:
        cause = "Live trading is not armed: no order can leave"
        step = "Arm it by the menu Trading"
        found.append(Notice("warn", cause, state.arming.begun_at, step))
    for halt in state.halts:
        where = halt.underlying or "All trading"
        cause = f"{where} halted: {halt.reason}"
        found.append(Notice("crit", cause, halt.since, "Re-arm when it is understood"))
    for lock in state.locks:
        where = f"{lock.underlying} hedging" if lock.underlying else "Hedging"
        cause = f"{where} is locked: {lock.reason}"
        found.append(Notice("crit", cause, lock.since, "Look at Reconcile in the book"))
    for lock in state.feed_locks:
        cause = f"{lock.underlying} hedging is locked, bad data of {lock.reason}"
        found.append(Notice("warn", cause, lock.since, "It is free again when they stay good"))
    for venue, link in state.links.items():
        if not link.up:
            cause = f"Feed of {venue} is lost: {link.reason}"
            found.append(Notice("warn", cause, link.since, "Hedging waits until it is back"))
    return tuple(found)


def _alerts(state: State) -> AlertView:
    """Alerts that stand, the worst and then the oldest first, and what was told."""
    watch = state.alerts
    standing = [each for each in watch.book.raised.values() if each.raised_at]
    standing = [each for each in standing if each.active or _unanswered(each)]
    return AlertView(
        raised=tuple(sorted(standing, key=lambda each: (-RANK[each.tier], each.since))),
        dispatches=watch.book.dispatches,
        quiet=watch.settings is not None and is_quiet(watch.settings, state.now),
        settings=completed(watch.settings) if watch.settings else USUAL,
        usual=USUAL,
    )


def _unanswered(alert: RaisedAlert) -> bool:
    """Whether an alert that has ended still waits for a person."""
    return alert.tier is Tier.CRITICAL and not alert.acked_at


def _stop(state: State) -> StopView:
    latch = state.stop
    return StopView(
        stage=latch.stage if latch else None,
        reason=latch.reason if latch else "",
        since=latch.since if latch else 0,
        previews={stage: preview(state, stage) for stage in StopStage},
        done=latch.done if latch else False,
    )


def preview(state: State, stage: StopStage) -> tuple[str, ...]:
    """What a stage of the stop would do now, one line an act."""
    resting = sum(1 for order in state.orders.values() if not done(order))
    lines = [f"cancel {resting} working orders" if resting else "no working orders to cancel"]
    if stage is StopStage.FREEZE:
        return (*lines, "send nothing new")
    for underlying, desk in state.desks.items():
        if stage is StopStage.NEUTRALISE:
            act = closing(state, underlying, desk, stage)
            if isinstance(act, Proposal):
                trade = f"{act.side.value} {amount(act.coins)} {underlying}"
                lines.append(f"{trade}: delta to {delta(act.after)}")
            else:
                lines.append(f"{underlying}: {act.reason}")
            continue
        for key in open_hedges(state, underlying):
            held = state.ledger.positions[key].qty
            contract = contract_of(state, key)
            name = contract.symbol if contract else key
            by_hand = closed_by_hand(state, key)
            lines.append(by_hand or f"close {delta(float(held))} contracts of {name}")
    if stage is StopStage.FLATTEN:
        lines.append("options stay open")
    return tuple(lines)
