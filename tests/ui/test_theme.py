"""Every theme can be read, measured, and applied without a word from Qt."""

from pathlib import Path

import msgspec
import pytest
from PySide6.QtGui import QFontDatabase, QFontMetrics, QIcon
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QTableView, QWidget
from pytestqt.qtbot import QtBot

from terminal.core.errors import ConfigError
from ui.theme import tokens as tokens_module
from ui.theme.apply import apply_theme, set_property
from ui.theme.fonts import KPI, MONO, SANS, load_fonts, mono, sans, semibold
from ui.theme.qss import chart_colors, stylesheet
from ui.theme.tokens import (
    RESOURCES,
    Tokens,
    contrast,
    current_tokens,
    load_tokens,
    mix,
    readable_on,
    role_color,
    theme_names,
    tint,
)

THEMES = ("colour_blind", "dark", "light")
TEXT_ROLES = ("hi", "tx", "mut", "acc", "up", "dn", "warn", "crit")
GROUNDS = ("bg0", "bg1", "bg2", "bg3")
MODES = ("sim", "replay", "paper", "live", "recording")


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21.0)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.005)
    assert contrast("#123456", "#123456") == 1.0


def test_all_themes_are_there() -> None:
    assert theme_names() == THEMES


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize("role", TEXT_ROLES)
def test_text_can_be_read(name: str, role: str) -> None:
    tokens = load_tokens(name)
    color = role_color(tokens, role)
    grounds = [role_color(tokens, each) for each in GROUNDS]
    grounds.append(tint(tokens, role))
    if role in {"hi", "tx", "mut"}:  # what an alert card shows
        grounds.append(tint(tokens, "crit"))
    assert min(contrast(color, each) for each in grounds) >= 4.5


@pytest.mark.parametrize("name", THEMES)
def test_selected_and_heated_text_can_be_read(name: str) -> None:
    tokens = load_tokens(name)
    for role, share in (("acc", 0.22), ("up", 0.3), ("dn", 0.3)):
        ground = mix(role_color(tokens, role), tokens.bg1, share)
        assert contrast(tokens.tx, ground) >= 4.5


@pytest.mark.parametrize("name", THEMES)
def test_fills_and_borders_can_be_seen(name: str) -> None:
    tokens = load_tokens(name)
    for fill in (tokens.fill, tokens.fill_hover, tokens.danger, tokens.danger_hover):
        assert contrast(tokens.on_fill, fill) >= 4.5
    for ground in (tokens.bg1, tokens.bg2, tokens.bg3):
        assert contrast(tokens.line2, ground) >= 3.0
        assert contrast(tokens.acc, ground) >= 3.0


@pytest.mark.parametrize("name", THEMES)
def test_modes_are_unmistakable(name: str) -> None:
    tokens = load_tokens(name)
    colors = [role_color(tokens, mode) for mode in MODES]
    assert len(set(colors)) == len(MODES)
    assert all(contrast(readable_on(color), color) >= 4.5 for color in colors)


@pytest.mark.parametrize("name", THEMES)
def test_every_role_is_a_color(name: str) -> None:
    tokens = load_tokens(name)
    assert tokens.name == name
    values = [getattr(tokens, field) for field in tokens.__struct_fields__ if field != "name"]
    assert all(len(value) == 7 and value.startswith("#") for value in values)
    assert all(value.startswith("#") for value in chart_colors(tokens).values())


def test_unknown_theme_names_the_choices() -> None:
    with pytest.raises(ConfigError, match=r"'pink'.*dark, light"):
        load_tokens("pink")


def test_theme_without_a_role_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "themes").mkdir()
    (tmp_path / "themes" / "broken.toml").write_text('name = "broken"\nbg0 = "#000000"\n')
    monkeypatch.setattr(tokens_module, "RESOURCES", tmp_path)
    with pytest.raises(ConfigError, match=r"broken\.toml.*bg1"):
        load_tokens("broken")


def test_tokens_are_frozen() -> None:
    with pytest.raises(AttributeError):
        load_tokens("dark").bg0 = "#FFFFFF"  # type: ignore[misc]


def test_unknown_role_is_plain_text() -> None:
    tokens = load_tokens("dark")
    assert {role_color(tokens, each) for each in ("", "name", "neutral", "odd")} == {tokens.tx}


@pytest.mark.parametrize("name", THEMES)
def test_style_sheet_is_complete(name: str) -> None:
    sheet = stylesheet(load_tokens(name))
    assert "$" not in sheet
    assert "font" not in sheet
    assert sheet.count("{") == sheet.count("}")


@pytest.mark.parametrize("name", THEMES)
def test_apply(qapp: QApplication, qtbot: QtBot, name: str) -> None:
    seen: list[Tokens] = []

    class Painted(QWidget):
        def retheme(self, tokens: Tokens) -> None:
            seen.append(tokens)

    painted, button, label = Painted(), QPushButton("Approve"), QLabel("1")
    for widget in (painted, button, label):
        qtbot.addWidget(widget)
    label.setFont(semibold(KPI))
    apply_theme(qapp, load_tokens(name))
    assert seen == [load_tokens(name)]
    assert current_tokens().name == name
    set_property(button, "role", "primary")
    button.show()
    assert button.grab().toImage().pixelColor(6, 6).name().upper() == load_tokens(name).fill
    assert label.font().pixelSize() == KPI
    apply_theme(qapp, load_tokens("dark"))


def test_figures_stand_still(qapp: QApplication, qtbot: QtBot) -> None:
    apply_theme(qapp, load_tokens("dark"))
    widgets = [QLabel("1"), QPushButton("1"), QTableView()]
    for widget in widgets:
        qtbot.addWidget(widget)
        widget.ensurePolished()
    fonts = [sans(), semibold(KPI), mono(), *(widget.font() for widget in widgets)]
    for font in fonts:
        metrics = QFontMetrics(font)
        assert metrics.horizontalAdvance("1111111") == metrics.horizontalAdvance("0000000")


def test_fonts_are_shipped(qapp: QApplication) -> None:
    assert load_fonts() == load_fonts() == (SANS, MONO)
    assert QFontDatabase.isFixedPitch(MONO)
    for licence in ("Inter-LICENSE.txt", "JetBrainsMono-LICENSE.txt"):
        assert "OPEN FONT LICENSE" in (RESOURCES / "fonts" / licence).read_text("utf-8")
    assert "ISC" in (RESOURCES / "icons" / "LICENSE.txt").read_text("utf-8")


def test_arrow_of_combo_boxes_can_be_drawn(qapp: QApplication) -> None:
    assert not QIcon(str(RESOURCES / "icons" / "combo-arrow.svg")).pixmap(12, 12).isNull()


def test_theme_files_hold_roles_only() -> None:
    for path in (RESOURCES / "themes").glob("*.toml"):
        assert set(msgspec.toml.decode(path.read_bytes())) == set(Tokens.__struct_fields__)
