"""Option baskets for the screen: solved beside the loop, one underlying at a time."""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait

from msgspec import Struct

from terminal.core.units import SECOND
from terminal.engine.choices import choice_of
from terminal.engine.context import Missing, greeks_age, inputs_for
from terminal.engine.state import State, position
from terminal.hedging.baskets import Linear, Offered, Wanted, baskets, why_none
from terminal.hedging.holding_cost import expected_holding, funding_cost
from terminal.hedging.inputs import HedgeInputs
from terminal.hedging.solver.problem import DELTA, GAMMA, VEGA
from terminal.market.state import age
from terminal.model.hedge import Target
from terminal.model.hedge_with import BasketRow
from terminal.model.instrument import Option
from terminal.model.order import Side
from terminal.runtime.collector import collector_off

EVERY = 30 * SECOND
"""Engine time between two solutions of one underlying."""

PAUSE_S = 10.0
"""Wall time between two solutions at any speed of the market: they share the processor with it."""


class Solved(Struct, frozen=True):
    """Baskets of one underlying, or why there are none."""

    rows: tuple[BasketRow, ...]
    note: str


class Baskets:
    """Keeps the latest baskets; solving takes up to a tenth of a second, so a thread does it.

    Parameters
    ----------
    clock : callable
        Wall time in seconds, rising.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._solved: dict[str, Solved] = {}
        self._made_at: dict[str, int] = {}
        self._work: tuple[str, Future[Solved]] | None = None
        self._idle_from = 0.0

    def of(self, state: State) -> Mapping[str, Solved]:
        """Baskets by underlying as far as they are solved; starts the next that is due."""
        if self._work is not None and self._work[1].done():
            name, work = self._work
            self._solved, self._work = {**self._solved, name: _outcome(work)}, None
        name = min(state.desks, key=lambda each: self._made_at.get(each, 0), default="")
        if not name or self._work is not None or self._clock() < self._idle_from:
            return self._solved
        if state.now - self._made_at.get(name, -EVERY) >= EVERY:
            self._made_at[name] = state.now
            self._idle_from = self._clock() + PAUSE_S
            worker = ThreadPoolExecutor(1, "baskets")
            self._work = name, worker.submit(_quietly, state, name)
            worker.shutdown(wait=False)  # its thread ends with this one solution
        return self._solved

    def close(self) -> None:
        """Wait for the solution under way."""
        if self._work is not None:
            wait((self._work[1],))


def _quietly(state: State, underlying: str) -> Solved:
    with collector_off():
        return solved(state, underlying)


def _outcome(work: Future[Solved]) -> Solved:
    """The baskets; a fault of the program is said, for a screen must not halt the desk."""
    error = work.exception()
    return work.result() if error is None else Solved((), f"{type(error).__name__}: {error}")


def solved(state: State, underlying: str) -> Solved:
    """Baskets of one underlying at this state."""
    desk = state.desks[underlying]
    inputs = inputs_for(state, underlying, desk)
    if isinstance(inputs, Missing):
        return Solved((), inputs.reason)
    if desk.target is None:
        return Solved((), desk.verdict or "the policy has not spoken yet")
    wanted = _wanted(inputs, desk.target)
    offered = offered_of(state, underlying)
    none = why_none(wanted, offered)
    if none:
        return Solved((), none)
    return Solved(baskets(wanted, _perpetual(state, inputs, desk.target), offered), "")


def _wanted(inputs: HedgeInputs, target: Target) -> Wanted:
    total = inputs.exposure.total
    return Wanted(
        net={DELTA: inputs.net_delta, GAMMA: total.gamma_1pct_usd, VEGA: total.vega_usd},
        low=target.low,
        high=target.high,
        spot=inputs.spot,
        now=inputs.now,
        delta=inputs.spec.delta,
    )


def offered_of(state: State, underlying: str) -> tuple[Offered, ...]:
    """Options of an underlying with a fresh quote that has a volatility and a forward."""
    oldest = greeks_age(state.profile)
    found = []
    for key, instrument in state.market.instruments.items():
        if not isinstance(instrument, Option) or instrument.contract.base != underlying:
            continue
        seen = state.market.quotes.get(key)
        if seen is None or seen.flaw or key in state.market.delisted:
            continue
        quote = seen.quote
        if quote.iv is None or quote.forward is None or age(seen, state.now) > oldest:
            continue
        found.append(
            Offered(
                option=instrument,
                quote=quote,
                forward=quote.forward,
                vol=quote.iv,
                position=position(state, key),
            )
        )
    return tuple(found)


def _perpetual(state: State, inputs: HedgeInputs, target: Target) -> Linear:
    """The instrument in use, with what its book shows and the funding of a long."""
    hedge = inputs.hedge
    quote, depth = hedge.book.quote, hedge.depth
    shown = (
        (sum(size for _, size in depth.asks), sum(size for _, size in depth.bids))
        if depth is not None
        else (quote.ask_qty, quote.bid_qty)
    )
    choice = choice_of(state, hedge.contract.key)
    holding = expected_holding(inputs, target)
    carry = funding_cost(
        choice.funding, Side.BUY, inputs.now, holding, accrues=choice.accrues
    )
    return Linear(
        contract=hedge.contract,
        quote=quote,
        position=hedge.position,
        shown=shown,
        carry=carry or 0.0,
    )
