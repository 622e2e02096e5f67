"""The user's list of signers whose Content Credentials are trusted: our own copy of a PEM file of theirs."""

from __future__ import annotations

import ssl
from pathlib import Path

from .errors import NoiseLensError
from .places import signers_path

MAX_BYTES = 2**20


class SignersError(NoiseLensError):
    """A list of signers that cannot be used or kept."""


def read_signers() -> str:
    """Return the list in force as PEM text, "" when there is none or it cannot be read."""
    try:
        return _read(signers_path())
    except (OSError, UnicodeDecodeError):
        return ""


def count_signers() -> int:
    """Return how many certificates the list in force holds."""
    return _count(read_signers())


def keep_signers(file: Path) -> int:
    """Make this PEM file the list in force; return how many certificates it holds. Raises SignersError."""
    try:
        text = _read(file)
    except OSError as error:
        raise SignersError(f"{file.name} cannot be read ({error.strerror}). Choose another file.") from error
    except UnicodeDecodeError:
        text = ""
    if not _count(text):
        raise SignersError(f"{file.name} holds no certificates. Choose a PEM file: text with BEGIN CERTIFICATE in it.")
    return put_signers(text)


def put_signers(text: str) -> int:
    """Make this PEM text the list in force, "" for none; return how many certificates it holds. Raises SignersError."""
    place = signers_path()
    part = place.with_suffix(".part")
    try:
        if text:
            place.parent.mkdir(parents=True, exist_ok=True)
            part.write_text(text, "ascii")
            part.replace(place)
        else:
            place.unlink(missing_ok=True)
    except OSError as error:
        raise _not_kept(error) from error
    return _count(text)


def _read(file: Path) -> str:
    with file.open("rb") as opened:
        return opened.read(MAX_BYTES).decode("ascii")


def _count(text: str) -> int:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(cadata=text)
    except (ssl.SSLError, ValueError):
        return 0
    return context.cert_store_stats()["x509"]


def _not_kept(error: OSError) -> SignersError:
    return SignersError(
        f"The list of trusted signers cannot be changed ({error.strerror}). "
        f"Check that you may write to {signers_path()}."
    )
