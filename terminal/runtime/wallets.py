"""A Jupiter wallet beside the exchange of a run: what the books hold of it, and its feed."""

from decimal import Decimal

from terminal.core.errors import ConfigError
from terminal.engine.state import State
from terminal.portfolio.accounts import venue_of
from terminal.runtime.settings import LiveData
from terminal.venues.jupiter.feed import WalletFeed
from terminal.venues.jupiter.holdings import VENUE
from terminal.venues.jupiter.rpc import Node
from terminal.venues.jupiter.telling import CASH, Booked, Teller
from terminal.venues.wallet_world import ExchangeWorld, WalletWorld


def with_wallet(world: ExchangeWorld, live: LiveData, state: State) -> ExchangeWorld:
    """World with the wallet of the settings in it; the world itself where they name none.

    Raises
    ------
    ConfigError
        The books hold Jupiter positions and no wallet is named: nobody would keep them true. Or
        the run is on a test network, whose book real positions do not belong in.
    """
    booked = booked_of(state)
    if not live.wallet:
        if booked is not None and booked.positions:
            raise ConfigError(
                "this journal holds positions of a Jupiter wallet: name it with --jupiter WALLET,"
                " or another --data directory"
            )
        return world
    if live.test_network:
        raise ConfigError("--jupiter reads Solana's main network: it is for a run on a main one")
    teller = Teller(booked, live.underlyings)
    return WalletWorld(world, WalletFeed(Node(live.solana), live.wallet, teller, world.clock))


def booked_of(state: State) -> Booked | None:
    """What the books hold of a wallet; None where they have no account of one."""
    account = state.accounts.get(VENUE)
    if account is None or not account.opened:
        return None
    held = {
        key: each.qty
        for key, each in state.ledger.positions.items()
        if venue_of(key) == VENUE and each.qty
    }
    return Booked(held, account.cash.get(CASH, Decimal(0)))
