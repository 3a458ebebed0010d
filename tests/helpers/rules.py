"""Rules of shape: each takes a source and describes what breaks the rule, with its line."""

import ast
from collections.abc import Iterator

from tests.helpers.sources import Source, dotted

FILE_LINES = 400
FUNCTION_LINES = 40
TEST_FUNCTION_LINES = 60   # a story told from start to end
CLASS_LINES = 200
POSITIONAL_ARGUMENTS = 5

_BLOCKING_DIALOGS = ("QMessageBox.", "QFileDialog.get", "QInputDialog.get", "QColorDialog.get")
_AMBIENT_CALLS = frozenset({"id", "hash", "open", "print", "input", "eval", "exec", "globals"})
_CLOCK_READERS = (".now", ".utcnow", ".today")


def too_long_file(source: Source) -> Iterator[str]:
    """More lines than one idea needs."""
    lines = source.text.count("\n")
    if lines > FILE_LINES:
        yield f"{source.path}: {lines} lines, at most {FILE_LINES}"


def no_opening_docstring(source: Source) -> Iterator[str]:
    """A file that does not say what it is."""
    if ast.get_docstring(source.tree) is None:
        yield f"{source.path}: does not start with a docstring"


def too_long_function(source: Source) -> Iterator[str]:
    """More lines of code, docstring not counted, than can be kept in mind."""
    limit = TEST_FUNCTION_LINES if source.within("tests") else FUNCTION_LINES
    for function in source.functions():
        size = source.size(function.body[0].lineno, function.end_lineno or function.lineno)
        if size > limit:
            yield f"{source.path}:{function.lineno}: {function.name} has {size} lines of {limit}"


def too_long_class(source: Source) -> Iterator[str]:
    """A class that does more than one thing."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ClassDef):
            size = source.size(node.lineno, node.end_lineno or node.lineno)
            if size > CLASS_LINES:
                yield f"{source.path}:{node.lineno}: {node.name} has {size} lines of {CLASS_LINES}"


def too_many_arguments(source: Source) -> Iterator[str]:
    """More positional arguments than can be told apart at the call."""
    for function in source.functions():
        names = [each.arg for each in (*function.args.posonlyargs, *function.args.args)]
        count = len(names) - (names[:1] in (["self"], ["cls"]))
        if count > POSITIONAL_ARGUMENTS:
            yield f"{source.path}:{function.lineno}: {function.name} takes {count} by position"


def code_in_init(source: Source) -> Iterator[str]:
    """Anything but a docstring in an __init__.py."""
    if source.path.endswith("__init__.py") and source.code_lines:
        yield f"{source.path}: holds code"


def blocking_qt_call(source: Source) -> Iterator[str]:
    """A nested Qt loop: coroutines waiting meanwhile never wake up."""
    for line, name in source.calls():
        if name.endswith((".exec", ".exec_", ".processEvents")) or name.startswith(
            _BLOCKING_DIALOGS
        ):
            yield f"{source.path}:{line}: {name}() blocks the loop; use open() and await finished"


def unsupervised_task(source: Source) -> Iterator[str]:
    """A task nobody waits for: its exception is lost and its shutdown unordered."""
    for line, name in source.calls():
        owner, _, call = name.rpartition(".")
        loose = call == "create_task" and (owner in ("", "asyncio") or "loop" in owner.lower())
        if loose or call == "ensure_future":
            yield f"{source.path}:{line}: {name}() outside a supervised task group"


def impure(source: Source) -> Iterator[str]:
    """Something in a pure floor whose answer is not a function of its inputs."""
    for line, name in source.calls():
        if name in _AMBIENT_CALLS or name.endswith(_CLOCK_READERS) or ".random." in f".{name}":
            yield f"{source.path}:{line}: {name}() is not a function of its inputs"
    for node in ast.walk(source.tree):
        if isinstance(node, ast.For | ast.comprehension) and _is_set(node.iter):
            yield f"{source.path}:{node.iter.lineno}: iterates over a set, whose order varies"


def _is_set(node: ast.expr) -> bool:
    if isinstance(node, ast.Call):
        return dotted(node.func) in {"set", "frozenset"}
    return isinstance(node, ast.Set | ast.SetComp)
