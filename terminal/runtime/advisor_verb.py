"""``python -m terminal advisor``: set a language model up, switch it on or off, keep its key."""

import argparse
import asyncio
import getpass
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec.structs import replace

from terminal.core.commandline import Parser
from terminal.core.errors import ConfigError
from terminal.core.secret import Secret
from terminal.model.advice import AdvisorSettings
from terminal.oracle.words_snapshot import INSTRUCTIONS
from terminal.runtime.advisor_address import checked_server, host_of, why_not
from terminal.runtime.advisor_files import load_settings, save_settings
from terminal.runtime.advisor_keys import AdvisorKeys
from terminal.runtime.console import show
from terminal.runtime.settings import default_data_dir
from terminal.venues.redaction import Redactor

NUMBERS = {
    "every_s": "ask by itself, seconds apart; 0: only when asked",
    "timeout_s": "longest wait for an answer, seconds",
    "answer_tokens": "longest answer, tokens",
    "calls_hour": "calls an hour",
    "tokens_hour": "tokens an hour",
    "tokens_day": "tokens a day",
    "usd_day": "USD a day",
    "usd_in": "price of a million tokens sent, USD",
    "usd_out": "price of a million tokens received, USD",
}
_WHOLE = ("answer_tokens", "calls_hour", "tokens_hour", "tokens_day")


def advisor(argv: Sequence[str]) -> int:
    """Words of a language model about decisions, off by default. It can change nothing."""
    given = _parser().parse_args(argv)
    directory = given.data or default_data_dir()
    match given.act:
        case "show":
            return _show(load_settings(directory), as_json=given.json)
        case "prompt":
            show({"instructions": INSTRUCTIONS}, INSTRUCTIONS, as_json=given.json)
            return 0
        case "key":
            return asyncio.run(_key(directory))
        case "forget":
            return asyncio.run(_forget(directory))
        case act:
            settings = _changed(load_settings(directory), act, given)
            save_settings(directory, settings)
            return _show(settings, as_json=given.json)


def _parser() -> Parser:
    parser = Parser(prog="python -m terminal advisor", description=advisor.__doc__)
    acts = parser.add_subparsers(dest="act", required=True, parser_class=Parser, metavar="ACT")
    about = {
        "show": "how it is set up",
        "set": "change where it is and what it may use",
        "on": "switch it on from the next start",
        "off": "switch it off from the next start",
        "key": "type the server's key and keep it in the keychain",
        "forget": "delete the server's key",
        "prompt": "what is sent with every decision's numbers",
    }
    for name, text in about.items():
        act = acts.add_parser(name, help=text)
        act.add_argument("--data", type=Path, default=None, help="data directory")
        act.add_argument("--json", action="store_true", help="print one JSON object")
        if name == "set":
            act.add_argument("--endpoint", help="OpenAI-compatible address, https://host/v1")
            act.add_argument("--model", help="name of the model there")
            for field, words in NUMBERS.items():
                option = "--" + field.replace("_", "-")
                act.add_argument(option, type=int if field in _WHOLE else float, help=words)
    return parser


def _changed(settings: AdvisorSettings, act: str, given: argparse.Namespace) -> AdvisorSettings:
    if act != "set":
        return replace(settings, on=act == "on")
    fields = ("endpoint", "model", *NUMBERS)
    changes = {name: getattr(given, name) for name in fields if getattr(given, name) is not None}
    if not changes:
        raise ConfigError("advisor set: say what, for example --endpoint and --model")
    if "endpoint" in changes:
        changes["endpoint"] = checked_server(changes["endpoint"])
        if host_of(changes["endpoint"]) != host_of(settings.endpoint):
            changes["keyed"] = False  # a key goes to the server it was given for, and no other
    return replace(settings, **changes)


def _show(settings: AdvisorSettings, *, as_json: bool) -> int:
    why = why_not(settings)
    lines = [f"{'on' if settings.on else 'off'}{f', but {why}' if why else ''}"]
    for name, value in msgspec.to_builtins(settings).items():
        if name != "on":
            lines.append(f"  {name:<14} {'not set' if value in (None, '') else value}")
    show(settings, "\n".join(lines), as_json=as_json)
    return 0


async def _key(directory: Path) -> int:
    settings = load_settings(directory)
    host = _host(settings)
    if not sys.stdin.isatty():
        raise ConfigError("advisor key asks for the key at a terminal: run it in one")
    kept = await AdvisorKeys(Redactor()).save(host, Secret(getpass.getpass(f"key for {host}: ")))
    save_settings(directory, replace(settings, keyed=True))
    show({"kept": host, "in": kept}, f"the key for {host} is kept in {kept}", as_json=False)
    return 0


async def _forget(directory: Path) -> int:
    settings = load_settings(directory)
    host = _host(settings)
    found = await AdvisorKeys(Redactor()).forget(host)
    save_settings(directory, replace(settings, keyed=False))
    text = f"the key for {host} is forgotten" if found else f"no key was kept for {host}"
    show({"forgotten": host, "was_there": found}, text, as_json=False)
    return 0


def _host(settings: AdvisorSettings) -> str:
    if not settings.endpoint:
        raise ConfigError("no server is set up: python -m terminal advisor set --endpoint URL")
    return host_of(settings.endpoint)
