"""Frames of an exchange for tests: what is read with which method, and how frames get damaged."""

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any, Final

from msgspec import Struct

from terminal.core.errors import DataError
from terminal.venues.dialects.dialect import Decoder, Dialect, Directory

FIXTURES: Final = Path(__file__).resolve().parents[2].parent / "shared" / "fixtures"
"""Recorded messages; the folder is not part of the repository and may be missing."""

Frame = dict[str, Any]

_JUNK: Final[tuple[Any, ...]] = (
    None, "", True, 0, -1, 1e308, -0.0, float("nan"), float("inf"), 10**40, "NaN", "1e999", "-7",
    "null", [], {}, [[]], [None], {"data": {}}, "x" * 200, "0x9d" + "f" * 30, "0.000000000001",
)  # fmt: skip


class Corpus(Struct, frozen=True, kw_only=True):
    """Sound messages of one exchange."""

    dialect: Dialect
    markets: tuple[Frame, ...]  # rows of the exchange's own list
    public: tuple[Frame, ...]
    private: tuple[Frame, ...]
    orders: tuple[Frame, ...] = ()
    fills: tuple[Frame, ...] = ()
    positions: tuple[Frame, ...] = ()


def directory(decoder: Decoder, rows: tuple[Frame, ...]) -> Directory:
    """Directory of what these rows of the exchange's list hold."""
    found = (decoder.instrument({"info": row}) for row in rows)
    ours = [each for each in found if each is not None]
    return Directory(
        {each.contract.key: each for each in ours}, {each.contract.symbol: each for each in ours}
    )


def recorded(path: str) -> Any:
    """One recorded JSON file."""
    return json.loads((FIXTURES / path).read_text("utf-8"))


def decode(corpus: Corpus, known: Directory, random: Random) -> str:
    """Damage one message of the corpus, read it, and name what came of it.

    Returns
    -------
    str
        ``events``, ``nothing`` or ``refused``; any error but DataError goes through.
    """
    decoder = corpus.dialect.decoder
    choices: tuple[tuple[Callable[[Frame, Directory], object], tuple[Frame, ...]], ...] = (
        (lambda row, _: decoder.instrument({"info": row}), corpus.markets),
        (decoder.public, corpus.public),
        (decoder.private, corpus.private),
        (decoder.position, corpus.positions),
        (decoder.order, corpus.orders),
        (decoder.fill, corpus.fills),
    )
    read, frames = random.choice([each for each in choices if each[1]])
    frame = damaged(random.choice(frames), random)
    try:
        return "events" if read(frame, known) else "nothing"
    except DataError:
        return "refused"


def damaged(frame: Frame, random: Random) -> Frame:
    """Copy of a frame with one to three values lost, replaced, moved or renamed."""
    copied = copy.deepcopy(frame)
    for _ in range(random.randint(1, 3)):
        places = list(_places(copied))
        holder, key = random.choice(places)
        match random.randrange(5):
            case 0:
                del holder[key]
            case 1:
                other, place = random.choice(places)
                if place in other if isinstance(other, dict) else place < len(other):
                    holder[key] = copy.deepcopy(other[place])
            case 2 if isinstance(holder, dict):
                holder[f"{key}_"] = holder.pop(key)
            case _:
                holder[key] = copy.deepcopy(random.choice(_JUNK))
        if not copied:
            break
    return copied


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    inside = value.items() if isinstance(value, dict) else enumerate(value)
    for key, each in inside:
        yield value, key
        if isinstance(each, dict | list):
            yield from _places(each)
