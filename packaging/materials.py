"""The bill of materials (CycloneDX 1.6) and the list of licences, from the locks.

Run by ``start.py materials`` in the environment that holds the locked packages: licences are read
from what is installed. Two runs on one lock write the same bytes.
"""

import argparse
import hashlib
import json
import re
import sys
import tomllib
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from licences import OF_OTHER_SYSTEMS, stated, why_not
from lockfile import Pin, read_lock

ROOT = Path(__file__).resolve().parent.parent
RUN_LOCK = ROOT / "packaging" / "requirements.lock"
TEST_LOCK = ROOT / "packaging" / "requirements-dev.lock"
BILL, LICENCES = "gammadesk.cdx.json", "LICENCES.txt"

_TEXTS = re.compile(r"(^|/)(LICEN[CS]E|COPYING|NOTICE|AUTHORS)[^/]*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Material:
    """One thing that the program is made of, or tested with."""

    pin: Pin
    licence: str
    runs: bool  # part of the program, not only of its tests
    texts: tuple[str, ...]  # of its licence, as it is shipped


@dataclass(frozen=True, slots=True)
class Carried:
    """One thing of others that lies among the sources."""

    name: str
    licence: str
    text: str  # file of its licence


CARRIED = (
    Carried("Inter", "OFL-1.1", "resources/fonts/Inter-LICENSE.txt"),
    Carried("JetBrains Mono", "OFL-1.1", "resources/fonts/JetBrainsMono-LICENSE.txt"),
    Carried("Lucide icons", "ISC", "resources/icons/LICENSE.txt"),
)


def materials() -> tuple[Material, ...]:
    """Return every locked package with its licence."""
    running = {each.name for each in read_lock(RUN_LOCK)}
    return tuple(_material(each, runs=each.name in running) for each in read_lock(TEST_LOCK))


def _material(pin: Pin, *, runs: bool) -> Material:
    try:
        found = metadata.distribution(pin.name)
    except metadata.PackageNotFoundError:
        return Material(pin, OF_OTHER_SYSTEMS.get(pin.name, ""), runs, ())
    if found.version != pin.version:  # what another version states is not known of this one
        return Material(pin, "", runs, ())
    files = [each for each in found.files or () if ".dist-info/" in str(each)]
    texts = [each.read_text("utf-8") for each in sorted(files, key=str) if _TEXTS.search(str(each))]
    return Material(pin, stated(found.metadata), runs, tuple(texts))


def problems(found: Iterable[Material]) -> list[str]:
    """Return one line for every licence that is unknown or may not be shipped with the rest."""
    named = [(f"{each.pin.name} {each.pin.version}", each.licence) for each in found]
    named += [(each.name, each.licence) for each in CARRIED]
    return [f"{name}: licence {why}" for name, said in named if (why := why_not(said))]


def bill(found: Sequence[Material], version: str) -> dict[str, Any]:
    """Return the bill of materials as CycloneDX 1.6."""
    known = {each.pin.name: each.pin.purl for each in found}
    product = f"pkg:generic/gammadesk@{version}"
    wanted: dict[str, list[str]] = {product: [], **{each: [] for each in known.values()}}
    for each in found:
        for name in each.pin.wanted_by:
            wanted.get(known.get(name, product), []).append(each.pin.purl)
    locks = RUN_LOCK.read_bytes() + TEST_LOCK.read_bytes()
    serial = uuid.UUID(bytes=hashlib.sha256(locks + version.encode()).digest()[:16], version=4)
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": serial.urn,
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": product,
                "name": "gammadesk",
                "version": version,
            }
        },
        "components": [*map(_component, found), *map(_carried, CARRIED)],
        "dependencies": [
            {"ref": ref, "dependsOn": sorted(set(needs))} for ref, needs in sorted(wanted.items())
        ],
    }


def _component(each: Material) -> Mapping[str, Any]:
    hashes = [{"alg": "SHA-256", "content": one} for one in each.pin.hashes]
    made: dict[str, Any] = {
        "type": "library",
        "bom-ref": each.pin.purl,
        "name": each.pin.name,
        "version": each.pin.version,
        "purl": each.pin.purl,
        "scope": "required" if each.runs else "excluded",
        "licenses": _licences(each.licence),
        "externalReferences": [{"type": "distribution", "url": each.pin.purl, "hashes": hashes}],
    }
    if each.pin.marker:
        made["properties"] = [{"name": "gammadesk:marker", "value": each.pin.marker}]
    return made


def _carried(each: Carried) -> Mapping[str, Any]:
    return {
        "type": "file",
        "bom-ref": f"gammadesk:{each.text}",
        "name": each.name,
        "scope": "required",
        "licenses": _licences(each.licence),
    }


def _licences(said: str) -> list[Mapping[str, Any]]:
    if not said or said == "BSD":  # SPDX knows no licence of that name alone
        return [{"license": {"name": said or "unknown"}}]
    return [{"expression": said}]


def listing(found: Sequence[Material]) -> str:
    """Return the licences as a text for people: a line each, then the words of what is shipped."""
    lines = ["Licences of what Gammadesk is made of.", ""]
    for each in found:
        use = "" if each.runs else "  (tests only)"
        lines.append(f"{each.pin.name + ' ' + each.pin.version:<32} {each.licence}{use}")
    lines += [f"{each.name:<32} {each.licence}" for each in CARRIED]
    for each in found:
        if each.runs and each.texts:
            lines += ["", "=" * 80, f"{each.pin.name} {each.pin.version}", "", *each.texts]
    for one in CARRIED:
        lines += ["", "=" * 80, one.name, "", (ROOT / one.text).read_text("utf-8")]
    return "\n".join(lines).rstrip() + "\n"


def main(arguments: Sequence[str]) -> int:
    """Write both documents; 1 where a licence is unknown or not allowed."""
    parser = argparse.ArgumentParser(prog="start.py materials", description=__doc__)
    parser.add_argument("--to", type=Path, default=Path("materials"), help="folder (materials)")
    given = parser.parse_args(arguments)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    found = materials()
    try:
        given.to.mkdir(parents=True, exist_ok=True)
        text = json.dumps(bill(found, project["version"]), indent=1) + "\n"
        (given.to / BILL).write_text(text, "utf-8")
        (given.to / LICENCES).write_text(listing(found), "utf-8")
    except OSError as error:
        print(f"{given.to} cannot be written: {error}", file=sys.stderr)
        return 2
    wrong = problems(found)
    print(f"{len(found)} packages, {len(CARRIED)} things among the sources: {given.to}")
    print(*wrong, sep="\n", end="\n" if wrong else "", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
