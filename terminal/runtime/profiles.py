"""Presets that ship and profiles that a person keeps."""

import contextlib
import re
from pathlib import Path

from msgspec.structs import replace

from terminal.core.errors import ConfigError
from terminal.model.risk import RiskProfile
from terminal.oracle.legacy import read_legacy
from terminal.oracle.personas import Imported, imported
from terminal.risk.profiles import checked, read_profile, write_profile
from terminal.runtime.whole_file import write_whole

PRESETS = ("cautious", "balanced", "degen")
RESOURCES = Path(__file__).resolve().parents[2] / "resources"


def presets() -> dict[str, RiskProfile]:
    """Profiles that ship, by name, most careful first."""
    found = {}
    for name in PRESETS:
        profile = load_file(RESOURCES / "profiles" / f"{name}.toml")
        found[profile.name] = profile
    return found


def saved_profiles(folder: Path) -> tuple[RiskProfile, ...]:
    """Sound profiles that a person keeps in a folder, by file name; others are left out."""
    found = []
    for path in sorted(folder.glob("*.toml")):
        with contextlib.suppress(ConfigError):  # who loads it into the editor hears why
            found.append(load_file(path))
    return tuple(found)


def load(name: str, kept: Path | None = None) -> RiskProfile:
    """Load a profile by preset name, by the name of a kept one, or from a file's path.

    Raises
    ------
    ConfigError
        There is none of that name, or the file is not a sound profile.
    """
    if name.lower() in PRESETS:
        return load_file(RESOURCES / "profiles" / f"{name.lower()}.toml")
    path = Path(name)
    if path.suffix == ".toml" and path.exists():
        return load_file(path)
    own = kept / f"{_slug(name)}.toml" if kept else None
    if own is not None and own.exists():
        return load_file(own)
    msg = f"no profile {name!r}: use {', '.join(PRESETS)} or the path of a .toml file"
    raise ConfigError(msg)


def load_file(path: Path) -> RiskProfile:
    """Load one profile file.

    Raises
    ------
    ConfigError
        The file cannot be read or is not a sound profile.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        msg = f"profile {path}: {error}"
        raise ConfigError(msg) from error
    return read_profile(text, str(path))


def import_legacy(path: Path, name: str = "") -> Imported:
    """Make a profile of a strategy or persona file of the older program.

    Raises
    ------
    ConfigError
        The file cannot be read, holds none of that name, or a value that no profile may have.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        msg = f"{path}: {error}"
        raise ConfigError(msg) from error
    made = imported(read_legacy(text, str(path)), presets(), name)
    return replace(made, profile=checked(made.profile, str(path)))


def save_file(profile: RiskProfile, path: Path) -> None:
    """Write a profile; the old file stays whole until the new one is.

    Raises
    ------
    ConfigError
        The profile is unsound, or the file cannot be written.
    """
    text = write_profile(checked(profile, profile.name))
    write_whole(path, text, "profile")


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "profile"
