"""Firefox, driven over its own Marionette with the standard library alone.

Marionette has WebDriver's commands by other names, as JSON with its length in front.
"""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

from twisted.trial.unittest import SkipTest

from tests.chat.web.webdriver import TIMEOUT, DriverError, Window
from tests.folders import folderFor

# No calls home, no first run; any port.
_PREFERENCES = {
    "marionette.port": 0,
    "app.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.getAddons.cache.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "toolkit.telemetry.enabled": False,
}

_CONSOLE = """
    return Services.console.getMessageArray()
      .filter((each) => each instanceof Ci.nsIScriptError)
      .filter((each) => String(each.sourceName).startsWith("http://127.0.0.1"))
      .map((each) => each.errorMessage);
"""


class Firefox(Window):
    """A Firefox with one window; see L{Window}.

    @param case: the test that it is closed after.
    """

    def __init__(self, case: Any, url: str) -> None:
        program = shutil.which("firefox-esr") or shutil.which("firefox")
        if program is None:
            raise SkipTest("there is no firefox here")
        profile = Path(folderFor(case))
        lines = (
            f"user_pref({json.dumps(name)}, {json.dumps(value)});\n"
            for name, value in _PREFERENCES.items()
        )
        profile.joinpath("user.js").write_text("".join(lines))
        words = ("--headless", "--no-remote", "--marionette", "--profile", str(profile))
        self._process = subprocess.Popen(
            [program, *words, "--remote-allow-system-access"],
            env={"HOME": str(profile), "PATH": "/usr/bin:/bin", "MOZ_HEADLESS": "1"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        case.addCleanup(self._end)
        port = self._portIn(profile / "MarionetteActivePort")
        self._connection = socket.create_connection(("127.0.0.1", port), TIMEOUT)
        case.addCleanup(self._connection.close)
        self._answers = self._connection.makefile("rb")
        case.addCleanup(self._answers.close)
        self._number = 0
        self._read()
        self._do("WebDriver:NewSession")
        self.go(url)

    def _portIn(self, path: Path) -> int:
        """What Firefox writes there as soon as it listens."""
        deadline = time.monotonic() + TIMEOUT
        while not (path.exists() and path.read_text()):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise SkipTest("firefox does not start here")
            time.sleep(0.02)
        return int(path.read_text())

    def _read(self) -> Any:
        size = b""
        while not size.endswith(b":"):
            octet = self._answers.read(1)
            assert octet, "firefox has ended"
            size += octet
        return json.loads(self._answers.read(int(size[:-1])))

    def _do(self, name: str, **params: Any) -> Any:
        self._number += 1
        said = json.dumps([0, self._number, name, params]).encode()
        self._connection.sendall(f"{len(said)}:".encode() + said)
        _, number, error, value = self._read()
        assert number == self._number, number
        if error:
            raise DriverError(f"{error['error']}: {error['message'][:500]}")
        return value

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        """A command of WebDriver's HTTP by its Marionette name."""
        *before, last = path.strip("/").split("/")
        params = dict(body or {})
        if before[:1] == ["element"]:
            params["id"] = before[1]
        value = self._do(f"WebDriver:{_NAMES[last]}", **params)
        return value["value"] if set(value or ()) == {"value"} else value

    def complaints(self) -> list[str]:
        """What is in the console."""
        self._do("Marionette:SetContext", value="chrome")
        try:
            return list(self.run(_CONSOLE))
        finally:
            self._do("Marionette:SetContext", value="content")

    def close(self) -> None:
        """The end comes with that of the test."""

    def _end(self) -> None:
        self._process.kill()
        self._process.wait()


_NAMES = {
    "url": "Navigate",
    "refresh": "Refresh",
    "sync": "ExecuteScript",
    "element": "FindElement",
    "click": "ElementClick",
    "value": "ElementSendKeys",
    "clear": "ElementClear",
    "actions": "PerformActions",
    "screenshot": "TakeScreenshot",
}
