"""Twelve ways in which a reply is wrong, for every request: none of them is taken for an answer."""

import msgspec.structs
import pytest

from tests.contracts.trading.cells import (
    EVERY,
    NO_ANSWER,
    QUESTIONS,
    REQUESTS,
    arrivals,
    designed,
    played,
)
from tests.contracts.trading.replies import REPLIES, Reply
from tests.contracts.trading.trader import trader
from tests.contracts.trading.venues import Routes, Tradable

each_reply = pytest.mark.parametrize("reply", REPLIES, ids=lambda each: each.name)


def test_the_table_is_whole() -> None:
    asked = {each.name for each in msgspec.structs.fields(Routes)} - {"order"}
    assert asked == set(REQUESTS)
    assert len(EVERY) == 12 * 6
    assert len({each.name for each in REPLIES}) == 12


@each_reply
@pytest.mark.parametrize("request_", ["create", "cancel"])
async def test_an_order_ends_as_designed(venue: Tradable, reply: Reply, request_: str) -> None:
    async with trader(venue) as desk:
        cell = await played(desk, reply, request_)
        assert cell.outcome in designed(reply, request_)
        assert cell.arrived == arrivals(reply, request_)


@each_reply
async def test_no_wrong_reply_is_an_empty_account(venue: Tradable, reply: Reply) -> None:
    async with trader(venue) as desk:
        found = {each: await played(desk, reply, each) for each in QUESTIONS}
        outcomes = {each: cell.outcome for each, cell in found.items()}
        assert outcomes == dict.fromkeys(QUESTIONS, NO_ANSWER)
        assert {cell.arrived for cell in found.values()} == {1}
