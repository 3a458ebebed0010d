"""Signed reports: whose they are, that no byte changes unseen, and what no keychain means."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import keyring.errors
import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.core.errors import ConfigError, DataError, KeychainError
from terminal.core.secret import Secret
from terminal.model.keys import Keeping
from terminal.model.report import SCHEMA, Column, Kind, Origin, Report, Section, Table
from terminal.runtime import report_verb
from terminal.runtime.report_verb import report
from terminal.runtime.reporting.files import SUMS
from terminal.runtime.reporting.publishing import Published, own_key, published
from terminal.runtime.reporting.signing import (
    ACCOUNT,
    FIELD,
    SIGNATURE,
    Signature,
    Signer,
    is_good,
    read_signature,
    text_of,
)
from terminal.runtime.reporting.verifying import verified
from terminal.venues.keychain import Found, Keychain, Store
from tests.helpers.stores import MemoryStore, RefusingStore

RFC_SEED = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="
RFC_PUBLIC = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")


def a_report() -> Report:
    """A small one."""
    rows = tuple((f"row {number}", float(number)) for number in range(3))
    shown = Table(
        name="numbers", title="Numbers", columns=(Column("a", "A"), Column("b", "B")), rows=rows
    )
    origin = Origin(run="r", mode="sim", first_seq=1, last_seq=2, link="ab" * 32)
    section = Section(name="s", title="S", tables=(shown,))
    return Report(
        schema=SCHEMA,
        kind=Kind.END,
        title="End of day",
        first=0,
        last=1,
        at=1,
        origin=origin,
        sections=(section,),
    )


def chain(store: Store | None, why: str = "") -> Keychain:
    """A keychain of a test."""
    return Keychain(Found(store, Keeping("" if store is None else "Secret Service", why)))


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def signed(store: MemoryStore, tmp_path: Path) -> Published:
    return published(a_report(), tmp_path, lambda: chain(store))


def test_a_report_is_signed_by_the_key_that_the_keychain_made(
    signed: Published, store: MemoryStore
) -> None:
    assert signed.unsigned == ""
    assert signed.names[-1] == SIGNATURE
    assert signed.signer == own_key(lambda: chain(store))
    found = verified(signed.folder)
    assert found.faults == ()
    assert found.signer == signed.signer
    assert (signed.folder / SIGNATURE).stat().st_mode & 0o077 == 0
    again = published(a_report(), signed.folder.parent, lambda: chain(store))
    assert again.signer == signed.signer  # the key is made once
    assert len(store.kept) == 1


def test_the_published_key_of_the_standard_is_this_one() -> None:
    store = MemoryStore()
    chain(store).save(ACCOUNT, {FIELD: Secret(RFC_SEED)})
    assert Signer(chain(store)).public() == RFC_PUBLIC  # RFC 8032, 7.1, test 1


def test_the_private_key_is_nowhere_but_in_the_keychain(
    signed: Published, store: MemoryStore, caplog: pytest.LogCaptureFixture
) -> None:
    (secret,) = store.kept.values()
    for each in signed.folder.iterdir():
        assert secret.encode() not in each.read_bytes()
    assert secret not in caplog.text
    assert secret not in repr(signed)


@pytest.mark.parametrize("name", ["report.html", "report.json", "numbers.csv", SUMS])
def test_a_changed_byte_of_any_file_is_named(signed: Published, name: str) -> None:
    path = signed.folder / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))
    faults = verified(signed.folder).faults
    assert any(name in each for each in faults), faults
    if name == SUMS:
        assert any("does not fit" in each for each in faults)


def test_what_is_missing_or_was_added_is_named(signed: Published) -> None:
    (signed.folder / "numbers.csv").unlink()
    (signed.folder / "more.csv").write_text("x", "utf-8")
    (signed.folder / "report.pdf").write_bytes(b"%PDF-")
    found = verified(signed.folder)
    assert found.faults == (
        "numbers.csv is missing",
        "more.csv was added: it is no part of the report",
    )
    assert "report.pdf" in found.notes[0]


def test_hashes_made_anew_by_another_do_not_pass(signed: Published, tmp_path: Path) -> None:
    """Whoever changes a report can hash it again, but not sign it."""
    (signed.folder / "report.html").write_text("all is well", "utf-8")
    sums = (signed.folder / SUMS).read_text("utf-8")
    old = sums.splitlines()[0].split()[0]
    (signed.folder / SUMS).write_text(sums.replace(old, "0" * 64), "utf-8")
    found = verified(signed.folder)
    assert found.signer == ""
    assert any("does not fit" in each for each in found.faults)
    other = published(a_report(), tmp_path / "other", lambda: chain(MemoryStore()))
    assert other.signer != signed.signer


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: "",
        lambda text: text.replace("signature 1", "signature 2"),
        lambda text: text.replace("public ", "public %"),
        lambda text: text.replace("key ", "key 0"),
        lambda text: "\n".join(text.splitlines()[:-1]),
        lambda text: text + "more\n",
    ],
)
def test_a_damaged_signature_is_said(signed: Published, spoil: Callable[[str], str]) -> None:
    path = signed.folder / SIGNATURE
    path.write_text(spoil(path.read_text("utf-8")), "utf-8")
    found = verified(signed.folder)
    assert found.signer == ""
    assert any(f"{SIGNATURE} is damaged" in each for each in found.faults)


@given(st.binary(max_size=80), st.binary(max_size=80))
def test_no_bytes_are_a_good_signature_by_chance(public: bytes, signature: bytes) -> None:
    made = Signature(public, signature)
    assert read_signature(text_of(made)) == made
    assert not is_good(made, b"sums")


@given(st.text())
def test_any_text_is_a_signature_or_said_to_be_none(text: str) -> None:
    try:
        said = text_of(read_signature(text))
    except DataError as error:
        said = str(error)
    assert said.split() == text.split() or said.startswith(f"{SIGNATURE} is damaged")


def test_without_a_keychain_it_is_written_and_says_that_it_is_not_signed(tmp_path: Path) -> None:
    done = published(a_report(), tmp_path, lambda: chain(None, "no Secret Service: start one"))
    assert done.signer == ""
    assert "start one" in done.words("End of day")
    assert not (done.folder / SIGNATURE).exists()
    assert verified(done.folder).faults == (f"{SIGNATURE} is missing: the report is not signed",)


def test_a_locked_keychain_makes_no_second_key(
    signed: Published, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = dict(store.kept)

    def locked(*_: object) -> str | None:
        raise keyring.errors.KeyringLocked("locked")

    monkeypatch.setattr(store, "get_password", locked)
    done = published(a_report(), signed.folder.parent, lambda: chain(store))
    assert "it is locked" in done.unsigned
    assert store.kept == before
    assert not (done.folder / SIGNATURE).exists()  # the older signature is of an older report
    assert own_key(lambda: chain(store)) == ""


def test_a_keychain_that_refuses_or_holds_nonsense_fails_no_report(tmp_path: Path) -> None:
    refusing = RefusingStore(keyring.errors.PasswordSetError("disk full"))
    assert "did not keep" in published(a_report(), tmp_path, lambda: chain(refusing)).unsigned
    nonsense = MemoryStore()
    chain(nonsense).save(ACCOUNT, {FIELD: Secret("bm8ga2V5")})
    done = published(a_report(), tmp_path, lambda: chain(nonsense))
    assert "is no signing key" in done.unsigned
    assert "bm8ga2V5" not in done.unsigned
    with pytest.raises(KeychainError):
        Signer(chain(nonsense)).public()


def test_the_verb_tells_ours_from_others(
    signed: Published, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ["--verify", str(signed.folder)]
    monkeypatch.setattr(report_verb, "own_key", lambda: signed.signer)
    assert report(asked) == 0
    assert "this installation's" in capsys.readouterr().out
    monkeypatch.setattr(report_verb, "own_key", lambda: "")
    assert report([*asked, "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["signer"] == signed.signer
    assert "--signer" in told["faults"][0]
    assert report([*asked, "--signer", signed.signer]) == 0
    assert report([*asked, "--signer", "0" * 32]) == 1
    (signed.folder / "numbers.csv").unlink()
    assert report([*asked, "--signer", signed.signer]) == 1
    assert "numbers.csv is missing" in capsys.readouterr().out


def test_what_cannot_be_verified_is_said(signed: Published, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="holds no SHA256SUMS"):
        verified(tmp_path / "nowhere")
    (signed.folder / SUMS).write_text("../../etc/passwd\n" + "0" * 64 + "  ../secret.csv\n")
    found = verified(signed.folder)
    assert sum("is no hash of a report's file" in each for each in found.faults) == 2
    if os.geteuid() != 0:
        (signed.folder / SUMS).chmod(0)
        with pytest.raises(ConfigError, match="cannot be read"):
            verified(signed.folder)
