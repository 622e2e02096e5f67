"""A real Firefox driven over WebDriver BiDi: no geckodriver, only a WebSocket."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

EXTENSION_UUID = "5f0c3c5e-8f0f-4d6b-9a51-1c2d3e4f5a6b"
GECKO_ID = "noiselens@noiselens.invalid"
PUBLIC_HOST = "public.example"
ORIGIN = f"moz-extension://{EXTENSION_UUID}"
_PREFERENCES: dict[str, object] = {
    "extensions.webextensions.uuids": json.dumps({GECKO_ID: EXTENSION_UUID}),
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.homepage_override.mstone": "ignore",
    "datareporting.policy.dataSubmissionEnabled": False,
    "toolkit.telemetry.reportingpolicy.firstRun": False,
    "app.update.auto": False,
    "app.normandy.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "services.settings.server": "data:,",
    "dom.security.https_first_pbm": False,
    "network.dns.localDomains": PUBLIC_HOST,  # on this machine, but no address the extension may read by itself
}


_EXTENSION = f'WebExtensionPolicy.getByID("{GECKO_ID}").extension'
_MENU = 'Services.wm.getMostRecentWindow("navigator:browser").document.getElementById("contentAreaContextMenu")'
_OURS = "(entry) => !entry.hidden && /NoiseLens/.test(entry.label)"
_ENTRIES = f"[...{_MENU}.querySelectorAll('menuitem')].filter({_OURS})"


def _walk(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    value = node.get("value", {})
    inner = [*value.get("children", []), *([value["shadowRoot"]] if value.get("shadowRoot") else [])]
    for child in inner:
        yield from _walk(child)


def _words(node: dict[str, Any]) -> str:
    return "\n".join(inner["value"]["nodeValue"] for inner in _walk(node) if inner["value"]["nodeType"] == 3)


class BidiError(Exception):
    """The browser refused a command, or a script in it threw."""


class Firefox:
    """One Firefox with a profile of its own and the extension in it."""

    def __init__(self, program: str, profile: Path, extension: Path) -> None:
        """Start it; a few seconds."""
        profile.mkdir(parents=True, exist_ok=True)
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in _PREFERENCES.items()]
        (profile / "user.js").write_text("\n".join(lines), "utf-8")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = [program, "--headless", "--no-remote", "--profile", str(profile)]
        command += ["--remote-debugging-port", str(port), "--remote-allow-system-access"]
        environment = os.environ | {"HOME": str(profile)}
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
        self._opened = ExitStack()
        try:
            self._connection = self._connect(port)
            self._last_id = 0
            self.send("session.new", capabilities={})
            self.send("webExtension.install", extensionData={"type": "path", "path": str(extension)})
        except BaseException:
            self.close()
            raise

    def _connect(self, port: int) -> ClientConnection:
        deadline = time.monotonic() + 60
        while True:
            try:
                return self._opened.enter_context(connect(f"ws://127.0.0.1:{port}/session", max_size=None, proxy=None))
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Return the result of one command. Raises BidiError."""
        self._last_id += 1
        self._connection.send(json.dumps({"id": self._last_id, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._connection.recv(timeout=120))
            if message.get("id") != self._last_id:
                continue  # an event
            if message["type"] == "error":
                raise BidiError(f"{method}: {message['error']}: {message['message']}")
            result: dict[str, Any] = message["result"]
            return result

    def open(self, url: str) -> str:
        """Open an address in a new tab; return the tab's context."""
        context: str = self.send("browsingContext.create", type="tab")["context"]
        self.send("browsingContext.navigate", context=context, url=url, wait="complete")
        return context

    def close_tab(self, context: str) -> None:
        self.send("browsingContext.close", context=context)

    def tabs(self) -> list[str]:
        """Return the contexts of all tabs, of private windows too."""
        return [tab["context"] for tab in self.send("browsingContext.getTree")["contexts"]]

    def click(self, context: str, x: int, y: int, *, button: int = 0) -> None:
        """Press and release a mouse button in a tab, at CSS pixels of its window; 2 is the right one."""
        self.send("browsingContext.activate", context=context)
        steps: list[dict[str, object]] = [{"type": "pointerMove", "x": x, "y": y}]
        steps += [{"type": kind, "button": button} for kind in ("pointerDown", "pointerUp")]
        mouse = {"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": steps}
        self.send("input.performActions", context=context, actions=[mouse])

    def point(self, context: str, x: int, y: int) -> None:
        """Move the mouse to a place in a tab."""
        self.send("browsingContext.activate", context=context)
        steps = [{"type": "pointerMove", "x": x, "y": y}]
        mouse = {"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": steps}
        self.send("input.performActions", context=context, actions=[mouse])

    def press(self, context: str, *keys: str) -> None:
        """Press keys in a tab one after another, by WebDriver's characters for them."""
        steps = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        board = {"type": "key", "id": "keyboard", "actions": steps}
        self.send("input.performActions", context=context, actions=[board])

    def press_shortcut(self, context: str, letter: str) -> None:
        """Press Alt, Shift and a letter in the window of a tab: BiDi's own keys reach the page alone."""
        self.send("browsingContext.activate", context=context)
        pressed = json.dumps(
            [["Alt", "AltLeft", 18], ["Shift", "ShiftLeft", 16], [letter, f"Key{letter}", ord(letter)]]
        )
        self.system(
            f"""(() => {{
                const window = Services.wm.getMostRecentWindow("navigator:browser");
                const keyboard = Cc["@mozilla.org/text-input-processor;1"].createInstance(Ci.nsITextInputProcessor);
                keyboard.beginInputTransactionForTests(window);
                const make = ([key, code, keyCode]) => new window.KeyboardEvent("", {{ key, code, keyCode }});
                const keys = {pressed}.map(make);
                keys.forEach((key) => keyboard.keydown(key));
                keys.reverse().forEach((key) => keyboard.keyup(key));
                return null;
            }})()"""
        )

    def badge(self, context: str) -> dict[str, Any] | None:
        """Return the words on a tab's badge and in its panel, and whether that is open: read past the closed root."""
        answer = self.send(
            "script.evaluate",
            expression="document.documentElement",
            target={"context": context},
            awaitPromise=False,
            serializationOptions={"maxDomDepth": 20, "includeShadowTree": "all"},
        )
        for node in _walk(answer["result"]):
            root = node.get("value", {}).get("shadowRoot")
            if root and root["value"]["mode"] == "closed":
                pill, panel = root["value"]["children"]
                is_open = pill["value"]["attributes"]["aria-expanded"] == "true"
                return {"pill": _words(pill), "panel": _words(panel), "is_open": is_open}
        return None

    def menu(self, context: str, x: int, y: int) -> list[str]:
        """Open the context menu of a place in a tab; return the words of the extension's entries in it."""
        self.click(context, x, y, button=2)
        deadline = time.monotonic() + 10
        while self.system(f"{_MENU}?.state") != "open":
            assert time.monotonic() < deadline, "no menu"
            time.sleep(0.05)
        entries: list[str] = self.system(f"{_ENTRIES}.map(({{ label }}) => label)")
        return entries

    def choose(self, label: str) -> None:
        """Choose an entry of the extension in the open menu, in its menu of their own where there are several."""
        self.system(
            f"""(async () => {{
                const entry = {_ENTRIES}.find((known) => known.label === {json.dumps(label)});
                const own = entry.parentNode;
                if (own !== {_MENU} && own.state !== "open") {{
                    const shown = new Promise((done) => own.addEventListener("popupshown", done, {{ once: true }}));
                    own.parentNode.openMenu(true);
                    await shown;
                }}
                own.activateItem(entry);
                return null;
            }})()"""
        )

    def close_menu(self) -> None:
        self.system(f"{_MENU}.hidePopup()")

    def stop_background(self) -> None:
        """End the extension's event page, as Firefox does when it has been idle, whatever it is doing."""
        options = "{ ignoreDevToolsAttached: true, disableResetIdleForTest: true }"
        self.system(f"{_EXTENSION}.terminateBackground({options})")
        assert self.system(f"{_EXTENSION}.backgroundState") == "stopped"

    def open_private(self, url: str) -> str:
        """Open an address in a private window; return its tab."""
        before = set(self.tabs())
        self.system("OpenBrowserWindow({ private: true }) && null")
        deadline = time.monotonic() + 20
        while not (fresh := set(self.tabs()) - before):
            assert time.monotonic() < deadline, "no private window"
            time.sleep(0.1)
        (context,) = fresh
        while self.evaluate(context, "document.URL + document.readyState") != "about:privatebrowsingcomplete":
            assert time.monotonic() < deadline, "the private window does not begin"
            time.sleep(0.05)
        self.send("browsingContext.navigate", context=context, url=url, wait="complete")
        # Until it has painted it takes no mouse.
        self.evaluate(context, "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        return context

    def allow_private(self) -> None:
        """Let the extension into private windows, as the user does in about:addons; it starts anew."""
        self.system(
            f"""(async () => {{
                const {{ ExtensionPermissions }} = ChromeUtils.importESModule(
                    "resource://gre/modules/ExtensionPermissions.sys.mjs");
                const rights = {{ permissions: ["internal:privateBrowsingAllowed"], origins: [] }};
                await ExtensionPermissions.add("{GECKO_ID}", rights);
                await (await AddonManager.getAddonByID("{GECKO_ID}")).reload();
            }})()"""
        )

    def allow(self, *, permissions: Sequence[str] = (), origins: Sequence[str] = ()) -> None:
        """Give the extension rights, as the user does when asked."""
        rights = json.dumps({"permissions": permissions, "origins": origins})
        self.system(
            f"""(async () => {{
                const {{ ExtensionPermissions }} = ChromeUtils.importESModule(
                    "resource://gre/modules/ExtensionPermissions.sys.mjs");
                await ExtensionPermissions.add("{GECKO_ID}", {rights}, {_EXTENSION});
            }})()"""
        )

    def system(self, expression: str) -> Any:
        """Return the JSON value of an expression of the browser itself, in the window in front."""
        windows = self.send("browsingContext.getTree", **{"moz:scope": "chrome"})["contexts"]
        return self.evaluate(windows[-1]["context"], expression)

    def evaluate(self, context: str, expression: str) -> Any:
        """Return the JSON value of an expression, awaited, in a tab. Raises BidiError."""
        answer = self.send(
            "script.evaluate",
            expression=f"(async () => JSON.stringify(await ({expression})))()",
            target={"context": context},
            awaitPromise=True,
            userActivation=True,
        )
        if answer["type"] == "exception":
            raise BidiError(answer["exceptionDetails"]["text"])
        value = answer["result"].get("value")
        return None if value is None else json.loads(value)

    def close(self) -> None:
        self._opened.close()
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
