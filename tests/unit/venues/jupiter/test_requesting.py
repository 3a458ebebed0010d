"""Requests against a validator and a keeper on this machine: every fault, and never twice."""

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace

from terminal.core.errors import ConfigError, DataError
from terminal.runtime.jupiter_shelf import FileShelf
from terminal.venues.jupiter.requesting import Kept, Outcome, Patience, RequestDesk
from terminal.venues.jupiter.requests import Change
from terminal.venues.jupiter.rpc import Node
from terminal.venues.jupiter.signing import Signer
from tests.unit.venues.jupiter.chain import LONG_SOL, SHORT_SOL
from tests.unit.venues.jupiter.validator import KEY, LIFE, Validator

NOW = 1_760_000_500
MORE = Change(
    order_id="more-1",
    place=SHORT_SOL,
    grows=True,
    size_usd=Decimal(500),
    worst=Decimal(158),
    collateral=Decimal(50),
)
LESS = Change(
    order_id="less-1", place=SHORT_SOL, grows=False, size_usd=Decimal(1000), worst=Decimal(162)
)


@pytest.fixture
async def chain() -> AsyncIterator[Validator]:
    async with Validator() as made:
        made.hold(SHORT_SOL)
        made.tell("SOL", NOW)
        yield made


class Bench:
    """A desk on a folder that a restart finds again."""

    def __init__(self, chain: Validator, folder: Path) -> None:
        self.chain, self.folder = chain, folder
        self.stopped = ""
        self.beyond = ""
        self.patience = 5.0  # of one question

    async def ask(self, change: Change, most: float = 20.0) -> Kept:
        """Ask and wait for an outcome; ``most`` is for those that have none."""
        node = Node(self.chain.url, patience=self.patience)
        shelf, patience = FileShelf(self.folder), Patience(0.01, most)
        desk = RequestDesk(
            node,
            Signer(KEY),
            shelf,
            lambda: self.stopped,
            lambda *_: self.beyond,
            patience=patience,
        )
        return await desk.request(change, NOW)


@pytest.fixture
def bench(chain: Validator, tmp_path: Path) -> Bench:
    return Bench(chain, tmp_path / "requests")


async def test_an_increase_is_filled_and_its_price_read_from_the_position(
    bench: Bench, chain: Validator
) -> None:
    found = await bench.ask(MORE)
    assert (found.outcome, found.beyond, found.detail) == (Outcome.FILLED, False, "")
    assert found.price is not None
    assert abs(found.price - 160) < Decimal("0.001")
    assert chain.size(SHORT_SOL) == 3_500_000_000
    assert chain.landed == [found.made.signature]


async def test_a_decrease_is_filled_at_a_price_that_the_chain_does_not_tell(
    bench: Bench, chain: Validator
) -> None:
    found = await bench.ask(LESS)
    assert (found.outcome, found.price) == (Outcome.FILLED, None)
    assert chain.size(SHORT_SOL) == 2_000_000_000


async def test_an_id_that_is_done_is_answered_and_sends_nothing(
    bench: Bench, chain: Validator
) -> None:
    first = await bench.ask(LESS)
    sent = len(chain.received)
    assert await bench.ask(LESS) == first
    assert len(chain.received) == sent
    assert chain.size(SHORT_SOL) == 2_000_000_000
    with pytest.raises(ConfigError, match="take a new id"):
        await bench.ask(replace(LESS, size_usd=Decimal(5)))


@pytest.mark.parametrize("fault", ["silent_after_send", "hangs"])
async def test_a_lost_reply_is_resolved_by_the_chain(
    bench: Bench, chain: Validator, fault: str
) -> None:
    setattr(chain, fault, True)
    bench.patience = 1.0
    found = await bench.ask(LESS)
    await asyncio.sleep(0.4)  # for the answer that came too late
    assert found.outcome is Outcome.FILLED
    assert set(chain.received) == {found.made.signature}
    assert len(chain.landed) == 1
    assert chain.size(SHORT_SOL) == 2_000_000_000


async def test_a_dropped_transaction_is_sent_again_in_the_same_bytes_until_it_cannot_land(
    bench: Bench, chain: Validator
) -> None:
    chain.drops = True
    found = await bench.ask(LESS, most=60.0)
    assert found.outcome is Outcome.EXPIRED
    assert len(chain.received) > 3
    assert set(chain.received) == {found.made.signature}
    assert chain.landed == []
    chain.drops = False
    assert (await bench.ask(LESS)).outcome is Outcome.EXPIRED  # its bytes are dead, and stay so
    assert chain.size(SHORT_SOL) == 3_000_000_000


async def test_a_drop_and_a_restart_land_once(bench: Bench, chain: Validator) -> None:
    chain.drops = True
    first = await bench.ask(LESS, most=0.0)
    assert first.outcome is Outcome.OPEN
    chain.drops = False
    found = await bench.ask(LESS)
    assert (found.outcome, found.made) == (Outcome.FILLED, first.made)
    assert chain.size(SHORT_SOL) == 2_000_000_000


async def test_a_rejected_rehearsal_sends_and_keeps_nothing(bench: Bench, chain: Validator) -> None:
    chain.rejects = {"InstructionError": [1, {"Custom": 6023}]}
    found = await bench.ask(LESS)
    assert found.outcome is Outcome.REJECTED
    assert "6023" in found.detail
    assert chain.received == []
    assert not bench.folder.exists()


async def test_a_failure_on_chain_is_final_and_changes_nothing(
    bench: Bench, chain: Validator
) -> None:
    chain.program_error = {"InstructionError": [1, {"Custom": 6021}]}
    found = await bench.ask(LESS)
    assert (found.outcome, len(chain.landed)) == (Outcome.FAILED, 1)
    assert "6021" in found.detail
    assert chain.size(SHORT_SOL) == 3_000_000_000


async def test_a_keeper_that_refuses_leaves_the_position(bench: Bench, chain: Validator) -> None:
    chain.keeper = "refuses"
    assert (await bench.ask(LESS)).outcome is Outcome.REFUSED


async def test_a_keeper_that_sleeps_leaves_it_open_and_bars_the_next(
    bench: Bench, chain: Validator
) -> None:
    chain.keeper = "sleeps"
    await bench.ask(LESS, most=0.0)
    found = await bench.ask(LESS, most=0.0)
    assert (found.outcome, found.detail) == (Outcome.OPEN, "on the chain, waiting for a keeper")
    with pytest.raises(ConfigError, match="less-1 has no outcome yet"):
        await bench.ask(MORE)
    assert len(chain.landed) == 1


async def test_a_fill_beyond_the_worst_price_is_said(bench: Bench, chain: Validator) -> None:
    chain.keeper = "worse"
    found = await bench.ask(MORE)
    assert (found.outcome, found.beyond) == (Outcome.FILLED, True)
    assert "worse than the worst price 158" in found.detail


async def test_a_position_that_is_neither_before_nor_asked_is_not_called_a_fill(
    bench: Bench, chain: Validator
) -> None:
    chain.keeper = "other"
    found = await bench.ask(LESS)
    assert found.outcome is Outcome.DIFFERENT
    assert "look at jup.ag" in found.detail


async def test_a_node_that_forgot_a_landed_request_does_not_make_it_expired(
    bench: Bench, chain: Validator
) -> None:
    chain.forgets = True
    first = await bench.ask(LESS, most=0.0)
    chain.height += LIFE + 100
    found = await bench.ask(LESS, most=0.0)
    assert first.outcome is found.outcome is Outcome.OPEN
    assert found.detail.startswith("the node does not know it, but the position moved")
    assert len(chain.landed) == 1


async def test_a_stop_bars_a_request_and_the_sending_of_an_open_one(
    bench: Bench, chain: Validator
) -> None:
    bench.stopped = "trading is stopped"
    with pytest.raises(ConfigError, match="trading is stopped"):
        await bench.ask(LESS)
    assert not bench.folder.exists()
    bench.stopped, chain.drops = "", True
    await bench.ask(LESS, most=0.0)
    bench.stopped, chain.drops = "trading is stopped", False
    sent = len(chain.received)
    assert (await bench.ask(LESS, most=0.0)).outcome is Outcome.OPEN
    assert len(chain.received) == sent


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (replace(LESS, place=LONG_SOL), "SOL-LONG-SOL is not open"),
        (replace(LESS, size_usd=Decimal(3001)), "cannot shrink by more"),
        (replace(LESS, worst=Decimal(300)), "from the oracle"),
        (replace(LESS, order_id="../x"), "letters, digits"),
    ],
)
async def test_bad_input_sends_nothing(
    bench: Bench, chain: Validator, change: Change, why: str
) -> None:
    with pytest.raises(ConfigError, match=why):
        await bench.ask(change)
    assert chain.received == []


async def test_without_a_price_nothing_is_asked_for(bench: Bench, chain: Validator) -> None:
    chain.tell("SOL", NOW - 90)
    with pytest.raises(DataError, match="90 s old"):
        await bench.ask(LESS)
    assert chain.received == []


async def test_a_damaged_file_is_never_sent_over(bench: Bench, chain: Validator) -> None:
    bench.folder.mkdir()
    (bench.folder / "less-1.json").write_text("{")
    with pytest.raises(ConfigError, match="cannot be read"):
        await bench.ask(LESS)
    assert chain.received == []


async def test_two_processes_send_one_of_them(bench: Bench) -> None:
    found = await bench.ask(LESS)
    with pytest.raises(ConfigError, match="another process"):
        FileShelf(bench.folder).begin(found)


async def test_no_key_is_in_what_is_kept(bench: Bench) -> None:
    await bench.ask(LESS)
    text = (bench.folder / "less-1.json").read_text()
    assert KEY.reveal() not in text


async def test_a_change_beyond_a_limit_is_not_even_signed(bench: Bench, chain: Validator) -> None:
    bench.beyond = "2,000 USD is above the largest order"
    with pytest.raises(ConfigError, match="not sent: 2,000 USD is above"):
        await bench.ask(MORE)
    assert chain.received == []
    assert not bench.folder.exists()
