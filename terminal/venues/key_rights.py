"""What a key may do and how its account is set up, read from each exchange's own answers.

Pure: an answer that is missing or says something else leaves the field at None, "not said".
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

Answers = Mapping[str, object]
"""Raw answers by the name of the question; what failed is not in it."""


class Rights(Struct, frozen=True, kw_only=True):
    """Rights of a key and modes of its account; None where the exchange does not say."""

    reads: bool | None = None
    trades: bool | None = None
    withdraws: bool | None = None
    transfers: bool | None = None  # between own accounts, which a thief uses too
    ip_bound: bool | None = None
    one_way: bool | None = None  # False: hedge mode, long and short side by side
    margin: str = ""  # margin mode in words; empty: not said
    expires_at: int | None = None  # ms since 1970; 0: never
    note: str = ""


def deribit(answers: Answers) -> Rights:
    """Read the scopes of a token and an account summary.

    Notes
    -----
    Scopes: https://docs.deribit.com/articles/access-scope. ``wallet:read_write`` is the right to
    withdraw. Deribit nets positions per instrument; it tells an IP list only together with the
    secrets of all keys, so it is not asked for.
    """
    granted = _text(answers.get("scope"), "scope").split()
    summary = _result(answers.get("summary"))
    scopes = dict(each.partition(":")[::2] for each in granted)
    model = _text(summary, "margin_model") or _text(_first(summary, "summaries"), "margin_model")
    return Rights(
        reads="account" in scopes if granted else None,
        trades=scopes.get("trade") == "read_write" if granted else None,
        withdraws=scopes.get("wallet") == "read_write" if granted else None,
        ip_bound=True if "ip" in scopes else None,
        one_way=True,
        margin=model.replace("_", " "),
    )


def binance(answers: Answers) -> Rights:
    """Read the restrictions of a key and the position and margin modes of USD-M futures.

    Notes
    -----
    https://developers.binance.com/docs/wallet/account/api-key-permission. Keys of the test network
    have no such page, and their rights stay unsaid.
    """
    told = answers.get("restrictions")
    hedge = _flag(answers.get("position_mode"), "dualSidePosition")
    multi = _flag(answers.get("margin_mode"), "multiAssetsMargin")
    expires = _number(told, "tradingAuthorityExpirationTime")
    return Rights(
        reads=_flag(told, "enableReading"),
        trades=_flag(told, "enableFutures"),
        withdraws=_flag(told, "enableWithdrawals"),
        transfers=_one_of(told, "permitsUniversalTransfer", "enableInternalTransfer"),
        ip_bound=_flag(told, "ipRestrict"),
        one_way=None if hedge is None else not hedge,
        margin="" if multi is None else "multi-assets" if multi else "single-asset",
        expires_at=expires,
    )


def binance_options(answers: Answers) -> Rights:
    """Read the restrictions of a key for options, which have a right of their own.

    Notes
    -----
    Options are margined in cross and net per instrument; there is no mode to ask for.
    """
    told = answers.get("restrictions")
    allowed = _flag(told, "enableVanillaOptions")
    return replace(binance(answers), trades=allowed, one_way=True)


def bybit(answers: Answers) -> Rights:
    """Read the key's own information, the margin mode, and the sides of the open positions.

    Notes
    -----
    https://bybit-exchange.github.io/docs/v5/user/apikey-info. ``positionIdx`` is 0 in one-way mode
    and 1 or 2 for the sides of hedge mode; the mode is set per instrument or coin.
    """
    told = _result(answers.get("key"))
    allowed = told.get("permissions")
    allowed = allowed if isinstance(allowed, Mapping) else None
    read_only = told.get("readOnly")
    trades = None
    if allowed is not None and read_only in (0, 1):
        trades = read_only == 0 and "Order" in _words(allowed.get("ContractTrade"))
    wallet = None if allowed is None else _words(allowed.get("Wallet"))
    addresses = told.get("ips")
    rows = _result(answers.get("positions")).get("list")
    sides = {_number(each, "positionIdx") for each in rows} if isinstance(rows, list) else set()
    mode = _text(_result(answers.get("account")), "marginMode")
    return Rights(
        reads=True if told else None,
        trades=trades,
        withdraws=None if wallet is None else "Withdraw" in wallet,
        transfers=None if wallet is None else "AccountTransfer" in wallet,
        ip_bound="*" not in addresses and bool(addresses) if isinstance(addresses, list) else None,
        one_way=sides == {0} if sides - {None} else None,
        margin=mode.removesuffix("_MARGIN").replace("REGULAR", "CROSS").lower(),
    )


def okx(answers: Answers) -> Rights:
    """Read the configuration of an account, which names the rights of the asking key.

    Notes
    -----
    https://www.okx.com/docs-v5/en/#trading-account-rest-api-get-account-configuration: ``perm`` is
    ``read_only``, ``trade`` and ``withdraw``, comma separated; ``ip`` is empty without a list.
    """
    told = _first(answers.get("config"), "data")
    rights = _text(told, "perm").split(",") if _text(told, "perm") else None
    mode = _text(told, "posMode")
    levels = {"1": "spot", "2": "futures", "3": "multi-currency", "4": "portfolio"}
    address = told.get("ip") if isinstance(told, Mapping) else None
    return Rights(
        reads=None if rights is None else True,
        trades=None if rights is None else "trade" in rights,
        withdraws=None if rights is None else "withdraw" in rights,
        ip_bound=bool(address.strip()) if isinstance(address, str) else None,
        one_way=mode == "net_mode" if mode else None,
        margin=levels.get(_text(told, "acctLv"), ""),
    )


def hyperliquid(answers: Answers) -> Rights:
    """Read whether the key is that of an agent, which can trade but not withdraw, or the wallet's.

    ``own_address`` is made from the private key here; it is not a question to the exchange.

    Notes
    -----
    https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/nonces-and-api-wallets.
    """
    own, wallet = (str(answers.get(each, "")).lower() for each in ("own_address", "wallet"))
    role = _text(answers.get("role"), "role")
    listed = answers.get("agents")
    agents = listed if isinstance(listed, list) else None
    until = [
        _number(each, "validUntil")
        for each in agents or ()
        if _text(each, "address").lower() == own
    ]
    master = _text(_mapping(answers.get("role")).get("data"), "user").lower()
    if own and own == wallet:
        return Rights(
            reads=True,
            trades=True,
            withdraws=True,
            one_way=True,
            margin="cross or isolated per coin",
            expires_at=0,
            note="this is the wallet's own key: make an API wallet and use its key instead",
        )
    approved = bool(until) or (role == "agent" and master == wallet)
    known = bool(own) and (bool(role) or agents is not None)
    return Rights(
        reads=True if role or agents is not None else None,
        trades=approved if known else None,
        withdraws=False if known else None,
        one_way=True,
        margin="cross or isolated per coin",
        expires_at=until[0] if until else None,
        note="" if approved or not known else "this key is no API wallet of the address given",
    )


READERS: Final[Mapping[str, Callable[[Answers], Rights]]] = MappingProxyType(
    {
        "deribit": deribit,
        "binanceusdm": binance,
        "binancecoinm": binance,
        "binance": binance_options,
        "bybit": bybit,
        "okx": okx,
        "hyperliquid": hyperliquid,
    }
)
"""Readers by ccxt's name of the exchange."""


def rights_of(exchange: str, answers: Answers) -> Rights:
    """Rights of a key by ccxt's name of its exchange; nothing is known of other exchanges."""
    reader = READERS.get(exchange)
    return reader(answers) if reader is not None else Rights()


# -- Reading JSON of which nothing is certain -------------------------------------------------


def _mapping(raw: object) -> Mapping[str, object]:
    return raw if isinstance(raw, Mapping) else {}


def _text(raw: object, name: str) -> str:
    found = _mapping(raw).get(name)
    return found if isinstance(found, str) else ""


def _flag(raw: object, name: str) -> bool | None:
    found = _mapping(raw).get(name)
    if isinstance(found, bool):
        return found
    return {"true": True, "false": False}.get(found) if isinstance(found, str) else None


def _number(raw: object, name: str) -> int | None:
    found = _mapping(raw).get(name)
    if isinstance(found, str) and found.isdigit():
        return int(found)
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def _first(raw: object, name: str) -> object:
    found = _mapping(raw).get(name)
    return found[0] if isinstance(found, list) and found else None


def _result(raw: object) -> Mapping[str, object]:
    return _mapping(_mapping(raw).get("result"))


def _words(raw: object) -> tuple[str, ...]:
    return tuple(each for each in raw if isinstance(each, str)) if isinstance(raw, list) else ()


def _one_of(raw: object, *names: str) -> bool | None:
    """Whether any of several flags is set; None where none of them is told."""
    told = [flag for flag in (_flag(raw, name) for name in names) if flag is not None]
    return any(told) if told else None
