"""Packs the browser extension: one zip for Chromium's kin and one xpi for Firefox.

    python tools/pack_extension.py OUT

The files are the same but for the manifest, which keeps the one kind of background and the permissions that its browser
knows. They are in order and without times, so that the same sources give the same bytes.
"""

from __future__ import annotations

import json
import sys
import zipfile
from fnmatch import fnmatch
from pathlib import Path

EXTENSION = Path(__file__).resolve().parents[1] / "extension"
NOT_SHIPPED = ("node_modules", "tests", "package*.json", "jsconfig.json", "eslint.config.js", ".*", "*.d.ts", "*.md")
PACKAGES = (("chromium", "zip", "scripts"), ("firefox", "xpi", "service_worker"))  # and the other's kind of background
FIREFOX_ONLY = "menus"  # a permission: to be told what a menu was opened on


def shipped_files() -> list[Path]:
    """Return what the browser needs, relative to the extension's folder, in order."""
    paths = (path.relative_to(EXTENSION) for path in EXTENSION.rglob("*") if path.is_file())
    return sorted(path for path in paths if not any(fnmatch(part, no) for part in path.parts for no in NOT_SHIPPED))


def main(out: Path) -> None:
    """Write both packages into out and say where they are."""
    out.mkdir(parents=True, exist_ok=True)
    for browser, suffix, foreign in PACKAGES:
        manifest = json.loads((EXTENSION / "manifest.json").read_text("utf-8"))
        del manifest["background"][foreign]
        if browser != "firefox":
            manifest["permissions"].remove(FIREFOX_ONLY)
        target = out / f"noiselens-{browser}-{manifest['version']}.{suffix}"
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as package:
            for path in shipped_files():
                entry = zipfile.ZipInfo(path.as_posix(), (1980, 1, 1, 0, 0, 0))
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.create_system = 3  # the same bytes wherever it is packed
                entry.external_attr = 0o644 << 16
                is_manifest = path.name == "manifest.json"
                content = json.dumps(manifest, indent=2).encode() if is_manifest else (EXTENSION / path).read_bytes()
                package.writestr(entry, content)
        print(f"{target}  {target.stat().st_size / 1024:.0f} KiB")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
