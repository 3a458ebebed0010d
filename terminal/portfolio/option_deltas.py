"""Delta of an option that is not held, by its latest quote."""

from terminal.core.units import YEAR
from terminal.market.state import Market, spot
from terminal.model.instrument import Option, Right
from terminal.pricing.black_scalar import greeks_scalar


def option_vol(market: Market, option: Option) -> float | None:
    """Volatility of the latest sound quote, else the one stated for it; None while unknown."""
    key = option.contract.key
    seen = market.quotes.get(key)
    if seen is not None and not seen.flaw and seen.quote.iv is not None:
        return seen.quote.iv
    return market.assumed.get(key)


def option_delta(market: Market, option: Option, now: int) -> float | None:
    """Black-76 delta, coins per coin of the contract; None without an index or a volatility.

    Notes
    -----
    The forward is the quote's own, moved with the index since then at constant basis; else spot.
    """
    price, vol = spot(market, option.contract.base), option_vol(market, option)
    if price is None or vol is None:
        return None
    seen = market.quotes.get(option.contract.key)
    forward = price
    if seen is not None and not seen.flaw and seen.quote.forward and seen.spot:
        forward = seen.quote.forward * price / seen.spot
    years = (option.expiry - now) / YEAR
    sign = 1.0 if option.right is Right.CALL else -1.0
    delta = greeks_scalar(forward, float(option.strike), years, vol, sign)[1]
    return delta if abs(delta) <= 1.0 else None
