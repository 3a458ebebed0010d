"""``python -m ui.report_pdf FOLDER``: the PDF of a report, made from its HTML page."""

import argparse
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QByteArray, QMarginsF, QSizeF, Qt, QUrl
from PySide6.QtGui import (
    QGuiApplication,
    QImage,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
    QTextBlock,
    QTextCursor,
    QTextDocument,
    QTextFormat,
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

SCREEN_DOTS = 96
"""To the inch: Qt says lengths of a page in these, whatever paper it lays the page out for."""

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
    document = _document(fitted(page, writer))
    keep_headings(document, writer)
    document.print_(writer)


def keep_headings(document: QTextDocument, paper: QPdfWriter) -> None:
    """Begin a sheet before every heading that would stand at the foot of one by itself.

    Qt breaks sheets wherever they are full. A break moves all that follows, so the rest is laid out
    anew after each.
    """
    done = -1
    while (number := _left_alone(as_printed(document, paper), done)) is not None:
        block = document.findBlockByNumber(number)
        layout = block.blockFormat()
        layout.setPageBreakPolicy(QTextFormat.PageBreakFlag.PageBreak_AlwaysBefore)
        QTextCursor(block).setBlockFormat(layout)
        done = number


def as_printed(document: QTextDocument, paper: QPdfWriter) -> QTextDocument:
    """A copy of a document, laid out as Qt's print lays it out: its blocks know their sheets."""
    found = document.clone()
    found.documentLayout().setPaintDevice(paper)
    frame = found.rootFrame().frameFormat()
    frame.setMargin(int(EDGE_CM / CM_PER_INCH * SCREEN_DOTS))
    found.rootFrame().setFrameFormat(frame)
    found.setPageSize(QSizeF(paper.width(), paper.height()))
    return found


def _left_alone(document: QTextDocument, after: int) -> int | None:
    """Number of the first heading beyond a block that ends its sheet; headings below go along."""
    block, first = document.findBlockByNumber(after + 1), -1
    while block.isValid():
        following = block.next()
        if block.blockFormat().headingLevel():
            first = block.blockNumber() if first < 0 else first
        elif block.text() or QTextCursor(block).currentTable() is not None:
            first = -1  # Qt has an empty line before a table, which heads it too
        heads = first >= 0 and following.isValid()
        if heads and sheet_of(document, block) != sheet_of(document, following):
            return first
        block = following
    return None


def sheet_of(document: QTextDocument, block: QTextBlock) -> int:
    """Sheet of a block's first line: a picture that did not fit stands on the one after."""
    top = document.documentLayout().blockBoundingRect(block).top()
    if block.layout().lineCount():
        top += block.layout().lineAt(0).y()
    return int(top // document.pageSize().height())


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
