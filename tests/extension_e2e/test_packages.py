"""What `make extension` builds: both packages, the files they need and no other, the same bytes each time."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import zipfile
from pathlib import Path, PurePosixPath

import pytest

from .conftest import ROOT

NAMED = re.compile(r"""["'(]((?:\.{0,2}/)?[\w./-]+\.(?:js|css|html|png))["')]""")


def make_extension(out: Path) -> dict[str, Path]:
    if shutil.which("make") is None:
        pytest.skip("no make on this machine")
    subprocess.run(["make", "extension", f"OUT={out}"], check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    return {path.suffix: path for path in out.iterdir()}


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return make_extension(tmp_path_factory.mktemp("packages"))


def test_a_zip_and_an_xpi_of_this_version_are_built(packages: dict[str, Path]) -> None:
    version = json.loads((ROOT / "extension/manifest.json").read_text("utf-8"))["version"]
    names = {path.name for path in packages.values()}
    assert names == {f"noiselens-chromium-{version}.zip", f"noiselens-firefox-{version}.xpi"}


@pytest.mark.parametrize("suffix", [".zip", ".xpi"])
def test_a_package_holds_exactly_what_its_manifest_leads_to(packages: dict[str, Path], suffix: str) -> None:
    with zipfile.ZipFile(packages[suffix]) as package:
        assert package.testzip() is None
        texts = {name: package.read(name).decode("latin-1") for name in package.namelist()}
    needed = {"manifest.json"} | {name for name in texts if re.fullmatch(r"_locales/[a-z]{2}/messages\.json", name)}
    assert len(needed) == 3
    todo = set(needed)
    while todo:
        name = todo.pop()
        folder = PurePosixPath(name).parent
        for found in NAMED.findall(texts[name]):
            path = os.path.normpath(folder / found if found.startswith(".") or name.endswith(".html") else found)
            if path not in texts:
                path = os.path.normpath(folder / found)
            assert path in texts, f"{name} names {found}, which is not in the package"
            todo |= {path} - needed
            needed.add(path)
    assert set(texts) == needed


def test_each_browser_is_told_of_its_own_kind_of_background_and_permissions_alone(packages: dict[str, Path]) -> None:
    manifests = {suffix: json.loads(zipfile.ZipFile(path).read("manifest.json")) for suffix, path in packages.items()}
    assert manifests[".zip"].pop("background") == {"service_worker": "background.js", "type": "module"}
    assert manifests[".xpi"].pop("background") == {"scripts": ["background.js"], "type": "module"}
    whole = json.loads((ROOT / "extension/manifest.json").read_text("utf-8"))
    del whole["background"]
    assert manifests[".xpi"] == whole
    whole["permissions"].remove("menus")
    assert manifests[".zip"] == whole


def test_the_same_sources_give_the_same_bytes(packages: dict[str, Path], tmp_path: Path) -> None:
    os.utime(ROOT / "extension" / "manifest.json")  # a fresh clone has other times
    again = make_extension(tmp_path)
    assert {suffix: path.read_bytes() for suffix, path in again.items()} == {
        suffix: path.read_bytes() for suffix, path in packages.items()
    }
