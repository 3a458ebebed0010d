"""Which Pythons Gammadesk runs on, in syntax that any Python 3 reads."""

OLDEST = (3, 11)
FIRST_UNSUPPORTED = (3, 14)


def version_problem(version: "tuple[int, int]") -> "str | None":
    """One sentence about an interpreter Gammadesk cannot run on, None about one it can."""
    if OLDEST <= version < FIRST_UNSUPPORTED:
        return None
    found = ".".join(str(part) for part in version)
    return "Gammadesk needs Python 3.11, 3.12 or 3.13; this is Python " + found + "."
