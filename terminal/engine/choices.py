"""From the engine's state to what a hedge could be carried by, and the best of it."""

from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from terminal.core.units import HOUR, from_seconds
from terminal.engine.context import factor_of, perpetuals_of, through
from terminal.engine.state import State, position
from terminal.hedging.decide import decide
from terminal.hedging.division import AT_ONCE, divided, worth_dividing
from terminal.hedging.holding_cost import expected_holding
from terminal.hedging.inputs import HedgeInputs
from terminal.hedging.ranking import Choice, Need, Priced, in_order, price
from terminal.hedging.routing import split_row
from terminal.hedging.target import target_of
from terminal.model.hedge import Decision, Hold, Proposal, Propose, Target
from terminal.model.instrument import CarryKind, Future, Instrument, Option, Perpetual, Spot
from terminal.model.market import Funding
from terminal.model.order import Side
from terminal.portfolio.books import Books, refreshed
from terminal.portfolio.headroom import Headroom, headroom
from terminal.portfolio.holding import kind_of

NOTHING = Decimal(0)


class Size(Struct, frozen=True):
    """A hedge without an instrument yet."""

    side: Side
    coins: float  # > 0


def need_of(inputs: HedgeInputs, target: Target, asked: Size) -> Need:
    """What a ranking must know of a hedge that the policy wants."""
    return Need(
        side=asked.side,
        coins=asked.coins,
        spot=inputs.spot,
        now=inputs.now,
        holding=expected_holding(inputs, target),
        oldest=from_seconds(inputs.profile.book_age_s),
        kept=inputs.hedge.contract.key,
    )


def choices_of(state: State, underlying: str) -> tuple[Choice, ...]:
    """Every listed perpetual, dated future and spot pair of an underlying, as listed."""
    return tuple(
        [
            choice_of(state, key)
            for key, instrument in state.market.instruments.items()
            if instrument.contract.base == underlying
            and not isinstance(instrument, Option)
            and key not in state.market.delisted
        ]
    )


def choice_of(state: State, key: str) -> Choice:
    """What is known of one instrument."""
    market, ledger = state.market, state.ledger
    instrument: Instrument = market.instruments[key]
    held = ledger.spot.get(key)
    found = _headroom(state, instrument)
    funding, borrow_hour = _holding_terms(instrument, market.funding.get(key))
    return Choice(
        contract=instrument.contract,
        kind=kind_of(instrument),
        seen=market.quotes.get(key),
        depth=market.depth.get(key),
        position=held.qty if held else position(state, key),
        free_coins=float(ledger.cash.get(instrument.contract.base, NOTHING)),
        funding=funding,
        borrow_hour=borrow_hour,
        accrues=isinstance(instrument, Perpetual) and instrument.funding_interval == 0,
        expiry=instrument.expiry if isinstance(instrument, Future) else 0,
        margin_rate=found.rate,
        free_usd=found.free_usd,
        margin_note=found.reason,
        shown_only=not isinstance(instrument, Perpetual),
    )


def _holding_terms(instrument: Instrument, told: Funding | None) -> tuple[Funding | None, float]:
    """Funding of an instrument, and the fee an hour that both of its sides pay (a fraction)."""
    borrows = isinstance(instrument, Perpetual) and instrument.carry is CarryKind.BORROW
    if not borrows or told is None or told.interval <= 0:
        return told, 0.0
    return replace(told, rate=0.0), abs(told.rate) * HOUR / told.interval


def _headroom(state: State, instrument: Instrument) -> Headroom:
    """Margin of a perpetual or future; a coin is paid for and needs none."""
    if isinstance(instrument, Spot):
        return Headroom(0.0, None)
    books = refreshed(state.books or Books(), state.market.instruments, state.ledger)
    return headroom(state.market, state.ledger, books, instrument.contract, state.now)


def decided(
    state: State,
    inputs: HedgeInputs,
    proposal_id: str,
    goal: Target | None = None,
    *,
    policy: Target | None = None,
) -> Decision:
    """Decide, and carry what is proposed by the cheapest perpetual for its size.

    Parameters
    ----------
    state : State
    inputs : HedgeInputs
        With the instrument in use, which is kept unless another is cheaper by a basis point.
    proposal_id, goal, policy
        As in :func:`terminal.hedging.decide.decide`.

    Returns
    -------
    Hold or Propose
        A proposal says why its instrument was chosen wherever there was a choice.
    """
    band = policy or target_of(inputs)
    decision = decide(inputs, proposal_id, goal, policy=band)
    if isinstance(decision, Hold):
        return decision  # as almost always
    keys = [
        key
        for key in perpetuals_of(state).get(inputs.underlying, ())
        if key not in state.market.delisted
    ]
    if len(keys) < 2:
        return decision
    offer = decision.proposal
    need = need_of(inputs, band, Size(offer.side, offer.coins))
    priced = [price(choice_of(state, key), need) for key in keys]
    best = in_order(priced, need)[0]
    other = through(state, inputs, best.key) if best.rank else None
    if other is not None and best.key != offer.key:
        switched = decide(other, proposal_id, goal, policy=band)
        if isinstance(switched, Propose):
            offer = switched.proposal
    if best.rank and offer.key == best.key:
        offer = replace(offer, reasons=(*offer.reasons, f"{best.symbol}: {best.reason}."))
    return Propose(_over_books(state, inputs, offer, priced, need))


def _over_books(
    state: State, inputs: HedgeInputs, offer: Proposal, priced: list[Priced], need: Need
) -> Proposal:
    """The hedge over several books where the profile allows it and that is worth it."""
    most = inputs.profile.split_books
    if most < 2 or offer.plan.style not in AT_ONCE:
        return offer
    # What is cut to a venue's first days, or not armed there, is not what a split was priced for.
    free = [each for each in priced if factor_of(state, each.choice.contract.venue) == 1.0]
    row = split_row(free, replace(need, coins=offer.coins), most)
    if row is None or not worth_dividing(row, inputs.spec.order_cost_usd):
        return offer
    found = [through(state, inputs, leg.key) for leg in row.legs]
    carried = [each for each in found if each is not None]
    return divided(offer, row, carried) if len(carried) == len(row.legs) else offer
