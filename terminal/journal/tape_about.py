"""What a tape holds, for people and for machines."""

from pathlib import Path

import msgspec

from terminal.core.units import iso_utc
from terminal.journal.tape import read_header

_SHOWN = 10


def describe(path: Path) -> str:
    """What a tape holds, in lines for people; DataError as ``read_header``."""
    header = read_header(path)
    names = [each.contract.key for each in header.instruments]
    lines = [
        header.title,
        f"  from         {iso_utc(header.first)}",
        f"  to           {iso_utc(header.last)}",
        f"  events       {header.count:,}",
        f"  instruments  {len(names):,}: {', '.join(names[:6])}{_more(len(names) - 6)}",
        f"  gaps         {len(header.gaps):,}",
    ]
    lines += [
        f"  gap          {gap.key or 'everything'}: {iso_utc(gap.start)} to {iso_utc(gap.end)}, "
        f"{gap.why}"
        for gap in header.gaps[:_SHOWN]
    ]
    if len(header.gaps) > _SHOWN:
        lines.append(f"  gap         {_more(len(header.gaps) - _SHOWN)}")
    lines += [
        f"  made from    {each.name} ({each.rows:,} rows, sha256 {each.sha256[:12]})"
        for each in header.origins
    ]
    lines += [f"  assumed      {each}" for each in header.assumptions]
    lines += [f"  noted        {each}" for each in header.notes]
    return "\n".join(lines)


def _more(count: int) -> str:
    return f" and {count:,} more" if count > 0 else ""


def summary(path: Path) -> str:
    """What a tape holds, as one JSON object; DataError as ``read_header``."""
    header = read_header(path)
    return msgspec.json.encode(
        {
            "tape": str(path),
            "title": header.title,
            "version": header.version,
            "events": header.count,
            "first": header.first,
            "last": header.last,
            "first_utc": iso_utc(header.first),
            "last_utc": iso_utc(header.last),
            "instruments": [each.contract.key for each in header.instruments],
            "gaps": header.gaps,
            "origins": header.origins,
            "assumptions": header.assumptions,
            "notes": header.notes,
        }
    ).decode()
