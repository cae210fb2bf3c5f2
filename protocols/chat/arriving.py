"""What somebody reads and types who comes in at the line door. Pure."""

from __future__ import annotations

from protocols.chat.names import NameRefusedError, checkName
from protocols.chat.people import Person
from protocols.chat.room import Room
from protocols.chat.text import plain, readable
from protocols.chat.views import someOf

# Commands behind which stands a name that others will see.
_NAMING = frozenset(("/nick", "/join", "/leave", "/who"))


def typed(line: bytes, person: Person) -> str:
    """What C{person} has typed, with nothing that a terminal obeys.

    A name stays as it is, so that it is refused for what can't be seen in it, and
    nobody is called C{^[[A} who has only pressed a key.
    """
    text = readable(line).strip()
    word = text.partition(" ")[0].lower()
    isName = not person.name or word in _NAMING
    return line.decode("utf-8", "replace").strip() if isName else text


def arrival(room: Room, person: Person) -> list[str]:
    """What C{person} is told of a room that they have joined."""
    others = someOf(room, person)
    company = f"with {others}" if others else "alone so far"
    told = [f"* You are in {room.name}, {company}."]
    if room.topic.text:
        # Like something said there, so that no program takes it for an answer.
        told.append(f"{room.name} * The topic is: {plain(room.topic.text)}")
    return told


def askedAgain(error: Exception, text: str) -> str:
    """What to tell somebody who can't have the name C{text}, to end with a question."""
    if not text:
        return "what is your name?"
    if text.startswith("/"):
        return "first say your name; which is it?"
    if getattr(error, "why", "") == "taken" and "account" in str(error):
        return _owned(text)
    return f"{error}; which other name?"


def _owned(name: str) -> str:
    """It may be theirs; what only looks like it is told to be no name at all."""
    try:
        name = checkName(name)
    except NameRefusedError as error:
        return f"{error}; which other name?"
    return f"the name {name} belongs to an account: {name} PASSWORD, or another name?"
