"""Rung 3: a plugin of your own.

Beside this module, on the path, one file ``twisted/plugins/teatime_dropin.py``::

    from twisted.application.service import ServiceMaker
    teatime = ServiceMaker("teatime", "own_plugin", "A chat about tea.", "teatime")

and then ``twistd -n teatime --tea Assam``.
"""

from __future__ import annotations

from typing import Any, ClassVar

from twisted.application.service import IService

from protocols.chat import tap


class Options(tap.Options):
    """All options of the chat, and one more."""

    optParameters: ClassVar[list[Any]] = [["tea", None, "Darjeeling", "What we drink."]]


def makeService(options: Any, reactor: Any = None) -> IService:
    """The chat with all its doors, in a room of its own."""
    options.update(greeting=f"Today: {options['tea']}.", room="#tea")
    return tap.makeService(options, reactor)
