"""Binance's options are followed whole, lost and found again."""

import asyncio

from terminal.model.instrument import Option
from terminal.model.market import Index, Quote
from terminal.model.messages import LinkDown, LinkUp
from tests.contracts.followed import OPTIONS, Followed, following
from tests.unit.venues.small_server import until


def _chain(followed: Followed) -> dict[str, Option]:
    assert followed.loaded is not None
    known = followed.loaded.directory.by_key
    return {key: each for key, each in known.items() if isinstance(each, Option)}


def _quoted(followed: Followed) -> dict[str, Quote]:
    return {each.key: each for each in followed.of(Quote)}


async def test_every_option_comes_with_prices_mark_and_volatility() -> None:
    async with following(OPTIONS) as followed:
        chain = _chain(followed)
        assert len(chain) == 12  # two expiries, three strikes, calls and puts
        assert {each.contract.base for each in chain.values()} == {"BTC"}
        await until(lambda: chain.keys() <= _quoted(followed).keys(), 20.0)
        for quote in _quoted(followed).values():
            assert quote.bid is not None
            assert quote.ask is not None
            assert quote.mark is not None
            assert quote.bid < quote.ask
            assert quote.iv == 0.55
        assert {each.underlying for each in followed.of(Index)} == {"BTC"}
        assert followed.told == []
        assert followed.server.signed == []


async def test_a_lost_connection_is_said_and_the_chain_comes_back() -> None:
    async with following(OPTIONS) as followed:
        await until(lambda: bool(followed.of(Quote)), 20.0)
        before = len(followed.of(LinkDown))
        followed.server.drop_sockets()
        await until(lambda: len(followed.of(LinkUp)) >= 2, 20.0)
        assert len(followed.of(LinkDown)) > before
        followed.events.clear()
        await until(lambda: _chain(followed).keys() <= _quoted(followed).keys(), 20.0)
        await asyncio.sleep(0)
