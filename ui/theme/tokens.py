"""The colours of a theme by role, read from resources/themes."""

import functools
from pathlib import Path

import msgspec
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from terminal.core.errors import ConfigError

RESOURCES = Path(__file__).resolve().parent.parent.parent / "resources"

SPACES = (4, 8, 12, 16, 24)
"""The only distances between things, pixels."""

RADIUS_INPUT, RADIUS_PANEL, RADIUS_CARD = 5, 6, 8

_NEAR_BLACK, _WHITE = "#0A0D12", "#FFFFFF"
_THEME_PROPERTY = "gammadesk-theme"


class Tokens(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Colours by role, each ``#RRGGBB``."""

    name: str
    bg0: str  # window and gutters
    bg1: str  # panel
    bg2: str  # card and input
    bg3: str  # hover
    line: str  # separators, decoration only
    line2: str  # borders that show where an input is, >= 3:1 on bg2
    hi: str  # titles and figures that matter
    tx: str  # text
    mut: str  # labels
    dis: str  # disabled
    acc: str  # links, focus, selection; never a side
    fill: str  # primary button
    fill_hover: str
    danger: str  # danger button
    danger_hover: str
    on_fill: str  # text on fill and danger
    up: str  # buy, gain
    dn: str  # sell, loss
    warn: str
    crit: str  # breach and kill switch only
    sim: str  # modes, as fills under readable_on()
    replay: str
    paper: str
    live: str
    recording: str


def theme_names() -> tuple[str, ...]:
    """Names of the themes that are installed, sorted."""
    return tuple(sorted(path.stem for path in (RESOURCES / "themes").glob("*.toml")))


@functools.cache
def load_tokens(name: str) -> Tokens:
    """Read a theme.

    Parameters
    ----------
    name : str
        ``dark``, ``light`` or ``colour_blind``.

    Raises
    ------
    ConfigError
        There is no such theme, or its file misses a role.
    """
    if name not in theme_names():
        raise ConfigError(f"there is no theme {name!r}: choose one of {', '.join(theme_names())}")
    path = RESOURCES / "themes" / f"{name}.toml"
    try:
        return msgspec.toml.decode(path.read_bytes(), type=Tokens)
    except msgspec.DecodeError as error:
        raise ConfigError(f"theme file {path.name} cannot be used: {error}") from error


def current_tokens() -> Tokens:
    """Tokens of the theme that the running application shows; dark before one is applied."""
    app = QApplication.instance()
    name = app.property(_THEME_PROPERTY) if app is not None else None
    return load_tokens(name if isinstance(name, str) else "dark")


def remember_theme(app: QApplication, tokens: Tokens) -> None:
    """Make these tokens the current ones, for widgets that are built later."""
    app.setProperty(_THEME_PROPERTY, tokens.name)


def role_color(tokens: Tokens, role: str) -> str:
    """Colour of a role by name; an empty or unknown name is plain text.

    ``neutral`` is accepted for ``tx`` because that is what a tone is called on a card.
    """
    value = getattr(tokens, role, tokens.tx) if role and role != "name" else tokens.tx
    return value if isinstance(value, str) else tokens.tx


def mix(over: str, under: str, share: float) -> str:
    """Lay ``share`` (0 to 1) of one colour over another."""
    pairs = zip(_channels(over), _channels(under), strict=True)
    return "#" + "".join(f"{round(a * share + b * (1 - share)):02X}" for a, b in pairs)


def tint(tokens: Tokens, role: str) -> str:
    """Quiet background for text of a role."""
    return mix(role_color(tokens, role), tokens.bg1, 0.12)


def contrast(one: str, other: str) -> float:
    """Contrast of two colours, 1 to 21.

    Notes
    -----
    WCAG 2.2, relative luminance and contrast ratio.
    """
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def readable_on(background: str) -> str:
    """Near-black or white, whichever reads better on a fill; always at least 4.5:1."""
    return max((_NEAR_BLACK, _WHITE), key=lambda text: contrast(text, background))


def _luminance(color: str) -> float:
    def linear(value: int) -> float:
        share = value / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(value) for value in _channels(color))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _channels(color: str) -> tuple[int, int, int]:
    parsed = QColor(color)
    return parsed.red(), parsed.green(), parsed.blue()
