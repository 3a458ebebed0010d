"""Deribit's account: orders, fills, positions and balances, as streams and replies tell them."""

from collections.abc import Iterator
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from terminal.core.errors import DataError
from terminal.model.account import Balance, FundingPaid, Position
from terminal.model.instrument import Contract, Perpetual
from terminal.model.order import Fill, OrderStatus, OrderUpdate
from terminal.portfolio.pnl import DOLLARS
from terminal.venues.dialects import raw
from terminal.venues.dialects.client_ids import ours
from terminal.venues.dialects.deribit_public import SIDES, listed
from terminal.venues.dialects.dialect import Directory, PrivateEvent
from terminal.venues.dialects.raw import Raw

_STATES: Final = MappingProxyType(
    {
        "open": OrderStatus.LIVE,
        "untriggered": OrderStatus.LIVE,
        "triggered": OrderStatus.LIVE,
        "filled": OrderStatus.FILLED,
        "cancelled": OrderStatus.CANCELLED,
        "rejected": OrderStatus.REJECTED,
    }
)

_SESSION: Final = ("futures_session_upl", "futures_session_rpl")
_ROUNDED: Final = Decimal("1e-5")
_ROUNDED_USD: Final = Decimal("0.05")
"""Profits are rounded to eight digits, and come from two replies while marks move."""

_MAKERS: Final = MappingProxyType({"M": True, "T": False})


def events(message: Raw, known: Directory) -> tuple[PrivateEvent, ...]:
    """Account events of one frame; nothing for replies and public streams.

    A ``user.changes`` frame repeats what the other streams say: fills are the same by their id,
    and an order's state may come twice.
    """
    found = raw.notification(message)
    if found is None:
        return ()
    topic, content = found
    if topic.startswith("user.orders."):
        rows = content if isinstance(content, list) else [content]
        return tuple(_orders(raw.rows({"data": rows}, "data"), known))
    if topic.startswith("user.trades."):
        return tuple(_fills(raw.rows({"data": content}, "data"), known))
    if topic.startswith("user.portfolio."):
        return (balance(raw.mapping(content, "data")),)
    if topic.startswith("user.changes."):
        changes = raw.mapping(content, "data")
        return (
            *_fills(raw.rows(changes, "trades"), known),
            *_orders(raw.rows(changes, "orders"), known),
            *_positions(raw.rows(changes, "positions"), known),
        )
    return ()


def order(row: Raw, known: Directory) -> OrderUpdate | None:
    """State of one order; None where its label is not one of our order ids.

    ``filled`` is in our contracts, and unknown for a stop that has not been triggered. It never
    comes from ccxt, whose unified order gives no client id and a wrong cost for inverse ones.
    """
    order_id = ours(raw.text_or_none(row, "label"))
    if not order_id:
        return None
    status = raw.one_of(row, "order_state", _STATES)
    instrument = listed(row, known)
    filled = raw.decimal_or_none(row, "filled_amount")
    if filled is not None and filled < 0:
        raise DataError(f"field 'filled_amount' is {filled}: expected zero or more")
    return OrderUpdate(
        order_id,
        status,
        (raw.text_or_none(row, "cancel_reason") or "").replace("_", " "),
        None if instrument is None or filled is None else qty(filled, instrument.contract),
    )


def fill(row: Raw, known: Directory) -> Fill | None:
    """One trade of the account; None for a combination, whose legs are trades of their own.

    Notes
    -----
    Trade ids are unique within one settlement currency only (API documentation, ``trade_id``), so
    ours begin with the instrument.
    """
    instrument = listed(row, known)
    if instrument is None:
        return None
    contract = instrument.contract
    return Fill(
        fill_id=f"{contract.symbol}:{raw.name_of(row, 'trade_id')}",
        order_id=ours(raw.text_or_none(row, "label")),
        key=contract.key,
        side=raw.one_of(row, "direction", SIDES),
        qty=qty(raw.positive(row, "amount"), contract),
        price=raw.positive(row, "price"),
        fee=raw.decimal(row, "fee"),
        fee_currency=raw.text(row, "fee_currency"),
        maker=raw.one_of(row, "liquidity", _MAKERS),
    )


def payment(row: Raw, known: Directory) -> FundingPaid | None:
    """Funding of one session of a perpetual: a row of the transaction log; None for any other.

    Notes
    -----
    Funding accrues continuously into the session's profit and reaches the balance with it, at the
    settlement of 08:00 UTC: ``total_interest_pl`` is that of the whole session, ``interest_pl``
    that since the last trade. In the example of the documentation of ``get_transaction_log``
    ``change`` is ``session_upl`` plus ``session_rpl``: the funding is inside these.
    """
    if raw.text(row, "type") != "settlement":
        return None
    instrument = known.by_symbol.get(raw.text_or_none(row, "instrument_name") or "")
    if not isinstance(instrument, Perpetual):
        return None
    whole = "total_interest_pl" if row.get("total_interest_pl") is not None else "interest_pl"
    key = instrument.contract.key
    return FundingPaid(
        key,
        raw.decimal(row, whole),
        raw.text(row, "currency").upper(),
        None,
        payment_id=f"{key} funding {raw.name_of(row, 'id')}",
    )


def cash(row: Raw) -> Balance | None:
    """Cash as our ledger counts it: one part of it from each row that bears on it.

    Notes
    -----
    ``balance`` takes the session's profit of futures in at the settlement of 08:00 UTC only; our
    ledger takes a profit in when it is realised, and counts it from the average entry. So the
    session's profit is added to the balance and the profit of open positions since their entry
    (``futures_pl``) taken off: a sum that the settlement leaves alone. That ``equity`` is
    ``balance + futures_session_upl + futures_session_rpl + options_value`` holds to the last digit
    in the documentation's example of ``get_account_summary``. Funding of the session, which is in
    its profit, is told at the settlement: the row of a position takes ``realized_funding`` off.
    """
    if "instrument_name" in row:
        accrued = raw.decimal_or_none(row, "realized_funding")
        return Balance(_settled_in(raw.text(row, "instrument_name")), -accrued) if accrued else None
    currency = raw.text(row, "currency").upper()
    session = sum(raw.decimal_or_none(row, name) or Decimal(0) for name in _SESSION)
    profit = raw.decimal_or_none(row, "futures_pl") or Decimal(0)
    moving = bool(session or profit)
    within = _ROUNDED_USD if currency in DOLLARS else _ROUNDED
    amount = raw.decimal(row, "balance") + session - profit
    return Balance(currency, amount, within if moving else Decimal(0))


def _settled_in(symbol: str) -> str:
    """Currency of a position, by the name of its instrument: BTC-PERPETUAL, SOL_USDC-PERPETUAL."""
    pair = symbol.partition("-")[0]
    return pair.rpartition("_")[2]


def position(row: Raw, known: Directory) -> Position | None:
    """Signed contracts of one position; flat ones too.

    Notes
    -----
    ``size`` is signed, in USD for inverse futures and in coins otherwise. ccxt calls it
    ``contracts`` and gives the contract size beside it, the product of which is wrong tenfold.
    """
    instrument = listed(row, known)
    if instrument is None:
        return None
    size = raw.decimal(row, "size")
    direction = raw.text_or_none(row, "direction") or "zero"
    agrees = {"buy": size >= 0, "sell": size <= 0, "zero": size == 0}
    if not agrees.get(direction, False):
        raise DataError(f"fields 'size' {size} and 'direction' {direction!r} contradict each other")
    entry = raw.positive(row, "average_price") if size else Decimal(0)
    return Position(instrument.contract.key, qty(size, instrument.contract), entry)


def balance(row: Raw) -> Balance:
    """Cash of one currency: ``balance``, without the session's profit and the options' value."""
    return Balance(raw.text(row, "currency").upper(), raw.decimal(row, "balance"))


def qty(amount: Decimal, contract: Contract) -> Decimal:
    """Our contracts for an amount on Deribit's wire."""
    return amount / contract.multiplier


def _orders(rows: tuple[Raw, ...], known: Directory) -> Iterator[OrderUpdate]:
    for row in rows:
        update = order(row, known)
        if update is not None:
            yield update


def _fills(rows: tuple[Raw, ...], known: Directory) -> Iterator[Fill]:
    for row in rows:
        found = fill(row, known)
        if found is not None:
            yield found


def _positions(rows: tuple[Raw, ...], known: Directory) -> Iterator[Position]:
    for row in rows:
        found = position(row, known)
        if found is not None:
            yield found
