"""Options as hedges: the cheapest orders that bring delta, gamma and vega inside their bands."""

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal

import numpy as np
from msgspec import Struct

from terminal.core.units import BPS, DAY, YEAR
from terminal.hedging.solver.problem import (
    DELTA,
    GAMMA,
    VEGA,
    Answer,
    Band,
    Candidate,
    Problem,
    Status,
    Terms,
)
from terminal.hedging.solver.solve import solve
from terminal.market.state import mid
from terminal.model.greeks import DeltaKind
from terminal.model.hedge_with import BasketRow, BasketTrade
from terminal.model.instrument import Contract, Option, Right, coin_settled, coins
from terminal.model.market import Quote
from terminal.pricing.position_greeks import (
    OptionTerms,
    coin_settled_option,
    usd_settled_option,
)

LEFT = 0.1
"""Part of the present gamma and vega that may stay after a basket."""

EACH = 5
"""Options taken for their gamma, and as many for their vega: the cheapest by half spread and fee
for what they move. More of them would cost time and hardly ever money."""

NEAREST = DAY
"""Options that expire sooner are left out: their gamma is gone before the next hedge."""

FEE_CAP = 0.125
"""Venues cap the fee of an option at this part of its premium."""

REACH = 10.0
"""Best levels' worth of an option that a basket may take."""

MOST_NODES = 100
"""Work of one search: the answer says what might still be saved."""

BASKETS: Mapping[str, tuple[str, ...]] = {
    "Delta-gamma": (GAMMA,),
    "Delta-gamma-vega": (GAMMA, VEGA),
}


class Offered(Struct, frozen=True, kw_only=True):
    """An option that is quoted, and what is held of it."""

    option: Option
    quote: Quote
    forward: float
    vol: float
    position: Decimal = Decimal(0)


class Linear(Struct, frozen=True, kw_only=True):
    """The perpetual that trades the delta of a basket."""

    contract: Contract
    quote: Quote
    position: Decimal = Decimal(0)
    shown: tuple[float, float] = (0.0, 0.0)  # contracts that can be bought, and sold
    carry: float = 0.0  # part of its notional that a long pays until the next hedge


class Wanted(Struct, frozen=True, kw_only=True):
    """Net Greeks of an underlying and where delta may be."""

    net: Mapping[str, float]  # by the names of the solver
    low: float  # coin
    high: float
    spot: float
    now: int
    delta: DeltaKind = DeltaKind.BLACK_SCHOLES


def baskets(wanted: Wanted, perpetual: Linear, offered: Sequence[Offered]) -> tuple[BasketRow, ...]:
    """Cheapest basket for delta and gamma, and for delta, gamma and vega.

    Parameters
    ----------
    wanted : Wanted
    perpetual : Linear
    offered : sequence of Offered
        Of the same underlying.

    Returns
    -------
    tuple of BasketRow
        One a set of Greeks; a basket that cannot meet its bands gives the nearest, and says so.
    """
    options = [each for each in offered if _sound(each, wanted)]
    if not options:
        return ()
    candidates = [_candidate(each, greeks, wanted) for each, greeks in _greeks(options, wanted)]
    linear = _linear(perpetual, wanted)
    return tuple(
        [
            _basket(name, curved, wanted, (linear, *_chosen(candidates, curved)))
            for name, curved in BASKETS.items()
        ]
    )


def why_none(wanted: Wanted, offered: Sequence[Offered]) -> str:
    """Why there are no baskets; empty when there are."""
    if not offered:
        return "no option of this coin is quoted"
    if not any(_sound(each, wanted) for each in offered):
        return "no option is quoted on both sides with its sizes for a day or more"
    if not abs(wanted.net[GAMMA]) > 0.0:
        return "no gamma to hedge: the book holds no options"
    return ""


def _sound(each: Offered, wanted: Wanted) -> bool:
    quote = each.quote
    sides = quote.bid is not None and quote.ask is not None and quote.bid < quote.ask
    sized = quote.bid_qty > 0.0 or quote.ask_qty > 0.0
    return sides and sized and each.option.expiry - wanted.now >= NEAREST and each.vol > 0.0


def _greeks(options: Sequence[Offered], wanted: Wanted) -> list[tuple[Offered, dict[str, float]]]:
    """Greeks of one contract of each option."""
    found = []
    for in_coin, price in ((True, coin_settled_option), (False, usd_settled_option)):
        same = [each for each in options if coin_settled(each.option.contract) is in_coin]
        if not same:
            continue
        columns = np.array([_columns(each, wanted.now) for each in same], dtype=np.float64).T
        made = price(columns[0], wanted.spot, OptionTerms(*columns[1:]))
        net = wanted.delta is DeltaKind.NET_OF_PREMIUM
        delta = made.delta_net_of_premium if net else made.delta
        rows = zip(
            same, delta.tolist(), made.gamma_1pct_usd.tolist(), made.vega_usd.tolist(), strict=True
        )
        found += [(each, {DELTA: d, GAMMA: g, VEGA: v}) for each, d, g, v in rows]
    return found


def _columns(each: Offered, now: int) -> tuple[float, ...]:
    option = each.option
    return (
        float(option.contract.multiplier),
        each.forward,
        float(option.strike),
        (option.expiry - now) / YEAR,
        each.vol,
        1.0 if option.right is Right.CALL else -1.0,
    )


def _candidate(each: Offered, greeks: dict[str, float], wanted: Wanted) -> Candidate:
    """An option as the solver sees it: USD per contract, as much as its best levels show."""
    contract, quote = each.option.contract, each.quote
    size = float(contract.multiplier)
    in_usd = size * (wanted.spot if coin_settled(contract) else 1.0)
    rate = max(contract.taker_bps, 0.0) * BPS
    base = size * wanted.spot
    middle = (mid(quote) or 0.0) * in_usd
    if rate > 0.0:
        base = min(base, FEE_CAP * middle / rate)
    half = 0.5 * ((quote.ask or 0.0) - (quote.bid or 0.0)) * in_usd
    return Candidate(
        key=contract.key,
        greeks=greeks,
        bid=None if quote.bid is None else quote.bid * in_usd,
        ask=None if quote.ask is None else quote.ask * in_usd,
        lot=contract.lot,
        min_qty=contract.min_qty,
        buy=_thinning(quote.ask_qty, rate, half),
        sell=_thinning(quote.bid_qty, rate, half),
        fee_base=base,
        position=each.position,
    )


def _thinning(touch: float, rate: float, half: float) -> Terms:
    """Terms of a book of which only the best level is known.

    Another half spread is counted for every further best level's worth: the marginal price rises
    by ``half`` over ``touch`` contracts, so n contracts cost half n^2 / (2 touch) more.
    """
    if not touch > 0.0:
        return Terms(max_qty=0.0, fee_rate=rate)
    return Terms(max_qty=REACH * touch, fee_rate=rate, convexity=0.5 * half / touch)


def _linear(perpetual: Linear, wanted: Wanted) -> Candidate:
    contract, quote = perpetual.contract, perpetual.quote
    size = abs(coins(contract, 1.0, wanted.spot))
    rate = max(contract.taker_bps, 0.0) * BPS
    buys, sells = perpetual.shown
    return Candidate(
        key=contract.key,
        greeks={DELTA: size, GAMMA: 0.0, VEGA: 0.0},
        bid=None if quote.bid is None else quote.bid * size,
        ask=None if quote.ask is None else quote.ask * size,
        lot=contract.lot,
        min_qty=contract.min_qty,
        buy=Terms(max_qty=buys, fee_rate=rate),
        sell=Terms(max_qty=sells, fee_rate=rate),
        position=perpetual.position,
        carry=perpetual.carry * size * wanted.spot,
    )


def _chosen(candidates: Sequence[Candidate], curved: Sequence[str]) -> list[Candidate]:
    """The cheapest options for each Greek, in the order of their keys."""
    kept: dict[str, Candidate] = {}
    for greek in curved:
        moving = [each for each in candidates if abs(each.greeks[greek]) > 0.0]
        for each in sorted(moving, key=lambda one: (_price_of(one, greek), one.key))[:EACH]:
            kept[each.key] = each
    return [kept[key] for key in sorted(kept)]


def _price_of(candidate: Candidate, greek: str) -> float:
    """USD of half spread and fee for one unit of a Greek."""
    half = 0.5 * ((candidate.ask or 0.0) - (candidate.bid or 0.0))
    fee = candidate.buy.fee_rate * (candidate.fee_base or 0.0)
    return (half + fee) / abs(candidate.greeks[greek])


def _basket(
    name: str, curved: Sequence[str], wanted: Wanted, candidates: tuple[Candidate, ...]
) -> BasketRow:
    """Ask the solver for one set of Greeks."""
    names = (DELTA, *curved)
    room = {greek: LEFT * abs(wanted.net[greek]) for greek in curved}
    answer = solve(
        Problem(
            net={greek: wanted.net[greek] for greek in names},
            bands=(
                Band(DELTA, wanted.low, wanted.high),
                *(Band(greek, -width, width) for greek, width in room.items()),
            ),
            candidates=candidates,
            alternatives=0,
            most_nodes=MOST_NODES,
        )
    )
    hedge = answer.hedge
    return BasketRow(
        name=name,
        trades=tuple(
            [
                BasketTrade(each.key.partition("@")[0], each.side, each.qty, each.key)
                for each in (hedge.trades if hedge else ())
            ]
        ),
        cost_usd=hedge.cost if hedge else None,
        before={greek: wanted.net[greek] for greek in names},
        after=dict(hedge.after) if hedge else {},
        reason=_reason(answer),
    )


def _reason(answer: Answer) -> str:
    """How good the basket is, or what stands in its way."""
    match answer.status:
        case Status.OPTIMAL:
            traded = answer.hedge is not None and bool(answer.hedge.trades)
            return "nothing cheaper meets the bands" if traded else "inside its bands already"
        case Status.FEASIBLE:
            return f"at most {math.ceil(answer.gap)} USD could still be saved"
        case Status.NEAREST | Status.STOPPED | Status.REFUSED:
            return " ".join(answer.reasons) or "the bands cannot be met"
