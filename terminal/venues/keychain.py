"""The operating system's keychain: API keys are kept there, or in memory, and nowhere else.

Only the backends named here are used. ``keyring`` would by itself take whatever an environment
variable, a settings file or an installed package offers, plain text files among them.
"""

import configparser
import contextlib
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final, Protocol, TypeVar

import keyring.core
import keyring.errors
from keyring.backends.chainer import ChainerBackend
from keyring.util import platform_
from msgspec import Struct

from terminal.core.errors import KeychainError
from terminal.core.secret import Secret
from terminal.model.keys import Keeping

Answer = TypeVar("Answer")

SERVICE: Final = "gammadesk"
LONGEST: Final = 1200
"""Characters of one field: Windows takes 2560 bytes, in two for each."""

CHAIN: Final = f"{ChainerBackend.__module__}.{ChainerBackend.__qualname__}"
DESKTOP: Final = (
    "keyring.backends.SecretService.Keyring",
    "keyring.backends.kwallet.DBusKeyring",
)
"""Backends of Linux desktops, best first."""

ALLOWED: Final = {
    "keyring.backends.SecretService.Keyring": "Secret Service",
    "keyring.backends.kwallet.DBusKeyring": "KWallet",
    "keyring.backends.kwallet.DBusKeyringKWallet4": "KWallet 4",
    "keyring.backends.macOS.Keyring": "macOS Keychain",
    "keyring.backends.Windows.WinVaultKeyring": "Windows Credential Locker",
}
CANDIDATES: Final = {
    "darwin": ("keyring.backends.macOS.Keyring",),
    "win32": ("keyring.backends.Windows.WinVaultKeyring",),
}
"""Backends by system; what is not named here has those of Linux desktops."""

START_ONE: Final = "start GNOME Keyring or KWallet, or install gnome-keyring and log in again"


class Store(Protocol):
    """The part of a keyring backend that is used."""

    def get_password(self, service: str, username: str) -> str | None:
        """Text kept under a name; None where there is none."""
        ...

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep a text."""
        ...

    def delete_password(self, service: str, username: str) -> None:
        """Forget a text."""
        ...


class Found(Struct, frozen=True):
    """The keychain of this machine, or none and why."""

    store: Store | None
    keeping: Keeping


def name_of(store: object) -> str:
    """Full name of a backend."""
    kind = type(store)
    return f"{kind.__module__}.{kind.__qualname__}"


def refusal(store: object) -> str:
    """Why a backend may not hold keys; empty when it may.

    A chain passes a key on to whichever member takes it, so every member must be allowed.
    """
    if isinstance(store, ChainerBackend):
        members = [name_of(each) for each in store.backends]
        unknown = [each for each in members if each not in ALLOWED]
        if members and not unknown:
            return ""
        return f"the chain of keychains holds {unknown[0] if unknown else 'nothing'}"
    name = name_of(store)
    return "" if name in ALLOWED else f"{name} is not a keychain of an operating system"


def find(environment: Mapping[str, str], settings: Path | None = None) -> Found:
    """Find the keychain of this machine. It may ask the session bus: never on the loop.

    Parameters
    ----------
    environment : mapping
        Variables; PYTHON_KEYRING_BACKEND is obeyed where it names an allowed backend. Anything
        else it names is refused before any of its code is loaded, and nothing is put in its place.
    settings : Path, optional
        keyring's own settings file; by default the one of this user.
    """
    named, by = _named(environment, settings or platform_.config_root() / "keyringrc.cfg")
    if named and named != CHAIN and named not in ALLOWED:
        why = f"{by} names {named}, which is no keychain of an operating system: take it out"
        return Found(None, Keeping("", why))
    tried = []
    for name in (named,) if named else CANDIDATES.get(sys.platform, DESKTOP):
        try:
            store: Store = keyring.core.load_keyring(name)
        except Exception as error:  # noqa: BLE001 - what its libraries raise when it is absent
            tried.append(f"{ALLOWED.get(name, name)}: {error}")
            continue
        why = refusal(store)
        if not why:
            return Found(store, Keeping(ALLOWED.get(name, "a chain of allowed keychains")))
        tried.append(f"{why}: take it out of {by}")
    why = "; ".join(tried)
    return Found(None, Keeping("", why if named else f"{why}. To keep keys, {START_ONE}"))


def _named(environment: Mapping[str, str], settings: Path) -> tuple[str, str]:
    """Backend that a person has chosen for keyring, and where; its settings are only read."""
    variable = "PYTHON_KEYRING_BACKEND"
    if environment.get(variable):
        return environment[variable], variable
    parser = configparser.RawConfigParser()
    try:
        parser.read(settings, encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError, OSError) as error:
        return "an unreadable file", f"{settings} ({type(error).__name__})"
    return parser.get("backend", "default-keyring", fallback="").strip(), str(settings)


class Keychain:
    """Keys by account name; those of this session only are in memory.

    Every method may block on a dialog of the system: never call one on the loop.

    Parameters
    ----------
    found : Found
    """

    def __init__(self, found: Found) -> None:
        self.keeping = found.keeping
        self._store = found.store
        self._memory: dict[str, Secret] = {}

    def save(
        self, account: str, fields: Mapping[str, Secret], *, session_only: bool = False
    ) -> bool:
        """Keep the fields of a key, in place of an older one.

        Returns
        -------
        bool
            Whether they outlive the process.

        Raises
        ------
        KeychainError
            A field is empty or too long, or the keychain refused; nothing is kept then.
        """
        for field, secret in fields.items():
            _check_length(account, field, secret)
        lasting = self._store is not None and not session_only
        self._drop(account, fields)
        kept: list[str] = []
        try:
            for field, secret in fields.items():
                kept.append(field)
                self._put(f"{account}/{field}", secret, lasting=lasting)
        except KeychainError:
            self._drop(account, kept)
            raise
        return lasting

    def read(self, account: str, fields: Sequence[str]) -> dict[str, Secret]:
        """Key of an account.

        Raises
        ------
        KeychainError
            A field is not there, or the keychain is locked or gone.
        """
        found = {}
        for field in fields:
            secret = self._get(f"{account}/{field}")
            if secret is None:
                where = self.keeping.name or "memory"
                raise KeychainError(f"{where} holds no {field} of {account}: give the key again")
            found[field] = secret
        return found

    def holds(self, account: str, fields: Sequence[str]) -> bool:
        """Whether every field of an account is there.

        Raises
        ------
        KeychainError
            The keychain is locked or gone: the fields may be there.
        """
        return all(self._get(f"{account}/{field}") is not None for field in fields)

    def forget(self, account: str, fields: Sequence[str]) -> bool:
        """Delete the key of an account; whether any of it was there.

        Raises
        ------
        KeychainError
            The keychain is locked or gone: the key may still be there.
        """
        there = [field for field in fields if self._get(f"{account}/{field}") is not None]
        for field in there:
            self._delete(f"{account}/{field}")
        return bool(there)

    # -- One text at a time -------------------------------------------------------------------

    def _put(self, name: str, secret: Secret, *, lasting: bool) -> None:
        if self._store is None or not lasting:
            self._memory[name] = secret
            return
        store = self._store
        self._ask("did not keep", name, lambda: store.set_password(SERVICE, name, secret.reveal()))
        again = self._ask("did not give", name, lambda: store.get_password(SERVICE, name))
        if again != secret.reveal():
            raise KeychainError(
                f"{self.keeping.name} did not give back what it was given for {name}:"
                " nothing was kept, keep the key in memory instead"
            )

    def _get(self, name: str) -> Secret | None:
        if name in self._memory or self._store is None:
            return self._memory.get(name)
        store = self._store
        text = self._ask("did not give", name, lambda: store.get_password(SERVICE, name))
        return None if text is None else Secret(text)

    def _delete(self, name: str) -> None:
        if self._memory.pop(name, None) is not None or self._store is None:
            return
        store = self._store
        self._ask("did not forget", name, lambda: store.delete_password(SERVICE, name))

    def _ask(self, act: str, name: str, call: Callable[[], Answer]) -> Answer:
        try:
            return call()
        except Exception as error:  # noqa: BLE001 - every system's libraries raise their own
            said = _said(self.keeping.name, act, name, error)
        # Raised out here it has no context, whose frames would hold the key.
        raise KeychainError(said)

    def _drop(self, account: str, fields: Iterable[str]) -> None:
        """Delete what there is of some fields; a keychain that cannot is heard of elsewhere."""
        for field in fields:
            with contextlib.suppress(KeychainError):
                if self._get(f"{account}/{field}") is not None:
                    self._delete(f"{account}/{field}")


def _check_length(account: str, field: str, secret: Secret) -> None:
    size = len(secret.reveal())
    if not secret.reveal().strip():
        raise KeychainError(f"{field} of {account} is empty: paste it from the exchange's page")
    if size > LONGEST:
        raise KeychainError(
            f"{field} of {account} has {size} characters, at most {LONGEST} fit into every"
            " keychain: make a shorter kind of key at the exchange (HMAC or Ed25519)"
        )


def _said(keychain: str, act: str, name: str, error: Exception) -> str:
    """Make one line of a keychain's error; its text never holds what it was given."""
    if isinstance(error, keyring.errors.KeyringLocked):
        why, remedy = "it is locked", "unlock it and try again"
    elif isinstance(error, keyring.errors.InitError):
        why, remedy = f"{error}", "create a login keyring with a password, then try again"
    else:
        why, remedy = f"{type(error).__name__}", "see that it runs, or keep the key in memory"
    return f"{keychain} {act} {name}: {why}; {remedy}"
