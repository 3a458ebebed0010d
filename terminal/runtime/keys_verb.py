"""The keys verb: give, list, check and forget API keys without a window."""

import argparse
import asyncio
import getpass
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from terminal.core.commandline import Parser
from terminal.core.errors import ConfigError
from terminal.core.secret import Secret
from terminal.core.units import DAY
from terminal.model.keys import CheckState, KeyEntry, KeyReport, StoredKey
from terminal.model.live import LiveAccount, Network
from terminal.runtime.console import show
from terminal.runtime.key_desk import KeyDesk
from terminal.runtime.settings import default_data_dir

RENEW_AFTER = 90 * DAY
"""Age from which a key is said to be old: what has leaked unseen should end by itself."""

_MARKS = {
    CheckState.OK: "ok  ",
    CheckState.WARN: "WARN",
    CheckState.BAD: "BAD ",
    CheckState.UNKNOWN: "?   ",
}


def keys(argv: Sequence[str]) -> int:
    """Keep API keys in the keychain of this system. A key is typed, never an argument."""
    given = _parser().parse_args(argv)
    desk = KeyDesk(given.data or default_data_dir())
    desk.clean_logs()
    match given.act:
        case "list":
            return _list(desk, as_json=given.json)
        case "add":
            return asyncio.run(_add(desk, given))
        case "check":
            return asyncio.run(_check(desk, given))
        case _:
            return asyncio.run(_forget(desk, given))


def _parser() -> Parser:
    parser = Parser(prog="python -m terminal keys", description=keys.__doc__)
    acts = parser.add_subparsers(dest="act", required=True, parser_class=Parser, metavar="ACT")
    listing = acts.add_parser("list", help="accounts that a key is kept for")
    adding = acts.add_parser("add", help="type a key and keep it")
    checking = acts.add_parser("check", help="what a kept key may do")
    forgetting = acts.add_parser("forget", help="delete a key")
    for each in (listing, adding, checking, forgetting):
        each.add_argument("--data", type=Path, default=None, help="data directory")
        each.add_argument("--json", action="store_true", help="print one JSON object")
    for each in (adding, checking, forgetting):
        each.add_argument("venue", help="exchange, for example deribit")
        each.add_argument("--network", choices=[n.value for n in Network], default="main")
        each.add_argument("--label", default="main", help="name of the account here")
    adding.add_argument("--endpoint", default="", help="another address, http://host:port")
    checking.add_argument(
        "--order", action="store_true", help="place a far-away post-only order and cancel it"
    )
    return parser


def _list(desk: KeyDesk, *, as_json: bool) -> int:
    stored = desk.accounts()
    text = "\n".join(_line(each) for each in stored) or "no key is kept"
    show({"accounts": stored}, text, as_json=as_json)
    return 0


def _line(stored: StoredKey) -> str:
    account = stored.account
    age = time.time_ns() - stored.saved_at
    old = f", {age // DAY} days old: make a new one" if age > RENEW_AFTER else ""
    where = f" at {account.address}" if account.address else ""
    return f"{account.name:<32} {', '.join(stored.fields)}{where}{old}"


async def _add(desk: KeyDesk, given: argparse.Namespace) -> int:
    offer = next((each for each in desk.offers() if each.venue == given.venue), None)
    if offer is None:
        known = ", ".join(each.venue for each in desk.offers()) or "none"
        raise ConfigError(f"{given.venue!r} takes no key: use one of {known}")
    keeping = await desk.keeping()
    if not keeping.name:
        raise ConfigError(
            f"there is no keychain here that could keep a key, and this process ends at once:"
            f" {keeping.why}"
        )
    if not sys.stdin.isatty():
        raise ConfigError("keys add asks for the key at a terminal: run it in one")
    fields = {name: Secret(getpass.getpass(f"{name}: ")) for name in offer.fields}
    account = LiveAccount(given.venue, Network(given.network), given.label, given.endpoint)
    stored = await desk.save(KeyEntry(account=account, fields=fields))
    text = f"{stored.account.name} is kept in {keeping.words}; now: keys check {given.venue}"
    show({"kept": stored, "in": keeping.name}, text, as_json=given.json)
    return 0


async def _check(desk: KeyDesk, given: argparse.Namespace) -> int:
    stored = desk.account(given.venue, Network(given.network), given.label)
    entry = KeyEntry(account=stored.account, fields=await desk.read(stored))
    report = await desk.check(entry, with_order=given.order)
    show(report, _report(report), as_json=given.json)
    bad = any(row.state is CheckState.BAD for row in report.rows)
    return 1 if bad or report.failure else 0


def _report(report: KeyReport) -> str:
    if report.failure:
        return f"BAD   {report.failure}"
    lines = []
    for row in report.rows:
        remedy = f". {row.remedy}" if row.remedy else ""
        lines.append(f"{_MARKS[row.state]}  {row.what:<14} {row.found}{remedy}")
    return "\n".join(lines)


async def _forget(desk: KeyDesk, given: argparse.Namespace) -> int:
    stored = desk.account(given.venue, Network(given.network), given.label)
    found = await desk.forget(stored)
    name = stored.account.name
    text = f"{name} is forgotten" if found else f"{name} was gone from the keychain already"
    show({"forgotten": stored.account, "was_there": found}, text, as_json=given.json)
    return 0
