"""A real Chromium for the tests of the report: started once, driven over its DevTools pipe.

Method: --remote-debugging-pipe. The browser reads commands from its descriptor 3 and writes answers
to its descriptor 4, each a JSON text with a zero byte behind it, so no port is opened. The browser
ends when the pipe is closed, and thus with the tests.
What it does NOT show: how other browsers draw the page.
"""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ANSWER_S_MOST = 120.0
FLAGS = (
    "--headless",
    "--no-sandbox",  # the page is ours, and root cannot have the sandbox
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND",  # nothing is fetched, whatever a page asks for
    "--hide-scrollbars",
    "--force-color-profile=srgb",
    "--remote-debugging-pipe",
)


def chromium_binary() -> str | None:
    """The path of an installed Chromium or Chrome; None where there is none."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class Browser:
    """One tab. Every wait is bounded: TimeoutError when the browser is silent for too long."""

    def __init__(self, write_fd: int, read_fd: int) -> None:
        self._write_fd, self._read_fd = write_fd, read_fd
        self._number, self._left = 0, b""
        self._session = ""
        target = self._send("Target.createTarget", url="about:blank")["targetId"]
        made = self._send("Target.attachToTarget", targetId=target, flatten=True)
        self._session = made["sessionId"]
        self._send("Page.enable")

    def open(self, page: Path) -> None:
        """Load a file, and wait until it is complete."""
        self._send("Page.navigate", url=page.resolve().as_uri())
        self.wait("document.readyState === 'complete' && location.protocol === 'file:'")

    def look(
        self, *, width: int, height: int = 900, dark: bool = False, printed: bool = False
    ) -> None:
        """Set the size of the window in CSS pixels, the preferred colour scheme, the medium."""
        self._send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._send(
            "Emulation.setEmulatedMedia", media="print" if printed else "", features=[scheme]
        )

    def value(self, expression: str) -> Any:
        """The JSON-able value of a JavaScript expression; a promise is awaited. AssertionError with
        the browser's words where it throws."""
        answer = self._send(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in answer, json.dumps(answer["exceptionDetails"])[:800]
        return answer["result"].get("value")

    def wait(self, condition: str) -> None:
        """Until a JavaScript condition holds."""
        end = time.monotonic() + ANSWER_S_MOST
        while not self.value(condition):
            if time.monotonic() > end:
                raise TimeoutError(f"never true in the page: {condition}")
            time.sleep(0.02)

    def press(self, key: str, code: int, text: str = "") -> None:
        """One key, for example ("Tab", 9), or with the text that it types ("Enter", 13, "\\r")."""
        for kind in ("keyDown" if text else "rawKeyDown", "keyUp"):
            facts = {"key": key, "code": key, "windowsVirtualKeyCode": code}
            typed = {"text": text} if text and kind == "keyDown" else {}
            self._send("Input.dispatchKeyEvent", type=kind, **facts, **typed)

    def picture(self, path: Path, *, whole: bool = False) -> None:
        """Write what is seen as PNG; whole: the page from top to end."""
        answer = self._send("Page.captureScreenshot", captureBeyondViewport=whole, format="png")
        path.write_bytes(base64.b64decode(answer["data"]))

    def printed(self, path: Path) -> None:
        """Write the page as it is printed on A4."""
        answer = self._send(
            "Page.printToPDF", paperWidth=8.27, paperHeight=11.69, preferCSSPageSize=True
        )
        path.write_bytes(base64.b64decode(answer["data"]))

    def _send(self, method: str, **params: Any) -> dict[str, Any]:
        self._number += 1
        asked: dict[str, Any] = {"id": self._number, "method": method, "params": params}
        if self._session:
            asked["sessionId"] = self._session
        left = memoryview(json.dumps(asked).encode() + b"\0")
        while left:
            left = left[os.write(self._write_fd, left) :]
        end = time.monotonic() + ANSWER_S_MOST
        while True:
            answer = self._next(end)
            if answer.get("id") == self._number:
                assert "error" not in answer, f"{method}: {answer['error']}"
                result: dict[str, Any] = answer["result"]
                return result

    def _next(self, end: float) -> dict[str, Any]:
        parts = [self._left]
        while b"\0" not in parts[-1]:
            ready, _, _ = select.select([self._read_fd], [], [], max(0.0, end - time.monotonic()))
            if not ready:
                raise TimeoutError(f"Chromium said nothing for {ANSWER_S_MOST:g} s")
            read = os.read(self._read_fd, 1 << 20)
            if not read:
                raise ConnectionError("Chromium ended before it answered")
            parts.append(read)
        one, _, self._left = b"".join(parts).partition(b"\0")
        answer: dict[str, Any] = json.loads(one)
        return answer


@contextmanager
def browser(profile: Path) -> Iterator[Browser]:
    """A running browser with an empty profile in this folder. FileNotFoundError without one."""
    binary = chromium_binary()
    if binary is None:
        raise FileNotFoundError(f"none of {', '.join(NAMES)} is on PATH")
    to_read, write_fd = os.pipe()
    read_fd, to_write = os.pipe()
    script = f'exec "$0" "$@" 3<&{to_read} 4>&{to_write}'
    command = ["bash", "-c", script, binary, *FLAGS, f"--user-data-dir={profile}", "about:blank"]
    with (profile.parent / f"{profile.name}.log").open("wb") as log:
        process = subprocess.Popen(command, pass_fds=(to_read, to_write), stdout=log, stderr=log)
    os.close(to_read)
    os.close(to_write)
    try:
        yield Browser(write_fd, read_fd)
    finally:
        os.close(write_fd)
        os.close(read_fd)
        try:
            process.wait(20.0)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
