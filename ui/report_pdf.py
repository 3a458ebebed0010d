"""``python -m ui.report_pdf FOLDER``: the PDF of a report, made from its HTML page."""

import argparse
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QByteArray, QMarginsF, Qt, QUrl
from PySide6.QtGui import (
    QGuiApplication,
    QImage,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
    QTextDocument,
)
from PySide6.QtSvg import QSvgRenderer

from terminal.core.errors import ConfigError

PAGE, PDF = "report.html", "report.pdf"
MARGIN_MM = 10.0
DOTS_PER_INCH = 120
"""Layout unit of the page: tables of twelve columns still fit across a sheet."""

SHARP = 3
"""Pixels of a chart for each unit of its drawing."""

CHART = re.compile(r"<svg .*?</svg>", re.DOTALL)


def write_pdf(folder: Path) -> Path:
    """Print a report's page on landscape A4 beside it, for this user alone.

    Needs a QGuiApplication. Nothing is fetched: the page has no address in it.

    Raises
    ------
    ConfigError
        The folder holds no report, or the PDF cannot be written.
    """
    try:
        page = (folder / PAGE).read_text(encoding="utf-8")
    except OSError as error:
        why = error.strerror or str(error)
        msg = f"{folder / PAGE} cannot be read ({why}): name a folder that the verb report made"
        raise ConfigError(msg) from error
    target, fresh = folder / PDF, folder / f".{PDF}.new"
    try:
        fresh.unlink(missing_ok=True)  # one that a crash left may have other rights
        fresh.touch(mode=0o600, exist_ok=False)  # Qt says nothing of a file that it cannot write
        _print(page, fresh, folder.name)
        fresh.replace(target)
    except OSError as error:
        why = error.strerror or str(error)
        msg = f"{target} cannot be written ({why}): make the report in another folder"
        raise ConfigError(msg) from error
    return target


def _print(page: str, target: Path, title: str) -> None:
    writer = QPdfWriter(str(target))
    writer.setResolution(DOTS_PER_INCH)
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    writer.setPageOrientation(QPageLayout.Orientation.Landscape)
    writer.setPageMargins(QMarginsF(MARGIN_MM, MARGIN_MM, MARGIN_MM, MARGIN_MM))
    writer.setTitle(title)
    _document(page).print_(writer)


class _ClosedDocument(QTextDocument):
    """A page that has only the pictures given to it: no file and no address is opened for it."""

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        """Answer what Qt asks for beyond the pictures given: nothing."""
        del kind, name
        return None


def _document(page: str) -> QTextDocument:
    """The page as Qt lays it out, its charts as pictures: inline SVG is nothing to it."""
    document = _ClosedDocument()
    charts = CHART.findall(page)
    for number, chart in enumerate(charts):
        image = _drawn(chart)
        document.addResource(
            QTextDocument.ResourceType.ImageResource, QUrl(f"chart-{number}"), image
        )
        size = f'width="{image.width() // SHARP}" height="{image.height() // SHARP}"'
        page = page.replace(chart, f'<p><img src="chart-{number}" {size}></p>', 1)
    document.setHtml(page)
    return document


def _drawn(chart: str) -> QImage:
    renderer = QSvgRenderer(QByteArray(chart.encode()))
    image = QImage(renderer.defaultSize() * SHARP, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    renderer.render(painter)
    painter.end()
    return image


def main(argv: Sequence[str] | None = None) -> int:
    """Make the PDF of a report."""
    parser = argparse.ArgumentParser(prog="python -m ui.report_pdf", description=main.__doc__)
    parser.add_argument("folder", type=Path, help="folder that the verb report made")
    given = parser.parse_args(argv)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QGuiApplication.instance() or QGuiApplication(sys.argv[:1])
    try:
        sys.stdout.write(f"{write_pdf(given.folder)}\n")
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    finally:
        del application
    return 0


if __name__ == "__main__":
    sys.exit(main())
