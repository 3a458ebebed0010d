"""A run told to have a Jupiter wallet: what is refused, and what the books hold of it."""

import argparse
from decimal import Decimal
from pathlib import Path
from typing import cast

import pytest
from msgspec.structs import replace

from terminal.__main__ import main
from terminal.core.errors import ConfigError
from terminal.engine.state import State
from terminal.model.account import AccountSnapshot, Balance, FundingPaid, Position
from terminal.model.messages import Mode
from terminal.runtime.paper import paper_world
from terminal.runtime.settings import (
    LiveData,
    Settings,
    add_run_options,
    add_venue_options,
    read_live,
)
from terminal.runtime.wallets import booked_of, with_wallet
from terminal.venues.jupiter.telling import Booked
from terminal.venues.paper_world import PaperWorld
from terminal.venues.wallet_world import ExchangeWorld, WalletWorld
from tests.helpers.trial import Trial
from tests.unit.venues.jupiter.chain import WALLET

LONG = "SOL-LONG-SOL@jupiter"


def read(*argv: str) -> LiveData:
    parser = argparse.ArgumentParser()
    add_run_options(parser)
    add_venue_options(parser)
    return read_live(parser.parse_args(argv))


@pytest.fixture
def state() -> State:
    """Of a run that holds a wallet beside its exchange."""
    trial = Trial()
    stated = (Position(LONG, Decimal(20), Decimal(150)),)
    trial.tell(AccountSnapshot("jupiter", stated, (Balance("USD", Decimal(500)),)))
    trial.tell(FundingPaid(LONG, Decimal("-2.5"), "USD", 5e-5, borrow=True))
    return trial.state


def test_a_wallet_is_read_from_the_command_line() -> None:
    found = read("--jupiter", WALLET, "--solana", "http://127.0.0.1:8899")
    assert (found.wallet, found.solana) == (WALLET, "http://127.0.0.1:8899")
    assert read().wallet == ""


@pytest.mark.parametrize(
    ("argv", "why"),
    [
        (("--jupiter", "0OIl"), "no Solana address"),
        (("--jupiter", WALLET, "--solana", "ftp://x"), "--solana is no address"),
        (("--jupiter", WALLET, "--test-network"), "main network"),
    ],
)
def test_what_cannot_be_a_wallet_is_refused(argv: tuple[str, ...], why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        read(*argv)


def test_the_books_of_a_wallet_are_apart_from_those_of_the_exchange(state: State) -> None:
    assert booked_of(state) == Booked({LONG: Decimal(20)}, Decimal("497.5"))
    assert booked_of(State()) is None


def test_a_run_that_holds_a_wallet_must_name_it(state: State) -> None:
    exchange = cast(ExchangeWorld, object())
    with pytest.raises(ConfigError, match="--jupiter WALLET"):
        with_wallet(exchange, LiveData(), state)
    assert with_wallet(exchange, LiveData(), State()) is exchange


def test_a_run_that_real_positions_do_not_belong_in_is_refused(
    capsys: pytest.CaptureFixture[str],
) -> None:
    on_test = LiveData(wallet=WALLET, test_network=True)
    with pytest.raises(ConfigError, match="main network"):
        with_wallet(cast(ExchangeWorld, object()), on_test, State())
    assert main(["run", "--jupiter", WALLET, "--for", "1s"]) == 2
    assert "add --mode paper" in capsys.readouterr().err


def test_the_paper_account_goes_on_without_the_wallet(state: State, tmp_path: Path) -> None:
    settings = Settings(mode=Mode.PAPER, live=LiveData(wallet=WALLET))
    alone = replace(state, orders={})
    exchange = paper_world(settings, alone, tmp_path)
    assert isinstance(with_wallet(exchange, settings.live, alone), WalletWorld)
    opening = opening_of(exchange)
    assert LONG not in {each.key for each in opening.positions}
    cash = {each.currency: each.amount for each in opening.balances}
    assert cash["USDC"] == Decimal(1_000_000)
    assert cash.get("USD", Decimal(0)) == 0


def opening_of(world: PaperWorld) -> AccountSnapshot:
    """First statement of a paper account that goes on."""
    while True:
        _, event = world.pop()
        if isinstance(event, AccountSnapshot):
            return event
