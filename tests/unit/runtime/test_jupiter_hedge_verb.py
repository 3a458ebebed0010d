"""The verb that asks Jupiter for a change: off by default, its key from the keychain alone."""

import getpass
import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from terminal.__main__ import main
from terminal.journal.latch import Latched, LatchFile
from terminal.model.keys import Keeping
from terminal.model.messages import StopStage
from terminal.runtime import jupiter_hedge_verb
from terminal.runtime.jupiter_hedge_verb import FLAG
from terminal.runtime.profiles import RESOURCES
from terminal.venues.keychain import Found
from tests.helpers.stores import MemoryStore
from tests.unit.venues.jupiter.chain import SHORT_SOL, WALLET, served
from tests.unit.venues.jupiter.validator import KEY, OWNER, Validator

Verb = Callable[..., int]


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def chain() -> Iterator[Validator]:
    made = Validator()
    made.hold(SHORT_SOL)
    made.tell("SOL", int(time.time()))
    with served(made):
        yield made


@pytest.fixture
def hedge(
    monkeypatch: pytest.MonkeyPatch, store: MemoryStore, chain: Validator, tmp_path: Path
) -> Verb:
    found = Found(store, Keeping("Test Keychain"))
    monkeypatch.setattr(jupiter_hedge_verb, "find", lambda _: found)
    monkeypatch.setattr(getpass, "getpass", lambda _: KEY.reveal())
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)

    def ask(*words: str) -> int:
        given = ["jupiter-hedge", "request", OWNER, "SOL-SHORT-USDC", "--decrease", "1000"]
        given += ["--worst", "162", "--id", "t-1", "--solana", chain.url, "--data", str(tmp_path)]
        return main([*given, *words])

    return ask


def test_without_the_flag_nothing_is_signed_or_sent(
    hedge: Verb, chain: Validator, store: MemoryStore, capsys: pytest.CaptureFixture[str]
) -> None:
    assert hedge() == 2
    said = capsys.readouterr().err
    assert "nothing was sent" in said
    assert "Unproven on mainnet" in said
    assert (chain.asked, chain.received, store.calls) == ([], [], 0)


def test_a_key_is_kept_used_and_forgotten_and_never_shown(
    hedge: Verb, chain: Validator, store: MemoryStore, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    assert main(["jupiter-hedge", "key", OWNER]) == 0
    capsys.readouterr()
    assert hedge(FLAG, "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["outcome"], said["final"]) == ("filled", True)
    assert said["signature"] == chain.landed[0]
    assert chain.size(SHORT_SOL) == 2_000_000_000
    assert hedge(FLAG) == 0  # the same id: answered, not sent
    assert len(chain.landed) == 1
    assert main(["jupiter-hedge", "forget", OWNER]) == 0
    assert store.kept == {}
    shown = capsys.readouterr()
    written = "".join(path.read_text() for path in tmp_path.rglob("*.json"))
    assert KEY.reveal() not in shown.out + shown.err + written


def test_the_key_of_another_wallet_is_not_kept(
    hedge: Verb, store: MemoryStore, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["jupiter-hedge", "key", WALLET]) == 2
    assert "is not of" in capsys.readouterr().err
    assert store.kept == {}
    assert hedge(FLAG) == 2
    assert "give the key again" in capsys.readouterr().err


def test_a_stop_of_any_run_in_the_directory_bars_it(
    hedge: Verb, chain: Validator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["jupiter-hedge", "key", OWNER]) == 0
    run = tmp_path / "live-deribit"
    run.mkdir()
    LatchFile(run).pull(Latched(stage=StopStage.FREEZE, reason="drill", at=1, by="test"))
    assert hedge(FLAG) == 2
    assert "trading is stopped (freeze: drill)" in capsys.readouterr().err
    assert chain.received == []


def test_a_flatten_lets_a_decrease_through_and_no_increase(
    hedge: Verb, chain: Validator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["jupiter-hedge", "key", OWNER]) == 0
    LatchFile(tmp_path).pull(Latched(stage=StopStage.FLATTEN, reason="out", at=1, by="test"))
    more = ["jupiter-hedge", "request", OWNER, "SOL-SHORT-USDC", "--increase", "100", "--worst"]
    more += ["158", "--id", "up", "--solana", chain.url, "--data", str(tmp_path), FLAG]
    assert main(more) == 2
    assert "trading is stopped (flatten: out)" in capsys.readouterr().err
    assert chain.received == []
    assert hedge(FLAG) == 0


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--worst", "x"), "--worst 'x' is no number"),
        (("--collateral", "nan"), "--collateral 'nan' is no number"),
    ],
)
def test_bad_amounts_are_named(
    hedge: Verb, words: tuple[str, ...], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert hedge(*words) == 2
    assert why in capsys.readouterr().err


def test_an_unknown_position_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    given = ["jupiter-hedge", "request", OWNER, "DOGE", "--decrease", "1", "--worst", "1"]
    assert main([*given, "--id", "a"]) == 2
    assert "no position 'DOGE': use one of SOL-LONG-SOL" in capsys.readouterr().err


def test_more_than_the_profile_allows_is_not_sent(
    hedge: Verb, chain: Validator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["jupiter-hedge", "key", OWNER]) == 0
    text = (RESOURCES / "profiles" / "cautious.toml").read_text()
    small = tmp_path / "small.toml"
    small.write_text(text.replace("max_order_usd = 10000.0", "max_order_usd = 900.0"))
    assert hedge(FLAG, "--profile", str(small)) == 2
    assert "1,000 USD is above the largest order of the profile, 900 USD" in capsys.readouterr().err
    assert chain.received == []
    assert hedge(FLAG, "--profile", "cautious") == 0
