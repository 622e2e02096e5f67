"""`noiselens browsers`: which browsers are paired, and which know of NoiseLens so that pairing needs nothing typed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from noiselens_core.errors import NoiseLensError
from noiselens_core.text import path_text, printable

from . import settings
from .bridge import manifests
from .bridge.manifests import BROWSERS, Browser
from .bridge.pairing import BrowserKey, KeyStore
from .bridge.protocol import EXTENSION_ORIGIN

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="The browsers NoiseLens is paired with, and those that know of it.",
)

Names = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[BROWSER...]", show_default=False, help=f"{', '.join(b.name for b in BROWSERS)}; or all found."
    ),
]
Folder = Annotated[
    Path | None, typer.Option(metavar="FOLDER", help="For one browser that looks for its manifests elsewhere.")
]
KeyId = Annotated[str, typer.Argument(metavar="ID", show_default=False, help="As `noiselens browsers list` shows it.")]


def run_browsers(arguments: Sequence[str]) -> int:
    """Run `noiselens browsers` with these arguments. Raises NoiseLensError."""
    try:
        app(list(arguments), prog_name="noiselens browsers")
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


@app.command()
def install(names: Names = None, folder: Folder = None) -> None:
    """Tell browsers of NoiseLens, so that its extension can be paired with nothing typed."""
    browsers = _chosen(names, folder)
    for manifest in manifests.install(browsers, folder):
        typer.echo(f"Written: {path_text(manifest)}")
    titles = ", ".join(browser.title for browser in browsers)
    typer.echo(f"{titles}: now press “Pair with the app on this computer” in the extension's options.")


@app.command()
def remove(names: Names = None, folder: Folder = None) -> None:
    """Take that back. Browsers that are paired stay paired."""
    removed = manifests.remove(_chosen(names, folder) if names or folder else BROWSERS, folder)
    for manifest in removed:
        typer.echo(f"Removed: {path_text(manifest)}")
    if not removed:
        typer.echo("There was nothing to remove.")


@app.command("list")
def print_list() -> None:
    """Show the paired browsers, and those that know of NoiseLens."""
    keys = _keys().paired()
    typer.echo("Paired:" if keys else "No browser is paired yet.")
    for key in keys:
        kind = "Chromium" if key.origin == EXTENSION_ORIGIN else "Firefox"
        typer.echo(f"  {key.id}  {printable(key.name)}  ({kind}, since {key.created[:10]})")
    typer.echo("Can be paired with nothing typed:")
    for browser in BROWSERS:
        state = "yes" if manifests.is_installed(browser) else f"not yet: noiselens browsers install {browser.name}"
        typer.echo(f"  {browser.title}: {state}")


@app.command()
def rename(key_id: KeyId, name: Annotated[str, typer.Argument(metavar="NAME", show_default=False)]) -> None:
    """Call a paired browser by another name."""
    keys = _keys()
    key = _known(keys, key_id)
    if not name.strip():
        raise NoiseLensError("Give the browser a name.")
    keys.rename(key.id, name.strip())
    typer.echo(f"{printable(key.name)} is now called {printable(name.strip())}.")


@app.command()
def revoke(key_id: KeyId) -> None:
    """Forget a paired browser; its open connections end within a second."""
    keys = _keys()
    key = _known(keys, key_id)
    keys.revoke(key.id)
    typer.echo(f"{printable(key.name)} is not paired any more.")


def _keys() -> KeyStore:
    return KeyStore(settings.keys_path())


def _known(keys: KeyStore, key_id: str) -> BrowserKey:
    key = keys.get(key_id)
    if key is None:
        raise NoiseLensError(f"There is no paired browser '{key_id}'. To see them: noiselens browsers list")
    return key


def _chosen(names: list[str] | None, folder: Path | None) -> list[Browser]:
    known = {browser.name: browser for browser in BROWSERS}
    for name in names or ():
        if name not in known:
            raise NoiseLensError(f"'{name}' is none of the browsers NoiseLens knows: {', '.join(known)}.")
    if folder and len(names or ()) != 1:
        raise NoiseLensError("With --folder name the one browser it belongs to.")
    browsers = [known[name] for name in names] if names else manifests.found()
    if not browsers:
        raise NoiseLensError(f"No browser was found. Name one: {', '.join(known)}.")
    return browsers
