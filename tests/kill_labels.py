"""The labelled crash points: where each one is in this program, or why it cannot be here."""

from collections.abc import Callable, Iterator

from msgspec import Struct

from terminal.core.fault_points import FaultPoint
from terminal.core.units import DAY, HOUR, SECOND
from terminal.engine.afloat import undone
from terminal.model.account import FundingPaid, Settled
from terminal.model.messages import Approve, Event, Stop, Tick
from terminal.model.order import Fill, Order, OrderStatus, OrderUpdate
from terminal.runtime.session import Session

When = Callable[[Session, Event], bool]
"""Whether a place that is passed is the one meant, given the session and the event it takes."""


class Label(Struct, frozen=True, kw_only=True):
    """One crash point of a run on the simulated market.

    ``begins`` moves the start of the market (ns after its usual one), for what happens at a time
    of day. ``recovers`` says that the crash comes while an earlier one is recovered.
    """

    name: str
    point: FaultPoint
    place: str
    when: When | None = None
    torn: bool = False  # the write in progress is cut in half
    begins: int = 0
    span: str = ""  # market time after which the run ends by itself
    recovers: bool = False


def _orders(session: Session) -> Iterator[Order]:
    return iter(undone(session.state))


def _unsent(session: Session, event: Event) -> bool:
    """Whether an order has been decided whose cause is not on the drive yet."""
    del event
    undurable = session.journal.durable_seq < session.state.seq
    return undurable and any(each.status is OrderStatus.SENT for each in _orders(session))


def _outside(session: Session, event: Event) -> bool:
    desks = session.state.desks.values()
    return isinstance(event, Tick) and any(
        each.net is not None
        and each.target is not None
        and each.hedge is None
        and not each.target.low <= each.net <= each.target.high
        for each in desks
    )


def _proposed(session: Session, event: Event) -> bool:
    del event
    return any(desk.proposal is not None for desk in session.state.desks.values())


def _partial(session: Session, event: Event) -> bool:
    order = session.state.orders.get(event.order_id) if isinstance(event, Fill) else None
    return order is not None and 0 < order.filled < order.intent.qty


def _unacked(session: Session, event: Event) -> bool:
    order = session.state.orders.get(event.order_id) if isinstance(event, Fill) else None
    return order is not None and order.status is OrderStatus.SENT


def _acked(session: Session, event: Event) -> bool:
    del event
    return any(each.status is OrderStatus.LIVE for each in _orders(session))


def _is_ack(session: Session, event: Event) -> bool:
    del session
    return isinstance(event, OrderUpdate) and event.status is OrderStatus.LIVE


def _replacing(session: Session, event: Event) -> bool:
    """Whether an order has just been cancelled whose hedge goes on."""
    gone = isinstance(event, OrderUpdate) and event.status is OrderStatus.CANCELLED
    hedges = (desk.hedge for desk in session.state.desks.values())
    return gone and any(
        each is not None and isinstance(event, OrderUpdate) and each.order_id == event.order_id
        for each in hedges
    )


def _of(*kinds: type) -> When:
    def asked(session: Session, event: Event) -> bool:
        del session
        return isinstance(event, kinds)

    return asked


def _new_day(session: Session, event: Event) -> bool:
    """Whether this tick is the first of a day: ticks come four times a second."""
    return isinstance(event, Tick) and session.state.now % DAY > DAY - SECOND


def _running(session: Session, event: Event) -> bool:
    del event
    return session.state.counts.orders > 0


P = FaultPoint
_STEP = "one pure step"
_MIDNIGHT = 12 * HOUR - 20 * SECOND
_EXPIRY = 20 * HOUR - 20 * SECOND

LABELS = (
    Label(name="after_signal", point=P.RECEIVED, place="Session.process", when=_outside),
    Label(name="after_proposal", point=P.STEPPED, place="Session._perform", when=_proposed),
    Label(name="after_approval", point=P.RECEIVED, place="Session.process", when=_of(Approve)),
    Label(name="before_verdict", point=P.BEFORE_WRITE, place="SegmentWriter.flush", when=_proposed),
    Label(name="after_verdict", point=P.STEPPED, place="Session._perform", when=_of(Approve)),
    Label(name="before_intent_commit", point=P.BEFORE_WRITE, place="flush", when=_unsent),
    Label(
        name="mid_intent_write", point=P.BEFORE_WRITE, place="Disk.write", when=_unsent, torn=True
    ),
    Label(name="after_intent_write", point=P.AFTER_WRITE, place="flush", when=_unsent),
    Label(name="after_intent_commit", point=P.AFTER_SYNC, place="sync", when=_unsent),
    Label(name="before_send", point=P.BEFORE_SEND, place="perform"),
    Label(name="after_send_no_reply", point=P.AFTER_SEND, place="perform"),
    Label(name="after_reply_before_commit", point=P.RECEIVED, place="process", when=_is_ack),
    Label(name="after_ack_commit", point=P.AFTER_SYNC, place="sync", when=_acked),
    Label(name="on_partial_fill", point=P.STEPPED, place="Session._perform", when=_partial),
    Label(name="on_fill_before_ack", point=P.RECEIVED, place="process", when=_unacked),
    Label(name="before_cancel", point=P.BEFORE_CANCEL, place="perform"),
    Label(name="after_cancel_no_reply", point=P.AFTER_CANCEL, place="perform"),
    Label(name="during_replace_gap", point=P.RECEIVED, place="process", when=_replacing),
    Label(name="during_snapshot", point=P.SEGMENT_BEGUN, place="publish_segment", when=_running),
    Label(name="during_log_rotate", point=P.SEGMENT_WRITTEN, place="publish", when=_running),
    Label(name="during_log_rotate_2", point=P.SEGMENT_RENAMED, place="publish", when=_running),
    Label(name="during_log_rotate_3", point=P.SEGMENT_DURABLE, place="publish", when=_running),
    Label(name="during_log_drop", point=P.SEGMENT_DROPPED, place="drop_old", when=_running),
    Label(name="during_kill_latch", point=P.RECEIVED, place="process", when=_of(Stop)),
    Label(name="after_latch_before_cancel_all", point=P.STEPPED, place="_perform", when=_of(Stop)),
    Label(
        name="during_day_roll", point=P.RECEIVED, place="process", when=_new_day, begins=_MIDNIGHT
    ),
    Label(
        name="during_funding_booking",
        point=P.RECEIVED,
        place="process",
        when=_of(FundingPaid),
        begins=_MIDNIGHT,
    ),
    Label(
        name="during_expiry_settlement",
        point=P.STEPPED,
        place="_perform",
        when=_of(Settled),
        begins=_EXPIRY,
    ),
    Label(name="during_shutdown", point=P.CLOSED, place="Journal.close", span="2m"),
    Label(name="recovery_locked", point=P.LOCKED, place="open_journal", recovers=True),
    Label(name="recovery_torn_kept", point=P.TORN_KEPT, place="cut_torn", recovers=True),
    Label(name="recovery_torn_cut", point=P.TORN_CUT, place="cut_torn", recovers=True),
    Label(name="recovery_replaying", point=P.REPLAYING, place="recover", recovers=True),
    Label(name="recovery_replayed", point=P.REPLAYED, place="recover", recovers=True),
    Label(name="recovery_started", point=P.STEPPED, place="Session._perform", recovers=True),
    Label(name="recovery_cancels", point=P.COMMITTED, place="Session._durable", recovers=True),
)
"""Points of a run on the simulated market, in the order in which an order lives."""

ELSEWHERE = {
    "mid_send": "the wire of a gateway: tests/kill_live.py",
    "during_reconcile": "an account that is asked: tests/kill_live.py",
    "during_adoption": "an account that is asked: tests/kill_live.py",
    "during_config_save": "runtime/whole_file.py: tests/unit/runtime/test_whole_file.py",
    "during_schema_migration": "none: a journal of another format is refused as it is",
}
"""Labels of the list that have no place in a simulated run."""
