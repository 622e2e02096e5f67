"""Content Credentials: what is told of a signed image, of a changed one, and that no socket is ever opened."""

from __future__ import annotations

import http.server
import io
import os
import shutil
import socketserver
import struct
import subprocess
import sys
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import c2pa
import numpy as np
import pytest
from PIL import Image

from noiselens_core.credentials import MIME, has_manifest, read_credentials
from noiselens_core.images import Decoder, Origin
from noiselens_core.places import HOME, signers_path
from noiselens_core.provenance import Fact
from noiselens_core.signers import SignersError, count_signers, keep_signers, put_signers

from .signing import make_signer, sign, usual_signer

SIDE = 48


def picture(form: str) -> bytes:
    pixels = np.random.default_rng(4).integers(0, 256, (SIDE, SIDE, 3), np.uint8)
    out = io.BytesIO()
    image = Image.fromarray(pixels)
    if form == "HEIC":
        import pillow_heif

        pillow_heif.from_pillow(image).save(out)
    else:
        image.save(out, form)
    return out.getvalue()


def facts(data: bytes) -> dict[str, Fact]:
    """Return the facts of an image, by key, as a fresh child finds them."""
    with Decoder() as decoder:
        found = decoder.decode(data, Origin.FILE).facts.provenance
    assert len({fact.key for fact in found}) == len(found)
    return {fact.key: fact for fact in found}


@pytest.mark.parametrize("form", sorted(MIME))
def test_a_signed_image_tells_signer_program_and_origin(form: str) -> None:
    found = facts(sign(picture(form), MIME[form]))
    assert list(found) == ["c2pa_unknown", "c2pa_signer", "c2pa_generator", "c2pa_origin"]
    assert found["c2pa_unknown"].value == "Valid, signer unknown"
    assert found["c2pa_signer"].value == "Camera 7, Test Press"
    assert found["c2pa_generator"].value == "Imager 1.2"
    assert found["c2pa_origin"].value == "Made by a generative model (trainedAlgorithmicMedia)"
    assert {fact.source for fact in found.values()} == {"C2PA manifest in the file"}


def test_a_signer_on_the_users_list_is_trusted_and_another_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger = make_signer("Stranger")
    monkeypatch.setenv(HOME, str(tmp_path))
    chosen = tmp_path / "chosen.pem"
    chosen.write_bytes(usual_signer().root)
    assert keep_signers(chosen) == count_signers() == 1
    assert "c2pa_trusted" in facts(sign(picture("PNG"), "image/png"))
    assert "c2pa_unknown" in facts(sign(picture("PNG"), "image/png", stranger))
    put_signers("")
    assert count_signers() == 0
    assert "c2pa_unknown" in facts(sign(picture("PNG"), "image/png"))


@pytest.mark.parametrize("content", [b"no certificate", b"\xff\xfe", b"", b"-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_a_list_that_holds_no_certificates_trusts_nobody(
    content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(HOME, str(tmp_path))
    chosen = tmp_path / "chosen.pem"
    chosen.write_bytes(content)
    with pytest.raises(SignersError, match=r"chosen\.pem holds no certificates\. Choose a PEM file"):
        keep_signers(chosen)
    assert not signers_path().exists()
    signers_path().parent.mkdir()
    signers_path().write_bytes(content)  # damaged since
    assert not {"c2pa_trusted"} & set(facts(sign(picture("JPEG"), "image/jpeg")))


def changed_pixels(signed: bytes) -> bytes:
    """Return a signed JPEG with one bit of its picture turned, which still decodes."""
    at = len(signed) - 200
    return signed[:at] + bytes([signed[at] ^ 1]) + signed[at + 1 :]


def test_a_changed_picture_is_told_and_its_claims_are_not() -> None:
    found = facts(changed_pixels(sign(picture("JPEG"), "image/jpeg")))
    assert list(found) == ["c2pa_changed"]
    assert "changed after it was signed" in found["c2pa_changed"].meaning


def test_a_changed_claim_is_told_and_not_believed() -> None:
    signed = sign(picture("JPEG"), "image/jpeg", generator="Imager")
    forged = signed.replace(b"Imager", b"Camera")
    assert forged != signed
    found = facts(forged)
    assert len(found) == 1
    assert set(found) <= {"c2pa_changed", "c2pa_invalid"}
    assert "Camera" not in str(found)


def test_a_manifest_moved_to_another_picture_does_not_fit_it() -> None:
    signed, other = sign(picture("PNG"), "image/png"), io.BytesIO()
    Image.new("RGB", (SIDE, SIDE), "teal").save(other, "PNG")
    stolen = signed[33 : signed.index(b"IDAT") - 4]  # every chunk between header and pixels
    assert b"caBX" in stolen
    plain = other.getvalue()
    assert list(facts(plain[:33] + stolen + plain[33:])) == ["c2pa_changed"]


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def manifest() -> bytes:
    """Return the JUMBF boxes of a signed image."""
    signed = sign(picture("PNG"), "image/png")
    at = signed.index(b"caBX")
    return signed[at + 4 : at + 4 + int.from_bytes(signed[at - 4 : at], "big")]


def after_the_end(form: str) -> bytes:
    """Return an image with a whole manifest behind its last byte, dressed as the format dresses one."""
    boxes, plain = manifest(), picture(form)
    tail = {
        "PNG": chunk(b"caBX", boxes),
        "JPEG": b"\xff\xeb"
        + struct.pack(">H", len(boxes) + 10)
        + b"JP"
        + struct.pack(">HI", 1, 1)
        + boxes
        + b"\xff\xd9",
        "WEBP": b"C2PA" + struct.pack("<I", len(boxes)) + boxes,
        "GIF": b"\x21\xff\x0bC2PA_GIF\1\0\0\xff" + boxes[:255] + b"\0;",
        "TIFF": boxes,
    }
    return plain + tail[form]


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF", "TIFF"])
def test_a_manifest_behind_the_end_of_the_picture_is_not_believed(form: str) -> None:
    assert not has_manifest(form, after_the_end(form))
    assert facts(after_the_end(form)) == {}


@pytest.mark.parametrize("form", sorted(MIME))
def test_a_manifest_is_found_in_its_place_and_only_there(form: str) -> None:
    plain = picture(form)
    signed = sign(plain, MIME[form])
    assert has_manifest(form, signed)
    assert not has_manifest(form, plain)
    for cut in range(0, min(len(plain), 400)):
        has_manifest(form, plain[:cut])  # never raises
    assert not has_manifest("BMP", signed)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF"])
def test_a_garbled_manifest_is_unreadable_or_invalid_and_the_picture_stands(form: str) -> None:
    signed = bytearray(sign(picture(form), MIME[form]))
    at = signed.index(b"jumb")
    seen = set()
    with Decoder() as decoder:
        for step in range(24):
            data = bytearray(signed)
            data[at + 9 * step : at + 9 * step + 5] = b"\xff\x7f\xff\xff\xff"
            if form == "PNG":  # a chunk's checksum is right however hostile its content is
                begin = data.index(b"caBX")
                length = int.from_bytes(data[begin - 4 : begin], "big")
                end = begin + 4 + length
                data[end : end + 4] = struct.pack(">I", zlib.crc32(bytes(data[begin:end])))
            image = decoder.decode(bytes(data))
            assert image.pixels.shape == (SIDE, SIDE, 3)
            seen |= {fact.key for fact in image.facts.provenance}
    assert seen <= {"c2pa_unreadable", "c2pa_invalid", "c2pa_changed"}
    assert seen


@contextmanager
def listening() -> Iterator[tuple[str, list[str]]]:
    """Serve on this machine; yield the address and the list of what was asked of it."""
    asked: list[str] = []

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        do_POST = do_GET

        def log_message(self, format: str, *args: object) -> None:
            del format, args

    with socketserver.TCPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", asked
        finally:
            server.shutdown()
            thread.join()


def test_credentials_kept_elsewhere_are_named_and_not_fetched() -> None:
    with listening() as (address, asked):
        data = sign(picture("JPEG"), "image/jpeg", remote=f"{address}/manifest.c2pa", embed=False)
        with pytest.raises(c2pa.C2paError):  # left to itself the library asks, so this server would notice
            c2pa.Reader("image/jpeg", io.BytesIO(data))
        assert asked == ["/manifest.c2pa"]
        asked.clear()
        found = facts(data)
        assert list(found) == ["c2pa_remote"]
        assert found["c2pa_remote"].value == f"{address}/manifest.c2pa"
        assert asked == []


def test_credentials_that_were_checked_are_not_also_called_unchecked() -> None:
    found = facts(sign(picture("JPEG"), "image/jpeg", remote="https://example.org/manifest.c2pa"))
    assert "c2pa_unknown" in found
    assert "c2pa_remote" not in found


def test_a_certificate_is_not_looked_up_for_revocation() -> None:
    with listening() as (address, asked):
        data = sign(picture("PNG"), "image/png", make_signer(ocsp=f"{address}/ocsp"))
        assert "c2pa_unknown" in facts(data)
        assert asked == []


@pytest.mark.skipif(sys.platform != "linux" or not shutil.which("strace"), reason="needs strace")
@pytest.mark.parametrize("kind", ["embedded", "remote", "ocsp"])
def test_no_socket_is_opened_as_the_kernel_sees_it(kind: str, tmp_path: Path) -> None:
    address = "http://127.0.0.1:9/m"
    data = sign(
        picture("PNG"),
        "image/png",
        make_signer(ocsp=address) if kind == "ocsp" else None,
        address if kind == "remote" else None,
        embed=kind != "remote",
    )
    image, log = tmp_path / "image.png", tmp_path / "calls"
    image.write_bytes(data)
    program = (
        "import sys; from pathlib import Path; from noiselens_core import credentials;"
        "print(credentials.read_credentials('PNG', Path(sys.argv[1]).read_bytes()))"
    )
    told = subprocess.run(
        ["strace", "-f", "-e", "trace=socket,connect", "-o", log, sys.executable, "-c", program, image],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "core")},
    )
    assert ("c2pa" in told.stdout) == (kind != "remote")
    assert "AF_INET" not in log.read_text()


@pytest.mark.skipif(sys.platform == "win32", reason="the limit is POSIX")
def test_the_library_could_open_no_socket_even_if_it_wanted_to(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    reports: list[str] = []

    def read_and_dial(self: c2pa.Reader) -> str:
        try:
            socket.socket().close()
            reports.append("opened")
        except OSError as error:
            reports.append(str(error))
        return "{}"

    monkeypatch.setattr(c2pa.Reader, "json", read_and_dial)
    read_credentials("PNG", sign(picture("PNG"), "image/png"))
    assert len(reports) == 1
    assert "Too many open files" in reports[0]
    socket.socket().close()  # and afterwards it may again
