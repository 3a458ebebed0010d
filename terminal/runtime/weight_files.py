"""Weights of learned models as .npz: arrays of known shapes with a hash, never code."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from terminal.core.errors import ConfigError
from terminal.pricing.rows import FloatArray
from terminal.runtime.whole_file import write_whole_bytes

MOST_BYTES: Final = 4_000_000
"""A file of more is not read, packed or not: the largest model is a hundredth of it."""

Shapes = Sequence[tuple[str, tuple[int, ...]]]

_ABOUT: Final = "about"
_DIGEST: Final = "sha256"


def write_weights(path: Path, arrays: Mapping[str, FloatArray], about: bytes) -> None:
    """Write arrays with what they are about, and a hash of both.

    Raises
    ------
    ConfigError
        The file cannot be written.
    """
    digest = np.frombuffer(_digest(arrays, about), dtype=np.uint8)
    text = np.frombuffer(about, dtype=np.uint8)
    out = io.BytesIO()
    np.savez(out, **arrays, **{_ABOUT: text, _DIGEST: digest})  # type: ignore[arg-type]  # stub
    write_whole_bytes(path, out.getvalue(), "weights")


def read_weights(path: Path, shapes: Shapes) -> tuple[dict[str, FloatArray], bytes]:
    """Arrays of a file and what they are about.

    Parameters
    ----------
    path : Path
    shapes : sequence of (str, tuple of int)
        Every array that must be there.

    Raises
    ------
    ConfigError
        The file is missing, no .npz, too large, holds objects or other arrays than these, numbers
        that are not finite, or was changed since it was written.
    """
    found = _arrays(path)
    wanted = [name for name, _ in shapes]
    if sorted(found) != sorted([*wanted, _ABOUT, _DIGEST]):
        raise ConfigError(f"{path} holds {', '.join(sorted(found))}: {', '.join(wanted)} are asked")
    arrays = {}
    for name, shape in shapes:
        value = found[name]
        if value.shape != shape or value.dtype != np.float64:
            raise ConfigError(
                f"{path}: {name} is {value.dtype} of {value.shape}, not float64 of {shape}: "
                "train anew with this version"
            )
        if not np.isfinite(value).all():
            raise ConfigError(f"{path}: {name} holds numbers that are not finite: train anew")
        arrays[name] = value
    about = found[_ABOUT].tobytes()
    if found[_DIGEST].tobytes() != _digest(arrays, about):
        raise ConfigError(
            f"{path}: its hash does not fit its content: take the file from its source"
        )
    return arrays, about


def _arrays(path: Path) -> dict[str, FloatArray]:
    """All arrays of a file that is small enough and holds no objects."""
    try:
        with zipfile.ZipFile(path) as packed:
            size = sum(each.file_size for each in packed.infolist())
        if size > MOST_BYTES:
            raise ConfigError(f"{path} unpacks to {size:,} bytes, {MOST_BYTES:,} at most")
        with np.load(path, allow_pickle=False) as opened:
            return {name: opened[name] for name in opened.files}
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror or error}") from error
    except (ValueError, EOFError, KeyError, zipfile.BadZipFile) as error:
        raise ConfigError(f"{path} is no file of weights: {error}") from error


def _digest(arrays: Mapping[str, FloatArray], about: bytes) -> bytes:
    whole = hashlib.sha256(about)
    for name in sorted(arrays):
        whole.update(f"{name} {arrays[name].shape}".encode())
        whole.update(np.ascontiguousarray(arrays[name]).tobytes())
    return whole.digest()
