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
    QTextOption,
)
from PySide6.QtSvg import QSvgRenderer

from terminal.core.errors import ConfigError

PAGE, PDF = "report.html", "report.pdf"
MARGIN_MM = 10.0
DOTS_PER_INCH = 120
"""Layout unit of the page: tables of twelve columns still fit across a sheet."""

EDGE_CM, CM_PER_INCH = 2.0, 2.54
"""What Qt's print leaves free on each side within the margins, for the page's number."""

SHARP = 3
"""Pixels of a chart for each unit of its drawing."""

CHART = re.compile(r"<svg .*?</svg>", re.DOTALL)
TABLE = re.compile(r"<table .*?</table>", re.DOTALL)

SIZES = (8.5, 7.5, 6.5, 5.5, 4.5)
"""Points of a table's letters: the page's own, then smaller ones for what is too wide for it."""


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
    _document(fitted(page, writer)).print_(writer)


def fitted(page: str, paper: QPdfWriter) -> str:
    """The page with smaller letters in tables that are wider than the paper: no sheet scrolls."""
    page = page.replace("</style>", f"{_sizes()}</style>", 1)
    head, _, _ = page.partition("<body>")
    room = paper.width() - 2.0 * EDGE_CM / CM_PER_INCH * DOTS_PER_INCH

    def sized(found: re.Match[str]) -> str:
        for number in range(len(SIZES)):
            table = found[0].replace("<table ", f'<table class="size{number}" ', 1)
            if least_width(f"{head}<body>{table}", paper, room) <= room:
                break
        return table

    return TABLE.sub(sized, page)


def _sizes() -> str:
    """Rules for the sizes of tables."""
    return "".join(
        f"table.size{number} td, table.size{number} th {{ font-size: {size}pt; }}\n"
        for number, size in enumerate(SIZES)
    )


def least_width(page: str, paper: QPdfWriter, room: float) -> float:
    """Width that a page takes where ``room`` is there, dots: more, where words cannot wrap."""
    document = _ClosedDocument()
    document.documentLayout().setPaintDevice(paper)
    document.setHtml(page)
    document.setTextWidth(room)
    return document.size().width()


class _ClosedDocument(QTextDocument):
    """A page that has only the pictures given to it: no file and no address is opened for it.

    Words stay whole: Qt would squeeze a column of a wide table to a letter a line.
    """

    def __init__(self) -> None:
        super().__init__()
        words = self.defaultTextOption()
        words.setWrapMode(QTextOption.WrapMode.WordWrap)
        self.setDefaultTextOption(words)

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
