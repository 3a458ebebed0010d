"""The planted bugs stay plantable: each still finds its lines, and every class has one."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.mutants.__main__ import chosen, line
from tests.mutants.catalogue import FAULTS, kinds
from tests.mutants.fault import Edit, Fault, planted, rot
from tests.mutants.planting import ROOT, Verdict, trial


@pytest.mark.parametrize("fault", FAULTS, ids=lambda each: each.says)
def test_every_fault_can_be_planted(fault: Fault) -> None:
    assert rot(fault, ROOT) == ""
    for name, content in planted(fault, ROOT).items():
        assert content != (ROOT / name).read_text("utf-8")


def test_every_class_of_the_rules_has_a_fault() -> None:
    assert {each.kind for each in FAULTS} == set(kinds())
    assert len(kinds()) >= 48
    assert len({each.says for each in FAULTS}) == len(FAULTS)


def test_rot_is_told() -> None:
    sound = FAULTS[0]
    gone = replace(sound, edits=(Edit("terminal/__init__.py", "no such line", ""),))
    assert "holds 0 times" in rot(gone, ROOT)
    assert "is gone" in rot(replace(sound, tests=("tests/no_such_file.py",)), ROOT)
    assert "changes nothing" in rot(replace(sound, edits=()), ROOT)


def test_a_fault_is_planted_noticed_and_taken_out_again(tmp_path: Path) -> None:
    (tmp_path / "sums.py").write_text("def double(x: int) -> int:\n    return 2 * x\n", "utf-8")
    test = "from sums import double\n\n\ndef test_it() -> None:\n    assert double(2) == {}\n"
    (tmp_path / "test_good.py").write_text(test.format(4), "utf-8")
    (tmp_path / "test_blind.py").write_text(test.replace("double(2)", "double(0)").format(0))
    edit = Edit("sums.py", "return 2 * x", "return 3 * x")
    fault = Fault("sums", "thrice", (edit,), ("test_good.py",))
    found = trial(fault, tmp_path, everything=False)
    assert found.caught_by == "test_good.py::test_it"
    assert "return 2 * x" in (tmp_path / "sums.py").read_text("utf-8")
    blind = trial(replace(fault, tests=("test_blind.py",)), tmp_path, everything=False)
    assert blind == Verdict(replace(fault, tests=("test_blind.py",)), "")
    assert "SURVIVED" in line(blind)
    lost = trial(replace(fault, tests=("test_none.py",)), tmp_path, everything=False)
    assert "pytest ended" in lost.trouble


def test_faults_are_chosen_by_their_words() -> None:
    assert chosen("") == FAULTS
    assert {each.kind for each in chosen("skip crc")} == {"skip CRC"}
