"""The four things start.py does once the interpreter is known to be supported."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence

import environment
import system

HELP = """\
Sets up what Gammadesk needs on this machine (a .venv beside the sources, the locked packages,
Qt's system libraries), then runs it. Safe to interrupt and to repeat.

  python3 packaging/start.py [OPTIONS]        open the terminal on the simulated market
  python3 packaging/start.py test [ARGS]      run every test; ARGS go to pytest
  python3 packaging/start.py check            ruff, mypy --strict and the import contracts
  python3 packaging/start.py materials [--to FOLDER]
                                              bill of materials (CycloneDX) and licences

OPTIONS go to the terminal, among them:
  --mode sim|replay|paper|live   where the market comes from (sim needs no keys and no network)
  --tape FILE --speed X          what to replay, and how fast
  --profile NAME                 the risk profile
  --screenshot FILE --after 30s --size 1920x1080 --theme dark
                                 draw the window into a picture; needs no display

Exit status: 0 all is well, 1 a test or check failed, 2 something on this machine is missing,
130 interrupted."""

SCREENSHOT = "--screenshot gammadesk.png --after 30s --size 1920x1080 --theme dark"
_LINT_IMPORTS = "from importlinter.cli import lint_imports_command as run; run"
CHECKS = (
    ("ruff", ["-m", "ruff", "check"]),
    ("mypy", ["-m", "mypy"]),
    ("import contracts", ["-c", f"{_LINT_IMPORTS}(['--no-logo'])"]),
)


def wants_screenshot(arguments: Sequence[str]) -> bool:
    """Whether the terminal is asked to draw itself into a file."""
    return any(each == "--screenshot" or each.startswith("--screenshot=") for each in arguments)


def display_problem(platform: str, variables: Mapping[str, str]) -> str | None:
    """Explain why no window can open here, or return None where one can."""
    usable = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    if not platform.startswith("linux") or any(variables.get(name) for name in usable):
        return None
    return (
        "There is no display here (DISPLAY and WAYLAND_DISPLAY are not set), so the window cannot "
        "open.\nTo see it all the same, have it drawn into a picture:\n"
        f"  python3 packaging/start.py {SCREENSHOT}"
    )


def terminal_variables(arguments: Sequence[str], variables: Mapping[str, str]) -> dict[str, str]:
    """Return the environment variables the terminal is started with."""
    path = [str(environment.ROOT), variables.get("PYTHONPATH", "")]
    result = {**variables, "PYTHONPATH": os.pathsep.join(filter(None, path))}
    if wants_screenshot(arguments):
        result.setdefault("QT_QPA_PLATFORM", "offscreen")
    return result


def become(command: Sequence[str], variables: Mapping[str, str]) -> int:
    """Run a command in place of this process, so that signals and exit status are its own."""
    if os.name == "posix":
        sys.stdout.flush()
        os.execve(command[0], list(command), dict(variables))
    return subprocess.run(command, env=variables, check=False).returncode


def open_terminal(arguments: Sequence[str]) -> int:
    """Open the window, or draw it into a picture."""
    drawing = wants_screenshot(arguments)
    problem = None if drawing else display_problem(sys.platform, os.environ)
    if problem is not None:
        print(problem, file=sys.stderr)
        return 2
    if sys.platform.startswith("linux"):
        system.require(system.QT_LIBRARIES, purpose="the window")
        if os.environ.get("DISPLAY") and not drawing:
            system.require(system.DISPLAY_LIBRARIES, purpose="the window on this display")
    python = environment.prepare(environment.VENV, environment.RUN_LOCK)
    # -P keeps a folder named ui or terminal in the caller's directory from being imported.
    command = [str(python), "-P", "-m", "ui.app", *arguments]
    return become(command, terminal_variables(arguments, os.environ))


def run_tests(arguments: Sequence[str]) -> int:
    """Run every test from the root of the sources."""
    if sys.platform.startswith("linux"):
        system.require(system.QT_LIBRARIES, purpose="the window")
        system.offer_for_tests()
    python = environment.prepare(environment.VENV, environment.TEST_LOCK)
    os.chdir(environment.ROOT)
    return become([str(python), "-m", "pytest", *arguments], os.environ)


def run_checks() -> int:
    """Run every static check; all of them report, even after one has failed."""
    python = environment.prepare(environment.VENV, environment.TEST_LOCK)
    failed = []
    for name, command in CHECKS:
        print(f"{name}:", flush=True)
        done = subprocess.run([str(python), *command], cwd=environment.ROOT, check=False)
        if done.returncode != 0:
            failed.append(name)
    print(f"Failed: {', '.join(failed)}" if failed else "All checks passed.", flush=True)
    return 1 if failed else 0


def write_materials(arguments: Sequence[str]) -> int:
    """Write the bill of materials and the licences of everything that is locked."""
    python = environment.prepare(environment.VENV, environment.TEST_LOCK)
    script = environment.ROOT / "packaging" / "materials.py"
    return become([str(python), str(script), *arguments], os.environ)


def dispatch(arguments: Sequence[str]) -> int:
    """Choose between opening, testing, checking and listing."""
    match list(arguments):
        case ["-h" | "--help", *_]:
            print(HELP)
            return 0
        case ["test", *rest]:
            return run_tests(rest)
        case ["materials", *rest]:
            return write_materials(rest)
        case ["check"]:
            return run_checks()
        case ["check", *rest]:
            print(f"check takes no arguments, got: {' '.join(rest)}", file=sys.stderr)
            return 2
        case [word, *_] if not word.startswith("-"):
            known = "test, check or materials"
            print(f"Unknown command {word!r}: {known}? See --help.", file=sys.stderr)
            return 2
        case _:
            return open_terminal(arguments)


def main(arguments: Sequence[str]) -> int:
    """Run start.py's command line; problems of the machine become a sentence and exit status 2."""
    try:
        return dispatch(arguments)
    except (system.SystemProblem, environment.InstallProblem) as problem:
        print(problem, file=sys.stderr)
    except KeyboardInterrupt:
        print("Stopped. What was not finished is done again next time.", file=sys.stderr)
        return 130
    return 2
