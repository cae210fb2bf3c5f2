"""How what people say gets into a room: looked at by a hook, one by one or together.

What a chunk holds is said together (L{Speech}) if that makes no difference to
anybody but the processor: it is plain, the person may say all of it now, and nobody
has changed what is done with each line, in a subclass or in a lobby of another kind.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from protocols.chat.floods import Flood
from protocols.chat.lobby import Lobby
from protocols.chat.once import made
from protocols.chat.people import Person, RefusedError
from protocols.chat.room import Room
from protocols.chat.rules import checkSpeak
from protocols.chat.speech import Speech
from protocols.chat.turnstile import greeting
from protocols.hooks import Hooked, isUnchanged
from protocols.linepressure import CLOSING


class Speaking(Person):
    """The part of a door that people speak through."""

    factory: Any
    _flood: Flood
    _hold: int

    def inTurn(self, take: Callable[[Any], Hooked], line: Any) -> Hooked:
        """Take a line of somebody who may come in by it when it is their turn.

        @return: what C{take} returns, or a Deferred of that.
        """

        def greet() -> Hooked:
            return None if self._hold & CLOSING else take(line)

        return self.factory.house.turnstile.letIn(greeting, greet)  # type: ignore[no-any-return]

    def textSaid(self, text: str, room: Room) -> str | Hooked:
        """The person says C{text} to C{room}.

        @return: what the others are told, C{None} for nothing, or a Deferred or
            coroutine of either.
        """
        return text

    def speak(self, texts: Sequence[str], room: Room, tags: str = "") -> Speech | None:
        """Say several things to C{room}, if it is the same as one by one.

        @param texts: none of them empty, all of them printable.
        @return: what the others are told; C{None}, and nothing is done, if they
            have to be said one by one.
        """
        lobby = self.factory.lobby
        if not (self._leavesAlone(lobby, room) and _mayPlainlySpeak(room, self)):
            return None
        if not self._flood.allow(self, texts, room.name):
            return None
        speech = _numbered(lobby, self, room, tuple(texts), tags)
        room.post(speech, self)
        self.factory.records.recordSpeech(speech)
        return speech

    def _leavesAlone(self, lobby: Lobby, room: Room) -> bool:
        """Whether nobody wants to see each thing that is said."""
        return (
            isUnchanged(type(self), Speaking, "textSaid")
            and isUnchanged(type(lobby), Lobby, "posting")
            and isUnchanged(type(room), Room, "post")
        )


def _mayPlainlySpeak(room: Room, person: Person) -> bool:
    """Whether C{person} may speak in C{room}, as often as they like."""
    if room.modes.slow:
        return False
    try:
        checkSpeak(room, person)
    except RefusedError:
        return False
    return True


def _numbered(
    lobby: Lobby, person: Person, room: Room, texts: tuple[str, ...], tags: str
) -> Speech:
    """What C{person} says, with numbers and a time; see L{Lobby.posting}."""
    first = lobby.lastId + 1
    lobby.lastId += len(texts)
    person.spokeAt = now = lobby.now()
    source = person.source
    fields = {
        "room": room.name,
        "texts": texts,
        "sender": source.name,
        "id": first,
        "time": now,
        "account": source.account,
        "mask": f"{source.user}@{source.host}" if source.host else "",
        "tags": tags,
    }
    return made(Speech, fields)
