"""What the advisor may use: calls and tokens an hour, tokens and money a day."""

from typing import Final

from msgspec import Struct

from terminal.core.units import DAY, HOUR
from terminal.model.advice import AdvisorSettings
from terminal.oracle.words_envelope import Usage

BYTES_PER_TOKEN: Final = 8
"""A server that counts fewer tokens than one for so many bytes is not believed."""


class Spent(Struct, frozen=True):
    """One call. While no answer has come it counts as the most that it could use."""

    at: int  # UtcNs, wall time
    tokens: int
    usd: float


class Sizes(Struct, frozen=True):
    """Bytes that were exchanged."""

    sent: int
    received: int


class Standing(Struct, frozen=True):
    """Everything used that still counts."""

    calls_hour: int
    tokens_hour: int
    tokens_day: int
    usd_day: float


def standing(spent: tuple[Spent, ...], now: int) -> Standing:
    """Sum up calls of the last hour and day; one from the future counts, clocks do jump."""
    hour = [each for each in spent if each.at > now - HOUR]
    day = [each for each in spent if each.at > now - DAY]
    return Standing(
        len(hour),
        sum(each.tokens for each in hour),
        sum(each.tokens for each in day),
        sum(each.usd for each in day),
    )


def reserved(settings: AdvisorSettings, sent: int, now: int) -> Spent:
    """The most that a request of ``sent`` bytes could use: a token has a byte at least."""
    tokens = sent + settings.answer_tokens
    return Spent(now, tokens, _usd(settings, sent, settings.answer_tokens))


def used(settings: AdvisorSettings, usage: Usage | None, before: Spent, sizes: Sizes) -> Spent:
    """What a call has used, by the server's own count where that can be.

    Parameters
    ----------
    settings : AdvisorSettings
    usage : Usage or None
        As the server counts; None leaves the reservation.
    before : Spent
        The reservation.
    sizes : Sizes
        Bytes that were exchanged: a count far below them is not believed.
    """
    if usage is None:
        return before
    given = max(usage.prompt_tokens, sizes.sent // BYTES_PER_TOKEN)
    taken = max(usage.completion_tokens, sizes.received // BYTES_PER_TOKEN)
    return Spent(before.at, given + taken, _usd(settings, given, taken))


def refusal(settings: AdvisorSettings, now: Standing, wanted: Spent) -> str:
    """Why a call may not be made; empty when it may."""
    if now.calls_hour >= settings.calls_hour:
        return f"{settings.calls_hour} calls an hour are used up"
    if now.tokens_hour + wanted.tokens > settings.tokens_hour:
        return f"{settings.tokens_hour:,} tokens an hour would be passed"
    if now.tokens_day + wanted.tokens > settings.tokens_day:
        return f"{settings.tokens_day:,} tokens a day would be passed"
    if now.usd_day + wanted.usd > settings.usd_day:
        return f"{settings.usd_day:g} USD a day would be passed"
    return ""


def words(settings: AdvisorSettings, now: Standing) -> str:
    """How the budgets stand."""
    return (
        f"{now.calls_hour} of {settings.calls_hour} calls and {now.tokens_hour:,} of"
        f" {settings.tokens_hour:,} tokens this hour; {now.tokens_day:,} of"
        f" {settings.tokens_day:,} tokens and {now.usd_day:.2f} of {settings.usd_day:g} USD today"
    )


def _usd(settings: AdvisorSettings, given: int, taken: int) -> float:
    return (given * (settings.usd_in or 0.0) + taken * (settings.usd_out or 0.0)) / 1e6
