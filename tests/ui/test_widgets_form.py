"""Forms: what is written reads back, what is wrong says so while typing."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QLabel
from pytestqt.qtbot import QtBot

from terminal.core.errors import ConfigError
from terminal.core.units import HOUR, MILLISECOND, SECOND, YEAR
from ui.widgets.form import Field, Form
from ui.widgets.form_fields import Kind, Value, range_text, read, write

# Without a window manager there is nobody to tell the smallest size to.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)

FIELDS = (
    Field(key="band", label="Band", unit="BTC", low=0.0, high=5.0, help="Half-width"),
    Field(key="policy", label="Policy", kind="choice", choices=("fixed", "ww")),
    Field(key="post", label="Post only", kind="flag"),
    Field(key="every", label="Every", kind="duration", low=SECOND, high=HOUR),
    Field(key="note", label="Note", kind="text"),
    Field(key="cap", label="Cap", kind="decimal", optional=True),
)
SAVED: dict[str, Value] = {
    "band": 0.25,
    "policy": "ww",
    "post": True,
    "every": 90 * SECOND,
    "note": "a b",
    "cap": None,
}


@pytest.fixture
def form(qtbot: QtBot) -> Form:
    made = Form(FIELDS)
    qtbot.addWidget(made)
    made.set_values(SAVED)
    return made


@given(x=st.floats(-1e15, 1e15))
def test_number_reads_back(x: float) -> None:
    field = Field(key="x", label="x")
    assert read(field, write(field, x)) == x


@given(x=st.decimals(allow_nan=False, allow_infinity=False, places=12))
def test_decimal_reads_back(x: Decimal) -> None:
    field = Field(key="x", label="x", kind="decimal")
    assert read(field, write(field, x)) == x


@given(ms=st.integers(1, 100 * YEAR // MILLISECOND))
def test_duration_reads_back(ms: int) -> None:
    field = Field(key="x", label="x", kind="duration")
    span = read(field, write(field, ms * MILLISECOND))
    assert isinstance(span, int)
    assert abs(span - ms * MILLISECOND) <= MILLISECOND // 2


@given(text=st.text())
def test_nothing_but_a_value_in_range_is_read(text: str) -> None:
    field = Field(key="x", label="x", low=-5.0, high=5.0)
    try:
        value = read(field, text)
    except ConfigError:
        return
    assert isinstance(value, float)
    assert -5.0 <= value <= 5.0


@pytest.mark.parametrize(
    ("kind", "text", "reason"),
    [
        ("number", "", "write a value"),
        ("number", "1,5", "without commas"),
        ("number", "1e5", "write a number"),
        ("number", "nan", "write a number"),
        ("number", "−-1", "write a number"),
        ("integer", "1.5", "whole number"),
        ("flag", "yes", "true or false"),
        ("duration", "5", "span of time"),
        ("choice", "c", "one of a, b"),
    ],
)
def test_bad_answer(kind: Kind, text: str, reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        read(Field(key="x", label="x", kind=kind, choices=("a", "b")), text)


def test_typographic_minus_is_read() -> None:
    assert read(Field(key="x", label="x", kind="integer"), "−12") == -12


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (None, None, ""),
        (0.0, None, "at least 0 bps"),
        (None, 2.5, "at most 2.5 bps"),
        (0.5, 100.0, "0.5 to 100 bps"),
    ],
)
def test_range_in_words(low: float | None, high: float | None, words: str) -> None:
    assert range_text(Field(key="x", label="x", unit="bps", low=low, high=high)) == words


def test_values_come_back(form: Form) -> None:
    assert form.values() == SAVED
    assert form.dirty_keys() == ()
    assert form.text("every") == "90s"


def test_error_while_typing(qtbot: QtBot, form: Form) -> None:
    with qtbot.waitSignal(form.edited):
        QTest.keyClicks(form.input("band"), "9")
    assert form.text("band") == "0.259"
    form.input("band").setProperty("text", "7")
    assert form.error("band") == "allowed: 0 to 5 BTC"
    assert form.input("band").property("invalid") == "true"
    assert form.values() is None
    assert form.dirty_keys() == ("band",)
    form.revert()
    assert (form.error("band"), form.dirty_keys(), form.values()) == ("", (), SAVED)


def test_every_input_counts_as_edited(qtbot: QtBot, form: Form) -> None:
    policy, post = form.input("policy"), form.input("post")
    assert isinstance(policy, QComboBox)
    assert isinstance(post, QCheckBox)
    with qtbot.waitSignal(form.edited):
        policy.setCurrentText("fixed")
    with qtbot.waitSignal(form.edited):
        post.setChecked(False)
    assert form.dirty_keys() == ("policy", "post")


def test_filling_in_is_not_editing(qtbot: QtBot, form: Form) -> None:
    with qtbot.assertNotEmitted(form.edited):
        form.set_values({**SAVED, "band": 1.0})
        form.revert()
    assert form.dirty_keys() == ()


def test_strange_keys_are_refused(form: Form) -> None:
    with pytest.raises(ValueError, match="no field spread"):
        form.set_values({"spread": 1.0})
    with pytest.raises(ValueError, match="same key"):
        Form([FIELDS[0], FIELDS[0]])


def test_named_for_screen_readers_and_plain(form: Form) -> None:
    assert form.input("band").accessibleName() == "Band (BTC)"
    assert form.input("band").accessibleDescription() == "Half-width. 0 to 5 BTC"
    assert {each.textFormat() for each in form.findChildren(QLabel)} == {Qt.TextFormat.PlainText}


def test_wheel_does_not_change_a_choice(form: Form) -> None:
    policy = form.input("policy")
    here, none = QPointF(5, 5), Qt.MouseButton.NoButton
    turn = QWheelEvent(
        here, here, QPoint(), QPoint(0, -120), none, Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase, False,
    )
    policy.setFocus()
    form.set_values({**SAVED, "policy": "fixed"})
    QApplication.sendEvent(policy, turn)
    assert form.text("policy") == "fixed"
    assert not turn.isAccepted()
