"""The headless verb ``jupiter-hedge``: ask for a change of a Jupiter position, signed here."""

import argparse
import asyncio
import getpass
import os
import sys
import time
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path

from terminal.core.commandline import Parser
from terminal.core.errors import ConfigError, DataError, VenueError
from terminal.core.secret import Secret
from terminal.journal.latch import LatchFile
from terminal.model.messages import StopStage
from terminal.runtime.console import show
from terminal.runtime.jupiter_shelf import FileShelf
from terminal.runtime.profiles import load
from terminal.runtime.settings import default_data_dir
from terminal.venues.jupiter.addresses import decoded, encoded
from terminal.venues.jupiter.limits import beyond
from terminal.venues.jupiter.program import Place, places
from terminal.venues.jupiter.requesting import Kept, Outcome, RequestDesk
from terminal.venues.jupiter.requests import Change
from terminal.venues.jupiter.rpc import PUBLIC, Node
from terminal.venues.jupiter.signing import Signer
from terminal.venues.keychain import Keychain, find

FLAG = "--send-unproven-request"

LIMITS = (
    f"Off unless {FLAG} is given. Unproven on mainnet: the bytes of the request follow Jupiter's"
    " published interface description and were tried against a local node only; no priority fee is"
    " paid. A keeper of Jupiter's fills or closes a request: nothing here can make it. The engine"
    " never sends one by itself, and a stop that stands in --data bars it, but for a decrease"
    " while it is a flatten. The profile's largest order and hedge, its day loss and its leverage"
    " hold, by what the wallet has at Jupiter alone."
)

_FIELD = "secretKey"
_FINAL = {Outcome.FILLED: 0}


def jupiter_hedge(argv: Sequence[str]) -> int:
    """Keep a wallet's key in the keychain, or ask for a change of one of its open positions."""
    given = _parser().parse_args(argv)
    wallet = encoded(decoded(given.wallet))
    keychain = Keychain(find(os.environ))
    if given.act == "key":
        return _keep(keychain, wallet)
    if given.act == "forget":
        there = keychain.forget(_account(wallet), [_FIELD])
        show({"forgotten": there}, "the key is forgotten" if there else "no key was kept",
             as_json=given.json)  # fmt: skip
        return 0
    change = _change(given)
    if not given.send:
        raise ConfigError(f"nothing was sent. {LIMITS}")
    profile = load(given.profile)
    signer = Signer(keychain.read(_account(wallet), [_FIELD])[_FIELD])
    if encoded(signer.address) != wallet:
        raise ConfigError(f"the key that is kept is not of {wallet}: keep the right one")
    data = given.data or default_data_dir()
    desk = RequestDesk(
        Node(given.solana, option="--solana"),
        signer,
        FileShelf(data / "jupiter-requests"),
        lambda: _stopped(data, change),
        lambda asked, found: beyond(asked, found, profile),
    )
    try:
        found = asyncio.run(desk.request(change, int(time.time())))
    except DataError as error:
        raise VenueError(str(error)) from error  # the node's word, not the user's
    show(_described(found), _text(found), as_json=given.json)
    return _FINAL.get(found.outcome, 1)


def _parser() -> Parser:
    parser = Parser(
        prog="python -m terminal jupiter-hedge", description=jupiter_hedge.__doc__, epilog=LIMITS
    )
    acts = parser.add_subparsers(dest="act", required=True, parser_class=Parser, metavar="ACT")
    keeping = acts.add_parser("key", help="type the key of a wallet and keep it in the keychain")
    forgetting = acts.add_parser("forget", help="delete the key of a wallet")
    asking = acts.add_parser("request", help="ask for a change of an open position", epilog=LIMITS)
    for each in (keeping, forgetting, asking):
        each.add_argument("wallet", help="Solana address of the wallet")
        each.add_argument("--json", action="store_true", help="print one JSON object")
    asking.add_argument("position", help="for example SOL-SHORT-USDC")
    direction = asking.add_mutually_exclusive_group(required=True)
    direction.add_argument("--increase", metavar="USD", help="by this size (shorts only)")
    direction.add_argument("--decrease", metavar="USD", help="by this size")
    asking.add_argument("--worst", metavar="PRICE", required=True, help="worst price, USD per coin")
    asking.add_argument("--collateral", metavar="COINS", default="0", help="paid in, stable coins")
    asking.add_argument("--id", required=True, help="name of the request: one id is sent once")
    asking.add_argument("--solana", metavar="URL", default=PUBLIC, help="Solana node")
    asking.add_argument("--profile", default="balanced", help="whose limits hold: preset or file")
    asking.add_argument("--data", type=Path, default=None, help="data directory")
    asking.add_argument(FLAG, dest="send", action="store_true", help="really sign and send it")
    return parser


def _change(given: argparse.Namespace) -> Change:
    grows = given.increase is not None
    return Change(
        order_id=given.id,
        place=_place(given.position),
        grows=grows,
        size_usd=_amount("--increase" if grows else "--decrease", given.increase or given.decrease),
        worst=_amount("--worst", given.worst),
        collateral=_amount("--collateral", given.collateral),
    )


def _place(symbol: str) -> Place:
    known = {each.symbol: each for each in places()}
    if symbol not in known:
        raise ConfigError(f"no position {symbol!r}: use one of {', '.join(known)}")
    return known[symbol]


def _amount(option: str, text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite():
        raise ConfigError(f"{option} {text!r} is no number")
    return amount


def _account(wallet: str) -> str:
    return f"jupiter/main/{wallet}"


def _keep(keychain: Keychain, wallet: str) -> int:
    if not keychain.keeping.name:
        raise ConfigError(f"there is no keychain that could keep a key: {keychain.keeping.why}")
    if not sys.stdin.isatty():
        raise ConfigError("jupiter-hedge key asks for the key at a terminal: run it in one")
    key = Secret(getpass.getpass("secret key of the wallet: "))
    if encoded(Signer(key).address) != wallet:
        raise ConfigError(f"that key is not of {wallet}: nothing was kept")
    keychain.save(_account(wallet), {_FIELD: key})
    show({"kept": wallet}, f"kept in {keychain.keeping.name}. {LIMITS}", as_json=False)
    return 0


def _stopped(data: Path, change: Change) -> str:
    """Why nothing may be sent: the stop of any run whose journal is in this directory.

    A flatten wants what a decrease does, and cannot do it itself.
    """
    for folder in (data, *(each for each in data.glob("*") if each.is_dir())):
        stop = LatchFile(folder).read()
        if stop is not None and (change.grows or stop.stage is not StopStage.FLATTEN):
            return f"trading is stopped ({stop.stage.value}: {stop.reason}), by {folder}"
    return ""


def _described(found: Kept) -> dict[str, object]:
    return {
        "id": found.change.order_id,
        "outcome": found.outcome,
        "final": found.outcome is not Outcome.OPEN,
        "detail": found.detail,
        "signature": found.made.signature,
        "price": None if found.price is None else float(found.price),
        "beyond_worst": found.beyond,
    }


def _text(found: Kept) -> str:
    what = f"request {found.change.order_id}: {found.outcome.value}"
    price = "" if found.price is None else f" at {found.price:f} USD"
    more = f" ({found.detail})" if found.detail else ""
    ask = ""
    if found.outcome is Outcome.OPEN:
        ask = ". It may still take effect: run the same command again, with the same --id"
    return f"{what}{price}{more}{ask}\nsignature {found.made.signature}"
