"""Strategy and persona files of the older program: read exactly, kept whole, written back equal."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from terminal.core.errors import ConfigError

Json = Any
"""What a JSON document holds: dict, list, str, int, float, bool or None."""

WEIGHTS = "strategy_weights"
ALIASES = {"aggressive": "degen"}
"""Names that the older program took for others."""


class Strategy(Struct, frozen=True):
    """One strategy; ``raw`` is everything the file said of it, unknown keys included."""

    name: str
    deprecated: bool
    modifiers: Mapping[str, Json]
    raw: Mapping[str, Json]


class Persona(Struct, frozen=True):
    """One persona: how much of each strategy; ``raw`` is everything the file said of it."""

    name: str
    weights: Mapping[str, float]
    raw: Mapping[str, Json]


class Legacy(Struct, frozen=True):
    """A file of the older program; ``document`` is its content, to be written back equal."""

    strategies: tuple[Strategy, ...]
    personas: tuple[Persona, ...]
    ignored: tuple[str, ...]  # what was left out, and why
    document: Json


def read_legacy(text: str, where: str) -> Legacy:
    """Read a strategy, a persona, a list of either, or a bare dictionary of weights.

    Parameters
    ----------
    text : str
        JSON.
    where : str
        Name of the file, for messages.

    Returns
    -------
    Legacy
        As the older loader did, objects without a name are left out, and said so.

    Raises
    ------
    ConfigError
        Not JSON, nothing usable in it, or a known key of the wrong type: the message names the
        file, the key and the remedy.

    Notes
    -----
    The schema is hedging.md 1.1 to 1.3.
    """
    try:
        document = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{where} is not JSON: {error}. Export it again") from error
    items = document if isinstance(document, list) else [document]
    strategies, personas = list[Strategy](), list[Persona]()
    ignored = list[str]()
    for number, item in enumerate(items, start=1):
        place = f"{where}, item {number}" if isinstance(document, list) else where
        if not isinstance(item, dict):
            ignored.append(f"{place}: {type(item).__name__} instead of an object")
        elif _is_bare_weights(item):
            personas.append(Persona("unnamed", _weights(item, place), item))
        elif not isinstance(item.get("name"), str) or not item["name"]:
            ignored.append(f"{place}: it has no name")
        elif WEIGHTS in item or "moods" in item or "profile" in item:
            found = _weights(item.get(WEIGHTS, {}), place)
            personas.append(Persona(item["name"], found, item))
        else:
            strategies.append(_strategy(item, place))
    if not strategies and not personas:
        why = "; ".join(ignored) or "it is empty"
        raise ConfigError(f"{where} holds no strategy and no persona: {why}")
    return Legacy(tuple(strategies), tuple(personas), tuple(ignored), document)


def write_legacy(legacy: Legacy) -> str:
    """The document as JSON: read again it is equal, unknown keys and their order included."""
    return json.dumps(legacy.document, indent=2, ensure_ascii=False) + "\n"


def merged(parts: Sequence[tuple[Mapping[str, Json], float]]) -> dict[str, Json]:
    """Weighted merge of several dictionaries, as the older program made when a persona was chosen.

    Parameters
    ----------
    parts : sequence of (mapping, weight)
        Modifiers and their weights, > 0.

    Returns
    -------
    dict
        Numbers: weighted mean of those that have the key. Dictionaries: the same, inside. Lists:
        every element once, in the order met. Strings and booleans: those of the largest weight.

    Notes
    -----
    hedging.md 1.4. The older program averaged booleans as numbers and lost the order of lists.
    """
    keys = dict.fromkeys(key for part, _ in parts for key in part)
    return {key: _merged([(part[key], w) for part, w in parts if key in part]) for key in keys}


def _merged(values: list[tuple[Json, float]]) -> Json:
    first = max(values, key=lambda each: each[1])[0]
    if all(_is_number(value) for value, _ in values):
        return sum(value * w for value, w in values) / sum(w for _, w in values)
    if all(isinstance(value, dict) for value, _ in values):
        return merged(values)
    if all(isinstance(value, list) for value, _ in values):
        union = list[Json]()
        for value, _ in values:
            union += [each for each in value if each not in union]
        return union
    return first


def resolved(persona: Persona, known: Mapping[str, Strategy]) -> dict[str, Json]:
    """Modifiers of a persona: those of its strategies, merged by their weights.

    Strategies that are not known, or have no weight, add nothing.
    """
    parts = [
        (known[name].modifiers, weight)
        for name, weight in persona.weights.items()
        if name in known and weight > 0.0
    ]
    own = persona.raw.get("modifiers")
    if isinstance(own, dict):
        parts.append((own, 1.0))
    return merged(parts) if parts else {}


def _strategy(item: dict[str, Json], place: str) -> Strategy:
    modifiers = item.get("modifiers", {})
    if not isinstance(modifiers, dict):
        raise _wrong(place, "modifiers", "an object", modifiers)
    deprecated = item.get("deprecated", False)
    if not isinstance(deprecated, bool):
        raise _wrong(place, "deprecated", "true or false", deprecated)
    return Strategy(_known_as(item["name"]), deprecated, modifiers, item)


def _weights(given: Json, place: str) -> dict[str, float]:
    if not isinstance(given, dict):
        raise _wrong(place, WEIGHTS, "an object of numbers", given)
    found = {}
    for name, weight in given.items():
        if not _is_number(weight) or weight < 0.0:
            raise _wrong(place, f"{WEIGHTS}.{name}", "a number of 0 or more", weight)
        found[_known_as(name)] = float(weight)
    return found


def _known_as(name: str) -> str:
    return ALIASES.get(name.lower(), name)


def _is_bare_weights(item: dict[str, Json]) -> bool:
    """Whether an object is nothing but names and numbers."""
    return bool(item) and all(_is_number(value) for value in item.values())


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _no_constant(text: str) -> Json:
    raise ValueError(f"{text} is no number of JSON")


def _wrong(place: str, key: str, wanted: str, found: Json) -> ConfigError:
    shown = json.dumps(found)
    shown = shown if len(shown) <= 40 else shown[:37] + "..."
    return ConfigError(
        f"{place}: {key} must be {wanted}, not {shown}. Put it right and import again"
    )
