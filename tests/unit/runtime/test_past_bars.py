"""The past that a person names: real bars make forecasts at once, a bad file one clear line."""

from pathlib import Path

import numpy as np
import pytest

from terminal.core.errors import DataError
from terminal.core.units import HOUR
from terminal.market.hours import Spans
from terminal.runtime.opening import open_session
from terminal.runtime.outlooks import Outlooks
from terminal.runtime.past_bars import take_past
from terminal.runtime.settings import Settings

MONTH = "ohlcv_5m/binance_usdm_BTCUSDT_5m_20251225_20260125.parquet"


class Taking(Outlooks):
    """Keeps what it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: dict[str, Spans] = {}

    def remember(self, underlying: str, hours: Spans) -> None:
        self.taken[underlying] = hours


def test_recorded_bars_become_hours(shared: Path) -> None:
    path = shared / "data" / MONTH
    if not path.exists():
        pytest.skip(f"no recorded bars: {path.name} is not in the folder 'shared'")
    taking = Taking()
    take_past(taking, [path])
    hours = taking.taken["BTC"]
    assert hours.first % HOUR == 0
    assert hours.variance.size > 20 * 24
    assert np.isfinite(hours.variance).mean() > 0.95
    assert 0.1 < float(np.sqrt(np.nanmean(hours.variance) * 24 * 365)) < 1.5


@pytest.mark.parametrize("name", ["nowhere", "notes.txt"])
def test_a_bad_file_is_refused_with_one_line_and_frees_the_journal(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / "notes.txt").write_text("no bars")
    journal = tmp_path / "journal"
    settings = Settings(past=(tmp_path / name,))
    for _ in range(2):  # a journal left locked would be refused for that the second time
        with pytest.raises(DataError, match=name) as caught:
            open_session(settings, journal)
        assert "\n" not in str(caught.value)
