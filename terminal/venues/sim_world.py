"""The simulated market and venue as one world."""

from collections.abc import Callable, Mapping
from typing import Final

from terminal.core.units import HOUR
from terminal.model.account import Balance, Position
from terminal.model.messages import Disturb, DisturbanceKind, Event, LinkUp
from terminal.model.order import OrderIntent
from terminal.venues.merged_world import MergedWorld
from terminal.venues.message_queue import USUAL_LATENCY, Latency
from terminal.venues.sim_listing import VENUE, opened
from terminal.venues.sim_market import SimMarket
from terminal.venues.simulated import SimulatedVenue, VenueTerms

TITLE: Final = "Simulated market"


class SimWorld(MergedWorld):
    """Endless market made from a seed, with a venue to trade at.

    Starts with the Listing and, where asked for, bars of the past (stamped before the start);
    then at the start the AccountSnapshot, a quote of every instrument, and LinkUp.

    Parameters
    ----------
    seed : int
        Chooses everything that chance decides; the same arguments give the same events.
    start_at : int
        UtcNs.
    spots : mapping of str to float, optional
        Index prices at the start, USD; default prices where None. A restart passes the last ones.
    positions, balances : tuple
        What the account holds; what has expired by the start is settled right after it.
    latency : Latency
        Of requests and of outcomes.
    history_hours : float
        Length of the past in bars of a minute.
    order_log : callable, optional
        Called synchronously with each order that reaches the venue.

    Raises
    ------
    ConfigError
        A start price is missing or not positive.
    """

    def __init__(
        self,
        *,
        seed: int,
        start_at: int,
        spots: Mapping[str, float] | None = None,
        positions: tuple[Position, ...] = (),
        balances: tuple[Balance, ...] = (),
        latency: Latency = USUAL_LATENCY,
        history_hours: float = 0.0,
        order_log: Callable[[OrderIntent], None] | None = None,
    ) -> None:
        found = (opened(position.key) for position in positions)
        held = [each for each in found if each is not None]
        self._market = SimMarket(seed=seed, start_at=start_at, spots=spots, held=held)
        terms = VenueTerms(
            name=VENUE, seed=seed ^ start_at, latency=latency, order_log=order_log
        )
        venue = SimulatedVenue(terms, positions, balances)
        _, listing = self._market.pop()
        began = start_at - round(history_hours * HOUR)
        opening: list[tuple[int, Event]] = [(began, listing)]
        opening.extend(self._market.history(history_hours))
        opening.append((start_at, venue.snapshot()))
        super().__init__(TITLE, self._market, venue, venue_name=VENUE, opening=opening)
        self.notice(start_at + 1, LinkUp(VENUE))

    def disturb(self, disturb: Disturb, at: int) -> None:
        """Misbehave as told from ``at`` on; a JUMP moves the market for good."""
        if disturb.kind is DisturbanceKind.JUMP:
            self._market.jump(disturb.underlying, disturb.value, at)
        super().disturb(disturb, at)
