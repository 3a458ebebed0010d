"""Tapes: bars, ends, order of events."""

from decimal import Decimal

import pytest

from terminal.core.errors import ConfigError, DataError
from terminal.core.units import DAY, HOUR, MINUTE, SECOND
from terminal.model.account import AccountSnapshot, FundingPaid, Position, Settled
from terminal.model.instrument import Right
from terminal.model.market import AssumedVol, Bar, Funding, Gap
from terminal.model.messages import Disturb, DisturbanceKind, LinkUp, Listing, MarketEvent
from terminal.model.order import OrderStatus, TimeInForce
from terminal.venues.sim_listing import option
from terminal.venues.simulated import VenueTerms
from terminal.venues.tape_world import TapeTerms, TapeWorld
from tests.unit.venues.makers import BY_KEY, PERP, START, fills, order, play, updates

MIDNIGHT = (START // DAY) * DAY
LISTED = Listing("sim", tuple(BY_KEY.values()))


def bars(*closes: float, start: int = MIDNIGHT) -> list[tuple[int, MarketEvent]]:
    """Make bars of a minute that open at the close before."""
    made: list[tuple[int, MarketEvent]] = []
    for number, close in enumerate(closes):
        before = closes[max(number - 1, 0)]
        low, high = min(before, close), max(before, close)
        bar = Bar(PERP, before, high, low, close, None, MINUTE, 1.0)
        made.append((start + number * MINUTE, bar))
    return made


def tape_world(
    tape: list[tuple[int, MarketEvent]],
    *held: Position,
    before: tuple[MarketEvent, ...] = (LISTED,),
) -> TapeWorld:
    terms = TapeTerms(title="Bars", total=len(tape), positions=held, before=before)
    return TapeWorld(tape, terms, VenueTerms(name="sim", seed=1))


def test_a_tape_begins_with_what_it_is_told_and_ends() -> None:
    vol = AssumedVol("BTC-1DEC25-85000-C@sim", 0.5)
    live = tape_world(bars(85e3, 85.1e3), before=(LISTED, vol))
    kinds = [type(event) for _, event in play(live, MIDNIGHT + HOUR)]
    assert kinds == [Listing, AssumedVol, AccountSnapshot, LinkUp, Bar, Bar]
    assert live.next_at() is None
    assert live.progress() == 1.0


def test_an_order_between_bars_fills_on_the_last_close_and_is_told_before_the_next() -> None:
    live = tape_world(bars(85e3, 86e3, 87e3))
    events = play(live, MIDNIGHT)
    live.submit(order(limit="90000"), MIDNIGHT)
    events += play(live, MIDNIGHT + MINUTE)
    (filled,) = fills(events)
    assert filled.price == Decimal("85009.0")
    place = next(n for n, (_, e) in enumerate(events) if e == filled)
    assert events[place][0] < MIDNIGHT + SECOND
    assert isinstance(events[-1][1], Bar)


def test_a_resting_order_fills_when_a_later_bar_trades_through() -> None:
    live = tape_world(bars(85e3, 85.1e3, 84e3))
    events = play(live, MIDNIGHT)
    live.submit(order(limit="84500", tif=TimeInForce.POST_ONLY), MIDNIGHT)
    events += play(live, MIDNIGHT + MINUTE + SECOND)
    assert fills(events) == []
    events += play(live, MIDNIGHT + HOUR)
    (filled,) = fills(events)
    assert (filled.price, filled.maker) == (Decimal(84_500), True)
    assert updates(events, "o1")[-1].status is OrderStatus.FILLED
    assert live.next_at() is None


def test_held_options_settle_and_funding_is_paid_at_the_last_price() -> None:
    call = option("BTC", MIDNIGHT + 8 * HOUR, Decimal(80_000), Right.CALL)
    start = MIDNIGHT + 8 * HOUR - MINUTE
    tape = bars(90e3, 100e3, 70e3, start=start)
    tape.insert(1, (start, Funding(PERP, 0.0001, 8 * HOUR, MIDNIGHT + 8 * HOUR)))
    held = (Position(call.contract.key, Decimal(2), Decimal("0.1")),
            Position(PERP, Decimal(1000), Decimal(90_000)))  # fmt: skip
    live = tape_world(tape, *held, before=(Listing("sim", (call, *BY_KEY.values())),))
    events = play(live, MIDNIGHT + DAY)
    assert [e for _, e in events if isinstance(e, Settled)] == [
        # Straight from 90,000 a minute before the expiry to 100,000 at it: nothing is known before.
        Settled(call.contract.key, Decimal("95000.0000"))
    ]
    (paid,) = (e for _, e in events if isinstance(e, FundingPaid))
    assert paid.amount == Decimal("-0.00001000")  # 10,000 USD at 100,000 and 1 bp


def test_what_expires_with_the_last_event_is_settled_too() -> None:
    call = option("BTC", MIDNIGHT + 8 * HOUR, Decimal(80_000), Right.CALL)
    tape = bars(90e3, 100e3, start=MIDNIGHT + 8 * HOUR - MINUTE)
    held = Position(call.contract.key, Decimal(2), Decimal("0.1"))
    live = tape_world(tape, held, before=(Listing("sim", (call, *BY_KEY.values())),))
    events = play(live, MIDNIGHT + DAY)
    assert [type(e) for _, e in events][-1] is Settled
    assert live.next_at() is None


def test_gaps_pass_through() -> None:
    gap = Gap("", MIDNIGHT, MIDNIGHT + MINUTE, "no data")
    tape: list[tuple[int, MarketEvent]] = [*bars(85e3), (MIDNIGHT + MINUTE, gap)]
    assert play(tape_world(tape), MIDNIGHT + HOUR)[-1][1] == gap


def test_a_tape_out_of_order_is_refused_by_number() -> None:
    tape = bars(85e3, 86e3, 87e3)
    tape[2] = (MIDNIGHT, tape[2][1])
    live = tape_world(tape)
    with pytest.raises(DataError, match="event 3"):
        play(live, MIDNIGHT + HOUR)


def test_an_empty_tape_opens_and_ends() -> None:
    live = tape_world([])
    assert [type(e) for _, e in play(live, 0)] == [Listing, AccountSnapshot, LinkUp]
    assert live.next_at() is None
    assert live.progress() is None


def test_a_tape_cannot_jump() -> None:
    live = tape_world(bars(85e3))
    with pytest.raises(ConfigError, match="simulated market"):
        live.disturb(Disturb(DisturbanceKind.JUMP, "BTC", 0.1, 1.0), MIDNIGHT)
