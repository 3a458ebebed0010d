"""What Black-76 needs for the options of a book, from quotes, and what is wrong with it."""

from collections.abc import Sequence
from math import nan

from msgspec import Struct
from msgspec.structs import replace

from terminal.core.units import YEAR
from terminal.market.state import Market, Seen, mid
from terminal.portfolio.books import Books, HeldOption
from terminal.pricing.engines import Engine
from terminal.pricing.implied import QuoteStatus

MOST_VOL = 10.0
"""Annual volatility above 1,000 % is a unit mistake, not a market."""

EXPIRED = "expired, waiting for settlement"


class Scene(Struct, frozen=True):
    """Where one underlying is looked at from."""

    market: Market
    books: Books
    underlying: str
    spot: float
    now: int
    engine: Engine


class OptionInput(Struct, frozen=True, gc=False):
    """Inputs of one option.

    ``basis`` is forward over spot, which stays when spot moves. ``vol`` is None while unknown,
    ``mark`` is the venue's, in the option's price unit. ``notes`` say what was assumed or is
    wrong; not ``usable`` means that nothing may be decided on it. Not ``fast`` means that the
    input depends on more than its own quote and must be made anew at every look.
    """

    basis: float
    vol: float | None
    mark: float | None
    notes: tuple[str, ...] = ()  # some may be empty
    usable: bool = True
    fast: bool = True

    @property
    def flag(self) -> str:
        """The notes in one line; empty when there is nothing to say."""
        return ", ".join(filter(None, self.notes))


def option_inputs(
    scene: Scene, options: Sequence[HeldOption], seen: Sequence[Seen | None]
) -> list[OptionInput]:
    """Forward and volatility of options.

    Parameters
    ----------
    scene : Scene
    options : sequence of HeldOption
    seen : sequence of Seen or None
        The latest quote of each.

    Returns
    -------
    list of OptionInput
        In the order of ``options``.

    Notes
    -----
    Forward: the quote's own, moved with the index since then at constant basis; else the mark of
    the future of the same expiry; else spot. Volatility: the quote's own, else implied from its
    mark or mid, else the one stated for the option; else unknown. An expired option has no
    volatility left, and its forward is the last one quoted, which no longer moves; until its
    settlement is known nothing may be decided on it.
    """
    inputs = [_input(scene, option, each) for option, each in zip(options, seen, strict=True)]
    unsolved = [
        number
        for number, (one, each) in enumerate(zip(inputs, seen, strict=True))
        if one.vol is None and one.usable and each is not None
    ]
    if unsolved:
        _solve(scene, options, inputs, unsolved)
    return inputs


def _input(scene: Scene, option: HeldOption, seen: Seen | None) -> OptionInput:
    """Input of one option; without a volatility but usable: it is still to be implied."""
    if option.expiry <= scene.now:
        forward, note = _forward(scene, option, seen.quote.forward if seen else None)
        notes = EXPIRED, note
        return OptionInput(forward / scene.spot, 0.0, None, notes, usable=False, fast=False)
    if seen is None or seen.flaw:
        return _stated(scene, option, seen.flaw if seen else "")
    quote = seen.quote
    if quote.forward is not None and seen.spot:
        return OptionInput(
            quote.forward / seen.spot, quote.iv, quote.mark, fast=quote.iv is not None
        )
    forward, note = _forward(scene, option, quote.forward)
    return OptionInput(forward / scene.spot, quote.iv, quote.mark, (note,), fast=False)


def _stated(scene: Scene, option: HeldOption, why: str) -> OptionInput:
    """Input with the volatility that a person or a tape stated; ``why`` no quote serves."""
    key = scene.books.dated.get((scene.underlying, option.expiry))
    forward, note = _forward(scene, option, None)
    basis, fast = forward / scene.spot, key is None
    vol = scene.market.assumed.get(option.key)
    if vol is None:
        return OptionInput(basis, None, None, ("no volatility", why, note), False, fast)
    if not 0.0 < vol <= MOST_VOL:
        fault = "assumed vol is outside 0 to 1,000 %"
        return OptionInput(basis, None, None, (fault, why, note), False, fast)
    return OptionInput(basis, vol, None, ("assumed vol", note), True, fast)


def _forward(scene: Scene, option: HeldOption, quoted: float | None) -> tuple[float, str]:
    """Forward of an option's expiry and what to say about it."""
    if quoted is not None:
        return quoted, ""
    key = scene.books.dated.get((scene.underlying, option.expiry))
    mark = sound_mark(scene.market, key) if key else None
    return (mark, "") if mark is not None else (scene.spot, "no forward: spot used")


def sound_mark(market: Market, key: str) -> float | None:
    """Mark of an instrument, else its mid; None when there is no quote without a flaw."""
    seen = market.quotes.get(key)
    if seen is None or seen.flaw:
        return None
    return seen.quote.mark if seen.quote.mark is not None else mid(seen.quote)


def _solve(
    scene: Scene,
    options: Sequence[HeldOption],
    inputs: list[OptionInput],
    unsolved: Sequence[int],
) -> None:
    """Put in the volatilities that prices imply; where none fits, the stated one or a fault."""
    chosen = [(options[number], inputs[number]) for number in unsolved]
    prices = [sound_mark(scene.market, option.key) for option, _ in chosen]
    forwards = [each.basis * scene.spot for _, each in chosen]
    vols, statuses = scene.engine.implied_vol(
        [
            nan if price is None else price * (forward if option.in_coin else 1.0)
            for (option, _), price, forward in zip(chosen, prices, forwards, strict=True)
        ],
        forwards,
        [option.strike for option, _ in chosen],
        [(option.expiry - scene.now) / YEAR for option, _ in chosen],
        [option.sign for option, _ in chosen],
    )
    for number, price, vol, status in zip(
        unsolved, prices, vols.tolist(), statuses.tolist(), strict=True
    ):
        option, each = options[number], inputs[number]
        source = "mid" if each.mark is None else "mark"
        notes = (f"vol implied from {source}", *each.notes)
        if status == QuoteStatus.OK and vol <= MOST_VOL:
            inputs[number] = replace(each, vol=vol, notes=notes, fast=False)
        elif status == QuoteStatus.NO_TIME_VALUE:
            inputs[number] = replace(each, vol=0.0, notes=notes, fast=False)
        else:
            why = "no price" if price is None else f"its {source} fits no volatility"
            inputs[number] = replace(_stated(scene, option, why), fast=False)
