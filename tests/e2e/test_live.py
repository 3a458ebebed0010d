"""Live trading against Deribit on this machine: armed by a word, traded, restarted, and safe."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

import pytest

from terminal.core.errors import ConfigError
from terminal.core.secret import Secret
from terminal.model.frame import Frame
from terminal.model.hedge import ProposalStatus
from terminal.model.keys import StoredKey
from terminal.model.live import LiveAccount, Network
from terminal.model.messages import AdoptVenue, Approve, ArmLive, HedgeNow, Mode, Requote
from terminal.model.risk import Autonomy
from terminal.runtime.live import chosen_account, chosen_accounts, journal_folder, live_data
from terminal.runtime.opening import open_session
from terminal.runtime.runner import Runner
from terminal.runtime.settings import LiveData, Settings
from terminal.venues.redaction import Redactor
from tests.unit.venues.small_server import until
from tests.venue_servers.account import Ask
from tests.venue_servers.deribit import DeribitServer
from tests.venue_servers.faults import Fault

PERP = "BTC-PERPETUAL"
WAIT_S = 30.0


class Kept:
    """Keys that a test keeps."""

    def __init__(self, credentials: Mapping[str, str]) -> None:
        self.redactor = Redactor()
        self._credentials = credentials

    def read(self, account: LiveAccount) -> Mapping[str, str]:
        self.redactor.learn(Secret(each) for each in self._credentials.values())
        return self._credentials


def settings(url: str) -> Settings:
    account = LiveAccount("deribit", Network.MAIN, "main", url)
    live = live_data(LiveData(underlyings=("BTC",)), account)
    at = time.time_ns()
    return Settings(mode=Mode.LIVE, live=live, accounts=(account,), start_at=at, history_hours=0.0)


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


def flat(runner: Runner) -> bool:
    """Whether delta is where it should be."""
    net = frame(runner).desks[0].net_delta
    return net is not None and abs(net) < 0.01


def differs(runner: Runner) -> bool:
    """Whether the venue was found to state another position than the books hold."""
    return any(each.rows for each in frame(runner).accounts)


@asynccontextmanager
async def live(server: DeribitServer, directory: Path) -> AsyncIterator[Runner]:
    """Run a live desk, from when its account is read."""
    session = open_session(settings(server.url), directory, keys=Kept(server.credentials))
    runner = Runner(session, 1.0)
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(runner.run())
            try:
                await until(lambda: bool(runner.latest) and bool(frame(runner).desks), WAIT_S)
                yield runner
            finally:
                runner.stop()
    finally:
        session.close()


def frame(runner: Runner) -> Frame:
    assert runner.latest is not None
    return runner.latest


def perp(runner: Runner) -> float:
    """Return the position in the perpetual as shown."""
    rows = [row for desk in frame(runner).desks for row in desk.rows]
    return next((float(row.qty) for row in rows if row.key.startswith(PERP)), 0.0)


def bought(server: DeribitServer) -> float:
    """Return the position in the perpetual as the venue has it."""
    return float(server.exchange.account.held(PERP).quantity)


async def test_unarmed_nothing_leaves_and_armed_a_hedge_is_traded(tmp_path: Path) -> None:
    async with DeribitServer() as server:
        server.drip(50, PERP)
        held = Ask(name=PERP, side="buy", quantity=Decimal(20_000), price=Decimal(95_000))
        server.exchange.place(held)
        before = sum(server.exchange.arrivals.values())
        async with live(server, tmp_path) as runner:
            await until(lambda: perp(runner) == 20_000.0, WAIT_S)
            assert {each.autonomy for each in frame(runner).desks} == {Autonomy.MANUAL}
            runner.send(HedgeNow("BTC"))
            await asyncio.sleep(1.0)
            assert sum(server.exchange.arrivals.values()) == before

            runner.send(ArmLive("LIVE", (server.url,)))
            await until(lambda: hedged(runner), WAIT_S)
            await until(lambda: flat(runner), WAIT_S)
            ours = [each for each in server.exchange.arrivals if each.startswith("gd")]
            assert ours
            assert all(server.exchange.arrivals[each] == 1 for each in ours)
        assert all(each.right for each in server.signed)

        left = bought(server)
        async with live(server, tmp_path) as runner:  # a restart reads it, and trades nothing
            await until(lambda: perp(runner) == left or differs(runner), WAIT_S)
            if perp(runner) != left:  # what filled between the two runs is adopted, not assumed
                assert frame(runner).desks[0].halted != ""
                runner.send(AdoptVenue("deribit", "filled while nobody looked"))
                await until(lambda: perp(runner) == left, WAIT_S)
            assert bought(server) == left
            assert frame(runner).mode is Mode.LIVE


async def test_a_lost_private_socket_locks_hedging_and_is_shown(tmp_path: Path) -> None:
    async with DeribitServer() as server:
        server.drip(50, PERP)
        async with live(server, tmp_path) as runner:
            await until(lambda: not any(each.lost for each in frame(runner).feeds), WAIT_S)
            server.faults.plan(Fault.STATUS_502, "private/get_user_trades*")
            server.drop_sockets()
            await until(lambda: any(each.lost for each in frame(runner).feeds), WAIT_S)
            await until(lambda: frame(runner).desks[0].halted != "", WAIT_S)
            server.faults.clear()
            await until(lambda: not any(each.lost for each in frame(runner).feeds), WAIT_S)


def test_a_live_run_without_keys_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="keys add"):
        open_session(settings("http://127.0.0.1:9"), tmp_path)


def _stored(venue: str, label: str, address: str = "") -> StoredKey:
    account = LiveAccount(venue, Network.MAIN, label, address)
    return StoredKey(account=account, fields=("apiKey",), saved_at=0)


def test_a_run_may_have_an_account_at_each_of_several_venues() -> None:
    kept = (_stored("binanceusdm", "main"), _stored("binanceoptions", "main", "http://127.0.0.1:8"))
    asked = LiveData(venue="binanceusdm", also=("binanceoptions",))
    accounts = chosen_accounts(kept, asked, "")
    assert [each.venue for each in accounts] == ["binanceusdm", "binanceoptions"]
    assert journal_folder(accounts) != journal_folder(accounts[:1])
    assert live_data(asked, accounts[1]).endpoint == "http://127.0.0.1:8"
    with pytest.raises(ConfigError, match="twice"):
        chosen_accounts(kept, LiveData(venue="binanceusdm", also=("binanceusdm",)), "")
    with pytest.raises(ConfigError, match="keys add binanceoptions"):
        chosen_accounts(kept[:1], asked, "")


def test_the_account_of_a_run_is_the_only_one_or_the_one_named() -> None:
    both = (_stored("deribit", "main"), _stored("deribit", "second"))
    assert chosen_account(both[:1], LiveData(), "").label == "main"
    assert chosen_account(both, LiveData(), "second").label == "second"
    with pytest.raises(ConfigError, match="several accounts"):
        chosen_account(both, LiveData(), "")
    with pytest.raises(ConfigError, match="keys add deribit"):
        chosen_account(both, LiveData(test_network=True), "")


def test_a_key_never_goes_to_another_address_than_it_was_given_for() -> None:
    kept = (_stored("deribit", "main"),)
    with pytest.raises(ConfigError, match="never go to another address"):
        chosen_account(kept, LiveData(endpoint="http://127.0.0.1:9"), "")


def test_a_read_only_venue_is_not_traded_on() -> None:
    with pytest.raises(ConfigError, match="cannot be traded on"):
        chosen_account((_stored("paradex", "main"),), LiveData(venue="paradex"), "")
