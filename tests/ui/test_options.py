"""The command line of the window: a Jupiter wallet is for runs on live data, and is kept there."""

from pathlib import Path

import pytest

from terminal.core.errors import ConfigError
from ui.options import read_options

WALLET = "F3YvPiLdniRPGpeKrbeGWR2zg2wPpzVuvqBA5BBJBQ5S"


@pytest.mark.parametrize("mode", ["paper", "live"])
def test_a_wallet_reaches_the_run(mode: str) -> None:
    found = read_options(["--mode", mode, "--jupiter", WALLET, "--solana", "http://127.0.0.1:1"])
    assert (found.live.wallet, found.live.solana) == (WALLET, "http://127.0.0.1:1")


def test_a_wallet_on_a_simulated_market_is_refused() -> None:
    with pytest.raises(ConfigError, match="add --mode paper"):
        read_options(["--jupiter", WALLET])


def test_a_recording_is_a_mode_of_its_own() -> None:
    found = read_options(["--recording", "some/journal", "--at", "03:12"])
    assert (found.mode, found.recording, found.at) == ("recording", Path("some/journal"), "03:12")
    assert found.engine == "numpy"


@pytest.mark.parametrize(
    ("argv", "why"),
    [
        (["--recording", "j", "--mode", "live"], "leave out --mode"),
        (["--recording", "j", "--tape", "t"], "leave out --tape"),
        (["--recording", "j", "--record", "t.tape"], "leave out --record"),
        (["--at", "03:12"], "name one with --recording"),
    ],
)
def test_a_recording_goes_with_no_other_source(argv: list[str], why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        read_options(argv)


def test_another_account_is_for_live_runs() -> None:
    asked = ["--mode", "live", "--venue", "binanceusdm", "--also", "binanceoptions"]
    assert read_options(asked).live.also == ("binanceoptions",)
    for mode in ("paper", "sim"):
        with pytest.raises(ConfigError, match="--mode live"):
            read_options(["--mode", mode, "--also", "binanceoptions"])
    with pytest.raises(ConfigError, match="nowhere"):
        read_options(["--mode", "live", "--also", "nowhere"])
