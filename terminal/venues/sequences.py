"""Numbers on the changes of order books: whether one was missed, which ccxt does not look at."""

from collections.abc import Callable, Mapping
from typing import Final

from msgspec import Struct


class Step(Struct, frozen=True, gc=False):
    """Where one book message stands in the sequence of its channel.

    ``before`` is None for a snapshot, which begins a new sequence.
    """

    channel: str
    market: str  # the exchange's own name of the instrument
    before: int | None
    after: int


class Sequences:
    """Latest number of each channel. A channel that missed a change waits for a snapshot."""

    def __init__(self) -> None:
        self._latest: dict[str, int | None] = {}

    def take(self, step: Step) -> str:
        """Move on by a step; why the book is wrong from here on, empty while it is not.

        The first missed change is told once, and what follows up to the next snapshot is told by
        ``waits``.
        """
        latest = self._latest.get(step.channel)
        if step.before is None or latest == step.before:
            self._latest[step.channel] = step.after
            return ""
        self._latest[step.channel] = None
        return f"change {step.after} follows {step.before}, but {latest} was the last one seen"

    def waits(self, channel: str) -> bool:
        """Whether changes of a channel are void until its snapshot comes."""
        return channel in self._latest and self._latest[channel] is None

    def forget(self) -> None:
        """Begin anew, as a new connection does."""
        self._latest.clear()


class Numbering(Struct, frozen=True):
    """How one exchange numbers its books, and how a channel is asked for anew."""

    step: Callable[[Mapping[str, object]], Step | None]
    again: Callable[[str, int], tuple[dict[str, object], dict[str, object]]]


def _deribit_step(message: Mapping[str, object]) -> Step | None:
    params = message.get("params")
    if not isinstance(params, dict):
        return None
    channel, data = params.get("channel"), params.get("data")
    if not isinstance(channel, str) or not channel.startswith("book.") or type(data) is not dict:
        return None
    after, before = data.get("change_id"), data.get("prev_change_id")
    if not isinstance(after, int) or data.get("type") not in ("snapshot", "change"):
        return None
    fresh = data["type"] == "snapshot" or not isinstance(before, int)
    market = str(data.get("instrument_name", ""))
    return Step(channel, market, None if fresh else before, after)


def _deribit_again(channel: str, number: int) -> tuple[dict[str, object], dict[str, object]]:
    def ask(method: str, number: int) -> dict[str, object]:
        params = {"channels": [channel]}
        return {"jsonrpc": "2.0", "id": number, "method": method, "params": params}

    return ask("public/unsubscribe", number), ask("public/subscribe", number + 1)


def _bybit_step(message: Mapping[str, object]) -> Step | None:
    channel, data = message.get("topic"), message.get("data")
    if not isinstance(channel, str) or not channel.startswith("orderbook."):
        return None
    after = data.get("u") if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(after, int):
        return None
    # The exchange restarts with u = 1, and its manual says that this is a snapshot.
    fresh = message.get("type") == "snapshot" or after == 1
    return Step(channel, str(data.get("s", "")), None if fresh else after - 1, after)


def _bybit_again(channel: str, number: int) -> tuple[dict[str, object], dict[str, object]]:
    def ask(operation: str, number: int) -> dict[str, object]:
        return {"req_id": str(number), "op": operation, "args": [channel]}

    return ask("unsubscribe", number), ask("subscribe", number + 1)


NUMBERINGS: Final[Mapping[str, Numbering]] = {
    "deribit": Numbering(_deribit_step, _deribit_again),
    "bybit": Numbering(_bybit_step, _bybit_again),
}
"""By ccxt's id. The others are watched by ccxt itself (okx, binance) or send whole books."""
