"""Who wants to know when somebody comes or goes. Pure."""

from __future__ import annotations

from protocols.chat.events import Event, Presence, Source
from protocols.chat.names import key
from protocols.chat.people import Person, RefusedError

# Names that one person may watch for; other servers have 100 to 128.
MAX_WATCHED = 100


class Watchers:
    """Who watches for which names."""

    def __init__(self) -> None:
        self._watchers: dict[str, dict[Person, None]] = {}

    def add(self, person: Person, name: str) -> None:
        """Tell C{person} when somebody called C{name} comes or goes.

        @raise RefusedError: they watch for too many.
        """
        if len(person.watched) >= MAX_WATCHED:
            raise RefusedError(f"you watch for {MAX_WATCHED} already", "tooMany", name)
        person.watched = {**person.watched, key(name): name}
        self._watchers.setdefault(key(name), {})[person] = None

    def remove(self, person: Person, name: str) -> None:
        """No longer."""
        place = key(name)
        watchers = self._watchers.get(place, {})
        if person in watchers:
            del watchers[person]
            person.watched = {k: v for k, v in person.watched.items() if k != place}
        if not watchers:
            self._watchers.pop(place, None)

    def clear(self, person: Person) -> None:
        """Tell C{person} of nobody any more."""
        for name in list(person.watched.values()):
            self.remove(person, name)

    def tell(self, source: Source, isHere: bool) -> None:
        """Somebody has come, or gone."""
        watchers = self._watchers.get(key(source.name))
        if watchers:
            event = Presence(source, isHere)
            for watcher in list(watchers):
                watcher.hear(event)

    def tellFollowers(self, person: Person, event: Event) -> None:
        """Something about somebody has changed, for those not told in a room."""
        for watcher in list(self._watchers.get(key(person.name), {})):
            isNear = watcher.rooms.keys() & person.rooms.keys()
            if watcher.followsChanges and not isNear:
                watcher.hear(event)
