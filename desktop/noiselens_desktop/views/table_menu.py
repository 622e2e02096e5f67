"""The menu Table: order, filter and lines of the long table that is open, each with its shortcut."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from ..models.table import Column
from .filter_bar import FilterBar
from .line_view import LineView

AS_THEY_CAME = -1  # for Qt, no column
MOST_BANDS = 5  # buttons of a filter
SORTED_BY = (Column.NAME, Column.BAND, Column.PROBABILITY, Column.SOURCE, Column.SIZE, Column.AT, AS_THEY_CAME)


class TableMenu(QMenu):
    """The menu; dead while a page without a table is open."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._view: LineView | None = None
        self._filter: FilterBar | None = None
        self._all = QActionGroup(self)
        self._all.setExclusionPolicy(QActionGroup.ExclusionPolicy.None_)
        self.setTitle(self.tr("T&able"))
        order, only = self.addMenu(self.tr("Sort by")), self.addMenu(self.tr("Show only"))
        self.orders = [
            self._add(order, "", f"Ctrl+Alt+{number}", partial(self._sort, column))
            for number, column in enumerate(SORTED_BY, 1)
        ]
        order.addSeparator()
        self.reverse = self._add(order, self.tr("The other way round"), "Ctrl+Alt+R", self._reverse)
        self.bands = [
            self._add(only, "", f"Ctrl+Shift+{number + 1}", partial(self._choose, number))
            for number in range(MOST_BANDS)
        ]
        for action in (*self.orders, *self.bands):
            action.setCheckable(True)
        self.everything = self._add(self, self.tr("Show everything again"), "Ctrl+Shift+F", self._clear)
        self.addSeparator()
        # The table itself knows these two keys; elsewhere they are a button's and a text field's.
        look = _with_key(self.tr("Look at it"), Qt.Key.Key_Return)
        delete = _with_key(self.tr("Delete"), Qt.Key.Key_Delete)
        self._add(self, look, "", partial(self._on_view, LineView.look))
        self._add(self, self.tr("Show in folder"), "Ctrl+Alt+F", partial(self._on_view, LineView.show_in_folder))
        again = self._add(self, self.tr("Judge again"), "Ctrl+Shift+R", partial(self._on_view, LineView.judge_again))
        self.deletions = [again, self._add(self, delete, "", partial(self._on_view, LineView.delete))]
        for menu in (order, only):
            self._all.addAction(menu.menuAction())
        for menu in (self, order, only):
            menu.aboutToShow.connect(self._refresh)
        self._refresh()

    def show_table(self, view: LineView | None, filter_: FilterBar | None) -> None:
        """Take the table of the page that is open, with its filter; None when it has none."""
        self._view, self._filter = view, filter_
        self._refresh()

    def _refresh(self) -> None:
        """Say and offer what there is to choose now."""
        view, filter_ = self._view, self._filter
        self._all.setEnabled(view is not None)
        if view is None or filter_ is None:
            return
        head, model = view.horizontalHeader(), view.model()
        for column, action in zip(SORTED_BY, self.orders, strict=True):
            known = column != AS_THEY_CAME
            action.setText(model.headerData(column, Qt.Orientation.Horizontal) if known else self.tr("As they came"))
            action.setChecked(column == head.sortIndicatorSection())
        buttons = list(filter_.bands.values())
        for number, action in enumerate(self.bands):
            action.setVisible(number < len(buttons))
            if number < len(buttons):
                action.setText(buttons[number].text())
                action.setChecked(buttons[number].isChecked())
        for action in self.deletions:
            action.setVisible(view.deletable)

    def _sort(self, column: int) -> None:
        if self._view is not None:
            self._view.sortByColumn(column, Qt.SortOrder.AscendingOrder)

    def _reverse(self) -> None:
        if self._view is not None and (column := self._view.horizontalHeader().sortIndicatorSection()) >= 0:
            up, down = Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder
            self._view.sortByColumn(column, up if self._view.horizontalHeader().sortIndicatorOrder() == down else down)

    def _choose(self, number: int) -> None:
        if self._filter is not None and number < len(self._filter.bands):
            list(self._filter.bands.values())[number].setChecked(True)

    def _clear(self) -> None:
        if self._filter is not None:
            self._filter.clear()

    def _on_view(self, call: Callable[[LineView], None]) -> None:
        if self._view is not None:
            call(self._view)

    def _add(self, menu: QMenu, text: str, keys: str, call: Callable[[], object]) -> QAction:
        action = menu.addAction(text)
        action.setShortcut(QKeySequence(keys))
        action.triggered.connect(lambda _=False: call())
        self._all.addAction(action)
        return action


def _with_key(text: str, key: Qt.Key) -> str:
    """Return an entry's text with a key that the menu shows and does not take."""
    return f"{text}\t{QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)}"
