"""The rules every test lives under: no network, no leaks, no unexpected warning in the log."""

import asyncio
import inspect
import logging
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
import qasync
from hypothesis import HealthCheck, settings
from PySide6.QtWidgets import QApplication

from tests.helpers.leaks import (
    collected_here,
    no_new_qt_objects,
    no_new_threads,
    pending_tasks,
)
from tests.helpers.network import NetworkGuard

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"

_GUARD = pytest.StashKey[NetworkGuard]()
_QT_FIXTURES = frozenset({"qapp", "qtbot", "qtmodeltester"})


def pytest_configure(config: pytest.Config) -> None:
    """Prepare the process before Qt is started and the first test is collected."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ.setdefault("QT_API", "pyside6")
    config.addinivalue_line("markers", "logs: expects warnings and reads them from caplog")
    config.stash[_GUARD] = NetworkGuard()
    # A busy machine is not a broken law, hence no deadline. Search beyond the fixed examples
    # with: pytest --hypothesis-profile=explore
    slow = [HealthCheck.too_slow]
    settings.register_profile("explore", deadline=None, max_examples=2000)
    settings.register_profile(
        "fixed", deadline=None, derandomize=True, database=None, suppress_health_check=slow
    )
    settings.load_profile("fixed")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that build widgets."""
    for item in items:
        if _uses_qt(item):
            item.add_marker(pytest.mark.ui)


def pytest_asyncio_loop_factories(
    item: pytest.Item,
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Run coroutine tests that touch Qt on the loop the terminal itself runs on."""
    return {"qt": _qt_loop} if _uses_qt(item) else {"plain": asyncio.new_event_loop}


def _uses_qt(item: pytest.Item) -> bool:
    return not _QT_FIXTURES.isdisjoint(getattr(item, "fixturenames", ()))


def _qt_loop() -> asyncio.AbstractEventLoop:
    loop = qasync.QEventLoop(QApplication.instance() or QApplication([]))
    assert isinstance(loop, asyncio.AbstractEventLoop)
    return loop


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of recorded market data beside the sources; skip where there is none."""
    if not SHARED.is_dir():
        pytest.skip("no recorded data: the folder 'shared' is not beside the sources")
    return SHARED


@pytest.fixture
def no_keychain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep a test, and what it starts, out of the keychain of whoever runs it."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")


@pytest.fixture(autouse=True)
def _stay_on_this_machine(request: pytest.FixtureRequest) -> Iterator[None]:
    if request.node.get_closest_marker("network"):
        yield
        return
    with request.config.stash[_GUARD].closed():
        yield


@pytest.fixture(autouse=True)
def _leave_no_threads() -> Iterator[None]:
    with no_new_threads():
        yield


@pytest.fixture(autouse=True)
def _leave_no_qt_objects(request: pytest.FixtureRequest) -> Iterator[None]:
    if not _uses_qt(request.node):
        yield
        return
    request.getfixturevalue("qapp")
    with collected_here(), no_new_qt_objects():
        yield


@pytest.fixture(autouse=True)
def _leave_no_tasks(request: pytest.FixtureRequest) -> Iterator[None]:
    if not inspect.iscoroutinefunction(getattr(request, "function", None)):
        yield
        return
    # The runner cancels what is left without a word when it closes. Asking for it here puts this
    # check after the test's own fixtures have cleaned up and before the runner closes.
    runner: asyncio.Runner = request.getfixturevalue("_function_scoped_runner")
    yield
    left = pending_tasks(runner.get_loop())
    if left:
        pytest.fail(f"tasks left running: {'; '.join(left)}")


class _Collector(logging.Handler):
    """Keeps the records it is handed."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the record."""
        self.records.append(record)


@pytest.fixture(autouse=True)
def _log_nothing_unexpected(request: pytest.FixtureRequest) -> Iterator[None]:
    expected = request.node.get_closest_marker("logs") and "caplog" in request.fixturenames
    collector = _Collector()
    logging.getLogger().addHandler(collector)
    yield
    logging.getLogger().removeHandler(collector)
    assert logging.getLogger("terminal").isEnabledFor(logging.WARNING), "the log was left off"
    if collector.records and not expected:
        lines = [f"{each.levelname} {each.name}: {each.getMessage()}" for each in collector.records]
        pytest.fail("unexpected log lines:\n" + "\n".join(lines))
