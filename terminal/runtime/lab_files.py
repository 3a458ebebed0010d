"""Files of the lab: what a search found, and what it had done when it was stopped."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from terminal.core.errors import ConfigError
from terminal.lab.calibrate import Calibration
from terminal.lab.network import FAMILY, SHAPES, network_of
from terminal.lab.search import Scores
from terminal.lab.shape import BANDS
from terminal.lab.walk_forward import Frozen
from terminal.lab.windows import Setup
from terminal.market.bars import Bars
from terminal.runtime.weight_files import read_weights, write_weights
from terminal.runtime.whole_file import write_whole

FORMAT: Final = "gammadesk-tuned-1"


class TunedFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A frozen shape with all that is needed to try it anew.

    Attributes
    ----------
    coin, symbol : str
    policy : str
        ``band`` or ``network``.
    numbers : tuple of str
        Names of the point's numbers.
    setup : Setup
    aversion : float
        Risk aversion of the reference that it was matched to, 1/USD.
    paths, seed : int
        Windows of each world, and the seed of them and of the search.
    frozen : Frozen
    worlds : Calibration
        What the worlds were calibrated to.
    format : str
    """

    coin: str
    symbol: str
    policy: str
    numbers: tuple[str, ...]
    setup: Setup
    aversion: float
    paths: int
    seed: int
    frozen: Frozen
    worlds: Calibration
    format: str = FORMAT


class Round(Struct, frozen=True):
    """A line of a file that a search goes on from: the scores of one round of one training."""

    digest: str
    fold: int
    number: int
    scores: Scores


def write_tuned(path: Path, tuned: TunedFile) -> None:
    """Write what a search found: a band as JSON, a network's weights as .npz.

    Raises
    ------
    ConfigError
        The file cannot be written.
    """
    if tuned.policy == "network":
        point = tuned.frozen.found.point
        weights = network_of(np.array([point]))._asdict()
        bare = _with_point(tuned, ())
        arrays = {name: each[0] for name, each in weights.items()}
        write_weights(path, arrays, msgspec.json.encode(bare))
        return
    text = msgspec.json.format(msgspec.json.encode(tuned), indent=2).decode()
    write_whole(path, text + "\n", "tuned policy")


def read_tuned(path: Path) -> TunedFile:
    """Read what a search found.

    Raises
    ------
    ConfigError
        The file is missing, or not of this format; the message says what is wrong.
    """
    try:
        packed = path.read_bytes()[:2] == b"PK"
        arrays, about = read_weights(path, SHAPES) if packed else ({}, path.read_bytes())
        found = msgspec.json.decode(about, type=TunedFile)
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror or error}") from error
    except msgspec.MsgspecError as error:
        raise ConfigError(f"{path} is no tuned policy of the lab: {error}") from error
    if packed:
        point = tuple(np.concatenate([arrays[name].ravel() for name, _ in SHAPES]).tolist())
        found = _with_point(found, point)
    family = FAMILY if packed else BANDS
    if found.format != FORMAT or found.policy != ("network" if packed else "band"):
        raise ConfigError(f"{path} is of another version of the lab: search anew")
    if found.numbers != family.names or len(found.frozen.found.point) != len(family.names):
        raise ConfigError(f"{path}: a point has {len(family.names)} numbers: search anew")
    return found


def _with_point(tuned: TunedFile, point: tuple[float, ...]) -> TunedFile:
    frozen = tuned.frozen
    return replace(tuned, frozen=replace(frozen, found=replace(frozen.found, point=point)))


def digest_of(bars: Bars, terms: Mapping[str, str]) -> str:
    """Hash of bars and of the words of a command that decide what a search does."""
    whole = hashlib.sha256(msgspec.json.encode(sorted(terms.items())))
    for column in (bars.start, bars.close):
        whole.update(column.tobytes())
    return whole.hexdigest()[:16]


def kept(file: Path, digest: str) -> dict[tuple[int, int], Scores]:
    """Rounds that a file holds of this very search; a line cut off by a crash is done again.

    Raises
    ------
    ConfigError
        The file is of another search, or cannot be read.
    """
    found: dict[tuple[int, int], Scores] = {}
    try:
        lines = file.read_bytes().splitlines() if file.exists() else []
    except OSError as error:
        raise ConfigError(f"--keep {file} cannot be read: {error.strerror or error}") from error
    for number, line in enumerate(lines, 1):
        try:
            each = msgspec.json.decode(line, type=Round)
        except msgspec.MsgspecError:
            continue
        if each.digest != digest:
            raise ConfigError(f"{file}, line {number}: of another search: name another file")
        found[each.fold, each.number] = each.scores
    return found


def keeper(file: Path | None, digest: str) -> Callable[[int, int, Scores], None]:
    """Writer of a search's rounds, each as it is done; of nothing without a file.

    It raises a `ConfigError` where the file cannot be written.
    """

    def keep(fold: int, number: int, scores: Scores) -> None:
        if file is not None:
            line = msgspec.json.encode(Round(digest, fold, number, scores))
            try:
                with file.open("ab") as out:
                    out.write(b"\n" + line + b"\n")
            except OSError as error:
                msg = f"--keep {file} cannot be written: {error.strerror or error}"
                raise ConfigError(msg) from error

    return keep
