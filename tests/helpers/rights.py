"""Who may read what a program wrote: nobody but its user."""

import stat
from pathlib import Path


def open_to_others(folder: Path) -> set[str]:
    """Return every file and folder beneath one that group or others have any right to.

    What goes away while it is looked at is no finding: it is looked at again.
    """
    found = set()
    for path in folder.rglob("*"):
        try:
            status = path.lstat()
        except FileNotFoundError:
            continue
        rights = stat.S_IMODE(status.st_mode)
        if not stat.S_ISLNK(status.st_mode) and rights & 0o077:
            found.add(f"{rights:04o} {path.relative_to(folder)}")
    return found
