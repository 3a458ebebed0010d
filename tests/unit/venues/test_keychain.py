"""The keychain: which ones may hold keys, what they hold, and what is said when they refuse."""

import sys
from pathlib import Path
from typing import Any

import keyring.backend
import keyring.errors
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keyring.backends.chainer import ChainerBackend
from keyring.backends.fail import Keyring as FailKeyring
from keyring.backends.null import Keyring as NullKeyring
from keyring.backends.SecretService import Keyring as SecretServiceKeyring

from terminal.core.errors import KeychainError
from terminal.core.secret import Secret
from terminal.model.keys import Keeping
from terminal.venues.keychain import LONGEST, SERVICE, Found, Keychain, Store, find, refusal
from tests.helpers.stores import ForgetfulStore, MemoryStore, PlaintextKeyring, RefusingStore

CANARY = "canary-key-91f0"
KEY = {"apiKey": Secret("an-id"), "secret": Secret(CANARY)}
ACCOUNT = "deribit/main/main"
NULL = "keyring.backends.null.Keyring"


def keychain(store: Store | None) -> Keychain:
    return Keychain(Found(store, Keeping("Test Keychain" if store else "", "")))


# -- Which ones may hold keys -----------------------------------------------------------------


def made(kind: Any) -> Any:
    """Make a backend; keyring gives their constructors no types."""
    return kind()


def chain(*members: object) -> Any:
    class Chain(ChainerBackend):
        backends = members

    return made(Chain)


@pytest.mark.parametrize("kind", [FailKeyring, NullKeyring, PlaintextKeyring])
def test_backends_that_are_no_keychain_are_refused_by_name(
    kind: type[keyring.backend.KeyringBackend],
) -> None:
    assert kind.__qualname__ in refusal(made(kind))
    assert kind.__module__ in refusal(made(kind))


def test_a_keychain_of_the_system_is_allowed() -> None:
    assert refusal(made(SecretServiceKeyring)) == ""


def test_a_chain_is_as_good_as_its_worst_member() -> None:
    assert refusal(chain(made(SecretServiceKeyring))) == ""
    assert "PlaintextKeyring" in refusal(chain(made(SecretServiceKeyring), made(PlaintextKeyring)))
    assert refusal(chain())


@pytest.mark.parametrize(
    "name", [NULL, "keyring.backends.fail.Keyring", "keyrings.alt.file.PlaintextKeyring", "evil.K"]
)
def test_what_the_environment_names_is_refused_before_it_is_loaded(
    name: str, tmp_path: Path
) -> None:
    found = find({"PYTHON_KEYRING_BACKEND": name}, tmp_path / "none.cfg")
    assert found.store is None
    assert found.keeping.name == ""
    assert name in found.keeping.why
    assert "PYTHON_KEYRING_BACKEND" in found.keeping.why
    assert name.rpartition(".")[0] in ("evil", "keyrings.alt.file") or "keyring" in sys.modules
    assert "evil" not in sys.modules


def test_a_settings_file_is_read_but_its_code_is_not_loaded(tmp_path: Path) -> None:
    (tmp_path / "evilkeyring.py").write_text("raise SystemExit('loaded')")
    settings = tmp_path / "keyringrc.cfg"
    settings.write_text(
        f"[backend]\ndefault-keyring=evilkeyring.Keyring\nkeyring-path={tmp_path}\n"
    )
    found = find({}, settings)
    assert found.store is None
    assert "evilkeyring.Keyring" in found.keeping.why
    assert str(settings) in found.keeping.why
    assert str(tmp_path) not in sys.path


def test_an_unreadable_settings_file_is_no_reason_to_guess(tmp_path: Path) -> None:
    settings = tmp_path / "keyringrc.cfg"
    settings.write_text("not a section\n")
    assert str(settings) in find({}, settings).keeping.why


@pytest.mark.skipif(sys.platform != "linux", reason="others have their keychain always")
def test_without_a_session_there_is_no_keychain_and_the_remedy_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path}/nobody")
    found = find({}, tmp_path / "none.cfg")
    assert found.store is None
    assert "memory" in found.keeping.words
    assert "gnome-keyring" in found.keeping.why


# -- What they hold ---------------------------------------------------------------------------


@pytest.mark.parametrize("store", [MemoryStore(), None])
def test_what_is_kept_is_read_until_it_is_forgotten(store: MemoryStore | None) -> None:
    one = keychain(store)
    assert one.save(ACCOUNT, KEY) is (store is not None)
    assert one.read(ACCOUNT, tuple(KEY)) == KEY
    assert one.forget(ACCOUNT, tuple(KEY))
    assert not one.forget(ACCOUNT, tuple(KEY))
    with pytest.raises(KeychainError, match="give the key again"):
        one.read(ACCOUNT, tuple(KEY))


def test_a_key_of_this_session_only_replaces_the_one_that_was_kept() -> None:
    store = MemoryStore()
    one = keychain(store)
    one.save(ACCOUNT, KEY)
    assert not one.save(ACCOUNT, {**KEY, "secret": Secret("another")}, session_only=True)
    assert store.kept == {}
    assert one.read(ACCOUNT, ["secret"]) == {"secret": Secret("another")}
    one.save(ACCOUNT, KEY)
    assert one.read(ACCOUNT, tuple(KEY)) == KEY
    assert len(store.kept) == 2


@given(st.dictionaries(st.sampled_from("abcdef"), st.text(min_size=1, max_size=9), min_size=1))
def test_accounts_never_mix(keys: dict[str, str]) -> None:
    one = keychain(MemoryStore())
    for name, text in keys.items():
        one.save(f"deribit/main/{name}", {"secret": Secret(f"x{text}")})
    for name, text in keys.items():
        assert one.read(f"deribit/main/{name}", ["secret"])["secret"].reveal() == f"x{text}"


# -- What is said -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (keyring.errors.KeyringLocked("locked"), "unlock it"),
        (keyring.errors.InitError("Failed to create the collection: Prompt dismissed."), "login"),
        (keyring.errors.PasswordSetError(CANARY), "memory"),
        (RuntimeError(CANARY), "memory"),
        (OSError(5, CANARY), "memory"),
        (ValueError(CANARY), "memory"),
    ],
)
def test_every_refusal_is_one_line_with_its_remedy_and_without_the_key(
    error: Exception, words: str
) -> None:
    one = keychain(RefusingStore(error))
    with pytest.raises(KeychainError) as caught:
        one.save(ACCOUNT, KEY)
    assert "Test Keychain" in str(caught.value)
    assert words in str(caught.value)
    assert CANARY not in str(caught.value)
    assert caught.value.__context__ is None, "its frames would hold the key"


def test_half_a_key_is_never_kept() -> None:
    store = RefusingStore(keyring.errors.PasswordSetError("full"), writes=1)
    with pytest.raises(KeychainError):
        keychain(store).save(ACCOUNT, KEY)
    assert store.kept == {}


def test_a_keychain_that_forgets_is_found_out_at_once() -> None:
    with pytest.raises(KeychainError, match="did not give back"):
        keychain(ForgetfulStore()).save(ACCOUNT, KEY)


@pytest.mark.parametrize(
    ("text", "words"), [("", "empty"), ("  \n", "empty"), ("x" * (LONGEST + 1), str(LONGEST))]
)
def test_a_key_that_no_keychain_takes_is_refused_before_it_is_tried(text: str, words: str) -> None:
    store = MemoryStore()
    with pytest.raises(KeychainError, match=words) as caught:
        keychain(store).save(ACCOUNT, {"secret": Secret(text)})
    assert store.calls == 0
    assert "xxxx" not in str(caught.value)


def test_entries_are_named_after_the_account() -> None:
    store = MemoryStore()
    keychain(store).save(ACCOUNT, {"secret": Secret("y")})
    assert store.kept == {(SERVICE, f"{ACCOUNT}/secret"): "y"}
