"""Shadows kept beside a journal, sealed by a hash, so that a restart goes on with their record."""

import hashlib
from collections.abc import Mapping
from math import isclose
from pathlib import Path

import msgspec
from msgspec import Struct

from terminal.core.errors import DataError
from terminal.model.risk import PolicyKind, RiskProfile
from terminal.model.shadow import MOST, AddShadow
from terminal.oracle.shadow import Run, days
from terminal.risk.profiles import faults
from terminal.runtime.whole_file import write_whole

VERSION = 1


class Kept(Struct, frozen=True, kw_only=True):
    """Everything of the shadows that a restart needs."""

    version: int = VERSION
    run: str  # of the engine
    at: int  # UtcNs at which it was written
    profile: RiskProfile  # in use, when it was written
    shadows: tuple[AddShadow, ...]
    runs: dict[str, dict[str, Run]]  # by shadow and underlying
    live: dict[str, Run]  # of the live profile on paper, by underlying


def file_of(journal: Path) -> Path:
    """File of the shadows that belong to a journal, beside it."""
    return journal.with_name(f"{journal.name}-shadows.json")


def read_kept(path: Path) -> Kept | None:
    """Shadows of a file; None where there is none.

    Raises
    ------
    DataError
        It cannot be read, is not as it was written, or holds what no run could have kept.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: {error}") from error
    seal, _, body = text.partition("\n")
    body = body.removesuffix("\n")
    if seal != _seal(body):
        raise DataError(f"{path} is not as it was written")
    try:
        kept = msgspec.json.decode(body, type=Kept)
    except msgspec.MsgspecError as error:
        raise DataError(f"{path}: {error}") from error
    names = [each.name for each in kept.shadows]
    wrong = [fault for each in kept.shadows for fault in faults(each.profile)]
    if kept.version != VERSION or len(names) > MOST or set(names) != set(kept.runs) or wrong:
        raise DataError(f"{path} is of another version, or holds what cannot be tried")
    return kept


def days_in_shadow(kept: Kept | None, underlying: str, fields: Mapping[str, float]) -> float:
    """Days that a tuned policy of an underlying has hedged on paper; 0.0 if it never has.

    Parameters
    ----------
    kept : Kept or None
        Shadows of a journal, as ``read_kept`` answers.
    underlying : str
    fields : mapping
        Of a Whalley-Wilmott policy and its profile, as the lab says them; empty for a policy that
        no profile can hold, which no shadow can try.

    Notes
    -----
    A shadow counts whose numbers are these to one part in a thousand, as they are typed by hand;
    of several the longest that was not stopped. Time counts that was looked at: stops, halts and
    gaps of the data do not.
    """
    if kept is None or not fields:
        return 0.0
    runs = (
        kept.runs[each.name].get(underlying)
        for each in kept.shadows
        if _holds(each.profile, underlying, fields)
    )
    return max((days(run.own) for run in runs if run is not None and not run.error), default=0.0)


def _holds(profile: RiskProfile, underlying: str, fields: Mapping[str, float]) -> bool:
    """Whether a profile hedges an underlying by these numbers."""
    spec = profile.policies.get(underlying)
    if spec is None or spec.kind is not PolicyKind.WHALLEY_WILMOTT:
        return False
    held = ((getattr(spec, name, getattr(profile, name, None)), fields[name]) for name in fields)
    return all(
        has is not None and isclose(has, wanted, rel_tol=1e-3, abs_tol=1e-9) for has, wanted in held
    )


def write_kept(path: Path, kept: Kept) -> None:
    """Write the shadows whole or not at all.

    Raises
    ------
    ConfigError
        The file cannot be written.
    """
    body = msgspec.json.encode(kept).decode()
    write_whole(path, f"{_seal(body)}\n{body}\n", "shadows")


def _seal(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()
