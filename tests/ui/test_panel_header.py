"""The header: it cannot mistake the mode, and never hides the stop or changes more than asked."""

from collections.abc import Iterator

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from terminal.core.units import SECOND
from terminal.model.frame import FeedHealth, Machine, Notice
from terminal.model.health import Channel, ChannelAge, Light
from terminal.model.messages import Mode, SetAutonomy, StopStage
from terminal.model.risk import Autonomy
from tests.ui.queue_frames import NO_STOP, NOW, desk, frame
from ui.dialogs.confirm import ConfirmDialog
from ui.panels.feed_pills import FULL, MERGED, SHORT, feed_words
from ui.panels.header import FEEDS_EVERY, HeaderPanel
from ui.theme.apply import apply_theme
from ui.theme.tokens import load_tokens
from ui.widgets.badge import ModeBadge, Pill

# Without a window manager there is nobody to tell the smallest size to.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)

LEFT = Qt.MouseButton.LeftButton
COINS = ("BTC", "ETH", "SOL")


class Bar:
    """A shown header and everything it asked for."""

    def __init__(self) -> None:
        self.panel = HeaderPanel("sim", load_tokens("dark"))
        self.panel.resize(1600, 56)
        self.panel.show()
        self.sent: list[object] = []
        self.asked: list[str] = []
        self.panel.command.connect(self.sent.append)
        self.panel.selected.connect(self.asked.append)
        self.panel.stopAsked.connect(lambda: self.asked.append("stop"))
        self.panel.rearmAsked.connect(lambda: self.asked.append("rearm"))
        self.panel.paceAsked.connect(self.asked.append)

    def button(self, name: str) -> QPushButton:
        found = [b for b in self.panel.findChildren(QPushButton) if b.accessibleName() == name]
        assert len(found) == 1, f"{len(found)} buttons are called {name}"
        return found[0]

    def click(self, name: str) -> None:
        QTest.mouseClick(self.button(name), LEFT)

    def feeds(self) -> list[str]:
        pills = self.panel.findChildren(Pill)
        return [pill.text() for pill in pills if not isinstance(pill, ModeBadge)]

    def sheets(self) -> list[ConfirmDialog]:
        return self.panel.findChildren(ConfirmDialog)


@pytest.fixture
def bar(qapp: QApplication, qtbot: QtBot) -> Iterator[Bar]:
    apply_theme(qapp, load_tokens("dark"))
    made = Bar()
    qtbot.addWidget(made.panel)
    yield made
    for sheet in made.sheets():
        sheet.reject()


@pytest.mark.parametrize("mode", list(Mode)[:4])
def test_mode_is_a_word_on_a_colour_of_its_own(bar: Bar, mode: Mode) -> None:
    bar.panel.render_frame(frame(mode=mode))
    badge = bar.panel.findChild(ModeBadge)
    assert badge is not None
    assert (badge.text(), badge.tone()) == (mode.value.upper(), mode.value)


@pytest.mark.parametrize("theme", ["dark", "light", "colour_blind"])
def test_modes_have_four_different_colours(theme: str) -> None:
    tokens = load_tokens(theme)
    assert len({tokens.sim, tokens.replay, tokens.paper, tokens.live}) == 4


def test_autonomy_of_one_book_is_one_command(bar: Bar) -> None:
    bar.panel.render_frame(frame())
    bar.panel.choose("ETH")
    bar.click("Auto")
    assert bar.sent == [SetAutonomy("ETH", Autonomy.AUTO)]


def test_autonomy_of_all_books_is_asked_once_more(bar: Bar) -> None:
    bar.panel.render_frame(frame())
    bar.click("Auto")
    assert bar.sent == []
    [sheet] = bar.sheets()
    assert "BTC, ETH, SOL" in sheet.windowTitle()
    QTest.mouseClick(sheet.action, LEFT)
    assert bar.sent == [SetAutonomy(name, Autonomy.AUTO) for name in COINS]


def test_autonomy_of_all_books_can_be_left(bar: Bar) -> None:
    made = frame()
    bar.panel.render_frame(made)
    bar.click("Auto")
    QTest.keyClick(bar.sheets()[0], Qt.Key.Key_Escape)
    bar.panel.render_frame(made)
    assert bar.sent == []
    assert bar.button("Approve").isChecked()


def test_a_confirmation_changes_the_books_it_named(bar: Bar) -> None:
    bar.panel.render_frame(frame())
    bar.click("Manual")
    bar.panel.choose("BTC")
    QTest.mouseClick(bar.sheets()[0].action, LEFT)
    assert bar.sent == [SetAutonomy(name, Autonomy.MANUAL) for name in COINS]


def test_mixed_autonomy_shows_the_most_automatic(bar: Bar) -> None:
    desks = (desk("BTC", autonomy=Autonomy.MANUAL), desk("ETH", autonomy=Autonomy.AUTO))
    bar.panel.render_frame(frame(desks=desks))
    assert bar.button("Auto").isChecked()
    bar.panel.choose("BTC")
    bar.panel.render_frame(frame(desks=desks))
    assert bar.button("Manual").isChecked()


def test_nothing_is_claimed_before_the_first_frame(bar: Bar) -> None:
    bar.click("Auto")
    assert (bar.sent, bar.sheets()) == ([], [])


def test_a_halt_leaves_the_stop_within_reach(bar: Bar) -> None:
    halt = Notice("crit", "BTC halted: three rejects", NOW, "Re-arm when it is understood")
    bar.panel.render_frame(frame(notices=(halt,)))
    bar.click("Stop hedging in stages")
    assert bar.asked == ["stop"]


@pytest.mark.parametrize("stage", list(StopStage))
def test_a_stop_says_its_stage_and_offers_to_rearm(bar: Bar, stage: StopStage) -> None:
    bar.panel.render_frame(frame(stop=replace(NO_STOP, stage=stage, reason="test", since=NOW)))
    button = bar.button("Re-arm trading")
    assert button.text() == f"Stopped: {stage.value} – Re-arm…"
    bar.click("Re-arm trading")
    assert bar.asked == ["rearm"]
    bar.panel.render_frame(frame())
    assert bar.button("Stop hedging in stages").text() == "Stop"


@pytest.mark.parametrize(
    ("mode", "speed", "paused", "expected"),
    [
        (Mode.SIM, 1.0, False, "2026-01-21 12:53:20 UTC"),
        (Mode.SIM, 20.0, False, "Market 2026-01-21 12:53:20 UTC"),
        (Mode.REPLAY, 0.0, False, "Market 2026-01-21 12:53:20 UTC"),
        (Mode.SIM, 1.0, True, "Market 2026-01-21 12:53:20 UTC"),
        (Mode.LIVE, 1.0, False, "12:53:20 UTC"),
    ],
)
def test_clock_says_when_it_is_not_the_time_of_day(
    bar: Bar, mode: Mode, speed: float, paused: bool, expected: str
) -> None:
    machine = Machine(lag_ms=0.0, records_per_s=0.0, speed=speed, paused=paused, progress=0.42)
    bar.panel.render_frame(frame(mode=mode, machine=machine))
    texts = [each.text() for each in bar.panel.findChildren(QLabel)]
    assert expected in texts


def test_pace_shows_speed_and_progress_where_time_can_be_paused(bar: Bar) -> None:
    machine = Machine(lag_ms=0.0, records_per_s=0.0, speed=60.0, paused=False, progress=0.42)
    bar.panel.render_frame(frame(mode=Mode.REPLAY, machine=machine))
    pace = bar.button("Pause or resume market time")
    assert pace.text() == "60× · 42%"
    bar.click("Pause or resume market time")
    assert bar.asked == ["toggle"]
    bar.panel.render_frame(frame(mode=Mode.REPLAY, machine=replace(machine, paused=True)))
    assert pace.text() == "Resume 60× · 42%"
    bar.panel.render_frame(frame(mode=Mode.LIVE))
    assert pace.isHidden()


def test_feeds_appear_turn_and_go(bar: Bar) -> None:
    up = FeedHealth("deribit", up=True, age=SECOND // 10, detail="")
    down = FeedHealth("binance", up=False, age=9 * SECOND, detail="timeout", lost=True)
    bar.panel.render_frame(frame(feeds=(up, down)))
    assert bar.feeds() == ["● deribit 0.1 s", "● binance LOST"]
    for _ in range(FEEDS_EVERY):
        bar.panel.render_frame(frame(feeds=(down,)))
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert bar.feeds() == ["● binance LOST"]
    late = FeedHealth("deribit", up=False, age=2100 * SECOND, detail="")
    for _ in range(FEEDS_EVERY):
        bar.panel.render_frame(frame(feeds=(late,)))
    assert bar.feeds() == ["● deribit late 35 min"]


def test_lights_say_why_and_how_old_each_channel_is() -> None:
    good = FeedHealth("deribit", up=True, age=SECOND, detail="")
    assert feed_words((good,), FULL)[0].tone == "up"
    bad = replace(
        good,
        light=Light.RED,
        why="BTC hedging locked: book is crossed",
        channels=(ChannelAge(Channel.BOOK, SECOND), ChannelAge(Channel.ACCOUNT, 9 * SECOND)),
    )
    (said,) = feed_words((bad,), FULL)
    assert (said.text, said.tone) == ("● deribit LOCKED", "crit")
    assert "red, BTC hedging locked: book is crossed" in said.tip
    assert "age of book 1.0 s, account 9.0 s" in said.tip
    (merged,) = feed_words((good, bad), MERGED)
    assert (merged.text, merged.tone) == ("● 1 of 2 feeds LOCKED", "crit")
    amber = replace(good, light=Light.AMBER, why="clock is +300 ms off")
    assert feed_words((amber,), SHORT)[0].tone == "warn"


def test_a_chosen_book_survives_new_ones_and_not_its_own_end(bar: Bar) -> None:
    bar.panel.render_frame(frame())
    bar.panel.choose("ETH")
    bar.panel.render_frame(frame(desks=(desk("ETH"), desk("XRP"))))
    assert bar.asked == ["ETH"]
    [chosen] = bar.panel.findChildren(QComboBox)
    assert chosen.currentText() == "ETH"
    bar.panel.render_frame(frame(desks=(desk("XRP"),)))
    assert bar.asked == ["ETH", "All"]


def test_a_title_with_markup_is_shown_as_it_is(bar: Bar) -> None:
    bar.panel.render_frame(frame(title="<b>tape</b>"))
    label = next(e for e in bar.panel.findChildren(QLabel) if e.text() == "<b>tape</b>")
    assert label.textFormat() is Qt.TextFormat.PlainText


def test_every_control_has_a_name(bar: Bar) -> None:
    bar.panel.render_frame(frame())
    controls = (*bar.panel.findChildren(QPushButton), *bar.panel.findChildren(QComboBox))
    assert [each for each in controls if not each.accessibleName()] == []
