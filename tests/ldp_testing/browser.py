"""A real Chromium without a window, driven through chromedriver's protocol (W3C WebDriver).

Each browser has an empty profile of its own and asks nobody on the network. Tests that need one are
skipped where it is not installed, but fail there in continuous integration.
"""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any, Final

import pytest

from ldp_testing.processes import read_until, unmeasured

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_ARGUMENTS: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_ANSWER_WITHIN_S: Final = 60
#: A phone: small, and with a touch screen's dense pixels.
PHONE: Final = (360, 740)
DESKTOP: Final = (1280, 900)


class Browser:
    """One browser with one page.

    Args:
        port: Where chromedriver listens on this machine.
        profile: An empty folder.
    """

    def __init__(self, port: int, profile: Path) -> None:
        self._port = port
        options = {"args": [*_ARGUMENTS, f"--user-data-dir={profile}"], "binary": _chromium()}
        capabilities = {"alwaysMatch": {"goog:chromeOptions": options}}
        self._session = (
            f"/session/{self._call('POST', '/session', capabilities=capabilities)['sessionId']}"
        )

    def close(self) -> None:
        """End the browser."""
        self._call("DELETE", self._session)

    def devtools(self, command: str, **parameters: Any) -> Any:
        """Send a command of the DevTools protocol."""
        return self._call(
            "POST", f"{self._session}/goog/cdp/execute", cmd=command, params=parameters
        )

    def look(self, *, size: tuple[int, int] = DESKTOP, dark: bool = False) -> None:
        """Take on the size of a device, and light or dark as its user likes it."""
        width, height = size
        self.devtools(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=2 if size == PHONE else 1,
            mobile=size == PHONE,
        )
        feature = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.devtools("Emulation.setEmulatedMedia", features=[feature])

    def refuse_scripts(self) -> None:
        """From now on, run no script of any page."""
        self.devtools("Emulation.setScriptExecutionDisabled", value=True)

    def open(self, url: str) -> None:
        """Open a page and wait until it has loaded."""
        self._call("POST", f"{self._session}/url", url=url)

    def ask(self, script: str) -> Any:
        """What a script returns, such as `return document.title`."""
        return self._call("POST", f"{self._session}/execute/sync", script=script, args=[])

    def screenshot(self, *, whole: bool = True) -> bytes:
        """A picture of the page, PNG; of what is in sight if it is not to be whole."""
        taken = self.devtools("Page.captureScreenshot", captureBeyondViewport=whole)
        return base64.b64decode(taken["data"])

    def printed(self) -> bytes:
        """The page as it would be printed, PDF."""
        return base64.b64decode(self._call("POST", f"{self._session}/print"))

    def _call(self, method: str, path: str, **members: Any) -> Any:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=_ANSWER_WITHIN_S)
        try:
            body = json.dumps(members) if method == "POST" else None
            connection.request(method, path, body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            value = json.loads(answer.read())["value"]
        finally:
            connection.close()
        assert answer.status == 200, value
        return value


@contextmanager
def browser(folder: Path) -> Iterator[Browser]:
    """A browser whose profile is in an empty folder; skips the test where there is none."""
    driver = _driver()
    process = subprocess.Popen(
        [driver, "--port=0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=unmeasured({**os.environ, "HOME": str(folder)}),
    )
    try:
        said = read_until(process.stdout, "started successfully on port")
        port = int(re.findall(r"on port (\d+)", said)[-1])
        started = Browser(port, folder / "profile")
        try:
            yield started
        finally:
            started.close()
    finally:
        process.terminate()
        process.communicate(timeout=_ANSWER_WITHIN_S)


def _driver() -> str:
    driver = shutil.which("chromedriver")
    if driver and _chromium():
        return driver
    reason = "Chromium and chromedriver are not installed (apt-get install chromium-driver)"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def _chromium() -> str:
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if (path := shutil.which(name))), "")
