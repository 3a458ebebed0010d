"""Every planted bug, and the classes of bugs that must be among them."""

from typing import Final

from tests.mutants.fault import Fault
from tests.mutants.keeping import KEEPING
from tests.mutants.knowing import KNOWING
from tests.mutants.limits import LIMITED
from tests.mutants.numbers import NUMBERS
from tests.mutants.sending import SENDING

FAULTS: Final[tuple[Fault, ...]] = (*SENDING, *KNOWING, *LIMITED, *NUMBERS, *KEEPING)

KINDS: Final = (
    "send before journal; commit without FULL; ignore short write; skip CRC; resend on timeout;"
    " new id on resend without proof; RequestTimeout=REJECTED; 503=REJECTED; not-found on first"
    " poll=REJECTED; `[]` on bad body=flat; failed position query=flat; `{}` accepted; drop UNKNOWN"
    " from reserve; drop open qty from delta; fill dedup off; dedup by order id only; late fill"
    " after cancel ignored; fill-before-ack dropped; cancel ok=terminal; replace without cancel"
    " proof; rate counted on ack; limits read from stale profile; verdict reused for other payload;"
    " collar against last trade only; wall clock in age; age from exchange time only; sequence gap"
    " ignored; crossed book accepted; NaN falls to market; round half up on size; contract size"
    " ignored; inverse treated as linear; funding sign flipped; funding interval fixed 8 h; expiry"
    " in local time; overshoot through zero; no hysteresis; kill checked only at signal; kill not"
    " persisted; old generation allowed; second instance allowed; dead-man renewed for one symbol"
    " only; P&L limit before first reconcile; advice not clamped; advice ttl ignored; key in repr;"
    " modal exec in coroutine; supervisor checks done() only; unbounded queue"
)
"""Classes of the reliability rules, section 6, in their order."""


def kinds() -> tuple[str, ...]:
    """Classes as a list."""
    return tuple(KINDS.split("; "))
