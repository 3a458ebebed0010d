"""The project's own sources, read as data for the rules in tests/test_architecture.py."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

Function = ast.FunctionDef | ast.AsyncFunctionDef

_SKIPPED = frozenset({".git", ".venv", "__pycache__", "build", "dist"})


@dataclass(frozen=True)
class Source:
    """One Python file: its path from the root of the sources, and its text."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree."""
        return ast.parse(self.text, self.path)

    @cached_property
    def code_lines(self) -> frozenset[int]:
        """Numbers of the lines that hold code: neither blank, nor comment, nor docstring."""
        lines = enumerate(self.text.splitlines(), start=1)
        code = {n for n, line in lines if line.strip() and not line.lstrip().startswith("#")}
        return frozenset(code.difference(*map(_docstring_lines, ast.walk(self.tree))))

    def functions(self) -> Iterator[Function]:
        """Every function and method, nested ones included."""
        for node in ast.walk(self.tree):
            if isinstance(node, Function):
                yield node

    def calls(self) -> Iterator[tuple[int, str]]:
        """Every call as its line and its dotted name ("" in front where that is an expression)."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                yield node.lineno, dotted(node.func)

    def within(self, *folders: str) -> bool:
        """Whether the file lies in one of the folders."""
        return any(self.path.startswith(f"{folder}/") for folder in folders)

    def size(self, first: int, last: int) -> int:
        """Count the lines of code from first to last."""
        return len(self.code_lines.intersection(range(first, last + 1)))


def _docstring_lines(node: ast.AST) -> range:
    if not isinstance(node, Function | ast.ClassDef | ast.Module) or not node.body:
        return range(0)
    first = node.body[0]
    match first:
        case ast.Expr(value=ast.Constant(value=str())):
            return range(first.lineno, (first.end_lineno or first.lineno) + 1)
        case _:
            return range(0)


def dotted(node: ast.expr) -> str:
    """Write a name or attribute as in the source: "a.b.c", or ".c" behind an expression."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=attribute):
            return f"{dotted(value)}.{attribute}"
        case _:
            return ""


def project_files(root: Path) -> list[Path]:
    """Every file that is part of the project, committed or about to be."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):   # an unpacked archive
        found = (path for path in root.rglob("*") if _SKIPPED.isdisjoint(path.parts))
        return sorted(path for path in found if path.is_file())
    names = sorted(filter(None, listed.stdout.split("\0")))
    return [path for path in map(root.joinpath, names) if path.is_file()]


def python_sources(root: Path) -> list[Source]:
    """Every Python file of the project."""
    files = (path for path in project_files(root) if path.suffix == ".py")
    return [Source(path.relative_to(root).as_posix(), path.read_text("utf-8")) for path in files]
