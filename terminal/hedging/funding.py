"""What funding says about the moment of a hedge: it informs, and never holds a hedge back."""

from decimal import Decimal

from msgspec import Struct

from terminal.core.units import HOUR, MINUTE, YEAR
from terminal.core.words import delta
from terminal.hedging.centre import centre
from terminal.hedging.inputs import HedgeInputs
from terminal.model.hedge import Cost
from terminal.model.instrument import CarryKind, Perpetual
from terminal.model.market import Funding
from terminal.model.order import Side, signed
from terminal.portfolio.carry import Prices, continuous, in_usd, next_stamp, payment, price_of

LONGEST_WAIT = 30 * MINUTE
"""Waiting longer than this for a stamp is never advised."""

LEAST_USD = 0.01


class Planned(Struct, frozen=True):
    """A hedge that is about to be proposed."""

    side: Side
    qty: Decimal  # contracts, > 0
    after: float  # net delta once it is done, coin
    cost: Cost


class Stake(Struct, frozen=True):
    """What a hedge changes about the next payment, USD, positive when received."""

    usd: float
    span: int  # ns until the stamp; for funding that accrues, the hour that is reckoned


def funding_line(inputs: HedgeInputs, planned: Planned, *, urgent: bool) -> tuple[str, ...]:
    """Say what funding has to do with hedging now; nothing when it hardly matters.

    Parameters
    ----------
    inputs : HedgeInputs
    planned : Planned
    urgent : bool
        Delta is so far out that waiting is never advised.

    Returns
    -------
    tuple of str
        One sentence, or none: no funding is known, the payment is below a cent, or the hedge has
        earned its cost in removed risk before the stamp comes.
    """
    perpetual, funding = inputs.hedge.listed, inputs.hedge.funding
    if not isinstance(perpetual, Perpetual) or funding is None:
        return ()
    stake = _stake(inputs, perpetual, funding, planned)
    if stake is None or abs(stake.usd) < LEAST_USD:
        return ()
    act = "buying" if planned.side is Side.BUY else "selling"
    verb = "receives" if stake.usd > 0.0 else "pays"
    if continuous(perpetual):
        return (f"Funding: {act} now {verb} {abs(stake.usd):,.2f} USD an hour.",)
    risk = waiting_usd(inputs, planned.after, stake.span)
    if risk is not None and risk > planned.cost.total + abs(stake.usd):
        return ()  # the stamp is further away than what the hedge is for
    told = f"Funding: {act} now {verb} {abs(stake.usd):,.2f} USD in {_clock(stake.span)}"
    wait = "" if urgent else _wait(stake, risk, _flip(perpetual, funding, planned.side))
    return (f"{told}{wait}.",)


def waiting_usd(inputs: HedgeInputs, after: float, span: int) -> float | None:
    """Risk cost of holding the present delta for ``span`` ns instead of the one after, USD.

    Notes
    -----
    a / 2 (x0^2 - x1^2) S^2 sigma^2 t with a the profile's risk aversion and x the distance from
    target: the running cost of variance of a mean-variance hedger, from which the band itself
    comes (Whalley and Wilmott 1997). Never below zero: a hedge that adds risk costs nothing to
    wait for.
    """
    if inputs.annual_vol is None:
        return None
    middle, sigma = centre(inputs), inputs.spot * inputs.annual_vol
    squares = (inputs.net_delta - middle) ** 2 - (after - middle) ** 2
    rate = 0.5 * inputs.profile.risk_aversion * sigma * sigma
    return max(0.0, rate * squares * span / YEAR)


def _stake(
    inputs: HedgeInputs, perpetual: Perpetual, funding: Funding, planned: Planned
) -> Stake | None:
    """Payment with the hedge less payment without it; None while no stamp or price is known."""
    prices = Prices(inputs.hedge.book.quote.mark, inputs.spot)
    price = price_of(perpetual, prices)
    stamp = next_stamp(perpetual, funding, inputs.now)
    if funding.interval <= 0 or price is None or not (stamp or continuous(perpetual)):
        return None
    accrues = continuous(perpetual)
    rate = funding.rate * HOUR / funding.interval if accrues else funding.rate
    held = float(inputs.hedge.position)
    then = held + float(signed(planned.side, planned.qty))
    more = payment(perpetual, then, price, rate) - payment(perpetual, held, price, rate)
    usd = in_usd(perpetual.contract, more, prices)
    return None if usd is None else Stake(usd, HOUR if accrues else stamp - inputs.now)


def _wait(stake: Stake, risk: float | None, flip: str) -> str:
    """Advice to let the stamp pass first, when that saves more than it risks."""
    if stake.usd >= 0.0 or stake.span > LONGEST_WAIT or risk is None or risk >= -stake.usd:
        return ""
    then = f"funding flips{flip}" if flip else "then it is not due"
    return f"; wait {_minutes(stake.span)}, {then}: risks {risk:,.2f} USD"


def _flip(perpetual: Perpetual, funding: Funding, side: Side) -> str:
    """How the rate changes after the stamp in favour of a hedge; empty unless the venue says."""
    after = funding.following
    if after is None or perpetual.carry is CarryKind.BORROW:
        return ""
    sign = -1.0 if side is Side.BUY else 1.0
    if not sign * after > 0.0:
        return ""
    return f" to {delta(after * 1e4)} bp"


def _clock(span: int) -> str:
    minutes, secs = divmod(-(-span // (MINUTE // 60)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{secs:02d}" if hours else f"{minutes:02d}:{secs:02d}"


def _minutes(span: int) -> str:
    return f"{-(-span // MINUTE)} min"
