"""Loaded after the first painting: the engine's session and the panels that need more time."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

from msgspec.structs import replace
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from terminal.core.errors import TerminalError
from terminal.core.units import iso_utc
from terminal.model.alert import AlertSettings
from terminal.model.frame import Frame
from terminal.model.keys import Keys
from terminal.model.live import Network
from terminal.model.messages import Mode
from terminal.model.risk import Autonomy, RiskProfile
from terminal.runtime.advisor_server import open_advisor
from terminal.runtime.alert_files import save_alerts
from terminal.runtime.drill import drilled, line, past
from terminal.runtime.key_desk import KeyDesk
from terminal.runtime.live import DeskKeys, chosen_accounts, journal_folder, live_data
from terminal.runtime.opening import open_replay, open_session
from terminal.runtime.playback import Playback
from terminal.runtime.profiles import import_legacy, load_file, presets, save_file, saved_profiles
from terminal.runtime.runner import Runner
from terminal.runtime.session import Session
from terminal.runtime.settings import Settings
from terminal.runtime.stop_signal import stopped_by_signal
from ui.bridge import Bridge
from ui.frontiers import Frontiers
from ui.key_door import KeyDoor
from ui.options import Options
from ui.panels.book import BookPanel, book_pages
from ui.panels.book_frontier import FrontierPage
from ui.panels.charts import ChartsPanel
from ui.panels.log import LogPanel
from ui.panels.panel import Panel
from ui.panels.profile import ProfilePanel
from ui.panels.queue import QueuePanel
from ui.rehearsal import Rehearsal
from ui.reports import Reports, open_folder
from ui.theme.tokens import current_tokens
from ui.window import Window

HISTORY_HOURS = 6.0
"""Past of a simulated market that the charts begin with; of a real one nothing is made up."""

ALERTS = "alerts.toml"
"""File in the data directory in which a person changes the rules of alerts."""

PROFILES = "profiles"
"""Folder in the data directory of the profiles that a person keeps."""

__all__ = [
    "PROFILES",
    "Bridge",
    "KeyDesk",
    "account_first",
    "build_panels",
    "furnish",
    "key_door",
    "open_runner",
    "rehearsal",
    "reports",
    "runner_of",
    "stopped_by_signal",
]


def open_runner(
    options: Options, desk: KeyDesk | None = None
) -> tuple[Session, dict[str, RiskProfile]]:
    """Open the run that the options ask for; takes a while, so it runs beside the loop.

    Raises
    ------
    TerminalError
        The data directory, profile, book or tape cannot be used.
    """
    if options.recording is not None:
        return Playback(options.recording, options.at), presets()
    desk = desk or KeyDesk(options.data)
    session = _opened(options, desk)
    journal = getattr(session.journal, "directory", None)
    session.views.advisor = open_advisor(options.data, journal, desk.redactor)
    if session.views.shadows is not None:
        session.views.shadows.offer(saved_profiles(options.data / PROFILES))
    return session, presets()


def runner_of(session: Session, options: Options) -> Runner:
    """Make what drives a session; a recording waits at the moment that was asked for."""
    runner = Runner(session, options.speed)
    if options.at:
        runner.pause(paused=True)
    return runner


def _opened(options: Options, desk: KeyDesk) -> Session:
    alerts = options.data / ALERTS
    settings = Settings(
        mode=Mode(options.mode),
        tape=options.tape,
        speed=options.speed,
        profile=options.profile,
        seed=options.seed,
        data=_journal_folder(options),
        start_at=time.time_ns(),
        autonomy=Autonomy(options.autonomy),
        book=options.book,
        alerts=alerts if alerts.exists() else None,
        live=options.live,
        history_hours=0.0 if options.mode in (Mode.PAPER, Mode.LIVE) else HISTORY_HOURS,
        pricing="numpy" if options.engine == "auto" else options.engine,
        past=options.past,
    )
    if settings.mode is Mode.REPLAY:
        return open_replay(settings, None)
    if settings.mode is Mode.LIVE:
        return _open_live(options, settings, desk)
    return open_session(settings, _journal_folder(options), view_damaged=True)


def _open_live(options: Options, settings: Settings, desk: KeyDesk) -> Session:
    """Open the run of accounts whose keys are kept; it begins unarmed and at manual."""
    desk.clean_logs()
    accounts = chosen_accounts(desk.accounts(), options.live, options.account)
    folder = options.data / journal_folder(accounts)
    settings = replace(
        settings,
        accounts=accounts,
        live=live_data(options.live, accounts[0]),
        data=folder,
        autonomy=Autonomy.MANUAL,
    )
    return open_session(settings, folder, view_damaged=True, keys=DeskKeys(desk))


def _journal_folder(options: Options) -> Path:
    """Journal of a mode; paper accounts of two exchanges have nothing in common."""
    paper = options.mode == Mode.PAPER
    return options.data / (f"paper-{options.live.folder}" if paper else options.mode)


def key_door(keys: Keys, window: Window, say: Callable[[str, str], None]) -> KeyDoor:
    """Make the door through which keys are given."""
    door = KeyDoor(keys, window, lambda text: say(text, "KEYS"))
    window.menus.giveAsked.connect(door.open)
    return door


def rehearsal(folder: Path, window: Window, say: Callable[[str, str], None]) -> Rehearsal:
    """Make what rehearses stops from the menu; how the last one went stands in the stop sheet."""

    def rehearse() -> tuple[str, ...]:
        return tuple(line(each) for each in drilled(folder))

    made = Rehearsal(rehearse, lambda text: say(text, "DRILL"), window)
    window.menus.rehearseAsked.connect(made.ask)
    made.done.connect(window.sheets.show_rehearsal)
    newest = {each.stage: line(each) for each in past(folder)}
    window.sheets.show_rehearsal("\n".join(newest.values()))
    return made


def reports(
    options: Options,
    latest: Callable[[], Frame | None],
    window: Window,
    say: Callable[[str, str], None],
) -> Reports:
    """Make what writes reports of the day that is shown, and opens their folder.

    They lie beside the settings of the window, and outlast a journal that is not kept.
    """
    made = Reports(options.data / "reports", lambda text: say(text, "REPORT"), window)

    def ask(kind: str) -> None:
        frame = latest()
        if frame is not None:
            made.ask(kind, frame.journal.path, iso_utc(frame.now)[:10])

    window.menus.reportAsked.connect(ask)
    made.done.connect(open_folder)
    return made


async def account_first(
    options: Options, keys: Keys, door: KeyDoor, stopped: asyncio.Event
) -> Options:
    """Ask for a key where a live run has none yet; the options with the account it is for."""
    live = options.live
    network = Network.TEST if live.test_network else Network.MAIN
    known = await asyncio.to_thread(keys.accounts)
    if any((live.venue, network) == (k.account.venue, k.account.network) for k in known):
        return options
    kept = await door.ask(stopped)
    if kept is None:
        return options  # opening the run says what is missing
    account = kept.account
    live = replace(
        live,
        venue=account.venue,
        endpoint=account.address,
        test_network=account.network is Network.TEST,
    )
    return replace(options, live=live, account=account.label)


async def build_panels(
    known: dict[str, RiskProfile], folder: Path, window: Window, say: Callable[[str], None]
) -> list[Panel]:
    """Make the panels, the first for the middle; the loop breathes between any two.

    The book still waits for its tabs: ``furnish`` puts them in.
    """
    tokens = current_tokens()
    charts = ChartsPanel(tokens)
    if window.mode == Mode.REPLAY:
        charts.show_window("24h")  # tapes of bars have a point a minute
    await asyncio.sleep(0)
    profile = ProfilePanel(known, tokens)
    await asyncio.sleep(0)
    queue, book, lines = QueuePanel(tokens), BookPanel(tokens), LogPanel(tokens)
    await asyncio.sleep(0)
    queue.count.connect(lambda waiting: _count(window, waiting))
    charts.bandDragged.connect(lambda: window.docks.reveal("profile"))
    charts.bandDragged.connect(profile.take_band)
    book.reviewed.connect(lambda: window.docks.reveal("profile"))
    book.reviewed.connect(profile.review)
    files = ProfileFiles(profile, folder, window, say)
    profile.saveAsked.connect(files.save)
    profile.loadAsked.connect(files.load)
    if window.mode != Mode.RECORDING:  # its rules are those of the past, not of the next run
        book.kept.connect(AlertFiles(folder.parent / ALERTS, window, say).save)
    return [charts, queue, profile, book, lines]


async def furnish(
    panels: list[Panel], options: Options, say: Callable[[str, str], None]
) -> Frontiers:
    """Put the tabs into the book, one at a time, when the window already has its panels.

    What serves the tab of the lab's frontier is returned. Frontiers lie beside the reports; the
    last one is shown again, but not by a run that keeps nothing.
    """
    book = next(panel for panel in panels if isinstance(panel, BookPanel))
    for page in book_pages(current_tokens()):
        book.add(page)
        await asyncio.sleep(0)
    page, folder = book.page(FrontierPage), options.data / "frontiers"
    made = Frontiers(folder, page, lambda text: say(text, "LAB"))
    if options.keep:
        made.show_latest()
    return made


class AlertFiles(QObject):
    """Writing of the rules of alerts that a person has changed.

    A child of the window: a signal holds no plain object, and would call nobody.
    """

    def __init__(self, path: Path, window: QWidget, say: Callable[[str], None]) -> None:
        super().__init__(window)
        self._path = path
        self._say = say

    def save(self, settings: object) -> None:
        """Write rules to the file that the next start reads, and say how it went."""
        if not isinstance(settings, AlertSettings):
            return
        try:
            save_alerts(settings, self._path)
        except TerminalError as error:
            self._say(f"the rules hold until the next start only: {error}")
        else:
            self._say(f"rules of alerts saved: {self._path.name}")


def _count(window: Window, waiting: int) -> None:
    """Show in the dock's title how many proposals wait."""
    title = window.docks.title_of("queue")
    if title is not None:
        title.show_count(waiting or None, "acc")


class ProfileFiles(QObject):
    """Saving and loading of profiles by file dialogs that never block the loop.

    A child of the window, as ``AlertFiles`` is.
    """

    def __init__(
        self, panel: ProfilePanel, folder: Path, window: QWidget, say: Callable[[str], None]
    ) -> None:
        super().__init__(window)
        self._panel = panel
        self._folder = folder
        self._window = window
        self._say = say

    def save(self, profile: object) -> None:
        """Ask where to write a profile."""
        if not isinstance(profile, RiskProfile):
            return
        dialog = self._dialog("Save risk profile")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("toml")
        dialog.fileSelected.connect(lambda name: self._write(profile, Path(name)))
        dialog.open()

    def load(self) -> None:
        """Ask which profile to read."""
        dialog = self._dialog("Load risk profile")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda name: self._read(Path(name)))
        dialog.open()

    def _dialog(self, title: str) -> QFileDialog:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        dialog = QFileDialog(self._window, title, str(self._folder), "Profiles (*.toml *.json)")
        dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
        dialog.finished.connect(dialog.deleteLater)
        return dialog

    def _imported(self, path: Path) -> RiskProfile:
        """Profile of an older program's file, with every assumption said in the log."""
        made = import_legacy(path)
        for each in (f"{made.profile.name} imported from {path.name}", *made.assumptions):
            self._say(each)
        return made.profile

    def _write(self, profile: RiskProfile, path: Path) -> None:
        try:
            save_file(profile, path)
        except TerminalError as error:
            self._say(str(error))
        else:
            self._say(f"profile saved: {path.name}")

    def _read(self, path: Path) -> None:
        try:
            profile = load_file(path) if path.suffix != ".json" else self._imported(path)
        except TerminalError as error:
            self._say(str(error))
        else:
            self._panel.take_profile(profile)
