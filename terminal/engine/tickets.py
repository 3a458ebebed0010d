"""Tickets: orders that a person wants, made into proposals one after the other.

There is one door. A ticket becomes a proposal with the market of its moment, the proposal waits
for an approval as any other, and nothing of a ticket is ever approved automatically. Tickets of
one underlying wait for each other and for its working hedge; when one of them is turned down or
lapses, those behind it are dropped, for they were meant together.
"""

from msgspec.structs import replace

from terminal.core.ids import proposal_id
from terminal.core.units import MINUTE
from terminal.core.words import delta
from terminal.engine.context import Missing, factor_of, halts_of, inputs_for, through
from terminal.engine.state import DeskState, State, Step, TicketLine, position, with_desk
from terminal.hedging.decide import decide
from terminal.hedging.inputs import HedgeInputs
from terminal.hedging.option_offer import OptionOrder, option_offer
from terminal.hedging.target import target_of
from terminal.market.state import mid
from terminal.model.hedge import Hold, Proposal, Target, Ticket
from terminal.model.instrument import Future, Option, Perpetual, coins
from terminal.model.messages import Alert, SendTickets
from terminal.portfolio.option_deltas import option_delta, option_vol

MOST = 20
"""Tickets at a time; more is a mistake, or a list that a person cannot look at."""

STANDS = 10 * MINUTE
"""Tickets that could not be put up in this time are dropped: the idea is of another market."""


def on_tickets(state: State, command: SendTickets) -> Step:
    """Put tickets in line, all of them or, with the reason, none."""
    underlying, tickets = command.underlying, command.tickets
    reason = _refusal(state, underlying, tickets)
    if reason:
        text = f"tickets of {underlying or 'no coin'} refused: {reason}"
        return state, (Alert("warn", "TICKET", text),)
    desk = state.desks[underlying]
    line = TicketLine(tickets, state.now + STANDS)
    text = f"{len(tickets)} tickets of {underlying} are put up one by one, each to be approved"
    desk = replace(desk, tickets=line, quiet_until=0)
    return with_desk(state, underlying, desk), (Alert("info", "TICKET", text),)


def _refusal(state: State, underlying: str, tickets: tuple[Ticket, ...]) -> str:
    """Why tickets cannot be put in line; empty when they can."""
    desk = state.desks.get(underlying)
    if desk is None:
        return f"there is no desk for {underlying or 'it'}"
    if not 0 < len(tickets) <= MOST:
        return f"{len(tickets)} tickets, 1 to {MOST} can be sent at a time"
    if desk.tickets is not None:
        return "earlier tickets still wait: approve or reject them first"
    halts = halts_of(state, underlying)
    if state.stop is not None or halts:
        return halts[0].reason if halts else "the desk is stopped, re-arm it first"
    wrong = (_unfit(state, underlying, each) for each in tickets)
    return next(filter(None, wrong), "")


def _unfit(state: State, underlying: str, ticket: Ticket) -> str:
    """Why one ticket could not be traded now."""
    key, qty = ticket.key, ticket.qty
    instrument = state.market.instruments.get(key)
    if instrument is None or instrument.contract.base != underlying:
        return f"{key} is not listed for {underlying}"
    if key in state.market.delisted:
        return f"{key} is not listed any more"
    if not isinstance(instrument, Perpetual | Future | Option):
        return f"{key} is a coin, which this desk does not trade: trade it at the venue"
    contract = instrument.contract
    if not qty.is_finite() or qty == 0 or qty % contract.lot != 0:
        return f"{qty} of {key} is not a whole number of lots of {contract.lot}"
    if abs(qty) < contract.min_qty:
        return f"{qty} of {key} is below the venue's least, {contract.min_qty}"
    if factor_of(state, contract.venue) == 0.0:
        return f"live trading on {contract.venue} is not armed, arm it first"
    seen = state.market.quotes.get(key)
    if seen is None or seen.flaw or mid(seen.quote) is None:
        return f"{key} has no usable two-sided quote now"
    return ""


def put_up(state: State, underlying: str, inputs: HedgeInputs) -> Proposal | str:
    """Proposal of the first ticket in line, or why the line must be dropped."""
    desk = state.desks[underlying]
    line = desk.tickets
    if line is None:
        return "no ticket waits"
    if state.now >= line.until:
        return "they waited too long, send them again"
    name = proposal_id(state.run, underlying, desk.number + 1)
    return offer_of(state, inputs, line.tickets[0], name)


def offer_of(state: State, inputs: HedgeInputs, ticket: Ticket, name: str) -> Proposal | str:
    """Proposal of one ticket at the market of this moment, or why there is none."""
    reason = _unfit(state, inputs.underlying, ticket)
    instrument = state.market.instruments.get(ticket.key)
    if not reason and isinstance(instrument, Option):
        return _of_option(state, inputs, instrument, ticket, name)
    carried = through(state, inputs, ticket.key) if not reason else None
    if carried is None:
        return reason or f"{ticket.key} has no quote now"
    amount = coins(carried.hedge.contract, float(ticket.qty), carried.spot)
    goal = carried.net_delta + amount
    target = Target(goal, goal, goal, "ticket", "sent from the what-if lab by hand")
    decision = decide(carried, name, target)
    if isinstance(decision, Hold):
        return decision.reason
    offer = decision.proposal
    return replace(offer, ticket=ticket, reasons=(*offer.reasons, *_fate(inputs, offer)))


def _of_option(
    state: State, inputs: HedgeInputs, option: Option, ticket: Ticket, name: str
) -> Proposal | str:
    order = OptionOrder(
        name=name,
        option=option,
        qty=ticket.qty,
        seen=state.market.quotes[ticket.key],
        position=position(state, ticket.key),
        vol=option_vol(state.market, option),
        delta=option_delta(state.market, option, state.now),
    )
    offer = option_offer(inputs, order)
    if isinstance(offer, str):
        return offer
    return replace(offer, ticket=ticket, reasons=(*offer.reasons, *_fate(inputs, offer)))


def _fate(inputs: HedgeInputs, offer: Proposal) -> tuple[str, ...]:
    """What the policy will make of the position."""
    band = target_of(inputs)
    if band.low <= offer.after <= band.high:
        return ()
    where = f"{delta(band.low)} to {delta(band.high)} {inputs.underlying}"
    return (f"Delta is then outside the policy's {where}: it will want to trade back.",)


def requoted(state: State, underlying: str, proposal: Proposal) -> Proposal | str:
    """Numbers of a ticket's proposal made anew, or why they cannot be."""
    inputs = inputs_for(state, underlying, state.desks[underlying])
    if isinstance(inputs, Missing):
        return inputs.reason
    if proposal.ticket is None:
        return "it is no ticket"
    return offer_of(state, inputs, proposal.ticket, proposal.proposal_id)


def advanced(desk: DeskState) -> DeskState:
    """Desk whose first ticket has been put up."""
    line = desk.tickets
    left = line.tickets[1:] if line else ()
    return replace(desk, tickets=replace(line, tickets=left) if line and left else None)


def dropped(state: State, underlying: str, why: str) -> Step:
    """State without the tickets that wait, which is said; the same state if none does."""
    desk = state.desks[underlying]
    if desk.tickets is None:
        return state, ()
    count = len(desk.tickets.tickets)
    text = f"{count} tickets of {underlying} dropped: {why}"
    state = with_desk(state, underlying, replace(desk, tickets=None))
    return state, (Alert("warn", "TICKET", text),)
