"""The lab's recurrent forecast: train it offline, and score it against the forecasts in use."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from msgspec import Struct

from terminal.core.commandline import Parser
from terminal.core.errors import ConfigError, DataError
from terminal.core.units import DAY, iso_utc
from terminal.journal.tape_cli import Meter
from terminal.lab.recurrent import SHAPES, Gru, days_in, foreseen
from terminal.lab.recurrent_training import Lesson, taught
from terminal.market.bars import Bars, between
from terminal.market.forecasts import future_means
from terminal.market.har_walk import naive_paths, walked
from terminal.market.scoring import LEAST_SCORED, qlikes, scores
from terminal.model.forecast import Score
from terminal.runtime.bar_files import Recorded, read_perpetuals
from terminal.runtime.console import complain, show
from terminal.runtime.lab_search import DEFAULT_DATA
from terminal.runtime.weight_files import read_weights, write_weights

HAR: Final = "log-HAR"
BLOCK: Final = 7
"""Days that stay together in the resamples: losses cluster."""


class Training(Struct, frozen=True, forbid_unknown_fields=True):
    """What weights are of."""

    coins: tuple[str, ...]
    trained_until: int
    lesson: Lesson
    format: str = "gammadesk-gru-1"


class Card(Struct, frozen=True):
    """Scores of one coin on days that training did not see, and whether it beat log-HAR."""

    coin: str
    scores: tuple[Score, ...]
    better: bool


def volatility(argv: Sequence[str]) -> int:
    """Train a recurrent forecast of tomorrow's variance, or score one that was trained.

    Without ``--weights`` it is trained on the first ``--train-days`` of all coins' bars and written
    to ``--out``. Either way it is scored by QLIKE on the days after its training, against log-HAR
    as it would have been forecast then. Nothing else in the program uses it.
    """
    given = _parser().parse_args(argv)
    lesson = _lesson(given)
    found = read_perpetuals(given.data, lambda *_: None)
    if given.weights:
        gru, training = read_gru(given.weights)
    else:
        until = int(min(each.bars.start[0] for each in found)) + given.train_days * DAY
        training = Training(tuple(each.contract.base for each in found), until, lesson)
        meter = Meter(sys.stderr, lines=given.progress)
        try:
            gru = _trained(found, training, meter)
        except KeyboardInterrupt:
            complain("stopped: nothing was trained")
            return 1
        finally:
            meter.close()
        if given.out:
            write_weights(given.out, gru._asdict(), msgspec.json.encode(training))
    cards = tuple(card_of(gru, each, training.trained_until) for each in found)
    show({"training": training, "cards": cards}, card_table(training, cards), as_json=given.json)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="python -m terminal lab volatility", description=volatility.__doc__)
    parser.add_argument(
        "data",
        nargs="*",
        type=Path,
        default=[DEFAULT_DATA],
        help=f"files or folders of 5-minute perpetual bars (default {DEFAULT_DATA})",
    )
    parser.add_argument("--weights", type=Path, help="score these instead of training")
    parser.add_argument("--out", type=Path, help="file for the weights, .npz")
    parser.add_argument("--train-days", type=int, default=170)
    parser.add_argument("--epochs", type=int, default=Lesson().epochs)
    parser.add_argument("--decay", type=float, default=Lesson().decay)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--progress", action="store_true", help="percentages, a line each")
    return parser


def _lesson(given: argparse.Namespace) -> Lesson:
    if not (1 <= given.epochs <= 10_000 and 0.0 <= given.decay <= 1.0 and given.seed >= 0):
        raise ConfigError("--epochs must be 1 to 10000, --decay 0 to 1, --seed 0 or more")
    if given.train_days < 1:
        raise ConfigError(f"--train-days {given.train_days}: give 1 or more")
    return Lesson(epochs=given.epochs, decay=given.decay, seed=given.seed)


def _trained(found: Sequence[Recorded], training: Training, meter: Meter) -> Gru:
    until = training.trained_until
    series = [days_in(between(each.bars, int(each.bars.start[0]), until)) for each in found]
    return taught(series, training.lesson, lambda part: meter.tell(part, "training"))


def read_gru(path: Path) -> tuple[Gru, Training]:
    """Weights of a file, and what they are of.

    Raises
    ------
    ConfigError
        The file cannot be used; the message says why.
    """
    arrays, about = read_weights(path, SHAPES)
    try:
        training = msgspec.json.decode(about, type=Training)
    except msgspec.MsgspecError as error:
        raise ConfigError(f"{path} are no weights of a recurrent forecast: {error}") from error
    gru = Gru(**arrays)
    if not (0.0 < gru.range[0] <= gru.range[1] and (gru.scale > 0.0).all()):
        raise ConfigError(f"{path}: range or scale is not above 0: train anew")
    return gru, training


def card_of(gru: Gru, each: Recorded, until: int) -> Card:
    """Score forecasts made after the training, all on the same days.

    Raises
    ------
    DataError
        Too few days after the training have every forecast.
    """
    bars: Bars = each.bars
    days = days_in(bars)
    came = future_means(days.variance, 1)
    after = days.first + DAY * (np.arange(came.size) + 1) > until
    ours = np.where(after, qlikes(came, foreseen(gru, days)), np.nan)
    others = {HAR: walked(days, 1), **naive_paths(days, 1)}
    losses = {name: qlikes(came, path) for name, path in others.items()}
    found = scores("QLIKE", ours, losses, block=BLOCK)
    if not found:
        raise DataError(
            f"{each.contract.base}: fewer than {LEAST_SCORED} days after {iso_utc(until)[:10]} "
            "have every forecast: give bars of more days after the training"
        )
    return Card(each.contract.base, found, found[0].bound < 0.0)


def card_table(training: Training, cards: Sequence[Card]) -> str:
    """Losses of each coin, and whether chance can be ruled out."""
    until = iso_utc(training.trained_until)[:10]
    lines = [
        f"Recurrent forecast of {', '.join(training.coins)}, trained until {until};",
        "QLIKE a day ahead on the days after",
        "(bound: upper end of ours minus theirs, better beyond chance where under 0).",
        "",
    ]
    for card in cards:
        first = card.scores[0]
        lines.append(f"{card.coin}, {first.outcomes} days: recurrent {first.ours:.3f}")
        lines += [
            f"  {each.naive:<14}{each.theirs:>8.3f}   bound {each.bound:+.3f}"
            for each in card.scores
        ]
    stays = [card.coin for card in cards if not card.better]
    verdict = "It beats log-HAR on every coin."
    if stays:
        verdict = (
            f"It does not beat log-HAR beyond chance on {', '.join(stays)}: it stays in the lab."
        )
    return "\n".join([*lines, "", verdict])
