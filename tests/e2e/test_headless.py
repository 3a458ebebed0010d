"""The command line as scripts see it: objects, exit codes, one line for a mistake, clean ends."""

import json
import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from terminal.journal.journal import open_journal
from tests.bench.backtest import make_tape

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0
CONTRACT = {
    "records",
    "proposals",
    "approvals",
    "denials",
    "orders",
    "fills",
    "hedge_cost_usd",
    "pnl_usd",
    "attribution_usd",
    "underlyings",
}
PER_COIN = {"net_delta", "max_abs_net_delta", "seconds_outside_band", "traded_coin"}


def terminal(*words: object, **env: str) -> subprocess.CompletedProcess[str]:
    """Run a verb to its end."""
    return subprocess.run(
        [sys.executable, "-m", "terminal", *map(str, words)],
        cwd=ROOT,
        env=os.environ | env,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def answer(*words: object, **env: str) -> dict[str, Any]:
    """Run a verb that must succeed and read its one object."""
    done = terminal(*words, "--json", **env)
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    found: dict[str, Any] = json.loads(line)
    return found


def refusal(*words: object) -> str:
    """Run a verb that must refuse its input, and read why."""
    done = terminal(*words)
    assert done.returncode == 2, (done.returncode, done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    assert not done.stdout
    return done.stderr


def check_outcome(found: dict[str, Any]) -> None:
    assert found.keys() >= CONTRACT
    assert all(each.keys() >= PER_COIN for each in found["underlyings"].values())
    parts = math.fsum(found["attribution_usd"].values())
    assert found["pnl_usd"] == pytest.approx(parts, abs=1e-6)


# -- run --------------------------------------------------------------------------------------


def test_a_seed_gives_one_result_whatever_the_hash_seed() -> None:
    words = ("run", "--for", "3m", "--speed", "max", "--seed", "7")
    first, second = (answer(*words, PYTHONHASHSEED=seed) for seed in ("1", "2"))
    assert first == second
    assert first["orders"] > 0
    assert first["fills"] > 0
    check_outcome(first)


def test_another_seed_gives_another_result() -> None:
    words = ("run", "--for", "10s", "--speed", "max", "--seed")
    assert answer(*words, "7")["pnl_usd"] != answer(*words, "8")["pnl_usd"]


def test_a_table_is_printed_for_people() -> None:
    done = terminal("run", "--for", "10s", "--speed", "max")
    assert done.returncode == 0
    assert "P&L" in done.stdout
    assert not done.stderr


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("run", "--for", "3q"), "'3q'"),
        (("run", "--for", "0s"), "'0s'"),
        (("run", "--speed", "fast"), "'fast'"),
        (("run", "--speed", "nan"), "'nan'"),
        (("run", "--speed=-1"), "'-1'"),
        (("run", "--profile", "nobody"), "'nobody'"),
        (("backtest", "absent.tape"), "absent.tape"),
        (("replay", "pyproject.toml"), "is no tape"),
        (("greeks", "absent.json"), "absent.json"),
        (("dance",), "'dance'"),
    ],
)
def test_bad_input_is_one_line(words: tuple[str, ...], named: str) -> None:
    (line,) = refusal(*words).splitlines()
    assert named in line


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("run", "--nonsense"), "--nonsense"),
        (("run", "--seed", "x"), "--seed"),
        (("run", "--autonomy", "maybe"), "--autonomy"),
        (("backtest",), "tape"),
    ],
)
def test_an_option_that_does_not_exist_is_named(words: tuple[str, ...], named: str) -> None:
    assert named in refusal(*words).splitlines()[-1]


def test_a_directory_that_cannot_hold_a_journal_is_refused(tmp_path: Path) -> None:
    taken, foreign = tmp_path / "file", tmp_path / "foreign"
    taken.write_text("mine", "utf-8")
    foreign.mkdir()
    (foreign / "letter.txt").write_text("mine", "utf-8")
    for path in (taken, taken / "below", foreign):
        (line,) = refusal("run", "--for", "1s", "--speed", "max", "--data", path).splitlines()
        assert str(path) in line
    assert [each.name for each in foreign.iterdir()] == ["letter.txt"]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="needs a user with limits")
def test_a_directory_without_write_access_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    line = refusal("run", "--for", "1s", "--speed", "max", "--data", tmp_path / "journal")
    tmp_path.chmod(0o700)
    assert "write" in line


@pytest.fixture
def running(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A run in accelerated time on a journal, under way."""
    directory = tmp_path / "journal"
    words = ("run", "--speed", "30", "--data", str(directory), "--json")
    process = subprocess.Popen(
        [sys.executable, "-m", "terminal", *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        _wait_for_records(process, directory, 60_000)
        yield process, directory
    finally:
        process.kill()
        process.communicate()


def _wait_for_records(process: subprocess.Popen[str], directory: Path, size: int) -> None:
    limit = time.monotonic() + PATIENCE
    while time.monotonic() < limit:
        assert process.poll() is None, process.communicate()
        if sum(each.stat().st_size for each in directory.glob("*.seg")) > size:
            return
        time.sleep(0.05)
    pytest.fail(f"no records in {sorted(directory.glob('*'))}")


def test_sigterm_ends_a_run_cleanly(running: tuple[subprocess.Popen[str], Path]) -> None:
    process, directory = running
    (line,) = refusal("run", "--for", "1s", "--speed", "max", "--data", directory).splitlines()
    assert f"process {process.pid} on" in line  # a second instance names the holder
    process.send_signal(signal.SIGTERM)
    said, complaint = process.communicate(timeout=5.0)
    assert process.returncode == 0, complaint
    found = json.loads(said)
    check_outcome(found)
    journal = open_journal(directory, run="test", at=1)
    assert journal.recovered.notes == ()
    assert journal.last_seq == found["records"]
    journal.close()


def test_a_run_goes_on_where_the_last_one_ended(tmp_path: Path) -> None:
    words = ("run", "--for", "20s", "--speed", "max", "--data", tmp_path / "journal")
    first, second = answer(*words), answer(*words)
    assert second["run"] == first["run"]
    assert second["ended_at"] > first["ended_at"]
    check_outcome(second)


# -- tapes ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tape(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tapes") / "bars.tape"
    make_tape(path, 1500)
    return path


def test_a_backtest_hedges_and_repeats_itself(tape: Path) -> None:
    first, second = (answer("backtest", tape, PYTHONHASHSEED=seed) for seed in ("1", "2"))
    assert first == second
    assert first["records"] >= 1500
    assert first["fills"] > 0
    check_outcome(first)


def test_a_replay_plays_an_hour_of_a_tape(tape: Path) -> None:
    found = answer("replay", tape, "--speed", "36000", "--for", "1h")
    assert found["mode"] == "replay"
    assert found["records"] > 60
    check_outcome(found)


def test_a_tape_that_was_cut_short_is_refused(tape: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.tape"
    cut.write_bytes(tape.read_bytes()[:-100])
    (line,) = refusal("backtest", cut).splitlines()
    assert "cut short" in line


# -- greeks and doctor ------------------------------------------------------------------------

CALL = {
    "kind": "option",
    "underlying": "BTC",
    "settle": "usd",
    "qty": 2.0,
    "spot": 60_000.0,
    "strike": 60_000.0,
    "years": 0.25,
    "vol": 0.6,
    "right": "call",
}


def _legs(path: Path, content: object) -> Path:
    path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return path


@pytest.mark.parametrize("engine", ["numpy", "vollib"])
def test_greeks_of_a_leg(tmp_path: Path, engine: str) -> None:
    found = answer("greeks", _legs(tmp_path / "legs.json", [CALL]), "--engine", engine)
    deviation = 0.6 * 0.5
    delta = 2.0 * 0.5 * (1.0 + math.erf(0.5 * deviation / math.sqrt(2.0)))  # N(d1), at the money
    (leg,) = found["legs"]
    assert leg["delta"] == pytest.approx(delta, rel=1e-9)
    assert found["total"]["delta_usd"] == pytest.approx(delta * 60_000.0, rel=1e-9)
    assert leg["theta_usd_day"] < 0.0 < leg["vega_usd"]


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("not json", "legs"),
        ([], "leg"),
        ([CALL | {"vol": -1.0}], "vol"),
        ([CALL | {"strike": None}], "strike"),
        ([CALL | {"colour": "red"}], "colour"),
        ('[{"kind": "option", "qty": NaN}]', "legs"),
    ],
)
def test_bad_legs_are_refused_by_name(tmp_path: Path, content: object, named: str) -> None:
    (line,) = refusal("greeks", _legs(tmp_path / "legs.json", content)).splitlines()
    assert named in line


def test_the_doctor_answers(tmp_path: Path) -> None:
    checks = answer("doctor", "--data", tmp_path)["checks"]
    assert {"python", "qt", "keychain", "clock", "disk", "profiles"} <= {c["check"] for c in checks}
    assert all(each["found"] for each in checks)
