"""Fixtures of tests that run the whole application."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from PySide6.QtWidgets import QApplication

from tests.helpers.windows import swept
from tests.ui.desktop import Desktop, Launch
from ui.app import Application
from ui.options import read_options
from ui.theme.apply import apply_theme
from ui.theme.tokens import load_tokens


@pytest_asyncio.fixture
async def launch(qapp: QApplication, tmp_path: Path) -> AsyncIterator[Launch]:
    made: list[Desktop] = []
    qapp.setQuitOnLastWindowClosed(False)  # as main does

    def start(*options: str) -> Desktop:
        given = ["--data", str(tmp_path / "data"), "--size", "1280x720", *options]
        made.append(Desktop(Application(read_options(given), qapp)))
        return made[-1]

    yield start
    for each in made:
        each.application.leave()
        await each.task
        each.application.window.deleteLater()
    made.clear()
    swept(qapp)
    apply_theme(qapp, load_tokens("dark"))
