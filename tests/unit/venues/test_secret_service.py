"""A real Secret Service: GNOME's keyring on a session bus of its own."""

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from terminal.core.errors import KeychainError
from terminal.core.secret import Secret
from terminal.venues.keychain import Keychain, find
from tests.helpers.secret_service import missing_programs, secret_service

pytestmark = pytest.mark.skipif(
    bool(missing_programs()), reason=f"not installed here: {missing_programs()}"
)

CANARY = "canary-in-a-real-keyring-77ac"
KEY = {"apiKey": Secret("an-id"), "secret": Secret(CANARY)}
ACCOUNT = "deribit/test/main"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Home directory of an unlocked keyring, which this process uses."""
    with secret_service(tmp_path) as variables:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        yield tmp_path


def opened() -> Keychain:
    found = find(os.environ)
    assert found.keeping.name == "Secret Service", found.keeping.why
    return Keychain(found)


def test_a_key_is_kept_read_and_forgotten(home: Path) -> None:
    assert opened().save(ACCOUNT, KEY)
    assert opened().read(ACCOUNT, tuple(KEY)) == KEY
    assert opened().forget(ACCOUNT, tuple(KEY))
    with pytest.raises(KeychainError, match="give the key again"):
        opened().read(ACCOUNT, tuple(KEY))


def test_no_file_of_the_keyring_holds_the_key_in_the_open(home: Path) -> None:
    opened().save(ACCOUNT, KEY)
    written = [path for path in (home / "share").rglob("*") if path.is_file()]
    assert written
    assert not [path for path in written if CANARY.encode() in path.read_bytes()]


def test_a_key_outlives_the_keyring_that_took_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for step in ("save", "read"):
        with secret_service(tmp_path) as variables:
            for name, value in variables.items():
                monkeypatch.setenv(name, value)
            if step == "save":
                opened().save(ACCOUNT, KEY)
            else:
                assert opened().read(ACCOUNT, tuple(KEY)) == KEY


# keyring leaves its connection open when it finds a locked collection
@pytest.mark.filterwarnings("ignore:.*unclosed <socket")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_locked_keyring_is_said_to_be_locked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with secret_service(tmp_path):
        pass  # the login keyring is made with the right password
    with secret_service(tmp_path, "another-password") as variables:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(KeychainError, match="Secret Service did not") as caught:
            opened().save(ACCOUNT, KEY)
        assert CANARY not in str(caught.value)
        gc.collect()
