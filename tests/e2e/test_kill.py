"""The crash test in short, and proof that it can fail; the long one is ``python -m tests.kill``."""

import sys
from pathlib import Path

import pytest

from tests.kill import Plan, crash_test

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")


def test_nothing_is_lost_by_kills_at_random_moments(tmp_path: Path) -> None:
    found = crash_test(Plan(times=6, seed=3), tmp_path)
    assert found.orders > 0
    assert found.fills > 0
    assert (found.orphans, found.doubles, found.broken) == ([], [], [])


def test_a_build_that_sends_before_it_journals_is_caught(tmp_path: Path) -> None:
    found = crash_test(Plan(times=6, seed=3, careless=True), tmp_path)
    assert found.orphans
