"""A run that trades: the account it is for and its key."""

import logging
from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from msgspec import Struct
from msgspec.structs import replace

from terminal.core.errors import ConfigError, TerminalError
from terminal.model.facts import KeyChecked
from terminal.model.keys import CheckState, KeyEntry, KeyReport, StoredKey
from terminal.model.live import LiveAccount, Network
from terminal.runtime.key_desk import KeyDesk
from terminal.runtime.settings import LiveData
from terminal.venues.dialects.registry import dialect
from terminal.venues.plain_loop import run_plain
from terminal.venues.redaction import Redactor

log = logging.getLogger(__name__)

RIGHTS = frozenset({"Withdrawals", "Trading"})
"""Rows of a report whose warnings are about a right too many or too few."""

TOLD_ELSEWHERE = frozenset({"Clock", "Expiry"})
"""Rows that have alerts of their own."""


class AccountKeys(Protocol):
    """Where keys come from."""

    @property
    def redactor(self) -> Redactor:
        """Takes every key that was read out of text."""
        ...

    def read(self, account: LiveAccount) -> Mapping[str, str]:
        """Key of an account, by ccxt's names; in a worker thread, for a person may be asked."""
        ...


@runtime_checkable
class AskedKeys(AccountKeys, Protocol):
    """Keys that their venue can be asked about."""

    def asked(self, account: LiveAccount) -> KeyChecked | None:
        """What the venue says of the key of an account; blocks, and None where it says nothing."""
        ...


class DeskKeys(Struct, frozen=True):
    """Keys of this machine's keychain."""

    desk: KeyDesk

    @property
    def redactor(self) -> Redactor:
        """Takes every key that was read out of text."""
        return self.desk.redactor

    def read(self, account: LiveAccount) -> Mapping[str, str]:
        """Key of an account; it leaves the keychain here and goes to ccxt alone."""
        stored = self.desk.account(account.venue, account.network, account.label)
        found = run_plain(self.desk.read(stored))
        return {name: secret.reveal() for name, secret in found.items()}

    def asked(self, account: LiveAccount) -> KeyChecked | None:
        """What the venue says of the key of an account now; None where it could not be asked."""
        try:
            stored = self.desk.account(account.venue, account.network, account.label)
            fields = run_plain(self.desk.read(stored))
        except TerminalError as error:
            log.warning("the key of %s was not looked at: %s", account.name, error)
            return None
        report = run_plain(self.desk.check(KeyEntry(account=stored.account, fields=fields)))
        return None if report.failure else key_checked(report)


def key_checked(report: KeyReport) -> KeyChecked:
    """What of a report a run must know: rights too many or too few, and when the key ends."""
    wrong = tuple(
        [
            f"{row.what.lower()}: {row.found}"
            for row in report.rows
            if row.what not in TOLD_ELSEWHERE
            and (
                row.state is CheckState.BAD or (row.state is CheckState.WARN and row.what in RIGHTS)
            )
        ]
    )
    return KeyChecked(report.account.name, wrong, report.expires_at)


def chosen_account(accounts: tuple[StoredKey, ...], live: LiveData, label: str) -> LiveAccount:
    """Account that a live run is for.

    Parameters
    ----------
    accounts : tuple of StoredKey
        Accounts with a key.
    live : LiveData
        Names the venue and the network.
    label : str
        Of the account; empty where there is only one.

    Raises
    ------
    ConfigError
        The venue cannot be traded on, there is no such account, or there are several.
    """
    spoken = dialect(live.venue)
    if spoken.why_read_only:
        raise ConfigError(f"{spoken.title} cannot be traded on: {spoken.why_read_only}")
    network = Network.TEST if live.test_network else Network.MAIN
    found = [
        each.account
        for each in accounts
        if (each.account.venue, each.account.network) == (spoken.venue, network)
        and label in ("", each.account.label)
    ]
    if not found:
        named = f" called {label!r}" if label else ""
        raise ConfigError(
            f"there is no key for {spoken.title} ({network.value} network){named}:"
            f" run python -m terminal keys add {spoken.venue}"
        )
    if len(found) > 1:
        labels = ", ".join(each.label for each in found)
        raise ConfigError(f"there are several accounts at {spoken.title}: name one ({labels})")
    account = found[0]
    if live.endpoint and live.endpoint != account.address:
        raise ConfigError(
            f"the key of {account.name} is for {account.address or 'the venue itself'}, not for"
            f" {live.endpoint}: keys never go to another address than they were given for"
        )
    return account


def chosen_accounts(
    accounts: tuple[StoredKey, ...], live: LiveData, label: str
) -> tuple[LiveAccount, ...]:
    """Accounts that a live run is for: that of its venue, and those beside it.

    Parameters
    ----------
    accounts : tuple of StoredKey
        Accounts with a key.
    live : LiveData
        Names the venues and the network.
    label : str
        Of the account at the first venue.

    Raises
    ------
    ConfigError
        As ``chosen_account``, or a venue is named twice.
    """
    first = chosen_account(accounts, live, label)
    if len({live.venue, *live.also}) <= len(live.also):
        raise ConfigError("--also names a venue twice: a run has one account at each")
    beside = (replace(live, venue=each, endpoint="") for each in live.also)
    return first, *(chosen_account(accounts, each, "") for each in beside)


def live_data(live: LiveData, account: LiveAccount) -> LiveData:
    """Where the data of an account's run come from: from where its orders go."""
    network = account.network is Network.TEST and not account.address
    return replace(live, venue=account.venue, endpoint=account.address, test_network=network)


def journal_folder(accounts: tuple[LiveAccount, ...]) -> str:
    """Name of the journals of accounts traded together: one, however the run was started."""
    names = "+".join(each.name for each in accounts)
    return f"live-{names.replace('/', '-')}".replace(" ", "_")
