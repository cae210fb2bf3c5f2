"""The names of this node's people, as the backplane has them. Wire."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred, gatherResults, succeed
from twisted.python.failure import Failure

from protocols.chat.backplane.interface import Backplane, BackplaneError
from protocols.chat.backplane.notation import ownerText
from protocols.chat.people import Person

if TYPE_CHECKING:
    from protocols.chat.backplane.node import Node

# Names that are said in one go: a few milliseconds' work.
AT_ONCE = 500


class Names:
    """Who of ours has which name, and whether that is certain.

    As long as it is not, other nodes are not told of them.

    @ivar owners: our people by what they are called among nodes.
    """

    def __init__(self, node: Node, backplane: Backplane) -> None:
        self._node = node
        self._backplane = backplane
        self._held: dict[str, tuple[Person, str]] = {}
        self._uncertain: dict[Person, int] = {}
        self.owners: dict[str, Person] = {}

    def claim(self, place: str, person: Person) -> None:
        """C{person} has a name here."""
        held = self._held.get(place)
        if held is not None and held[0] is person:
            return
        text = self._hold(place, person)
        if self._node.out.isOpen:
            self._uncertain[person] = self._uncertain.get(person, 0) + 1
            asked = self._backplane.claim(place, text, False)
            asked.addCallback(self._answered, place, text)
            asked.addErrback(_later).addBoth(self._settled, person)

    def reserve(self, place: str, person: Person) -> Deferred[bool]:
        """Ask for a name for who has not come in yet.

        @return: whether they may have it; if the backplane is not there, it is
            found out later. To be followed by L{claim} or L{drop}.
        """
        if place in self._held or not self._node.out.isOpen:
            return succeed(True)
        text = self._hold(place, person)
        asked = self._backplane.claim(place, text, False)

        def failed(failure: Failure) -> bool:
            failure.trap(BackplaneError)
            return True

        return asked.addCallback(lambda owner: owner == text).addErrback(failed)

    def drop(self, place: str, person: Person) -> None:
        """They have not come in."""
        held = self._held.get(place)
        if held is not None and held[0] is person:
            self.release(place, person)
        self._node.forget(person)

    def release(self, place: str, person: Person) -> None:
        """C{person} has it no more."""
        held = self._held.pop(place, None)
        if held is not None and self._node.out.isOpen:
            self._backplane.release(place, held[1])

    def _hold(self, place: str, person: Person) -> str:
        identity = self._node.identityOf(person)
        text = ownerText(self._node.lobby.now(), identity)
        self._held[place] = person, text
        self.owners[identity] = person
        return text

    def forget(self, identity: str) -> None:
        """Somebody of ours has gone."""
        self.owners.pop(identity, None)

    def claimedBy(self, place: str) -> str:
        """The text by which a name of ours is claimed."""
        held = self._held.get(place)
        return held[1] if held is not None else ""

    def isCertain(self, person: Person) -> bool:
        """Whether the backplane has said that their name is theirs."""
        return person not in self._uncertain

    async def hold(self) -> None:
        """Say again that all names are held; who has lost theirs is sent away.

        @raise BackplaneError: it can't be said.
        """
        held = [(place, text) for place, (_, text) in self._held.items()]
        for at in range(0, len(held), AT_ONCE):
            asked = [self._again(*each) for each in held[at : at + AT_ONCE]]
            await gatherResults(asked, consumeErrors=True).addErrback(_first)

    def _again(self, place: str, text: str) -> Deferred[None]:
        claimed = self._backplane.claim(place, text, True)
        return claimed.addCallback(self._answered, place, text)

    def _answered(self, owner: str, place: str, text: str) -> None:
        held = self._held.get(place)
        if owner != text and held is not None and held[1] == text:
            self._node.dismiss(held[0])

    def _settled(self, _: object, person: Person) -> None:
        self._uncertain[person] -= 1
        if not self._uncertain[person]:
            del self._uncertain[person]
            self._node.changed(person)


def _later(failure: Failure) -> None:
    """All names are claimed again when the backplane is back."""
    failure.trap(BackplaneError)


def _first(failure: Failure) -> Any:
    error: Any = failure.value
    return error.subFailure
