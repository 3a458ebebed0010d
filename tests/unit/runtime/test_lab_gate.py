"""The gate verb: checks passed and failed with their reasons, and files that it refuses."""

import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from terminal.__main__ import main
from terminal.core.units import DAY
from terminal.lab.calibrate import calibrated
from terminal.lab.dynamics import checked
from terminal.lab.gate import SHADOW_DAYS, Check
from terminal.lab.network import FAMILY, LEARNED
from terminal.lab.search import Found
from terminal.lab.shape import NAMES, PRIOR
from terminal.lab.stress import stresses
from terminal.lab.walk_forward import Frozen
from terminal.lab.windows import Setup
from terminal.model.risk import PolicyKind
from terminal.model.shadow import AddShadow
from terminal.oracle.shadow import Run, Tally
from terminal.runtime.lab_files import TunedFile, read_tuned, write_tuned
from terminal.runtime.lab_gate import Candidate, Verdict, candidate_of, fields_of, gate_table
from terminal.runtime.shadow_file import Kept, file_of, write_kept
from tests.helpers.builders import profile, spec
from tests.unit.lab.walks import bars_from, walk
from tests.unit.runtime.test_sweep import NAME, START_MS, write_bars

BEGIN = START_MS * 1_000_000
CALIBRATION = calibrated(bars_from(walk(1, 40)))
TUNED = TunedFile(
    coin="BTC",
    symbol="BTCUSDT",
    policy="band",
    numbers=NAMES,
    setup=Setup(),
    aversion=2e-5,
    paths=40,
    seed=1,
    frozen=Frozen(BEGIN, BEGIN + 40 * DAY, 0.6, Found(PRIOR, 2e-5, 0.0, 0.0, (("history", 1.0),))),
    worlds=CALIBRATION,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_bars(tmp_path / NAME, walk(1, 62))
    write_tuned(tmp_path / "t.json", TUNED)
    return tmp_path


def judged(folder: Path, *options: str) -> int:
    return main(["lab", "gate", str(folder / "t.json"), str(folder / NAME), *options])


def test_the_reference_itself_stays_and_every_reason_is_said(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert judged(folder, "--draws", "100", "--shadow-days", "14", "--json") == 1
    found = json.loads(capsys.readouterr().out)
    checks = {each["name"]: each for each in found["checks"]}
    assert not found["promoted"]
    assert found["fields"] == {}
    assert not checks["cost"]["passed"]
    assert "must be under 0.97" in checks["cost"]["why"]
    assert "16 test windows (30 needed), 0 of them seen" in checks["unseen windows"]["why"]
    assert checks["shadow"]["passed"]
    assert checks["stress worlds"]["why"] == "6 of 6 tried"
    assert checks["stress: trend"]["passed"]


def test_the_shadow_of_a_run_is_asked_how_long_it_has_been_one(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = profile(spec(PolicyKind.WHALLEY_WILMOTT, leave=1.0))
    aside = AddShadow("tuned", replace(rules, risk_aversion=2e-5))
    run = Run(own=Tally(span=3 * DAY))
    kept = Kept(
        run="r",
        at=BEGIN,
        profile=rules,
        shadows=(aside,),
        runs={"tuned": {"BTC": run}},
        live={"BTC": run},
    )
    write_kept(file_of(folder / "journal"), kept)
    judged(folder, "--draws", "100", "--paths", "40", "--shadow", str(folder / "journal"), "--json")
    checks = {each["name"]: each for each in json.loads(capsys.readouterr().out)["checks"]}
    assert checks["shadow"]["why"] == "3 of 14 days in shadow"
    assert not checks["shadow"]["passed"]


def test_a_verdict_says_what_follows() -> None:
    checks = (Check("cost", passed=True, why="cost ratio 0.9"),)
    fields = fields_of(PRIOR, 3e-5)
    candidate = Candidate("mine", *candidate_of("math:sin", "", 40)[1:])
    text = gate_table(Verdict("mine", promoted=True, checks=checks, fields=fields), candidate)
    assert "mine, not trained:" in text
    assert "passed  cost" in text
    assert "kind = whalley_wilmott, risk_aversion = 3e-05, leave = 1" in text
    assert "No profile can hold it" in gate_table(Verdict("mine", True, checks, {}), candidate)
    failed = (Check("shadow", passed=False, why=f"0 of {SHADOW_DAYS}"),)
    text = gate_table(Verdict("mine", False, failed, {}), candidate)
    assert "FAILED  shadow" in text
    assert "It stays in the lab: shadow." in text


def test_a_shape_that_the_lab_alone_can_run_has_no_fields() -> None:
    assert fields_of((0.5, 0.1, 0.2, 0.0, 0.0), 1e-5)["tilt_pct"] == 10.0
    assert fields_of((*PRIOR[:4], 0.3), 1e-5) == {}


def test_a_learned_policy_is_a_candidate_like_any_other(folder: Path) -> None:
    found = replace(TUNED.frozen.found, point=FAMILY.prior)
    learned = replace(
        TUNED, policy="network", numbers=FAMILY.names, frozen=replace(TUNED.frozen, found=found)
    )
    write_tuned(folder / "n.npz", learned)
    candidate = candidate_of(str(folder / "n.npz"), "", 40)
    assert candidate.rule.name == LEARNED
    assert candidate.fields == {}


def test_stress_worlds_are_possible_ones() -> None:
    for law in stresses(CALIBRATION).values():
        assert checked(law, 1.0 / (365 * 144)) == law
        assert law not in CALIBRATION.laws


def test_a_file_is_read_as_it_was_written_or_refused(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / "t.json"
    assert read_tuned(path) == TUNED
    short = replace(TUNED.frozen.found, point=(1.0,))
    for text, said in (
        (b"{}", "is no tuned policy of the lab"),
        (path.read_bytes().replace(b"tuned-1", b"tuned-9"), "of another version"),
        (None, "a point has 5 numbers"),
    ):
        if text is None:
            write_tuned(path, replace(TUNED, frozen=replace(TUNED.frozen, found=short)))
        else:
            path.write_bytes(text)
        assert judged(folder) == 2
        assert said in capsys.readouterr().err
        write_tuned(path, TUNED)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--coin", "ETH"), "was tuned on BTC, not on ETH"),
        (("--shadow-days", "-1"), "give 0 to 3650"),
        (("--draws", "1"), "--draws must be 100 to 10000"),
        (("--cost-bp", "0"), "give 0.1 to 100"),
        (("--shadow", "j", "--shadow-days", "1"), "--shadow or --shadow-days, not both"),
        (("--shadow", "j"), "j-shadows.json does not exist: name the journal of a run"),
    ],
)
def test_bad_input_is_named_with_its_remedy(
    folder: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], said: str
) -> None:
    assert judged(folder, *options) == 2
    assert said in capsys.readouterr().err


def test_a_policy_of_others_that_raises_is_named(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["lab", "gate", "math:sin", str(folder / NAME)]) == 2
    assert "policy math:sin failed at decision 0: TypeError" in capsys.readouterr().err
    assert main(["lab", "gate", str(folder / "none.json"), str(folder / NAME)]) == 2
    assert "none.json cannot be read: No such file" in capsys.readouterr().err
