"""What the world around the engine says of itself: its drive, its keys, positions at venues."""

from typing import assert_never

from msgspec.structs import replace

from terminal.engine.state import State
from terminal.model.facts import DiskSpace, Fact, ForcedRisk, KeyChecked


def on_fact(state: State, fact: Fact) -> State:
    """State that knows a fact; it decides nothing and is looked at where alerts are."""
    facts = state.facts
    match fact:
        case DiskSpace():
            facts = replace(facts, disk=fact)
        case KeyChecked():
            facts = replace(facts, keys={**facts.keys, fact.account: fact})
        case ForcedRisk():
            facts = replace(facts, forced={**facts.forced, fact.venue: fact})
        case _:
            assert_never(fact)
    return replace(state, facts=facts)
