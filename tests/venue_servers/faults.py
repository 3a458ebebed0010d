"""What a local exchange does wrong, when, and how often."""

from enum import StrEnum
from fnmatch import fnmatchcase

from msgspec import UNSET, Struct, UnsetType


class Fault(StrEnum):
    """One way to fail."""

    HANG = "hang"  # no answer ever
    DROP_AFTER_ACCEPT = "drop_after_accept"  # the request was carried out, then the socket dies
    STATUS_502 = "status_502"
    BODY_TRUNCATED = "body_truncated"
    BODY_EMPTY = "body_empty"
    BODY_HTML = "body_html"
    BODY_NULL = "body_null"
    RATE_LIMIT_429 = "rate_limit_429"
    BAN_418 = "ban_418"
    MAINTENANCE = "maintenance"
    RPC_ERROR = "rpc_error"  # the exchange's own refusal; ``code`` says which
    SEQUENCE_GAP = "sequence_gap"  # a change of a book is not sent
    DUPLICATE_EVENT = "duplicate_event"  # an event is sent twice
    MISSING_EVENT = "missing_event"  # an event is not sent
    ZOMBIE_SOCKET = "zombie_socket"  # requests and pings are answered, streams say nothing
    CLOCK_SKEW = "clock_skew"  # the exchange's clock is ``count`` ms ahead of this machine's
    SPLIT_FILLS = "split_fills"  # an order is filled in ``count`` parts


REPLY_FAULTS = frozenset(
    {
        Fault.HANG,
        Fault.DROP_AFTER_ACCEPT,
        Fault.STATUS_502,
        Fault.BODY_TRUNCATED,
        Fault.BODY_EMPTY,
        Fault.BODY_HTML,
        Fault.BODY_NULL,
        Fault.RATE_LIMIT_429,
        Fault.BAN_418,
        Fault.MAINTENANCE,
        Fault.RPC_ERROR,
    }
)
REFUSALS = frozenset({Fault.RATE_LIMIT_429, Fault.BAN_418, Fault.MAINTENANCE, Fault.RPC_ERROR})


class Planned(Struct, frozen=True, kw_only=True):
    """One planned fault.

    ``accepted`` says whether the request is carried out before the answer goes wrong; ``on`` is
    a pattern (``*`` and ``?``) over route names and stream names.
    """

    kind: Fault
    on: str
    accepted: bool
    count: int
    code: int | str | None


class _Left:
    """A planned fault and how often it is still to happen; None: always."""

    def __init__(self, planned: Planned, times: int | None) -> None:
        self.planned = planned
        self.times = times


class Faults:
    """The plan. Faults that match are used up in the order they were planned.

    Routes are named as each server's docstring says (``private/buy``, ``POST /fapi/v1/order``),
    streams by their channel.
    """

    def __init__(self) -> None:
        self._plan: list[_Left] = []

    def plan(
        self,
        kind: Fault,
        on: str = "*",
        *,
        times: int | None = None,
        accepted: bool | UnsetType = UNSET,
        count: int = 0,
        code: int | str | None = None,
    ) -> None:
        """Plan a fault; by default requests are carried out unless the fault is a refusal."""
        done = kind not in REFUSALS if accepted is UNSET else bool(accepted)
        planned = Planned(kind=kind, on=on, accepted=done, count=count, code=code)
        self._plan.append(_Left(planned, times))

    def split_fills(self, parts: int, on: str = "*", *, times: int | None = None) -> None:
        """Fill orders of matching instruments in so many parts."""
        self.plan(Fault.SPLIT_FILLS, on, times=times, count=parts)

    def clear(self, kind: Fault | None = None) -> None:
        """Behave again: in everything, or as to one fault."""
        self._plan = [each for each in self._plan if kind is not None and each.planned.kind != kind]

    def take(self, name: str, *kinds: Fault) -> Planned | None:
        """Use up one matching fault."""
        for each in self._plan:
            planned = each.planned
            if planned.kind in kinds and fnmatchcase(name, planned.on):
                if each.times is not None:
                    each.times -= 1
                    if each.times <= 0:
                        self._plan.remove(each)
                return planned
        return None

    def reply(self, route: str) -> Planned | None:
        """Use up the fault of an answer."""
        return self.take(route, *REPLY_FAULTS)

    def skew_ms(self) -> int:
        """How far the exchange's clock is ahead."""
        kinds = [each.planned for each in self._plan if each.planned.kind is Fault.CLOCK_SKEW]
        return kinds[0].count if kinds else 0
