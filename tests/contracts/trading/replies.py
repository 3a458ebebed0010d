"""Twelve ways in which the reply to a request is wrong, and what each must come to."""

from typing import Final

from msgspec import Struct

from tests.venue_servers.faults import Fault
from tests.venue_servers.server import VenueServer


class Reply(Struct, frozen=True):
    """One wrong reply; ``accepted`` says whether the request was carried out all the same."""

    name: str
    fault: Fault
    accepted: bool
    ends: frozenset[str]  # statuses that an order so answered may end in
    begins: frozenset[str]  # and those that it may begin with

    def spoil(
        self, server: VenueServer, route: str, code: int | str, *, times: int | None = None
    ) -> None:
        """Plan it; ``code`` is the venue's own for too little money."""
        said = code if self.fault is Fault.RPC_ERROR else None
        server.faults.plan(self.fault, route, times=times, accepted=self.accepted, code=said)


TAKEN: Final = frozenset({"live", "cancelled"})  # cancelled where it went with its socket
_DOUBT: Final = frozenset({"unknown", "live", "cancelled"})  # the stream may be first
_NO: Final = frozenset({"rejected"})
_LOST: Final = frozenset({"unknown"})


def _taken(name: str, fault: Fault) -> Reply:
    return Reply(name, fault, accepted=True, ends=TAKEN, begins=_DOUBT)


REPLIES: Final = (
    _taken("hang", Fault.HANG),
    _taken("dropped after it was taken", Fault.DROP_AFTER_ACCEPT),
    _taken("502 after it was taken", Fault.STATUS_502),
    Reply("502 before", Fault.STATUS_502, accepted=False, ends=_NO | _LOST, begins=_LOST),
    _taken("truncated", Fault.BODY_TRUNCATED),
    _taken("empty", Fault.BODY_EMPTY),
    _taken("html", Fault.BODY_HTML),
    _taken("null", Fault.BODY_NULL),
    Reply("429", Fault.RATE_LIMIT_429, accepted=False, ends=_NO | _LOST, begins=_NO | _LOST),
    Reply("418", Fault.BAN_418, accepted=False, ends=_NO | _LOST, begins=_NO | _LOST),
    Reply("maintenance", Fault.MAINTENANCE, accepted=False, ends=_NO | _LOST, begins=_NO | _LOST),
    Reply("refused", Fault.RPC_ERROR, accepted=False, ends=_NO, begins=_NO),
)
