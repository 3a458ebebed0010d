"""What the editor says of a policy's band on the present book."""

from terminal.model.preview import BandPreview, PastDay
from ui.format import coin, count, duration, number, usd


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
    lines = [band, _steps(found), verdict, found.reason]
    if found.past is not None:
        lines.append(past_text(found.past, name))
    return "\n".join(lines)


def past_text(past: PastDay, name: str) -> str:
    """The book's own past day under the edited profile, against the one in use."""
    new, old = past.draft, past.in_use
    return (
        f"Last {duration(new.span)} of this book: {count(new.hedges)} hedges instead of"
        f" {count(old.hedges)}, cost {usd(new.cost_usd, 0)} instead of {usd(old.cost_usd, 0)};"
        f" off target {coin(new.mean_off, name, signed=False)} on average instead of"
        f" {coin(old.mean_off, name, signed=False)}, at most"
        f" {coin(new.max_off, name, signed=False)} instead of"
        f" {coin(old.max_off, name, signed=False)}"
    )


def _steps(found: BandPreview) -> str:
    if found.up is None and found.down is None:
        return "Price alone brings no hedge"
    up = f"+{number(found.up, 0)} USD" if found.up is not None else "never up"
    down = f"{number(-found.down, 0)} USD" if found.down is not None else "never down"
    return f"Next hedge at price {up} or {down}"
