"""What C{docs/chat.md} shows, done."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred

from protocols.chat import client as clientModule
from tests.chat.clients import Case
from tests.chat.people import Somebody, chat

PAGE = Path(__file__).parents[2] / "docs" / "chat.md"


def shown() -> dict[str, Any]:
    """The names that the page's Python makes."""
    names: dict[str, Any] = {}
    for block in re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL):
        exec(block, names)
    return names


class PageTests(Case):
    def test_filter(self) -> None:
        factory = chat(shown()["Polite"])
        ann, bob = Somebody(factory, "ann"), Somebody(factory, "bob")
        for text in ("HELLO", "I see"):
            ann.types(text)
        self.assertEqual(bob.hears(), ["#lobby <ann> hello", "#lobby <ann> I see"])

    def test_command(self) -> None:
        factory = chat(shown()["Shrugging"])
        ann, bob = Somebody(factory, "ann"), Somebody(factory, "bob")
        self.assertIn("  /shrug                 what can one do", ann.types("/help"))
        ann.types("/shrug")
        self.assertEqual(bob.hears(), ["#lobby * ann shrugs"])

    def test_client(self) -> None:
        self.patch(clientModule, "connectAny", self.connectInMemory)
        greeting = self.start(shown()["greetNext"](self.clock))
        ann = self.clientOf("ann")
        self.resultOf(ann.connect())
        for _ in range(3):
            self.endpoint.pump()
        self.successResultOf(greeting)
        texts = [self.resultOf(ann.message()).text for _ in range(4)]
        self.assertIn("Hello, ann!", texts)

    def connectInMemory(
        self, reactor: Any, factory: Any, *rest: Any, **more: Any
    ) -> Any:
        connected: Deferred[Any] = self.endpoint.connect(factory)
        return connected
