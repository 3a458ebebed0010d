"""The keys verb: keys are typed and never shown, and every mistake is one line."""

import getpass
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from terminal.__main__ import main
from terminal.model.keys import CheckRow, CheckState, Keeping, KeyEntry, KeyReport
from terminal.runtime import keys_verb
from terminal.runtime.key_desk import KeyDesk
from terminal.venues.keychain import Found, Keychain
from tests.helpers.dialects import dialect
from tests.helpers.logs import logs_given_back
from tests.helpers.stores import MemoryStore

CANARY = "canary-typed-at-a-terminal"
Verb = Callable[..., int]


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, store: MemoryStore) -> Iterator[Verb]:
    """Run the verb on a keychain in memory, with a person who types the canary."""
    found = Found(store, Keeping("Test Keychain"))

    def made(directory: Path) -> KeyDesk:
        return KeyDesk(directory, {"deribit": dialect()}, lambda: Keychain(found))

    monkeypatch.setattr(keys_verb, "KeyDesk", made)
    monkeypatch.setattr(getpass, "getpass", lambda prompt: f"{CANARY}-{prompt}")
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    with logs_given_back():
        yield lambda *words: main(["keys", *words, "--data", str(tmp_path)])


def test_a_key_is_typed_kept_listed_and_forgotten(
    keys: Verb, store: MemoryStore, capfd: pytest.CaptureFixture[str]
) -> None:
    assert keys("list") == 0
    assert keys("add", "deribit", "--network", "test") == 0
    assert len(store.kept) == 2
    assert keys("list") == 0
    assert keys("list", "--json") == 0
    assert keys("forget", "deribit", "--network", "test") == 0
    assert keys("list") == 0
    assert store.kept == {}
    said = capfd.readouterr()
    assert "deribit/test/main" in said.out
    assert "Test Keychain" in said.out
    assert said.out.count("no key is kept") == 2
    assert CANARY not in said.out + said.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "ACT"),
        (("add",), "venue"),
        (("add", "mtgox"), "deribit"),
        (("add", "deribit", "--label", "/"), "cannot name"),
        (("add", "deribit", "--endpoint", "nowhere"), "nowhere"),
        (("check", "deribit"), "keys list"),
        (("forget", "deribit"), "keys list"),
        (("add", "deribit", CANARY), "arguments"),
    ],
)
def test_a_mistake_is_one_line(
    words: tuple[str, ...], told: str, keys: Verb, capfd: pytest.CaptureFixture[str]
) -> None:
    assert keys(*words) == 2
    said = capfd.readouterr()
    assert told in said.err
    assert said.err.count("\n") == 1


def test_a_key_is_not_read_from_a_pipe(
    keys: Verb, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)
    assert keys("add", "deribit") == 2
    assert "terminal" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("state", "code"),
    [(CheckState.OK, 0), (CheckState.WARN, 0), (CheckState.UNKNOWN, 0), (CheckState.BAD, 1)],
)
def test_a_check_shows_every_row_and_fails_on_a_bad_one(
    state: CheckState,
    code: int,
    keys: Verb,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    async def check(_: KeyDesk, entry: KeyEntry, *, with_order: bool) -> KeyReport:
        rows = CheckRow("Reading", CheckState.OK, "it answers"), CheckRow("Mode", state, "so", "do")
        return KeyReport(entry.account, rows if with_order else rows[1:])

    monkeypatch.setattr(KeyDesk, "check", check)
    assert keys("add", "deribit") == 0
    assert keys("check", "deribit", "--order") == code
    assert keys("check", "deribit", "--json") == code
    lines = capfd.readouterr().out.splitlines()
    assert "Reading" in lines[1]
    assert "so. do" in lines[2]
    assert msgspec.json.decode(lines[-1])["rows"][0]["state"] == state.value
