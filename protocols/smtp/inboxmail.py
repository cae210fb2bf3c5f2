"""An inbox as POP3 sees it: numbered from 0 on, marked for deletion, synced."""

from __future__ import annotations

from typing import IO, Any

from twisted.cred.portal import IRealm
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.threads import deferToThreadPool
from zope.interface import implementer

from protocols.smtp.inboxes import Inboxes, safeName
from protocols.smtp.reading import EVERYTHING, Query, Stored

_CRLF = b"\r\n"


class Inbox:
    """What was in an inbox when somebody logged in (RFC 1939, section 5).

    Implements Twisted's C{IMailboxPOP3}.

    @param store: a L{protocols.smtp.reading.MailStore}.
    @param messages: its messages, oldest first.
    @param elsewhere: calls a function where it may block; a Deferred.
    """

    def __init__(self, store: Any, messages: list[Stored], elsewhere: Any) -> None:
        self._store = store
        self._messages = messages
        self._elsewhere = elsewhere
        self._deleted: set[int] = set()

    def listMessages(self, i: int | None = None) -> Any:
        """Octets of all messages, or of one; 0 for one that is deleted.

        @raise ValueError: there is no such message.
        """
        if i is not None:
            return self._size(self._at(i))
        return [self._size(stored) for stored in self._messages]

    def getMessage(self, i: int) -> Deferred[StuffedFile]:
        """The content of a message, as it goes over the wire."""
        opened = self._elsewhere(self._store.open, self._at(i).id)
        stuffed: Deferred[StuffedFile] = opened.addCallback(StuffedFile)
        return stuffed.addErrback(_gone)

    def getUidl(self, i: int) -> bytes:
        """A name of a message for all time (RFC 1939, section 7)."""
        return b"%d" % self._at(i).id

    def deleteMessage(self, i: int) -> None:
        """Mark a message.

        @raise ValueError: there is none, or it is marked.
        """
        number = self._at(i).id
        if number in self._deleted:
            raise ValueError("message deleted")
        self._deleted.add(number)

    def undeleteMessages(self) -> None:
        """Forget all marks."""
        self._deleted.clear()

    def sync(self) -> Deferred[int]:
        """Delete what is marked (RFC 1939, section 6)."""
        deleted: Deferred[int]
        deleted = self._elsewhere(self._store.delete, sorted(self._deleted))
        return deleted

    def _at(self, i: int) -> Stored:
        if not 0 <= i < len(self._messages):
            raise ValueError("no such message")
        return self._messages[i]

    def _size(self, stored: Stored) -> int:
        """What is empty is sent as an empty line; 0 would say that it is gone."""
        return 0 if stored.id in self._deleted else stored.size or len(_CRLF)


@implementer(IRealm)
class InboxRealm:
    """Gives who has logged in their L{Inbox}.

    Where inboxes are kept apart it is the one that is named like the login; where
    they are not, everybody sees everything.

    @param store: a L{protocols.smtp.reading.MailStore}.
    @param reactor: an C{IReactorThreads}.
    @param inboxes: the rules of the store.
    """

    def __init__(self, store: Any, reactor: Any, inboxes: Inboxes) -> None:
        self._store = store
        self._reactor = reactor
        self._inboxes = inboxes

    def requestAvatar(self, avatarId: Any, mind: object, *interfaces: Any) -> Any:
        """Fires with the first interface, the L{Inbox} and what ends it."""
        name = avatarId.decode() if isinstance(avatarId, bytes) else str(avatarId)
        query = Query(inbox=safeName(name)) if self._inboxes.rules else EVERYTHING
        found = self.elsewhere(self._store.find, query)
        return found.addCallback(
            lambda messages: (
                interfaces[0],
                Inbox(self._store, messages, self.elsewhere),
                _leave,
            )
        )

    def elsewhere(self, function: Any, *args: object) -> Deferred[Any]:
        """In the thread pool, for a store on the disk."""
        if getattr(self._store, "isInMemory", False):
            return maybeDeferred(function, *args)
        pool = self._reactor.getThreadPool()
        return deferToThreadPool(self._reactor, pool, function, *args)


class StuffedFile:
    """A content with its dots doubled and a line end at its end (RFC 1939, 3).

    Octet for octet what was received, once the client has taken off what is
    added here; however the file is cut.

    @param file: the content; closed at its end.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        # As if a line had just ended: the first may begin with a dot too.
        self._tail = _CRLF
        self._isEmpty = True

    def read(self, size: int) -> bytes:
        """The next octets, perhaps some more than C{size}; none at the end."""
        data = self._file.read(size)
        if not data:
            return self._end()
        self._isEmpty = False
        stuffed = (self._tail + data).replace(b"\r\n.", b"\r\n..")
        taken = len(self._tail)
        self._tail = (self._tail + data)[-2:]
        return stuffed[taken:]

    def _end(self) -> bytes:
        self._file.close()
        self.read = lambda size: b""  # type: ignore[method-assign]
        whole = self._tail == _CRLF and not self._isEmpty
        return b"" if whole else _CRLF


def _gone(failure: Any) -> Any:
    failure.trap(KeyError)
    raise ValueError("message deleted")


def _leave() -> None:
    """Nothing has to be given back."""
