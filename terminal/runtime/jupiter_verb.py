"""The headless verb ``jupiter``: what a wallet holds at Jupiter's perpetuals, and what it costs."""

import asyncio
import time
from collections.abc import Sequence

from terminal.core.commandline import Parser
from terminal.core.errors import DataError, VenueError
from terminal.core.words import amount
from terminal.core.words import delta as signed
from terminal.runtime.console import show
from terminal.venues.jupiter.addresses import decoded
from terminal.venues.jupiter.holdings import Holding
from terminal.venues.jupiter.rpc import PUBLIC, Node
from terminal.venues.jupiter.wallet import Wallet, read_wallet

LIMITS = (
    "This only reads. To have the positions in the book of a run: gammadesk --mode paper --jupiter"
    " WALLET. Unproven on mainnet: layouts and addresses were checked against what is published,"
    " not against a live account; compare with jup.ag before you rely on it."
)

_HEAD = (
    ("position", 16),
    ("size USD", 14),
    ("entry USD", 14),
    ("delta coin", 14),
    ("price USD", 14),
    ("delta USD", 14),
    ("collateral USD", 16),
    ("borrow %/h", 12),
    ("cost USD/h", 12),
    ("cost USD/day", 14),
)


def jupiter(argv: Sequence[str]) -> int:
    """Read a wallet's positions at Jupiter's perpetuals: delta, and the borrow fee they pay."""
    parser = Parser(prog="python -m terminal jupiter", description=jupiter.__doc__, epilog=LIMITS)
    parser.add_argument("wallet", help="Solana address of the wallet, base 58; no key is needed")
    parser.add_argument("--endpoint", default=PUBLIC, help=f"Solana node to ask (default {PUBLIC})")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    given = parser.parse_args(argv)
    decoded(given.wallet)  # refused before anything is asked
    try:
        found = asyncio.run(read_wallet(Node(given.endpoint), given.wallet, int(time.time())))
    except DataError as error:
        raise VenueError(str(error)) from error  # the node's word, not the user's
    show(_described(found), _table(found), as_json=given.json)
    return 0


def _described(found: Wallet) -> dict[str, object]:
    return {
        "wallet": found.address,
        "slot": found.slot,
        "known": found.known,
        "positions": [_row(each) for each in found.holdings],
        "net_delta": {
            coin: {"coin": coins, "usd": usd} for coin, (coins, usd) in _net(found).items()
        },
        "borrow_usd_hour": found.borrow_usd_hour,
        "borrow_usd_day": 24.0 * found.borrow_usd_hour,
        "read_only": True,
        "note": LIMITS,
    }


def _row(each: Holding) -> dict[str, object]:
    contract, held = each.perpetual.contract, each.held
    return {
        "key": contract.key,
        "coin": held.place.coin,
        "side": "long" if each.delta > 0.0 else "short",
        "collateral": held.place.collateral,
        "size_usd": float(held.size_usd),
        "entry": float(held.entry),
        "collateral_usd": float(held.collateral_usd),
        "delta_coin": each.delta,
        "price": each.price,
        "delta_usd": each.delta_usd,
        "borrow_rate_hour": each.funding.rate,
        "borrow_usd_hour": each.borrow_usd_hour,
        "borrow_usd_day": 24.0 * each.borrow_usd_hour,
        "why_no_price": each.why_no_price,
    }


def _net(found: Wallet) -> dict[str, tuple[float, float | None]]:
    """Delta of each coin, coin and USD; None while the coin has no price."""
    net: dict[str, tuple[float, float | None]] = {}
    for each in found.holdings:
        coins, _ = net.get(each.held.place.coin, (0.0, None))
        coins += each.delta
        net[each.held.place.coin] = (coins, None if each.price is None else coins * each.price)
    return net


def _table(found: Wallet) -> str:
    lines = [f"wallet {found.address} at slot {found.slot}"]
    if not found.known:
        lines.append("this address has no account on the chain: was it mistyped?")
    if not found.holdings:
        return "\n".join([*lines, "no open position at Jupiter's perpetuals", "", LIMITS])
    lines += ["", _line([name for name, _ in _HEAD])]
    lines += [_line(_cells(each)) for each in found.holdings]
    lines.append("")
    for coin, (coins, usd) in _net(found).items():
        lines.append(f"net delta {coin}: {signed(coins)} {coin}, {_told(usd)} USD")
    hour = found.borrow_usd_hour
    lines.append(f"borrow fees: {amount(hour)} USD an hour, {amount(24.0 * hour)} USD a day")
    lines += dict.fromkeys(each.why_no_price for each in found.holdings if each.why_no_price)
    return "\n".join([*lines, "", LIMITS])


def _cells(each: Holding) -> list[str]:
    held = each.held
    return [
        held.place.symbol,
        f"{held.size_usd:,.2f}",
        f"{held.entry:,.4f}",
        signed(each.delta),
        "unknown" if each.price is None else f"{each.price:,.4f}",
        _told(each.delta_usd),
        f"{held.collateral_usd:,.2f}",
        f"{100.0 * each.funding.rate:.6f}",
        amount(each.borrow_usd_hour),
        amount(24.0 * each.borrow_usd_hour),
    ]


def _line(cells: Sequence[str]) -> str:
    first, *rest = zip(cells, _HEAD, strict=True)
    return f"{first[0]:<{first[1][1]}}" + "".join(f"{cell:>{width}}" for cell, (_, width) in rest)


def _told(usd: float | None) -> str:
    return "unknown" if usd is None else signed(usd)
