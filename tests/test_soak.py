"""The judgement of the soak: what grows from round to round, and what only breathes."""

import math

from tests.soak import GROWTH_MB_H, ROUND, Reading, report


def readings(rounds: int, *, mb_h: float = 0.0, tasks_a_round: int = 0) -> list[Reading]:
    """What a process says that breathes by five megabytes within a round."""
    return [
        Reading(
            at_s=10.0 * each,
            rss_mb=230.0,
            kept_mb=200.0 + 5.0 * math.sin(each) + mb_h * each / 360.0,
            tasks=7 + tasks_a_round * (each // ROUND),
            handles=24,
            threads=14 + each % 2,
            timers=each % 3,
            qobjects=2700 + 15 * (each % 3),
            objects=7000,
            records=each * 1000,
        )
        for each in range(rounds * ROUND)
    ]


def test_what_breathes_is_let_pass_and_what_grows_is_not() -> None:
    assert report(readings(6), 0.0)[1]
    assert report(readings(6, mb_h=0.5 * GROWTH_MB_H), 0.0)[1]
    text, sound = report(readings(6, mb_h=3.0 * GROWTH_MB_H), 0.0)
    assert not sound
    assert text.count("TOO MUCH") == 1
    text, sound = report(readings(6, tasks_a_round=1), 0.0)
    assert not sound
    assert "tasks" in next(line for line in text.splitlines() if "TOO MUCH" in line)


def test_a_soak_that_was_too_short_proves_nothing() -> None:
    text, sound = report(readings(2), 300.0)
    assert not sound
    assert "too short" in text
