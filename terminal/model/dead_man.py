"""A venue's own switch that cancels orders when this program falls silent, as shown."""

from msgspec import Struct


class DeadManView(Struct, frozen=True, kw_only=True):
    """How the switch of one venue stands.

    ``kind`` is ``none``, ``on_disconnect`` or ``countdown``; ``seconds`` belong to a countdown.
    """

    venue: str
    kind: str
    armed: bool
    seconds: int = 0
    since: int = 0  # UtcNs of the last winding that the venue confirmed
    why: str = ""  # why it is not armed
