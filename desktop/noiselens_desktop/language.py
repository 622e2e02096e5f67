"""The language of the window: Qt's translations of our texts and of its own dialogs."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

TRANSLATIONS = Path(__file__).parent / "resources" / "translations"
LANGUAGES = ("en", "de")


class Language:
    """The language in force; English is in the code and needs no file."""

    def __init__(self, app: QCoreApplication) -> None:
        self._app = app
        self._translators: list[QTranslator] = []

    def choose(self, choice: str) -> None:
        """Speak "en", "de", or for "system" that of the system if it is one of these; for what is made from now on."""
        for translator in self._translators:
            self._app.removeTranslator(translator)
        self._translators.clear()
        system = QLocale.system()
        name = choice if choice in LANGUAGES else system.name().partition("_")[0]
        if name not in LANGUAGES:
            name = "en"
        QLocale.setDefault(system if system.name().startswith(name) else QLocale(name))
        if name == "en":
            return
        theirs = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
        for file, folder in ((f"noiselens_{name}", str(TRANSLATIONS)), (f"qtbase_{name}", theirs)):
            translator = QTranslator()
            if translator.load(file, folder):
                self._app.installTranslator(translator)
                self._translators.append(translator)

    def close(self) -> None:
        """Take the translations away."""
        self.choose("en")
