"""The application: window first, engine after, both on one qasync loop; left in order."""

import asyncio
import contextlib
import gc
import importlib
import os
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace
from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QApplication

from terminal.core.errors import ConfigError, TerminalError
from terminal.core.units import iso_utc
from terminal.model.messages import Alert, CancelAll, Mode, SetAutonomy, UsePricing
from terminal.model.recording import RecordFeed
from terminal.model.risk import Autonomy
from terminal.runtime.collector import collected_here, collector_off
from terminal.runtime.private import keep_files_private
from ui.containment import mishaps_shown
from ui.options import Options, data_directory, read_options
from ui.theme.apply import apply_theme
from ui.theme.tokens import Tokens, load_tokens
from ui.voices import Voices
from ui.window import Window

os.environ.setdefault("QT_API", "pyside6")

if TYPE_CHECKING:
    from terminal.model.frame import Frame
    from terminal.runtime.runner import Runner
    from ui.bridge import Bridge
    from ui.frontiers import Frontiers
    from ui.key_door import KeyDoor
    from ui.rehearsal import Rehearsal
    from ui.reports import Reports

PAINT_S = 2.0
"""Longest wait for a first painting: a window that starts minimised is never painted."""

COMPILE_AFTER_S = 2.0
"""Wait before the compiled kernels are loaded: the first look has the machine to itself."""

LEAVE_S = 5.0
"""Longest wait for cancels before the window closes; what is left is then in the journal."""


class Application:
    """One window on one engine.

    Parameters
    ----------
    options : Options
    app : QApplication
    """

    def __init__(self, options: Options, app: QApplication) -> None:
        self.options = options
        self.app = app
        self.failure = ""
        self.runner: Runner | None = None
        self.bridge: Bridge | None = None
        self.door: KeyDoor | None = None
        self.rehearsal: Rehearsal | None = None
        self.reports: Reports | None = None
        self.frontiers: Frontiers | None = None
        self._stop = asyncio.Event()
        self._leaving = asyncio.Event()
        # A picture shows the defaults and leaves the person's layout alone. (Never the null
        # device: settings are saved by renaming a new file over the old one.)
        self._scratch = None if options.keep else tempfile.TemporaryDirectory(prefix="gammadesk-")
        folder = Path(self._scratch.name) if self._scratch else options.data
        self.settings = QSettings(str(folder / "window.ini"), QSettings.Format.IniFormat)
        tokens = _tokens(options, self.settings)
        apply_theme(app, tokens)
        self.window = Window(options.mode, self.settings, tokens)
        if options.screenshot is None:
            self.window.restore_size(options.size)
        else:
            self.window.resize(*options.size)
        self.voices = Voices(self.window)
        self.window.closing.connect(self._on_closing)
        self.window.themeAsked.connect(self._on_theme)
        self.window.paceAsked.connect(self._on_pace)
        self.window.recordAsked.connect(self._on_record)

    async def run(self) -> int:
        """Run until the window has closed; the exit code."""
        loop = asyncio.get_running_loop()
        signals = () if sys.platform == "win32" else (signal.SIGINT, signal.SIGTERM)
        for name in signals:
            loop.add_signal_handler(name, self._on_signal)
        try:
            with data_directory(self.options) as directory:
                return await self._run(directory)
        finally:
            gc.unfreeze()
            if self._scratch is not None:
                self._scratch.cleanup()
            for name in signals:
                loop.remove_signal_handler(name)

    async def _run(self, directory: Path) -> int:
        painted = asyncio.Event()
        self.window.firstPainted.connect(painted.set)
        self.window.show()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PAINT_S):  # wait_for could swallow a cancellation
                await painted.wait()
        options = replace(self.options, data=directory)
        try:
            with collector_off():
                assembly = await asyncio.to_thread(importlib.import_module, "ui.assembly")
            keys = assembly.KeyDesk(directory)
            self.door = assembly.key_door(keys, self.window, self.say)
            self.rehearsal = assembly.rehearsal(directory, self.window, self.say)
            self.reports = assembly.reports(self.options, self._latest, self.window, self.say)
            if options.mode == Mode.LIVE:
                options = await assembly.account_first(options, keys, self.door, self._stop)
            if self._stop.is_set():
                self._close_down()
                return 0
            with collector_off():
                session, presets = await asyncio.to_thread(assembly.open_runner, options, keys)
        except (TerminalError, OSError) as error:
            self.failure = str(error)
            self._close_down()
            return 2
        try:
            self.runner = assembly.runner_of(session, self.options)
            session.views.ears.record(self.options.record, session.state)
            panels = await assembly.build_panels(
                presets, directory / assembly.PROFILES, self.window, self.say
            )
            self.window.install(panels)
            self.frontiers = await assembly.furnish(panels, self.options, self.say)
            self._connect(assembly.Bridge(self._latest, self.runner.send))
            with assembly.stopped_by_signal(session.latch):
                await self._drive(self.runner)
        finally:
            self._close_down()
            session.close()
        return 0

    def _connect(self, bridge: "Bridge") -> None:
        """Put frames and commands through."""
        self.bridge = bridge
        self.window.command.connect(bridge.send)
        self.voices.command.connect(bridge.send)
        bridge.frame.connect(self._on_frame)
        bridge.frame.connect(self.voices.show_frame)
        gc.collect()
        gc.freeze()  # everything loaded lives as long as the run: keep collections short
        bridge.start()

    async def _drive(self, runner: "Runner") -> None:
        """Run the engine until somebody leaves."""
        async with asyncio.TaskGroup() as group:
            group.create_task(runner.run(), name="engine")
            beside = {"leaving": self._when_quiet(), "garbage": collected_here()}
            if self.rehearsal is not None:
                beside["rehearsals"] = self.rehearsal.serve()
            if self.door is not None:
                beside["keys"] = self.door.serve()
            if self.options.engine == "auto":
                beside["kernels"] = self._compile(runner)
            if self.options.screenshot is not None:
                beside["screenshot"] = self._photograph(self.options.screenshot)
            helpers = [group.create_task(work, name=name) for name, work in beside.items()]
            await self._stop.wait()
            for helper in helpers:
                helper.cancel()
            self._close_down()

    async def _compile(self, runner: "Runner") -> None:
        """Change to the compiled kernels when they are warm, which is long after the first look."""
        await asyncio.sleep(COMPILE_AFTER_S)
        try:
            with collector_off():
                kernels = await asyncio.to_thread(
                    importlib.import_module, "terminal.runtime.kernels"
                )
                why = await kernels.why_not_compiled()
        except asyncio.CancelledError:
            gc.disable()  # the thread goes on until it is done, and the process ends with it
            raise
        if why:
            self.say(f"options stay priced by numpy: {why}", "PRICING")
        else:
            runner.send(UsePricing("compiled"))

    def _latest(self) -> "Frame | None":
        return self.runner.latest if self.runner else None

    def _on_frame(self, frame: "Frame") -> None:
        if self.bridge is not None:
            self.window.status.rate = self.bridge.rate
        self.window.show_frame(frame)

    def say(self, text: str, topic: str = "FILE") -> None:
        """Put a line in the log."""
        if self.runner is not None:
            session = self.runner.session
            session.recorder.say(session.state.now, Alert("warn", topic, text))

    # -- Wishes of the window -----------------------------------------------------------------

    def _on_theme(self, name: str) -> None:
        self.settings.setValue("theme", name)
        apply_theme(self.app, load_tokens(name))

    def _on_pace(self, wish: str) -> None:
        if self.runner is not None:
            _pace(self.runner, wish)

    def _on_record(self) -> None:
        """Begin to record the feed beside the journal, or end it."""
        frame = self._latest()
        if self.runner is None or frame is None:
            return
        path = "" if frame.recording.path else str(tape_path(self.options, frame.now))
        self.runner.send(RecordFeed(path))

    def leave(self) -> None:
        """End the run in order, as a closed window does."""
        self._stop.set()

    def _on_signal(self) -> None:
        """Asked to end by the system: nobody is there to be asked, so orders are cancelled."""
        if self._working() and not self._leaving.is_set():
            self._leave(really=True)
        else:
            self.leave()

    def _on_closing(self) -> None:
        if self._working():
            self.window.ask_leave(self._leave)
        else:
            self.leave()

    def _working(self) -> bool:
        """Whether an order works now; the newest frame may be a moment old."""
        runner = self.runner
        if runner is None or self.options.recording is not None:
            return False  # what worked in a recording has long ended
        frame = runner.session.frame(runner.machine())
        return any(order.working for order in frame.orders)

    def _leave(self, really: bool) -> None:
        """Cancel what works, and let nothing new follow it unasked."""
        runner = self.runner
        if not really or runner is None or self._leaving.is_set():
            return
        for desk in runner.session.frame(runner.machine()).desks:
            if desk.autonomy is Autonomy.AUTO:  # where a restart would put it, too
                runner.send(SetAutonomy(desk.underlying, Autonomy.APPROVE))
        runner.send(CancelAll("leaving"))
        if runner.clock.paused:
            runner.pause(paused=False)  # held time answers no cancel
        self._leaving.set()

    async def _when_quiet(self) -> None:
        """Once asked to leave: leave when every order has ended, or after a while in any case."""
        await self._leaving.wait()
        loop = asyncio.get_running_loop()
        deadline = loop.time() + LEAVE_S
        while loop.time() < deadline:
            if not self._working():
                break
            await asyncio.sleep(0.05)
        self._stop.set()

    async def _photograph(self, target: Path) -> None:
        """Save what the window shows after the asked time, and leave."""
        await asyncio.sleep(self.options.after_s)
        if not self.window.grab().save(str(target)):
            self.failure = f"the picture could not be written to {target}"
        self._stop.set()

    def _close_down(self) -> None:
        """Bridge, engine, window: in this order, so that nothing is drawn after its source."""
        if self.bridge is not None:
            self.bridge.stop()
        self.voices.stop()
        for beside in (self.reports, self.frontiers):
            if beside is not None:
                beside.close()
        if self.runner is not None:
            self.runner.stop()
        self.window.allow_close()


def _pace(runner: "Runner", wish: str) -> None:
    """Follow a wish of the window: hold or go on, or a speed."""
    clock = runner.clock
    if wish == "toggle":
        runner.pause(paused=not clock.paused)
    else:
        clock.set_speed(float(wish))


def tape_path(options: Options, now: int) -> Path:
    """File of a recording that begins at ``now`` (UtcNs); its folder is made where it is not."""
    folder = options.data / "tapes"
    with contextlib.suppress(OSError):  # the recording says so itself
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder / f"{options.mode}-{iso_utc(now)[:19].replace(':', '')}.tape"


def _tokens(options: Options, settings: QSettings) -> Tokens:
    """Theme asked for, else that of the last time, else the default."""
    try:
        return load_tokens(options.theme or str(settings.value("theme") or "dark"))
    except ConfigError:
        return load_tokens("dark")


def main(argv: Sequence[str] | None = None) -> int:
    """Open the window; the exit code."""
    keep_files_private()
    try:
        options = read_options(sys.argv[1:] if argv is None else argv)
    except TerminalError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    import qasync  # noqa: PLC0415 - needs QT_API set

    app = QApplication(sys.argv[:1])
    app.setApplicationName("Gammadesk")
    app.setQuitOnLastWindowClosed(False)
    app.setAttribute(Qt.ApplicationAttribute.AA_DontShowIconsInMenus)
    return int(qasync.run(_amain(options, app)))


async def _amain(options: Options, app: QApplication) -> int:
    application = Application(options, app)
    try:
        with mishaps_shown(application.window.mishap):
            code = await application.run()
    finally:
        application.window.deleteLater()
    if application.failure:
        sys.stderr.write(f"{application.failure}\n")
        return code or 1
    return code


if __name__ == "__main__":
    sys.exit(main())
