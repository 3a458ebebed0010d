"""The measure of branches: what it calls a gap, and what it measures."""

from tests.coverage import FLOORS, ROOT, gaps


def test_a_branch_that_was_never_taken_is_named_once() -> None:
    files = {
        "a.py": {"missing_lines": [], "missing_branches": []},
        "b.py": {"missing_lines": [7], "missing_branches": [[6, 7], [9, -4], [9, 12]]},
    }
    assert list(gaps({"files": files})) == ["b.py: 7; 9 to the end, 9 to 12"]


def test_what_is_measured_is_there() -> None:
    for floor in FLOORS.values():
        for pattern in (*floor.files, *floor.tests):
            assert any(ROOT.glob(pattern)), pattern
