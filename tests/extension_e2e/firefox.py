"""A real Firefox driven over WebDriver BiDi: no geckodriver, only a WebSocket."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

EXTENSION_UUID = "5f0c3c5e-8f0f-4d6b-9a51-1c2d3e4f5a6b"
GECKO_ID = "noiselens@noiselens.invalid"
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
}


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
