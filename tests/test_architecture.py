"""The shape of the code: sizes, floors, and what may not be written where."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from tests.helpers import rules
from tests.helpers.sources import Source, project_files, python_sources

ROOT = Path(__file__).resolve().parent.parent
SOURCES = python_sources(ROOT)

Rule = Callable[[Source], Iterator[str]]

PURE_FLOORS = tuple(
    f"terminal/{floor}"
    for floor in (
        "core",
        "model",
        "pricing",
        "market",
        "portfolio",
        "risk",
        "hedging",
        "execution",
        "engine",
        "oracle",
    )
)

# Written in two halves, so that this file obeys the rule it states.
MACHINE_TRACES = re.compile(
    "|".join(
        re.escape(first + second)
        for first, second in (
            ("/wo", "rk/"),
            ("/ro", "ot/"),
            ("/ho", "me/"),
            ("py", "pi.org"),
            ("python", "hosted.org"),
            ("regis", "try.np"),
            ("--ind", "ex-url"),
            ("--extra-", "index-url"),
        )
    )
)


def broken(rule: Rule, sources: Iterable[Source]) -> str:
    """Return one line for every place that breaks the rule."""
    return "\n".join(line for source in sources for line in rule(source))


def test_sources_are_found() -> None:
    assert {"terminal/core/__init__.py", "ui/__init__.py"} <= {each.path for each in SOURCES}


@pytest.mark.parametrize(
    "rule",
    [
        rules.too_long_file,
        rules.no_opening_docstring,
        rules.too_long_function,
        rules.too_long_class,
        rules.code_in_init,
    ],
    ids=lambda rule: rule.__name__,
)
def test_shape(rule: Rule) -> None:
    assert broken(rule, SOURCES) == ""


def test_arguments_can_be_told_apart() -> None:
    product = [each for each in SOURCES if not each.path.startswith("tests/")]
    assert broken(rules.too_many_arguments, product) == ""


def test_window_never_blocks_the_loop() -> None:
    product = [each for each in SOURCES if each.within("ui", "terminal")]
    assert broken(rules.blocking_qt_call, product) == ""


def test_tasks_are_supervised() -> None:
    product = [each for each in SOURCES if each.within("ui", "terminal")]
    outside = [each for each in product if not each.within("terminal/runtime")]
    assert broken(rules.unsupervised_task, outside) == ""


def test_pure_floors_are_functions_of_their_inputs() -> None:
    pure = [each for each in SOURCES if each.within(*PURE_FLOORS)]
    assert broken(rules.impure, pure) == ""


def test_no_file_knows_the_machine_it_was_written_on() -> None:
    found = []
    for path in project_files(ROOT):
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:  # pictures and fonts
            continue
        for number, line in enumerate(text.splitlines(), start=1):
            trace = MACHINE_TRACES.search(line)
            if trace:
                found.append(f"{path.relative_to(ROOT)}:{number}: {trace.group()}")
    assert found == []


def test_imports_keep_their_contracts() -> None:
    code = "from importlinter.cli import lint_imports_command as run; run()"
    command = [sys.executable, "-c", code, "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_contracts_and_rules_name_the_same_pure_floors() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    pure = next(each for each in contracts if each["name"].startswith("pure floors"))
    assert {each.replace(".", "/") for each in pure["source_modules"]} == set(PURE_FLOORS)


LONG_FUNCTION = "def f():\n    '''Doc.\n\n    More.\n    '''\n" + "    x = 1\n" * 41
LONG_CLASS = "class C:\n" + "    x = 1\n" * 200
TWO_HUNDRED_LINES_OF_COMMENT = "class C:\n    x = 1\n" + "    # why\n" * 200


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (rules.too_long_file, "x = 1\n" * 401),
        (rules.no_opening_docstring, "x = 1\n"),
        (rules.too_long_function, LONG_FUNCTION),
        (rules.too_long_class, LONG_CLASS),
        (rules.too_many_arguments, "def f(a, b, c, d, e, g): ..."),
        (rules.too_many_arguments, "class C:\n    def f(self, a, b, c, d, e, g): ..."),
        (rules.code_in_init, "'''Doc.'''\nimport os\n"),
        (rules.blocking_qt_call, "dialog.exec()"),
        (rules.blocking_qt_call, "QDialog(parent).exec_()"),
        (rules.blocking_qt_call, "QMessageBox.question(self, 'a', 'b')"),
        (rules.blocking_qt_call, "QApplication.processEvents()"),
        (rules.blocking_qt_call, "QFileDialog.getOpenFileName()"),
        (rules.unsupervised_task, "asyncio.create_task(f())"),
        (rules.unsupervised_task, "create_task(f())"),
        (rules.unsupervised_task, "self._loop.create_task(f())"),
        (rules.unsupervised_task, "asyncio.get_running_loop().create_task(f())"),
        (rules.unsupervised_task, "asyncio.ensure_future(f())"),
        (rules.impure, "datetime.now(UTC)"),
        (rules.impure, "dt.date.today()"),
        (rules.impure, "np.random.default_rng()"),
        (rules.impure, "id(order)"),
        (rules.impure, "for x in {1, 2}: ..."),
        (rules.impure, "[x for x in set(y)]"),
    ],
)
def test_rule_sees_what_it_forbids(rule: Rule, text: str) -> None:
    assert list(rule(Source("terminal/core/__init__.py", text)))


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (rules.too_long_file, "x = 1\n" * 400),
        (rules.too_long_function, LONG_FUNCTION.removesuffix("    x = 1\n")),
        (rules.too_long_class, TWO_HUNDRED_LINES_OF_COMMENT),
        (rules.too_many_arguments, "def f(a, b, c, d, e, *, g, h): ..."),
        (rules.too_many_arguments, "class C:\n    def f(self, a, b, c, d, e): ..."),
        (rules.code_in_init, "'''Doc.\n\nMore.\n'''\n"),
        (rules.blocking_qt_call, "dialog.open()"),
        (rules.unsupervised_task, "group.create_task(f())"),
        (rules.impure, "for x in sorted({1, 2}): ..."),
        (rules.impure, "book.update(order_id(run, 1))"),
    ],
)
def test_rule_lets_pass_what_it_allows(rule: Rule, text: str) -> None:
    assert list(rule(Source("terminal/core/__init__.py", text))) == []
