"""The checks of a key: a few questions to its exchange, and what the answers mean for a person."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, Protocol

from msgspec import Struct

from terminal.core.units import MILLISECOND
from terminal.model.keys import CheckRow, CheckState
from terminal.venues.key_rights import Rights, rights_of

PATIENCE_S: Final = 15.0
"""Longest wait for one answer."""

OFFSET_WARN_MS: Final = 250.0
OFFSET_BAD_MS: Final = 1000.0
"""Beyond it exchanges refuse what was signed by this clock."""

EXPIRES_SOON_MS: Final = 14 * 86_400_000


class KeyCalls(Protocol):
    """What is asked of an exchange. Every method may raise; nothing is tried twice."""

    async def server_time(self) -> int:
        """Clock of the exchange, ms since 1970."""
        ...

    async def balance(self) -> object:
        """Any private answer that only a right key gets."""
        ...

    def questions(self) -> Mapping[str, Callable[[], Awaitable[object]]]:
        """Questions about the key and its account, by the names ``key_rights`` reads."""
        ...

    async def far_order(self) -> str:
        """Place a smallest post-only order far from the market and cancel it; says what it was."""
        ...


class Heard(Struct, frozen=True, kw_only=True):
    """Everything that was answered, and when. Errors are one line each."""

    answers: Mapping[str, object] = {}
    errors: Mapping[str, str] = {}
    offset_ms: float | None = None  # the exchange's clock less ours
    round_trip_ms: float = 0.0
    order: str | None = None  # what the far-away order was; None: not asked for
    now_ms: int = 0


async def listen(
    calls: KeyCalls,
    clock: Callable[[], int],
    clean: Callable[[str], str],
    *,
    with_order: bool = False,
) -> Heard:
    """Ask everything once, one after another.

    Parameters
    ----------
    calls : KeyCalls
    clock : callable
        Wall clock, ns since 1970.
    clean : callable
        Takes the key out of a text: an exchange's error may repeat what it was sent.
    with_order : bool
        Whether a far-away order is placed and cancelled, the only proof that trading works.
    """
    errors: dict[str, str] = {}
    before = clock()
    theirs = await _asked("time", calls.server_time, errors, clean)
    after = clock()
    offset = None
    if isinstance(theirs, int) and not isinstance(theirs, bool):
        offset = theirs - 0.5 * (before + after) / MILLISECOND
    answers: dict[str, object] = {}
    for name, ask in {"balance": calls.balance, **calls.questions()}.items():
        answer = await _asked(name, ask, errors, clean)
        if name not in errors:
            answers[name] = answer
    order = None
    if with_order and "balance" not in errors:
        answer = await _asked("order", calls.far_order, errors, clean)
        order = answer if isinstance(answer, str) else ""
    return Heard(
        answers=answers,
        errors=errors,
        offset_ms=offset,
        round_trip_ms=(after - before) / MILLISECOND,
        order=order,
        now_ms=after // MILLISECOND,
    )


async def _asked(
    name: str,
    ask: Callable[[], Awaitable[object]],
    errors: dict[str, str],
    clean: Callable[[str], str],
) -> object:
    try:
        async with asyncio.timeout(PATIENCE_S):  # wait_for could swallow a cancellation
            return await ask()
    except TimeoutError:
        errors[name] = f"no answer within {PATIENCE_S:g} s"
    except Exception as error:  # noqa: BLE001 - ccxt raises what aiohttp, json and it itself do
        errors[name] = clean(f"{type(error).__name__}: {error}")[:300]
    return None


def findings(exchange: str, heard: Heard) -> tuple[CheckRow, ...]:
    """What the answers mean, the gravest rows where the eye begins.

    Parameters
    ----------
    exchange : str
        ccxt's name of the exchange.
    heard : Heard
    """
    rights = rights_of(exchange, heard.answers)
    rows = (
        _withdrawing(rights),
        _reading(heard),
        _trading(rights, heard),
        _position_mode(rights),
        _margin(rights),
        _addresses(rights),
        _expiry(rights, heard.now_ms),
        _clock_row(heard),
    )
    return tuple(row for row in rows if row is not None)


def expires_at(exchange: str, heard: Heard) -> int:
    """When a key ends, UtcNs; 0 where it never does, or the exchange does not say."""
    return (rights_of(exchange, heard.answers).expires_at or 0) * MILLISECOND


def why_not_read_only(rows: tuple[CheckRow, ...]) -> str:
    """Why a key is not known to do no more than read; empty for one that only reads.

    A key is held to be harmless when its exchange says so, and never because nothing was said.
    """
    if any(row.loud for row in rows):
        return "it may withdraw"
    trading = next((row for row in rows if row.what == "Trading"), None)
    if trading is None or trading.state is CheckState.UNKNOWN:
        return "the exchange does not say that it may not trade"
    if trading.state is not CheckState.WARN:
        return "it may trade, make one that may only read"
    return "" if usable(rows) else "; ".join(r.found for r in rows if r.state is CheckState.BAD)


def usable(rows: tuple[CheckRow, ...]) -> bool:
    """Whether nothing that was found forbids using the key."""
    return all(row.state is not CheckState.BAD for row in rows)


def _withdrawing(rights: Rights) -> CheckRow:
    what = "Withdrawals"
    if rights.withdraws:
        return CheckRow(
            what,
            CheckState.WARN,
            "WITHDRAWALS ARE ENABLED: whoever gets hold of this key can take the money"
            + (f" ({rights.note})" if rights.note else ""),
            "Make a new key at the exchange without the right to withdraw, and delete this one",
            loud=True,
        )
    if rights.withdraws is None:
        return CheckRow(
            what,
            CheckState.UNKNOWN,
            "the exchange does not say whether this key may withdraw",
            "Look at the key's page at the exchange: it must not",
        )
    if rights.transfers:
        return CheckRow(
            what,
            CheckState.WARN,
            "cannot withdraw, but can move money between your own accounts",
            "Take that right away too unless you need it",
        )
    return CheckRow(what, CheckState.OK, "the key cannot withdraw")


def _reading(heard: Heard) -> CheckRow:
    if "balance" in heard.answers:
        return CheckRow("Reading", CheckState.OK, "the account answers")
    return CheckRow(
        "Reading",
        CheckState.BAD,
        heard.errors.get("balance", "the account was not asked"),
        "See that the key, its network and its allowed addresses are right",
    )


def _trading(rights: Rights, heard: Heard) -> CheckRow:
    what = "Trading"
    if heard.order:
        return CheckRow(what, CheckState.OK, heard.order)
    if heard.order is not None:
        error = heard.errors.get("order", "the far-away order was not proven")
        remedy = "Look at the open orders at the exchange before anything else"
        return CheckRow(what, CheckState.BAD, error, remedy, loud=True)
    if rights.trades is None:
        remedy = "Tick the far-away order to prove it"
        return CheckRow(what, CheckState.UNKNOWN, "the exchange does not say", remedy)
    if rights.trades:
        return CheckRow(what, CheckState.OK, "allowed by the exchange; not tried")
    why = rights.note or "this key may only read"
    return CheckRow(what, CheckState.WARN, why, "Enough for paper; live needs the right to trade")


def _position_mode(rights: Rights) -> CheckRow:
    what = "Position mode"
    if rights.one_way:
        return CheckRow(what, CheckState.OK, "one-way: one position per instrument")
    if rights.one_way is None:
        remedy = "Set one-way mode at the exchange; hedge mode is refused when it shows"
        return CheckRow(what, CheckState.UNKNOWN, "the exchange does not say", remedy)
    return CheckRow(
        what,
        CheckState.BAD,
        "hedge mode: long and short are held side by side, which is refused here",
        "Change to one-way mode at the exchange; this program never changes it for you",
    )


def _margin(rights: Rights) -> CheckRow:
    if rights.margin:
        return CheckRow("Margin mode", CheckState.OK, rights.margin)
    return CheckRow("Margin mode", CheckState.UNKNOWN, "the exchange does not say")


def _addresses(rights: Rights) -> CheckRow:
    what = "IP addresses"
    if rights.ip_bound:
        return CheckRow(what, CheckState.OK, "the key works from listed addresses only")
    remedy = "List the addresses you trade from at the exchange: a stolen key is useless then"
    if rights.ip_bound is None:
        return CheckRow(what, CheckState.UNKNOWN, "the exchange does not say", remedy)
    return CheckRow(what, CheckState.WARN, "the key works from anywhere", remedy)


def _expiry(rights: Rights, now_ms: int) -> CheckRow | None:
    if not rights.expires_at:
        return None
    left = rights.expires_at - now_ms
    days = left / 86_400_000
    if left <= 0:
        return CheckRow("Expiry", CheckState.BAD, "the key has expired", "Make a new one")
    state = CheckState.WARN if left < EXPIRES_SOON_MS else CheckState.OK
    return CheckRow("Expiry", state, f"ends in {days:.0f} days")


def _clock_row(heard: Heard) -> CheckRow:
    what = "Clock"
    if heard.offset_ms is None:
        error = heard.errors.get("time", "the exchange did not tell its time")
        return CheckRow(what, CheckState.UNKNOWN, error)
    away = abs(heard.offset_ms)
    side = "behind" if heard.offset_ms > 0 else "ahead of"
    found = f"{away:.0f} ms {side} the exchange (round trip {heard.round_trip_ms:.0f} ms)"
    if away <= max(OFFSET_WARN_MS, 0.5 * heard.round_trip_ms):
        return CheckRow(what, CheckState.OK, found)
    state = CheckState.BAD if away > OFFSET_BAD_MS else CheckState.WARN
    return CheckRow(what, state, found, "Let the system set its clock (NTP)")
