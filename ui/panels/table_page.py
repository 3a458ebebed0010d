"""A tab of the book that is one table and has nothing to count."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from terminal.model.frame import Frame
from ui.widgets.table import Table


class TablePage(QWidget):
    """One table, named for screen readers.

    Parameters
    ----------
    name : str
        Title of the tab.
    table : Table
    """

    def __init__(self, name: str, table: Table) -> None:
        super().__init__()
        self.name = name
        self.table = table
        self.table.setAccessibleName(name)
        self.setAccessibleName(name)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(0)
        self.column.addWidget(self.table)
        self.setFocusProxy(self.table)

    def count(self, _frame: Frame, _underlying: str) -> int | None:
        """No number: nothing here waits for someone."""
        return None
