"""Options of one exchange hedged with the futures of another: two accounts in one book."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

from terminal.core.secret import Secret
from terminal.model.frame import Frame
from terminal.model.hedge import ProposalStatus
from terminal.model.live import LiveAccount, Network
from terminal.model.messages import Approve, ArmLive, HedgeNow, Mode, Requote
from terminal.runtime.live import live_data
from terminal.runtime.opening import open_session
from terminal.runtime.runner import Runner
from terminal.runtime.settings import LiveData, Settings
from terminal.venues.redaction import Redactor
from tests.unit.venues.small_server import until
from tests.venue_servers.account import Ask
from tests.venue_servers.binanceoptions import LISTED_MS, BinanceOptionsServer, listing
from tests.venue_servers.binanceusdm import BinanceUsdmServer
from tests.venue_servers.server import VenueServer

WAIT_S = 40.0
PERP = "BTCUSDT"


class Kept:
    """The key of every server here."""

    def __init__(self) -> None:
        self.redactor = Redactor()

    def read(self, account: LiveAccount) -> Mapping[str, str]:
        del account
        found = {"apiKey": "test-key", "secret": "test-secret"}
        self.redactor.learn(Secret(each) for each in found.values())
        return found


@asynccontextmanager
async def live(servers: Mapping[str, VenueServer], directory: Path) -> AsyncIterator[Runner]:
    """Run a live desk on accounts at several exchanges."""
    accounts = tuple(
        LiveAccount(venue, Network.MAIN, "main", server.url) for venue, server in servers.items()
    )
    settings = Settings(
        mode=Mode.LIVE,
        live=live_data(LiveData(underlyings=("BTC",)), accounts[0]),
        accounts=accounts,
        start_at=time.time_ns(),
        history_hours=0.0,
    )
    session = open_session(settings, directory, keys=Kept())
    runner = Runner(session, 1.0)
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(runner.run())
            try:
                await until(lambda: runner.latest is not None and bool(frame(runner).desks), WAIT_S)
                yield runner
            finally:
                runner.stop()
    finally:
        session.close()


def frame(runner: Runner) -> Frame:
    assert runner.latest is not None
    return runner.latest


def held(runner: Runner) -> dict[str, float]:
    """Positions as shown, by key."""
    return {row.key: float(row.qty) for desk in frame(runner).desks for row in desk.rows if row.qty}


def stated(runner: Runner) -> set[str]:
    """Venues whose account has been stated."""
    return {each.venue for each in frame(runner).accounts}


def hedged(runner: Runner) -> bool:
    """Whether a hedge has been traded; asks for one, and agrees to the newest numbers."""
    shown = frame(runner)
    if shown.fills:
        return True
    if not shown.proposals:
        runner.send(HedgeNow("BTC"))
    for each in shown.proposals:
        stale = each.status is ProposalStatus.REQUOTE
        answer = Requote(each.proposal_id) if stale else Approve(each.proposal_id, each.revision)
        runner.send(answer)
    return False


def small(runner: Runner) -> bool:
    """Whether delta is near where it should be, in coins."""
    net = frame(runner).desks[0].net_delta
    return net is not None and abs(net) < 0.1


def ours(server: VenueServer) -> list[str]:
    """Ids of our orders that arrived."""
    return [each for each in server.exchange.arrivals if each.startswith("gd")]


async def test_options_are_hedged_with_futures_of_another_account(tmp_path: Path) -> None:
    async with BinanceOptionsServer() as options, BinanceUsdmServer() as futures:
        futures.drip(50, PERP)
        options.drip(50)
        call = next(each.name for each in listing(LISTED_MS) if each.call)
        best = options.exchange.books[call].best("ask")
        options.exchange.place(Ask(name=call, side="buy", quantity=Decimal("0.5"), price=best * 2))
        servers = {"binanceusdm": futures, "binanceoptions": options}
        async with live(servers, tmp_path) as runner:
            await until(lambda: held(runner) == {f"{call}@binanceoptions": 0.5}, WAIT_S)
            await until(lambda: stated(runner) == set(servers), WAIT_S)
            runner.send(ArmLive("LIVE", (futures.url, options.url)))
            await until(lambda: hedged(runner), WAIT_S)
            await until(lambda: f"{PERP}@binanceusdm" in held(runner), WAIT_S)
            assert futures.exchange.account.held(PERP).quantity < 0
        arrived = ours(futures)
        assert all(futures.exchange.arrivals[each] == 1 for each in arrived)
        assert not ours(options)
        assert all(each.right for each in (*futures.signed, *options.signed))

        async with live(servers, tmp_path) as runner:  # a restart finds both, and sends nothing

            def both() -> dict[str, float]:  # what was left at rest may fill meanwhile
                sold = float(futures.exchange.account.held(PERP).quantity)
                return {f"{call}@binanceoptions": 0.5, f"{PERP}@binanceusdm": sold}

            await until(lambda: held(runner) == both(), WAIT_S)
            assert ours(futures) == arrived
