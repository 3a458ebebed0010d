"""Values in the boxes at the right of the panes."""

from terminal.model.frame import Desk
from ui.charts.values import Tag
from ui.format import coin, number


def outside_band(desk: Desk) -> bool:
    """Whether the net delta is known to be outside the no-trade band."""
    net, target = desk.net_delta, desk.target
    return net is not None and target is not None and not target.low <= net <= target.high


def price_tags(desk: Desk) -> tuple[Tag, ...]:
    """Price now."""
    spot = desk.exposure.spot
    return () if spot is None else (Tag(spot, number(spot, 2), "delta"),)


def delta_tags(desk: Desk, edges: tuple[float, float] | None) -> tuple[Tag, ...]:
    """Net delta, then the edges of the band as drawn; coins."""
    tags = []
    if desk.net_delta is not None:
        role = "down" if outside_band(desk) else "strong"
        tags.append(Tag(desk.net_delta, coin(desk.net_delta, desk.underlying), role))
    if edges is not None:
        tags += [Tag(edge, number(edge, 3, signed=True), "band_edge") for edge in edges]
    return tuple(tags)


def gamma_tags(desk: Desk) -> tuple[Tag, ...]:
    """Gamma now, USD of delta per 1 % move."""
    if not desk.exposure.usable:
        return ()
    value = desk.exposure.total.gamma_1pct_usd
    return (Tag(value, number(value, 0), "series_4"),)


def vega_tags(desk: Desk) -> tuple[Tag, ...]:
    """Vega now, USD per volatility point."""
    if not desk.exposure.usable:
        return ()
    value = desk.exposure.total.vega_usd
    return (Tag(value, number(value, 1), "series_5"),)


def funding_tags(rate: float | None) -> tuple[Tag, ...]:
    """Funding rate, bp per 8 h."""
    if rate is None:
        return ()
    return (Tag(rate, number(rate, 2, signed=True), "up" if rate >= 0 else "down"),)
