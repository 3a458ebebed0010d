"""What the editor says of a policy's band on the present book."""

from terminal.model.preview import BandPreview
from ui.format import coin, number, usd


def preview_tone(found: BandPreview) -> str:
    """Colour role of a preview."""
    return "warn" if found.fault else "tx"


def preview_text(found: BandPreview) -> str:
    """Band in coin and USD, its stops, the price steps to the next hedge, and the verdict."""
    if found.low is None or found.high is None:
        return f"No band now: {found.fault}"
    name = found.underlying
    if found.low == found.high:
        band = f"Hedges now, to {coin(found.low, name)}"
    else:
        band = (
            f"Band {coin(found.low, name)} to {coin(found.high, name)}"
            f" ({usd(found.below_usd, 0)} below, {usd(found.above_usd, 0)} above);"
            f" stops at {coin(found.stop_below, name)} and {coin(found.stop_above, name)}"
        )
    verdict = f"Cannot be armed: {found.fault}" if found.fault else "Can be armed on this market"
    return "\n".join((band, _steps(found), verdict, found.reason))


def _steps(found: BandPreview) -> str:
    if found.up is None and found.down is None:
        return "Price alone brings no hedge"
    up = f"+{number(found.up, 0)} USD" if found.up is not None else "never up"
    down = f"{number(-found.down, 0)} USD" if found.down is not None else "never down"
    return f"Next hedge at price {up} or {down}"
