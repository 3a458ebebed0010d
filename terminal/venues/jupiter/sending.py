"""What a Solana node is asked so that a transaction lands once, or is known never to have."""

from msgspec import Struct

from terminal.venues.jupiter.addresses import decoded
from terminal.venues.jupiter.rpc import Node
from terminal.venues.jupiter.transactions import Signed


class Lifetime(Struct, frozen=True):
    """A recent block's hash, and the last height at which what names it can land."""

    blockhash: bytes
    last_height: int


class Tip(Struct, frozen=True):
    """How far the chain is final: nothing at or below it can change."""

    slot: int
    height: int


class Landing(Struct, frozen=True):
    """What a node knows of a signature at a slot of its own."""

    slot: int
    found: bool
    firm: bool = False  # confirmed by most of the stake, not just seen
    failure: str = ""  # why it failed on chain; it then changed nothing


class _Blockhash(Struct):
    blockhash: str
    lastValidBlockHeight: int  # noqa: N815 - the name on the wire


class _Latest(Struct):
    value: _Blockhash


class _Epoch(Struct):
    absoluteSlot: int  # noqa: N815 - the name on the wire
    blockHeight: int  # noqa: N815 - the name on the wire


class _Outcome(Struct):
    err: object = None
    logs: list[str] | None = None


class _Simulated(Struct):
    value: _Outcome


class _Status(Struct):
    err: object = None
    confirmationStatus: str | None = None  # noqa: N815 - the name on the wire


class _Context(Struct):
    slot: int


class _Statuses(Struct):
    context: _Context
    value: list[_Status | None]


async def lifetime(node: Node) -> Lifetime:
    """Blockhash to sign with. Raises VenueError without an answer, as all of these do."""
    asked = [{"commitment": "confirmed"}]
    found = (await node.ask("getLatestBlockhash", asked, _Latest)).value
    return Lifetime(decoded(found.blockhash), found.lastValidBlockHeight)


async def tip(node: Node) -> Tip:
    """How far the chain is final."""
    found = await node.ask("getEpochInfo", [{"commitment": "finalized"}], _Epoch)
    return Tip(found.absoluteSlot, found.blockHeight)


async def rehearsed(node: Node, made: Signed) -> str:
    """Why the program would reject a transaction; empty when it would not. Nothing is sent."""
    options = {"encoding": "base64", "commitment": "confirmed", "sigVerify": True}
    found = (await node.ask("simulateTransaction", [made.text, options], _Simulated)).value
    if found.err is None:
        return ""
    errors = [line for line in found.logs or () if "Error" in line or "failed" in line]
    return " ".join(f"{found.err} {errors[0] if errors else ''}".split())[:300]


async def send(node: Node, made: Signed) -> None:
    """Hand a transaction to a node, which may or may not pass it on, whatever it answers."""
    options = {"encoding": "base64", "skipPreflight": True, "maxRetries": 0}
    await node.ask("sendTransaction", [made.text, options], str)


async def landing(node: Node, signature: str) -> Landing:
    """What became of a signature, as far back as the node keeps."""
    options = {"searchTransactionHistory": True}
    found = await node.ask("getSignatureStatuses", [[signature], options], _Statuses)
    status = found.value[0] if found.value else None
    if status is None:
        return Landing(found.context.slot, found=False)
    firm = status.confirmationStatus in ("confirmed", "finalized")
    failure = "" if status.err is None else str(status.err)[:200]
    return Landing(found.context.slot, found=True, firm=firm, failure=failure)
