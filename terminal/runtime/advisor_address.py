"""Where prompts may go: addresses that are near or encrypted, at a price that is known."""

import ipaddress
from urllib.parse import urlsplit

from terminal.core.errors import ConfigError
from terminal.model.advice import AdvisorSettings
from terminal.venues.endpoints import checked_endpoint


def checked_server(endpoint: str) -> str:
    """Return the address if a prompt may go there.

    Raises
    ------
    ConfigError
        It is no address, or would send what a desk holds over an open network in clear.
    """
    found = checked_endpoint(endpoint)
    if urlsplit(found).scheme == "http" and not is_near(found):
        raise ConfigError(
            f"{host_of(found)} is not on this network: use https, http is read by all"
        )
    return found


def host_of(endpoint: str) -> str:
    """Host and port of an address, for messages and as the name of its key."""
    return urlsplit(endpoint).netloc


def is_near(endpoint: str) -> bool:
    """Whether an address names this machine or a private network by its number."""
    host = urlsplit(endpoint).hostname or ""
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or (address.is_private and not address.is_unspecified)


def why_not(settings: AdvisorSettings) -> str:
    """Why a server cannot be asked as it is set up, with the remedy; empty when it can."""
    verb = "python -m terminal advisor set"
    if not settings.endpoint or not settings.model:
        return f"no model is set up: {verb} --endpoint http://127.0.0.1:11434/v1 --model NAME"
    try:
        checked_server(settings.endpoint)
    except ConfigError as error:
        return str(error)
    if settings.keyed and urlsplit(settings.endpoint).scheme == "http":
        host = urlsplit(settings.endpoint).hostname
        if host not in ("localhost", "127.0.0.1", "::1"):
            return "a key is never sent over http to another machine: use https"
    priced = settings.usd_in is not None and settings.usd_out is not None
    if not priced and not is_near(settings.endpoint):
        return f"its price is not known: {verb} --usd-in X --usd-out Y (per million tokens)"
    return ""
