"""The key of the advisor's server: in the keychain, under a name of its own."""

import os
from collections.abc import Callable
from typing import Final

from terminal.core.errors import ConfigError, KeychainError
from terminal.core.secret import Secret
from terminal.runtime.beside import beside
from terminal.runtime.clean_logs import clean_logs
from terminal.venues.keychain import Keychain, find
from terminal.venues.redaction import Redactor

PATIENCE_S: Final = 60.0
"""Longest wait for a keychain: a person may have to type its password first."""

FIELD: Final = "token"


class AdvisorKeys:
    """Keys by host.

    Parameters
    ----------
    redactor : Redactor
        Learns each key that is used, and takes it out of what is written.
    keychain : callable, optional
        Opens the keychain; called in a worker thread.
    """

    def __init__(self, redactor: Redactor, keychain: Callable[[], Keychain] | None = None) -> None:
        self.redactor = redactor
        self._open = keychain or (lambda: Keychain(find(os.environ)))
        self._cleaning = False

    async def read(self, host: str) -> Secret:
        """Key of a server.

        Raises
        ------
        KeychainError
            There is none, or the keychain is locked or late.
        """
        found = await beside(
            lambda: self._open().read(_account(host), (FIELD,)), PATIENCE_S, _late()
        )
        self.redactor.learn(found.values())
        if not self._cleaning:
            self._cleaning = True
            clean_logs(self.redactor)
        return found[FIELD]

    async def save(self, host: str, key: Secret) -> str:
        """Keep a key; the keychain's name.

        Raises
        ------
        ConfigError
            It is empty, or there is no keychain to keep it.
        """
        text = key.reveal().strip()
        if not text or not text.isascii() or not text.isprintable():
            raise ConfigError("a key is one line of ASCII: paste it again")
        self.redactor.learn([Secret(text)])

        def keep() -> str:
            keychain = self._open()
            if not keychain.keeping.name:
                raise KeychainError(
                    f"there is no keychain that could keep it: {keychain.keeping.why}"
                )
            keychain.save(_account(host), {FIELD: Secret(text)})
            return keychain.keeping.name

        return await beside(keep, PATIENCE_S, _late())

    async def forget(self, host: str) -> bool:
        """Delete a key; whether there was one."""
        return await beside(
            lambda: self._open().forget(_account(host), (FIELD,)), PATIENCE_S, _late()
        )


def _account(host: str) -> str:
    return f"advisor:{host}"


def _late() -> KeychainError:
    return KeychainError(
        f"the keychain has not answered for {PATIENCE_S:g} s: look for its password dialog"
    )
