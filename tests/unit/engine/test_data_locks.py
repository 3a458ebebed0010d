"""Stale and bad data lock the hedging of their coin, and good ones free it after a while."""

import pytest
from msgspec.structs import replace

from terminal.core.units import SECOND
from terminal.engine.context import halts_of
from terminal.engine.feed_lights import feed_lights
from terminal.model.health import Channel, Light
from terminal.model.market import Gap
from terminal.model.messages import ClockOffset, LinkDown, Mode, Tick
from terminal.risk.halts import HaltCode
from tests.helpers.builders import PERP, SPOT, profile, quote
from tests.helpers.statements import truth
from tests.helpers.trial import Trial, alerts, ready


@pytest.fixture
def paper() -> Trial:
    made = ready(profile(book_age_s=2.0))
    made.state = replace(made.state, mode=Mode.PAPER)
    made.tell(truth(made))
    made.tick()
    return made


def codes(trial: Trial) -> list[HaltCode]:
    return [each.code for each in halts_of(trial.state, "BTC")]


def light(trial: Trial) -> tuple[Light, str]:
    (feed,) = feed_lights(trial.state, {})
    return feed.light, feed.why


def test_a_book_that_grows_old_locks_and_frees_after_the_dwell(paper: Trial) -> None:
    assert light(paper) == (Light.GREEN, "")
    said = ""
    for _ in range(20):
        said += alerts(paper.tick(0.25, None))
    assert "hedging is locked" in said
    assert codes(paper) == [HaltCode.BAD_DATA]
    assert "s old, limit 2 s" in halts_of(paper.state, "BTC")[0].reason
    colour, why = light(paper)
    assert colour is Light.RED
    assert "BTC hedging locked" in why
    paper.tell(truth(paper))
    paper.tick()
    assert codes(paper) == [HaltCode.BAD_DATA]
    assert "until its data stay good" in light(paper)[1]
    said = ""
    for _ in range(21):
        said += alerts(paper.tick())
    assert "free again" in said
    assert codes(paper) == []
    assert light(paper) == (Light.GREEN, "")


def test_a_moment_of_a_crossed_book_is_amber_and_locks_nothing(paper: Trial) -> None:
    paper.now += SECOND // 4
    paper.tell(quote(PERP, SPOT + 5, SPOT - 5, mark=SPOT))
    paper.tell(Tick())
    assert light(paper)[0] is Light.AMBER
    assert "crossed" in light(paper)[1]
    assert codes(paper) == []
    paper.tick()
    assert light(paper)[0] is Light.GREEN


def test_a_sequence_gap_locks_until_its_new_book_is_good(paper: Trial) -> None:
    paper.now += SECOND // 10
    paper.tell(Gap(PERP, paper.now, paper.now, "sequence broke"))
    paper.tell(Tick())
    assert codes(paper) == [HaltCode.BAD_DATA]
    assert "sequence gap" in light(paper)[1]


def test_a_wrong_clock_locks_the_coins_of_its_venue(paper: Trial) -> None:
    paper.tell(ClockOffset("elsewhere", 9_000.0))
    paper.tick()
    assert codes(paper) == []
    paper.tell(ClockOffset("sim", -260.0))
    paper.tick()
    assert light(paper)[0] is Light.AMBER
    paper.tell(ClockOffset("sim", -620.0))
    paper.tick()
    assert codes(paper) == [HaltCode.BAD_DATA]


def test_a_simulation_is_left_out() -> None:
    trial = ready()
    for _ in range(40):
        trial.tick(0.25, None)
    assert trial.state.feeds == {}
    assert codes(trial) == []


def test_lights_of_a_lost_link_and_ages_of_channels(paper: Trial) -> None:
    paper.tell(LinkDown("sim", "socket closed"))
    heard = {("sim", Channel.TRADES): paper.now - SECOND, ("okx", Channel.BOOK): paper.now}
    (feed,) = feed_lights(paper.state, heard)
    assert (feed.light, feed.lost) == (Light.RED, True)
    assert [(each.channel, each.age) for each in feed.channels] == [(Channel.TRADES, SECOND)]
