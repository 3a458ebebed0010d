"""Rules of safety: nothing that is read may run, and no text from outside may be markup."""

import ast
from collections.abc import Iterator

from tests.helpers.sources import Source, dotted

RUNS_WHAT_IT_READS = frozenset(
    {"pickle", "_pickle", "dill", "cloudpickle", "joblib", "marshal", "shelve", "yaml", "torch"}
)
"""Libraries whose loaders run, or may run, what a file tells them to."""

_RUNS_TEXT = frozenset({"eval", "exec", "compile", "__import__", "builtins.eval", "builtins.exec"})
_LOADERS = (".read_pickle", ".load_module", ".exec_module")
_ARRAYS = frozenset({"np.load", "numpy.load"})


def unsafe_load(source: Source) -> Iterator[str]:
    """A way by which a file or a text could run code: data is JSON, TOML, tapes and plain arrays.

    An array file is opened only with ``allow_pickle=False`` written out, so that neither a changed
    default nor a careless flag can turn it into a program.
    """
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for name in _imported(node):
                if name.partition(".")[0] in RUNS_WHAT_IT_READS:
                    yield f"{source.path}:{node.lineno}: imports {name}, which runs what it reads"
        if isinstance(node, ast.Call):
            yield from _unsafe_call(source, node)


def _imported(node: ast.Import | ast.ImportFrom) -> list[str]:
    if isinstance(node, ast.ImportFrom):
        return [node.module or ""]
    return [each.name for each in node.names]


def _unsafe_call(source: Source, node: ast.Call) -> Iterator[str]:
    name = dotted(node.func)
    place = f"{source.path}:{node.lineno}"
    if name in _RUNS_TEXT or name.endswith(_LOADERS):
        yield f"{place}: {name}() runs what it is given"
    if name.endswith("import_module") and isinstance(node.args[0], ast.Constant):
        module = str(node.args[0].value).partition(".")[0]
        if module in RUNS_WHAT_IT_READS:
            yield f"{place}: imports {module}, which runs what it reads"
    pickles = [each.value for each in node.keywords if each.arg == "allow_pickle"]
    refused = [isinstance(each, ast.Constant) and each.value is False for each in pickles]
    if not all(refused) or (name in _ARRAYS and not refused):
        yield f"{place}: {name}() without allow_pickle=False"


_WRITERS = (".writer", ".DictWriter")
_SEPARATORS = ("\t", ",", ";")
_CELLS = ("safe_cell", "repr")
_TABLES = "terminal/runtime/csv_tables.py"


def raw_table(source: Source) -> Iterator[str]:
    """A table written for a spreadsheet whose cells do not all pass ``safe_cell``."""
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Call):
            continue
        name = dotted(node.func)
        writes = name.endswith(_WRITERS) or name in ("writer", "DictWriter")
        if writes and source.path != _TABLES:
            yield f"{source.path}:{node.lineno}: {name}() writes formulas: use csv_text()"
        if _joins_cells(node.func) and not all(map(_safe_cells, node.args)):
            yield f"{source.path}:{node.lineno}: cells that are not of safe_cell()"


def _joins_cells(node: ast.expr) -> bool:
    if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Constant):
        return False
    return node.attr == "join" and node.value.value in _SEPARATORS


def _safe_cells(node: ast.expr) -> bool:
    """Whether each cell is made by ``safe_cell``, or is a number as Python writes it."""
    if isinstance(node, ast.GeneratorExp | ast.ListComp):
        return isinstance(node.elt, ast.Call) and dotted(node.elt.func) in _CELLS
    if isinstance(node, ast.Call) and dotted(node.func) == "map":
        return dotted(node.args[0]) in _CELLS
    return False


_MARKUP = frozenset(
    {
        *("QTextEdit", "QTextBrowser", "QTextDocument", "QStaticText", "QMessageBox"),
        *("QErrorMessage", "QWhatsThis", "TextItem", "LabelItem", "RichText", "AutoText"),
        *("MarkdownText", "setHtml", "insertHtml", "appendHtml", "setMarkdown", "setWhatsThis"),
    }
)
_LABELS, _TIPS = "ui/widgets/label.py", "ui/widgets/tip.py"


def markup(source: Source) -> Iterator[str]:
    """A text of the window that Qt might take for markup, as a label does by itself."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Name | ast.Attribute):
            name = dotted(node).rpartition(".")[2]
            if name in _MARKUP:
                yield f"{source.path}:{node.lineno}: {name} renders markup: show plain text"
        elif isinstance(node, ast.Call):
            yield from _guessing_call(source, node)
        elif isinstance(node, ast.ClassDef) and source.path != _LABELS:
            for base in map(dotted, node.bases):
                if base.endswith("QLabel"):
                    yield f"{source.path}:{node.lineno}: {node.name}: derive it from PlainLabel"


def _guessing_call(source: Source, node: ast.Call) -> Iterator[str]:
    """Calls whose text Qt looks at to guess what it is."""
    name = dotted(node.func).rpartition(".")[2]
    place = f"{source.path}:{node.lineno}"
    if name == "QLabel" and source.path != _LABELS:
        yield f"{place}: QLabel() guesses: make it with widgets/label.py plain_label()"
    if name == "setToolTip" and source.path != _TIPS and not all(map(_our_words, node.args)):
        yield f"{place}: setToolTip() guesses: use widgets/tip.py set_tip()"


def _our_words(node: ast.expr) -> bool:
    """Whether a text is written in the program: a literal, a constant, or a choice of them."""
    if isinstance(node, ast.IfExp):
        return _our_words(node.body) and _our_words(node.orelse)
    if isinstance(node, ast.Name):
        return node.id.isupper()
    return isinstance(node, ast.Constant)
