"""Checks of a key: what is asked, what failed, and what a person is told of it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.model.keys import CheckRow, CheckState
from terminal.venues import key_checks
from terminal.venues.key_checks import Heard, findings, listen, usable

NOW_MS = 1_800_000_000_000
GOOD = {
    "config": {
        "data": [{"perm": "read_only,trade", "posMode": "net_mode", "acctLv": "2", "ip": "1.2.3.4"}]
    },
    "balance": {},
}


class Calls:
    """Answers as told; an exception is raised."""

    def __init__(self, answers: Mapping[str, Any], ahead_ms: int = 0) -> None:
        self.answers = dict(answers)
        self.ahead_ms = ahead_ms
        self.asked: list[str] = []

    def _answer(self, name: str) -> Any:
        self.asked.append(name)
        answer = self.answers.get(name)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    async def server_time(self) -> int:
        answer = self._answer("time")
        return NOW_MS + self.ahead_ms if answer is None else answer

    async def balance(self) -> object:
        return self._answer("balance")

    def questions(self) -> Mapping[str, Callable[[], Awaitable[object]]]:
        def asking(name: str) -> Callable[[], Awaitable[object]]:
            async def ask() -> object:
                return self._answer(name)

            return ask

        return {"config": asking("config")}

    async def far_order(self) -> str:
        return str(self._answer("order"))


def clock() -> int:
    return NOW_MS * 1_000_000


def plain(text: str) -> str:
    return text


async def checked(calls: Calls, *, with_order: bool = False) -> dict[str, CheckRow]:
    heard = await listen(calls, clock, plain, with_order=with_order)
    return {row.what: row for row in findings("okx", heard)}


async def test_a_good_key_is_all_in_order() -> None:
    rows = await checked(Calls(GOOD))
    assert {row.state for row in rows.values()} == {CheckState.OK}
    assert next(iter(rows)) == "Withdrawals"


async def test_nothing_is_placed_unless_it_is_asked_for() -> None:
    calls = Calls(GOOD | {"order": "placed and cancelled"})
    assert "not tried" in (await checked(calls))["Trading"].found
    assert "order" not in calls.asked
    assert (await checked(calls, with_order=True))["Trading"].found == "placed and cancelled"


async def test_withdrawals_are_warned_of_loudly() -> None:
    told = {"config": {"data": [{"perm": "read_only,trade,withdraw", "posMode": "net_mode"}]}}
    row = (await checked(Calls(told)))["Withdrawals"]
    assert row.loud
    assert row.state is CheckState.WARN
    assert "WITHDRAWALS ARE ENABLED" in row.found
    assert "without the right to withdraw" in row.remedy


async def test_hedge_mode_is_refused() -> None:
    told = {"config": {"data": [{"perm": "trade", "posMode": "long_short_mode"}]}}
    rows = await checked(Calls(told))
    assert rows["Position mode"].state is CheckState.BAD
    assert not usable(tuple(rows.values()))


async def test_a_key_that_may_only_read_is_said_to() -> None:
    told = {"config": {"data": [{"perm": "read_only", "posMode": "net_mode"}]}}
    row = (await checked(Calls(told)))["Trading"]
    assert row.state is CheckState.WARN
    assert "only read" in row.found


async def test_a_wrong_key_is_bad_and_nothing_is_ordered_with_it() -> None:
    calls = Calls({"balance": PermissionError("invalid key")})
    rows = await checked(calls, with_order=True)
    assert rows["Reading"].state is CheckState.BAD
    assert "invalid key" in rows["Reading"].found
    assert "order" not in calls.asked


async def test_an_order_that_is_not_proven_gone_is_loud() -> None:
    rows = await checked(Calls(GOOD | {"order": OSError("cut off")}), with_order=True)
    assert rows["Trading"].state is CheckState.BAD
    assert rows["Trading"].loud
    assert "open orders" in rows["Trading"].remedy


async def test_what_an_exchange_does_not_say_is_not_called_good() -> None:
    rows = await checked(Calls({"config": OSError("no")}))
    for what in ("Withdrawals", "Trading", "Position mode", "Margin mode", "IP addresses"):
        assert rows[what].state is CheckState.UNKNOWN


async def test_an_error_is_one_short_line_without_the_key() -> None:
    error = OSError("canary " * 200)
    heard = await listen(Calls({"balance": error}), clock, lambda text: text.replace("canary", "•"))
    assert "canary" not in heard.errors["balance"]
    assert len(heard.errors["balance"]) <= 300


async def test_a_silent_exchange_is_given_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    class Silent(Calls):
        async def balance(self) -> object:
            await asyncio.sleep(60.0)
            return None

    monkeypatch.setattr(key_checks, "PATIENCE_S", 0.01)
    assert "no answer" in (await checked(Silent({})))["Reading"].found


@pytest.mark.parametrize(
    ("ahead_ms", "state", "words"),
    [
        (0, CheckState.OK, "0 ms"),
        (250, CheckState.OK, "250 ms behind"),
        (251, CheckState.WARN, "behind"),
        (-400, CheckState.WARN, "400 ms ahead"),
        (1001, CheckState.BAD, "1001 ms"),
    ],
)
async def test_the_clock_is_compared(ahead_ms: int, state: CheckState, words: str) -> None:
    row = (await checked(Calls(GOOD, ahead_ms)))["Clock"]
    assert row.state is state
    assert words in row.found


async def test_a_clock_that_is_not_told_is_unknown() -> None:
    row = (await checked(Calls(GOOD | {"time": OSError("down")})))["Clock"]
    assert row.state is CheckState.UNKNOWN
    assert "down" in row.found


@pytest.mark.parametrize(
    ("days", "state"), [(-1, CheckState.BAD), (3, CheckState.WARN), (40, CheckState.OK), (0, None)]
)
def test_the_end_of_a_key_is_told(days: int, state: CheckState | None) -> None:
    until = NOW_MS + days * 86_400_000 if days else 0
    answers = {"restrictions": {"tradingAuthorityExpirationTime": until}}
    rows = findings("binanceusdm", Heard(answers=answers, now_ms=NOW_MS))
    found = [row.state for row in rows if row.what == "Expiry"]
    assert found == ([] if state is None else [state])


@given(st.sampled_from(["deribit", "bybit", "okx", "binanceusdm", "hyperliquid", "other"]))
def test_without_any_answer_every_row_says_what_to_do(venue: str) -> None:
    rows = findings(venue, Heard())
    assert len(rows) >= 6
    for row in rows:
        assert row.found
        if row.what not in ("Reading", "Position mode", "Margin mode", "Clock"):
            assert row.state is CheckState.UNKNOWN
            assert row.remedy
