"""The Oracle's page: the latest decision, its tables, and a look back."""

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from terminal.engine.state import State
from terminal.engine.step import step
from terminal.model.oracle import OracleView, Sealed
from terminal.model.regret import RegretRow
from terminal.oracle.watch import Memory, decisions
from tests.helpers.trial import Trial
from tests.ui.panel_frame import frame
from ui.panels.book_oracle import CHANGES, CHOICES, INPUTS, LOG, REGRET, RULES, OraclePage


def recorded() -> tuple[Sealed, ...]:
    """Blind, a proposal, and a hold after it lapsed, as an engine makes them."""
    trial = Trial()
    trial.tick()
    trial.tick(seconds=2.0)
    state, memory = State(), Memory()
    found: list[Sealed] = []
    for record in trial.records:
        state, _ = step(state, record)
        memory, made = decisions(memory, state, {})
        found += made
    return tuple(found)


ENTRIES = recorded()
VIEW = OracleView({"BTC": ENTRIES[-1]}, ENTRIES)


def shown(**more: Any) -> Any:
    return frame(oracle=OracleView(**({"latest": VIEW.latest, "recent": ENTRIES} | more)))


@pytest.fixture
def page(qtbot: QtBot) -> OraclePage:
    made = OraclePage()
    qtbot.addWidget(made)
    made.show_frame(shown(), "")
    return made


def texts(page: OraclePage) -> list[dict[str, str]]:
    model = page.table().model
    return [{each.title: each.show(row) for each in model.columns} for row in model.rows]


def pick(page: OraclePage, part: str) -> None:
    page.choice.set_current(part)
    page.choice.chosen.emit(part)


def test_the_latest_decision_is_shown_with_what_is_done(page: OraclePage) -> None:
    assert "Propose to sell" in page.headline.text()
    assert "above the band" in page.why.text()
    assert page.trust.text().startswith("Confidence 1.")
    done = [row for row in texts(page) if row["Done"]]
    assert [row["Trade coin"] for row in done] == ["−1.0000"]
    assert all(row["Cost $"] != "" for row in texts(page))


def test_every_part_has_its_rows(page: OraclePage) -> None:
    pick(page, RULES)
    rows = texts(page)
    assert len(rows) == 14
    assert rows[0]["Fired"] == "yes"
    pick(page, INPUTS)
    assert {"price", "net delta", "band", "trust: freshness"} <= {r["What"] for r in texts(page)}
    pick(page, CHANGES)
    assert "cost" not in "".join(r["What"] for r in texts(page))  # a fixed band has none
    pick(page, LOG)
    assert [r["No."] for r in texts(page)] == [
        str(each.decision.number) for each in reversed(ENTRIES)
    ]


def test_a_decision_of_before_can_be_looked_at_and_left(page: OraclePage) -> None:
    pick(page, LOG)
    first = ENTRIES[0].decision
    page.tables[LOG].activated.emit(str(first.number))
    assert page.choice.current() == CHOICES
    assert first.headline in page.headline.text()
    assert not page.back.isHidden()
    page.show_frame(shown(), "")
    assert first.headline in page.headline.text()
    QTest.mouseClick(page.back, Qt.MouseButton.LeftButton)
    assert "Propose to sell" in page.headline.text()
    assert page.back.isHidden()


def test_nothing_yet_and_a_fault_are_said(qtbot: QtBot) -> None:
    page = OraclePage()
    qtbot.addWidget(page)
    page.show_frame(frame(), "")
    assert "No decision has been recorded yet" in page.headline.text()
    page.show_frame(shown(recent=(), latest={}, fault="the Oracle stopped"), "")
    assert page.headline.text() == "the Oracle stopped"
    page.show_frame(shown(fault="decisions are not kept"), "")
    assert "decisions are not kept" in page.why.text()
    page.show_frame(shown(), "ETH")
    assert "No decision has been recorded yet" in page.headline.text()


def test_regret_says_how_much_it_weighs(page: OraclePage) -> None:
    row = RegretRow(
        how="rejected",
        count=3,
        judged=2,
        better=1,
        followed_usd=10.0,
        error_usd=4.0,
        always_usd=-7.0,
    )
    pick(page, REGRET)
    assert "followed in full" in page.table()._empty.text()
    page.show_frame(shown(regret=(row,)), "")
    (line,) = texts(page)
    assert line["Paid"] == "1 of 2"
    assert line["Mean $ 1 h"] == "+5.00 ± 4.00"
    assert line["Always $"] == "−7.00"
    assert line["To be read as"] == "too few to say: 2 of 20"
