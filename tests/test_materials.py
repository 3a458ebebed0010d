"""What the program is made of: all that is locked is named, allowed, and checked by hash."""

import base64
import hashlib
import json
import os
import re
import sys
import zipfile
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

import environment
import launch
import licences
import materials
import pytest
from licences import why_not
from lockfile import Pin, read_lock

LOCKS = (environment.RUN_LOCK, environment.TEST_LOCK)


# ------------------------------------------------------------------------------------- the lock


@pytest.mark.parametrize("lock", LOCKS, ids=lambda each: each.stem)
def test_every_line_of_a_lock_is_read(lock: Path) -> None:
    pins = read_lock(lock)
    text = lock.read_text("utf-8")
    assert [each.name for each in pins] == re.findall("^([a-z].*?)==", text, re.MULTILINE)
    assert sum(len(each.hashes) for each in pins) == text.count("--hash=sha256:")
    assert all(each.wanted_by for each in pins)
    windows = {each.name for each in pins if "sys_platform == 'win32'" in each.marker}
    assert windows == set(licences.OF_OTHER_SYSTEMS)


@pytest.mark.parametrize(
    "line",
    [
        "demo==1.0\n",
        "demo==1.0 \\\n    # via nobody\n",
        "demo>=1.0 \\\n    --hash=sha256:" + "0" * 64,
        "-e .\n",
        "https://example.org/demo.whl\n",
    ],
)
def test_a_line_without_a_version_or_a_hash_is_refused(tmp_path: Path, line: str) -> None:
    lock = tmp_path / "some.lock"
    lock.write_text(line, "utf-8")
    with pytest.raises(ValueError, match=r"some\.lock"):
        read_lock(lock)


# ----------------------------------------------------------------------------------- installing


def _wheel(folder: Path, name: str) -> str:
    """Make a wheel of nothing; its SHA-256."""
    info = f"{name}-1.0.dist-info"
    about = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
    kind = "Wheel-Version: 1.0\nGenerator: t\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    files = {f"{name}.py": "", f"{info}/METADATA": about, f"{info}/WHEEL": kind}
    rows = []
    path = folder / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for place, text in files.items():
            wheel.writestr(place, text)
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest())
            rows.append(f"{place},sha256={digest.decode().rstrip('=')},{len(text)}")
        wheel.writestr(f"{info}/RECORD", "\n".join([*rows, f"{info}/RECORD,,", ""]))
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_wheel_with_another_hash_is_not_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """The real pip, the real command, no network: one byte of a wheel is changed, and put right."""
    wheels, venv, lock = tmp_path / "wheels", tmp_path / "venv", tmp_path / "demo.lock"
    site, python = tmp_path / "site", environment.interpreter(venv)
    wheels.mkdir()
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n', "utf-8")
    python.chmod(0o755)
    for name, value in (
        ("PIP_NO_INDEX", "1"),
        ("PIP_FIND_LINKS", str(wheels)),
        ("PIP_CONFIG_FILE", os.devnull),
        ("PIP_TARGET", str(site)),
    ):
        monkeypatch.setenv(name, value)
    true = _wheel(wheels, "demo")
    lock.write_text(f"demo==1.0 \\\n    --hash=sha256:{true}\n", "utf-8")
    wheel = wheels / "demo-1.0-py3-none-any.whl"
    content = wheel.read_bytes()
    wheel.write_bytes(content + b"\0")
    with pytest.raises(environment.InstallProblem):
        environment.prepare(venv, lock)
    assert "DO NOT MATCH THE HASHES" in capfd.readouterr().err
    assert not site.exists()
    assert not environment.installed(venv, lock)

    lock.write_text("demo==1.0\n", "utf-8")
    with pytest.raises(environment.InstallProblem):
        environment.prepare(venv, lock)
    assert "require-hashes" in capfd.readouterr().err

    wheel.write_bytes(content)
    lock.write_text(f"demo==1.0 \\\n    --hash=sha256:{true}\n", "utf-8")
    assert environment.prepare(venv, lock) == python
    assert (site / "demo.py").exists()


# ------------------------------------------------------------------------------------- licences


@pytest.mark.parametrize(
    "expression",
    [
        "MIT",
        "MIT OR Apache-2.0",
        "LGPL-3.0-only OR GPL-2.0-only OR GPL-3.0-only",
        "MPL-2.0 AND (Apache-2.0 OR MIT)",
        "BSD-2-Clause AND Apache-2.0 WITH LLVM-exception",
        "(GPL-3.0-only OR MIT) AND 0BSD",
    ],
)
def test_a_licence_that_may_be_used(expression: str) -> None:
    assert why_not(expression) == ""


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("", "unknown"),
        ("GPL-3.0-only", "not among"),
        ("AGPL-3.0-or-later", "not among"),
        ("MIT AND GPL-2.0-only", "not among"),
        ("MIT AND (GPL-2.0-only OR SSPL-1.0)", "not among"),
        ("Apache-2.0 WITH Commons-Clause", "not among"),
        ("Proprietary", "not among"),
        ("MIT License", "not understood"),
        ("MIT OR", "not understood"),
        ("(MIT", "not understood"),
        ("MIT; see LICENSE", "not understood"),
    ],
)
def test_a_licence_that_may_not(expression: str, why: str) -> None:
    assert why_not(expression).startswith(why)


@pytest.mark.parametrize(
    ("fields", "expression"),
    [
        ({"License-Expression": "MIT", "License": "other"}, "MIT"),
        ({"License": "Apache 2.0"}, "Apache-2.0"),
        ({"License": "MIT License"}, "MIT"),
        (
            {
                "License": "a\n        long text",
                "Classifier": "License :: OSI Approved :: BSD License",
            },
            "BSD",
        ),
        ({"License": "All rights reserved"}, "All rights reserved"),
        ({"Classifier": "Programming Language :: Python"}, ""),
        ({}, ""),
    ],
)
def test_what_a_package_states(tmp_path: Path, fields: dict[str, str], expression: str) -> None:
    lines = ["Metadata-Version: 2.4", "Name: demo", "Version: 1.0"]
    lines += [f"{name}: {value}" for name, value in fields.items()]
    (tmp_path / "METADATA").write_text("\n".join(lines), "utf-8")
    assert licences.stated(metadata.PathDistribution(tmp_path).metadata) == expression


def test_no_locked_package_has_an_unknown_or_forbidden_licence() -> None:
    assert materials.problems(materials.materials()) == []


# ------------------------------------------------------------------------------------- the bill


def test_the_bill_names_every_locked_package_and_what_is_carried(tmp_path: Path) -> None:
    assert materials.main(["--to", str(tmp_path / "one")]) == 0
    assert materials.main(["--to", str(tmp_path / "two")]) == 0
    for name in (materials.BILL, materials.LICENCES):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    bill = json.loads((tmp_path / "one" / materials.BILL).read_text("utf-8"))
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    by_name = {each["name"]: each for each in bill["components"]}
    running = {each.name for each in read_lock(environment.RUN_LOCK)}
    for pin in read_lock(environment.TEST_LOCK):
        found = by_name.pop(pin.name)
        assert (found["version"], found["purl"]) == (pin.version, pin.purl)
        assert found["scope"] == ("required" if pin.name in running else "excluded")
        (distribution,) = found["externalReferences"]
        assert {each["content"] for each in distribution["hashes"]} == set(pin.hashes)
        assert found["licenses"]
    assert set(by_name) == {each.name for each in materials.CARRIED}
    listed = (tmp_path / "one" / materials.LICENCES).read_text("utf-8")
    assert all(f"{each.name} {each.version}" in listed for each in read_lock(environment.TEST_LOCK))
    assert "SIL OPEN FONT LICENSE" in listed


def test_the_bill_says_who_needs_whom() -> None:
    bill = materials.bill(materials.materials(), "0.1.0")
    needs = {each["ref"]: each["dependsOn"] for each in bill["dependencies"]}
    refs = {each["bom-ref"] for each in bill["components"]}
    assert {each for some in needs.values() for each in some} <= refs
    versions = {each.name: each.purl for each in read_lock(environment.RUN_LOCK)}
    assert versions["aiohttp"] in needs[versions["ccxt"]]
    assert versions["ccxt"] in needs["pkg:generic/gammadesk@0.1.0"]
    assert set(needs) == {each for each in refs if each.startswith("pkg:")} | {
        "pkg:generic/gammadesk@0.1.0"
    }


def test_a_bad_licence_fails_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pin = Pin("viral", "2.0", "", ("0" * 64,), ("gammadesk",))
    found = (materials.Material(pin, "AGPL-3.0-only", runs=True, texts=()),)
    monkeypatch.setattr(materials, "materials", lambda: found)
    assert materials.main(["--to", str(tmp_path)]) == 1
    assert "viral 2.0: licence not among the allowed" in capsys.readouterr().err


def test_another_version_than_the_locked_one_proves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = tmp_path / "some.lock"
    lock.write_text(f"numpy==0.0.1 \\\n    --hash=sha256:{'0' * 64}\n    # via x\n", "utf-8")
    monkeypatch.setattr(materials, "RUN_LOCK", lock)
    monkeypatch.setattr(materials, "TEST_LOCK", lock)
    assert materials.problems(materials.materials()) == ["numpy 0.0.1: licence unknown"]


def test_a_folder_that_cannot_be_written_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "taken").write_text("mine", "utf-8")
    assert materials.main(["--to", str(tmp_path / "taken")]) == 2
    assert "taken cannot be written" in capsys.readouterr().err


def test_start_runs_it_in_the_environment_of_the_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[Sequence[str]] = []

    def become(words: Sequence[str], _: object) -> int:
        ran.append(words)
        return 0

    monkeypatch.setattr(environment, "prepare", lambda venv, lock: venv / lock.name)
    monkeypatch.setattr(launch, "become", become)
    assert launch.main(["materials", "--to", "here"]) == 0
    ((python, script, *rest),) = ran
    assert python.endswith("requirements-dev.lock")
    assert Path(script) == Path(materials.__file__)
    assert rest == ["--to", "here"]
