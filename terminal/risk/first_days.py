"""The first days of live trading: whether an account is armed, and at what part of its sizes.

Everything new is wrong somewhere: units, a key's rights, the profile. Until a week has shown that
it is not, every size of the profile counts a quarter. The week begins when an account is armed for
the first time, and only a person's own word ends it early; both are records of the journal.
"""

from msgspec import Struct
from msgspec.structs import replace

from terminal.core.units import DAY
from terminal.model.live import LiveAccount
from terminal.model.risk import RiskProfile

FIRST_DAYS = 7 * DAY
FACTOR = 0.25
ARMING_WORD = "LIVE"


class FirstArming(Struct, frozen=True):
    """When an account was armed for the first time, and why a person lifted the rule early."""

    since: int
    lifted: str = ""


class Arming(Struct, frozen=True, kw_only=True):
    """What of a live run a person has armed. ``firsts`` outlives every start."""

    accounts: tuple[LiveAccount, ...] = ()  # that this start could send orders to
    armed: bool = False
    begun_at: int = 0  # UtcNs of this start
    firsts: dict[str, FirstArming] = {}  # by the account's name


def refusal(arming: Arming, word: str, typed: tuple[str, ...]) -> str:
    """Why what was typed does not arm the run; empty when it does."""
    if not arming.accounts:
        return "there is no account to arm: this run cannot send orders"
    if word != ARMING_WORD:
        return f"type the word {ARMING_WORD}, in capitals, to arm"
    for account in arming.accounts:
        if account.address and account.address not in typed:
            return f"type the address that orders of {account.name} go to: {account.address}"
    return ""


def armed(arming: Arming, now: int) -> Arming:
    """Arm the run; the week of accounts that were never armed before begins now."""
    firsts = dict(arming.firsts)
    for account in arming.accounts:
        firsts.setdefault(account.name, FirstArming(now))
    return replace(arming, armed=True, firsts=firsts)


def begun(arming: Arming, accounts: tuple[LiveAccount, ...], now: int) -> Arming:
    """A process took over: nothing may leave until somebody arms it; the weeks go on."""
    return replace(arming, accounts=accounts, armed=False, begun_at=now)


def lifted(arming: Arming, name: str, reason: str) -> Arming:
    """End an account's first days by a person's word."""
    first = replace(arming.firsts[name], lifted=reason)
    return replace(arming, firsts={**arming.firsts, name: first})


def full_at(first: FirstArming) -> int:
    """Moment (UtcNs) from which an account's sizes are whole; its arming, when lifted."""
    return first.since if first.lifted else first.since + FIRST_DAYS


def size_factor(arming: Arming, venue: str, now: int) -> float:
    """Part of the profile's sizes that may be traded on a venue: 0 where nothing is armed."""
    account = next((each for each in arming.accounts if each.venue == venue), None)
    if account is None or not arming.armed:
        return 0.0
    return armed_factor(arming.firsts[account.name], now)


def armed_factor(first: FirstArming, now: int) -> float:
    """Part of the profile's sizes that an account trades while it is armed."""
    return 1.0 if now >= full_at(first) else FACTOR


def cut(profile: RiskProfile, factor: float) -> RiskProfile:
    """Profile with its sizes at a part of what they are; at 0 nothing is to be sized by it."""
    if factor >= 1.0:
        return profile
    return replace(
        profile,
        max_order_usd=profile.max_order_usd * factor,
        max_hedge_usd=profile.max_hedge_usd * factor,
        auto_hedge_usd=profile.auto_hedge_usd * factor,
    )
