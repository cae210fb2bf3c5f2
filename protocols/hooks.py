"""What a user's hook may return, and how the floor waits for it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import lru_cache
from inspect import iscoroutine
from typing import Any, Union

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater

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


def after(
    clock: IReactorTime, seconds: float, hook: Callable[..., Hooked], *words: Any
) -> Deferred[Any]:
    """Call a hook later, and wait for it; C{deferLater} waits for no coroutine."""
    return deferLater(clock, seconds, hook, *words).addCallback(_done)


def _done(hooked: Hooked) -> Deferred[Any] | None:
    return None if hooked is None else waitFor(hooked)


# Classes of which it is remembered: all that there are in a process, as a rule.
_KINDS = 256


def isUnchanged(kind: type, base: type, *hooks: str) -> bool:
    """Whether a class has these methods as C{base}, which it descends from, has them.

    Only then may something be done in a shorter way than by calling them.
    """
    return _isUnchanged(kind, base, hooks)


@lru_cache(maxsize=_KINDS)
def _isUnchanged(kind: type, base: type, hooks: tuple[str, ...]) -> bool:
    return all(getattr(kind, name) is getattr(base, name) for name in hooks)
