"""The life of an alert: it dwells, is told, cools down, repeats, is acknowledged or snoozed."""

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from terminal.core.units import from_seconds
from terminal.model.alert import (
    RANK,
    AlertRule,
    AlertSettings,
    Channel,
    Dispatch,
    Outcome,
    RaisedAlert,
    Tier,
)
from terminal.risk.alert_rules import is_quiet

KEEP_DISPATCHES = 100
DIGEST_EVERY = from_seconds(5.0)
"""Between two digests of a storm that holds something critical."""

NAMED = 4
"""Alerts that a digest names; it counts the others."""

Told = tuple[Dispatch, ...]


class Condition(Struct, frozen=True):
    """Something that is so now."""

    rule: str
    subject: str
    text: str

    @property
    def alert_id(self) -> str:
        """Name of the alert that it raises: the same condition of the same subject is one."""
        return f"{self.rule}:{self.subject}"


class AlertBook(Struct, frozen=True, kw_only=True):
    """Alerts that stand, and what was told lately."""

    raised: dict[str, RaisedAlert] = {}
    dispatches: tuple[Dispatch, ...] = ()
    number: int = 0
    digest_at: int = 0


def advance(
    book: AlertBook, conditions: Iterable[Condition], settings: AlertSettings, now: int
) -> tuple[AlertBook, Told]:
    """Take the conditions of a moment.

    Parameters
    ----------
    book : AlertBook
    conditions : iterable of Condition
        Everything that is so now; what is not named has ended.
    settings : AlertSettings
    now : int
        UtcNs.

    Returns
    -------
    book : AlertBook
    told : tuple of Dispatch
        What is to be told now.

    Notes
    -----
    An alert is raised once its condition has held for the dwell time. It is told when raised, and
    not again within its cool-down even if it ends and comes back; a critical one repeats until it
    is acknowledged, also when its condition has ended. Nothing that is acknowledged or snoozed is
    told. In quiet hours only what is critical is told; the rest waits for their end. When more
    would be told than a storm allows, one digest is told instead.
    """
    raised = _standing(book, conditions, settings, now)
    due = [each for each in raised.values() if _is_due(each, settings, now)]
    book = replace(book, raised=raised)
    if not due:
        return book, ()
    recent = [each for each in book.dispatches if now - each.at < from_seconds(settings.storm_s)]
    if len(recent) + len(due) <= settings.storm_count:
        for each in due:
            book = _told(book, (each,), each.text, settings, now)
    elif _digest_due(book, due, settings, now):
        book = replace(
            _told(book, tuple(due), _digest(due), settings, now), digest_at=now
        )
    return book, tuple(each for each in book.dispatches if each.at == now and not each.outcomes)


def _standing(
    book: AlertBook, conditions: Iterable[Condition], settings: AlertSettings, now: int
) -> dict[str, RaisedAlert]:
    """Alerts after the conditions of now: new ones, those that go on, and those that linger."""
    raised: dict[str, RaisedAlert] = {}
    for condition in conditions:
        rule = settings.rules.get(condition.rule)
        if rule is None or not rule.on:
            continue
        before = book.raised.get(condition.alert_id)
        raised[condition.alert_id] = _held(before, condition, rule, now)
    for name, alert in book.raised.items():
        rule = settings.rules.get(alert.rule)
        if name not in raised and rule is not None and rule.on and _lingers(alert, rule, now):
            raised[name] = replace(alert, active=False) if alert.active else alert
    return raised


def _held(
    before: RaisedAlert | None, condition: Condition, rule: AlertRule, now: int
) -> RaisedAlert:
    """The alert of a condition that holds now."""
    if before is None:
        before = RaisedAlert(
            alert_id=condition.alert_id,
            rule=condition.rule,
            subject=condition.subject,
            tier=rule.tier,
            text=condition.text,
            since=now,
        )
    elif not before.active:  # it comes back: a new alert to acknowledge, as loud as it was told
        unanswered = rule.tier is Tier.CRITICAL and not before.acked_at
        raised_at = before.raised_at if unanswered else 0
        before = replace(before, active=True, since=now, raised_at=raised_at, acked_at=0)
    at = before.raised_at
    if not at and now - before.since >= from_seconds(rule.dwell_s):
        at = now
    if (before.text, before.tier, before.raised_at) == (condition.text, rule.tier, at):
        return before
    return replace(before, text=condition.text, tier=rule.tier, raised_at=at)


def _lingers(alert: RaisedAlert, rule: AlertRule, now: int) -> bool:
    """Whether an alert whose condition ended is kept: to be acknowledged, or to cool down."""
    if not alert.raised_at:
        return False
    if alert.tier is Tier.CRITICAL and not alert.acked_at:
        return True
    cooling = alert.sent_at and now - alert.sent_at < from_seconds(rule.cooldown_s)
    return bool(cooling) or now < alert.snoozed_until


def _is_due(alert: RaisedAlert, settings: AlertSettings, now: int) -> bool:
    if not alert.raised_at or alert.acked_at or now < alert.snoozed_until:
        return False
    critical = alert.tier is Tier.CRITICAL
    if not (alert.active or critical) or not channels_of(alert, settings):
        return False
    if is_quiet(settings, now) and not critical:
        return False
    if not alert.sent_at:
        return True
    rested = now - alert.sent_at
    if critical:
        return rested >= from_seconds(settings.repeat_s)
    fresh = alert.sent_at < alert.raised_at or alert.sent_at < alert.snoozed_until
    return fresh and rested >= from_seconds(settings.rules[alert.rule].cooldown_s)


def channels_of(alert: RaisedAlert, settings: AlertSettings) -> tuple[Channel, ...]:
    """Channels by which an alert is told: those of its rule that are set up."""
    return _reachable(settings.rules[alert.rule].channels, settings)


def _reachable(
    channels: Iterable[Channel], settings: AlertSettings
) -> tuple[Channel, ...]:
    here = (Channel.DESKTOP, Channel.SOUND)
    return tuple(each for each in channels if each in here or each in settings.outside)


def _digest_due(
    book: AlertBook, due: list[RaisedAlert], settings: AlertSettings, now: int
) -> bool:
    critical = any(each.tier is Tier.CRITICAL for each in due)
    wait = DIGEST_EVERY if critical else from_seconds(settings.storm_s)
    return now - book.digest_at >= wait


def _digest(due: list[RaisedAlert]) -> str:
    """One text for many alerts, the worst first."""
    worst = sorted(due, key=lambda each: -RANK[each.tier])
    named = "; ".join(each.text for each in worst[:NAMED])
    more = f"; and {len(due) - NAMED} more" if len(due) > NAMED else ""
    return f"{len(due)} alerts at once: {named}{more}"


def _told(
    book: AlertBook,
    alerts: tuple[RaisedAlert, ...],
    text: str,
    settings: AlertSettings,
    now: int,
) -> AlertBook:
    """Book in which alerts have been told as one."""
    tier = max((each.tier for each in alerts), key=RANK.__getitem__)
    union = {channel: None for each in alerts for channel in channels_of(each, settings)}
    sent = {each.alert_id: replace(each, sent_at=now) for each in alerts}
    book = dispatched(book, tier, text, tuple(union), now)
    return replace(book, raised=book.raised | sent)


def dispatched(
    book: AlertBook, tier: Tier, text: str, channels: tuple[Channel, ...], now: int
) -> AlertBook:
    """Book with one more dispatch, the last of its list."""
    number = book.number + 1
    told = Dispatch(number=number, at=now, tier=tier, text=text, channels=channels)
    return replace(book, number=number, dispatches=(*book.dispatches, told)[-KEEP_DISPATCHES:])


def tried(book: AlertBook, settings: AlertSettings, now: int) -> AlertBook:
    """Book with a test of every channel that is set up."""
    channels = _reachable(Channel, settings)
    return dispatched(book, Tier.INFO, "Test: alerts reach you by this channel.", channels, now)


def acknowledged(book: AlertBook, alert_id: str, now: int) -> AlertBook:
    """Book in which an alert (or, for an empty id, every one) is not told any more."""
    raised = {
        name: replace(each, acked_at=now) if alert_id in ("", name) and each.raised_at else each
        for name, each in book.raised.items()
    }
    return replace(book, raised=raised)


def snoozed(book: AlertBook, alert_id: str, until: int) -> AlertBook:
    """Book in which an alert is silent until an instant (UtcNs), and is told again then."""
    alert = book.raised.get(alert_id)
    if alert is None:
        return book
    return replace(book, raised={**book.raised, alert_id: replace(alert, snoozed_until=until)})


def answered(book: AlertBook, number: int, outcome: Outcome) -> AlertBook:
    """Book that knows what became of a dispatch on one channel; the first word on it stands."""
    return replace(
        book, dispatches=tuple([_with(each, number, outcome) for each in book.dispatches])
    )


def _with(dispatch: Dispatch, number: int, outcome: Outcome) -> Dispatch:
    known = any(each.channel is outcome.channel for each in dispatch.outcomes)
    if dispatch.number != number or outcome.channel not in dispatch.channels or known:
        return dispatch
    return replace(dispatch, outcomes=(*dispatch.outcomes, outcome))
