"""A report's page as a PDF: pages and pictures are there, and what cannot be printed is said."""

import re
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QImage, QPageLayout, QPageSize, QPdfWriter, QTextDocument
from PySide6.QtWidgets import QApplication

from ui.report_pdf import (
    PAGE,
    PDF,
    SIZES,
    _document,
    as_printed,
    fitted,
    keep_headings,
    least_width,
    main,
    sheet_of,
    write_pdf,
)

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 30" width="60" height="30">'
    '<rect x="0" y="0" width="60" height="30" fill="#ff0000"/></svg>'
)


def test_charts_become_pictures_of_their_size(qapp: QApplication) -> None:
    del qapp
    found = _document(f"<p>before</p>{SVG}<p>between</p>{SVG}<p>after</p>")
    text = found.toPlainText()
    assert text.count("\ufffc") == 2  # an object where each chart stands
    assert text.startswith("before")
    assert text.endswith("after")
    assert found.idealWidth() >= 60


def test_a_page_becomes_a_pdf_for_this_user_alone(
    tmp_path: Path, qapp: QApplication, capsys: pytest.CaptureFixture[str]
) -> None:
    del qapp
    (tmp_path / PAGE).write_text(f"<html><body><h1>Day</h1>{SVG}</body></html>", "utf-8")
    assert main([str(tmp_path)]) == 0
    written = Path(capsys.readouterr().out.strip())
    assert written == tmp_path / PDF
    assert written.read_bytes().startswith(b"%PDF-")
    assert written.stat().st_mode & 0o077 == 0
    assert write_pdf(tmp_path) == written  # again, over the old one


def test_what_cannot_be_printed_is_said(
    tmp_path: Path, qapp: QApplication, capsys: pytest.CaptureFixture[str]
) -> None:
    del qapp
    assert main([str(tmp_path)]) == 1
    assert "name a folder that the verb report made" in capsys.readouterr().err
    (tmp_path / PAGE).write_text("<p>x</p>", "utf-8")
    (tmp_path / PDF).mkdir()
    assert main([str(tmp_path)]) == 1
    assert "cannot be written" in capsys.readouterr().err


def test_no_file_is_opened_for_a_page(tmp_path: Path, qapp: QApplication) -> None:
    del qapp
    picture = QImage(8, 8, QImage.Format.Format_RGB32)
    picture.fill(Qt.GlobalColor.white)
    assert picture.save(str(tmp_path / "picture.png"))
    there = QUrl.fromLocalFile(str(tmp_path / "picture.png"))
    found = _document(f'<p><img src="{there.toString()}"></p>{SVG}')
    image = QTextDocument.ResourceType.ImageResource
    assert found.resource(image, there) is None
    assert found.resource(image, QUrl("chart-0")) is not None
    assert QTextDocument().resource(image, there) is not None  # as Qt would by itself


def test_a_table_wider_than_the_sheet_gets_smaller_letters_until_it_fits(
    tmp_path: Path, qapp: QApplication
) -> None:
    del qapp
    paper = QPdfWriter(str(tmp_path / "paper.pdf"))
    paper.setResolution(120)
    room = paper.width() - 2.0 * 2.0 / 2.54 * 120

    def page(columns: int) -> str:
        cells = "".join(f"<td>{number}000,000.00</td>" for number in range(columns))
        style = "<style>td { white-space: nowrap; font-size: 8.5pt; }</style>"
        return (
            f"<html><head>{style}</head><body><table cellspacing='0'><tr>{cells}</tr></table>"
            "</body></html>"
        )

    assert 'class="size0"' in fitted(page(4), paper)
    wide = page(12)
    assert least_width(wide, paper, room) > room
    smaller = fitted(wide, paper)
    assert 'class="size0"' not in smaller
    assert least_width(smaller, paper, room) <= room
    assert f'class="size{len(SIZES) - 1}"' in fitted(page(60), paper)  # the least there is


@pytest.mark.parametrize("lines", range(30, 42))
@pytest.mark.parametrize("below", ["<p>text</p>", "<table><tr><td>1</td></tr></table>", SVG])
def test_no_heading_ends_a_sheet(
    lines: int, below: str, tmp_path: Path, qapp: QApplication
) -> None:
    del qapp
    paper = QPdfWriter(str(tmp_path / "paper.pdf"))
    paper.setResolution(120)
    paper.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    paper.setPageOrientation(QPageLayout.Orientation.Landscape)
    text = "<p style='margin: 0'>line</p>" * lines
    part = f"<h2>Section</h2><h3>Table</h3>{below}"
    found = _document(f"<html><body>{text}{part}{text}{part}</body></html>")
    keep_headings(found, paper)
    laid = as_printed(found, paper)
    for name in ("Section", "Table"):
        block = laid.find(name).block()
        following = block.next()
        while not following.text():  # Qt's empty line before a table
            following = following.next()
        assert sheet_of(laid, block) == sheet_of(laid, following)
    found.print_(paper)
    pages = re.findall(rb"/Type /Page\b", (tmp_path / "paper.pdf").read_bytes())
    assert len(pages) == laid.pageCount()  # laid out as Qt prints it


def test_a_heading_that_fits_stays_where_it_is(tmp_path: Path, qapp: QApplication) -> None:
    del qapp
    paper = QPdfWriter(str(tmp_path / "paper.pdf"))
    found = _document("<p>line</p><h2>Section</h2><p>text</p><h2>Empty, at the end</h2>")
    before = found.toHtml()
    keep_headings(found, paper)
    assert found.toHtml() == before


def test_words_stay_whole_in_a_narrow_column(qapp: QApplication) -> None:
    del qapp
    found = _document("<table width='1'><tr><td>unknown</td></tr></table>")
    found.setTextWidth(1.0)
    assert found.size().width() > 1.0
    block = next(
        block
        for number in range(found.blockCount())
        if (block := found.findBlockByNumber(number)).text() == "unknown"
    )
    assert block.layout().lineCount() == 1
