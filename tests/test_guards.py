"""The guards in conftest.py: each is shown a test that breaks its rule, and one that does not."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

PROBE = """
import asyncio, logging, socket, threading, time, warnings
import pytest
from PySide6.QtCore import QTimer, qWarning
from PySide6.QtWidgets import QWidget

kept = []

async def test_finished_task_ok():
    await asyncio.create_task(asyncio.sleep(0))

async def test_task_left_bad():
    kept.append(asyncio.create_task(asyncio.sleep(100)))
    await asyncio.sleep(0)

async def test_worker_thread_ok():
    await asyncio.to_thread(time.sleep, 0)

def test_thread_left_bad():
    threading.Thread(target=time.sleep, args=(5,), daemon=True).start()

@pytest.mark.logs
def test_expected_log_ok(caplog):
    logging.getLogger("x").warning("expected")

def test_unexpected_log_bad():
    logging.getLogger("x").warning("unexpected")

def test_loopback_ok():
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()
        server.accept()[0].close()

def test_connection_bad():
    with socket.socket() as each:
        each.connect(("192.0.2.1", 80))

def test_swallowed_connection_bad():
    try:
        socket.getaddrinfo("example.com", 80)
    except Exception:
        pass

async def test_coroutine_runs_on_the_loop_of_the_window_ok(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    QTimer(window).start(1000)
    await asyncio.sleep(0.01)
    assert type(asyncio.get_running_loop()).__module__ == "qasync"

def test_window_left_bad(qapp):
    kept.append(QWidget())

def test_timer_left_bad(qapp):
    kept.append(QTimer())
    kept[-1].start(1000)

def test_qt_warning_bad():
    qWarning("careful")

def test_python_warning_bad():
    warnings.warn("careful", UserWarning)
"""


def test_guards_catch_what_they_are_for(tmp_path: Path) -> None:
    probe = tmp_path / "test_probe.py"
    probe.write_text(PROBE, "utf-8")
    plugins = ["-p", "tests.conftest", "-p", "no:cacheprovider", "-p", "no:xdist"]
    command = [sys.executable, "-m", "pytest", "-c", "pyproject.toml", *plugins, "-rA", str(probe)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    verdicts = [line.split() for line in done.stdout.splitlines() if "::test_" in line]
    failed = {words[1].split("::")[1] for words in verdicts if words[0] in ("FAILED", "ERROR")}
    seen = {words[1].split("::")[1] for words in verdicts}
    assert len(seen) == PROBE.count("def test_"), done.stdout + done.stderr
    assert failed == {name for name in seen if name.endswith("_bad")}, done.stdout
