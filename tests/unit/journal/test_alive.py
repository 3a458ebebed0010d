"""The file by which another process sees that the engine lives."""

import os
from pathlib import Path

from terminal.journal.alive import ALIVE_NAME, ended, silence, touch


def test_silence_is_counted_from_the_last_word(tmp_path: Path) -> None:
    assert silence(tmp_path, 100.0) is None
    touch(tmp_path)
    os.utime(tmp_path / ALIVE_NAME, (50.0, 50.0))
    assert silence(tmp_path, 62.5) == 12.5
    assert silence(tmp_path, 40.0) == 0.0  # a clock that was put back is no silence
    touch(tmp_path)
    assert (tmp_path / ALIVE_NAME).stat().st_mtime > 50.0
    ended(tmp_path)
    ended(tmp_path)
    assert silence(tmp_path, 100.0) is None


def test_a_folder_that_is_gone_is_nobodys_trouble(tmp_path: Path) -> None:
    touch(tmp_path / "gone")
    ended(tmp_path / "gone")
    assert silence(tmp_path / "gone", 1.0) is None
