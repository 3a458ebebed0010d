"""Keychains of tests: one in memory, and one that refuses as keychains do."""

import keyring.errors
from keyring.backend import KeyringBackend


class MemoryStore:
    """Keeps what it is given, and counts the calls."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.calls = 0

    def get_password(self, service: str, username: str) -> str | None:
        self.calls += 1
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.calls += 1
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self.calls += 1
        if (service, username) not in self.kept:
            raise keyring.errors.PasswordDeleteError("No such password!")
        del self.kept[service, username]


class ForgetfulStore(MemoryStore):
    """Takes everything and keeps nothing, as keyring's null backend does."""

    def set_password(self, service: str, username: str, password: str) -> None:
        self.calls += 1


class RefusingStore(MemoryStore):
    """Raises what it was told to, from the given number of writes on."""

    def __init__(self, error: Exception, writes: int = 0) -> None:
        super().__init__()
        self._error = error
        self._left = writes

    def set_password(self, service: str, username: str, password: str) -> None:
        if self._left <= 0:
            raise self._error
        self._left -= 1
        super().set_password(service, username, password)


class PlaintextKeyring(KeyringBackend):
    """Stands for a package's backend that keeps keys in a text file."""

    priority = 9.0

    def get_password(self, service: str, username: str) -> str | None:
        return None

    def set_password(self, service: str, username: str, password: str) -> None:
        raise AssertionError("a key reached a plain text file")

    def delete_password(self, service: str, username: str) -> None:
        raise AssertionError("a plain text file was touched")
