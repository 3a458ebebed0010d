"""Whether a quote can be believed at all."""

import math

from terminal.core.units import BPS
from terminal.model.market import Bar, Quote


def _bad_price(price: float | None) -> bool:
    return price is not None and not 0.0 < price < math.inf


def quote_of(bar: Bar) -> Quote:
    """Quote that a bar stands for: its close, at the half spread its tape assumes."""
    half = bar.close * bar.half_spread_bps * BPS
    return Quote(bar.key, bar.close - half, bar.close + half, mark=bar.close)


def _usual(quote: Quote) -> bool:
    """Whether a quote is two-sided and sound at a glance, as nearly all are."""
    bid, ask, mark = quote.bid, quote.ask, quote.mark
    return (
        bid is not None
        and ask is not None
        and 0.0 < bid < ask < math.inf
        and (mark is None or 0.0 < mark < math.inf)
        and quote.iv is None
        and quote.forward is None
        and quote.bid_qty >= 0.0
        and quote.ask_qty >= 0.0
    )


def flaw(quote: Quote) -> str:
    """Say what is wrong with a quote; empty when nothing is.

    A missing side is no flaw (an option may have no bid), but such a book is not tradable.

    Notes
    -----
    A crossed or locked book, a price that is not positive and finite, a negative size and a
    volatility outside (0, 10] are flaws: the quote is kept for show and never traded on.
    """
    if _usual(quote):
        return ""
    # A worthless option is marked at 0.0; its volatility then carries what is needed.
    worthless = quote.mark == 0.0 and quote.iv is not None
    if _bad_price(quote.bid) or _bad_price(quote.ask) or (_bad_price(quote.mark) and not worthless):
        return "price is not a positive number"
    if _bad_price(quote.forward):
        return "forward is not a positive number"
    if not (quote.bid_qty >= 0.0 and quote.ask_qty >= 0.0):  # also catches NaN
        return "size is negative"
    if quote.iv is not None and not 0.0 < quote.iv <= 10.0:
        return "volatility is outside 0 to 1,000 %"
    if quote.bid is not None and quote.ask is not None and quote.bid >= quote.ask:
        return "book is crossed"
    return ""
