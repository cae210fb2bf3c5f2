"""What one person at the line door sees of what happens. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from protocols.chat.names import key
from protocols.chat.people import Person, RefusedError
from protocols.chat.views import viewOf, without

# People whom one person may ignore: more are no conversation.
MAX_IGNORED = 100


class Viewing(Person):
    """The part of a person that says what they want to see.

    @ivar ignored: names of those of whom they hear nothing, by key.
    """

    _shown: frozenset[str] = frozenset()
    ignored: Mapping[str, str] = MappingProxyType({})

    def tell(self, text: str, *, star: bool = True) -> None:
        """Tell this person something."""
        raise NotImplementedError

    def show(self, what: frozenset[str]) -> None:
        """Have lines begin with that (L{protocols.chat.views.SHOWN})."""
        self._shown = what
        self._look()

    def ignore(self, name: str) -> None:
        """Hear no more of somebody, or again."""
        place = key(name)
        isNew = place not in self.ignored
        if isNew and len(self.ignored) >= MAX_IGNORED:
            raise RefusedError(f"you ignore {MAX_IGNORED} people already")
        others = {each: n for each, n in self.ignored.items() if each != place}
        self.ignored = {**others, place: name} if isNew else others
        self._look()
        self.tell(f"You {'ignore' if isNew else 'hear'} {name} now.")

    def _look(self) -> None:
        view = viewOf(self._shown)
        self.dialect = without(view, self.ignored) if self.ignored else view
