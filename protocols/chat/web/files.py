"""The files of the page, read once and kept in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from importlib.resources import files as resources
from typing import Any

# What a file is, by the end of its name.
KINDS: Mapping[str, str] = {
    "css": "text/css; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "webmanifest": "application/manifest+json",
}

INDEX = "index.html"

# What stands in it for the room that everybody enters first.
FIRST_ROOM = "#lobby"


@dataclass(frozen=True)
class PageFile:
    """A file as it is sent.

    @ivar fields: of the response. It is kept by browsers, and asked for each time
        whether it is still the same: all files of a page are of one version.
    """

    body: bytes
    fields: Mapping[str, str]

    @classmethod
    def of(cls, name: str, body: bytes) -> PageFile:
        """One with C{name}, which says its kind."""
        kind = KINDS[name.rpartition(".")[2]]
        tag = f'"{sha256(body).hexdigest()[:32]}"'
        fields = {"Content-Type": kind, "ETag": tag, "Cache-Control": "no-cache"}
        return cls(body, fields)

    def isKnown(self, tags: list[str]) -> bool:
        """Whether C{If-None-Match} names it (RFC 9110, section 13.1.2)."""
        return "*" in tags or self.fields["ETag"] in (
            tag.removeprefix("W/") for tag in tags
        )


def pageFiles(room: str = FIRST_ROOM, folder: Any = None) -> dict[str, PageFile]:
    """All files of the page, by their paths; C{index.html} is at C{/}.

    @param room: that the page enters first.
    @param folder: a C{Path}, or what C{importlib.resources} gives; the page that
        comes with this package if C{None}.
    """
    folder = resources("protocols.chat.web") / "static" if folder is None else folder
    made = {}
    for entry in folder.iterdir():
        if entry.name.rpartition(".")[2] in KINDS:
            made[f"/{entry.name}"] = PageFile.of(entry.name, entry.read_bytes())
    index = made.pop(f"/{INDEX}").body
    body = index.replace(_placeholder(FIRST_ROOM), _placeholder(room))
    return {**made, "/": PageFile.of(INDEX, body)}


def _placeholder(room: str) -> bytes:
    return f'placeholder="{escape(room)}"'.encode()
