"""What is read never runs, and what is shown or exported is never taken for anything but text."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.helpers import rules_safe
from tests.helpers.sources import Source, python_sources

SOURCES = python_sources(Path(__file__).resolve().parent.parent)

Rule = Callable[[Source], Iterator[str]]

OWN_OBJECTS = {
    "tests/unit/core/test_secret.py",  # a secret refuses to be pickled
    "tests/unit/lab/test_sweep.py",  # what a pool of processes would do to the work
}
"""Tests that pickle what they have just made; nothing of it was read from anywhere."""


PRINTS_OUR_PAGE = {"ui/report_pdf.py"}
"""Lays out what the verb report wrote, every word of it escaped; fetches nothing (its tests)."""


def broken(rule: Rule, sources: list[Source]) -> str:
    """Return one line for every place that breaks the rule."""
    return "\n".join(line for source in sources for line in rule(source))


def test_nothing_that_is_read_can_run() -> None:
    all_but = [each for each in SOURCES if each.path not in OWN_OBJECTS]
    assert broken(rules_safe.unsafe_load, all_but) == ""


def test_no_text_of_the_window_is_markup() -> None:
    window = [each for each in SOURCES if each.within("ui") and each.path not in PRINTS_OUR_PAGE]
    assert broken(rules_safe.markup, window) == ""


def test_no_export_writes_a_formula() -> None:
    product = [each for each in SOURCES if each.within("terminal", "ui", "packaging")]
    assert broken(rules_safe.raw_table, product) == ""


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (rules_safe.unsafe_load, "import pickle"),
        (rules_safe.unsafe_load, "from pickle import loads"),
        (rules_safe.unsafe_load, "import marshal as m"),
        (rules_safe.unsafe_load, "import shelve"),
        (rules_safe.unsafe_load, "import joblib"),
        (rules_safe.unsafe_load, "import yaml"),
        (rules_safe.unsafe_load, "from torch import load"),
        (rules_safe.unsafe_load, "importlib.import_module('pickle')"),
        (rules_safe.unsafe_load, "eval(text)"),
        (rules_safe.unsafe_load, "exec(text)"),
        (rules_safe.unsafe_load, "builtins.exec(text)"),
        (rules_safe.unsafe_load, "exec(compile(text, '', 'exec'))"),
        (rules_safe.unsafe_load, "pandas.read_pickle(path)"),
        (rules_safe.unsafe_load, "np.load(path)"),
        (rules_safe.unsafe_load, "np.load(path, allow_pickle=True)"),
        (rules_safe.unsafe_load, "np.load(path, allow_pickle=chosen)"),
        (rules_safe.unsafe_load, "np.savez(path, allow_pickle=True, a=a)"),
        (rules_safe.markup, "label = QLabel(words)"),
        (rules_safe.markup, "label = QtWidgets.QLabel()"),
        (rules_safe.markup, "class Title(QLabel):\n    pass"),
        (rules_safe.markup, "view = QTextEdit()"),
        (rules_safe.markup, "QMessageBox(parent).open()"),
        (rules_safe.markup, "label.setTextFormat(Qt.TextFormat.RichText)"),
        (rules_safe.markup, "label.setTextFormat(Qt.TextFormat.AutoText)"),
        (rules_safe.markup, "item = pyqtgraph.TextItem(html=words)"),
        (rules_safe.markup, "view.document().setHtml(words)"),
        (rules_safe.markup, "button.setToolTip(words)"),
        (rules_safe.markup, "button.setToolTip(f'{words}')"),
        (rules_safe.markup, "button.setToolTip(words if on else 'Off')"),
        (rules_safe.raw_table, "csv.writer(file)"),
        (rules_safe.raw_table, "csv.DictWriter(file, names)"),
        (rules_safe.raw_table, "'\\t'.join(cells)"),
        (rules_safe.raw_table, "','.join(map(str, cells))"),
        (rules_safe.raw_table, "','.join(str(each) for each in row)"),
    ],
)
def test_rule_sees_what_it_forbids(rule: Rule, text: str) -> None:
    assert list(rule(Source("ui/panels/new.py", text)))


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (rules_safe.unsafe_load, "import json, msgspec, tomllib"),
        (rules_safe.unsafe_load, "np.load(path, allow_pickle=False)"),
        (rules_safe.unsafe_load, "re.compile(text)"),
        (rules_safe.unsafe_load, "importlib.import_module(name)"),
        (rules_safe.markup, "label = plain_label(words)"),
        (rules_safe.markup, "class Title(PlainLabel):\n    pass"),
        (rules_safe.markup, "button.setToolTip('Resume (F9)' if paused else HELP)"),
        (rules_safe.markup, "set_tip(button, words)"),
        (rules_safe.raw_table, "csv.reader(file)"),
        (rules_safe.raw_table, "', '.join(names)"),
        (rules_safe.raw_table, "','.join(map(repr, numbers))"),
        (rules_safe.raw_table, "'\\t'.join(safe_cell(each) for each in row)"),
    ],
)
def test_rule_lets_pass_what_it_allows(rule: Rule, text: str) -> None:
    assert list(rule(Source("ui/panels/new.py", text))) == []
