"""Ways to reach a person beyond this machine: a webhook, and a Telegram bot."""

import http.client
import json
import os
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from typing import Protocol

from keyring.errors import KeyringError

from terminal.core.errors import ConfigError
from terminal.model.messages import Notify
from terminal.venues.keychain import SERVICE, find

TIMEOUT_S = 5.0
TELEGRAM = "https://api.telegram.org"
TELEGRAM_NAME = "telegram-bot"
"""Where the bot's token is in the keychain: ``keyring set gammadesk telegram-bot``."""


class PostError(Exception):
    """A telling that failed; ``again`` says whether trying once more makes sense."""

    def __init__(self, why: str, *, again: bool) -> None:
        super().__init__(why)
        self.again = again


class Post(Protocol):
    """One way to tell; called in a thread of its own, so it may wait."""

    def send(self, notify: Notify) -> str:
        """Tell, and say what the other side answered; raises PostError."""
        ...


class WebhookPost:
    """Posts JSON to an address.

    Parameters
    ----------
    url : str
        ``https``, or ``http`` on this machine.

    Raises
    ------
    ConfigError
        Any other address.
    """

    def __init__(self, url: str) -> None:
        self._url = checked_url(url)

    def send(self, notify: Notify) -> str:
        """Post one dispatch."""
        dispatch = notify.dispatch
        content = {
            "mode": notify.mode.value,
            "number": dispatch.number,
            "at_ns": dispatch.at,
            "tier": dispatch.tier.value,
            "text": dispatch.text,
        }
        return posted(self._url, content)


class TelegramPost:
    """Writes to a chat as a bot.

    Parameters
    ----------
    chat : str
        Number or name of the chat.
    token : callable, optional
        Gives the bot's token; the keychain of the operating system by default. It is asked for
        at each telling and kept nowhere.
    host : str
        Address of the service.
    """

    def __init__(
        self, chat: str, token: Callable[[], str | None] | None = None, host: str = TELEGRAM
    ) -> None:
        self._chat = chat
        self._token = token or token_of_keychain
        self._host = checked_url(host)

    def send(self, notify: Notify) -> str:
        """Write one dispatch."""
        token = self._token()
        if not token:
            raise PostError(
                f"no bot token in the keychain: keyring set {SERVICE} {TELEGRAM_NAME}", again=False
            )
        dispatch = notify.dispatch
        text = f"{notify.mode.value.upper()} {dispatch.tier.value.upper()}: {dispatch.text}"
        return posted(
            f"{self._host}/bot{urllib.parse.quote(token)}/sendMessage",
            {"chat_id": self._chat, "text": text},
        )


def token_of_keychain() -> str | None:
    """Token of the Telegram bot; None where there is none. May wait for the keychain."""
    found = find(os.environ)
    if found.store is None:
        raise PostError(f"there is no keychain here: {found.keeping.why}", again=False)
    try:
        return found.store.get_password(SERVICE, TELEGRAM_NAME)
    except KeyringError as error:
        why = f"the keychain cannot be read ({type(error).__name__})"
        raise PostError(why, again=False) from error


def checked_url(url: str) -> str:
    """Return an address that alerts may be sent to; raises ConfigError otherwise."""
    try:
        parts = urllib.parse.urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        parts, host = None, ""
    local = host in {"localhost", "127.0.0.1", "::1"}
    if parts is None or not host or not (
        parts.scheme == "https" or (parts.scheme == "http" and local)
    ):
        raise ConfigError("the webhook's url must begin with https:// (http:// only for localhost)")
    return url


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect is a failure: it could carry alerts to where they were never meant to go."""

    def redirect_request(self, *_args: object) -> None:
        return None


def posted(url: str, content: Mapping[str, object]) -> str:
    """Post JSON; neither address nor content is in any message, for both may hold secrets.

    Raises
    ------
    PostError
        Refused, unreachable or too slow.
    """
    request = urllib.request.Request(  # noqa: S310 - the scheme was checked
        url,
        data=json.dumps(dict(content)).encode(),
        headers={"Content-Type": "application/json", "User-Agent": "gammadesk"},
        method="POST",
    )
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=TIMEOUT_S) as answer:
            return f"HTTP {answer.status}"
    except urllib.error.HTTPError as error:
        error.close()
        raise PostError(
            f"HTTP {error.code}", again=error.code == 429 or error.code >= 500
        ) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        cause = getattr(error, "reason", error)
        name = type(cause).__name__ if isinstance(cause, Exception) else type(error).__name__
        raise PostError(f"not reached ({name})", again=True) from None
