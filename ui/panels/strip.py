"""The exposure strip: where the book stands, in one line of cards."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLayout, QSizePolicy, QWidget

from terminal.core.units import HOUR
from terminal.model.frame import Desk, Frame
from terminal.model.greeks import DeltaKind, Exposure, Sensitivity
from ui.format import age, coin, countdown, number, percent, usd
from ui.panels.header import ALL
from ui.panels.panel import Panel
from ui.theme.fonts import sans
from ui.theme.tokens import Tokens
from ui.widgets.gauge import DeltaGauge
from ui.widgets.kpi import KpiCard, Tone
from ui.widgets.tip import set_tip

TEXT_EVERY = 3
CARD_WIDTH, DELTA_WIDTH, GAUGE_WIDTH = 150, 250, 56
"""Least width of a card; cards that do not fit are hidden, the last ones first."""

MARGINS = 28
"""Pixels of a card's width that are not text."""

KINDS = {
    DeltaKind.BLACK_SCHOLES: "Black-Scholes",
    DeltaKind.NET_OF_PREMIUM: "net of premium",
    DeltaKind.WITH_EQUITY: "with equity",
    DeltaKind.STICKY_DELTA: "sticky delta",
    DeltaKind.MIN_VARIANCE: "min variance",
    DeltaKind.STOCHASTIC_VOL: "stochastic vol",
}


class StripPanel(Panel):
    """Key figures of the selected underlying, or of all."""

    def __init__(self, tokens: Tokens) -> None:
        super().__init__("strip", "Exposure", tokens)
        self._underlying = ALL
        self._frames = 0
        self._gauges: list[DeltaGauge] = []
        self._row = QWidget()
        row = QHBoxLayout(self._row)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self._delta = KpiCard("Net delta", self._row)
        self._usd = KpiCard("Delta in USD")
        self._gamma = KpiCard("Gamma")
        self._vega = KpiCard("Vega")
        self._theta = KpiCard("Theta")
        self._funding = KpiCard("Funding per 8 h")
        self._pnl = KpiCard("P&L")
        self._cost = KpiCard("Hedge cost today")
        self._vol = KpiCard("Implied volatility")
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
        self._show_gauges(1)
        whole = QHBoxLayout(self)
        whole.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)  # cards hide instead
        whole.setContentsMargins(8, 8, 8, 0)
        whole.setSpacing(8)
        for card in self._cards:
            card.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
            whole.addWidget(card, 2 if card is self._delta else 1)
            # Without a least width of its own a card would be as wide as its longest text.
            card.setMinimumWidth(DELTA_WIDTH if card is self._delta else CARD_WIDTH)

    def _show_gauges(self, many: int) -> None:
        """Show one gauge, or one a desk side by side."""
        layout = self._row.layout()
        while layout is not None and len(self._gauges) < many:
            self._gauges.append(DeltaGauge())
            self._gauges[-1].setMinimumWidth(GAUGE_WIDTH)
            layout.addWidget(self._gauges[-1])
        for place, gauge in enumerate(self._gauges):
            gauge.setVisible(place < many)

    def select(self, underlying: str) -> None:
        """Show another book."""
        self._underlying = underlying
        self._frames = 0

    def minimumSizeHint(self) -> QSize:
        """Room for the net delta and two more; the rest comes with width."""
        return QSize(DELTA_WIDTH + 2 * CARD_WIDTH, self._delta.sizeHint().height() + 8)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as many cards as fit."""
        super().resizeEvent(event)
        room = self.width() - 16 - DELTA_WIDTH
        fit = 1 + max(2, room // (CARD_WIDTH + 8))
        for place, card in enumerate(self._cards):
            card.setVisible(place < fit)
        self._frames = 0  # what fits has changed

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
        day = f"all · today {_dollars(pnl.day)}"
        self._pnl.show_value(_dollars(pnl.total), day, "", _tone(pnl.total))
        self._cost.show_value(_money(pnl.hedge_cost_day, 2), "fees and slippage")

    # -- One underlying -----------------------------------------------------------------------

    def _one(self, desk: Desk, frame: Frame) -> None:
        spec = frame.profile.policies.get(desk.underlying)
        self._net(desk, spec.delta if spec is not None else None)
        risk = desk.exposure.total if desk.exposure.usable else None
        self._greeks(risk)
        if risk is None:
            self._usd.show_value("–", self._fit(self._usd, desk.exposure.flag or "unknown"))
        else:
            net, equity = risk.delta_net_of_premium, risk.delta_with_equity
            # What has no room here is in the tooltip, in full.
            words = self._fit(
                self._usd,
                f"net {_short(net)} · eq {_short(equity)}",
                f"net {_brief(net)} · eq {_brief(equity)}",
                f"net {_brief(net)}",
            )
            self._usd.show_value(_dollars(risk.delta_usd), words)
        self._describe(four_deltas(desk))
        left = max(desk.funding_next - frame.now, 0)
        due = countdown(left) if left < HOUR else age(left)
        money = desk.funding_usd_8h
        words = f"{_payer(money)} in {due}" if desk.funding_next else _payer(money)
        self._funding.show_value(_money(money, 2, signed=True), words, "", _tone(money))
        realised = percent(desk.realised_vol, 1)
        self._vol.show_value(percent(desk.implied_vol, 1), f"realised 1 h {realised}")

    def _net(self, desk: Desk, kind: DeltaKind | None) -> None:
        name, net, target = desk.underlying, desk.net_delta, desk.target
        self._show_gauges(1)
        _show_desk(self._gauges[0], desk)
        if net is None or target is None:
            why = self._fit(self._delta, desk.verdict)
            self._delta.show_value("–", why, "UNKNOWN", "warn", alert=True)
            return
        badge, outside = place_of(net, target.low, target.high)
        flying = desk.exposure.working
        band = f"{_short(target.low)} to {_short(target.high)}"
        sub = f"band {band} · {KINDS[kind]}" if kind is not None else f"band {band}"
        if flying:
            sub = f"{_short(flying)} in flight · band {band}"
        tone: Tone = "dn" if outside else "neutral"
        words = self._fit(self._delta, sub)
        self._delta.show_value(coin(net, name), words, badge, tone, alert=outside)

    def _fit(self, card: KpiCard, *texts: str) -> str:
        """Take the first line that has room in its card, else shorten the last with dots."""
        room, metrics = card.width() - MARGINS, QFontMetrics(sans())
        for text in texts:
            if metrics.horizontalAdvance(text) <= room:
                return text
        return metrics.elidedText(texts[-1], Qt.TextElideMode.ElideRight, room)

    def _describe(self, deltas: str) -> None:
        for card in (self._delta, self._usd):
            set_tip(card, deltas)
            card.setAccessibleDescription(deltas)

    def _greeks(self, risk: Sensitivity | None) -> None:
        gamma, vega, theta = (
            (None, None, None)
            if risk is None
            else (risk.gamma_1pct_usd, risk.vega_usd, risk.theta_usd_day)
        )
        self._gamma.show_value(_dollars(gamma), "delta per 1 % move")
        self._vega.show_value(_money(vega, 1, signed=True), "per vol point")
        self._theta.show_value(_dollars(theta), "per calendar day", "", _tone(theta))

    # -- The whole book -----------------------------------------------------------------------

    def _all(self, frame: Frame) -> None:
        exposures = [desk.exposure for desk in frame.desks]
        known = bool(exposures) and all(each.usable for each in exposures)
        risk = _sum(exposures) if known else None
        self._greeks(risk)
        self._net_of_all(frame.desks, risk)
        gross = sum(abs(each.total.delta_usd) for each in exposures) if known else None
        self._usd.show_value(usd(gross, 0, short=True), "gross, all coins")
        money = [desk.funding_usd_8h for desk in frame.desks]
        known_money = [each for each in money if each is not None]
        total = sum(known_money) if money and len(known_money) == len(money) else None
        words = f"{_payer(total)}, all coins"
        self._funding.show_value(_money(total, 2, signed=True), words, "", _tone(total))
        vols = [f"{d.underlying} {percent(d.implied_vol, 0)}" for d in frame.desks]
        self._vol.show_value(vols[0] if vols else "–", self._fit(self._vol, " · ".join(vols[1:])))

    def _net_of_all(self, desks: tuple[Desk, ...], risk: Sensitivity | None) -> None:
        """Show the sum in USD, and below it one gauge and one delta a desk."""
        self._show_gauges(max(1, len(desks)))
        for gauge, desk in zip(self._gauges, desks, strict=False):
            _show_desk(gauge, desk)
        out = sum(1 for desk in desks if _outside(desk))
        blind = risk is None or any(d.net_delta is None or d.target is None for d in desks)
        badge = f"{out} OUTSIDE BAND" if out else "UNKNOWN" if blind else "IN BAND"
        tone: Tone = "dn" if out else "warn" if blind else "neutral"
        each = "  ".join(f"{d.underlying} {_short(d.net_delta)}" for d in desks)
        words = self._fit(self._delta, each)
        dollars = _dollars(risk.delta_usd if risk else None)
        self._delta.show_value(dollars, words, badge, tone, alert=bool(out) or blind)
        self._describe("\n\n".join(four_deltas(desk) for desk in desks))


def four_deltas(desk: Desk) -> str:
    """The labelled deltas of one underlying, a line each; they are never mixed."""
    name, exposure = desk.underlying, desk.exposure
    if not exposure.usable:
        return f"{name}: {exposure.flag or 'unknown'}"
    risk = exposure.total
    return "\n".join(
        (
            f"{name} delta, Black-Scholes: {coin(risk.delta, name)}",
            f"{name} delta, net of premium: {coin(risk.delta_net_of_premium, name)}",
            f"{name} delta, with equity: {coin(risk.delta_with_equity, name)}",
            f"{name} delta in USD: {usd(risk.delta_usd, 0, True)}",
            f"{name} in flight: {coin(exposure.working, name)}",
        )
    )


def _show_desk(gauge: DeltaGauge, desk: Desk) -> None:
    net, target = desk.net_delta, desk.target
    gauge.setAccessibleName(f"{desk.underlying} net delta against its band")
    if net is None or target is None:
        gauge.show_state(None, None, None, None)
    else:
        gauge.show_state(net, target.low, target.high, target.delta)
    set_tip(gauge, f"{desk.underlying}: {target.reason if target else desk.verdict}")


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


def _dollars(x: float | None) -> str:
    """Signed whole USD; millions are shortened so that a card need not grow."""
    return usd(x, 0, True, x is not None and abs(x) >= 1e6)


def _money(x: float | None, decimals: int, *, signed: bool = False) -> str:
    """USD with fewer digits the more it is, so that a card need not grow."""
    size = abs(x) if x is not None else 0.0
    return usd(x, decimals if size < 1e4 else 0, signed, short=size >= 1e6)


def _payer(money: float | None) -> str:
    """Who pays a funding: its sign in words."""
    if money is None:
        return "not known"
    return "you pay" if money < 0.0 else "you receive" if money > 0.0 else "nothing due"


def _short(x: float | None) -> str:
    """Coins with four or five figures, whatever the coin."""
    size = abs(x) if x is not None else 0.0
    return number(x, 1 if size >= 100.0 else 2 if size >= 10.0 else 3, True)


def _brief(x: float | None) -> str:
    """Coins with two or three figures."""
    size = abs(x) if x is not None else 0.0
    for unit, letter in ((1e6, "M"), (1e3, "K")):
        if x is not None and size >= unit:
            return f"{number(x / unit, 1, True)}{letter}"
    return number(x, 0 if size >= 100.0 else 1 if size >= 10.0 else 2, True)


def _tone(amount: float | None) -> Tone:
    if amount is None or amount == 0.0:
        return "neutral"
    return "up" if amount > 0.0 else "dn"
