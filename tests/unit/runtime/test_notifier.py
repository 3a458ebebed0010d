"""Telling beyond this machine: a webhook on this one, failures, retries, and no secrets."""

import json
import logging
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from keyring.errors import KeyringLocked

from terminal.core.errors import ConfigError
from terminal.model.alert import Channel, Dispatch, Tier
from terminal.model.keys import Keeping
from terminal.model.messages import Dispatched, Mode, Notify
from terminal.runtime import posts
from terminal.runtime.alert_files import load_alerts
from terminal.runtime.notifier import WAITING, Notifier
from terminal.runtime.posts import PostError, TelegramPost, WebhookPost, checked_url
from terminal.venues.keychain import Found
from tests.helpers.stores import MemoryStore

TOLD = Notify(
    Dispatch(
        number=7,
        at=1,
        tier=Tier.HIGH,
        text="BTC: delta is out",
        channels=(Channel.DESKTOP, Channel.WEBHOOK, Channel.TELEGRAM),
    ),
    Mode.SIM,
)


class Site:
    """A web server on this machine: it keeps what it is sent and answers as it is told."""

    def __init__(self) -> None:
        self.got: list[tuple[str, dict[str, object]]] = []
        self.codes: list[int] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                size = int(self.headers["Content-Length"])
                site.got.append((self.path, json.loads(self.rfile.read(size))))
                self.send_response(site.codes.pop(0) if site.codes else 200)
                self.send_header("Location", f"{site.url}/elsewhere")
                self.end_headers()

            def log_message(self, *_args: object) -> None:
                """Say nothing."""

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    yield made
    made.close()


def settled(notifier: Notifier, count: int = 1) -> list[Dispatched]:
    """Answers once there are ``count``, then an end to the thread."""
    found: list[Dispatched] = []
    for _ in range(1000):
        found += notifier.answers()
        if len(found) >= count:
            break
        time.sleep(0.005)
    notifier.close()
    return found


def webhook(site: Site, path: str = "/hook") -> Notifier:
    return Notifier({Channel.WEBHOOK: WebhookPost(site.url + path)}, pause_s=0.001)


def test_a_webhook_gets_json(site: Site) -> None:
    notifier = webhook(site)
    notifier.send(TOLD)
    assert settled(notifier) == [Dispatched(7, Channel.WEBHOOK, True, "HTTP 200")]
    assert site.got == [
        (
            "/hook",
            {"number": 7, "at_ns": 1, "tier": "high", "mode": "sim", "text": "BTC: delta is out"},
        )
    ]


def test_a_server_in_trouble_is_tried_again_three_times_at_most(site: Site) -> None:
    site.codes = [503, 429, 200]
    notifier = webhook(site)
    notifier.send(TOLD)
    assert settled(notifier)[0].ok
    assert len(site.got) == 3
    site.codes = [500] * 9
    other = webhook(site)
    other.send(TOLD)
    assert settled(other) == [Dispatched(7, Channel.WEBHOOK, False, "HTTP 500, tries: 3")]
    assert len(site.got) == 6


@pytest.mark.parametrize("code", [302, 307, 400, 401, 404])
def test_a_refusal_or_a_redirect_is_not_tried_again(site: Site, code: int) -> None:
    site.codes = [code]
    notifier = webhook(site)
    notifier.send(TOLD)
    assert settled(notifier) == [
        Dispatched(7, Channel.WEBHOOK, False, f"HTTP {code}, tries: 1")
    ]
    assert [path for path, _ in site.got] == ["/hook"]


def test_nobody_there() -> None:
    gone = Site()
    gone.close()
    notifier = webhook(gone)
    notifier.send(TOLD)
    (answer,) = settled(notifier)
    assert not answer.ok
    assert "not reached (ConnectionRefusedError)" in answer.detail


def test_telegram_with_a_token_that_is_kept_nowhere(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    site.codes = [401]
    post = TelegramPost("-100", lambda: "123:SECRET", site.url)
    notifier = Notifier({Channel.TELEGRAM: post}, pause_s=0.001)
    notifier.send(TOLD)
    (answer,) = settled(notifier)
    path, content = site.got[0]
    assert path == "/bot123%3ASECRET/sendMessage"
    assert content == {"chat_id": "-100", "text": "SIM HIGH: BTC: delta is out"}
    assert "SECRET" not in answer.detail + caplog.text + repr(vars(post))


def test_telegram_without_a_token() -> None:
    notifier = Notifier({Channel.TELEGRAM: TelegramPost("-100", lambda: None)})
    notifier.send(TOLD)
    (answer,) = settled(notifier)
    assert "no bot token in the keychain" in answer.detail


def test_it_never_waits_and_drops_what_is_too_much() -> None:
    class Slow:
        def __init__(self) -> None:
            self.go = threading.Event()

        def send(self, notify: Notify) -> str:
            self.go.wait(10.0)
            return "late"

    slow = Slow()
    notifier = Notifier({Channel.WEBHOOK: slow})
    for _ in range(WAITING + 5):
        notifier.send(TOLD)
    dropped = notifier.answers()
    assert 4 <= len(dropped) <= 5
    assert all("dropped" in each.detail and not each.ok for each in dropped)
    slow.go.set()
    assert len(settled(notifier, WAITING)) >= WAITING


def test_without_posts_there_is_no_thread() -> None:
    before = threading.active_count()
    notifier = Notifier()
    notifier.send(TOLD)
    assert threading.active_count() == before
    assert notifier.answers() == []
    notifier.close()


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/x",
        "ftp://example.org/x",
        "file:///etc/passwd",
        "https://",
        "nonsense",
        "",
        "http://localhost.example.org/",
        "http://[::1",
    ],
)
def test_addresses_that_are_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="https"):
        checked_url(url)


@pytest.mark.parametrize("url", ["https://example.org/x", "http://localhost:1/", "http://[::1]:1/"])
def test_addresses_that_are_taken(url: str) -> None:
    assert checked_url(url) == url


def test_the_keychain(monkeypatch: pytest.MonkeyPatch) -> None:
    class Locked(MemoryStore):
        def get_password(self, service: str, username: str) -> str | None:
            raise KeyringLocked

    store = MemoryStore()
    store.set_password("gammadesk", "telegram-bot", "a token")
    post = TelegramPost("1")
    for held, told in ((store, "a token"), (MemoryStore(), None)):
        monkeypatch.setattr(posts, "find", lambda _, held=held: Found(held, Keeping("Test")))
        assert post._token() == told
    monkeypatch.setattr(posts, "find", lambda _: Found(Locked(), Keeping("Test")))
    with pytest.raises(PostError, match="KeyringLocked"):
        post._token()


def test_no_token_comes_from_what_is_no_keychain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyrings.alt.file.PlaintextKeyring")
    with pytest.raises(PostError, match="PlaintextKeyring"):
        TelegramPost("1")._token()


def test_a_file_of_alerts(tmp_path: Path) -> None:
    path = tmp_path / "alerts.toml"
    path.write_text('[webhook]\nurl = "https://example.org/h"\n[telegram]\nchat = "1"\n')
    settings, notifier = load_alerts(path)
    assert settings.outside == (Channel.WEBHOOK, Channel.TELEGRAM)
    assert set(notifier._posts) == {Channel.WEBHOOK, Channel.TELEGRAM}
    path.write_text('[webhook]\nurl = "http://example.org/h"\n')
    with pytest.raises(ConfigError, match="https"):
        load_alerts(path)
    with pytest.raises(ConfigError, match=r"none\.toml"):
        load_alerts(tmp_path / "none.toml")
