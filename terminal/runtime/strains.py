"""What a tape is made to suffer: dearer trading, slow orders, missed fills, other volatility."""

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from terminal.core.units import from_seconds
from terminal.model.instrument import Instrument
from terminal.model.market import AssumedVol, Bar, Quote
from terminal.model.messages import Listing, MarketEvent
from terminal.model.risk import RiskProfile
from terminal.venues.matching import IMPACT_BPS_PER_COIN
from terminal.venues.message_queue import USUAL_LATENCY, Latency
from terminal.venues.simulated import VenueTerms

LEAST_VOL = 0.01
"""Annual volatility that a shift downwards ends at."""


class Strain(Struct, frozen=True, kw_only=True):
    """Differences from what a tape says. The default changes nothing.

    Attributes
    ----------
    aversion : float
        The profile's risk aversion is so many times as large.
    cost : float
        Fees that are paid, half spreads of what hedges and impact are so many times as large.
    latency_s : float or None
        One-way delay of orders and answers, seconds; None draws the usual one.
    missed : float
        Part of all orders that finds nobody to trade with.
    vol_points : float
        Added to volatilities of options, quoted and assumed, in points of 1 %.
    """

    aversion: float = 1.0
    cost: float = 1.0
    latency_s: float | None = None
    missed: float = 0.0
    vol_points: float = 0.0

    @property
    def of_market(self) -> bool:
        """Whether events of the market change."""
        return self.cost != 1.0 or self.vol_points != 0.0


def warier(profile: RiskProfile, strain: Strain) -> RiskProfile:
    """The profile with its risk aversion multiplied."""
    return replace(profile, risk_aversion=profile.risk_aversion * strain.aversion)


def dearer(instruments: Sequence[Instrument], strain: Strain) -> tuple[Instrument, ...]:
    """Instruments whose fees are multiplied; a rebate stays what it is."""
    if strain.cost == 1.0:
        return tuple(instruments)
    return tuple(_dearer(each, strain.cost) for each in instruments)


def _dearer(instrument: Instrument, cost: float) -> Instrument:
    contract = instrument.contract
    maker, taker = (
        bps * cost if bps > 0.0 else bps for bps in (contract.maker_bps, contract.taker_bps)
    )
    return replace(instrument, contract=replace(contract, maker_bps=maker, taker_bps=taker))


def strained(event: MarketEvent, strain: Strain) -> MarketEvent:
    """An event of a tape as the strain has it. Prices in the middle stay where they are."""
    match event:
        case Listing():
            return replace(event, instruments=dearer(event.instruments, strain))
        case Bar():
            return replace(event, half_spread_bps=event.half_spread_bps * strain.cost)
        case AssumedVol():
            return replace(event, iv=_shifted(event.iv, strain))
        case Quote():
            return _quote(event, strain)
        case _:
            return event


def _quote(quote: Quote, strain: Strain) -> Quote:
    """An option's volatility moves; the book of anything else widens about its middle."""
    if quote.iv is not None:
        return replace(quote, iv=_shifted(quote.iv, strain))
    if quote.bid is None or quote.ask is None:
        return quote
    middle, half = 0.5 * (quote.bid + quote.ask), 0.5 * (quote.ask - quote.bid) * strain.cost
    return replace(quote, bid=middle - half, ask=middle + half)


def _shifted(vol: float, strain: Strain) -> float:
    return max(vol + 0.01 * strain.vol_points, LEAST_VOL) if strain.vol_points else vol


def venue_terms(name: str, seed: int, strain: Strain) -> VenueTerms:
    """The simulated venue of a tape under a strain."""
    latency = USUAL_LATENCY
    if strain.latency_s is not None:
        latency = Latency(*(from_seconds(strain.latency_s),) * 2)
    impact = {coin: bps * strain.cost for coin, bps in IMPACT_BPS_PER_COIN.items()}
    return VenueTerms(
        name=name,
        seed=seed,
        latency=latency,
        impact_bps_per_coin=impact,
        missed=strain.missed,
    )
