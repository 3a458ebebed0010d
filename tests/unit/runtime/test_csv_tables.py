"""Tables for spreadsheets: what is written is read back, and no cell of it is a formula."""

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from terminal.core.cells import safe_cell
from terminal.runtime.csv_tables import csv_text


@given(rows=st.lists(st.lists(st.text(), min_size=2, max_size=2)))
def test_a_table_is_read_back_cell_for_cell(rows: list[list[str]]) -> None:
    found = list(csv.reader(io.StringIO(csv_text(rows))))
    assert found == [[safe_cell(each) for each in row] for row in rows]
