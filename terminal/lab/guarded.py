"""Policies of others: whatever they answer is checked, whatever they raise is told."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

import numpy as np

from terminal.core.errors import DataError
from terminal.lab.rule import Answer, Rule, Sight
from terminal.pricing.rows import FloatArray


def plugged(name: str) -> Rule:
    """Policy of an importable function, named MODULE:FUNCTION, with one setting.

    Parameters
    ----------
    name : str
        The function takes a `Sight` and the setting (1, 1), and gives an `Answer`.

    Returns
    -------
    Rule
        Guarded.

    Raises
    ------
    DataError
        It cannot be imported, or is no function.
    """
    module, colon, function = name.partition(":")
    if not (module and colon and function):
        raise DataError(f"{name!r} is no policy: write MODULE:FUNCTION")
    try:
        found = getattr(import_module(module), function)
    except Exception as error:  # code of others may raise anything
        raise DataError(f"policy {name} cannot be imported: {_said(error)}") from error
    if not callable(found):
        raise DataError(f"policy {name} is no function: name one that takes a sight and a setting")
    return guarded(Rule(name, "setting", np.ones(1), found))


def guarded(rule: Rule) -> Rule:
    """The same policy, whose mistakes are a `DataError` that names it and the step."""
    return rule._replace(answer=_checked(rule.name, rule.answer))


def _checked(
    name: str, answer: Callable[[Sight, FloatArray], Answer]
) -> Callable[[Sight, FloatArray], Answer]:
    def asked(sight: Sight, setting: FloatArray) -> Answer:
        try:
            found = answer(sight, setting)
        except Exception as error:  # code of others may raise anything
            msg = f"policy {name} failed at decision {sight.step}: {_said(error)}: mend it"
            raise DataError(msg) from error
        fault = _fault(found, sight.net.shape)
        if fault:
            raise DataError(f"policy {name} answered {fault} at decision {sight.step}: mend it")
        return Answer(*(np.broadcast_to(each, sight.net.shape) for each in found))

    return asked


def _said(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())


def _fault(found: object, shape: tuple[int, ...]) -> str:
    """What is wrong with an answer; empty where nothing is."""
    if not isinstance(found, Answer):
        return f"a {type(found).__name__} instead of a band"
    try:
        low, high, below, above = (
            np.broadcast_to(np.asarray(each, dtype=np.float64), shape) for each in found
        )
    except (TypeError, ValueError):
        return f"arrays that are not of {shape[0]} settings and {shape[1]} windows"
    if any(np.isnan(each).any() for each in (low, high, below, above)):
        return "with NaN"
    if not ((low <= high).all() and (low <= below).all() and (below <= high).all()):
        return "a band that is closed, or a stop from below outside it"
    if not ((low <= above).all() and (above <= high).all()):
        return "a stop from above outside its band"
    return ""
