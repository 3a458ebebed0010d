"""A proposal in words, and the sizes that may be asked for instead of the whole."""

from decimal import Decimal

from terminal.model.hedge import Proposal
from terminal.model.order import Side
from ui.format import coin, number, usd


def on_grid(qty: Decimal, lot: Decimal) -> Decimal:
    """Size in contracts, rounded down to the venue's lot."""
    return qty // lot * lot


def half(qty: Decimal, lot: Decimal) -> Decimal:
    """Half a size, rounded down to the lot; 0 when there is no smaller half."""
    return on_grid(qty / 2, lot)


def exact(value: Decimal) -> str:
    """Write a Decimal with all of its digits."""
    exponent = value.as_tuple().exponent
    return number(value, max(0, -exponent) if isinstance(exponent, int) else 0)


def symbol(proposal: Proposal) -> str:
    """Name of the instrument without its venue; of a divided hedge all of them."""
    keys = [part.key for part in proposal.parts] or [proposal.key]
    return " + ".join(key.partition("@")[0] for key in keys)


def size_text(proposal: Proposal) -> str:
    """Size in coin, ``0.8500 BTC``."""
    return coin(proposal.coins, proposal.underlying, signed=False)


def terms(proposal: Proposal) -> str:
    """Size in contracts and USD."""
    only = " · reduce only" if proposal.reduce_only else ""
    return f"{contracts(proposal)} · {usd(proposal.usd, 0)}{only}"


def contracts(proposal: Proposal) -> str:
    """Size in contracts, of a divided hedge those of each part in the order of their symbols."""
    sizes = [part.qty for part in proposal.parts] or [proposal.qty]
    return f"{' + '.join(map(exact, sizes))} contracts"


def title(proposal: Proposal) -> str:
    """The whole trade in one line, for screen readers and dialogs."""
    verb = "Buy" if proposal.side is Side.BUY else "Sell"
    return f"{verb} {size_text(proposal)} of {symbol(proposal)}"


def deltas(proposal: Proposal, after: float | None = None) -> str:
    """Net delta before and after the hedge."""
    end = proposal.after if after is None else after
    return f"Net Δ {coin(proposal.before, proposal.underlying)} → {coin(end, proposal.underlying)}"
