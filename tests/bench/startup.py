"""How soon the window is there: ``QT_QPA_PLATFORM=offscreen python -m tests.bench.startup``.

Times are from the start of the process, in a fresh data directory with defaults, and the worst
gap is the longest time in which the screen's loop did not turn.
"""

import asyncio
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PARENT = "--child"
RUNS = 5


def child(began: float, data: str) -> None:
    """Open the window once and print what happened when."""
    import qasync
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    from ui.app import Application
    from ui.options import read_options

    app = QApplication([])
    app.setQuitOnLastWindowClosed(False)
    times: dict[str, float] = {}
    gaps: list[float] = []
    last = [0.0]

    def beat() -> None:
        now = time.time()
        gaps.append(now - last[0])
        last[0] = now

    timer = QTimer()
    timer.timeout.connect(beat)

    def painted() -> None:
        last[0] = time.time()
        times["painted"] = last[0] - began
        timer.start(5)

    async def run() -> None:
        application = Application(read_options(["--data", data]), app)
        application.window.firstPainted.connect(painted)
        running = asyncio.ensure_future(application.run())
        while "proposal" not in times:
            await asyncio.sleep(0.01)
            frame = application.runner.latest if application.runner else None
            if frame is None or frame.tracks == {}:
                continue
            times.setdefault("live", time.time() - began)
            if frame.proposals:
                times["proposal"] = time.time() - began
        await asyncio.sleep(1.0)
        application.leave()
        await running

    qasync.run(run())
    row = (times["painted"], times["live"], times["proposal"], max(gaps))
    sys.stdout.write(" ".join(f"{value:.3f}" for value in row) + "\n")


def main() -> None:
    """Open the window a few times and print medians."""
    rows = []
    for _ in range(RUNS):
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-m", "tests.bench.startup", PARENT, str(time.time())]
            answer = subprocess.run(
                [*command, str(Path(folder) / "data")], capture_output=True, text=True, check=True
            )
        rows.append([float(word) for word in answer.stdout.split()])
    columns = [sorted(column) for column in zip(*rows, strict=True)]
    names = ("painted window", "live charts", "first proposal", "worst gap")
    for name, goal, column in zip(names, (0.6, 3.0, 15.0, 0.15), columns, strict=True):
        sys.stdout.write(
            f"{name:<16} median {column[RUNS // 2]:.3f} s, worst {column[-1]:.3f} s,"
            f" {column[RUNS // 2] / goal:.2f} of the goal {goal:g} s\n"
        )


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1] == PARENT:
        child(float(sys.argv[2]), sys.argv[3])
    else:
        main()
