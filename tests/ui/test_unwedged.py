"""The engine goes on whatever the window does: dialogs, storms of sizes, errors in every panel."""

import asyncio
import importlib
import pkgutil
import sys
from collections.abc import Iterator
from functools import partial
from random import Random

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QDialog, QFileDialog, QPushButton, QWidget

import ui.dialogs
from terminal.model.frame import Frame
from terminal.model.keys import KeyOffer
from terminal.model.messages import Disturb, DisturbanceKind
from terminal.runtime.clean_logs import clean_logs
from terminal.venues.redaction import Redactor
from tests.helpers.logs import logs_given_back
from tests.ui.desktop import Desktop, Launch
from tests.ui.live_frames import live_frame
from ui.containment import mishaps_shown
from ui.dialogs.advice import AdviceDialog
from ui.dialogs.alert_rules import AlertRulesDialog
from ui.dialogs.arm import ArmDialog
from ui.dialogs.closing import ClosingDialog
from ui.dialogs.confirm import ConfirmDialog
from ui.dialogs.diff import Change, DiffSheet
from ui.dialogs.key_wizard import KeyWizard
from ui.dialogs.lift import LiftDialog
from ui.dialogs.modify import ModifyDialog
from ui.dialogs.rearm import RearmDialog
from ui.dialogs.reject import RejectDialog
from ui.dialogs.sheet import Sheet
from ui.dialogs.stop import StopDialog
from ui.panels.book import BookPanel
from ui.panels.menus import KEYS
from ui.panels.panel import Panel
from ui.panels.profile import ProfilePanel
from ui.panels.shadow_dialog import ShadowDialog
from ui.sheets import KeysDialog
from ui.widgets.panel_fault import PanelFault

pytestmark = pytest.mark.qt_log_ignore(
    "propagateSizeHints", "support raise", "QPainter", "QBackingStore", "grabbing", extend=True
)

OFFER = KeyOffer(venue="deribit", title="Deribit", fields=("secret",), test_network=True)
RESIZES = 10


async def goes_on(desktop: Desktop) -> None:
    """Wait for the engine to take more records than it had when asked."""
    runner = desktop.application.runner
    assert runner is not None
    before = runner.session.state.seq
    await desktop.until(lambda: runner.session.state.seq > before + 5)


async def left(desktop: Desktop) -> None:
    """Leave while the loop still runs: what Qt does after the test has none."""
    desktop.application.leave()
    await desktop.task


def dialogs(frame: Frame, parent: QWidget) -> Iterator[QDialog]:
    """One of every dialog of the window."""
    live = live_frame()
    offer = frame.proposals[0]
    yield AdviceDialog(parent)
    yield StopDialog(parent)
    yield RearmDialog(frame, parent)
    yield ClosingDialog(frame, parent)
    yield KeysDialog(KEYS, parent)
    yield ArmDialog(live, parent)
    yield LiftDialog(live, parent)
    yield ConfirmDialog("Sure?", "It happens.", "Do it", parent)
    yield DiffSheet("Changes", (Change("cap", "1", "2"),), parent)
    yield ModifyDialog(offer, parent)
    yield RejectDialog(offer, parent)
    yield KeyWizard((OFFER,), parent)
    yield ShadowDialog({"Profile in use": frame.profile}, (), parent)
    alerts = frame.alerts
    assert alerts is not None
    assert alerts.settings is not None
    assert alerts.usual is not None
    yield AlertRulesDialog(alerts.settings, alerts.usual, parent)


def known_dialogs() -> set[type]:
    """Every dialog that the product defines."""
    names = (f"ui.dialogs.{each.name}" for each in pkgutil.iter_modules(ui.dialogs.__path__))
    modules = [importlib.import_module(name) for name in names]
    found = {kind for module in modules for kind in vars(module).values() if isinstance(kind, type)}
    return {kind for kind in found if issubclass(kind, QDialog)} - {QDialog, Sheet}


async def test_no_dialog_menu_or_storm_holds_the_engine_up(launch: Launch) -> None:
    desktop = launch("--engine", "numpy")
    await desktop.started()
    desktop.send(Disturb(DisturbanceKind.JUMP, "BTC", 0.05, 0.0))
    await desktop.until(lambda: bool(desktop.frame.proposals))
    opened: set[type] = set()
    for dialog in dialogs(desktop.frame, desktop.application.window):
        opened.add(type(dialog))
        dialog.open()
        assert dialog.isVisible()
        await goes_on(desktop)
        dialog.reject()
        dialog.deleteLater()
    assert known_dialogs() <= opened
    await files_and_menus(desktop)
    await storms(desktop)
    await left(desktop)


async def files_and_menus(desktop: Desktop) -> None:
    """What Qt opens by itself: a file dialog, and a menu that waits for a choice."""
    window = desktop.application.window
    profile = next(each for each in window._panels if isinstance(each, ProfilePanel))
    profile.loadAsked.emit()
    await desktop.until(lambda: any(each.isVisible() for each in window.findChildren(QFileDialog)))
    await goes_on(desktop)
    for each in window.findChildren(QFileDialog):
        each.reject()
    book = next(each for each in window._panels if isinstance(each, BookPanel))
    alerts = desktop.frame.alerts
    assert alerts is not None
    book.kept.emit(alerts.settings)  # what writes the file must have outlived its making
    assert (desktop.application.options.data / "alerts.toml").exists()
    menu = window.menus._view
    menu.popup(window.mapToGlobal(window.rect().center()))
    await goes_on(desktop)
    menu.close()


async def storms(desktop: Desktop) -> None:
    """Sizes that change and paintings that are asked for as fast as the loop turns."""
    window, chance = desktop.application.window, Random(1)
    storm = QTimer(window)
    storm.timeout.connect(window.update)
    storm.start(0)
    for _ in range(RESIZES):
        window.resize(chance.randint(1024, 1920), chance.randint(600, 1080))
        await asyncio.sleep(0)
    await goes_on(desktop)
    storm.stop()


class Unpaintable(QWidget):
    """Raises whenever it is painted."""

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Raise."""
        del event
        raise ValueError("cannot be painted")


def raise_in(self: QWidget) -> None:
    """Raise where ``self`` is a widget, as in a method."""
    raise ValueError(f"broken on purpose in {self.objectName()}")


def faults(desktop: Desktop) -> list[PanelFault]:
    found = desktop.application.window.findChildren(PanelFault)
    return [each for each in found if each.isVisible()]


async def reloaded(desktop: Desktop) -> None:
    """Click every Reload, and wait until no panel shows an error."""
    for fault in faults(desktop):
        button = fault.findChild(QPushButton)
        assert button is not None
        button.click()
    await desktop.until(lambda: not faults(desktop))


@pytest.mark.logs
async def test_an_error_in_a_slot_or_a_painting_replaces_its_panel_and_nothing_else(
    launch: Launch, caplog: pytest.LogCaptureFixture
) -> None:
    desktop = launch("--engine", "numpy")
    await desktop.started()
    window = desktop.application.window
    panels = tuple(window._panels)
    with mishaps_shown(window.mishap):
        for panel in panels:
            window.docks.reveal(panel.objectName())
            QTimer.singleShot(0, panel, partial(raise_in, panel))
            await replaced(desktop, panel)
            await reloaded(desktop)
            unpaintable = Unpaintable(panel)
            unpaintable.resize(panel.size())
            unpaintable.show()
            await replaced(desktop, panel)
            unpaintable.setParent(None)
            unpaintable.deleteLater()
            await reloaded(desktop)
        await errors_of_no_panel(desktop)
    await left(desktop)
    assert set(window._panels) == set(panels)
    assert caplog.text.count("cannot be painted") >= len(panels)


async def replaced(desktop: Desktop, panel: Panel) -> None:
    """Wait for the error in the panel's place, and see that the rest goes on."""
    await desktop.until(lambda: len(faults(desktop)) == 1)
    assert panel.title in faults(desktop)[0].accessibleName()
    await goes_on(desktop)


async def errors_of_no_panel(desktop: Desktop) -> None:
    """An error of the window itself and one of a sheet are said; the sheet stays."""
    window = desktop.application.window
    QTimer.singleShot(0, window, partial(raise_in, window))
    await desktop.until(lambda: "engine goes on" in window._fault_strip.text())
    window.sheets.stop()
    sheet = window.findChild(StopDialog)
    assert sheet is not None
    QTimer.singleShot(0, sheet, partial(raise_in, sheet))
    await desktop.until(lambda: "Stop trading failed" in window._fault_strip.text())
    assert sheet.isVisible()  # the stop is one hold away all the same
    await goes_on(desktop)
    sheet.reject()


def test_a_hook_that_takes_keys_out_stays_when_the_window_has_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ended: list[BaseException] = []
    monkeypatch.setattr(sys, "excepthook", lambda _, error, __: ended.append(error))
    with logs_given_back():
        with mishaps_shown(lambda *_: None):
            clean_logs(Redactor())
            in_front = sys.excepthook
        assert sys.excepthook is in_front
        error = ValueError("at the very end")
        sys.excepthook(ValueError, error, None)
    assert ended == [error]


def test_the_hook_is_given_back_and_lets_a_keyboard_interrupt_pass() -> None:
    seen: list[type[BaseException]] = []
    before = sys.excepthook
    sys.excepthook = lambda kind, *_: seen.append(kind)
    try:
        with mishaps_shown(lambda *_: None):
            sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    finally:
        sys.excepthook = before
    assert seen == [KeyboardInterrupt]
