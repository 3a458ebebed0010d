"""What the window was asked to be on its command line."""

import argparse
import contextlib
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from terminal.core.commandline import Parser
from terminal.core.errors import ConfigError
from terminal.core.units import parse_duration, seconds
from ui.theme.tokens import theme_names

if TYPE_CHECKING:
    from terminal.runtime.settings import LiveData

MODES = ("sim", "replay", "paper", "live")
RECORDING = "recording"
"""Mode of a window that shows a journal."""

SIZES = (1600, 900)
ENGINES = ("auto", "numpy", "compiled", "vollib")
"""Auto starts with numpy and changes to the compiled one, where it can, once it is warm."""


class Options(Struct, frozen=True, kw_only=True):
    """One start of the window."""

    mode: str
    tape: Path | None
    book: Path | None
    speed: float
    profile: str
    seed: int
    data: Path  # window settings and, unless temporary, the journal
    keep: bool  # whether the journal outlives the run
    theme: str
    size: tuple[int, int]
    screenshot: Path | None
    after_s: float
    autonomy: str
    engine: str
    record: str  # tape that the feed is recorded to; empty: none
    live: "LiveData"  # what paper and live follow
    account: str = ""  # label of the live account, where there are several
    past: tuple[Path, ...] = ()  # bars that forecasts learn from
    recording: Path | None = None  # journal that is seen again
    at: str = ""  # moment of it to begin at


@contextlib.contextmanager
def data_directory(options: Options) -> Iterator[Path]:
    """Directory that a run writes to: the one named, or one that lasts as long as the run."""
    if options.keep:
        yield options.data
        return
    with tempfile.TemporaryDirectory(prefix="gammadesk-") as name:
        yield Path(name)


def read_options(argv: Sequence[str]) -> Options:
    """Read the command line of ``gammadesk``.

    Raises
    ------
    ConfigError
        An option that does not make sense; the message says which and how to put it right.
    """
    from terminal.runtime.settings import (  # noqa: PLC0415
        LiveData,
        checked_record,
        default_data_dir,
        read_live,
        read_speed,
        refuse_also,
        refuse_wallet,
    )

    given = _parser().parse_args(argv)
    mode = _mode(given)
    if mode not in ("paper", "live"):
        refuse_wallet(given)
    if mode != "live":
        refuse_also(given)
    return Options(
        mode=mode,
        tape=given.tape,
        book=given.book,
        speed=read_speed(given.speed, 60.0 if mode == "replay" else 1.0),
        profile=given.profile,
        seed=given.seed,
        data=given.data or default_data_dir(),
        keep=given.screenshot is None,
        theme=given.theme,
        size=_size(given.size),
        screenshot=given.screenshot,
        after_s=seconds(parse_duration(given.after)),
        autonomy=given.autonomy,
        engine="numpy" if mode == RECORDING else given.engine,  # its records say which
        record=checked_record(given.record),
        live=read_live(given) if mode in ("paper", "live") else LiveData(),
        account=given.account,
        past=tuple(given.past or ()),
        recording=given.recording,
        at=given.at,
    )


def _mode(given: argparse.Namespace) -> str:
    """Mode that the options mean; raises ConfigError where they contradict each other."""
    mode = given.mode or ("replay" if given.tape else "sim")
    if given.recording is not None:
        for name in ("mode", "tape", "book", "record", "past"):
            if getattr(given, name):
                raise ConfigError(f"--recording shows a journal as it is: leave out --{name}")
        mode = RECORDING
    elif given.at:
        raise ConfigError("--at names a moment of a recording: name one with --recording JOURNAL")
    if mode == "replay" and given.tape is None:
        raise ConfigError("replay plays a tape: name one with --tape FILE")
    if mode != "replay" and given.tape is not None:
        raise ConfigError(f"a tape is played by replay: leave out --mode {mode}, or the tape")
    return str(mode)


def _parser() -> Parser:
    from terminal.runtime.settings import (  # noqa: PLC0415
        add_past_option,
        add_record_option,
        add_venue_options,
    )

    parser = Parser(prog="gammadesk", description="Open the hedging terminal.")
    parser.add_argument(
        "--mode", choices=MODES, default=None, help="sim (default), replay, paper or live"
    )
    parser.add_argument("--tape", type=Path, help="tape to play; implies --mode replay")
    parser.add_argument("--book", type=Path, help="opening positions of a tape or paper account")
    parser.add_argument("--speed", help="market seconds per second (1), or max")
    parser.add_argument("--profile", default="balanced", help="preset name or profile file")
    parser.add_argument("--seed", type=int, default=7, help="seed of the simulation")
    parser.add_argument("--data", type=Path, help="data directory")
    parser.add_argument("--theme", choices=theme_names(), default="", help="colours")
    parser.add_argument("--size", default="", help="window size, e.g. 1920x1080")
    parser.add_argument("--autonomy", choices=("manual", "approve", "auto"), default="approve")
    parser.add_argument(
        "--engine", choices=ENGINES, default="auto", help="what prices options (auto: compiled)"
    )
    add_venue_options(parser)
    add_record_option(parser)
    parser.add_argument("--recording", type=Path, metavar="JOURNAL", help="see a journal again")
    parser.add_argument("--at", default="", help="moment of it, 03:12 or 2026-01-05T03:12 (UTC)")
    add_past_option(parser)
    parser.add_argument("--screenshot", type=Path, help="save a picture and leave")
    parser.add_argument("--after", default="30s", help="time before the picture")
    return parser


def _size(text: str) -> tuple[int, int]:
    if not text:
        return SIZES
    width, _, height = text.lower().partition("x")
    if not (width.isdigit() and height.isdigit()):
        raise ConfigError(f"--size {text!r}: write width and height, for example 1920x1080")
    size = int(width), int(height)
    if not (1024 <= size[0] <= 7680 and 600 <= size[1] <= 4320):
        raise ConfigError(f"--size {text}: between 1024x600 and 7680x4320")
    return size
