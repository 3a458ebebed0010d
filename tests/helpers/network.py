"""A guard that keeps tests of this process on this machine."""

import ipaddress
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_LOCAL_NAMES = frozenset({"localhost", "localhost.localdomain", ""})


class NetworkReachedError(AssertionError):
    """A test tried to leave the machine; not an OSError, so that no retry logic swallows it."""


def is_local(host: object) -> bool:
    """Whether a host as sockets name it stays on this machine."""
    if host is None:
        return True
    text = host.decode() if isinstance(host, bytes) else str(host)
    if text in _LOCAL_NAMES:
        return True
    try:
        return ipaddress.ip_address(text.partition("%")[0]).is_loopback
    except ValueError:
        return False


class NetworkGuard:
    """Watches every connection, datagram and name look-up that Python code makes.

    It uses the interpreter's audit events, which see connections however they were imported.
    An audit hook cannot be taken out again, so there is one for the whole run, switched on per
    test. Child processes are not watched.
    """

    def __init__(self) -> None:
        self.reached: list[str] = []
        self._closed = False
        sys.addaudithook(self._audit)

    def _audit(self, event: str, arguments: tuple[object, ...]) -> None:
        if not self._closed or not event.startswith("socket."):
            return
        host: object = None
        if event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
            address = arguments[1]
            host = address[0] if isinstance(address, tuple) else None
        elif event in {"socket.getaddrinfo", "socket.gethostbyname"}:
            host = arguments[0]
        if not is_local(host):
            self.reached.append(f"{event} {host!r}")
            message = f"A test tried to reach {host!r}; use a recorded answer or mark it network."
            raise NetworkReachedError(message)

    @contextmanager
    def closed(self) -> Iterator[None]:
        """Refuse everything but loopback and local sockets; fail if something was refused."""
        self.reached.clear()
        self._closed = True
        try:
            yield
        finally:
            self._closed = False
        if self.reached:
            raise NetworkReachedError("; ".join(self.reached))
