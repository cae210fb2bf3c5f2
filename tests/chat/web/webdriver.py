"""Chromium, driven over WebDriver (W3C) with the standard library alone.

One C{chromedriver} serves all tests of a module; each has windows of its own, which
share nothing.
"""

from __future__ import annotations

import atexit
import base64
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from functools import lru_cache
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from twisted.trial.unittest import SkipTest

# Seconds for anything that a browser is waited for.
TIMEOUT = 20

# Where WebDriver puts the reference of an element (section 12.2).
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"

KEYS = {
    "Alt": "\ue00a",
    "ArrowDown": "\ue015",
    "ArrowUp": "\ue013",
    "Delete": "\ue017",
    "Control": "\ue009",
    "End": "\ue010",
    "Enter": "\ue007",
    "Escape": "\ue00c",
    "Home": "\ue011",
    "Shift": "\ue008",
    "Tab": "\ue004",
}

# Chromium in a container: no sandbox of its own, no shared memory, no updates.
_ARGUMENTS = (
    *("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"),
    *("--hide-scrollbars", "--mute-audio", "--no-first-run", "--disable-extensions"),
    *("--disable-background-networking", "--disable-component-update"),
    "--disable-background-timer-throttling",
)


class DriverError(AssertionError):
    """What the browser says is wrong."""


@lru_cache
def theDriver() -> int:
    """The port of the one C{chromedriver}, which ends with us.

    @raise SkipTest: there is none, or no Chromium.
    """
    programs = [shutil.which(name) for name in ("chromedriver", "chromium")]
    if None in programs:
        raise SkipTest("there is no chromium and chromedriver here")
    process = subprocess.Popen(
        [str(programs[0]), "--port=0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    atexit.register(_end, process)
    assert process.stdout is not None
    for line in process.stdout:
        if found := re.search(r"successfully on port (\d+)", line):
            return int(found[1])
    raise SkipTest("chromedriver does not start here")


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    process.communicate()


class Window:
    """A browser with one window.

    @param size: of the page, in pixels.
    @param dark: what the person prefers.
    """

    def __init__(
        self, url: str, *, size: tuple[int, int] = (1280, 800), dark: bool = False
    ) -> None:
        self._port = theDriver()
        options = {"args": [*_ARGUMENTS, f"--window-size={size[0]},{size[1]}"]}
        wanted = {
            "browserName": "chrome",
            "goog:chromeOptions": options,
            "goog:loggingPrefs": {"browser": "ALL"},
            "timeouts": {"script": TIMEOUT * 1000, "pageLoad": TIMEOUT * 1000},
        }
        self._session = ""
        made = self._ask("POST", "", {"capabilities": {"alwaysMatch": wanted}})
        self._session = f"/{made['sessionId']}"
        self.show(size, dark)
        self.go(url)

    def show(self, size: tuple[int, int], dark: bool = False) -> None:
        """Another size of the page, and other colours."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.command("Emulation.setEmulatedMedia", features=[scheme])
        self.command(
            "Emulation.setDeviceMetricsOverride",
            width=size[0],
            height=size[1],
            deviceScaleFactor=1,
            mobile=size[0] < 600,
        )

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=2 * TIMEOUT)
        try:
            said = None if body is None else json.dumps(body)
            connection.request(method, f"/session{self._session}{path}", said)
            value = json.loads(connection.getresponse().read())["value"]
        finally:
            connection.close()
        if isinstance(value, dict) and "error" in value:
            raise DriverError(f"{value['error']}: {value['message'][:500]}")
        return value

    def command(self, name: str, **params: Any) -> Any:
        """One of the DevTools protocol."""
        body = {"cmd": name, "params": params}
        return self._ask("POST", "/goog/cdp/execute", body)

    def go(self, url: str) -> None:
        self._ask("POST", "/url", {"url": url})

    def reload(self) -> None:
        self._ask("POST", "/refresh", {})

    def run(self, script: str, *args: object) -> Any:
        """What a function with the body C{script} returns; promises are waited for."""
        body = {"script": script, "args": list(args)}
        return self._ask("POST", "/execute/sync", body)

    def waitFor(self, script: str, *args: object) -> Any:
        """What an expression gives, as soon as that is something."""
        waiting = f"""
            const [limit, ...rest] = arguments;
            const look = function () {{ return ({script}); }};
            return new Promise((resolve) => {{
              const start = Date.now();
              (function again() {{
                const found = look.apply(null, rest);
                if (found || Date.now() - start > limit) resolve(found);
                else setTimeout(again, 20);
              }})();
            }});
        """
        found = self.run(waiting, TIMEOUT * 500, *args)
        if not found:
            raise DriverError(f"never: {script} {args}; {self.text()[-800:]!r}")
        return found

    def text(self, selector: str = "body") -> str:
        """What can be read in an element."""
        script = "return document.querySelector(arguments[0])?.innerText ?? ''"
        return str(self.run(script, selector))

    def waitForText(self, selector: str, words: str) -> None:
        """Until an element that fits has words."""
        self.waitFor(
            "[...document.querySelectorAll(arguments[0])]"
            ".some((each) => each.innerText.includes(arguments[1]))",
            selector,
            words,
        )

    def all(self, selector: str) -> list[str]:
        """What can be read in each element that fits."""
        script = (
            "return [...document.querySelectorAll(arguments[0])]"
            ".map((each) => each.innerText)"
        )
        return list(self.run(script, selector))

    def _element(self, selector: str) -> str:
        body = {"using": "css selector", "value": selector}
        return str(self._ask("POST", "/element", body)[ELEMENT])

    def click(self, selector: str) -> None:
        self._ask("POST", f"/element/{self._element(selector)}/click", {})

    def type(self, selector: str, words: str) -> None:
        body = {"text": words}
        self._ask("POST", f"/element/{self._element(selector)}/value", body)

    def clear(self, selector: str) -> None:
        self._ask("POST", f"/element/{self._element(selector)}/clear", {})

    def press(self, *keys: str) -> None:
        """Keys together, wherever the focus is."""
        codes = [KEYS.get(key, key) for key in keys]
        actions = [{"type": "keyDown", "value": code} for code in codes]
        actions += [{"type": "keyUp", "value": code} for code in reversed(codes)]
        body = {"actions": [{"type": "key", "id": "keys", "actions": actions}]}
        self._ask("POST", "/actions", body)

    def complaints(self) -> list[str]:
        """What is in the console, such as violations of the page's policy."""
        entries = self._ask("POST", "/se/log", {"type": "browser"})
        return [f"{entry['level']}: {entry['message']}" for entry in entries]

    def picture(self, name: str) -> None:
        """Keep a screenshot, if C{CHAT_PICTURES} names a folder."""
        folder = os.environ.get("CHAT_PICTURES")
        if folder:
            octets = base64.b64decode(self._ask("GET", "/screenshot"))
            Path(folder, f"{name}.png").write_bytes(octets)

    def close(self) -> None:
        self._ask("DELETE", "")


def windowFor(case: Any) -> Callable[..., Window]:
    """Opens windows that are closed when the test is over."""

    def opened(url: str, **how: Any) -> Window:
        window = Window(url, **how)
        case.addCleanup(window.close)
        return window

    return opened
