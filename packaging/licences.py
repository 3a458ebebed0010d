"""Licences as packages state them, in SPDX's words, and whether they may be shipped together."""

import re
from collections.abc import Mapping
from importlib.metadata import PackageMetadata

ALLOWED = frozenset(
    {
        *("0BSD", "Apache-2.0", "BSD", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT"),
        *("PSF-2.0", "Unlicense", "Zlib"),
        *("LGPL-3.0-only", "MPL-2.0", "OFL-1.1"),
    }
)
"""Permissive ones, and weak copyleft of what is used unchanged, as a library or a font of its own:
Qt by LGPL is installed beside the program from its own wheel and can be exchanged."""

EXCEPTIONS = frozenset({"LLVM-exception"})

OF_OTHER_SYSTEMS: Mapping[str, str] = {
    "pywin32-ctypes": "BSD-3-Clause",
    "winloop": "MIT",
}
"""Stated by the wheels for Windows, which are not installed elsewhere."""

_SAID = {
    "apache 2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "bsd license": "BSD",
    "bsd 2-clause license": "BSD-2-Clause",
    "mit license": "MIT",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "python software foundation license": "PSF-2.0",
}
_TOKEN = re.compile(r"\(|\)|[A-Za-z0-9.+-]+")


def stated(metadata: PackageMetadata) -> str:
    """Return the licence that a package states as an SPDX expression; empty where it states none.

    An expression counts most, then the short text, then the classifiers. Several classifiers
    say nothing of how they belong together: all of them are taken to hold.
    """
    fields = metadata.json
    expression = str(fields.get("license_expression") or "")
    if expression:
        return expression
    text = str(fields.get("license") or "").strip()
    if text and "\n" not in text and len(text) < 80:
        return _SAID.get(text.lower(), text)
    lines = fields.get("classifier") or []
    names = [each.rpartition(" :: ")[2] for each in lines if each.startswith("License :: OSI")]
    return " AND ".join(sorted({_SAID.get(each.lower(), each) for each in names}))


def why_not(expression: str) -> str:
    """Say why a licence cannot be used here; empty where it can.

    Parameters
    ----------
    expression : str
        SPDX: names joined by AND, OR, WITH and brackets. Of an OR one side is enough.
    """
    if not expression:
        return "unknown"
    tokens = _TOKEN.findall(expression)
    if "".join(tokens) != re.sub(r"\s", "", expression):
        return f"not understood: {expression}"
    try:
        allowed = _either(tokens)
    except (IndexError, ValueError):
        return f"not understood: {expression}"
    if tokens:
        return f"not understood: {expression}"
    return "" if allowed else f"not among the allowed: {expression}"


def _either(tokens: list[str]) -> bool:
    allowed = _both(tokens)
    while tokens[:1] == ["OR"]:
        tokens.pop(0)
        allowed = _both(tokens) or allowed
    return allowed


def _both(tokens: list[str]) -> bool:
    allowed = _one(tokens)
    while tokens[:1] == ["AND"]:
        tokens.pop(0)
        allowed = _one(tokens) and allowed
    return allowed


def _one(tokens: list[str]) -> bool:
    name = tokens.pop(0)
    if name == "(":
        allowed = _either(tokens)
        if tokens.pop(0) != ")":
            raise ValueError("a bracket is not closed")
        return allowed
    allowed = name in ALLOWED
    if tokens[:1] == ["WITH"]:
        tokens.pop(0)
        allowed = tokens.pop(0) in EXCEPTIONS and allowed
    return allowed
