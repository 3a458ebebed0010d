"""Addresses of an exchange moved to another host: a gateway, or a server of the tests."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from terminal.core.errors import ConfigError

_SOCKET = {"http": "ws", "https": "wss"}


def checked_endpoint(endpoint: str) -> str:
    """Return ``--endpoint`` without a closing slash if it is an address.

    Raises
    ------
    ConfigError
        It is not http or https with a host, or it carries a name and password.
    """
    parts = urlsplit(endpoint)
    if parts.scheme not in _SOCKET or not parts.hostname:
        msg = f"--endpoint {endpoint!r} is no address: write for example http://127.0.0.1:8080"
        raise ConfigError(msg)
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ConfigError("--endpoint takes host, port and path only: keys belong in the keychain")
    return endpoint.rstrip("/")


def redirected(urls: Mapping[str, object], endpoint: str, hostname: str) -> dict[str, object]:
    """Move every address of ccxt's table ``urls['api']`` to ``endpoint``.

    Parameters
    ----------
    urls : mapping
        Names to addresses, nested as ccxt has them.
    endpoint : str
        ``http://host:port``; sockets get ``ws://host:port``.
    hostname : str
        Stands where an address says ``{hostname}``.

    Returns
    -------
    dict
        ``https://fapi.binance.com/fapi/v1`` becomes ``http://host:port/fapi.binance.com/fapi/v1``:
        the original host stays in the path, for ccxt tells markets apart by parts of addresses,
        and one server can then stand for all of an exchange.
    """
    return {name: _moved(value, endpoint, hostname) for name, value in urls.items()}


def _moved(value: object, endpoint: str, hostname: str) -> object:
    if isinstance(value, dict):
        return redirected(value, endpoint, hostname)
    if not isinstance(value, str) or "://" not in value:
        return value
    scheme, _, rest = value.replace("{hostname}", hostname).partition("://")
    host = urlsplit(endpoint)
    kind = _SOCKET[host.scheme] if scheme.startswith("ws") else host.scheme
    return f"{kind}://{host.netloc}{host.path}/{rest}"


def original(address: str, endpoint: str) -> str:
    """Address as the exchange's own, of one that :func:`redirected` moved to ``endpoint``.

    ccxt looks errors up by the address that answered (Binance has a table for each of its hosts),
    and would take a refusal for an unknown outcome where it does not know the address.
    """
    moved = f"{endpoint}/"
    return f"https://{address.removeprefix(moved)}" if address.startswith(moved) else address
