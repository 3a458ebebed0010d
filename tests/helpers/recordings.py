"""Recorded streams and replies, line by line."""

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from terminal.venues.dialects.dialect import Directory
from tests.helpers.frames import FIXTURES, Corpus, Frame, decode

golden = [
    pytest.mark.golden,
    pytest.mark.skipif(
        not FIXTURES.exists(), reason="../shared with recorded messages is not here"
    ),
]
"""Marks of a module that reads recordings."""


def captured(name: str) -> Iterator[Frame]:
    """Messages that a venue sent in ``ws_cryptofeed``; requests (``<-``) are left out."""
    with gzip.open(FIXTURES / "ws_cryptofeed" / f"{name}.txt.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            head, brace, rest = line.partition("{")
            if brace and "<-" not in head:
                yield json.loads(brace + rest)


def history(name: str) -> list[Any]:
    """Messages of ``ws_tardis_node``, without the envelope that some files have."""
    text = (FIXTURES / "ws_tardis_node" / f"{name}.jsonl").read_text("utf-8")
    lines = [json.loads(line) for line in text.splitlines() if line.strip()]
    return [each.get("message", each) for each in lines]


def damaged_and_read(corpus: Corpus, known: Directory, count: int = 10_000) -> Counter[str]:
    """What came of so many damaged recordings; any error but DataError goes through."""
    random = Random(11)
    return Counter(decode(corpus, known, random) for _ in range(count))
