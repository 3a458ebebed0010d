"""Faults in limits: a control that is there and does not hold."""

from typing import Final

from tests.mutants.fault import Edit, Fault

LIMITS = "terminal/risk/limits.py"
WORK = "terminal/engine/work.py"
LIMIT_TESTS = ("tests/unit/risk/test_limits.py",)

LIMITED: Final = (
    Fault(
        "rate counted on ack",
        "an order counts against the rates when the venue answers",
        (
            Edit(
                WORK,
                "            activity = order_sent(state.activity, state.now)\n",
                "            activity = state.activity\n",
            ),
            Edit(
                "terminal/engine/orders.py",
                "        state = costs.acked(state, after)\n",
                "        state = costs.acked(state, after)\n"
                "        state = replace(state, activity=order_sent(state.activity, state.now))\n",
            ),
            Edit(
                "terminal/engine/orders.py",
                "from terminal.risk.activity import forgiven, rejected, traded\n",
                "from terminal.risk.activity import forgiven, order_sent, rejected, traded\n",
            ),
        ),
        ("tests/unit/engine/test_orders.py",),
    ),
    Fault(
        "limits read from stale profile",
        "a profile that was set does not become the one that is held to",
        (
            Edit(
                "terminal/engine/commands.py",
                "    state = replace(state, profile=command.profile)\n",
                "    state = replace(state, profile=state.profile or command.profile)\n",
            ),
        ),
        ("tests/unit/engine/test_proposals.py",),
    ),
    Fault(
        "collar against last trade only",
        "a quote is held against its mark alone, and not against the index",
        (
            Edit(
                LIMITS,
                'for name, price in (("mark", mark), ("index", index)):',
                'for name, price in (("mark", mark),):',
            ),
        ),
        LIMIT_TESTS,
        "no control looks at last trades; the mark alone is as single a source",
    ),
    Fault(
        "advice ttl ignored",
        "an offer that has lapsed may still be approved",
        (
            Edit(
                LIMITS,
                "    if context.now >= proposal.expires_at:\n        return Refused",
                "    if False:\n        return Refused",
            ),
        ),
        LIMIT_TESTS,
        "the Oracle advises and moves nothing; offers are what has a life here",
    ),
    Fault(
        "advice not clamped",
        "a profile beyond the hard ceilings is taken",
        (
            Edit(
                "terminal/risk/profiles.py",
                "    problems = faults(profile)\n",
                "    problems: tuple[str, ...] = ()\n",
            ),
        ),
        ("tests/unit/risk/test_profiles.py",),
        "the Oracle advises and moves nothing; a profile is what moves limits here",
    ),
    Fault(
        "no hysteresis",
        "an offer is withdrawn as soon as delta touches its band",
        (
            Edit(
                "terminal/engine/desk.py",
                "    slack = HYSTERESIS * (target.high - target.low)\n",
                "    slack = 0.0\n",
            ),
        ),
        ("tests/unit/engine/test_proposals.py",),
    ),
    Fault(
        "kill checked only at signal",
        "a hedge at work goes on through a stop",
        (
            Edit(
                WORK,
                "    return state.stop is not None or any(",
                "    return any(",
            ),
        ),
        ("tests/unit/engine/test_stops.py",),
    ),
    Fault(
        "kill not persisted",
        "a stop is forgotten with the process",
        (
            Edit(
                "terminal/engine/state.py",
                "    plain = msgspec.structs.replace(state, books=None,",
                "    plain = msgspec.structs.replace(state, stop=None, books=None,",
            ),
        ),
        ("tests/unit/engine/test_stops.py", "tests/unit/runtime/test_opening.py"),
    ),
    Fault(
        "old generation allowed",
        "a hedge of the process before goes on after a restart",
        (
            Edit(
                "terminal/engine/resuming.py",
                "            asked=False,\n            hedge=None,\n",
                "            asked=False,\n",
            ),
        ),
        ("tests/unit/engine/test_stops.py", "tests/unit/engine"),
    ),
    Fault(
        "old generation allowed",
        "a process whose journal a newer start has taken over goes on sending",
        (
            Edit(
                "terminal/runtime/last_hop.py",
                "        why = session.latch.bars(intent) or journal.replaced()\n",
                "        why = session.latch.bars(intent)\n",
            ),
        ),
        ("tests/unit/runtime/test_sleeping.py",),
    ),
    Fault(
        "old generation allowed",
        "the note of a newer start in the lock is passed over",
        (
            Edit(
                "terminal/journal/lock.py",
                "        if present is not None and present.epoch > ours.epoch:\n",
                "        if present is None:\n",
            ),
        ),
        ("tests/unit/journal/test_lock.py",),
    ),
)
