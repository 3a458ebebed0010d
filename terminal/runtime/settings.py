"""What a run was asked to be, read from a command line once and then frozen."""

import argparse
import os
from pathlib import Path

from msgspec import Struct

from terminal.core.errors import ConfigError
from terminal.core.units import parse_duration
from terminal.model.live import LiveAccount
from terminal.model.messages import Mode
from terminal.model.risk import Autonomy
from terminal.pricing.engines import NAMES
from terminal.runtime.strains import Strain
from terminal.venues.dialects.registry import dialect
from terminal.venues.endpoints import checked_endpoint
from terminal.venues.jupiter.addresses import decoded
from terminal.venues.jupiter.rpc import PUBLIC, Node

SIM_START = 1_767_614_400_000_000_000
"""2026-01-05 12:00 UTC: where a headless simulation begins unless told, so that runs compare."""

MAX_SPEED = 0.0
"""Speed that stands for as fast as possible."""


class LiveData(Struct, frozen=True, kw_only=True):
    """Where live data come from, and of what."""

    venue: str = "deribit"
    underlyings: tuple[str, ...] = ("BTC", "ETH")
    endpoint: str = ""  # address in place of the exchange's own
    test_network: bool = False
    also: tuple[str, ...] = ()  # venues whose accounts a live run trades in the same book
    wallet: str = ""  # Solana address whose Jupiter positions are in the book; empty: none
    solana: str = PUBLIC  # node that it is read from

    @property
    def folder(self) -> str:
        """Name of its journals: the prices of a test network are not those of the main one."""
        return f"{self.venue}-test" if self.test_network else self.venue


class Settings(Struct, frozen=True, kw_only=True):
    """One run."""

    mode: Mode = Mode.SIM
    tape: Path | None = None
    speed: float = 1.0
    profile: str = "balanced"
    seed: int = 7
    data: Path | None = None  # journal directory; None: a temporary one
    start_at: int = SIM_START
    span: int | None = None  # ns of market time to run; None: without end
    autonomy: Autonomy = Autonomy.APPROVE
    book: Path | None = None
    vol: float = 0.6
    history_hours: float = 6.0
    order_log: Path | None = None
    pricing: str = "numpy"
    accounts: tuple[LiveAccount, ...] = ()  # that a live run could send orders to
    alerts: Path | None = None  # file of alert rules; None: the defaults
    live: LiveData = LiveData()
    past: tuple[Path, ...] = ()  # files or folders of bars that forecasts learn from
    strain: Strain = Strain()  # what a tape is made to suffer beyond what it says


def default_data_dir() -> Path:
    """Directory for journals and settings of this user (XDG on Linux)."""
    base = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(base).expanduser() / "gammadesk"


def add_run_options(parser: argparse.ArgumentParser) -> None:
    """Declare the options that every way of running shares."""
    parser.add_argument("--profile", default="balanced", help="preset name or profile file")
    parser.add_argument("--seed", type=int, default=7, help="seed of the simulation")
    parser.add_argument("--speed", default=None, help="market seconds per second, or max")
    parser.add_argument("--data", type=Path, default=None, help="journal directory")
    parser.add_argument(
        "--autonomy", choices=[each.value for each in Autonomy], default=None, help="who approves"
    )
    parser.add_argument(
        "--engine", choices=NAMES, default="numpy", help="what prices options (numpy needs nothing)"
    )
    add_past_option(parser)
    parser.add_argument("--for", dest="span", default=None, help="market time to run, e.g. 2h")


def add_past_option(parser: argparse.ArgumentParser) -> None:
    """Declare ``--past``."""
    parser.add_argument(
        "--past",
        type=Path,
        action="append",
        default=None,
        metavar="BARS",
        help="file or folder of five-minute bars that forecasts learn from; may be repeated",
    )


def add_venue_options(parser: argparse.ArgumentParser) -> None:
    """Declare the options of runs on live data."""
    parser.add_argument("--venue", default="deribit", help="exchange of live data")
    parser.add_argument("--underlyings", default="BTC,ETH", help="coins followed, e.g. BTC,ETH")
    parser.add_argument(
        "--endpoint", default="", help="address in place of the exchange's own (a gateway)"
    )
    parser.add_argument(
        "--test-network", action="store_true", help="the exchange's test network, where it has one"
    )
    parser.add_argument(
        "--account", default="", help="label of the live account, where there are several"
    )
    parser.add_argument(
        "--also",
        action="append",
        default=[],
        metavar="VENUE",
        help="another exchange whose account a live run trades in the same book",
    )
    parser.add_argument(
        "--jupiter",
        default="",
        metavar="WALLET",
        help="Solana wallet whose Jupiter perpetuals count in the book; read only, no key",
    )
    parser.add_argument(
        "--solana", default=PUBLIC, metavar="URL", help=f"Solana node to read it from ({PUBLIC})"
    )


def read_underlyings(text: str) -> tuple[str, ...]:
    """Read ``--underlyings``: coins with commas between; raises ConfigError otherwise."""
    coins = tuple(dict.fromkeys(each.strip().upper() for each in text.split(",")))
    if not all(each.isalnum() and len(each) <= 12 for each in coins):
        raise ConfigError(f"--underlyings {text!r}: name coins with commas between, e.g. BTC,ETH")
    return coins


def read_live(given: argparse.Namespace) -> LiveData:
    """Read the options of ``add_venue_options``.

    Raises
    ------
    ConfigError
        An exchange, coin or address that cannot be, or a speed: markets have their own.
    """
    if given.speed is not None:
        raise ConfigError("live data come at their own speed: leave out --speed")
    return LiveData(
        venue=dialect(given.venue).venue,
        underlyings=read_underlyings(given.underlyings),
        endpoint=checked_endpoint(given.endpoint) if given.endpoint else "",
        test_network=given.test_network,
        also=tuple(dialect(each).venue for each in given.also),
        wallet=_checked_wallet(given),
        solana=given.solana,
    )


def refuse_also(given: argparse.Namespace) -> None:
    """Refuse ``--also`` in a run that is not live: it names accounts."""
    if given.also:
        raise ConfigError("--also names an account that is traded: it is for --mode live")


def refuse_wallet(given: argparse.Namespace) -> None:
    """Refuse ``--jupiter`` in a run without live data, whose book would be without it, unsaid."""
    if given.jupiter:
        raise ConfigError("--jupiter is for runs on live data: add --mode paper or --mode live")


def _checked_wallet(given: argparse.Namespace) -> str:
    """Return ``--jupiter`` if it is a wallet that this run can have; raises ConfigError if not."""
    wallet: str = given.jupiter
    if not wallet:
        return ""
    decoded(wallet)
    Node(given.solana, option="--solana")
    if given.test_network:
        raise ConfigError("--jupiter reads Solana's main network: leave out --test-network")
    return wallet


def add_record_option(parser: argparse.ArgumentParser) -> None:
    """Declare ``--record``."""
    parser.add_argument(
        "--record", type=Path, default=None, metavar="FILE.tape", help="record the feed to a tape"
    )


def checked_record(path: Path | None) -> str:
    """Return the file of ``--record`` if a tape can be begun there; empty without one.

    Raises
    ------
    ConfigError
        It is called otherwise than a tape, exists, or is in no folder.
    """
    if path is None:
        return ""
    if path.suffix != ".tape":
        raise ConfigError(f"--record {path}: a tape ends in .tape: name it {path.stem}.tape")
    if path.exists():
        raise ConfigError(f"--record {path}: exists already: choose another name")
    if not path.parent.is_dir():
        raise ConfigError(f"--record {path}: there is no folder {path.parent}: make it first")
    return str(path)


def add_tape_options(parser: argparse.ArgumentParser) -> None:
    """Declare the options of runs on a tape."""
    parser.add_argument("tape", type=Path, help="tape made by: python -m terminal tape import")
    parser.add_argument("--book", type=Path, default=None, help="opening positions (JSON)")
    parser.add_argument("--vol", type=float, default=0.6, help="volatility where none is quoted")


def checked_vol(vol: float) -> float:
    """Return ``--vol`` if it is a volatility; raises ConfigError otherwise."""
    if not 0.0 < vol <= 10.0:
        msg = f"--vol {vol} is not an annual volatility as a fraction, for example 0.6"
        raise ConfigError(msg)
    return vol


def read_speed(text: str | None, default: float) -> float:
    """Read ``--speed``: a positive number, optionally with an x, or max.

    Raises
    ------
    ConfigError
        Anything else.
    """
    if text is None:
        return default
    if text.lower() == "max":
        return MAX_SPEED
    try:
        speed = float(text.lower().removesuffix("x"))
    except ValueError:
        speed = 0.0
    if not 0.0 < speed <= 1e6:
        msg = f"--speed {text!r} is not a positive number or max"
        raise ConfigError(msg)
    return speed


def read_span(text: str | None) -> int | None:
    """Read ``--for``."""
    return None if text is None else parse_duration(text)
