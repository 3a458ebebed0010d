"""Two columns: what this program believes of an account, and what its venue states."""

from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct

from terminal.model.account import OpenOrder


class Subject(StrEnum):
    """What a difference is about."""

    POSITION = "position"
    BALANCE = "balance"
    ORDER = "order"


class Discord(Struct, frozen=True, kw_only=True):
    """One line on which the books and a venue differ, what is under way allowed for."""

    subject: Subject
    name: str  # instrument key, currency, or our order id
    underlying: str  # whose hedging it concerns; empty: every one
    ours: Decimal  # signed contracts, cash, or contracts left of an order
    theirs: Decimal
    locks: bool  # beyond the profile's tolerance


Changes: TypeAlias = tuple[tuple[str, Decimal], ...]
"""Signed contracts by instrument key."""


class Adopted(Struct, frozen=True, tag=True):
    """Tell a venue what a person took over from it; an effect, as those of ``messages``."""

    venue: str
    changes: Changes


class ForeignOrder(Struct, frozen=True, kw_only=True):
    """An order at a venue that this program did not send, or knows nothing of any more."""

    venue: str
    order: OpenOrder
    coins: float | None  # signed, counted in the delta in flight; None: it cannot change it now
    why: str  # why it is counted, or is not


class AccountView(Struct, frozen=True, kw_only=True):
    """One account for the screen."""

    venue: str
    asked: bool = False  # whether its venue is asked at all: in paper and live
    age: int | None = None  # ns since the newest statement
    compared: int = 0  # UtcNs of the statement that was compared last; 0: none yet
    waiting: bool = False  # a newer statement is compared once nothing is under way
    rows: tuple[Discord, ...] = ()
    foreign: tuple[ForeignOrder, ...] = ()
    locked: tuple[str, ...] = ()  # why hedging is locked, a line each
