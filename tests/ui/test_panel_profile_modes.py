"""Perps-only modes in the profile form: off by default, said honestly, saved with the rest."""

import msgspec
import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLineEdit
from pytestqt.qtbot import QtBot

from terminal.model.synthetic import Synthetic, SyntheticKind
from tests.ui.panel_frame import PROFILE
from ui.panels.profile_form import ProfileForm
from ui.panels.profile_modes import MODE_ABOUT, MODE_KEYS, MODE_READS, MODE_WORDS

FADE = Synthetic(
    kind=SyntheticKind.FADE_GRID, gamma_1pct_usd=10_000.0, max_inventory=0.5, trend_limit=2.0
)


@pytest.fixture
def form(qtbot: QtBot) -> ProfileForm:
    made = ProfileForm()
    qtbot.addWidget(made)
    made.follow(PROFILE)
    return made


def choose(form: ProfileForm, kind: SyntheticKind) -> None:
    entry = form.modes["BTC"].form.input("kind")
    assert isinstance(entry, QComboBox)
    entry.setCurrentText(MODE_WORDS[kind])


def write(form: ProfileForm, key: str, text: str) -> None:
    entry = form.modes["BTC"].form.input(key)
    assert isinstance(entry, QLineEdit)
    entry.selectAll()
    QTest.keyClicks(entry, text)


def test_every_coin_has_one_and_it_is_off(form: ProfileForm) -> None:
    assert set(form.modes) == set(PROFILE.policies)
    section = form.modes["BTC"]
    assert section.form.text("kind") == "Off"
    assert section.about.text() == MODE_ABOUT[SyntheticKind.OFF]
    assert form.result() == PROFILE
    assert form.changes() == ()


@pytest.mark.parametrize("kind", SyntheticKind)
def test_only_what_a_mode_reads_can_be_edited(form: ProfileForm, kind: SyntheticKind) -> None:
    choose(form, kind)
    section = form.modes["BTC"]
    assert section.about.text() == MODE_ABOUT[kind]
    enabled = {key for key in MODE_KEYS if section.form.input(key).isEnabled()}
    assert enabled == {"kind"} | MODE_READS[kind]


def test_a_mode_is_saved_with_its_numbers(form: ProfileForm) -> None:
    choose(form, SyntheticKind.FADE_GRID)
    for key, text in (("gamma_1pct_usd", "10000"), ("max_inventory", "0.5"), ("trend_limit", "2")):
        write(form, key, text)
    result = form.result()
    assert result is not None
    assert result.synthetics == {"BTC": FADE}
    names = [change.label for change in form.changes()]
    assert names[0] == "BTC perps-only mode: Mode"
    write(form, "max_inventory", "-1")
    assert form.result() is None
    write(form, "max_inventory", "0.5")
    form.revert()
    assert form.result() == PROFILE


def test_it_follows_and_takes_profiles(form: ProfileForm) -> None:
    with_mode = msgspec.structs.replace(PROFILE, synthetics={"BTC": FADE})
    form.fill(with_mode)
    assert form.result() == with_mode
    form.revert()
    form.follow(with_mode)
    assert form.changes() == ()
    assert form.result() == with_mode
    form.fill(PROFILE)
    assert form.result() == PROFILE


def test_what_cannot_be_put_right_is_put_back(form: ProfileForm) -> None:
    choose(form, SyntheticKind.FADE_GRID)
    write(form, "trend_limit", "99")
    assert form.modes["BTC"].form.error("trend_limit")
    choose(form, SyntheticKind.OFF)
    assert form.result() == PROFILE


def test_the_honest_words_are_there() -> None:
    assert "sells rallies, buys dips, loses in trends" in MODE_ABOUT[SyntheticKind.FADE_GRID]
    assert "pays realised variance" in MODE_ABOUT[SyntheticKind.STRADDLE]
    assert "Funding carry, no gamma" in MODE_ABOUT[SyntheticKind.CARRY]
