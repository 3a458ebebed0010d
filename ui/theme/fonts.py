"""Typefaces: Inter for words and figures, JetBrains Mono for logs."""

from PySide6.QtGui import QFont, QFontDatabase

from ui.theme.tokens import RESOURCES

SANS = "Inter"
MONO = "JetBrains Mono"

LABEL, BODY, CONTROL, TITLE, KPI = 11, 12, 13, 15, 20
"""Sizes in pixels."""

_FILES = (
    "Inter-Regular.otf",
    "Inter-Medium.otf",
    "Inter-SemiBold.otf",
    "JetBrainsMono-Regular.ttf",
)


def load_fonts() -> tuple[str, ...]:
    """Register the shipped typefaces; fonts of the system stand in for any that cannot be read.

    Returns
    -------
    tuple of str
        The families that are available now, without repeats. Calling twice is harmless.
    """
    if not _complete():
        for name in _FILES:
            QFontDatabase.addApplicationFont(str(RESOURCES / "fonts" / name))
    families = QFontDatabase.families()
    return tuple(name for name in (SANS, MONO) if name in families)


def tabular(font: QFont) -> QFont:
    """Return a copy of a font whose figures are all of one width, so that columns stand still."""
    copy = QFont(font)
    copy.setFeature(QFont.Tag("tnum"), 1)
    return copy


def sans(size: int = BODY, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """Inter with tabular figures, ``size`` in pixels."""
    return _sized(SANS, size, weight)


def semibold(size: int = BODY) -> QFont:
    """Inter 600 with tabular figures."""
    return _sized(SANS, size, QFont.Weight.DemiBold)


def mono(size: int = LABEL) -> QFont:
    """JetBrains Mono for logs."""
    font = _sized(MONO, size, QFont.Weight.Normal)
    font.setStyleHint(QFont.StyleHint.Monospace)
    return font


def _sized(family: str, size: int, weight: QFont.Weight) -> QFont:
    font = QFont(family)
    font.setPixelSize(size)
    font.setWeight(weight)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return tabular(font)


def _complete() -> bool:
    weights = {style.replace(" ", "") for style in QFontDatabase.styles(SANS)}
    return {"Regular", "Medium", "SemiBold"} <= weights and MONO in QFontDatabase.families()
