"""Keys of this machine: kept, listed, forgotten and checked, never on the loop."""

import asyncio
import contextlib
import os
import time
from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from msgspec.structs import replace

from terminal.core.errors import ConfigError, KeychainError, TerminalError, VenueError
from terminal.core.secret import Secret
from terminal.model.keys import Keeping, KeyEntry, KeyOffer, KeyReport, StoredKey
from terminal.model.live import LiveAccount, Network
from terminal.runtime.accounts import (
    checked_label,
    read_accounts,
    with_account,
    without,
    write_accounts,
)
from terminal.runtime.beside import beside
from terminal.runtime.clean_logs import clean_logs
from terminal.venues.ccxt_exchange import Connection, Taps, guarded
from terminal.venues.dialects.dialect import Dialect
from terminal.venues.dialects.registry import DIALECTS
from terminal.venues.endpoints import checked_endpoint
from terminal.venues.key_calls import CcxtCalls
from terminal.venues.key_checks import expires_at, findings, listen
from terminal.venues.keychain import Keychain, find
from terminal.venues.plain_loop import run_plain
from terminal.venues.redaction import Redactor

KEYCHAIN_S: Final = 60.0
"""Longest wait for a keychain: a person may have to type its password first."""

CHECK_S: Final = 120.0
CLOSE_S: Final = 5.0

Answer = TypeVar("Answer")


def key_offers(dialects: Mapping[str, Dialect] = DIALECTS) -> tuple[KeyOffer, ...]:
    """Exchanges that a key can be given for."""
    return tuple(
        KeyOffer(
            venue=each.venue,
            title=each.title,
            fields=each.key_fields,
            test_network=bool(each.sandbox),
            why_read_only=each.why_read_only,
        )
        for each in dialects.values()
        if each.key_fields
    )


class KeyDesk:
    """Everything that is done with keys in one run of the program.

    Parameters
    ----------
    directory : Path
        Where the list of accounts is kept.
    dialects : mapping, optional
        Exchanges by our name.
    keychain : callable, optional
        Opens the keychain; called in a worker thread, once.
    """

    def __init__(
        self,
        directory: Path,
        dialects: Mapping[str, Dialect] = DIALECTS,
        keychain: Callable[[], Keychain] | None = None,
    ) -> None:
        self.redactor = Redactor()
        self._directory = directory
        self._dialects = dialects
        self._open = keychain or (lambda: Keychain(find(os.environ)))
        self._keychain: Keychain | None = None
        self._session: tuple[StoredKey, ...] = ()
        self._cleaning = False

    def offers(self) -> tuple[KeyOffer, ...]:
        """Exchanges that a key can be given for."""
        return key_offers(self._dialects)

    def accounts(self) -> tuple[StoredKey, ...]:
        """Accounts with a key, those of this session last.

        Raises
        ------
        ConfigError
            The list cannot be read.
        """
        return (*read_accounts(self._directory), *self._session)

    def account(self, venue: str, network: Network, label: str) -> StoredKey:
        """One account with a key; raises ConfigError where there is none."""
        name = LiveAccount(venue, network, label).name
        for each in self.accounts():
            if each.account.name == name:
                return each
        raise ConfigError(f"no key is kept for {name}: see python -m terminal keys list")

    async def keeping(self) -> Keeping:
        """Where keys are kept on this machine."""
        return await self._with_keychain(lambda keychain: keychain.keeping)

    async def save(self, entry: KeyEntry) -> StoredKey:
        """Keep a key.

        Raises
        ------
        ConfigError
            The entry is not sound; KeychainError where the keychain refuses. Nothing is kept then.
        """
        entry = self.checked(entry)
        account = entry.account
        save = partial(
            Keychain.save,
            account=account.name,
            fields=entry.fields,
            session_only=entry.session_only,
        )
        known = await asyncio.to_thread(read_accounts, self._directory)
        lasting = await self._with_keychain(save)
        stored = StoredKey(account=account, fields=tuple(entry.fields), saved_at=time.time_ns())
        self._session = without(self._session, account)
        if lasting:
            known = with_account(known, stored)
        else:
            known = without(known, account)
            self._session = with_account(self._session, stored)
        await asyncio.to_thread(write_accounts, self._directory, known)
        return stored

    async def forget(self, stored: StoredKey) -> bool:
        """Delete a key; whether there was one.

        Raises
        ------
        KeychainError
            The keychain is locked: the key may still be there, and stays in the list.
        """
        account = stored.account
        forget = partial(Keychain.forget, account=account.name, fields=stored.fields)
        found = await self._with_keychain(forget)
        self._session = without(self._session, account)
        known = await asyncio.to_thread(read_accounts, self._directory)
        await asyncio.to_thread(write_accounts, self._directory, without(known, account))
        return found

    async def read(self, stored: StoredKey) -> dict[str, Secret]:
        """Key of an account; its text is taken out of logs from here on.

        Raises
        ------
        KeychainError
            There is none any more, or the keychain is locked.
        """
        read = partial(Keychain.read, account=stored.account.name, fields=stored.fields)
        key = await self._with_keychain(read)
        self.redactor.learn(key.values())
        return key

    def checked(self, entry: KeyEntry) -> KeyEntry:
        """Return the entry with its address in order; raises ConfigError where it is not sound."""
        account = entry.account
        dialect = self._dialects.get(account.venue)
        if dialect is None:
            known = ", ".join(self._dialects) or "none"
            raise ConfigError(f"{account.venue!r} is no exchange known here: one of {known}")
        checked_label(account.label)
        if account.network is Network.TEST and not dialect.sandbox and not account.address:
            raise ConfigError(f"{dialect.title} has no test network: choose the main one")
        for field in dialect.key_fields:
            if not entry.fields.get(field, Secret("")).reveal().strip():
                raise ConfigError(f"{field} is empty: paste it from the page of {dialect.title}")
        self.redactor.learn(entry.fields.values())
        address = checked_endpoint(account.address) if account.address else ""
        fields = {name: Secret(entry.fields[name].reveal().strip()) for name in dialect.key_fields}
        return replace(entry, account=replace(account, address=address), fields=fields)

    def clean_logs(self) -> None:
        """From here on no log line and no last word of the process shows a key used here."""
        if not self._cleaning:
            self._cleaning = True
            clean_logs(self.redactor)

    async def check(self, entry: KeyEntry, *, with_order: bool = False) -> KeyReport:
        """Ask the exchange about a key; what fails is in the report.

        In a thread with a loop of its own: ccxt takes a second to import, markets longer.
        """
        try:
            entry = self.checked(entry)
            dialect = self._dialects[entry.account.venue]
            late = VenueError(f"{dialect.title} took longer than {CHECK_S:g} s: try again")
            asked = self._asked(dialect, entry, with_order=with_order)
            return await beside(lambda: run_plain(asked()), CHECK_S, late)
        except TerminalError as error:
            return KeyReport(entry.account, failure=self.redactor.clean(str(error)))
        except Exception as error:  # noqa: BLE001 - a broken exchange must not end the program
            why = self.redactor.clean(f"{type(error).__name__}: {error}")
            return KeyReport(entry.account, failure=why)

    def _asked(
        self, dialect: Dialect, entry: KeyEntry, *, with_order: bool
    ) -> Callable[[], Coroutine[object, object, KeyReport]]:
        async def ask() -> KeyReport:
            account = entry.account
            exchange = guarded(
                dialect,
                Taps(),
                Connection(
                    endpoint=account.address,
                    test_network=account.network is Network.TEST and not account.address,
                    paced=True,
                ),
                credentials={name: each.reveal() for name, each in entry.fields.items()},
            )
            try:
                calls = CcxtCalls(exchange, dialect, entry.fields)
                clean = self.redactor.clean
                heard = await listen(calls, time.time_ns, clean, with_order=with_order)
            finally:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(CLOSE_S):  # wait_for could swallow a cancellation
                        await exchange.close()
            return KeyReport(
                account,
                findings(dialect.ccxt_id, heard),
                expires_at=expires_at(dialect.ccxt_id, heard),
            )

        return ask

    async def _with_keychain(self, act: Callable[[Keychain], Answer]) -> Answer:
        late = KeychainError(
            f"the keychain has not answered for {KEYCHAIN_S:g} s: look for its password dialog,"
            " answer it and try again"
        )
        return await beside(lambda: act(self._opened()), KEYCHAIN_S, late)

    def _opened(self) -> Keychain:
        if self._keychain is None:
            self._keychain = self._open()
        return self._keychain
