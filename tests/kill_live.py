"""The crash test of a live desk: ``python -m tests.kill_live [LABEL ...]``.

A live desk trades on an exchange on this machine and dies at a labelled point of its order path,
its reconciliation or its adoption. The exchange lives on. A second life finds out what became of
every order, hedges what is left, and comes to rest: no order arrived twice or is unknown to the
journal, none is left open, and the books hold what the exchange holds.
"""

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from tests.kill_audit import Audit, Findings, together
from tests.kill_child import STRUCK
from tests.kill_live_child import KEY, NONE, PLACES
from tests.venue_servers.account import Ask
from tests.venue_servers.deribit import DeribitServer

ROOT = Path(__file__).resolve().parent.parent
PERP = "BTC-PERPETUAL"
LONGEST = 200.0
"""Seconds that a life is given to come to its place, or to rest."""


async def lives_at(name: str, root: Path) -> Findings:
    """Die at a place and recover.

    Where reconciliation or adoption is under way, somebody trades by hand between the first two
    lives. Not where an order is: an order that never arrived is proven absent by a position that
    our fills explain, and until then it is left to a person.
    """
    directory, order_log = root / f"data-{name}", root / f"sent-{name}"
    audit, found = Audit(directory, order_log, root / f"copy-{name}"), Findings()
    async with DeribitServer() as server:
        assert server.credentials == KEY
        server.drip(50, PERP)
        _trade_elsewhere(server, 20_000)
        lives = [(name, STRUCK), (NONE, 0)]
        if name.startswith("during_adoption"):
            lives.insert(0, (NONE, 0))
        for turn, (place, expected) in enumerate(lives):
            if turn == 1 and name.startswith("during_"):
                _trade_elsewhere(server, 7_000)  # by hand, while nobody is here to see it
            ended, said = await _life(server.url, directory, place)
            found.kills += 1
            if ended != expected:
                found.broken.append(f"{name}: {place} ended with {ended}: {said}")
            order_log.write_text(_arrived(server), "utf-8")
            audit.look(found)
        audit.look_twice(found)
        _compare(name, server, audit, found)
    return found


def _trade_elsewhere(server: DeribitServer, usd: int) -> None:
    server.exchange.place(Ask(name=PERP, side="buy", quantity=Decimal(usd), price=Decimal(95_000)))


async def _life(url: str, directory: Path, place: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.kill_live_child", url, str(directory), place),
        cwd=ROOT,
        env=os.environ,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(LONGEST):
            _, said = await process.communicate()
    except TimeoutError:
        process.kill()
        _, said = await process.communicate()
    return process.returncode or 0, said.decode()[-2000:]


def _arrived(server: DeribitServer) -> str:
    """Orders of ours that arrived, a line each time."""
    arrivals = server.exchange.arrivals
    return "".join(f"{each}\n" * arrivals[each] for each in arrivals if each.startswith("gd"))


def _compare(name: str, server: DeribitServer, audit: Audit, found: Findings) -> None:
    """See that nothing is left open and that the books hold what the exchange holds."""
    theirs = server.exchange.account.held(PERP).quantity
    held = audit.state.ledger.positions.get(f"{PERP}@deribit")
    ours = held.qty if held else Decimal(0)
    if ours != theirs:
        found.broken.append(f"{name}: the books hold {ours}, the exchange {theirs}")
    resting = server.exchange.account.open_orders(PERP)
    if resting:
        found.broken.append(f"{name}: {len(resting)} orders are left open")


async def crash_test(names: Sequence[str], root: Path) -> Findings:
    """Die at places, one after the other."""
    return together([await lives_at(name, root) for name in names])


def main(argv: Sequence[str]) -> int:
    """Run the crash test; 1 when a promise was broken."""
    words = (__doc__ or "").partition("\n\n")[2]
    parser = argparse.ArgumentParser(prog="python -m tests.kill_live", description=words)
    text = f"where to die, all of them unless told: {', '.join(PLACES)}"
    parser.add_argument("labels", nargs="*", metavar="LABEL", help=text)
    labels = parser.parse_args(argv).labels
    unknown = [each for each in labels if each not in PLACES]
    if unknown:
        parser.error(f"no place is called {', '.join(unknown)}; there are {', '.join(PLACES)}")
    with tempfile.TemporaryDirectory(prefix="gammadesk-kill-") as folder:
        found = asyncio.run(crash_test(labels or tuple(PLACES), Path(folder)))
    total = f"{found.kills} lives, {found.orders} orders, {found.fills} fills, "
    total += f"{len(found.orphans)} orphans, {len(found.doubles)} sent twice, "
    sys.stdout.write(total + f"{len(found.broken)} broken promises\n")
    sys.stdout.write("".join(f"  {each}\n" for each in found.broken))
    return 1 if found.orphans or found.doubles or found.broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
