"""Opening frontiers and having them made: what is read, what is refused, how a run ends."""

import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from tests.helpers.frontiers import frontier_json, write_frontier
from tests.unit.lab.walks import walk
from tests.unit.runtime.test_sweep import NAME, write_bars
from ui.frontiers import FILE, LARGEST, Frontiers
from ui.panels.book_frontier import FrontierPage

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for Python is a script"),
    pytest.mark.qt_log_ignore("propagateSizeHints", "support raise", extend=True),
]


class Desk:
    """A page that is served, and what went into the log."""

    def __init__(self, qtbot: QtBot, folder: Path, python: str = sys.executable) -> None:
        self.page = FrontierPage()
        qtbot.addWidget(self.page)
        self.page.show()
        self.said: list[str] = []
        self.frontiers = Frontiers(folder, self.page, self.said.append, python=python)

    def shown(self) -> int:
        return len(self.page.table.model.rows)


def stand_in(folder: Path, does: str) -> str:
    """A script in the place of Python; its arguments are in ``seen``."""
    path = folder / "python"
    path.write_text(f'#!/bin/sh\necho "$@" > {folder}/seen\n{does}\n', "utf-8")
    path.chmod(0o700)
    return str(path)


def test_a_file_is_shown(qtbot: QtBot, tmp_path: Path) -> None:
    desk = Desk(qtbot, tmp_path)
    path = write_frontier(tmp_path / FILE)
    desk.frontiers.read(path)
    assert desk.shown() == 6
    assert str(path) in desk.page.said.toolTip()


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (None, "No such file"),
        (b"{", "it is not what the lab writes"),
        (frontier_json([]), "it holds no policy"),
        (b" " * (LARGEST + 1), "it has more than 8 MB"),
    ],
)
def test_a_bad_file_is_named_with_its_remedy(
    qtbot: QtBot, tmp_path: Path, raw: bytes | None, why: str
) -> None:
    desk = Desk(qtbot, tmp_path)
    path = tmp_path / "bad.json"
    if raw is not None:
        path.write_bytes(raw)
    desk.frontiers.read(path)
    said = desk.page.said.text()
    assert said.startswith(f"{path} cannot be shown: ")
    assert why in said
    assert "choose a frontier.json of the lab, or make one with Run…" in said
    assert desk.page.stack.currentWidget() is desk.page.empty


def test_the_last_one_made_is_shown_again(qtbot: QtBot, tmp_path: Path) -> None:
    desk = Desk(qtbot, tmp_path / "none")
    desk.frontiers.show_latest()
    assert desk.shown() == 0
    assert desk.page.said.text() == ""
    write_frontier(tmp_path / "a" / FILE)
    again = Desk(qtbot, tmp_path)
    again.frontiers.show_latest()
    assert again.shown() == 6


def test_files_are_asked_for_without_stopping_the_window(qtbot: QtBot, tmp_path: Path) -> None:
    desk = Desk(qtbot, tmp_path, stand_in(tmp_path, "exit 0"))
    path = write_frontier(tmp_path / "a" / FILE)
    desk.page.open.click()
    dialog = desk.page.findChild(QFileDialog)
    assert isinstance(dialog, QFileDialog)
    assert dialog.isVisible()
    dialog.fileSelected.emit(str(path))
    dialog.reject()
    assert desk.shown() == 6


def test_bars_that_are_chosen_are_run(qtbot: QtBot, tmp_path: Path) -> None:
    made = frontier_json().decode()
    (tmp_path / "made.json").write_text(made, "utf-8")
    does = (
        f"echo '9 % BTC: fixed band' >&2; sleep 0.2; mkdir -p {tmp_path}/f/x-ETH;"
        f" cp {tmp_path}/made.json {tmp_path}/f/x-ETH/{FILE}; echo '100 % BTC' >&2"
    )
    desk = Desk(qtbot, tmp_path / "f", stand_in(tmp_path, does))
    desk.page.coin.addItem("ETH", "ETH")
    desk.page.coin.setCurrentIndex(desk.page.coin.findData("ETH"))
    desk.page.run.click()
    dialog = desk.page.findChild(QFileDialog)
    assert isinstance(dialog, QFileDialog)
    dialog.filesSelected.emit(["/bars/x.parquet", "/bars/y.parquet"])
    dialog.reject()
    qtbot.waitUntil(lambda: desk.page.bar.value() == 9, timeout=10_000)
    assert desk.page.said.text() == "The lab runs BTC: fixed band: 9 %"
    desk.frontiers.start([Path("/bars/z.parquet")], "")  # one at a time
    qtbot.waitUntil(lambda: desk.shown() == 6, timeout=10_000)
    assert (tmp_path / "seen").read_text("utf-8").split() == [
        *("-m", "terminal", "lab", "frontier", "/bars/x.parquet", "/bars/y.parquet"),
        *("--coin", "ETH", "--out", f"{tmp_path}/f/x-ETH", "--progress"),
    ]
    assert desk.said == [f"frontier written: {tmp_path}/f/x-ETH"]
    assert desk.page.run.isEnabled()


@pytest.mark.parametrize(
    ("does", "words"),
    [
        (
            "echo '0 % BTC' >&2; echo 'bars of BTC, ETH: name one' >&2; exit 2",
            "bars of BTC, ETH: name one",
        ),
        ("printf 'no end of line' >&2; exit 1", "no end of line"),
        ("exit 3", "the program ended with 3"),
        ("kill -9 $$", "the program ended with 9"),
    ],
)
def test_a_run_that_fails_says_why_and_another_may_begin(
    qtbot: QtBot, tmp_path: Path, does: str, words: str
) -> None:
    desk = Desk(qtbot, tmp_path, stand_in(tmp_path, does))
    for _ in range(2):
        desk.said.clear()
        desk.frontiers.start([Path("x.parquet")], "")
        qtbot.waitUntil(lambda: bool(desk.said), timeout=10_000)
        assert desk.page.said.text() == f"No frontier: {words}"
        assert desk.page.run.isEnabled()


def test_a_run_that_writes_nothing_is_no_success(qtbot: QtBot, tmp_path: Path) -> None:
    desk = Desk(qtbot, tmp_path, stand_in(tmp_path, "exit 0"))
    desk.frontiers.start([Path("x.parquet")], "")
    qtbot.waitUntil(lambda: "cannot be shown" in desk.page.said.text(), timeout=10_000)
    assert desk.page.run.isEnabled()
    assert desk.said == []


def test_a_run_can_be_cancelled_and_ends_with_the_window(qtbot: QtBot, tmp_path: Path) -> None:
    desk = Desk(qtbot, tmp_path, stand_in(tmp_path, "exec sleep 60"))
    desk.frontiers.start([Path("x.parquet")], "")
    assert desk.page.cancel.isVisible()
    desk.page.cancel.click()
    assert desk.page.said.text() == "Cancelled: nothing was compared."
    assert desk.page.run.isEnabled()
    desk.frontiers.cancel()
    desk.frontiers.start([Path("x.parquet")], "")
    desk.frontiers.close()
    desk.frontiers.close()
    assert desk.said == []


def test_a_program_that_is_not_there_is_said(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.children.shutil.which", lambda _name: None)
    desk = Desk(qtbot, tmp_path, str(tmp_path / "nowhere"))
    desk.frontiers.start([Path("x.parquet")], "")
    qtbot.waitUntil(lambda: len(desk.said) == 1, timeout=10_000)
    assert desk.said[0].startswith("The lab cannot be started: ")
    assert desk.page.run.isEnabled()


@pytest.mark.slow
@pytest.mark.timeout(300)  # the child stands behind everything else that the machine does
def test_the_lab_itself_makes_what_the_page_shows(qtbot: QtBot, tmp_path: Path) -> None:
    bars = write_bars(tmp_path / NAME, walk(1, 52))
    desk = Desk(qtbot, tmp_path / "frontiers")
    desk.frontiers.start([bars], "")
    qtbot.waitUntil(lambda: bool(desk.said), timeout=240_000)
    assert desk.said[0].startswith("frontier written: ")
    assert desk.page.box.title.text() == "BTC: cost over Whalley-Wilmott, to edge at equal risk"
    assert desk.shown() == 66
