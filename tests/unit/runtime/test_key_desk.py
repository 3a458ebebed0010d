"""Keys of one run: kept and listed without being seen, and never on the loop."""

import asyncio
import threading
import time
from pathlib import Path

import keyring.errors
import msgspec
import pytest
from msgspec.structs import replace

from terminal.core.errors import ConfigError, KeychainError
from terminal.core.secret import Secret
from terminal.model.keys import Keeping, KeyEntry
from terminal.model.live import LiveAccount, Network
from terminal.runtime import key_desk
from terminal.runtime.accounts import FILE, read_accounts
from terminal.runtime.key_desk import KeyDesk
from terminal.venues.keychain import Found, Keychain, Store
from tests.helpers.dialects import dialect
from tests.helpers.stores import MemoryStore, RefusingStore

CANARY = "canary-of-a-key-desk-2f"
ACCOUNT = LiveAccount("deribit", Network.TEST, "main")
ENTRY = KeyEntry(account=ACCOUNT, fields={"apiKey": Secret("an-id"), "secret": Secret(CANARY)})
DIALECTS = {"deribit": dialect(), "jupiter": dialect("jupiter", key_fields=())}


def desk(directory: Path, store: Store | None = None) -> KeyDesk:
    found = Found(store, Keeping("Test Keychain" if store is not None else ""))
    return KeyDesk(directory, DIALECTS, lambda: Keychain(found))


def written(directory: Path) -> str:
    return "\n".join(path.read_text() for path in directory.rglob("*") if path.is_file())


def test_only_exchanges_with_keys_are_offered(tmp_path: Path) -> None:
    (offer,) = desk(tmp_path).offers()
    assert (offer.venue, offer.test_network) == ("deribit", True)
    assert offer.fields == ("apiKey", "secret")


async def test_a_key_is_kept_across_runs_and_its_list_holds_none_of_it(tmp_path: Path) -> None:
    store = MemoryStore()
    stored = await desk(tmp_path, store).save(ENTRY)
    again = desk(tmp_path, store)
    assert again.accounts() == (stored,)
    assert await again.read(stored) == ENTRY.fields
    assert CANARY not in written(tmp_path)
    assert "an-id" not in written(tmp_path)
    assert (tmp_path / FILE).stat().st_mode & 0o077 == 0
    assert await again.forget(stored)
    assert again.accounts() == ()
    assert store.kept == {}


@pytest.mark.parametrize("store", [None, MemoryStore()])
async def test_a_key_of_this_session_ends_with_it(
    store: MemoryStore | None, tmp_path: Path
) -> None:
    one = desk(tmp_path, store)
    stored = await one.save(replace(ENTRY, session_only=True))
    assert one.accounts() == (stored,)
    assert await one.read(stored) == ENTRY.fields
    assert desk(tmp_path, store).accounts() == ()
    assert store is None or store.kept == {}


async def test_a_refusing_keychain_leaves_the_list_alone(tmp_path: Path) -> None:
    one = desk(tmp_path, RefusingStore(keyring.errors.KeyringLocked("no")))
    with pytest.raises(KeychainError, match="unlock"):
        await one.save(ENTRY)
    assert one.accounts() == ()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"account": LiveAccount("mtgox", Network.MAIN, "main")}, "mtgox"),
        ({"account": LiveAccount("deribit", Network.MAIN, "../up")}, "cannot name"),
        ({"account": LiveAccount("deribit", Network.MAIN, "a", "ftp://x")}, "no address"),
        ({"fields": {"apiKey": Secret("an-id")}}, "secret is empty"),
        ({"fields": {"apiKey": Secret(" "), "secret": Secret(CANARY)}}, "apiKey is empty"),
    ],
)
async def test_what_is_not_sound_is_refused_before_the_keychain_is_asked(
    change: dict[str, object], words: str, tmp_path: Path
) -> None:
    store = MemoryStore()
    with pytest.raises(ConfigError, match=words) as caught:
        await desk(tmp_path, store).save(replace(ENTRY, **change))
    assert CANARY not in str(caught.value)
    assert store.calls == 0


async def test_spaces_of_a_paste_are_no_part_of_a_key(tmp_path: Path) -> None:
    pasted = {"apiKey": Secret(" an-id\n"), "secret": Secret(f"\t{CANARY} ")}
    one = desk(tmp_path, MemoryStore())
    assert await one.read(await one.save(replace(ENTRY, fields=pasted))) == ENTRY.fields


async def test_the_keychain_is_never_asked_on_the_loop(tmp_path: Path) -> None:
    threads: list[threading.Thread] = []

    class Watched(MemoryStore):
        def set_password(self, service: str, username: str, password: str) -> None:
            threads.append(threading.current_thread())
            super().set_password(service, username, password)

    await desk(tmp_path, Watched()).save(ENTRY)
    assert threads
    assert threading.main_thread() not in threads


async def test_a_keychain_that_waits_for_its_dialog_leaves_the_loop_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered = threading.Event()

    class Asking(MemoryStore):
        def set_password(self, service: str, username: str, password: str) -> None:
            answered.wait(20.0)
            super().set_password(service, username, password)

    monkeypatch.setattr(key_desk, "KEYCHAIN_S", 0.2)
    saving = asyncio.ensure_future(desk(tmp_path, Asking()).save(ENTRY))
    beats = 0
    while not saving.done():
        await asyncio.sleep(0.01)
        beats += 1
    answered.set()
    with pytest.raises(KeychainError, match="password dialog"):
        await saving
    assert beats > 3


async def test_a_key_that_was_read_is_taken_out_of_text(tmp_path: Path) -> None:
    one = desk(tmp_path, MemoryStore())
    await one.read(await one.save(ENTRY))
    assert CANARY not in one.redactor.clean(f"GET /x?secret={CANARY} failed")


@pytest.mark.parametrize("content", [b"{", b'{"a": 1}', b"[1]"])
def test_a_damaged_list_is_named(content: bytes, tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(ConfigError, match=FILE):
        read_accounts(tmp_path)


async def test_a_list_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    with pytest.raises(ConfigError, match=FILE):
        await desk(tmp_path, MemoryStore()).save(ENTRY)


def test_no_part_of_an_entry_can_be_encoded() -> None:
    with pytest.raises(TypeError):
        msgspec.json.encode(ENTRY)
    assert CANARY not in repr(ENTRY)


def test_the_list_tells_when_a_key_was_kept(tmp_path: Path) -> None:
    before = time.time_ns()
    stored = asyncio.run(desk(tmp_path, MemoryStore()).save(ENTRY))
    assert before <= stored.saved_at <= time.time_ns()
