"""Carry of what is held and listed, for the screen: made anew every second of engine time."""

from collections.abc import Iterator, Mapping
from itertools import chain

from terminal.core.units import SECOND
from terminal.engine.state import State
from terminal.market.state import Market, spot
from terminal.model.carry import CarryRow, CarryView
from terminal.model.greeks import PositionRisk
from terminal.model.instrument import Perpetual
from terminal.portfolio.carry import Prices, carry_row
from terminal.portfolio.carry_matrix import carry_quote, matrix
from terminal.portfolio.funding_days import realised
from terminal.portfolio.settlement_clock import stamps

EVERY = SECOND
Rows = Mapping[str, tuple[PositionRisk, ...]]


class Carries:
    """Keeps the latest carry."""

    def __init__(self) -> None:
        self._view = CarryView()
        self._made_at: int | None = None

    def of(self, state: State, rows: Rows) -> CarryView:
        """Carry of the whole account; the same one while none is due."""
        if self._made_at is None or state.now - self._made_at >= EVERY:
            self._made_at = state.now
            self._view = carry_view(state, rows)
        return self._view


def carry_view(state: State, rows: Rows) -> CarryView:
    """Carry as of the state; ``rows`` are its positions by underlying."""
    market = state.market
    held = tuple(_carry_rows(state, rows))
    listed = (
        carry_quote(each, market.funding.get(key), state.now)
        for key, each in _perpetuals(state)
    )
    columns, coins = matrix(listed)
    return CarryView(
        rows=held,
        columns=columns,
        coins=coins,
        realised=realised(state.funding_days, state.ledger),
        stamps=stamps(held, rows, state.now),
    )


def _perpetuals(state: State) -> Iterator[tuple[str, Perpetual]]:
    """Listed perpetuals of the coins that have a desk, coin by coin."""
    by_coin = state.books.perpetuals if state.books else {}
    for coin in state.desks:
        for key in by_coin.get(coin, ()):
            instrument = state.market.instruments.get(key)
            if isinstance(instrument, Perpetual) and key not in state.market.delisted:
                yield key, instrument


def _carry_rows(state: State, rows: Rows) -> Iterator[CarryRow]:
    market = state.market
    for each in chain.from_iterable(rows.values()):
        instrument = market.instruments.get(each.key)
        if isinstance(instrument, Perpetual) and each.qty:
            prices = _prices(market, instrument)
            yield carry_row(
                instrument, each.qty, market.funding.get(each.key), prices, state.now
            )


def _prices(market: Market, perpetual: Perpetual) -> Prices:
    seen = market.quotes.get(perpetual.contract.key)
    return Prices(seen.quote.mark if seen else None, spot(market, perpetual.contract.base))
