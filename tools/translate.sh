#!/usr/bin/env bash
# Collects the window's texts into resources/translations/*.ts, keeps what is translated, and makes the .qm files.
set -euo pipefail
cd "$(dirname "$0")/.."
texts=desktop/noiselens_desktop/resources/translations
mapfile -t sources < <(grep -rlE '\btr\(|translate\(|QT_TRANSLATE_NOOP' desktop/noiselens_desktop --include='*.py' | sort)
.venv/bin/pyside6-lupdate -silent -no-obsolete -locations none "${sources[@]}" -ts "$texts"/noiselens_de.ts
.venv/bin/pyside6-lrelease -silent "$texts"/noiselens_de.ts -qm "$texts"/noiselens_de.qm
