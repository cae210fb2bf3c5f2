"""HTTP responses, with what keeps a page to itself. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import formatdate
from http import HTTPStatus

# The page's own files and its WebSocket, and nothing else: no inline script or
# style, nothing from elsewhere, no frames, no text that becomes markup
# (Content Security Policy Level 3; Trusted Types).
POLICY = "; ".join(
    (
        *("default-src 'none'", "script-src 'self'", "style-src 'self'"),
        *("connect-src 'self'", "img-src 'self'", "manifest-src 'self'"),
        *("base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"),
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)

# On every response, whatever it is.
ALWAYS: Mapping[str, str] = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def head(status: int, fields: Mapping[str, str]) -> bytes:
    """The head of a response, with the empty line at its end."""
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"]
    lines += [f"{name}: {value}" for name, value in fields.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def response(
    status: int,
    body: bytes,
    fields: Mapping[str, str],
    *,
    now: float,
    onlyHead: bool = False,
    closes: bool = False,
) -> bytes:
    """A whole response.

    @param fields: what it has besides those that all have.
    @param now: seconds since 1970.
    @param onlyHead: it answers HEAD, or is a 304: the body is not sent.
    @param closes: the connection ends behind it.
    """
    every = {"Date": formatdate(now, usegmt=True), **ALWAYS, **fields}
    if status != HTTPStatus.NOT_MODIFIED:
        every["Content-Length"] = str(len(body))
    if closes:
        every["Connection"] = "close"
    return head(status, every) + (b"" if onlyHead else body)


def plainly(status: int) -> tuple[bytes, dict[str, str]]:
    """Body and fields of a response that only says its status."""
    body = f"{status} {HTTPStatus(status).phrase}\n".encode()
    kind = {"Content-Type": "text/plain; charset=utf-8"}
    return body, {**kind, "Cache-Control": "no-store"}
