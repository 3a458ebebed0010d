"""Files of this user alone, and folders from which code is run."""

import asyncio
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from terminal.core.errors import ConfigError
from terminal.runtime import kernels
from terminal.runtime.private import keep_files_private, make_trusted_folder

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="rights are the folder's there")


@pytest.fixture(autouse=True)
def lax() -> Iterator[None]:
    """Give everything to everybody, as a careless shell does."""
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_files_and_folders_are_closed_whatever_the_shell_says(tmp_path: Path) -> None:
    keep_files_private()
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "c.txt").write_text("mine", "utf-8")
    assert [mode(tmp_path / each) for each in ("a", "a/b", "a/b/c.txt")] == [0o700, 0o700, 0o600]


def test_a_trusted_folder_is_made_closed_and_used_again(tmp_path: Path) -> None:
    folder = tmp_path / "kernels"
    make_trusted_folder(folder)
    make_trusted_folder(folder)
    assert mode(folder) == 0o700


@pytest.mark.parametrize("rights", [0o770, 0o702, 0o777])
def test_a_folder_that_others_write_to_is_not_trusted(tmp_path: Path, rights: int) -> None:
    folder = tmp_path / "kernels"
    folder.mkdir()
    folder.chmod(rights)
    with pytest.raises(ConfigError, match="others may write") as found:
        make_trusted_folder(folder)
    assert str(folder) in str(found.value)
    assert "chmod go-w" in str(found.value)


def test_a_folder_of_somebody_else_is_not_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "kernels"
    folder.mkdir(mode=0o700)
    monkeypatch.setattr(os, "geteuid", lambda: folder.stat().st_uid + 1)
    with pytest.raises(ConfigError, match="belongs to another user"):
        make_trusted_folder(folder)


def test_a_file_where_the_folder_should_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "kernels").write_text("mine", "utf-8")
    with pytest.raises(ConfigError, match="kernels cannot be used"):
        make_trusted_folder(tmp_path / "kernels")


def test_compiled_code_of_an_open_folder_is_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The compiler keeps machine code in pickles: who may write there runs code here."""
    tmp_path.chmod(0o777)
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(kernels, "load", lambda _: pytest.fail("loaded"))
    assert "others may write" in asyncio.run(kernels.why_not_compiled())
