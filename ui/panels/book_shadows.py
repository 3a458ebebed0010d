"""Policies on paper beside the live one: what they cost at equal risk, and taking one over."""

from msgspec.structs import replace
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from terminal.model.frame import Frame
from terminal.model.risk import RiskProfile
from terminal.model.shadow import MOST, AddShadow, DropShadow, ShadowView, carried, same
from ui.dialogs.confirm import ConfirmDialog
from ui.dialogs.sheet import Sheet
from ui.panels.shadow_dialog import ShadowDialog
from ui.panels.shadow_tables import NO_SHADOWS, board_table, row_name
from ui.widgets.label import plain_label
from ui.widgets.tip import set_tip

LIVE, EDITED = "Profile in use", "In the editor"


class ShadowsPage(QWidget):
    """The leaderboard, with buttons to add, take over and drop a shadow.

    Emits ``asked`` with a wish for the shadows, and ``reviewed`` with a profile to look at as a
    change of the live one.
    """

    name = "Shadows"
    asked = Signal(object)
    reviewed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(self.name)
        self._frame: Frame | None = None
        self._drawn: tuple[ShadowView, RiskProfile, str] | None = None
        self._sheet: Sheet | None = None
        self.table = board_table()
        self.table.setAccessibleName("Leaderboard of shadows")
        self.table.selected.connect(self._follow)
        self.said = plain_label("", "warn", wrap=True)
        self.add = _button("Add…", "Let another policy hedge on paper")
        self.promote = _button("Promote…", "Promote the selected shadow")
        self.drop = _button("Drop…", "Drop the selected shadow")
        self.add.clicked.connect(self._on_add)
        self.promote.clicked.connect(self._on_promote)
        self.drop.clicked.connect(self._on_drop)
        self._lay_out()
        self._follow()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(8, 4, 8, 4)
        head.setSpacing(8)
        head.addWidget(self.said, 1)
        for each in (self.add, self.promote, self.drop):
            head.addWidget(each)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.table, 1)
        self.setFocusProxy(self.table)

    def count(self, frame: Frame, _underlying: str) -> int | None:
        """How many hedge on paper; nothing while none does."""
        return len(frame.shadows.shadows) or None

    def show_frame(self, frame: Frame, underlying: str) -> None:
        """Show the leaderboard of one coin, or of every one."""
        self._frame = frame
        view, drawn = frame.shadows, self._drawn
        steady = drawn is not None and drawn[0] is view and drawn[1] is frame.profile
        if steady and drawn is not None and drawn[2] == underlying:
            return
        self._drawn = view, frame.profile, underlying
        rows = [each for each in view.rows if underlying in ("", each.underlying)]
        self.table.set_empty_text(NO_SHADOWS if view.choices else view.fault)
        self.table.show_rows(rows)
        self.said.setText(" ".join(filter(None, (view.answer, view.fault))))
        self._follow()

    def chosen(self) -> AddShadow | None:
        """The shadow of the selected row; None for the live profile's, and for none."""
        name = (self.table.selected_id() or "").partition("\n")[0]
        known = self._frame.shadows.shadows if self._frame else ()
        return next((each for each in known if each.name == name), None)

    def _follow(self) -> None:
        """Let only be pressed what can be done, and say why not."""
        frame, chosen = self._frame, self.chosen()
        self._allow(self.add, _why_no_more(frame.shadows) if frame else "Nothing is known yet")
        none = "" if chosen else "Select a shadow first"
        self._allow(self.drop, none)
        idle = frame is not None and chosen is not None and same(frame.profile, chosen.profile)
        self._allow(self.promote, none or ("It is the same as the profile in use" if idle else ""))

    def _allow(self, button: QPushButton, why_not: str) -> None:
        look = "Look at what the selected shadow would change in the profile in use"
        usual = {
            self.add: "Let another policy hedge on paper",
            self.promote: f"{look}. {self._caution()}".rstrip(),
            self.drop: "Let the selected shadow go, with its record",
        }
        button.setEnabled(not why_not)
        set_tip(button, why_not or usual[button])

    def _caution(self) -> str:
        """What stands against the record of the selected row; empty when nothing does."""
        rows = self._frame.shadows.rows if self._frame else ()
        found = (each for each in rows if row_name(each) == self.table.selected_id())
        note = next((each.note for each in found), "")
        return f"{note[:1].upper()}{note[1:]}." if note else ""

    def _on_add(self) -> None:
        if self._frame is None or self._sheet is not None:
            return
        taken = {each.name for each in self._frame.shadows.shadows}
        sheet = ShadowDialog(sources(self._frame), taken, self.window())
        sheet.asked.connect(self.asked)
        self._open(sheet)

    def _open(self, sheet: Sheet) -> None:
        self._sheet = sheet
        sheet.finished.connect(self._forget_sheet)
        sheet.open()

    def _forget_sheet(self) -> None:
        sheet, self._sheet = self._sheet, None
        if sheet is not None:
            sheet.deleteLater()

    def _on_promote(self) -> None:
        chosen = self.chosen()
        if self._frame is not None and chosen is not None:
            self.reviewed.emit(promoted(self._frame.profile, chosen))

    def _on_drop(self) -> None:
        chosen = self.chosen()
        if chosen is None or self._sheet is not None:
            return
        title, text = f"Drop {chosen.name}?", "Its record in shadow is gone, days included."
        sheet = ConfirmDialog(title, text, "Drop", self.window())
        sheet.confirmed.connect(lambda: self.asked.emit(DropShadow(chosen.name)))
        self._open(sheet)


def _why_no_more(view: ShadowView) -> str:
    """Why no shadow can be added; empty when one can."""
    if not view.choices:
        return view.fault
    full = len(view.shadows) >= MOST
    return f"{MOST} shadows are the most: drop one first" if full else ""


def sources(frame: Frame) -> dict[str, RiskProfile]:
    """What a shadow may start from, by the words of the choice."""
    view = frame.shadows
    found = {} if view.edited is None else {EDITED: view.edited}
    for each in view.choices:
        found[f"{each.name} (saved)" if each.name in found else each.name] = each
    return found | {LIVE: frame.profile}


def promoted(live: RiskProfile, shadow: AddShadow) -> RiskProfile:
    """The live profile with what a shadow tries, under its name; no limit changes."""
    about = f"{live.name} with the policies of the shadow {shadow.name}."
    return replace(carried(live, shadow.profile), name=shadow.name, about=about)


def _button(text: str, name: str) -> QPushButton:
    button = QPushButton(text)
    button.setAutoDefault(False)
    button.setAccessibleName(name)
    return button
