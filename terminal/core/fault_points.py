"""Named places where a crash test may strike; a running program passes all of them.

Whoever writes to the drive or sends to a venue is handed a ``Fault`` and calls it with the place it
has reached. ``no_fault`` is the one that every product run has: a call that does nothing, at places
that are passed once per record, order or commit and never in a loop over numbers.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import TypeAlias


class FaultPoint(StrEnum):
    """Places, in the order in which a run passes them."""

    # Opening a journal
    LOCKED = "locked"
    TORN_KEPT = "torn_kept"  # cut bytes are safe in their side file
    TORN_CUT = "torn_cut"
    REPLAYING = "replaying"  # a recovered record is about to be stepped
    REPLAYED = "replayed"  # the state is what it was; nothing has been asked or sent
    # A record on its way through a session
    RECEIVED = "received"  # in hand, not in the journal: a crash forgets it
    STEPPED = "stepped"  # the engine has answered, and nothing it asked for was done
    # Writing
    BEFORE_WRITE = "before_write"
    AFTER_WRITE = "after_write"
    AFTER_SYNC = "after_sync"
    COMMITTED = "committed"  # causes are on the drive, their effects may leave
    # A new segment
    SEGMENT_BEGUN = "segment_begun"
    SEGMENT_WRITTEN = "segment_written"  # durable under its temporary name
    SEGMENT_RENAMED = "segment_renamed"
    SEGMENT_DURABLE = "segment_durable"
    SEGMENT_DROPPED = "segment_dropped"
    # Leaving for the world
    BEFORE_SEND = "before_send"
    AFTER_SEND = "after_send"  # handed over, no word of it yet
    BEFORE_CANCEL = "before_cancel"
    AFTER_CANCEL = "after_cancel"
    BEFORE_QUESTION = "before_question"  # of an order or an account
    AFTER_QUESTION = "after_question"
    # On the wire of a gateway
    BEFORE_REQUEST = "before_request"  # of an order: the next bytes are its own
    REPLY_READ = "reply_read"  # to an order; the engine has not heard of it
    CANCEL_ANSWERED = "cancel_answered"  # the engine has not heard of it
    CLOSED = "closed"  # everything durable, the lock still held


Fault: TypeAlias = Callable[[FaultPoint], None]


def no_fault(point: FaultPoint) -> None:
    """Pass every point: what a running program does."""
