"""What proposals that were not followed would have come to."""

from enum import StrEnum

from msgspec import Struct

ENOUGH = 20
"""Proposals below which a mean says nothing."""


class Passed(StrEnum):
    """How a proposal was not followed in full."""

    REJECTED = "rejected"
    RESIZED = "resized"  # approved for less
    EXPIRED = "expired"


class RegretRow(Struct, frozen=True, kw_only=True):
    """One way of not following, all its proposals together; positive: following would have paid.

    ``followed`` marks each proposal by itself an hour later. ``always`` is the difference to a desk
    that follows every one: what was left out is held from then to the next hedge, and counted once
    however often it was proposed.
    """

    how: str
    count: int  # proposals
    judged: int  # of them those an hour ago or more
    better: int  # of those judged, where following would have paid
    followed_usd: float = 0.0  # sum over those judged
    error_usd: float | None = None  # standard error of the mean of those judged
    always_usd: float = 0.0  # sum over those whose next hedge has come, or a day
    closed: int = 0  # of them
