"""Speed of the engine and of a decision: ``python -m tests.bench.engine [MINUTES]``."""

import gc
import sys
import time
from collections import Counter
from decimal import Decimal
from statistics import median

from msgspec.structs import replace

from terminal.core.units import MINUTE, SECOND
from terminal.engine.consider import consider
from terminal.engine.context import Missing, inputs_for
from terminal.engine.state import State
from terminal.engine.step import step
from terminal.hedging.decide import decide
from terminal.market.state import spot
from terminal.model.account import AccountSnapshot, Position
from terminal.model.instrument import Instrument, Option, Right
from terminal.model.market import Quote
from terminal.model.messages import Event, Listing, Mode, Record, Started, Tick
from terminal.model.risk import Autonomy
from terminal.portfolio.exposure import Lens, survey
from terminal.pricing.engines import NUMPY
from terminal.runtime.profiles import load
from terminal.venues.demo_book import demo_book
from terminal.venues.sim_listing import VENUE, listing
from terminal.venues.sim_market import DEFAULT_SPOTS
from terminal.venues.sim_world import SimWorld
from tests.bench.floors import in_words, shares

START = 1_767_614_400 * SECOND
LISTED = 1000
OPTIONS = 500
BEAT = SECOND // 4
DECISIONS = 2000
GOAL_RATE, GOAL_MS = 20_000, 1.0


def widened(found: Listing) -> Listing:
    """Listing filled up to a thousand instruments with strikes between those there are."""
    listed: list[Instrument] = list(found.instruments)
    options = [each for each in listed if isinstance(each, Option)]
    number = 0
    while len(listed) < LISTED:
        near = options[number % len(options)]
        strike = near.strike + Decimal(number // len(options) + 1)
        symbol = f"{near.contract.symbol[:-2]}+{number}-{near.right.value[0].upper()}"
        listed.append(replace(near, contract=replace(near.contract, symbol=symbol), strike=strike))
        number += 1
    return Listing(found.venue, tuple(listed))


def market_events(minutes: int) -> list[tuple[int, Event]]:
    """What the simulated desk sees, its quotes spread evenly over all that is listed."""
    opening = listing(START, DEFAULT_SPOTS)
    positions, balances = demo_book(opening, DEFAULT_SPOTS, START)
    world = SimWorld(seed=7, start_at=START, positions=positions, balances=balances)
    wide, events, turn, beat = widened(opening), list[tuple[int, Event]](), 0, START + BEAT
    extra = [each for each in wide.instruments if each not in set(opening.instruments)]
    twins = _twins(opening, extra)
    while (at := world.next_at()) is not None and at < START + minutes * MINUTE:
        while beat <= at:
            events.append((beat, Tick()))
            beat += BEAT
        at, event = world.pop()
        if isinstance(event, Listing):
            event = wide
        elif isinstance(event, Quote) and event.key in twins and turn % 2:
            near = twins[event.key]
            event = replace(event, key=near[turn // 2 % len(near)])
        turn += 1
        events.append((at, event))
    return events


def _twins(opening: Listing, extra: list[Instrument]) -> dict[str, list[str]]:
    """Keys of the added options by the expiry, coin and right of a listed one near them."""
    groups: dict[object, list[str]] = {}
    for each in extra:
        if isinstance(each, Option):
            groups.setdefault(_family(each), []).append(each.contract.key)
    return {
        each.contract.key: groups[_family(each)]
        for each in opening.instruments
        if isinstance(each, Option) and _family(each) in groups
    }


def _family(option: Option) -> tuple[str, int, Right]:
    return option.contract.base, option.expiry, option.right


def begun() -> State:
    """An engine that asks a person, with the balanced profile."""
    started = Started("bench", Mode.SIM, 7, load("balanced"), Autonomy.APPROVE)
    return step(State(), Record(1, START, "bench", started))[0]


def play(state: State, events: list[tuple[int, Event]]) -> State:
    """Step through events; what the engine wants done is dropped."""
    for seq, (at, event) in enumerate(events, state.seq + 1):
        state, _ = step(state, Record(seq, at, "bench", event))
    return state


def measure_steps(minutes: int) -> State:
    """Print the rate of market records and answer the state after them."""
    events = market_events(minutes)
    kinds = Counter(type(event).__name__ for _, event in events)
    state = begun()
    gc.collect()
    gc.freeze()
    begin = time.perf_counter()
    after = play(state, events)
    spent = time.perf_counter() - begin
    quoted = {event.key for _, event in events if isinstance(event, Quote)}
    _say(f"{len(after.market.instruments)} instruments, {len(quoted)} quoted, {dict(kinds)}")
    held = sum(1 for each in after.ledger.positions.values() if each.qty)
    _say(f"step, {held} positions held: {len(events) / spent:,.0f} records/s (goal {GOAL_RATE:,})")
    part = events[: len(events) // 4]
    _say(f"own time by floor: {in_words(shares(lambda: play(state, part)))}")
    return after


def measure_decisions(state: State) -> None:
    """Print the time of a decision about one coin of a book of 500 options, all in that coin."""
    wide = _with_options(state)
    profile = wide.profile
    if profile is None:
        return
    wide, _ = consider(wide)
    gc.collect()
    gc.freeze()
    costs: list[float] = []
    own: list[float] = []  # of processor time, which other processes do not lengthen
    for number in range(DECISIONS):
        wide = replace(wide, now=wide.now + number)  # nothing may be reused from the last time
        begin, used = time.perf_counter(), time.thread_time()
        lens = Lens(
            underlyings=("BTC",), now=wide.now, working={}, greeks_age=30 * SECOND, engine=NUMPY
        )
        fresh = survey(wide.market, wide.ledger, wide.books, lens, wide.views)
        seen = replace(wide, exposures={**wide.exposures, **fresh.exposures})
        inputs = inputs_for(seen, "BTC", seen.desks["BTC"])
        if isinstance(inputs, Missing):
            _say(f"no decision: {inputs.reason}")
            return
        decide(inputs, "bench")
        own.append((time.thread_time() - used) * 1e3)
        costs.append((time.perf_counter() - begin) * 1e3)
    held = sum(1 for each in wide.ledger.positions.values() if each.qty)
    _say(f"decide with the exposure of {held} positions (goal: p99 under {GOAL_MS:g} ms)")
    for name, found in (("by the clock", costs), ("of processor", own)):
        high = sorted(found)[int(0.99 * len(found))]
        _say(f"  {name}: median {median(found):.3f}, p99 {high:.3f}, longest {max(found):.3f} ms")


def _with_options(state: State) -> State:
    """State whose account holds 500 BTC options, each with a fresh quote."""
    listed = [each for each in state.market.instruments.values() if isinstance(each, Option)]
    mine = [each for each in listed if each.contract.base == "BTC" and each.expiry > state.now]
    more: list[Option] = list(mine)
    while len(more) < OPTIONS:
        near = mine[len(more) % len(mine)]
        strike = near.strike + Decimal(len(more))
        symbol = f"{near.contract.symbol[:-2]}+{len(more)}-{near.right.value[0].upper()}"
        more.append(replace(near, contract=replace(near.contract, symbol=symbol), strike=strike))
    others = [each for each in state.market.instruments.values() if each not in set(mine)]
    price = spot(state.market, "BTC") or 0.0
    events: list[Event] = [Listing(VENUE, (*others, *more))]
    held = [Position(each.contract.key, Decimal("0.5"), Decimal("0.01")) for each in more[:OPTIONS]]
    events.append(AccountSnapshot(VENUE, tuple(held), ()))
    events += [
        Quote(each.contract.key, 0.01, 0.011, 1.0, 1.0, mark=0.0105, iv=0.6, forward=price)
        for each in more[:OPTIONS]
    ]
    return play(state, [(state.now, event) for event in events])


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


def main() -> None:
    """Measure both, in one run on one machine."""
    minutes = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    measure_decisions(measure_steps(minutes))


if __name__ == "__main__":
    main()
