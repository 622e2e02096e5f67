"""T27, T28, T34, T35: images over the socket, through the real analyser: hostile ones, the same one by every road."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from PIL import Image
from PIL.Image import Transpose
from tests.bridge.peer import Peer

from noiselens_core.images import Origin
from noiselens_core.labels import LabelStore
from noiselens_core.library import Library
from noiselens_core.sniff import MAX_BYTES
from noiselens_desktop.bridge.pairing import BrowserKey, KeyStore
from noiselens_desktop.bridge.server import BridgeServer
from noiselens_desktop.serve import wire_bridge
from noiselens_desktop.work.analyse import Analyser, AnalyseRequest

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "core/noiselens_core/samples/rocket.jpg"
BUNDLED = ROOT / "tests/data/badimages"
POOL = ROOT.parent / "shared/badimages"
ANSWER_S = 15.0  # 10 for the decoder, and what the detector takes on a busy machine
REFUSALS = {"unreadable", "empty", "too_many_bytes", "format", "damaged", "too_many_pixels", "bad_shape", "timeout"}


@pytest.fixture(scope="module")
def analyser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Analyser]:
    with Library(tmp_path_factory.mktemp("images") / "library.sqlite3") as library:
        analyser = Analyser(library)
        analyser.start().result(120)
        yield analyser
        analyser.close()


@pytest.fixture
def bridge(analyser: Analyser, tmp_path: Path, keys: KeyStore) -> Iterator[BridgeServer]:
    with Library(tmp_path / "labels.sqlite3") as library, LabelStore(library, tmp_path / "samples") as labels:
        server = wire_bridge(analyser, labels, keys)
        server.start()
        yield server
        server.stop()


def decoders() -> list[psutil.Process]:
    """Return the decode children of this process."""
    return [child for child in psutil.Process().children() if "noiselens_core.decode_worker" in child.cmdline()]


def judge_all(peer: Peer, files: list[Path]) -> None:
    """Send each file; each must end in a verdict or a refusal with a sentence, in time."""
    for number, file in enumerate(files):
        data = file.read_bytes()
        begun = time.monotonic()
        peer.submit(f"f{number}", data, name="")
        answer = peer.answer(f"f{number}", 60)
        assert time.monotonic() - begun < ANSWER_S, file.name
        if answer["type"] == "verdict":
            assert 0 <= answer["verdict"]["probability"] <= 1
        else:
            assert (answer["type"], answer["code"] in REFUSALS) == ("refused", True), (file.name, answer)
            assert answer["text"].endswith(".")
    peer.submit("good", SAMPLE.read_bytes())
    assert peer.answer("good", 60)["type"] == "verdict"


def images(folder: Path) -> list[Path]:
    paths = sorted(path for path in folder.rglob("*") if path.suffix not in ("", ".md", ".txt"))
    return [path for path in paths if path.stat().st_size <= MAX_BYTES]


def test_t27_every_bundled_hostile_file_is_answered_over_the_socket(peer: Peer) -> None:
    judge_all(peer, images(BUNDLED))


@pytest.mark.shared
@pytest.mark.skipif(not POOL.exists(), reason="the pool of hostile images is not beside this repository")
def test_t27_every_hostile_file_of_the_pool_is_answered_over_the_socket(peer: Peer) -> None:
    before = psutil.Process().memory_info().rss
    judge_all(peer, images(POOL))
    assert psutil.Process().memory_info().rss - before < 600 * 2**20


UPRIGHT = {
    1: None,
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_90,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_270,
}


def test_t28_a_picture_stored_in_any_of_the_eight_orientations_gets_the_same_verdict(peer: Peer) -> None:
    with Image.open(SAMPLE) as photo:
        picture = photo.convert("RGB").crop((0, 0, 320, 224))
    verdicts = []
    for orientation, turn in UPRIGHT.items():
        exif, file = Image.Exif(), io.BytesIO()
        exif[0x0112] = orientation
        (picture if turn is None else picture.transpose(turn)).save(file, "PNG", exif=exif)
        peer.submit(f"o{orientation}", file.getvalue())
        answer = peer.answer(f"o{orientation}", 60)
        assert answer["type"] == "verdict", answer
        verdicts.append(answer["verdict"])
    assert len({verdict["sha256"] for verdict in verdicts}) == len(UPRIGHT), "eight different files"
    fields = ("probability", "band", "stability", "reasons", "width", "height", "crops")
    assert [[verdict[field] for field in fields] for verdict in verdicts] == [
        [verdicts[0][field] for field in fields]
    ] * len(UPRIGHT)
    assert (verdicts[0]["width"], verdicts[0]["height"]) == (320, 224)


def test_t34_the_same_bytes_get_the_same_score_by_every_road(peer: Peer, analyser: Analyser) -> None:
    data = SAMPLE.read_bytes()
    peer.submit("socket", data)
    by_socket = peer.answer("socket", 120)["verdict"]
    requests = {
        "file": AnalyseRequest(data=None, path=SAMPLE, name=SAMPLE.name, origin=Origin.FILE),
        "drag": AnalyseRequest(data=data, path=None, name="dragged", origin=Origin.CLIPBOARD),
    }
    scores = {road: analyser.submit(request).result(120).verdict.to_json() for road, request in requests.items()}
    done = subprocess.run(
        [Path(sys.executable).with_name("noiselens"), "check", "--json", str(SAMPLE)],
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    scores |= {"socket": by_socket, "command line": json.loads(done.stdout)}
    fields = ("sha256", "probability", "band", "stability", "reasons", "model")
    told = {road: [verdict[field] for field in fields] for road, verdict in scores.items()}
    assert all(answer == told["socket"] for answer in told.values()), told


def test_t35_a_killed_decoder_costs_one_image_at_most(peer: Peer, key: BrowserKey) -> None:
    peer.submit("before", SAMPLE.read_bytes())
    assert peer.answer("before", 60)["type"] == "verdict"
    children = decoders()
    assert children
    for child in children:
        child.kill()
        child.wait()
    other = (ROOT / "core/noiselens_core/samples").glob("*.png")
    peer.submit("after", next(other).read_bytes())
    answer = peer.answer("after", 60)
    assert answer["type"] in ("verdict", "refused")
    peer.submit("next", SAMPLE.read_bytes() + b"\0")  # other bytes, so that they are judged anew
    assert peer.answer("next", 60)["type"] == "verdict"
    assert key.key not in json.dumps(answer)
