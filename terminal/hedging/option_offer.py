"""A person's order in an option as a proposal: size, limit, cost, and what it does to delta."""

from decimal import Decimal

from msgspec import Struct

from terminal.core.units import BPS, MINUTE, from_seconds
from terminal.core.words import delta
from terminal.hedging.baskets import FEE_CAP
from terminal.hedging.inputs import HedgeInputs
from terminal.hedging.legs import passive_price
from terminal.market.state import Seen, mid
from terminal.model.hedge import Cost, Plan, Proposal, ProposalStatus, Target
from terminal.model.instrument import Contract, Option, coin_settled, coins
from terminal.model.market import Quote
from terminal.model.order import Side
from terminal.model.risk import Style
from terminal.risk.limits import shrinks

LEAST_VOL, MOST_VOL = 0.05, 5.0
"""Volatilities that an option is traded at: outside them a quote is a mistake more often than not.
Source: research on reliability, section 3, options sanity."""


class OptionOrder(Struct, frozen=True, kw_only=True):
    """What is asked for, and the market of the option."""

    name: str  # of the proposal
    option: Option
    qty: Decimal  # contracts, negative to sell
    seen: Seen
    position: Decimal  # contracts held
    vol: float | None  # fraction a year
    delta: float | None  # coins per coin of the contract


def option_fault(order: OptionOrder, now: int) -> str:
    """Why an option cannot be traded at this moment; empty when it can."""
    symbol = order.option.contract.symbol
    if order.option.expiry - now <= MINUTE:
        return f"{symbol} expires within a minute"
    if order.vol is None or order.delta is None:
        return f"{symbol} has no volatility, so what it would do to delta is unknown"
    if not LEAST_VOL <= order.vol <= MOST_VOL:
        return f"{symbol} is quoted at {100.0 * order.vol:.0f} % volatility, outside 5 to 500 %"
    return ""


def option_offer(inputs: HedgeInputs, order: OptionOrder) -> Proposal | str:
    """Proposal of an order in an option, or why there is none.

    Parameters
    ----------
    inputs : HedgeInputs
        Of the underlying, whatever instrument its hedges trade.
    order : OptionOrder

    Returns
    -------
    Proposal or str
        Sizes in coins and USD are of the underlying that the contracts stand for. The limit is
        the own touch on the option's tick: it rests, and nothing of it is a market order.
    """
    fault = option_fault(order, inputs.now)
    contract, quote = order.option.contract, order.seen.quote
    middle = mid(quote)
    if fault or middle is None or order.delta is None:
        return fault or f"{contract.symbol} has a one-sided book"
    side = Side.BUY if order.qty > 0 else Side.SELL
    size = abs(coins(contract, float(order.qty), inputs.spot))
    after = inputs.net_delta + order.delta * coins(contract, float(order.qty), inputs.spot)
    cost = option_cost(contract, quote, size, inputs.spot)
    return Proposal(
        proposal_id=order.name,
        revision=1,
        underlying=inputs.underlying,
        status=ProposalStatus.OPEN,
        key=contract.key,
        side=side,
        qty=abs(order.qty),
        coins=size,
        usd=size * inputs.spot,
        mid=middle,
        limit=passive_price(contract, side, quote),
        urgent=False,
        reduce_only=shrinks(order.position, side, abs(order.qty)),
        before=inputs.net_delta,
        after=after,
        target=Target(after, after, after, "ticket", "sent from the what-if lab by hand"),
        cost=cost,
        risk_removed_usd=None,
        reasons=_reasons(inputs, order, after),
        data_age=max(inputs.data_age, inputs.now - order.seen.at),
        created_at=inputs.now,
        expires_at=inputs.now + from_seconds(inputs.profile.approval_ttl_s),
        lot=contract.lot,
        plan=Plan(style=Style.POST_ONLY, cost_usd=cost.total, why="an option rests first"),
        spot=inputs.spot,
    )


def option_cost(contract: Contract, quote: Quote, size: float, spot: float) -> Cost:
    """Cost of taking ``size`` coins of an option at its touch, USD.

    Notes
    -----
    The fee is in bp of the underlying coins, capped at an eighth of the premium as the venues cap
    it; half the spread is in the option's price unit. What stands behind the touch is unknown, so
    impact is counted as zero; what is asked beyond the size shown may stay unfilled.
    """
    unit = spot if coin_settled(contract) else 1.0
    middle = mid(quote) or 0.0
    half = 0.5 * ((quote.ask or middle) - (quote.bid or middle))
    premium = middle * unit * size
    fee = min(contract.taker_bps * BPS * size * spot, FEE_CAP * premium)
    return Cost(fee=fee, spread=half * unit * size, impact=0.0)


def _reasons(inputs: HedgeInputs, order: OptionOrder, after: float) -> tuple[str, ...]:
    coin, profile = inputs.underlying, inputs.profile
    contract, quote = order.option.contract, order.seen.quote
    shown = quote.ask_qty if order.qty > 0 else quote.bid_qty
    unit = coin if coin_settled(contract) else contract.settle
    moved = f"Net delta {delta(inputs.net_delta)} {coin} becomes {delta(after)} by Black-76."
    limits = (
        f"Rests at its own touch for {profile.passive_wait_s:g} s, never beyond"
        f" {profile.option_slip_pct:g} % of the mid: no market order is ever sent."
    )
    units = f"Its price is in {unit} a coin; sizes in USD are of the underlying coins."
    lines = [moved, limits, units]
    if shown < abs(float(order.qty)):
        lines.append(f"Only {shown:g} contracts are shown: the rest may stay unfilled.")
    return tuple(lines)
