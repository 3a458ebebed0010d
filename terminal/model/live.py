"""Live trading as a person starts it: which accounts, at which address, at what size."""

from enum import StrEnum

from msgspec import Struct


class Network(StrEnum):
    """Which of an exchange's two worlds an account is in."""

    MAIN = "main"
    TEST = "test"


class LiveAccount(Struct, frozen=True):
    """An account that orders may be sent to.

    ``address`` is empty where the exchange's own address is used; another one must be typed by
    whoever arms it.
    """

    venue: str
    network: Network
    label: str
    address: str = ""

    @property
    def name(self) -> str:
        """What an account is remembered by, ``venue/network/label``."""
        return f"{self.venue}/{self.network.value}/{self.label}"


class LiveRow(Struct, frozen=True, kw_only=True):
    """One armed account on the screen."""

    account: LiveAccount
    since: int  # UtcNs of its first arming; 0: it was never armed
    full_at: int  # UtcNs at which its sizes are whole again
    factor: float  # of the profile's sizes, once armed; 1.0: whole
    lifted: str  # why a person lifted the rule early; empty: nobody did


class LiveView(Struct, frozen=True):
    """Whether orders may leave, and for whom. Only a live run has one."""

    armed: bool
    rows: tuple[LiveRow, ...] = ()
