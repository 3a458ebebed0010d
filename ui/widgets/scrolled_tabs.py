"""Tabs whose pages scroll where they are lower than their content, so that they may be low."""

from functools import partial

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QMenu, QScrollArea, QTabWidget, QToolButton, QWidget

LEAST = 64
"""Height that a page needs at least, pixels: the head of a table and a row."""


class _Port(QScrollArea):
    """One page, scrolled upward and downward alone."""

    def __init__(self, page: QWidget) -> None:
        super().__init__()
        self.page = page
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # its page is what the Tab key reaches
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidgetResizable(True)
        self.setWidget(page)
        self.setFocusProxy(page)

    def minimumSizeHint(self) -> QSize:
        """As wide as the page and its scroll bar, and low."""
        page = self.page.minimumSizeHint().expandedTo(self.page.minimumSize())
        bar = self.verticalScrollBar().sizeHint().width() if page.height() > LEAST else 0
        return QSize(page.width() + bar, min(page.height(), LEAST))

    def sizeHint(self) -> QSize:
        """As the page has it."""
        return self.page.sizeHint()


class ScrolledTabs(QTabWidget):
    """A tab widget that scrolls its pages; by its methods it has the pages themselves.

    A list beside the tabs names them all, those too that lie beyond the edge.
    """

    def __init__(self) -> None:
        super().__init__()
        self._ports: list[_Port] = []
        self._list = QMenu(self)
        self._list.aboutToShow.connect(self._fill_list)
        button = QToolButton()
        button.setText("All…")
        button.setProperty("role", "ghost")
        button.setAccessibleName("List of all pages")
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setMenu(self._list)
        self.setCornerWidget(button)

    def _fill_list(self) -> None:
        self._list.clear()
        for place in range(self.count()):
            action = self._list.addAction(self.tabText(place))
            action.setCheckable(True)
            action.setChecked(place == self.currentIndex())
            action.triggered.connect(partial(self.setCurrentIndex, place))

    def addTab(self, page: QWidget, title: str) -> int:  # type: ignore[override]  # no icons here
        """Put a page in, after the others."""
        self._ports.append(_Port(page))
        return super().addTab(self._ports[-1], title)

    def widget(self, index: int) -> QWidget:
        """Page of a tab; raises IndexError where there is none."""
        return self._ports[index].page

    def currentWidget(self) -> QWidget:
        """Page that is shown."""
        return self.widget(self.currentIndex())

    def indexOf(self, page: QWidget) -> int:
        """Place of a page; -1 when it is not in a tab."""
        pages = [port.page for port in self._ports]
        return pages.index(page) if page in pages else -1

    def setCurrentWidget(self, page: QWidget) -> None:
        """Show a page."""
        self.setCurrentIndex(self.indexOf(page))
