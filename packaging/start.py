"""Set up what Gammadesk needs on this machine, then open it, test it, check it or list it.

    python3 packaging/start.py [options of the terminal]
    python3 packaging/start.py test [options of pytest]
    python3 packaging/start.py check
    python3 packaging/start.py materials [--to FOLDER]

This file keeps to syntax that any Python 3 reads, so that an unsupported one gets a sentence
instead of a traceback; the work is done in launch.py.
"""

import sys

from versions import version_problem


def main(arguments: "list[str]") -> int:
    """Refuse an unsupported interpreter, otherwise hand over to the launcher."""
    problem = version_problem(sys.version_info[:2])
    if problem is not None:
        print(problem, file=sys.stderr)
        return 2
    import launch  # noqa: PLC0415  its syntax is newer than the interpreters refused above

    return launch.main(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
