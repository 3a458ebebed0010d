"""The advisor verb: set up, switched on and off, a key typed and never shown."""

import getpass
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from terminal.__main__ import main
from terminal.model.advice import AdvisorSettings
from terminal.model.keys import Keeping
from terminal.runtime import advisor_verb
from terminal.runtime.advisor_files import FILE, load_settings
from terminal.runtime.advisor_keys import AdvisorKeys
from terminal.venues.keychain import Found, Keychain
from terminal.venues.redaction import Redactor
from tests.helpers.logs import logs_given_back
from tests.helpers.stores import MemoryStore

CANARY = "canary-key-of-a-model"


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[MemoryStore]:
    """A keychain in memory, and a person who types the canary."""
    made = MemoryStore()

    def keys(redactor: Redactor) -> AdvisorKeys:
        return AdvisorKeys(redactor, lambda: Keychain(Found(made, Keeping("Test Keychain"))))

    monkeypatch.setattr(advisor_verb, "AdvisorKeys", keys)
    monkeypatch.setattr(getpass, "getpass", lambda _: CANARY)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    with logs_given_back():
        yield made


def advisor(folder: Path, *words: str) -> int:
    act, *options = words
    return main(["advisor", act, "--data", str(folder), *options])


def test_it_is_set_up_switched_on_and_off(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert advisor(tmp_path, "show") == 0
    assert capsys.readouterr().out.startswith("off, but no model is set up")
    near = "http://127.0.0.1:11434/v1"
    assert advisor(tmp_path, "set", "--endpoint", near, "--model", "small", "--usd-day", "0") == 0
    assert advisor(tmp_path, "on") == 0
    found = load_settings(tmp_path)
    assert (found.on, found.endpoint, found.model, found.usd_day) == (True, near, "small", 0.0)
    assert (tmp_path / FILE).stat().st_size < 1000
    assert advisor(tmp_path, "off", "--json") == 0
    assert not json.loads(capsys.readouterr().out.splitlines()[-1])["on"]
    assert load_settings(tmp_path) == AdvisorSettings(endpoint=near, model="small", usd_day=0.0)


def test_the_prompt_can_be_read_before_anything_is_sent(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert advisor(tmp_path, "prompt") == 0
    assert "You decide nothing" in capsys.readouterr().out


def test_a_key_is_kept_for_one_server_and_forgotten(
    tmp_path: Path, store: MemoryStore, capsys: pytest.CaptureFixture[str]
) -> None:
    assert advisor(tmp_path, "key") == 2
    advisor(tmp_path, "set", "--endpoint", "https://llm.example/v1", "--model", "m")
    assert advisor(tmp_path, "key") == 0
    assert list(store.kept.values()) == [CANARY]
    assert load_settings(tmp_path).keyed
    assert CANARY not in (tmp_path / FILE).read_text()
    advisor(tmp_path, "set", "--timeout-s", "5")
    assert load_settings(tmp_path).keyed
    advisor(tmp_path, "set", "--endpoint", "https://other.example/v1")
    assert not load_settings(tmp_path).keyed
    advisor(tmp_path, "set", "--endpoint", "https://llm.example/v1")
    assert advisor(tmp_path, "forget") == 0
    assert store.kept == {}
    out = capsys.readouterr()
    assert CANARY not in out.out + out.err


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("set",), "say what"),
        (("set", "--endpoint", "llm.example"), "is no address"),
        (("set", "--endpoint", "http://llm.example/v1"), "use https"),
        (("set", "--endpoint", "https://me:pw@llm.example/v1"), "keys belong in the keychain"),
        (("set", "--model", "two words"), "advisor"),
        (("set", "--usd-day", "-1"), "advisor"),
        (("set", "--usd-day", "nan"), "advisor"),
        (("set", "--calls-hour", "1e3"), "calls-hour"),
        (("set", "--timeout-s", "9999"), "advisor"),
        (("key",), "no server is set up"),
    ],
)
def test_a_mistake_is_one_line(
    words: tuple[str, ...], why: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert advisor(tmp_path, *words) == 2
    told = capsys.readouterr().err
    assert why in told
    assert told.count("\n") == 1
    assert not (tmp_path / FILE).exists()


def test_a_key_is_typed_at_a_terminal_and_kept_in_a_keychain(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    advisor(tmp_path, "set", "--endpoint", "https://llm.example/v1", "--model", "m")
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)
    assert advisor(tmp_path, "key") == 2
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(getpass, "getpass", lambda _: CANARY)
    none = Keychain(Found(None, Keeping("", "there is none")))
    monkeypatch.setattr(advisor_verb, "AdvisorKeys", lambda r: AdvisorKeys(r, lambda: none))
    assert advisor(tmp_path, "key") == 2
    assert "there is no keychain" in capsys.readouterr().err
    assert not load_settings(tmp_path).keyed
