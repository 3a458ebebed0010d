"""Weights are read as they were written, and anything else is refused with a clear message."""

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from terminal.core.errors import ConfigError
from terminal.lab.network import FAMILY, WEIGHTS
from terminal.pricing.rows import FloatArray
from terminal.runtime.lab_files import read_tuned, write_tuned
from terminal.runtime.weight_files import MOST_BYTES, read_weights, write_weights
from tests.unit.runtime.test_lab_gate import TUNED

SHAPES = (("inner", (2, 3)), ("bias", (3,)))
ARRAYS = {"inner": np.arange(6.0).reshape(2, 3), "bias": np.ones(3)}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write_weights(tmp_path / "w.npz", ARRAYS, b'{"a": 1}')
    return tmp_path / "w.npz"


def changed(path: Path, **arrays: Any) -> Path:
    """The same file with some of its arrays others, its hash as it was."""
    with np.load(path, allow_pickle=False) as found:
        kept = {name: found[name] for name in found.files}
    np.savez(path, **(kept | arrays))
    return path


def test_what_was_written_is_read(path: Path) -> None:
    arrays, about = read_weights(path, SHAPES)
    assert about == b'{"a": 1}'
    for name, value in ARRAYS.items():
        np.testing.assert_array_equal(arrays[name], value)


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"inner": np.ones((3, 2))}, r"inner is float64 of \(3, 2\), not float64 of \(2, 3\)"),
        ({"bias": np.ones(3, dtype=np.float32)}, "bias is float32"),
        ({"bias": np.array([1.0, np.nan, 0.0])}, "bias holds numbers that are not finite"),
        ({"bias": np.array([1.0, 1.0, 1.1])}, "its hash does not fit"),
        ({"about": np.zeros(3, dtype=np.uint8)}, "its hash does not fit"),
        ({"more": np.ones(1)}, "holds about, bias, inner, more, sha256: inner, bias are asked"),
    ],
)
def test_another_content_is_refused(path: Path, arrays: dict[str, FloatArray], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        read_weights(changed(path, **arrays), SHAPES)


def test_objects_are_never_unpickled(path: Path) -> None:
    class Trap:
        def __reduce__(self) -> Any:
            return pytest.fail, ("it was run",)

    np.savez(path, inner=np.array([Trap()], dtype=object), bias=np.ones(3))
    with pytest.raises(ConfigError, match=r"is no file of weights: Object arrays cannot be loaded"):
        read_weights(path, SHAPES)


def test_a_file_that_would_fill_the_memory_is_not_unpacked(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("inner.npy", b"\0" * (MOST_BYTES + 1))
    with pytest.raises(ConfigError, match="unpacks to 4,000,001 bytes, 4,000,000 at most"):
        read_weights(path, SHAPES)


@pytest.mark.parametrize("content", [b"", b"PK", b"not weights at all"])
def test_what_is_no_file_of_weights_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(ConfigError, match="is no file of weights"):
        read_weights(path, SHAPES)
    whole = io.BytesIO()
    np.savez(whole, **ARRAYS)  # type: ignore[arg-type]  # its stub takes no mapping
    path.write_bytes(whole.getvalue()[:200])
    with pytest.raises(ConfigError, match="is no file of weights"):
        read_weights(path, SHAPES)
    path.unlink()
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        read_weights(path, SHAPES)


def test_a_learned_policy_comes_back_whole(tmp_path: Path) -> None:
    point = tuple(np.random.default_rng(1).normal(size=WEIGHTS).tolist())
    found = replace(TUNED.frozen.found, point=point)
    frozen = replace(TUNED.frozen, found=found)
    learned = replace(TUNED, policy="network", numbers=FAMILY.names, frozen=frozen)
    write_tuned(tmp_path / "n.npz", learned)
    assert read_tuned(tmp_path / "n.npz") == learned
    write_weights(tmp_path / "n.npz", ARRAYS, b"{}")
    with pytest.raises(ConfigError, match="inner, inner_bias, outer, outer_bias are asked"):
        read_tuned(tmp_path / "n.npz")
