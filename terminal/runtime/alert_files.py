"""The person's file of alerts, and the posts that it sets up."""

from pathlib import Path

from terminal.core.errors import ConfigError
from terminal.model.alert import AlertSettings, Channel
from terminal.risk.alert_rules import AlertFile, read_alerts
from terminal.risk.alert_text import file_of, write_alerts
from terminal.runtime.notifier import Notifier
from terminal.runtime.posts import Post, TelegramPost, WebhookPost
from terminal.runtime.whole_file import write_whole


def load_alerts(path: Path) -> tuple[AlertSettings, Notifier]:
    """Rules of a file, and who tells by the channels that it sets up.

    Raises
    ------
    ConfigError
        The file cannot be read or is not a sound file of alerts.
    """
    settings, file = read_alerts(_text_of(path), str(path))
    return settings, Notifier(_posts(file))


def save_alerts(settings: AlertSettings, path: Path) -> None:
    """Write a person's own rules; the old file stays whole until the new one is.

    Quiet hours and the addresses of channels stay as the file has them; comments are lost.

    Raises
    ------
    ConfigError
        The file there is cannot be read, the rules are unsound, or the file cannot be written.
    """
    kept = AlertFile()
    if path.exists():
        _, kept = read_alerts(_text_of(path), str(path))
    text = write_alerts(file_of(settings, kept))
    again, _ = read_alerts(text, str(path))
    if again.rules != settings.rules:
        raise ConfigError(f"alerts {path}: a rule would not read back as it is")
    write_whole(path, text, "alerts")


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"alerts {path}: {error}") from error


def _posts(file: AlertFile) -> dict[Channel, Post]:
    posts: dict[Channel, Post] = {}
    if file.webhook is not None:
        posts[Channel.WEBHOOK] = WebhookPost(file.webhook.url)
    if file.telegram is not None:
        posts[Channel.TELEGRAM] = TelegramPost(file.telegram.chat)
    return posts
