"""Presets that ship and profiles that a person keeps."""

import re
from pathlib import Path

from terminal.core.errors import ConfigError
from terminal.model.risk import RiskProfile
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
