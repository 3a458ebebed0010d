"""Words of the charts: titles with their units, and what is under the mouse."""

from datetime import UTC, datetime

from terminal.core.units import HOUR
from terminal.model.frame import Desk
from terminal.model.hedge import HedgeLadder
from terminal.model.order import Side
from ui.charts.curves import Reading
from ui.charts.overlay import Parts
from ui.charts.tags import outside_band
from ui.format import UNKNOWN, bps, coin, countdown, number, usd


def titles(desk: Desk, ladder: HedgeLadder | None, now: int) -> tuple[Parts, ...]:
    """Titles of price, net delta, gamma, vega and funding.

    Parameters
    ----------
    desk : Desk
    ladder : HedgeLadder or None
        Hedges to come, for the nearest of them.
    now : int
        UtcNs.
    """
    risk = desk.exposure.total
    known = desk.exposure.usable
    gamma = usd(risk.gamma_1pct_usd if known else None, 0)
    vega = usd(risk.vega_usd if known else None, 1)
    return (
        (
            (f"Index, USD per {desk.underlying} · ", "text"),
            ("▲ hedge buy", "up"),
            (" ", "text"),
            ("▼ hedge sell", "down"),
            *_next(ladder),
        ),
        _delta(desk),
        (("Γ ", "series_4"), (f"{gamma} of delta per 1 % move", "text")),
        (("ν ", "series_5"), (f"{vega} per vol point", "text")),
        _funding(desk, now),
    )


def _next(ladder: HedgeLadder | None) -> Parts:
    """Nearest hedges above and below the price."""
    parts: Parts = ()
    if ladder is None:
        return parts
    for rung in (*ladder.above[:1], *ladder.below[:1]):
        buys = rung.side is Side.BUY
        side = "▲ buy" if buys else "▼ sell"
        words = f"{side} {number(rung.coins, 3)} at {number(rung.price, 2)}"
        parts = (*parts, (" · next " if not parts else " · ", "text"))
        parts = (*parts, (words, "up" if buys else "down"))
    return parts


def _delta(desk: Desk) -> Parts:
    net, target = desk.net_delta, desk.target
    if net is None or target is None:
        value = "unknown" if net is None else coin(net, desk.underlying)
        return (
            (f"Net Δ, {desk.underlying}: ", "text"),
            (f"{value}", "warn" if net is None else "strong"),
            (f", no band · {desk.verdict}", "text"),
        )
    if not outside_band(desk):
        place, role = "in band", "strong"
    else:
        place, role = "above band" if net > target.high else "below band", "down"
    low, high = number(target.low, 3, signed=True), number(target.high, 3, signed=True)
    return (
        ("Net Δ ", "text"),
        (f"{coin(net, desk.underlying)} {place}", role),
        (f" · band {low} to {high} {desk.underlying} (drag an edge to edit)", "text"),
    )


def _funding(desk: Desk, now: int) -> Parts:
    if desk.funding_rate is None or not desk.funding_interval:
        return (("Funding: none is quoted", "text"),)
    rate = desk.funding_rate * 1e4 * 8 * HOUR / desk.funding_interval
    money = desk.funding_usd_8h
    flow = ""
    if money is not None:
        flow = f" · you {'receive' if money >= 0 else 'pay'} {usd(abs(money), 2)} per 8 h"
    left = countdown(max(desk.funding_next - now, 0))
    return (
        ("Funding ", "text"),
        (f"{bps(rate, 2, signed=True)} per 8 h", "up" if rate >= 0 else "down"),
        (f" · next in {left}{flow}", "text"),
    )


def reading_words(time: float, reading: Reading, underlying: str) -> str:
    """Values under the mouse.

    Parameters
    ----------
    time : float
        Seconds UTC.
    reading : Reading
    underlying : str
    """
    stamp = datetime.fromtimestamp(time, tz=UTC).strftime("%m-%d %H:%M:%S UTC")
    funding = UNKNOWN if reading.funding is None else bps(reading.funding, 2, signed=True)
    return "   ".join(
        (
            stamp,
            number(reading.price, 2),
            f"Δ {coin(reading.delta, underlying)}",
            f"Γ {usd(reading.gamma, 0)}",
            f"ν {usd(reading.vega, 1)}",
            f"funding {funding}",
        )
    )
