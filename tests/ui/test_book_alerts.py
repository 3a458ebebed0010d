"""The page of alerts and the voices of this machine."""

from typing import Any

import pytest
from PySide6.QtWidgets import QSystemTrayIcon
from pytestqt.qtbot import QtBot

from terminal.core.units import MINUTE, SECOND
from terminal.model.alert import AlertView, Channel, Dispatch, Outcome, RaisedAlert, Tier
from terminal.model.messages import AckAlert, Dispatched, SnoozeAlert, TryAlerts
from tests.ui.panel_frame import NOW, frame
from ui.panels.book_alerts import TOLD, AlertsPage, outcome_text
from ui.voices import BEEPS, SoundVoice, Voices


def alert(rule: str, tier: Tier = Tier.HIGH, **more: Any) -> RaisedAlert:
    plain: dict[str, Any] = {"since": NOW - 90 * SECOND, "raised_at": NOW - MINUTE}
    return RaisedAlert(
        alert_id=f"{rule}:BTC", rule=rule, subject="BTC", tier=tier, text=f"BTC: {rule}",
        **plain | more,
    )  # fmt: skip


def dispatch(number: int, *channels: Channel, **more: Any) -> Dispatch:
    plain: dict[str, Any] = {"at": NOW, "tier": Tier.HIGH, "text": "BTC: out"}
    return Dispatch(number=number, channels=channels, **plain | more)


def shown(*raised: RaisedAlert, told: tuple[Dispatch, ...] = (), quiet: bool = False) -> Any:
    return frame(alerts=AlertView(raised=raised, dispatches=told, quiet=quiet))


def texts(page: AlertsPage) -> list[list[str]]:
    model = page.tables[page.choice.current()].model
    return [[column.show(each) for column in model.columns] for each in model.rows]


@pytest.fixture
def page(qtbot: QtBot) -> AlertsPage:
    made = AlertsPage()
    qtbot.addWidget(made)
    return made


def test_what_stands_and_how(page: AlertsPage) -> None:
    view = shown(
        alert("order_unknown", Tier.CRITICAL, active=False, sent_at=NOW - SECOND),
        alert("hard_cap"),
        alert("feed_lost", snoozed_until=NOW + MINUTE),
        alert("stopped", acked_at=NOW),
        quiet=True,
    )
    page.show_frame(view, "")
    lines = texts(page)
    assert [each[0] for each in lines] == ["CRITICAL", "HIGH", "HIGH", "HIGH"]
    assert lines[0][1:3] == ["BTC: order_unknown", "1 min"]
    assert [each[3] for each in lines] == [
        "over, not acknowledged", "stands", "snoozed, 01:00", "acknowledged",
    ]  # fmt: skip
    assert lines[1][4:] == ["–", "hard cap"]
    assert page.count(view, "") == 3
    assert "Quiet hours" in page.quiet.text()


def test_acknowledge_snooze_and_test(page: AlertsPage, qtbot: QtBot) -> None:
    asked: list[object] = []
    page.asked.connect(asked.append)
    page.show_frame(shown(alert("hard_cap"), alert("stopped", acked_at=NOW)), "")
    assert not page.acknowledge.isEnabled()
    page.acknowledge.click()
    page.tables["Standing"].view.selectRow(0)
    assert page.acknowledge.isEnabled()
    page.acknowledge.click()
    page.snooze.click()
    page.everything.click()
    page.test.click()
    assert asked == [
        AckAlert("hard_cap:BTC"), SnoozeAlert("hard_cap:BTC", 600.0), AckAlert(""), TryAlerts(),
    ]  # fmt: skip
    page.tables["Standing"].view.selectRow(1)
    assert not page.snooze.isEnabled()
    page.show_frame(shown(), "")
    assert not page.everything.isEnabled()
    assert all(
        each.accessibleName() for each in (page.acknowledge, page.snooze, page.test, page.choice)
    )


def test_every_dispatch_with_its_outcome(page: AlertsPage) -> None:
    good = Outcome(Channel.WEBHOOK, ok=True, detail="HTTP 200", at=NOW)
    bad = Outcome(Channel.SOUND, ok=False, detail="no tray", at=NOW)
    told = dispatch(1, Channel.WEBHOOK, Channel.SOUND, Channel.DESKTOP, outcomes=(good, bad))
    page.choice.set_current(TOLD)
    page._choose(TOLD)
    page.show_frame(shown(told=(told, dispatch(2))), "")
    newest, oldest = texts(page)
    assert newest[4] == "no channel is set up"
    assert oldest[4] == "webhook ok (HTTP 200); sound FAILED (no tray); desktop has not answered"
    assert oldest[4] == outcome_text(told)


def test_the_voices_tell_what_is_new_and_answer(qtbot: QtBot, monkeypatch: Any) -> None:
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", lambda: False)
    voices = Voices()
    said: list[object] = []
    rings: list[int] = []
    voices.command.connect(said.append)
    voices.voices[Channel.SOUND] = SoundVoice(voices, lambda: rings.append(1))
    old = dispatch(4, Channel.SOUND)
    voices.show_frame(shown(told=(old,)))
    assert said == []  # told before this window was there
    fresh = dispatch(5, Channel.SOUND, Channel.DESKTOP, Channel.WEBHOOK)
    voices.show_frame(shown(told=(old, fresh)))
    voices.show_frame(shown(told=(old, fresh)))
    assert said == [
        Dispatched(5, Channel.SOUND, True, "handed to the system"),
        Dispatched(5, Channel.DESKTOP, False, "this desktop has no tray"),
    ]
    qtbot.waitUntil(lambda: len(rings) == BEEPS[Tier.HIGH])
    voices.voices[Channel.SOUND].stop()  # type: ignore[attr-defined]  # known to be the sound
    voices.stop()
    voices.deleteLater()
