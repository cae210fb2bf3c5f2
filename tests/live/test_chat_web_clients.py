"""WebSocket clients of others at the browser door; each is skipped if it is missing.

C{pip install websockets}; and C{npm install irc-framework} in a folder that
C{IRC_FRAMEWORK} names, which takes a node with C{--experimental-websocket}.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import ExitStack
from importlib import import_module
from typing import Any

from twisted.trial.unittest import SkipTest

from tests.chat.web.pages import PageCase
from tests.chat.web.webdriver import TIMEOUT

# Joins, says something, tells what it hears, and goes when it is told to.
_SCRIPT = """
const { Client } = require("irc-framework");
const transport = require("irc-framework/src/transports/websocket");
const client = new Client();
client.on("registered", () => client.join("#lobby"));
client.on("join", ({ nick }) => {
  if (nick === "webby") client.say("#lobby", "hello from a library");
});
client.on("message", ({ nick, target, message, time }) => {
  console.log(nick, target, message, Boolean(time));
  if (message === "bye") client.quit();
});
client.on("close", () => process.exit(0));
client.connect({
  transport, host: "127.0.0.1", port: Number(process.argv[1]), path: "/ws",
  nick: "webby", websocket_protocol: "text.ircv3.net", auto_reconnect: false,
  enable_echomessage: true,
});
"""


class FrameworkTests(PageCase):
    def test_talk(self) -> None:
        """irc-framework, on which Kiwi IRC and The Lounge are built."""
        folder, node = os.environ.get("IRC_FRAMEWORK"), shutil.which("node")
        if not folder or node is None:
            raise SkipTest("there is no node, or IRC_FRAMEWORK names no folder")
        carl = self.terminal("carl")
        process = subprocess.Popen(
            [node, "--experimental-websocket", "-e", _SCRIPT, str(self.server.port)],
            cwd=folder,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(process.kill)
        carl.waitFor("<webby> hello from a library")
        carl.says("bye")
        said, _ = process.communicate(timeout=TIMEOUT)
        self.assertIn("webby #lobby hello from a library true", said)
        self.assertIn("carl #lobby bye true", said)


class WebSocketsTests(PageCase):
    def connected(self, **how: Any) -> Any:
        """A connection of the C{websockets} library."""
        try:
            client = import_module("websockets.sync.client")
        except ImportError:
            raise SkipTest("there is no websockets here") from None
        url = f"ws://127.0.0.1:{self.server.port}/ws"
        stack = ExitStack()
        self.addCleanup(stack.close)
        return stack.enter_context(client.connect(url, **how))

    def waitFor(self, connection: Any, words: str) -> Any:
        while True:
            found = connection.recv(timeout=TIMEOUT)
            text = found.decode() if isinstance(found, bytes) else found
            if words in text:
                return found

    def test_text(self) -> None:
        """It offers permessage-deflate, and goes on without."""
        carl = self.terminal("carl")
        ann = self.connected(subprotocols=["text.ircv3.net"])
        self.assertEqual(ann.subprotocol, "text.ircv3.net")
        self.assertEqual(ann.protocol.extensions, [])
        for line in ("NICK ann", "USER a 0 * :a", "JOIN #lobby"):
            ann.send(line)
        self.waitFor(ann, "End of NAMES")
        ann.ping().wait(TIMEOUT)
        ann.send(iter(["PRIVMSG #lob", "by :in ", "frag", "ments ë"]))
        carl.waitFor("<ann> in fragments ë")
        carl.says("ü")
        self.assertIsInstance(self.waitFor(ann, "PRIVMSG #lobby :ü"), str)
        ann.close()
        self.assertEqual(ann.protocol.close_code, 1000)
        carl.waitFor("ann quit")

    def test_binary(self) -> None:
        ann = self.connected(subprotocols=["nonsense", "binary.ircv3.net"])
        self.assertEqual(ann.subprotocol, "binary.ircv3.net")
        ann.send(b"NICK ann")
        ann.send(b"USER a 0 * :a")
        self.assertIsInstance(self.waitFor(ann, " 001 ann "), bytes)
        ann.send("x" * 20000)
        self.assertRaises(Exception, self.waitFor, ann, "never")
        self.assertEqual(ann.protocol.close_code, 1009)
