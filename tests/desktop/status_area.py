"""A desktop's status area without a picture: takes StatusNotifierItems and notifications on the session bus.

python status_area.py FILE writes a JSON line for each: {"item": name on the bus}, {"notification": its text}. The file
is there, empty, once the area is.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from PySide6.QtCore import ClassInfo, Property, QCoreApplication, QObject, Slot
from PySide6.QtDBus import QDBusConnection

interface: Any = ClassInfo  # of which the stubs do not know that it is called


def tell(what: object) -> None:
    with Path(sys.argv[1]).open("a") as said:
        said.write(json.dumps(what) + "\n")


@interface(**{"D-Bus Interface": "org.kde.StatusNotifierWatcher"})
class Watcher(QObject):
    @Slot(str)
    def RegisterStatusNotifierItem(self, service: str) -> None:
        tell({"item": service})

    @Property(bool)
    def IsStatusNotifierHostRegistered(self) -> bool:
        return True

    @Property(int)
    def ProtocolVersion(self) -> int:
        return 0


@interface(**{"D-Bus Interface": "org.freedesktop.Notifications"})
class Notifications(QObject):
    @Slot(str, "uint", str, str, str, "QStringList", "QVariantMap", int, result="uint")
    def Notify(
        self, app: str, replaces: int, icon: str, title: str, text: str, actions: Any, hints: Any, expires: int
    ) -> int:
        del app, replaces, icon, actions, hints, expires
        tell({"notification": f"{title}: {text}"})
        return 1


def main() -> None:
    qt = QCoreApplication([])
    bus = QDBusConnection.sessionBus()
    everything = QDBusConnection.RegisterOption.ExportAllSlots | QDBusConnection.RegisterOption.ExportAllProperties
    watcher, notifications = Watcher(), Notifications()
    for path, thing, name in (
        ("/StatusNotifierWatcher", watcher, "org.kde.StatusNotifierWatcher"),
        ("/org/freedesktop/Notifications", notifications, "org.freedesktop.Notifications"),
    ):
        if not (bus.registerObject(path, thing, everything) and bus.registerService(name)):
            sys.exit(bus.lastError().message())
    Path(sys.argv[1]).touch()
    qt.exec()


if __name__ == "__main__":
    main()
