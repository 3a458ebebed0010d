"""The set-up script: what it refuses, what it offers, and that its locks fit the project."""

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path

import environment
import launch
import pytest
import start
import system
import versions

ROOT = Path(__file__).resolve().parent.parent
START = ROOT / "packaging" / "start.py"
ABSENT = system.Need("libgammadesk-does-not-exist.so.7", "libabsent7")

Run = Callable[..., subprocess.CompletedProcess[str]]


def _pins(lock: Path) -> set[str]:
    return set(re.findall(r"^([a-z0-9-]+==[^ ]+)", lock.read_text("utf-8"), re.MULTILINE))


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run start.py with nothing in its environment but what the test puts there."""

    def start_it(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, str(START), *arguments],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), **variables},
            capture_output=True,
            text=True,
            check=False,
        )

    return start_it


# ------------------------------------------------------------------------------------ versions


@pytest.mark.parametrize("version", [(3, 11), (3, 12), (3, 13)])
def test_supported_versions_pass(version: tuple[int, int]) -> None:
    assert versions.version_problem(version) is None


@pytest.mark.parametrize("version", [(2, 7), (3, 10), (3, 14), (4, 0)])
def test_other_versions_get_one_line(version: tuple[int, int]) -> None:
    problem = versions.version_problem(version)
    assert problem is not None
    assert "3.11, 3.12 or 3.13" in problem
    assert f"{version[0]}.{version[1]}" in problem
    assert "\n" not in problem


def test_unsupported_interpreter_stops_before_anything_is_done(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.version_info", (3, 14, 0))
    assert start.main(["test"]) == 2
    assert capsys.readouterr().err.startswith("Gammadesk needs Python")


def test_range_of_versions_is_the_one_in_pyproject() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    ends = (versions.OLDEST, versions.FIRST_UNSUPPORTED)
    low, high = (".".join(map(str, each)) for each in ends)
    assert project["requires-python"] == f">={low},<{high}"


# --------------------------------------------------------------------------- the command line


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="windows open without DISPLAY")
def test_without_a_display_it_says_so_and_offers_a_picture(run: Run) -> None:
    done = run()
    assert done.returncode == 2
    assert "There is no display here" in done.stderr
    assert "--screenshot gammadesk.png --after 30s --size 1920x1080 --theme dark" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("platform", "variables"),
    [
        ("linux", {"DISPLAY": ":0"}),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}),
        ("linux", {"QT_QPA_PLATFORM": "vnc"}),
        ("darwin", {}),
        ("win32", {}),
    ],
)
def test_display_is_recognised(platform: str, variables: Mapping[str, str]) -> None:
    assert launch.display_problem(platform, variables) is None


def test_empty_display_is_no_display() -> None:
    assert launch.display_problem("linux", {"DISPLAY": ""}) is not None


@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_explains_every_verb(run: Run, flag: str) -> None:
    done = run(flag)
    assert done.returncode == 0
    for words in ("start.py test", "start.py check", "--screenshot", "--mode"):
        assert words in done.stdout


@pytest.mark.parametrize("arguments", [["tset"], ["check", "ui"]])
def test_misspelt_commands_are_refused(run: Run, arguments: list[str]) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "platform"),
    [
        (["--screenshot", "a.png"], "offscreen"),
        (["--theme", "dark", "--screenshot=a.png"], "offscreen"),
        (["--mode", "sim"], None),
    ],
)
def test_a_picture_needs_no_display(arguments: list[str], platform: str | None) -> None:
    assert launch.terminal_variables(arguments, {}).get("QT_QPA_PLATFORM") == platform


def test_a_chosen_qt_platform_is_kept() -> None:
    variables = launch.terminal_variables(["--screenshot", "a.png"], {"QT_QPA_PLATFORM": "vnc"})
    assert variables["QT_QPA_PLATFORM"] == "vnc"


def test_sources_come_before_the_callers_own_python_path() -> None:
    variables = launch.terminal_variables([], {"PYTHONPATH": "mine", "LANG": "C"})
    assert variables["PYTHONPATH"].split(os.pathsep) == [str(ROOT), "mine"]
    assert variables["LANG"] == "C"


# --------------------------------------------------------------------------- system libraries


def test_missing_keeps_what_is_absent_in_order() -> None:
    needs = [system.Need(name, f"package-{name}") for name in "abcd"]
    assert system.missing(needs, lambda name: name in "bd") == [needs[0], needs[2]]


def test_loader_tells_present_from_absent_libraries() -> None:
    present = system.missing(system.QT_LIBRARIES, system.can_load)
    assert present == [], "Qt is loaded in this process, so its libraries are there"
    assert system.missing([ABSENT], system.can_load) == [ABSENT]


def test_missing_library_names_the_exact_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(system, "may_install", lambda: False)
    monkeypatch.setattr(system, "has_program", lambda _: True)
    with pytest.raises(system.SystemProblem) as caught:
        system.require([ABSENT], purpose="the window")
    assert "sudo apt-get install -y --no-install-recommends libabsent7" in str(caught.value)
    assert ABSENT.name in capsys.readouterr().out


def test_other_distributions_get_the_names_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "has_program", lambda _: False)
    assert "sudo" not in system.remedy(["libabsent7"])
    assert "libabsent7" in system.remedy(["libabsent7"])


def test_root_on_debian_installs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    calls = tmp_path / "calls"
    apt = tmp_path / "apt-get"
    apt.write_text(f'#!/bin/sh\necho "$DEBIAN_FRONTEND $@" >> {calls}\n', "utf-8")
    apt.chmod(0o755)
    monkeypatch.setattr(system, "may_install", lambda: True)
    monkeypatch.setenv("PATH", str(tmp_path))
    system.install(["liba1", "libb2"])
    assert calls.read_text("utf-8").splitlines() == [
        "noninteractive update",
        "noninteractive install -y --no-install-recommends liba1 libb2",
    ]


def test_failing_apt_is_reported_in_its_own_words(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    apt = tmp_path / "apt-get"
    apt.write_text("#!/bin/sh\necho 'E: Could not get lock' >&2; exit 100\n", "utf-8")
    apt.chmod(0o755)
    monkeypatch.setattr(system, "may_install", lambda: True)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(system.SystemProblem, match="E: Could not get lock"):
        system.install(["liba1"])


def test_tests_run_without_a_display_server(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(system, "may_install", lambda: False)
    monkeypatch.setattr(system, "has_program", lambda _: False)
    system.offer_for_tests()
    said = capsys.readouterr().out
    assert "on a real display will be skipped without Xvfb" in said
    assert "of the keychain will be skipped without dbus-daemon, gnome-keyring-daemon" in said


def test_keychain_programs_are_installed_where_only_they_are_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(system, "has_program", lambda name: "keyring" not in name)
    monkeypatch.setattr(system, "can_load", lambda _: True)
    monkeypatch.setattr(system, "install", asked.extend)
    system.offer_for_tests()
    assert asked == ["gnome-keyring"]


# ------------------------------------------------------------------- environment and its locks


def test_half_made_environment_is_not_used(tmp_path: Path) -> None:
    assert not environment.usable(tmp_path)
    python = environment.interpreter(tmp_path)
    python.parent.mkdir()
    python.write_text("#!/bin/sh\nexit 1\n", "utf-8")
    python.chmod(0o755)
    assert not environment.usable(tmp_path)


def test_environment_of_an_unsupported_python_is_not_used(tmp_path: Path) -> None:
    python = environment.interpreter(tmp_path)
    python.parent.mkdir()
    python.write_text("#!/bin/sh\necho 3 10\n", "utf-8")
    python.chmod(0o755)
    assert not environment.usable(tmp_path)


def test_debian_without_ensurepip_names_the_package(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    monkeypatch.setattr(system, "may_install", lambda: False)
    monkeypatch.setattr(system, "has_program", lambda _: True)
    wanted = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    with pytest.raises(system.SystemProblem, match=wanted):
        environment.prepare(tmp_path / "venv", environment.RUN_LOCK)
    assert not (tmp_path / "venv").exists()


def test_unusable_environment_is_replaced(tmp_path: Path) -> None:
    left_over = tmp_path / "venv" / "lib" / "left-over"
    left_over.parent.mkdir(parents=True)
    left_over.touch()
    environment.create(tmp_path / "venv")
    assert environment.usable(tmp_path / "venv")
    assert not left_over.exists()


def _fake_environment(venv: Path, pip: str) -> Path:
    python = environment.interpreter(venv)
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\n[ "$1" = -c ] && echo 3 11 && exit\n{pip}\n', "utf-8")
    python.chmod(0o755)
    return python


def test_packages_are_installed_once_per_lock(tmp_path: Path) -> None:
    calls = tmp_path / "calls"
    venv = tmp_path / "venv"
    _fake_environment(venv, f'echo "$@" >> {calls}')
    for _ in range(2):
        environment.prepare(venv, environment.TEST_LOCK)
        environment.prepare(venv, environment.RUN_LOCK)   # a part of the other
    (call,) = calls.read_text("utf-8").splitlines()
    assert "--require-hashes --only-binary :all:" in call
    environment.stamp_file(venv, environment.RUN_LOCK).write_text("of an older lock", "ascii")
    environment.prepare(venv, environment.RUN_LOCK)
    assert len(calls.read_text("utf-8").splitlines()) == 2


def test_interrupted_installation_is_repeated(tmp_path: Path) -> None:
    _fake_environment(tmp_path / "venv", "exit 1")
    with pytest.raises(environment.InstallProblem, match="could not be installed"):
        environment.prepare(tmp_path / "venv", environment.RUN_LOCK)
    assert not environment.installed(tmp_path / "venv", environment.RUN_LOCK)


def test_lock_for_tests_contains_the_lock_for_running() -> None:
    assert _pins(environment.RUN_LOCK) < _pins(environment.TEST_LOCK)


@pytest.mark.parametrize("lock", [environment.RUN_LOCK, environment.TEST_LOCK])
def test_every_pin_has_a_hash_and_none_an_address(lock: Path) -> None:
    text = lock.read_text("utf-8")
    assert "://" not in text
    for entry in re.split(r"\n(?=\S)", text):
        assert entry.startswith("#") or "--hash=sha256:" in entry, entry


def test_every_dependency_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wanted = {
        environment.RUN_LOCK: project["project"]["dependencies"],
        environment.TEST_LOCK: project["dependency-groups"]["dev"],
    }
    for lock, requirements in wanted.items():
        locked = {pin.partition("==")[0] for pin in _pins(lock)}
        names = {re.split(r"[=<>]", each)[0].lower().replace("_", "-") for each in requirements}
        assert names <= locked
