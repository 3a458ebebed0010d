"""Cancels from another thread, over a connection of their own, for when the loop is held up.

Everything else of a gateway lives on the loop. A window that hangs holds the loop, and with it
every cancel; the venue's own switch then acts after its time. This is what acts before that.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from terminal.venues.ccxt_exchange import Taps
from terminal.venues.gateway.line import Slip, Terms
from terminal.venues.gateway.wire import Dialled, Wire
from terminal.venues.gateway.words import Scrubber
from terminal.venues.plain_loop import run_plain

PATIENCE_S: Final = 8.0
"""Longest wait for the answers; what has gone out by then has gone out."""


class ApartCancels:
    """Cancels every order of a gateway that may rest; nothing else leaves by it.

    All of it blocks and belongs to one thread, which is not the loop's.

    Parameters
    ----------
    terms : Terms
        Of the gateway.
    slips : callable
        Its orders; the loop may change them while they are read, if it is not held up after all.
    """

    def __init__(self, terms: Terms, slips: Callable[[], tuple[Slip, ...]]) -> None:
        self._terms = terms
        self._slips = slips
        self._dialled: Dialled | None = None

    def prepare(self) -> str:
        """Make the instance that will cancel, beforehand; why that failed, or empty."""
        if self._dialled is None:
            try:
                self._dialled = self._terms.dial(Taps())
            except Exception as error:  # noqa: BLE001 - whatever failed: said, tried again
                return Scrubber(self._terms.redactor).words_of(error)
        return ""

    def cancel_all(self) -> str:
        """Ask for the cancel of everything that may rest, at once; how it went, in words."""
        open_slips = [each for each in self._slips() if not each.final]
        if not open_slips:
            return "nothing rests that a hand-held cancel could end"
        trouble = self.prepare()
        if self._dialled is None:
            return f"{len(open_slips)} orders could not be cancelled apart: {trouble}"
        dialled, self._dialled = self._dialled, None  # an instance belongs to one loop
        failed = run_plain(self._cancelled(dialled.wire, open_slips))
        sent = f"{len(open_slips)} cancels sent apart from the loop"
        return f"{sent}, {len(failed)} not taken: {failed[0]}" if failed else sent

    async def _cancelled(self, wire: Wire, open_slips: list[Slip]) -> list[str]:
        """Send the cancels side by side; words of those that were not taken."""
        asked = (wire.ask(self._terms.asks.cancel(each.ref)) for each in open_slips)
        try:
            async with asyncio.timeout(PATIENCE_S):
                answers = await asyncio.gather(*asked, return_exceptions=True)
        except TimeoutError:
            return [f"no answer within {PATIENCE_S:g} s"]
        finally:
            await wire.close()
        scrubber = Scrubber(self._terms.redactor)
        return [scrubber.words_of(each) for each in answers if isinstance(each, BaseException)]
