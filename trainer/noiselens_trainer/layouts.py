"""Data sets as they come: a manifest, or the folder layouts of the public benchmarks."""

from __future__ import annotations

from pathlib import Path

from noiselens_core.batch import find_images

from .data import DataError, Sample, read_manifest

# What the benchmarks call the two classes in their folder names.
REAL = {"0_real", "real", "reals", "nature", "natural", "human", "photos", "0real"}
GENERATED = {"1_fake", "fake", "fakes", "ai", "generated", "synthetic", "1fake"}
# Folders that name a part of a data set and not where an image comes from.
_PARTS = {"train", "training", "val", "valid", "validation", "test", "testing", "images", "imgs"}


def read_data(path: Path, labels: int = 2) -> list[Sample]:
    """Read a manifest CSV, or a folder in one of these layouts.

    GenImage             GENERATOR/{train,val}/{ai,nature}/IMAGE
    CNNDetection, UniversalFakeDetect   GENERATOR[/CATEGORY]/{0_real,1_fake}/IMAGE
    DiffusionForensics   {train,test}/DATASET/{real,GENERATOR}/IMAGE
    plain                {real,fake|generated}[/SOURCE]/IMAGE

    The label is the deepest folder named after a class; in DiffusionForensics a folder beside one called real, and none
    called fake, is a generator. The family of a generated image is its generator's folder; that of a real one the
    folder it stands in. In the plain form it is SOURCE; where both labels have one of the same name they stay together.
    labels: how many of the two have to be there. Raises DataError.
    """
    if not path.is_dir():
        return read_manifest(path, labels)
    samples = [s for image in find_images([path]) if (s := _sample(path, image)) is not None]
    if len({s.label for s in samples}) < labels:
        wanted = "images of both labels" if labels == 2 else "labelled images"
        raise DataError(
            f"In {path} no {wanted} were found. Put them in folders named real and generated, or give a manifest CSV."
        )
    return samples


def read_more(paths: list[Path] | None) -> list[Sample]:
    """Read further data sets, which need not have both labels. Raises DataError."""
    return [sample for path in paths or () for sample in read_data(path, labels=1)]


def _sample(root: Path, image: Path) -> Sample | None:
    """Return an image with the label its folders give it; None when they give none."""
    folders = list(image.relative_to(root).parts[:-1])
    names = [name.lower() for name in folders]
    at = next((i for i in reversed(range(len(names))) if names[i] in REAL | GENERATED), None)
    if at is not None:
        label = int(names[at] in GENERATED)
        above, below = _telling(folders[:at]), _telling(folders[at + 1 :])
        own = [] if above else below[:1]
        family = (above or own or [folders[at]])[0]
        source = [*above, folders[at], *own]
    elif folders and _beside(image.parent, REAL) and not _beside(image.parent, GENERATED):
        label, family = 1, folders[-1]
        above, own = _telling(folders[:-1]), []
        source = [*above, family]
    else:
        return None
    return Sample(image, label, "/".join(source), family, origin=(above or own or [""])[0])


def _telling(folders: list[str]) -> list[str]:
    """Return the folders that say where an image comes from."""
    return [folder for folder in folders if folder.lower() not in _PARTS]


def _beside(folder: Path, names: set[str]) -> bool:
    return any((folder.parent / name).is_dir() for name in names)
