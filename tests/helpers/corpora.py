"""Messages of every exchange that can be read, for tests that run over all of them."""

from typing import Final

from tests.helpers import frames_bybit, frames_deribit, frames_hyperliquid
from tests.helpers.frames import Corpus

CORPORA: Final[tuple[Corpus, ...]] = (
    frames_deribit.CORPUS,
    frames_hyperliquid.CORPUS,
    frames_bybit.CORPUS,
)
