"""From one segment to the next, and what is dropped behind."""

from terminal.core.fault_points import FaultPoint
from terminal.journal.opening import Terms
from terminal.journal.recover import Held
from terminal.journal.segments import (
    SegmentHead,
    build_segment,
    open_head,
    publish_segment,
    snapshot_digest,
)

_ALWAYS_KEPT = 2
"""A second segment stands by in case the newest snapshot goes bad."""


def begin_segment(
    terms: Terms, sealed: Held, sealed_digest: str, snapshot: bytes, *, epoch: int, at: int
) -> Held:
    """Publish the segment that follows ``sealed``, all of which is durable.

    Raises
    ------
    JournalFull, OSError
        As ``publish_segment``.
    """
    head = SegmentHead(
        number=sealed.opened.head.number + 1,
        run=terms.run,
        epoch=epoch,
        first_seq=sealed.last_seq + 1,
        created_at=at,
        snapshot_bytes=len(snapshot),
        snapshot_digest=snapshot_digest(snapshot),
        sealed_bytes=sealed.end,
        sealed_digest=sealed_digest,
    )
    content = build_segment(head, sealed.link, snapshot)
    path = publish_segment(terms.directory, head.number, content, terms.disk, terms.fault)
    return Held(path, open_head(path, content), sealed.last_seq, sealed.link, len(content))


def drop_old(terms: Terms, held: list[Held]) -> list[Held]:
    """Remove the oldest segments above the limit; returns those that are kept.

    One that cannot be removed now (on Windows, while another program reads it) waits for the next
    rotation.
    """
    kept = list(held)
    while len(kept) > _ALWAYS_KEPT and sum(segment.end for segment in kept) > terms.limit_bytes:
        try:
            terms.disk.remove(kept[0].path)
        except PermissionError:
            break
        del kept[0]
        terms.fault(FaultPoint.SEGMENT_DROPPED)
    if len(kept) < len(held):
        terms.disk.commit_directory(terms.directory)
    return kept
