"""Value and sensitivities of what has no curvature: perpetuals, futures, coins."""

from collections.abc import Iterator
from decimal import Decimal

from msgspec import Struct

from terminal.portfolio.books import Book, Held
from terminal.portfolio.option_inputs import EXPIRED, Scene, sound_mark

UNKNOWN = (0.0, 0.0, 0.0, 0.0, 0.0)


class LinearValue(Struct, frozen=True, gc=False):
    """One holding without curvature.

    ``fields`` are the first five of ``Sensitivity``, whose others are 0. ``mark`` is None while
    the holding is unknown, which ``flag`` then explains.
    """

    held: Held
    coins: float
    mark: float | None
    fields: tuple[float, float, float, float, float]
    profit: float
    flag: str = ""


def linear_values(scene: Scene, book: Book, balance: Decimal) -> list[LinearValue]:
    """Perpetuals and dated futures, then coins bought, then coins that are collateral."""
    found = [_future(scene, held) for held in book.futures]
    if balance or book.spot:
        found += _coins(scene, book, balance)
    return found


def _future(scene: Scene, held: Held) -> LinearValue:
    """Value of a perpetual or a dated future.

    A perpetual follows the index one to one and is valued at the index while it has no mark; a
    dated future without a mark is unknown. One that has expired keeps its value until it is
    settled, and says so.
    """
    spot, mark = scene.spot, sound_mark(scene.market, held.key)
    flag = EXPIRED if 0 < held.expiry <= scene.now else ""
    if mark is None and held.kind == "perpetual":
        mark, flag = spot, "no mark: index used"
    moves = mark if mark is not None and held.kind == "future" else spot
    coins = held.size / moves if held.inverse else held.size
    if mark is None or held.entry is None:
        fault = "no mark" if mark is None else "entry is unknown"
        return LinearValue(held, coins, None, UNKNOWN, 0.0, fault)
    if held.inverse:
        earned = held.size * (1.0 / held.entry - 1.0 / mark)
        gain = earned * spot
        fields = (gain, coins, coins, coins + earned, coins * spot)
    else:
        gain = coins * (mark - held.entry)
        delta = coins * (moves / spot)
        fields = (gain, delta, delta - gain / spot, delta, delta * spot)
    return LinearValue(held, coins, mark, fields, gain, flag)


def _coins(scene: Scene, book: Book, balance: Decimal) -> Iterator[LinearValue]:
    """Coins bought as a hedge, and the rest, which is collateral.

    Notes
    -----
    Coins bought were paid for, so like a linear perpetual their coin-numeraire delta is the
    amount less its profit in coin; were it 0, buying coins would not hedge that delta and a desk
    would buy for ever. Collateral is equity: only ``delta_with_equity`` counts it.
    """
    spot = scene.spot
    for held in book.spot:
        balance -= held.exact
        coins = held.size
        value = coins * spot
        gain = coins * (spot - held.entry) if held.entry is not None else 0.0
        fields = (value, coins, coins - gain / spot, coins, value)
        yield LinearValue(held, coins, spot, fields, gain)
    if balance:
        name, coins = scene.underlying, float(balance)
        rest = Held(name, name, "collateral", balance, balance, coins, None, False, 0)
        yield LinearValue(rest, coins, spot, (coins * spot, 0.0, 0.0, coins, 0.0), 0.0)
