"""The user's detectors on the Training page: which judges, and what can be done with each."""

# ruff: noqa: N802  # Qt names what is overridden

from __future__ import annotations

from pathlib import Path
from typing import cast

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, QUrl
from PySide6.QtGui import QColor, QDesktopServices, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QHBoxLayout,
    QInputDialog,
    QListView,
    QMenu,
    QMessageBox,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from noiselens_core.registry import Model, file_name
from noiselens_core.text import printable

from ..models.detectors import MODEL_ROLE, DetectorList, Detectors, kind_of
from .cells import paint_focus
from .compare_dialog import CompareDialog
from .parts import label, page_rows, stack
from .theme import GAP, Theme
from .toast import Toast

ROW = 74  # logical px
DIGITS = 16  # of a digest that are shown
FILES = "*.safetensors"
Index = QModelIndex | QPersistentModelIndex


class DetectorDelegate(QStyledItemDelegate):
    """Paints a row: name, whether it judges, where it is from, its digest."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the size of every row."""
        del option, index
        return QSize(300, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one row."""
        model: Model = index.data(MODEL_ROLE)
        colours, state = Theme.colours, QStyle.StateFlag(option.state)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = QRectF(option.rect).adjusted(0, 3, 0, -3)
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        painter.setPen(QPen(QColor(colours.line), 1))
        painter.setBrush(QColor(colours.chosen if chosen else colours.card))
        painter.drawRoundedRect(ground.adjusted(0.5, 0.5, -0.5, -0.5), 9, 9)
        paint_focus(painter, option, ground, 9)
        dot = QRectF(ground.left() + 18, ground.center().y() - 8, 16, 16)
        painter.setPen(QPen(QColor(colours.real if model.chosen else colours.soft), 1.6))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(dot)
        if model.chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.real))
            painter.drawEllipse(dot.adjusted(4, 4, -4, -4))
        words = QRectF(dot.right() + 16, ground.top() + 13, ground.right() - dot.right() - 32, ground.height() - 26)
        used = self.tr("judges now")
        flags = Qt.AlignmentFlag.AlignTop
        if model.chosen:
            painter.setPen(QColor(colours.real))
            painter.drawText(words, flags | Qt.AlignmentFlag.AlignRight, used)
        font = painter.font()
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(QColor(colours.ink))
        room = int(words.width() - painter.fontMetrics().horizontalAdvance(used) - GAP)
        name = painter.fontMetrics().elidedText(printable(model.name), Qt.TextElideMode.ElideMiddle, room)
        painter.drawText(words, flags | Qt.AlignmentFlag.AlignLeft, name)
        font.setBold(False)
        painter.setFont(font)
        painter.setPen(QColor(colours.soft))
        parts = [kind_of(model), f"SHA-256 {model.sha256[:DIGITS]}…"]
        if model.name != model.id:
            parts.insert(1, printable(model.id))
        text = painter.fontMetrics().elidedText(" · ".join(parts), Qt.TextElideMode.ElideRight, int(words.width()))
        painter.drawText(words, Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft, text)
        painter.restore()


class DetectorShelf(QWidget):
    """List of the detectors, with its buttons above.

    detectors: the registry. toast: the window's.
    """

    def __init__(self, detectors: Detectors, toast: Toast, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._detectors, self._toast = detectors, toast
        self.model = DetectorList(self)
        self.view = QListView()
        self.view.setModel(self.model)
        self.view.setItemDelegate(DetectorDelegate(self.view))
        self.view.setAccessibleName(self.tr("Detectors"))
        self.view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.view.doubleClicked.connect(lambda index: self._detectors.choose(index.data(MODEL_ROLE).key))
        self.use = QPushButton(self.tr("Judge with this one"))
        self.use.setProperty("look", "primary")
        self.back = QPushButton(self.tr("Back to the one before"))
        self.back.setToolTip(self.tr("Judge with the detector that did before; press again to return"))
        self.take = QPushButton(self.tr("Add from a file…"))
        self.more = QPushButton(self.tr("More"))
        menu = QMenu(self)
        self.more.setMenu(menu)
        self.report = menu.addAction(self.tr("Report"), self._open_report)
        self.rename = menu.addAction(self.tr("Rename…"), self._rename)
        self.export = menu.addAction(self.tr("Export…"), self._ask_where)
        menu.addSeparator()
        self.delete = menu.addAction(self.tr("Delete"), self._delete)
        self.compare = QPushButton(self.tr("Compare on a folder…"))
        self.compare.setToolTip(self.tr("Judge a folder's images with this detector and with the one that judges now"))
        self.reading = label(self.tr("Reading the detectors…"), "soft")
        self.reading.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._lay_out()
        self._connect()
        self._show()

    def current(self) -> Model | None:
        """Return the detector that is selected."""
        index = self.view.currentIndex()
        return cast(Model, index.data(MODEL_ROLE)) if index.isValid() else None

    def ask_for_file(self) -> None:
        """Let the user choose a detector's file."""
        dialog = QFileDialog(self, self.tr("Add a detector from a file"), "", self.tr("Detectors ({0})").format(FILES))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self._detectors.take(Path(name)))
        dialog.open()

    def recolour(self) -> None:
        """Take the theme's colours anew."""
        self.view.viewport().update()

    def _show(self) -> None:
        before = self.current()
        self.model.show_models(self._detectors.models)
        self._body.setCurrentWidget(self.view if self.model.rows else self.reading)
        wanted = before.key if before is not None else None
        for row, model in enumerate(self.model.rows):
            if model.key == wanted or (wanted is None and model.chosen):
                self.view.setCurrentIndex(self.model.index(row))
        if self.model.rows and not self.view.currentIndex().isValid():
            self.view.setCurrentIndex(self.model.index(0))
        self._show_deeds()

    def _show_deeds(self) -> None:
        model = self.current()
        self.use.setEnabled(model is not None and not model.chosen)
        self.back.setEnabled(any(one.previous for one in self.model.rows))
        self.report.setVisible(model is not None and model.report is not None)
        self.export.setEnabled(model is not None)
        self.compare.setEnabled(model is not None and not model.chosen)
        own = model is not None and bool(model.key)
        self.rename.setEnabled(own)
        self.delete.setEnabled(own)

    def _use(self) -> None:
        model = self.current()
        if model is not None:
            self._detectors.choose(model.key)

    def _rename(self) -> None:
        model = self.current()
        if model is None:
            return
        dialog = QInputDialog(self)
        dialog.setWindowTitle(self.tr("Rename the detector"))
        dialog.setLabelText(self.tr("Name; verdicts go on calling it {0}.").format(printable(model.id)))
        dialog.setTextValue(model.name)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.textValueSelected.connect(lambda name: self._detectors.rename(model.key, name))
        dialog.open()

    def _ask_where(self) -> None:
        model = self.current()
        if model is None:
            return
        dialog = QFileDialog(self, self.tr("Save the detector and its card"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(self.tr("Detectors ({0})").format(FILES))
        dialog.setDefaultSuffix("safetensors")
        dialog.selectFile(file_name(model.id))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self._detectors.export(model.key, Path(name)))
        dialog.open()

    def _delete(self) -> None:
        model = self.current()
        if model is None:
            return
        box = QMessageBox(self)
        box.setWindowTitle(self.tr("Delete the detector"))
        box.setText(self.tr("Delete “{0}” for good?").format(printable(model.name)))
        box.setInformativeText(self.tr("Its verdicts stay in the history. Export it first if you may want it again."))
        yes = box.addButton(self.tr("Delete"), QMessageBox.ButtonRole.AcceptRole)
        box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.buttonClicked.connect(lambda button: self._detectors.remove(model) if button is yes else None)
        box.open()

    def _ask_for_folder(self) -> None:
        model, chosen = self.current(), next((one for one in self.model.rows if one.chosen), None)
        if model is None or chosen is None:
            return
        dialog = QFileDialog(self, self.tr("Compare on a folder"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filesSelected.connect(lambda names: self.compare_on(chosen, model, Path(names[0])))
        dialog.open()

    def compare_on(self, first: Model, second: Model, folder: Path) -> None:
        """Judge a folder's images with two detectors, and show which of them change."""
        dialog = CompareDialog(first, second, folder, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _open_report(self) -> None:
        model = self.current()
        if model is not None and model.report is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(model.report)))

    def _connect(self) -> None:
        detectors = self._detectors
        detectors.changed.connect(self._show)
        detectors.told.connect(self._toast.say)
        detectors.failed.connect(self._toast.say)
        self.view.selectionModel().currentChanged.connect(lambda *_: self._show_deeds())
        self.use.clicked.connect(self._use)
        self.back.clicked.connect(detectors.back)
        self.take.clicked.connect(self.ask_for_file)
        self.compare.clicked.connect(self._ask_for_folder)

    def _lay_out(self) -> None:
        deeds = QWidget()
        row = QHBoxLayout(deeds)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP)
        for button in (self.use, self.back, self.compare, self.more):
            row.addWidget(button)
        row.addStretch(1)
        told = label(
            self.tr("One detector judges, here and for your browser. Every verdict names the one that gave it."),
            "soft",
            wrap=True,
        )
        head = QWidget()
        words = QHBoxLayout(head)
        words.setContentsMargins(0, 0, 0, 0)
        words.setSpacing(2 * GAP)
        words.addWidget(told, 1)
        words.addWidget(self.take)
        self._body = stack(self.reading, self.view)
        page_rows(self, head, deeds, self._body)
        layout = self.layout()
        assert layout is not None
        layout.setContentsMargins(0, 0, 0, 0)
