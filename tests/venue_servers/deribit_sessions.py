"""Deribit's sessions: what futures earn reaches the balance once a day, its funding with it."""

from decimal import Decimal

from tests.venue_servers.account import Held, Settlement, gain_at
from tests.venue_servers.core import Exchange

NOTHING = Decimal(0)


def futures(exchange: Exchange, currency: str) -> list[Held]:
    """Positions in futures and perpetuals that settle in a currency."""
    listed = exchange.listed
    held = exchange.account.positions.values()
    return [
        each
        for each in held
        if listed[each.name].settle == currency and not listed[each.name].is_option
    ]


def open_gain(exchange: Exchange, currency: str) -> Decimal:
    """Profit of open futures since their average entry."""
    marks = ((exchange.listed[each.name], each) for each in futures(exchange, currency))
    return sum((gain_at(terms, each, exchange.mark(terms)) for terms, each in marks), NOTHING)


def realised(exchange: Exchange, currency: str) -> Decimal:
    """Profit of closed futures and funding, since ever."""
    paid = (each.amount for each in exchange.account.fundings if each.coin == currency)
    closed = (each.realised for each in futures(exchange, currency))
    return sum((*paid, *closed), NOTHING)


def balance(exchange: Exchange, currency: str) -> Decimal:
    """Balance as Deribit states it: without the profit of the session."""
    cash = exchange.account.balances.get(currency, NOTHING)
    before = exchange.account.sessions.get(currency, NOTHING)
    return cash - realised(exchange, currency) + before


def session(exchange: Exchange, currency: str) -> Decimal:
    """Profit of futures in the session that runs, realised or not, with its funding."""
    before = exchange.account.sessions.get(currency, NOTHING)
    return realised(exchange, currency) + open_gain(exchange, currency) - before


def accrued(exchange: Exchange, name: str) -> Decimal:
    """Funding of a perpetual in the session that runs."""
    ended = max((e.number for e in exchange.account.settlements if e.name == name), default=0)
    paid = exchange.account.fundings
    return sum((e.amount for e in paid if e.name == name and e.number > ended), NOTHING)


def settle(exchange: Exchange) -> None:
    """End the session, as every day at 08:00 UTC: the balance takes its profit in."""
    account = exchange.account
    for currency in account.balances:
        for each in futures(exchange, currency):
            ended = Settlement(
                number=exchange.number(),
                name=each.name,
                coin=currency,
                funding=accrued(exchange, each.name),
                change=session(exchange, currency),
                at_ms=exchange.now_ms(),
            )
            account.settlements.append(ended)
        account.sessions[currency] = realised(exchange, currency) + open_gain(exchange, currency)
