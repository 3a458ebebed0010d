"""The person's file of alerts, and the posts that it sets up."""

from pathlib import Path

from terminal.core.errors import ConfigError
from terminal.model.alert import AlertSettings, Channel
from terminal.risk.alert_rules import AlertFile, read_alerts
from terminal.runtime.notifier import Notifier
from terminal.runtime.posts import Post, TelegramPost, WebhookPost


def load_alerts(path: Path) -> tuple[AlertSettings, Notifier]:
    """Rules of a file, and who tells by the channels that it sets up.

    Raises
    ------
    ConfigError
        The file cannot be read or is not a sound file of alerts.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"alerts {path}: {error}") from error
    settings, file = read_alerts(text, str(path))
    return settings, Notifier(_posts(file))


def _posts(file: AlertFile) -> dict[Channel, Post]:
    posts: dict[Channel, Post] = {}
    if file.webhook is not None:
        posts[Channel.WEBHOOK] = WebhookPost(file.webhook.url)
    if file.telegram is not None:
        posts[Channel.TELEGRAM] = TelegramPost(file.telegram.chat)
    return posts
