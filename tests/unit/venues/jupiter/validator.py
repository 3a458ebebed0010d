"""A Solana validator and a keeper of Jupiter's on this machine, with their faults.

Transactions are read by absolute places and their signatures verified: nothing of ours decodes.
"""

import asyncio
import base64
import json
import struct
from decimal import Decimal
from typing import Any

from aiohttp import web
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from terminal.core.secret import Secret
from terminal.venues.jupiter.addresses import encoded
from terminal.venues.jupiter.program import Place, position_address
from tests.unit.venues.jupiter.chain import PROGRAM, Chain, position_bytes

INCREASE = bytes([184, 85, 199, 24, 105, 171, 156, 56])
DECREASE = bytes([74, 198, 195, 86, 193, 99, 1, 79])
LIFE = 60
"""Blocks that a blockhash is good for; mainnet's are 150."""

SEED = bytes(range(32))
PUBLIC_KEY = Ed25519PrivateKey.from_private_bytes(SEED).public_key().public_bytes(
    Encoding.Raw, PublicFormat.Raw
)  # fmt: skip
OWNER = encoded(PUBLIC_KEY)
KEY = Secret(encoded(SEED + PUBLIC_KEY))


class Validator(Chain):
    """Takes transactions; a keeper fills requests at ``oracle`` unless told otherwise."""

    def __init__(self) -> None:
        super().__init__()
        self.slot, self.height = 1000, 900
        self.oracle = Decimal(160)
        self.statuses: dict[str, object] = {}
        self.received: list[str] = []  # signatures, as often as they came
        self.landed: list[str] = []
        self.drops = False  # take a transaction and never land it
        self.silent_after_send = False  # land it, and hang up without an answer
        self.hangs = False  # land it, and answer too late
        self.keeper = "fills"  # or sleeps, refuses, worse, other
        self.rejects: object = None  # what a rehearsal finds
        self.program_error: object = None  # what execution on chain finds
        self.forgets = False  # deny every signature
        self.waiting: list[bytes] = []
        self.accounts[OWNER] = ("1" * 32, b"")

    def hold(self, place: Place, **changed: Any) -> None:
        """Give the wallet of ``KEY`` a position."""
        address = encoded(position_address(PUBLIC_KEY, place))
        self.accounts[address] = (PROGRAM, position_bytes(place, wallet=OWNER, **changed))

    def size(self, place: Place) -> int:
        """Size of a position, millionths of USD."""
        _, raw = self.accounts[encoded(position_address(PUBLIC_KEY, place))]
        found: int = struct.unpack_from("<Q", raw, 161)[0]
        return found

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        question = json.loads(await request.text())
        method, params = question["method"], question["params"]
        self.slot, self.height = self.slot + 1, self.height + 1
        if method == "getMultipleAccounts":
            return await super()._serve(request)
        result = getattr(self, f"_{method}")(*params)
        if method == "sendTransaction" and self.hangs:
            await asyncio.sleep(1.2)
        if method == "sendTransaction" and self.silent_after_send:
            assert request.transport is not None
            request.transport.close()
        return web.json_response({"jsonrpc": "2.0", "id": question["id"], "result": result})

    def _slot_now(self) -> int:
        return self.slot

    def _getLatestBlockhash(self, _: Any) -> Any:  # noqa: N802 - the method's name
        value = {"blockhash": encoded(b"\7" * 32), "lastValidBlockHeight": self.height + LIFE}
        return {"context": {"slot": self.slot}, "value": value}

    def _getEpochInfo(self, options: Any) -> Any:  # noqa: N802 - the method's name
        assert options == {"commitment": "finalized"}
        return {"absoluteSlot": self.slot - 32, "blockHeight": self.height - 32, "epoch": 1}

    def _simulateTransaction(self, text: str, options: Any) -> Any:  # noqa: N802 - its name
        assert options["sigVerify"]
        self._verified(text)
        logs = [f"Program log: AnchorError: Error Code: {self.rejects}"] if self.rejects else []
        return {"context": {"slot": self.slot}, "value": {"err": self.rejects, "logs": logs}}

    def _sendTransaction(self, text: str, options: Any) -> str:  # noqa: N802 - its name
        assert options["maxRetries"] == 0
        signature, keys, call = self._verified(text)
        self.received.append(signature)
        if not self.drops and signature not in self.statuses:
            self.landed.append(signature)
            self.statuses[signature] = self.program_error
            if self.program_error is None:
                self._ask(keys, call)
        return signature

    def _getSignatureStatuses(self, names: list[str], options: Any) -> Any:  # noqa: N802 - its name
        assert options["searchTransactionHistory"]
        [name] = names
        value = None
        if name in self.statuses and not self.forgets:
            value = {"err": self.statuses[name], "confirmationStatus": "confirmed", "slot": 1}
        return {"context": {"slot": self.slot}, "value": [value]}

    def _verified(self, text: str) -> tuple[str, list[bytes], tuple[list[int], bytes]]:
        """Signature, accounts, and the last instruction's places and bytes."""
        raw = base64.b64decode(text)
        assert raw[0] == 1
        signature, message = raw[1:65], raw[65:]
        assert len(raw) <= 1232
        try:
            Ed25519PublicKey.from_public_bytes(message[4:36]).verify(signature, message)
        except InvalidSignature:
            raise AssertionError("the signature is wrong") from None
        signs, signs_only, reads = message[:3]
        assert (signs, signs_only) == (1, 0)
        count = message[3]
        keys = [message[4 + 32 * each : 36 + 32 * each] for each in range(count)]
        assert len(set(keys)) == count
        self.writable = set(keys[: count - reads])
        at = 4 + 32 * count + 32
        calls, at = message[at], at + 1
        places, content = [], b""
        for _ in range(calls):
            assert keys[message[at]]
            number, at = message[at + 1], at + 2
            places, at = list(message[at : at + number]), at + number
            length, at = message[at], at + 1
            content, at = message[at : at + length], at + length
        assert at == len(message)
        return encoded(signature), keys, (places, content)

    def _ask(self, keys: list[bytes], call: tuple[list[int], bytes]) -> None:
        places, content = call
        named = [keys[each] for each in places]
        position, request = encoded(named[4]), encoded(named[5])
        assert request not in self.accounts, "a request of this name is there already"
        self.accounts[request] = (PROGRAM, b"request")
        self.waiting.append(content)
        if self.keeper == "sleeps":
            return
        del self.accounts[request]
        if self.keeper != "refuses":
            owner, raw = self.accounts[position]
            self.accounts[position] = (owner, self._changed(raw, content))

    def _changed(self, raw: bytes, content: bytes) -> bytes:
        """Position after a fill; the average entry keeps the number of coins."""
        entry, size = struct.unpack_from("<QQ", raw, 153)
        head, rest = content[:8], content[8:]
        if head == INCREASE:
            more, _, _, worst = struct.unpack_from("<QQBQ", rest)
            price = self.oracle * 10**6
            if self.keeper == "worse":
                price = Decimal(worst) * Decimal("0.97")
            coins = Decimal(size) / entry + more / price
            after, entry = size + more, round(Decimal(size + more) / coins)
        else:
            assert head == DECREASE
            _, less, worst = struct.unpack_from("<QQQ", rest)
            after = size - less
        if self.keeper == "other":
            after += 5_000_000
        out = bytearray(raw)
        struct.pack_into("<QQ", out, 153, entry, after)
        return bytes(out)
