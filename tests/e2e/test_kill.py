"""The crash test in short, and proof that it can fail; the long one is ``python -m tests.kill``."""

import sys
from pathlib import Path

import pytest

from tests.kill import Plan, crash_test, point_test
from tests.kill_labels import ELSEWHERE, LABELS

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")

LISTED = (
    "after_signal",
    "after_proposal",
    "after_approval",
    "before_verdict",
    "after_verdict",
    "before_intent_commit",
    "mid_intent_write",
    "after_intent_commit",
    "before_send",
    "mid_send",
    "after_send_no_reply",
    "after_reply_before_commit",
    "after_ack_commit",
    "on_partial_fill",
    "on_fill_before_ack",
    "before_cancel",
    "after_cancel_no_reply",
    "during_replace_gap",
    "during_snapshot",
    "during_log_rotate",
    "during_reconcile",
    "during_adoption",
    "during_kill_latch",
    "after_latch_before_cancel_all",
    "during_schema_migration",
    "during_config_save",
    "during_day_roll",
    "during_funding_booking",
    "during_expiry_settlement",
    "during_shutdown",
)
"""Every labelled crash point that the reliability dossier asks for."""


def test_nothing_is_lost_by_kills_at_random_moments(tmp_path: Path) -> None:
    found = crash_test(Plan(times=6, seed=3), tmp_path)
    assert found.orders > 0
    assert found.fills > 0
    assert (found.orphans, found.doubles, found.broken) == ([], [], [])


def test_a_build_that_sends_before_it_journals_is_caught(tmp_path: Path) -> None:
    found = crash_test(Plan(times=6, seed=3, careless=True), tmp_path)
    assert found.orphans


def test_nothing_is_lost_at_labelled_points_and_while_they_are_recovered(tmp_path: Path) -> None:
    names = ("mid_intent_write", "after_send_no_reply", "during_log_rotate_2")
    found = point_test(Plan(times=0, seed=3), tmp_path, names)
    assert found.kills == 3 * len(names)
    assert found.repaired > 0
    assert (found.orphans, found.doubles, found.broken) == ([], [], [])


def test_every_labelled_point_has_a_place_or_a_reason() -> None:
    known = {each.name for each in LABELS} | ELSEWHERE.keys()
    assert set(LISTED) <= known
    assert all(each.place for each in LABELS)
