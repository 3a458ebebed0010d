"""The perps-only mode of a coin on the gamma page: its label before its numbers."""

from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from terminal.model.synthetic import SyntheticView
from ui.charts.trend_loss import TrendLossChart
from ui.format import UNKNOWN, coin, number, price, usd
from ui.theme.apply import set_property
from ui.theme.fonts import LABEL, sans, semibold
from ui.theme.tokens import Tokens
from ui.widgets.label import plain_label
from ui.widgets.tip import set_tip

FACTS = {
    "Convexity": "Sign of the effective gamma: what a large move does, whichever way",
    "Effective gamma": "USD of delta per 1 % move that the target adds now",
    "Target added": "Delta that the price adds to the policy's target",
    "Max inventory": "The target never goes beyond it; required before arming",
    "Trend": "Drift in standard deviations against the filter; required before arming",
    "Centre": "Price at which the mode holds nothing",
}
"""Figures of a mode, each with what it means."""

SIGNS = {-1: "▼ negative", 0: "none", 1: "▲ positive"}


class ModeBox(QWidget):
    """Label, state, figures and trend-loss curve of a perps-only mode."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Perps-only mode")
        self.label = plain_label("", "warn", semibold(), wrap=True)
        self.says = plain_label("", "tx", wrap=True)
        self.state = plain_label("", "mut", wrap=True)
        self.facts = {name: plain_label("", "hi", semibold()) for name in FACTS}
        self.chart = TrendLossChart()
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(0)
        for place, (name, figure) in enumerate(self.facts.items()):
            row, column = divmod(place, 3)
            title = plain_label(name, "mut", sans(LABEL))
            for part in (title, figure):
                set_tip(part, FACTS[name])
            grid.addWidget(title, 2 * row, column)
            grid.addWidget(figure, 2 * row + 1, column)
        said = QVBoxLayout()
        said.setSpacing(4)
        for part in (self.label, self.says, self.state):
            said.addWidget(part)
        said.addLayout(grid)
        said.addStretch(1)
        row_of_both = QHBoxLayout(self)
        row_of_both.setContentsMargins(12, 0, 12, 8)
        row_of_both.setSpacing(16)
        row_of_both.addLayout(said, 3)
        row_of_both.addWidget(self.chart, 2)

    def show_mode(self, view: SyntheticView | None, underlying: str) -> None:
        """Show a mode; without one there is nothing to see."""
        self.setVisible(view is not None)
        if view is None:
            return
        self.label.setText(view.label)
        self.says.setText(view.says)
        self.state.setText(state_words(view))
        set_property(self.state, "tone", "crit" if view.fault else "mut")
        for name, text in facts(view, underlying).items():
            self.facts[name].setText(text)
            self.facts[name].setAccessibleName(f"{name} {text}")
        self.chart.show_mode(view)

    def retheme(self, tokens: Tokens) -> None:
        """Take over the colours."""
        self.chart.retheme(tokens)


def state_words(view: SyntheticView) -> str:
    """Say whether the mode may be armed, and what holds it back."""
    if view.fault:
        return f"Cannot be armed: {view.fault}."
    if view.blocked:
        return f"Nothing is added now: {view.blocked}."
    return "Follows the price."


def facts(view: SyntheticView, underlying: str) -> dict[str, str]:
    """Texts of the figures of a mode."""
    trend = UNKNOWN if view.trend is None else number(view.trend, 1, signed=True)
    texts = (
        SIGNS[view.sign],
        usd(view.gamma_1pct_usd, 0, signed=True),
        coin(view.target, underlying),
        coin(view.max_inventory, underlying, signed=False) if view.max_inventory else "not set",
        f"{trend} of {number(view.trend_limit, 1)} σ" if view.trend_limit else "not set",
        price(view.centre),
    )
    return dict(zip(FACTS, texts, strict=True))
