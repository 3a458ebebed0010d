"""The questions of a key check in each exchange's own methods, through ccxt."""

import hashlib
import hmac
import time
from collections.abc import Awaitable, Callable, Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import partial
from types import MappingProxyType
from typing import Any, Final

from msgspec import Struct

from terminal.core.errors import VenueError
from terminal.core.ids import client_order_id
from terminal.core.secret import Secret
from terminal.core.units import DAY
from terminal.model.instrument import (
    Contract,
    Instrument,
    Option,
    Perpetual,
    Right,
    coins,
    tick_at,
)
from terminal.model.order import OrderIntent, Side, TimeInForce
from terminal.venues.dialects.dialect import Dialect
from terminal.venues.order_words import place

FAR: Final = Decimal("0.7")
"""Price of the far-away order over the best bid: nothing trades there before it is cancelled."""

Ask = tuple[str, Mapping[str, object]]
"""A method of ccxt and its parameters."""


class Questions(Struct, frozen=True):
    """What is asked of one exchange: a private answer, and what ``key_rights`` reads."""

    balance: Ask
    more: Mapping[str, Ask] = {}


_BINANCE: Final[Mapping[str, Ask]] = {
    "restrictions": ("sapiGetAccountApiRestrictions", {}),
    "position_mode": ("fapiPrivateGetPositionSideDual", {}),
    "margin_mode": ("fapiPrivateGetMultiAssetsMargin", {}),
}
QUESTIONS: Final[Mapping[str, Questions]] = MappingProxyType(
    {
        "deribit": Questions(
            ("privateGetGetAccountSummaries", {}),
            {"summary": ("privateGetGetAccountSummaries", {})},
        ),
        "binanceusdm": Questions(("fapiPrivateV3GetBalance", {}), _BINANCE),
        "binancecoinm": Questions(
            ("dapiPrivateGetBalance", {}),
            {**_BINANCE, "position_mode": ("dapiPrivateGetPositionSideDual", {})},
        ),
        "binance": Questions(  # its options
            ("eapiPrivateGetMarginAccount", {}), {"restrictions": _BINANCE["restrictions"]}
        ),
        "bybit": Questions(
            ("privateGetV5AccountWalletBalance", {"accountType": "UNIFIED"}),
            {
                "key": ("privateGetV5UserQueryApi", {}),
                "account": ("privateGetV5AccountInfo", {}),
                # Of one instrument, because then both sides are told though nothing is held.
                "positions": (
                    "privateGetV5PositionList",
                    {"category": "linear", "symbol": "BTCUSDT"},
                ),
            },
        ),
        "okx": Questions(
            ("privateGetAccountBalance", {}), {"config": ("privateGetAccountConfig", {})}
        ),
    }
)
"""Questions by ccxt's name of the exchange. Deribit's scope and Hyperliquid's wallets are asked for
below: neither is a plain request."""


class CcxtCalls:
    """The calls of a key check on one exchange of ccxt, which its caller closes.

    Parameters
    ----------
    exchange : object
        Guarded instance with the key, made by ``ccxt_exchange.guarded``.
    dialect : Dialect
    key : mapping of str to Secret
        By ccxt's names.
    """

    def __init__(self, exchange: Any, dialect: Dialect, key: Mapping[str, Secret]) -> None:
        self._exchange = exchange
        self._dialect = dialect
        self._key = key
        self._asked = QUESTIONS.get(dialect.ccxt_id)

    async def server_time(self) -> int:
        """Clock of the exchange, ms since 1970."""
        told = await self._exchange.fetch_time()
        return int(told)

    async def balance(self) -> object:
        """Any private answer that only a right key gets."""
        if self._dialect.ccxt_id == "hyperliquid":
            return await self._about_wallet()
        if self._asked is None:
            return await self._exchange.fetch_balance()
        return await self._ask(*self._asked.balance)

    def questions(self) -> Mapping[str, Callable[[], Awaitable[object]]]:
        """Questions about the key and its account."""
        if self._dialect.ccxt_id == "hyperliquid":
            return self._of_agents()
        plain = self._asked.more if self._asked is not None else {}
        found: dict[str, Callable[[], Awaitable[object]]] = {
            name: partial(self._ask, *ask) for name, ask in plain.items()
        }
        if self._dialect.ccxt_id == "deribit":
            found["scope"] = self._deribit_scope
        return found

    async def _ask(self, method: str, parameters: Mapping[str, object]) -> object:
        answer: object = await getattr(self._exchange, method)(dict(parameters))
        return answer

    async def _deribit_scope(self) -> object:
        """Sign in for a token, whose scope is what the key may do.

        By signature: the other grant would put the secret into an address, and the list of keys
        holds the secrets of all of them.
        """
        stamp, nonce = str(time.time_ns() // 1_000_000), "gammadesk"
        signed = f"{stamp}\n{nonce}\n".encode()
        secret = self._key["secret"].reveal().encode()
        answer = await self._exchange.publicGetAuth(
            {
                "grant_type": "client_signature",
                "client_id": self._key["apiKey"].reveal(),
                "timestamp": stamp,
                "nonce": nonce,
                "data": "",
                "signature": hmac.new(secret, signed, hashlib.sha256).hexdigest(),
            }
        )
        result = answer.get("result") if isinstance(answer, Mapping) else None
        return {"scope": result.get("scope")} if isinstance(result, Mapping) else None

    # -- Hyperliquid --------------------------------------------------------------------------

    def _of_agents(self) -> Mapping[str, Callable[[], Awaitable[object]]]:
        return {
            "own_address": self._own_address,
            "wallet": self._wallet,
            "role": self._role,
            "agents": partial(self._info, "extraAgents"),
        }

    async def _own_address(self) -> object:
        key = self._key["privateKey"].reveal()
        return str(self._exchange.eth_get_address_from_private_key(key))

    async def _wallet(self) -> object:
        return self._key["walletAddress"].reveal()

    async def _role(self) -> object:
        user = await self._own_address()
        return await self._exchange.publicPostInfo({"type": "userRole", "user": user})

    async def _info(self, kind: str) -> object:
        user = self._key["walletAddress"].reveal()
        return await self._exchange.publicPostInfo({"type": kind, "user": user})

    async def _about_wallet(self) -> object:
        return await self._info("clearinghouseState")

    # -- The far-away order -------------------------------------------------------------------

    async def far_order(self) -> str:
        """Place a smallest post-only buy far below the market and cancel it.

        Raises
        ------
        VenueError
            There is nothing to place it on, or its cancel is not proven: the message says where
            to look.
        """
        markets = await self._exchange.load_markets()
        found = _tried_on(self._dialect, markets, time.time_ns())
        if found is None:
            raise VenueError(f"{self._dialect.title} lists nothing to try an order on")
        name = found.contract.symbol
        sent = self._dialect.sent(await self._intent(found, markets), found)
        made = await place(self._exchange, sent)
        try:
            await self._exchange.cancel_order(made["id"], sent.symbol)
        except Exception as error:
            raise VenueError(
                f"the far-away order {made['id']} in {name} was placed and its cancel failed:"
                " cancel it at the exchange by hand"
            ) from error
        return f"a post-only buy of {sent.amount} {name} at {sent.price} was placed and cancelled"

    async def _intent(self, found: Instrument, markets: Mapping[str, Any]) -> OrderIntent:
        symbol = _unified(self._dialect, markets, found)
        book = await self._exchange.fetch_order_book(symbol, 5)
        if not book["bids"]:
            raise VenueError(f"{found.contract.symbol} has no bid to stay far below of")
        best = Decimal(str(book["bids"][0][0]))
        limit = best * FAR
        tick = tick_at(found.contract, limit)
        limit = (limit / tick).to_integral_value(ROUND_FLOOR) * tick
        stamp = str(time.time_ns())
        return OrderIntent(
            order_id=client_order_id(f"key-check-{stamp}", "key-check", 1),
            proposal_id="key-check",
            attempt=1,
            key=found.contract.key,
            side=Side.BUY,
            qty=smallest(found.contract, limit),
            limit=limit,
            tif=TimeInForce.POST_ONLY,
            reduce_only=False,
            decision_mid=float(best),
        )


def smallest(contract: Contract, price: Decimal) -> Decimal:
    """Fewest contracts that a venue takes at a price."""
    one = Decimal(str(abs(coins(contract, 1.0, float(price))) * float(price)))
    for_value = contract.min_notional / one if one > 0 else Decimal(0)
    wanted = max(contract.min_qty, contract.lot, for_value)
    return (wanted / contract.lot).to_integral_value(ROUND_CEILING) * contract.lot


def _tried_on(dialect: Dialect, markets: Mapping[str, Any], now: int) -> Instrument | None:
    """The BTC perpetual of an exchange, or any other one; an option where there is none.

    Of options it is the middle strike of the first calls with more than a day to live: their
    price is not known here, and that one has a bid more often than any.
    """
    listed = [dialect.decoder.instrument(market) for market in markets.values()]
    perpetuals = [each for each in listed if isinstance(each, Perpetual)]
    if perpetuals:
        return min(perpetuals, key=lambda each: each.contract.base != "BTC")
    calls = [
        each
        for each in listed
        if isinstance(each, Option) and each.right is Right.CALL and each.expiry > now + DAY
    ]
    if not calls:
        return None
    first = min(calls, key=_sooner)
    chain = [each for each in calls if _sooner(each) == _sooner(first)]
    return sorted(chain, key=lambda each: each.strike)[len(chain) // 2]


def _sooner(option: Option) -> tuple[bool, int]:
    """Order of chains: those on BTC first, then by expiry."""
    return option.contract.base != "BTC", option.expiry


def _unified(dialect: Dialect, markets: Mapping[str, Any], found: Instrument) -> str:
    for symbol, market in markets.items():
        listed = dialect.decoder.instrument(market)
        if listed is not None and listed.contract.key == found.contract.key:
            return symbol
    raise VenueError(f"{found.contract.symbol} is not listed any more")
