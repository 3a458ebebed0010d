"""Whose hedging a difference between the books and a venue concerns, and whether it locks it."""

from terminal.engine.state import State
from terminal.market.state import spot
from terminal.model.reconcile import Subject
from terminal.portfolio.accounts import settling
from terminal.portfolio.pnl import DOLLARS


def lock_of(state: State, subject: Subject, name: str, gap: float) -> tuple[str, bool]:
    """Underlying that a difference concerns, and whether it locks its hedging.

    Parameters
    ----------
    state : State
    subject : Subject
        Position or balance.
    name : str
        Key of an instrument, or a currency.
    gap : float
        Contracts or units, >= 0.
    """
    lock = _position_lock if subject is Subject.POSITION else _balance_lock
    return lock(state, name, gap)


def _position_lock(state: State, key: str, gap: float) -> tuple[str, bool]:
    instrument = state.market.instruments.get(key)
    if instrument is None:
        return "", True  # its delta is unknown, so it may be of any coin
    lots = state.profile.position_gap_lots if state.profile else 0.0
    contract = instrument.contract
    locks = gap > lots * float(contract.lot) and not settling(instrument, state.now)
    return contract.base, locks


def _balance_lock(state: State, currency: str, gap: float) -> tuple[str, bool]:
    """A coin without a price here is in nobody's delta: it is shown, and locks nothing."""
    dollars = currency in DOLLARS
    price = 1.0 if dollars else spot(state.market, currency)
    if price is None:
        return currency, currency in state.desks
    part = state.profile.balance_gap_pct if state.profile else 0.0
    limit = max(state.equity or 0.0, 0.0) * part / 100.0
    locks = gap * price > limit and not _settled_in(state, currency)
    return "" if dollars else currency, locks


def _settled_in(state: State, currency: str) -> bool:
    """Whether something held has just expired, and its venue pays for it in a currency."""
    listed = state.market.instruments
    held = (listed[key] for key in state.ledger.positions if key in listed)
    return any(each.contract.settle == currency and settling(each, state.now) for each in held)
