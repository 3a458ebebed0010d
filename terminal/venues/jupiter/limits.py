"""What the risk profile says of a request, by what the wallet holds at Jupiter's perpetuals."""

from collections.abc import Sequence

from terminal.model.risk import RiskProfile
from terminal.venues.jupiter.holdings import Holding
from terminal.venues.jupiter.requests import Change
from terminal.venues.jupiter.wallet import Wallet


def beyond(change: Change, found: Wallet, profile: RiskProfile) -> str:
    """Say which limit stands against a request; empty while none does.

    Parameters
    ----------
    change : Change
    found : Wallet
        Read just before.
    profile : RiskProfile

    Returns
    -------
    str
        For a person, with the limit's number. Sizes are USD.

    Notes
    -----
    A request is one order and one whole hedge: it stays within the smaller of both sizes. A
    decrease passes every limit but that; a position that is losing must be possible to close, in
    parts. The wallet is an account of its own here: what an exchange holds beside it is unknown.
    """
    return _too_large(change, profile) or (_too_risky(change, found, profile))


def _too_large(change: Change, profile: RiskProfile) -> str:
    limits = (("order", profile.max_order_usd), ("hedge", profile.max_hedge_usd))
    name, largest = min(limits, key=lambda each: each[1])
    size = float(change.size_usd)
    if size <= largest:
        return ""
    parts = "" if change.grows else ": ask for it in parts, each with an --id of its own"
    return f"{size:,.0f} USD is above the largest {name} of the profile, {largest:,.0f} USD{parts}"


def _too_risky(change: Change, found: Wallet, profile: RiskProfile) -> str:
    """Loss and leverage, by the wallet's own positions; only an increase can break them."""
    if not change.grows:
        return ""
    profit = _profit_usd(found.holdings)
    if profit is None:
        return "the loss of the wallet is unknown, a coin that it holds has no price: only decrease"
    if profit <= -profile.day_loss_reduce_usd:
        limit = profile.day_loss_reduce_usd
        return f"the wallet's loss of {-profit:,.0f} USD is past {limit:,.0f} USD: only decrease"
    paid_in = sum(float(each.held.collateral_usd) for each in found.holdings)
    equity = paid_in + float(change.collateral) + profit
    gross = sum(float(each.held.size_usd) for each in found.holdings) + float(change.size_usd)
    if gross > profile.gross_leverage * equity:
        return (
            f"{gross:,.0f} USD of positions on {equity:,.0f} USD of equity is beyond the profile's"
            f" {profile.gross_leverage:g} times: pay in --collateral, or ask for less"
        )
    return ""


def _profit_usd(holdings: Sequence[Holding]) -> float | None:
    """Open profit of all positions less the fees that have run up, USD; None without a price.

    Notes
    -----
    Size (price - entry) / entry, as the program pays it: coins are size over entry.
    """
    total = 0.0
    for each in holdings:
        if each.price is None:
            return None
        total += each.delta * (each.price - float(each.held.entry)) - float(each.owed_usd)
    return total
