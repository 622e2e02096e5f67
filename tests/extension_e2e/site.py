"""A web server on loopback for the pages and images that the browsers are shown."""

from __future__ import annotations

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Site:
    """A web server on loopback; what it serves is set path by path.

    Attributes:
        port: its port.
        asked: every path asked for, in order.
        by_pages: for each of them, whether a page asked for an image: the extension itself accepts no SVG.
        referers: for each of them, its Referer.
        guests: what a Referer must begin with to be given anything.
        delay_s: seconds before each answer.
        open: while it is not set, every answer waits for it.
    """

    def __init__(self, port: int = 0) -> None:
        self.asked: list[str] = []
        self.by_pages: list[bool] = []
        self.referers: list[str] = []
        self.guests = ""
        self.delay_s = 0.0
        self.open = threading.Event()
        self.open.set()
        self._contents: dict[str, tuple[str, bytes, dict[str, str]]] = {}
        self._moved: dict[str, str] = {}
        self._refused: dict[str, int] = {}
        self._broken: set[str] = set()
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append(self.path)
                referer = self.headers["Referer"] or ""
                site.referers.append(referer)
                site.by_pages.append("svg" in (self.headers["Accept"] or ""))
                time.sleep(site.delay_s)
                site.open.wait()
                if self.path in site._moved:
                    self.send_response(302)
                    self.send_header("Location", site._moved[self.path])
                    self.end_headers()
                    return
                mime, content, headers = site._contents.get(self.path, ("", b"", {}))
                if not referer.startswith(site.guests):
                    mime, content = "", b""
                self.send_response(site._refused.get(self.path, 200 if mime else 404))
                self.send_header("Content-Type", mime or "text/plain")
                self.send_header("Content-Length", str(len(content)))
                for name, value in ({"Cache-Control": "no-store"} | headers).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content[: len(content) // 2] if self.path in site._broken else content)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def put(self, path: str, content: bytes, mime: str, **headers: str) -> str:
        """Serve content under path, with further headers; return its address."""
        self._contents[path] = (mime, content, {name.replace("_", "-"): value for name, value in headers.items()})
        return self.url(path)

    def move(self, path: str, target: str) -> str:
        """Answer path with a redirect to target; return its address."""
        self._moved[path] = target
        return self.url(path)

    def refuse(self, path: str, status: int) -> None:
        """Answer path with this status and no content."""
        self._refused[path] = status

    def break_off(self, path: str) -> None:
        """Send but the first half of what is served under path."""
        self._broken.add(path)

    def put_page(self, path: str, body: str, **headers: str) -> str:
        """Serve a page with this body and further headers; return its address."""
        head = "<!doctype html><meta charset=utf-8><title>Page</title>"
        return self.put(path, f"{head}{body}".encode(), "text/html", **headers)

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def close(self) -> None:
        self.open.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
