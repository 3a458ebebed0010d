"""What a straddle at the money costs to trade once, in volatility."""

from msgspec import Struct

from terminal.core.units import BPS, YEAR
from terminal.model.instrument import coin_settled
from terminal.pricing.gamma_rent import entry_cost
from terminal.runtime.vols import Quoted


class Half(Struct, frozen=True):
    """Half spread and taker fee of one option, USD for one coin."""

    spread: float
    fee: float


def straddle_cost(chain: list[Quoted], now: int) -> float | None:
    """Half spread and fees of the straddle nearest the money, as volatility.

    Parameters
    ----------
    chain : list of Quoted
        Options of one expiry.
    now : int
        UtcNs.

    Returns
    -------
    float or None
        Annual fraction; None unless a call and a put of one strike are quoted on both sides.
    """
    halves: dict[float, list[Half]] = {}
    for each in chain:
        half = _half(each)
        if half is not None:
            halves.setdefault(float(each.option.strike), []).append(half)
    pairs = [strike for strike, found in halves.items() if len(found) == 2]
    if not pairs:
        return None
    forward, expiry = chain[0].forward, chain[0].option.expiry
    near = halves[min(pairs, key=lambda strike: abs(strike - forward))]
    paid = sum(half.spread + half.fee for half in near)
    return entry_cost(paid, forward, (expiry - now) / YEAR)


def _half(each: Quoted) -> Half | None:
    bid, ask = each.quote.bid, each.quote.ask
    if bid is None or ask is None or not 0.0 < bid <= ask:
        return None
    contract = each.option.contract
    unit = each.forward if coin_settled(contract) else 1.0
    # Venues take at most an eighth of the premium, which at the money never binds.
    return Half(0.5 * (ask - bid) * unit, contract.taker_bps * BPS * each.forward)
