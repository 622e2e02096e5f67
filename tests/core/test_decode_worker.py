"""The child process: its limits, its deaths, its lies, and several threads that share it."""

from __future__ import annotations

import io
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image

from noiselens_core.decode_worker import MEMORY_BYTES, READY
from noiselens_core.errors import ImageRefusedError, RefusalCode
from noiselens_core.images import DecodedImage, Decoder

linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
posix = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")


def png(colour: tuple[int, int, int], side: int = 32) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (side, side), colour).save(out, "PNG")
    return out.getvalue()


@pytest.fixture(scope="module")
def slow_jpeg() -> bytes:
    """A progressive JPEG of 49 Mpx, which takes a good part of a second to decode."""
    out = io.BytesIO()
    Image.new("RGB", (7000, 7000), "teal").save(out, "JPEG", progressive=True, quality=30)
    return out.getvalue()


@pytest.fixture
def decoder() -> Iterator[Decoder]:
    with Decoder() as decoder:
        yield decoder


def started(decoder: Decoder) -> psutil.Process:
    """Return the child after a first image."""
    decoder.decode(png((1, 2, 3)))
    assert decoder.pid is not None
    return psutil.Process(decoder.pid)


def assert_works(decoder: Decoder) -> None:
    assert (decoder.decode(png((9, 8, 7))).pixels == [9, 8, 7]).all()


def refused(future: Future[DecodedImage]) -> RefusalCode:
    with pytest.raises(ImageRefusedError) as caught:
        future.result(timeout=20)
    return caught.value.code


def wait_until_busy(child: psutil.Process) -> None:
    """Return once the child has spent 50 ms of CPU time more."""
    begun = sum(child.cpu_times()[:2])
    deadline = time.monotonic() + 20
    while sum(child.cpu_times()[:2]) < begun + 0.05:
        assert time.monotonic() < deadline
        time.sleep(0.005)


# --- life ------------------------------------------------------------------------------------------------------


def test_the_child_starts_with_the_first_image_stays_and_ends_with_close() -> None:
    decoder = Decoder()
    assert decoder.pid is None
    child = started(decoder)
    assert_works(decoder)
    assert decoder.pid == child.pid
    decoder.close()
    assert decoder.pid is None
    assert not child.is_running()
    assert_works(decoder)  # a closed decoder may be used again
    decoder.close()
    decoder.close()


def test_the_child_ends_when_its_parent_is_gone(tmp_path: Path) -> None:
    program = (
        "from noiselens_core.images import Decoder; import sys, os\n"
        "decoder = Decoder(); decoder.decode(open(sys.argv[1], 'rb').read()); print(decoder.pid, flush=True)\n"
        "os._exit(0)\n"
    )
    image = tmp_path / "image.png"
    image.write_bytes(png((1, 1, 1)))
    ran = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:] = {sys.path!r}\n{program}", image],
        capture_output=True,
        text=True,
        check=True,
    )
    pid = int(ran.stdout)
    deadline = time.monotonic() + 10
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_t35_a_child_killed_while_idle_is_replaced(decoder: Decoder) -> None:
    child = started(decoder)
    child.kill()
    child.wait()
    assert_works(decoder)
    assert decoder.pid != child.pid


@posix
def test_ctrl_c_in_a_terminal_is_left_to_the_parent(decoder: Decoder) -> None:
    child = started(decoder)
    child.send_signal(signal.SIGINT)
    assert_works(decoder)
    assert decoder.pid == child.pid


@posix
def test_t35_a_child_killed_while_decoding_is_a_refusal_and_the_next_image_works(
    decoder: Decoder, slow_jpeg: bytes
) -> None:
    child = started(decoder)
    with ThreadPoolExecutor() as pool:
        future = pool.submit(decoder.decode, slow_jpeg)
        wait_until_busy(child)
        child.kill()
        # killed from outside, as a machine short of memory does: the image is not called damaged
        assert refused(future) is RefusalCode.UNREADABLE
    assert_works(decoder)


@posix
def test_a_child_that_hangs_is_stopped_by_the_clock() -> None:
    with Decoder(timeout_s=0.5) as decoder:
        child = started(decoder)
        child.suspend()
        begun = time.monotonic()
        with pytest.raises(ImageRefusedError) as caught:
            decoder.decode(png((1, 1, 1), side=2000) * 200)  # more than a pipe holds: sending waits as well
        assert caught.value.code is RefusalCode.TIMEOUT
        assert 0.4 < time.monotonic() - begun < 5
        assert_works(decoder)


def test_an_image_that_takes_too_long_is_refused(slow_jpeg: bytes) -> None:
    with Decoder(timeout_s=0.1) as decoder, pytest.raises(ImageRefusedError) as caught:
        decoder.decode(slow_jpeg)
    assert caught.value.code is RefusalCode.TIMEOUT


@posix
def test_the_end_of_its_cpu_time_is_a_timeout(decoder: Decoder, slow_jpeg: bytes) -> None:
    child = started(decoder)
    with ThreadPoolExecutor() as pool:
        future = pool.submit(decoder.decode, slow_jpeg)
        wait_until_busy(child)
        child.send_signal(signal.SIGXCPU)  # what the kernel sends then
        assert refused(future) is RefusalCode.TIMEOUT
    assert_works(decoder)


class Interruption(BaseException):
    """What Ctrl-C raises, but one that a slow machine cannot let end the test run."""


@posix
def test_an_interrupted_decode_does_not_leak_into_the_next_image(decoder: Decoder) -> None:
    child = started(decoder)
    child.suspend()  # so that the answer is still to come when the interruption arrives

    def interrupt(*_: object) -> None:
        raise Interruption

    before = signal.signal(signal.SIGUSR1, interrupt)
    clock = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGUSR1))
    clock.start()
    try:
        with pytest.raises(Interruption):
            decoder.decode(png((200, 0, 0)))
    finally:
        clock.join()
        signal.signal(signal.SIGUSR1, before)
    if child.is_running():
        child.resume()
    assert_works(decoder)


def test_a_child_that_cannot_be_started_is_a_refusal(decoder: Decoder, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(sys, "executable", "/nowhere/python")
        with pytest.raises(ImageRefusedError) as caught:
            decoder.decode(png((1, 1, 1)))
    assert caught.value.code is RefusalCode.UNREADABLE
    assert_works(decoder)


def test_a_child_that_dies_before_the_image_is_not_the_images_fault(
    decoder: Decoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    popen = subprocess.Popen

    def start_dying(_: list[str], **options: object) -> object:
        return popen([sys.executable, "-c", "raise SystemExit(1)"], **options)  # type: ignore[call-overload]

    with monkeypatch.context() as patch:
        patch.setattr(subprocess, "Popen", start_dying)
        with pytest.raises(ImageRefusedError) as caught:
            decoder.decode(png((1, 1, 1)))
    assert caught.value.code is RefusalCode.UNREADABLE
    assert_works(decoder)


@linux
def test_a_tighter_limit_of_the_user_is_kept() -> None:
    program = (
        "import resource; resource.setrlimit(resource.RLIMIT_AS, (1200 * 2**20,) * 2)\n"
        "import sys; from noiselens_core.images import Decoder\n"
        "with Decoder() as decoder: print(decoder.decode(sys.stdin.buffer.read()).pixels.shape)"
    )
    ran = subprocess.run([sys.executable, "-c", program], input=png((1, 1, 1)), capture_output=True, check=False)
    assert ran.stdout == b"(32, 32, 3)\n", ran.stderr


def test_threads_share_one_child_and_each_gets_its_own_image(decoder: Decoder) -> None:
    child = started(decoder)
    colours = [(n, 255 - n, n // 2) for n in range(0, 240, 3)]
    with ThreadPoolExecutor(8) as pool:
        decoded = list(pool.map(lambda colour: decoder.decode(png(colour)), colours))
    for colour, image in zip(colours, decoded, strict=True):
        assert (image.pixels == colour).all()
    assert decoder.pid == child.pid


# --- limits ----------------------------------------------------------------------------------------------------


@linux
def test_the_child_runs_under_limits(decoder: Decoder) -> None:
    child = started(decoder)
    limits = Path(f"/proc/{child.pid}/limits").read_text()
    assert re.search(rf"Max address space +{MEMORY_BYTES} +{MEMORY_BYTES} ", limits)
    assert re.search(r"Max cpu time +1[12] +unlimited", limits)
    assert re.search(r"Max file size +0 +0 ", limits)
    assert re.search(r"Max core file size +0 +0 ", limits)
    assert "NoNewPrivs:\t1" in Path(f"/proc/{child.pid}/status").read_text()


@linux
def test_the_child_holds_no_file_of_ours_but_its_pipes(decoder: Decoder, tmp_path: Path) -> None:
    with (tmp_path / "secret").open("w"):
        child = started(decoder)
        targets = {str(link.readlink()) for link in Path(f"/proc/{child.pid}/fd").iterdir()}
        printed = Path(f"/proc/{child.pid}/fd/1").readlink()
    assert all(re.match(r"pipe:|/dev/null$", target) for target in targets), targets
    assert str(printed) == "/dev/null"  # what a library prints never gets between our answers


@linux
def test_the_child_stays_light(decoder: Decoder) -> None:
    child = started(decoder)
    loaded = Path(f"/proc/{child.pid}/maps").read_text()
    assert not re.search(r"torch|numpy|PySide6|cv2", loaded)
    assert child.memory_info().rss < 64 * 2**20


@linux
def test_the_largest_image_is_decoded_without_a_second_copy(decoder: Decoder) -> None:
    out = io.BytesIO()
    Image.new("RGB", (8000, 8000), "teal").save(out, "JPEG", quality=30)
    child = started(decoder)
    before = child.memory_info().rss
    assert decoder.decode(out.getvalue()).pixels.shape == (8000, 8000, 3)
    peak = int(re.findall(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{child.pid}/status").read_text())[0]) * 1024
    assert peak - before < 300 * 2**20  # Pillow itself takes 4 bytes a pixel: 244 MiB
    assert child.memory_info().rss - before < 32 * 2**20  # and gives them back


@linux
def test_more_memory_than_allowed_is_a_refusal(decoder: Decoder) -> None:
    child = started(decoder)
    resource = pytest.importorskip("resource")
    used = child.memory_info().vms
    resource.prlimit(child.pid, resource.RLIMIT_AS, (used + 32 * 2**20, MEMORY_BYTES))
    out = io.BytesIO()
    Image.new("RGB", (5000, 5000)).save(out, "PNG", compress_level=1)
    with pytest.raises(ImageRefusedError) as caught:
        decoder.decode(out.getvalue())
    assert caught.value.code is RefusalCode.TOO_MANY_PIXELS
    assert "memory" in str(caught.value)
    assert_works(decoder)


# --- lies ------------------------------------------------------------------------------------------------------

GOOD = '{"width": 32, "height": 32, "orientation": 1, "animated": false}'
LIES = {
    "nothing": "",
    "half a length": r"out.write(b'\0')",
    "a huge reply": r"out.write(b'\xff\xff\xff\xff')",
    "not JSON": "say('nonsense')",
    "not an object": "say('[1]')",
    "deep JSON": "say('[' * 4000)",
    "an unknown code": """say('{"refused": "because", "size": null}')""",
    "a sentence for a size": """say('{"refused": "too_many_pixels", "size": "call this number"}')""",
    "a picture of 10^18 pixels": """say('{"width": 1000000000, "height": 1000000000}')""",
    "a negative size": """say('{"width": -32, "height": -32}')""",
    "too few pixels": f"say('{GOOD}'); out.write(bytes(100))",
    "no trailer": f"say('{GOOD}'); out.write(bytes(32 * 32 * 3))",
    "an unknown note": (
        f"say('{GOOD}'); out.write(bytes(32 * 32 * 3));"
        """say('{"transparent": false, "notes": ["<b>pay here</b>"]}')"""
    ),
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
def test_a_child_that_talks_nonsense_is_not_believed(lie: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A child an image has taken over: a real process that answers as such a one might."""
    program = (
        "import struct, sys; out = sys.stdout.buffer\n"
        "def say(text): out.write(struct.pack('>I', len(text)) + text.encode())\n"
        f"out.write({READY!r}); out.flush()\nsys.stdin.buffer.read(8)\n{lie}\n"
    )
    popen = subprocess.Popen

    def start_liar(_: list[str], **options: object) -> object:
        return popen([sys.executable, "-c", program], **options)  # type: ignore[call-overload]

    with Decoder() as decoder:
        with monkeypatch.context() as patch:
            patch.setattr(subprocess, "Popen", start_liar)
            with pytest.raises(ImageRefusedError) as caught:
                decoder.decode(png((1, 1, 1)))
        assert caught.value.code is RefusalCode.DAMAGED
        assert str(caught.value).startswith("The image is damaged")
        assert_works(decoder)


def test_pixels_belong_to_the_caller(decoder: Decoder) -> None:
    first = decoder.decode(png((5, 6, 7)))
    first.pixels[:] = 0
    assert np.array_equal(decoder.decode(png((5, 6, 7))).pixels[0, 0], [5, 6, 7])


# --- noise -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "AVIF", "TIFF"])
def test_images_with_flipped_bytes_end_in_pixels_or_a_refusal(decoder: Decoder, kind: str) -> None:
    rng = np.random.default_rng(7)
    out = io.BytesIO()
    Image.fromarray(rng.integers(0, 255, (48, 48, 3), dtype=np.uint8)).save(out, kind)
    intact = np.frombuffer(out.getvalue(), np.uint8)
    child = started(decoder)
    codes = set()
    for round_ in range(60):
        data = intact.copy()
        reach = min(200, data.size) if round_ % 2 else data.size  # every second time only the header
        data[rng.integers(0, reach, 1 + round_ // 10)] = rng.integers(0, 256, 1 + round_ // 10)
        try:
            image = decoder.decode(data.tobytes())
            assert image.pixels.shape == (image.facts.height, image.facts.width, 3)
        except ImageRefusedError as refusal:
            codes.add(refusal.code)
    assert RefusalCode.TIMEOUT not in codes
    assert decoder.pid == child.pid
