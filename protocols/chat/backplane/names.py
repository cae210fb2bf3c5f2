"""The names of this node's people, as the backplane has them. Wire."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred, gatherResults, succeed
from twisted.python.failure import Failure

from protocols.chat.backplane.interface import Backplane, BackplaneError
from protocols.chat.backplane.notation import ownerText
from protocols.chat.names import key
from protocols.chat.people import Person

if TYPE_CHECKING:
    from protocols.chat.backplane.node import Node

# Names that are said in one go: a few milliseconds' work.
AT_ONCE = 500

# Beats after which a name is certain that was taken without asking: other nodes that
# were cut off too have been back for some time then.
CERTAIN_AFTER = 5

# Names that became free while the backplane was away, and are to be released when it
# is back; those beyond that are free when their lease ends.
MAX_UNRELEASED = 10_000


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
        self._unreleased: list[tuple[str, str]] = []
        # What those were called who have a new name that is not certain yet, and how
        # often it was confirmed since.
        self._before: dict[Person, tuple[str, int]] = {}

    def claim(self, place: str, person: Person) -> None:
        """C{person} has a name here."""
        held = self._held.get(place)
        if held is not None and held[0] is person:
            return
        text = self._hold(place, person)
        if person.name:
            self._before[person] = person.name, 0
        if self._node.out.isOpen:
            self._uncertain[person] = self._uncertain.get(person, 0) + 1
            asked = self._backplane.claim(place, text, False)
            asked.addCallback(self._answered, place, text)
            asked.addErrback(_later).addBoth(self._settled, person)

    def reserve(self, place: str, person: Person) -> Deferred[bool]:
        """Ask for a name for who has not come in yet.

        @return: whether they may have it, and nobody else here has asked for it; if
            the backplane is not there, it is found out later. To be followed by
            L{claim} or L{drop}.
        """
        settled = self._node.link.whenSettled()
        return settled.addCallback(lambda _: self._reserve(place, person))

    def _reserve(self, place: str, person: Person) -> Deferred[bool]:
        held = self._held.get(place)
        if held is not None or not self._node.out.isOpen:
            return succeed(held is None or held[0] is person)
        text = self._hold(place, person)
        asked = self._backplane.claim(place, text, False)

        def failed(failure: Failure) -> bool:
            failure.trap(BackplaneError)
            return True

        return asked.addCallback(lambda owner: owner == text).addErrback(failed)

    def drop(self, place: str, person: Person) -> None:
        """They have not come in, or not by that name."""
        held = self._held.get(place)
        if held is not None and held[0] is person:
            self.release(place, person)
        if not person.name:
            self._node.forget(person)

    def release(self, place: str, person: Person) -> None:
        """C{person} has it no more."""
        held = self._held.pop(place, None)
        if held is None:
            return
        if self._node.out.isOpen:
            self._release(place, held[1])
        else:
            self._releaseLater(place, held[1])

    def _release(self, place: str, text: str) -> None:
        def failed(failure: Failure) -> None:
            failure.trap(BackplaneError)
            self._releaseLater(place, text)

        self._backplane.release(place, text).addErrback(failed)

    def _releaseLater(self, place: str, text: str) -> None:
        if len(self._unreleased) < MAX_UNRELEASED:
            self._unreleased.append((place, text))

    def _hold(self, place: str, person: Person) -> str:
        identity = self._node.identityOf(person)
        text = ownerText(self._node.lobby.now(), identity)
        self._held[place] = person, text
        self.owners[identity] = person
        return text

    def forget(self, identity: str) -> None:
        """Somebody of ours has gone."""
        person = self.owners.pop(identity, None)
        if person is not None:
            self._before.pop(person, None)

    def takeBefore(self, person: Person) -> str:
        """What somebody was called before a name that is not certain; or nothing."""
        return self._before.pop(person, ("", 0))[0]

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
        unreleased, self._unreleased = self._unreleased, []
        for place, text in unreleased:
            self._release(place, text)
        held = [(place, text) for place, (_, text) in self._held.items()]
        for at in range(0, len(held), AT_ONCE):
            asked = [self._again(*each) for each in held[at : at + AT_ONCE]]
            await gatherResults(asked, consumeErrors=True).addErrback(_first)

    def _again(self, place: str, text: str) -> Deferred[None]:
        claimed = self._backplane.claim(place, text, True)
        return claimed.addCallback(self._answered, place, text)

    def _answered(self, owner: str, place: str, text: str) -> None:
        held = self._held.get(place)
        if held is None or held[1] != text:
            return
        if owner != text:
            self._node.dismiss(held[0])
        elif key(held[0].name) == place:
            self._confirmed(held[0])

    def _confirmed(self, person: Person) -> None:
        """Others may still come back who have had the name for longer."""
        before, count = self._before.pop(person, ("", CERTAIN_AFTER))
        if count < CERTAIN_AFTER:
            self._before[person] = before, count + 1

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
