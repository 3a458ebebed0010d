"""Word from the venue about funding: rates to come, and payments made."""

from msgspec.structs import replace

from terminal.core.units import HOUR, MINUTE, iso_utc
from terminal.engine.attributing import entered, payment_change
from terminal.engine.state import State, Step, contract_of, position
from terminal.market import state as market
from terminal.market.state import spot
from terminal.model.account import FundingPaid
from terminal.model.market import Funding
from terminal.model.messages import Alert, Effect
from terminal.portfolio.funding_days import noted
from terminal.portfolio.ledger import book_funding
from terminal.portfolio.pnl import DOLLARS


def on_funding(state: State, event: Funding | FundingPaid) -> Step:
    """Take a rate to come, or a payment made."""
    return _on_rate(state, event) if isinstance(event, Funding) else _on_paid(state, event)


def _on_rate(state: State, funding: Funding) -> Step:
    """Take a rate; say so when the venue changed how often it pays.

    The rate, its interval and its stamp are kept together, so nothing of the interval before is
    left to mix with.
    """
    before = state.market.funding.get(funding.key)
    state = replace(state, market=market.apply(state.market, funding, state.now))
    if before is None:
        return state, ()
    if before.interval == funding.interval:
        return state, _flipped(state, before, funding)
    stamp = f", next stamp {iso_utc(funding.next_at)}" if funding.next_at > 0 else ""
    text = (
        f"{funding.key.partition('@')[0]}: funding is now paid every {_span(funding.interval)},"
        f" before every {_span(before.interval)}{stamp}"
    )
    return state, (Alert("warn", "FUNDING", text),)


def _flipped(state: State, before: Funding, now: Funding) -> tuple[Effect, ...]:
    """Say that the payer of something held changed."""
    if not before.rate * now.rate < 0.0 or position(state, now.key) == 0:
        return ()
    payer = "longs" if now.rate > 0.0 else "shorts"
    text = f"{now.key.partition('@')[0]}: funding flips, {payer} pay from now on"
    return (Alert("info", "FLIP", text),)


def _span(interval: int) -> str:
    if interval <= 0:
        return "unknown span"
    return f"{interval / HOUR:g} h" if interval >= HOUR else f"{interval / MINUTE:g} min"


def _on_paid(state: State, paid: FundingPaid) -> Step:
    """Book a funding payment, once: in the account's ledger and in the ledger of days."""
    ledger = book_funding(state.ledger, paid)
    if ledger is state.ledger:
        return state, ()  # told before
    verb = "received" if paid.amount > 0 else "paid"
    what = "borrow fee" if paid.borrow else "funding"
    text = f"{what} {verb} {abs(paid.amount):.6g} {paid.currency} on {paid.key.partition('@')[0]}"
    alerts: tuple[Effect, ...] = (Alert("info", "FUNDING", text),)
    price = 1.0 if paid.currency in DOLLARS else spot(state.market, paid.currency)
    if contract_of(state, paid.key) is None:
        alerts += (Alert("warn", "FUNDING", f"{paid.key} is not listed: booked all the same"),)
    after = replace(
        state,
        ledger=ledger,
        funding_days=noted(state.funding_days, paid, state.now, price),
    )
    return entered(state, after, payment_change(state, paid)), alerts
