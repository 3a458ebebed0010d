"""Rules that look at the market, volatility and funding: R4 to R9."""

from terminal.core.units import DAY
from terminal.hedging.centre import book_vol
from terminal.hedging.funding import Planned, funding_line
from terminal.hedging.legs import cost, size, too_small
from terminal.market.state import mid
from terminal.model.instrument import coin_settled
from terminal.model.oracle import Finding
from terminal.model.order import Side
from terminal.oracle.confidence import fillable
from terminal.oracle.facts import Facts
from terminal.pricing.gamma_rent import band_share, vol_with_costs

QUARTER, WHOLE_DAY = 15, 1440
"""Minutes that are compared: the last quarter of an hour with the last day."""

TENSE, WILD = 1.5, 3.0
"""Ratios of short to long volatility at which a market is tense, and wild."""

JUMP_POINTS = 0.05
"""Change of implied volatility in a quarter of an hour that is a spike, annual fraction."""

QUIET = 0.5
"""A move of the price below this many standard deviations is quiet."""

DEEP = 3.0
"""Depth inside the slippage cap, in hedges, below which the book is thin."""


def regime(facts: Facts) -> Finding:
    """R4: realised volatility of minutes against that of the day."""
    short, long = facts.past.vol(QUARTER), facts.past.vol(min(WHOLE_DAY, facts.past.span()))
    if short is None or long is None or long == 0.0 or facts.past.span() < 4 * QUARTER:
        return Finding("R4", "volatility regime", False, "less than an hour of prices is known")
    ratio = short / long
    text = (
        f"realised {100 * short:.0f} % over 15 min, {100 * long:.0f} % over"
        f" {_span(facts.past.span())}: ratio {ratio:.2f}"
    )
    if ratio > WILD:
        return Finding("R4", "volatility regime", True, text, "freeze until it calms down")
    if ratio > TENSE:
        return Finding("R4", "volatility regime", True, text, "tighten the band")
    return Finding("R4", "volatility regime", False, text)


def implied_spike(facts: Facts) -> Finding:
    """R5: implied volatility jumped while the price stood still: mark anew, do not trade."""
    move, change = facts.past.change(QUARTER)
    day = facts.past.vol(min(WHOLE_DAY, facts.past.span()))
    if move is None or change is None or not day:
        return Finding("R5", "implied spike", False, "no implied volatility of 15 min ago")
    sigmas = abs(move) / (day * (QUARTER / (365.0 * WHOLE_DAY)) ** 0.5)
    text = f"implied {100 * change:+.1f} points in 15 min, price moved {sigmas:.1f} sd"
    if abs(change) > JUMP_POINTS and sigmas < QUIET:
        return Finding("R5", "implied spike", True, text, "mark anew, leave spot alone")
    return Finding("R5", "implied spike", False, text)


def funding_ahead(facts: Facts) -> Finding:
    """R6: what the next payment says about hedging now."""
    inputs, target = facts.inputs, facts.target
    if inputs is None or target is None:
        return Finding("R6", "funding ahead", False, facts.missing)
    step = target.delta - inputs.net_delta
    chosen = size(inputs.hedge.contract, step, inputs.spot)
    if not facts.outside or too_small(inputs.hedge.contract, chosen):
        return Finding("R6", "funding ahead", False, "no hedge is due")
    side = Side.BUY if step > 0.0 else Side.SELL
    price = cost(inputs.hedge, side, chosen)
    planned = Planned(side, chosen.qty, target.delta, price)
    said = funding_line(inputs, planned, urgent=False)
    if not said:
        return Finding("R6", "funding ahead", False, "no payment matters to this hedge")
    waits = "wait" in said[0]
    proposes = "delay past the stamp" if waits else ""
    return Finding("R6", "funding ahead", waits, said[0], proposes)


def thin(facts: Facts) -> Finding:
    """R7: depth inside the slippage cap, and the spread."""
    inputs, target = facts.inputs, facts.target
    if inputs is None or target is None:
        return Finding("R7", "thin book", False, facts.missing)
    quote, middle = inputs.hedge.book.quote, mid(inputs.hedge.book.quote)
    if middle is None or quote.bid is None or quote.ask is None:
        return Finding("R7", "thin book", True, "the book has one side only", "no hedge now")
    spread = (quote.ask - quote.bid) / middle * 1e4
    cap = inputs.profile.spread_cap_bps
    step = target.delta - inputs.net_delta if facts.outside else 0.0
    wanted = float(size(inputs.hedge.contract, step, inputs.spot).qty)
    held = fillable(inputs, buys=step > 0.0)
    text = f"spread {spread:.2f} bp of {cap:g}"
    if held is not None and wanted > 0.0:
        text += f", depth {held / wanted:.1f} x the hedge"
    short = held is not None and wanted > 0.0 and held < DEEP * wanted
    if short or spread > 0.5 * cap:
        return Finding("R7", "thin book", True, text, "slice, or rest")
    return Finding("R7", "thin book", False, text)


def rent(facts: Facts) -> Finding:
    """R8: scalps banked today against the theta that today has cost so far."""
    inputs = facts.inputs
    if inputs is None:
        return Finding("R8", "gamma rent", False, facts.missing)
    theta = inputs.exposure.total.theta_usd_day
    if theta >= 0.0:
        return Finding("R8", "gamma rent", False, "the book owes no theta")
    owed = -theta * (inputs.now % DAY) / DAY
    banked = banked_today(facts, inputs.spot)
    text = f"scalps banked {banked:,.0f} USD of {owed:,.0f} USD owed so far today"
    realised, implied = _day_vol(facts), book_vol(inputs)
    if realised is None or implied is None:
        return Finding("R8", "gamma rent", False, text)
    text += f"; realised {100 * realised:.0f} %, implied {100 * implied:.0f} %"
    if banked < owed and realised < implied:
        return Finding("R8", "gamma rent", True, text, "less gamma, or a wider band")
    return Finding("R8", "gamma rent", False, text)


def banked_today(facts: Facts, spot: float) -> float:
    """Scalps of the UTC day in USD, before fees."""
    day = facts.state.now // DAY
    total = 0.0
    for key, book in facts.state.scalps.items():
        instrument = facts.state.market.instruments.get(key)
        banked = book.days.get(day)
        if instrument is None or banked is None or instrument.contract.base != facts.underlying:
            continue
        in_coin = coin_settled(instrument.contract)
        total += float(banked.gross) * (spot if in_coin else 1.0)
    return total


def edge(facts: Facts) -> Finding:
    """R9: realised volatility against what gamma costs with hedging, and its own error."""
    inputs, target = facts.inputs, facts.target
    realised = _day_vol(facts)
    implied = book_vol(inputs) if inputs else None
    if inputs is None or target is None or realised is None or implied is None:
        return Finding("R9", "edge", False, "needs an hour of prices and options in the book")
    gamma = inputs.exposure.total.gamma
    half = 0.5 * (target.high - target.low)
    share = band_share(inputs.one_way_cost, inputs.spot, gamma, half)
    even = implied if share is None else vol_with_costs(implied, share, gamma)
    error = realised / (2.0 * facts.past.span()) ** 0.5
    if even is None:
        return Finding("R9", "edge", False, "no volatility pays for hedging this band")
    text = f"realised {100 * realised:.1f} ± {100 * error:.1f} %, breaks even at {100 * even:.1f} %"
    if gamma > 0.0 and realised - 2.0 * error > even:
        return Finding("R9", "edge", True, text, "keep the gamma, tighten the band")
    return Finding("R9", "edge", False, f"no edge: {text}")


def _day_vol(facts: Facts) -> float | None:
    span = facts.past.span()
    return facts.past.vol(min(WHOLE_DAY, span)) if span >= 4 * QUARTER else None


def _span(minutes: int) -> str:
    return f"{minutes // 60} h" if minutes >= 120 else f"{minutes} min"
