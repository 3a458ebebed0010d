"""The exposure strip: where the book stands, in one line of cards."""

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy

from terminal.model.frame import Desk, Frame
from terminal.model.greeks import Exposure, Sensitivity
from ui.format import coin, countdown, number, percent, usd
from ui.panels.header import ALL
from ui.panels.panel import Panel
from ui.theme.tokens import Tokens
from ui.widgets.gauge import DeltaGauge
from ui.widgets.kpi import KpiCard, Tone

TEXT_EVERY = 3
CARD_WIDTH = 150
"""Least width of a card; cards that do not fit are hidden, the last ones first."""


class StripPanel(Panel):
    """Key figures of the selected underlying, or of all."""

    def __init__(self, tokens: Tokens) -> None:
        super().__init__("strip", "Exposure", tokens)
        self._underlying = ALL
        self._frames = 0
        self._gauge = DeltaGauge()
        self._delta = KpiCard("Net delta", self._gauge)
        self._usd = KpiCard("Delta in USD")
        self._gamma = KpiCard("Gamma")
        self._vega = KpiCard("Vega")
        self._theta = KpiCard("Theta")
        self._funding = KpiCard("Funding")
        self._pnl = KpiCard("P&L")
        self._cost = KpiCard("Hedge cost today")
        self._vol = KpiCard("Volatility")
        self._cards = (
            self._delta,
            self._pnl,
            self._gamma,
            self._theta,
            self._vega,
            self._usd,
            self._funding,
            self._cost,
            self._vol,
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 8, 8, 0)
        row.setSpacing(8)
        for card in self._cards:
            card.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
            row.addWidget(card, 2 if card is self._delta else 1)
        self._delta.setMinimumWidth(250)

    def select(self, underlying: str) -> None:
        """Show another book."""
        self._underlying = underlying
        self._frames = 0

    def minimumSizeHint(self) -> QSize:
        """Room for the net delta and two more; the rest comes with width."""
        return QSize(250 + 2 * CARD_WIDTH, self._delta.sizeHint().height() + 8)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as many cards as fit."""
        super().resizeEvent(event)
        room = self.width() - 16 - self._delta.minimumWidth()
        fit = 1 + max(2, room // (CARD_WIDTH + 8))
        for place, card in enumerate(self._cards):
            card.setVisible(place < fit)

    def render_frame(self, frame: Frame) -> None:
        """Show the figures, a few times a second."""
        self._frames += 1
        if self._frames % TEXT_EVERY != 1:
            return
        desk = next((d for d in frame.desks if d.underlying == self._underlying), None)
        if desk is not None:
            self._one(desk, frame)
        else:
            self._all(frame)
        pnl = frame.pnl
        tone = _tone(pnl.total)
        day = f"today {usd(pnl.day, 0, True)}"
        self._pnl.show_value(usd(pnl.total, 0, True), day, "", tone)
        turnover = f"{len(frame.fills)} fills"
        self._cost.show_value(usd(pnl.hedge_cost_day, 2), turnover)

    # -- One underlying -----------------------------------------------------------------------

    def _one(self, desk: Desk, frame: Frame) -> None:
        self._net(desk)
        risk = desk.exposure.total if desk.exposure.usable else None
        self._greeks(risk)
        name = desk.underlying
        if risk is None:
            self._usd.show_value("–", desk.exposure.flag or "unknown")
        else:
            others = f"net {coin(risk.delta_net_of_premium, '', 3).strip()}"
            with_equity = f"equity {coin(risk.delta_with_equity, '', 3).strip()}"
            self._usd.show_value(usd(risk.delta_usd, 0, True), f"Δ {others} · {with_equity}")
        left = countdown(max(desk.funding_next - frame.now, 0)) if desk.funding_next else "–"
        money = desk.funding_usd_8h
        self._funding.show_value(
            usd(money, 2, True), f"per 8 h, next in {left}", "", _tone(money)
        )
        implied = percent(desk.implied_vol, 1)
        realised = percent(desk.realised_vol, 1)
        self._vol.show_value(implied, f"implied · 1 h realised {realised}")
        self._usd.setAccessibleDescription(f"Four deltas of {name}")

    def _net(self, desk: Desk) -> None:
        name, net, target = desk.underlying, desk.net_delta, desk.target
        if net is None or target is None:
            self._gauge.show_state(None, None, None, None)
            self._delta.show_value("–", desk.verdict, "UNKNOWN", "warn", alert=True)
            return
        self._gauge.show_state(net, target.low, target.high, target.delta)
        badge, outside = place_of(net, target.low, target.high)
        flying = desk.exposure.working
        sub = (
            f"band {number(target.low, 3, True)} to {number(target.high, 3, True)}"
            f" · {target.rule}"
        )
        if flying:
            sub = f"{coin(flying, name, 3)} in flight · {sub}"
        tone: Tone = "dn" if outside else "neutral"
        self._delta.show_value(coin(net, name, 4), sub, badge, tone, alert=outside)

    def _greeks(self, risk: Sensitivity | None) -> None:
        gamma, vega, theta = (
            (None, None, None)
            if risk is None
            else (risk.gamma_1pct_usd, risk.vega_usd, risk.theta_usd_day)
        )
        self._gamma.show_value(usd(gamma, 0, True), "delta per 1 % move")
        self._vega.show_value(usd(vega, 1, True), "per vol point")
        self._theta.show_value(usd(theta, 0, True), "per calendar day", "", _tone(theta))

    # -- The whole book -----------------------------------------------------------------------

    def _all(self, frame: Frame) -> None:
        exposures = [desk.exposure for desk in frame.desks]
        known = bool(exposures) and all(each.usable for each in exposures)
        risk = _sum(exposures) if known else None
        self._greeks(risk)
        out = [desk for desk in frame.desks if _outside(desk)]
        dollars = usd(risk.delta_usd if risk else None, 0, True)
        each = "  ".join(f"{d.underlying} {coin(d.net_delta, '', 3).strip()}" for d in frame.desks)
        badge = f"{len(out)} OUTSIDE BAND" if out else "IN BAND"
        if not known:
            badge = "UNKNOWN"
        worst = out[0] if out else (frame.desks[0] if frame.desks else None)
        if worst is not None and worst.target is not None:
            t = worst.target
            self._gauge.show_state(worst.net_delta, t.low, t.high, t.delta)
        tone: Tone = "dn" if out else ("neutral" if known else "warn")
        self._delta.show_value(dollars, each, badge, tone, alert=bool(out) or not known)
        gross = sum(abs(each.total.delta_usd) for each in exposures) if known else None
        self._usd.show_value(usd(gross, 0), "sum of absolute deltas")
        money = [desk.funding_usd_8h for desk in frame.desks]
        total = None if any(m is None for m in money) else sum(m for m in money if m is not None)
        self._funding.show_value(usd(total, 2, True), "per 8 h, all coins", "", _tone(total))
        vols = " · ".join(
            f"{d.underlying} {percent(d.implied_vol, 0)}"
            for d in frame.desks
        )
        self._vol.show_value(vols.partition(" · ")[0], vols.partition(" · ")[2])


def place_of(net: float, low: float, high: float) -> tuple[str, bool]:
    """Words for where net delta is, and whether that is outside the band."""
    if net > high:
        return "ABOVE BAND", True
    if net < low:
        return "BELOW BAND", True
    return "IN BAND", False


def _outside(desk: Desk) -> bool:
    if desk.net_delta is None or desk.target is None:
        return False
    return not desk.target.low <= desk.net_delta <= desk.target.high


def _sum(exposures: list[Exposure]) -> Sensitivity:
    total = Sensitivity()
    for each in exposures:
        total += each.total
    return total


def _tone(amount: float | None) -> Tone:
    if amount is None or amount == 0.0:
        return "neutral"
    return "up" if amount > 0.0 else "dn"
