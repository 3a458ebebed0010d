"""Hedges that must never take liquidity, from the engine's decision to a simulated venue."""

import numpy as np
from msgspec import Struct
from numpy.random import Generator

from terminal.core.units import MILLISECOND, SECOND
from terminal.model.market import Index, Quote, Trade
from terminal.model.messages import (
    Cancel,
    Disturb,
    DisturbanceKind,
    Effect,
    Listing,
    MarketEvent,
    Query,
    Submit,
)
from terminal.model.messages import Tick as Beat
from terminal.model.order import Fill, OrderStatus, OrderUpdate, TimeInForce
from terminal.model.risk import Autonomy, Escalation, Style
from terminal.venues.message_queue import Latency
from terminal.venues.simulated import SimulatedVenue, VenueTerms
from tests.helpers.builders import FUTURE, PERP, SPOT, instruments, profile
from tests.helpers.trial import Trial

STEP = SECOND // 4
SLOW = Latency(50 * MILLISECOND, 600 * MILLISECOND)
"""Slow enough for the market to move under most orders on their way."""


class Run(Struct, kw_only=True):
    """What happened in one run."""

    orders: int = 0
    crossing: int = 0  # orders that take
    taken: int = 0  # fills that took liquidity
    made: int = 0
    refused: int = 0  # post-only orders that would have taken on arrival


class Loop:
    """An engine and a venue that see the same market, each through its own delay."""

    def __init__(self, seed: int) -> None:
        rules = profile(
            style=Style.ICEBERG if seed % 3 == 0 else Style.POST_ONLY,
            show_usd=15_000.0,
            after_wait=Escalation.ASK if seed % 2 else Escalation.LET_SIT,
            over_cap=Escalation.LET_SIT,
            repegs=5,
            passive_wait_s=8.0,
            sit_s=10.0,
            rejects_halt=8,
            drift_price_bps=100.0,
        )
        self.seen = Run()
        self._trial = Trial(rules, autonomy=Autonomy.AUTO)
        self._venue = SimulatedVenue(VenueTerms(name="sim", seed=seed, latency=SLOW))
        self._venue.on_market(self._trial.now, Listing("sim", instruments()))
        if seed % 5 == 0:
            part = Disturb(DisturbanceKind.PARTIAL, "BTC", 0.25, 3600.0)
            self._venue.disturb(part, self._trial.now)
        self._post_only: set[str] = set()

    def market(self, middle: float, half: float, chance: Generator) -> None:
        """One step of the market: the venue is first to know."""
        trial, at = self._trial, self._trial.now + STEP
        trial.now = at
        size = float(chance.uniform(0.5, 5.0))
        quotes: list[MarketEvent] = [
            Quote(key, middle - half, middle + half, size, size, mark=middle)
            for key in (PERP, FUTURE)
        ]
        hit = Trade(PERP, middle - half, size, buyer_is_taker=False)
        lift = Trade(PERP, middle + half, size, buyer_is_taker=True)
        for event in (Index("BTC", middle), *quotes, hit if chance.random() < 0.5 else lift):
            self._venue.on_market(at, event)
        self._hear()
        for event in (Index("BTC", middle), *quotes):
            self._do(trial.tell(event))
        self._do(trial.tell(Beat()))

    def _hear(self) -> None:
        while (at := self._venue.next_at()) is not None and at <= self._trial.now:
            _, said = self._venue.pop()
            if isinstance(said, Fill):
                self.seen.made += said.maker
                self.seen.taken += said.order_id in self._post_only and not said.maker
            if isinstance(said, OrderUpdate):
                self.seen.refused += said.status is OrderStatus.REJECTED
            self._do(self._trial.tell(said))

    def _do(self, effects: tuple[Effect, ...]) -> None:
        for effect in effects:
            if isinstance(effect, Submit):
                self.seen.orders += 1
                resting = effect.intent.tif is TimeInForce.POST_ONLY
                self.seen.crossing += not resting
                if resting:
                    self._post_only.add(effect.intent.order_id)
                self._venue.submit(effect.intent, self._trial.now)
            elif isinstance(effect, Cancel):
                self._venue.cancel(effect.order_id, self._trial.now)
            elif isinstance(effect, Query):
                self._venue.query(effect.order_id, self._trial.now)


def run(seed: int, steps: int = 120) -> Run:
    """Play half a minute of a nervous market, jumps included."""
    chance = np.random.default_rng(seed)
    loop, middle = Loop(seed), SPOT
    for _ in range(steps):
        jump = 10.0 if chance.random() < 0.02 else 1.0
        middle *= 1.0 + float(chance.normal(0.0, 1e-4)) * jump
        middle = round(middle * 2.0) / 2.0
        loop.market(middle, 0.5 * float(chance.integers(1, 5)), chance)
    return loop.seen


def total(runs: list[Run]) -> Run:
    """Sum of several runs."""
    return Run(**{
        name: sum(getattr(each, name) for each in runs) for name in Run.__struct_fields__
    })
