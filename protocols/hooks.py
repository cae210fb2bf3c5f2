"""What a user's hook may return, and how the floor waits for it."""

from __future__ import annotations

from collections.abc import Coroutine
from inspect import iscoroutine
from typing import Any, Union

from twisted.internet.defer import Deferred

Hooked = Union[None, "Deferred[Any]", "Coroutine[Any, Any, Any]"]
"""Nothing, or a Deferred or coroutine that what comes next waits for."""


def waitFor(hooked: Deferred[Any] | Coroutine[Any, Any, Any]) -> Deferred[Any]:
    """What a hook returned, as a Deferred.

    @raise TypeError: it is neither a Deferred nor a coroutine, so the hook's
        author has mistaken what hooks may return.
    """
    if iscoroutine(hooked):
        return Deferred.fromCoroutine(hooked)
    if isinstance(hooked, Deferred):
        return hooked
    raise TypeError(f"a hook returned {hooked!r}, which can't be waited for")
