"""Which panes there is room for, and how high each of them is."""

PRICE, DELTA, GAMMA, VEGA, FUNDING = range(5)
"""Places of the panes, from the top."""

SMALL_PX = 62
"""Least height of a small pane: its title and two numbers."""

LARGE_PX = 84
"""Least height of price and of net delta before a small pane may show."""

SHARES = (44.0, 26.0, 12.0, 12.0, 11.0)

_SMALL = (GAMMA, FUNDING, VEGA)   # the first is the last to go


def pane_heights(height: int) -> tuple[int, ...]:
    """Share the height out.

    Parameters
    ----------
    height : int
        Of all panes, pixels.

    Returns
    -------
    tuple of int
        Height of each pane from the top; 0 for one that there is no room for. Their sum is
        ``height``.
    """
    room = max(height, 0)
    small = max(min((room - 2 * LARGE_PX) // SMALL_PX, len(_SMALL)), 0)
    visible = {PRICE, DELTA, *_SMALL[:small]}
    if room < LARGE_PX:
        visible = {PRICE}
    whole = sum(SHARES[pane] for pane in visible)
    heights = [int(room * SHARES[pane] / whole) if pane in visible else 0 for pane in range(5)]
    for pane in _SMALL[:small]:
        heights[pane] = max(heights[pane], SMALL_PX)
    if DELTA in visible:
        rest = room - sum(heights[pane] for pane in _SMALL)
        heights[DELTA] = rest * 37 // 100
    heights[PRICE] = room - sum(heights[1:])
    return tuple(heights)
