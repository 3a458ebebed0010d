"""Carry of every coin by venue: what is listed side by side, and where it is best held."""

from collections.abc import Callable, Iterable, Sequence

from terminal.model.carry import CarryCoin, CarryQuote
from terminal.model.instrument import Perpetual, coin_settled
from terminal.model.market import Funding
from terminal.portfolio.carry import continuous, next_stamp, rates_of

Earned = Callable[[CarryQuote], float | None]


def carry_quote(perpetual: Perpetual, funding: Funding | None, now: int) -> CarryQuote:
    """Carry that a listed perpetual offers at ``now`` (UtcNs)."""
    contract = perpetual.contract
    return CarryQuote(
        key=contract.key,
        symbol=contract.symbol,
        venue=contract.venue,
        underlying=contract.base,
        settle="coin" if coin_settled(contract) else contract.settle,
        kind=perpetual.carry,
        rates=rates_of(funding) if funding else None,
        continuous=continuous(perpetual),
        next_at=next_stamp(perpetual, funding, now),
    )


def matrix(quotes: Iterable[CarryQuote]) -> tuple[tuple[str, ...], tuple[CarryCoin, ...]]:
    """Line up coins against venues.

    Parameters
    ----------
    quotes : iterable of CarryQuote
        Every perpetual that is listed.

    Returns
    -------
    columns : tuple of str
        Venue and currency of settlement, such as ``deribit coin``, in the order of their names; a
        coin with two perpetuals of the same makes a second column of it.
    coins : tuple of CarryCoin
        In the order in which the coins come.
    """
    places: dict[tuple[str, str], CarryQuote] = {}
    coins: dict[str, list[CarryQuote]] = {}
    for quote in quotes:
        places[quote.underlying, _free(places, quote)] = quote
        coins.setdefault(quote.underlying, []).append(quote)
    columns = tuple(sorted({column for _, column in places}))
    return columns, tuple(
        CarryCoin(
            underlying=coin,
            cells=tuple([places.get((coin, column)) for column in columns]),
            best_long=_most(listed, _long, 1.0),
            worst_long=_most(listed, _long, -1.0),
            best_short=_most(listed, _short, 1.0),
            worst_short=_most(listed, _short, -1.0),
        )
        for coin, listed in coins.items()
    )


def _free(places: dict[tuple[str, str], CarryQuote], quote: CarryQuote) -> str:
    """First column of a venue and currency that the coin has nothing in yet."""
    name = f"{quote.venue} {quote.settle}"
    column, number = name, 1
    while (quote.underlying, column) in places:
        number += 1
        column = f"{name} {number}"
    return column


def _long(quote: CarryQuote) -> float | None:
    return quote.long_year


def _short(quote: CarryQuote) -> float | None:
    return quote.short_year


def _most(quotes: Sequence[CarryQuote], earned: Earned, sign: float) -> CarryQuote | None:
    """Quote that earns most (or least, where ``sign`` is -1); the first listed of equals."""
    found: CarryQuote | None = None
    most = 0.0
    for quote in quotes:
        amount = earned(quote)
        if amount is not None and (found is None or sign * amount > most):
            found, most = quote, sign * amount
    return found
