"""What fills between two runs: ours is booked by itself, a stranger's waits for a person."""

from decimal import Decimal
from pathlib import Path

import pytest

from terminal.core.units import SECOND
from terminal.model.messages import AdoptVenue, ArmLive
from terminal.portfolio import accounts
from terminal.runtime.runner import Runner
from tests.e2e.test_live import PERP, WAIT_S, bought, differs, frame, hedged, live, perp
from tests.unit.venues.small_server import until
from tests.venue_servers.account import Ask
from tests.venue_servers.deribit import DeribitServer
from tests.venue_servers.faults import Fault

HELD = Ask(name=PERP, side="buy", quantity=Decimal(20_000), price=Decimal(95_000))


def free(runner: Runner) -> bool:
    """Whether nothing of the account locks hedging."""
    return not frame(runner).accounts[0].locked


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compare statements a second after they came."""
    monkeypatch.setattr(accounts, "GRACE", SECOND)


async def test_a_fill_of_our_own_order_in_the_gap_needs_no_person(tmp_path: Path) -> None:
    async with DeribitServer() as server:
        server.drip(50, PERP)
        server.exchange.place(HELD)
        async with live(server, tmp_path) as runner:
            await until(lambda: perp(runner) == 20_000.0, WAIT_S)
            runner.send(ArmLive("LIVE", (server.url,)))
            server.faults.plan(Fault.ZOMBIE_SOCKET, "user.*")  # it fills, and nobody hears of it
            server.faults.plan(Fault.HANG, "private/sell")
            await until(lambda: hedged(runner) or bought(server) != 20_000.0, WAIT_S)
            assert perp(runner) == 20_000.0
        server.faults.clear()
        left = bought(server)
        async with live(server, tmp_path) as runner:
            await until(lambda: perp(runner) == left, WAIT_S)
            await until(lambda: free(runner), WAIT_S)
            assert not differs(runner)


async def test_a_strangers_fill_in_the_gap_locks_hedging_until_adopted(tmp_path: Path) -> None:
    async with DeribitServer() as server:
        server.drip(50, PERP)
        async with live(server, tmp_path) as runner:
            await until(lambda: bool(frame(runner).accounts), WAIT_S)
        server.exchange.place(HELD)
        async with live(server, tmp_path) as runner:
            await until(lambda: differs(runner), WAIT_S)
            assert perp(runner) == 0.0
            assert any(PERP in each for each in frame(runner).accounts[0].locked)
            runner.send(AdoptVenue("deribit", "bought by hand"))
            await until(lambda: perp(runner) == 20_000.0, WAIT_S)
            await until(lambda: free(runner), WAIT_S)
