"""A live run from start to end with keys that are looked for in every byte that it leaves."""

import asyncio
import base64
import contextlib
import json
import os
import sys
from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from terminal.journal.journal import open_journal
from tests.helpers.rights import open_to_others
from tests.helpers.writings import hits_in, hits_in_folder, writings
from tests.venue_servers.account import Ask
from tests.venue_servers.faults import Fault, Planned
from tests.venue_servers.hosting import Answer
from tests.venue_servers.okx import OkxServer

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")

ROOT = Path(__file__).resolve().parents[2]
PERP = "BTC-USDT-SWAP"
KEYS = {
    "apiKey": "canary-0f9b7a52-key-31d8",
    "secret": "CANARY/secret+E93C0AA1b7==",
    "password": "Canary phrase: 7'q\"Zw & <b>",
}
CANARIES = tuple(KEYS.values())
PATIENCE_S = 200.0


class EchoingServer(OkxServer):
    """Refuses with the key and the passphrase in its words, as careless exchanges do."""

    def refusal(self, planned: Planned) -> Answer:
        """Refuse as planned."""
        if planned.kind is not Fault.RPC_ERROR:
            return super().refusal(planned)
        words = f"ECHO {KEYS['apiKey']} and {KEYS['password']} may not"
        refused = {"sCode": "51000", "sMsg": words, "ordId": "", "clOrdId": ""}
        return Answer({"code": "1", "msg": words, "data": [refused]})


async def _lines(stream: asyncio.StreamReader, kept: list[str]) -> None:
    while line := await stream.readline():
        kept.append(line.decode())


def _of_process(pid: int) -> Iterator[tuple[str, str]]:
    """Arguments and environment of a process and of all that it started."""
    for name in ("cmdline", "environ"):
        with contextlib.suppress(OSError):
            yield f"{name} of {pid}", Path(f"/proc/{pid}/{name}").read_text("latin-1")
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from _of_process(int(child))


@contextlib.asynccontextmanager
async def desk(server: OkxServer, home: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """The window of a live desk under a careless shell, with its key from standard input."""
    variables = {
        **os.environ,
        "HOME": str(home),
        "TMPDIR": str(home / "tmp"),
        "XDG_CACHE_HOME": str(home / "cache"),
        "XDG_DATA_HOME": str(home / "share"),
        "QT_QPA_PLATFORM": "offscreen",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    pipe = asyncio.subprocess.PIPE
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.e2e.whole_run", server.url, str(home)),
        cwd=ROOT,
        env=variables,
        umask=0,
        stdin=pipe,
        stdout=pipe,
        stderr=pipe,
    )
    try:
        assert child.stdin is not None
        child.stdin.write(json.dumps(KEYS).encode() + b"\n")
        await child.stdin.drain()
        yield child
    finally:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await child.wait()


async def _watched(
    child: asyncio.subprocess.Process, home: Path
) -> tuple[str, str, list[str], set[str]]:
    """Watch a desk until it ends: what it said, and what was ever to be seen from outside."""
    out: list[str] = []
    err: list[str] = []
    hits: list[str] = []
    lax: set[str] = set()
    assert child.stdout is not None
    assert child.stderr is not None
    async with asyncio.timeout(PATIENCE_S), asyncio.TaskGroup() as readers:
        readers.create_task(_lines(child.stdout, out))
        readers.create_task(_lines(child.stderr, err))
        while child.returncode is None:
            lax |= open_to_others(home)
            for where, text in _of_process(child.pid):
                hits += hits_in(where, text, CANARIES)
            await asyncio.sleep(0.5)
    return "".join(out), "".join(err), hits, lax


@pytest.mark.timeout(240)  # a window, an exchange and a search beside them
async def test_a_whole_live_run_leaves_no_key_and_nothing_open(tmp_path: Path) -> None:
    (tmp_path / "tmp").mkdir(mode=0o700)
    async with EchoingServer() as server:
        server.credentials = dict(KEYS)
        server.drip(100)
        held = Ask(name=PERP, side="buy", quantity=Decimal(50), price=Decimal(95_000))
        server.exchange.place(held)
        server.faults.plan(Fault.RPC_ERROR, "*/trade/batch-orders", times=1)
        server.faults.plan(Fault.BODY_HTML, "*/account/positions", times=1)
        server.faults.plan(Fault.RATE_LIMIT_429, "*/trade/orders-pending", times=1)
        async with desk(server, tmp_path) as child:
            out, err, hits, lax = await _watched(child, tmp_path)
        assert child.returncode == 0, out + err
        assert server.signed
        assert all(each.right for each in server.signed)
    assert out.split() == ["armed", "traded", "stopped"]
    assert hits == []
    assert lax == set()
    assert hits_in("terminal", out + err, CANARIES) == []
    assert hits_in_folder(tmp_path, CANARIES) == []
    journal = next((tmp_path / "data").glob("live-*/*.seg")).parent
    assert hits_in("journal", _journal(journal), CANARIES) == []
    _was_a_whole_run(tmp_path)


def _journal(folder: Path) -> str:
    """Records and snapshot of a journal, unpacked."""
    journal = open_journal(folder, run="test", at=0)
    try:
        records = msgspec.json.encode(list(journal.recovered.records)).decode()
        return records + (journal.recovered.snapshot or b"").decode("latin-1")
    finally:
        journal.close()


def _was_a_whole_run(home: Path) -> None:
    """See that all that could have held a key was there to be looked at."""
    made = {each.name: each for each in home.rglob("*") if each.is_file()}
    for name in ("accounts.json", "window.ini", "profile.toml", "window.png", "exports.txt"):
        assert made[name].stat().st_size > 0
    assert any(name.endswith(".jsonl") for name in made), "decision records"
    assert any(name.endswith(".tape") for name in made), "a recording"
    assert "ECHO •••" in made["frames.txt"].read_text("utf-8"), "the exchange's careless words"
    log = made["everything.log"].read_text("utf-8")
    assert "cannot sign with" in log, "the crash"
    assert "sending {" in log, "the library's own words"


@pytest.mark.parametrize("canary", CANARIES)
def test_the_search_finds_every_writing(tmp_path: Path, canary: str) -> None:
    """A search that finds nothing proves something only if it would have found it."""
    shown = (
        f"x{canary}y",
        canary[::-1],
        canary[3:20],
        repr({"key": canary}),
        json.dumps({"key": canary}),
        canary.encode().hex(),
        base64.b64encode(f"a:{canary}".encode()).decode(),
        base64.urlsafe_b64encode(f"ab:{canary}:z".encode()).decode(),
    )
    for text in shown:
        assert hits_in("text", text, [canary]), text
        (tmp_path / "file").write_bytes(text.encode("utf-16-le"))
        assert hits_in_folder(tmp_path, [canary]), text
    (tmp_path / "file").unlink()
    assert hits_in_folder(tmp_path, [canary]) == []
    assert hits_in("text", "".join(writings("another-canary-of-this-test")), [canary]) == []
