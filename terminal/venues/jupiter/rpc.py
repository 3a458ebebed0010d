"""Questions to a Solana node by JSON-RPC, and reading its accounts."""

import base64
import binascii
import importlib
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from terminal.core.errors import ConfigError, DataError, VenueError
from terminal.core.secret import Secret
from terminal.venues.jupiter.addresses import encoded
from terminal.venues.redaction import Redactor

if TYPE_CHECKING:
    import aiohttp

PUBLIC: Final = "https://api.mainnet-beta.solana.com"
"""Solana's own public node: free, and slow to whoever asks often."""

PATIENCE: Final = 10.0
"""Seconds that a node is given to answer."""

MOST_BYTES: Final = 4_000_000
"""Longest answer that is read; fourteen accounts come to about 20,000 bytes."""

_T = TypeVar("_T")


class RawAccount(Struct, frozen=True):
    """One account as the node keeps it."""

    owner: str  # program that writes it
    content: bytes


class Accounts(Struct, frozen=True):
    """Accounts of one moment of the chain, in the order asked for; None: there is none."""

    slot: int
    found: tuple[RawAccount | None, ...]


class _Value(Struct):
    data: tuple[str, str]
    owner: str


class _Context(Struct):
    slot: int


class _Result(Struct):
    context: _Context
    value: list[_Value | None]


class _Fault(Struct):
    code: int
    message: str


class _Reply(Struct):
    result: msgspec.Raw = msgspec.Raw(b"")
    error: _Fault | None = None


class Node:
    """A Solana node that is asked for accounts.

    Parameters
    ----------
    endpoint : str
        http or https address. Providers put keys into its path or query, so that messages name
        its host only.
    patience : float
        Seconds that an answer may take.
    option : str
        What the endpoint was given by, for messages.

    Raises
    ------
    ConfigError
        The endpoint is no such address.
    """

    def __init__(
        self, endpoint: str = PUBLIC, patience: float = PATIENCE, *, option: str = "--endpoint"
    ) -> None:
        try:
            parts = urlsplit(endpoint)
            port = parts.port
        except ValueError:
            parts, port = urlsplit(""), None
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ConfigError(
                f"{option} is no address of a Solana node: write for example {PUBLIC}"
            )
        self.name = parts.hostname if port is None else f"{parts.hostname}:{port}"
        self._endpoint = endpoint
        self._option = option
        self._patience = patience
        self._redactor = Redactor()
        self._redactor.learn(Secret(each) for each in re.split("[/&=@:?]", endpoint) if each)

    async def accounts(self, addresses: Sequence[bytes]) -> Accounts:
        """Read accounts, all of one moment.

        Raises
        ------
        VenueError
            The node was not reached, refused, or sent what is no answer.
        DataError
            An account came damaged; its address is named.
        """
        wanted = [encoded(each) for each in addresses]
        options = {"encoding": "base64", "commitment": "confirmed"}
        result = await self.ask("getMultipleAccounts", [wanted, options], _Result)
        if len(result.value) != len(wanted):
            raise VenueError(
                f"{self.name} sent {len(result.value)} accounts for {len(wanted)} asked for"
            )
        pairs = zip(wanted, result.value, strict=True)
        return Accounts(result.context.slot, tuple(_account(name, each) for name, each in pairs))

    async def ask(self, method: str, params: list[Any], shape: type[_T]) -> _T:
        """Answer of one question in the shape that it must have.

        Raises
        ------
        VenueError
            The node was not reached, refused, or sent what is no answer.
        """
        question = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        body = await self._post(msgspec.json.encode(question))
        reply = self._decoded(body, _Reply)
        if reply.error is not None:
            words = self._redactor.clean(" ".join(reply.error.message.split()))[:200]
            raise VenueError(f"{self.name} refused {method}: {words} ({reply.error.code})")
        return self._decoded(bytes(reply.result), shape)

    async def _post(self, body: bytes) -> bytes:
        aiohttp = importlib.import_module("aiohttp")  # late: most runs ask no node
        limit = aiohttp.ClientTimeout(total=self._patience)
        headers = {"Content-Type": "application/json"}
        try:
            async with (
                aiohttp.ClientSession(timeout=limit, headers=headers) as session,
                session.post(self._endpoint, data=body, allow_redirects=False) as response,
            ):
                if response.status != 200:
                    raise VenueError(self._refusal(response.status))
                return await self._read(response)
        except TimeoutError as error:
            raise VenueError(f"{self.name} gave no answer in {self._patience:g} s") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            # its words may hold the whole address, and that a key
            raise VenueError(f"{self.name} was not reached: {type(error).__name__}") from None

    async def _read(self, response: "aiohttp.ClientResponse") -> bytes:
        body = bytearray()
        async for part in response.content.iter_any():
            body += part
            if len(body) > MOST_BYTES:
                raise VenueError(f"{self.name} sent more than {MOST_BYTES:,} bytes")
        return bytes(body)

    def _refusal(self, status: int) -> str:
        if status == 429:
            return f"{self.name} limits how often it is asked: wait, or change {self._option}"
        if status in (401, 403):
            return f"{self.name} refused with HTTP {status}: it wants a key, change {self._option}"
        return f"{self.name} answered with HTTP {status}"

    def _decoded(self, body: bytes, shape: type[_T]) -> _T:
        try:
            return msgspec.json.decode(body, type=shape)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise VenueError(
                f"{self.name} sent no JSON-RPC answer, is it a Solana node? ({error})"
            ) from error


def _account(name: str, value: _Value | None) -> RawAccount | None:
    if value is None:
        return None
    text, encoding = value.data
    if encoding != "base64":
        raise DataError(f"account {name}: data are in {encoding[:20]!r}, not base64")
    try:
        return RawAccount(value.owner, base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError) as error:
        raise DataError(f"account {name}: data are no whole base64 ({error})") from error
