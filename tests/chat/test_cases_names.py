"""Names, rooms and texts that are made to be long, or to look like others."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.events import (
    Event,
    Invited,
    Kicked,
    ModesChanged,
    Renamed,
    Source,
    TopicChanged,
)
from protocols.chat.irc.dialect import ircDialect
from protocols.chat.irc.modelines import modeLines
from protocols.chat.irc.welcome import MAX_CHANGES, MAX_REASON, MAX_TOPIC
from protocols.chat.irc.wire import MAX_MESSAGE, written
from protocols.chat.names import (
    MAX_MARKS,
    MAX_NAME_OCTETS,
    NameRefusedError,
    checkName,
    checkRoom,
    key,
)
from tests.chat.irc.clients import Client, irc

# The longest name in octets, and a mask with it.
LONGEST = "\U0001d51e" * (MAX_NAME_OCTETS // 4)
SOMEBODY = Source(LONGEST, "~" + "u" * 15, "0123456789ab.v4")
DIALECT = ircDialect("irc.localhost", frozenset())


class NameTests(SynchronousTestCase):
    def refused(self, name: str) -> str:
        return str(self.assertRaises(NameRefusedError, checkName, name))

    def test_octets(self) -> None:
        """A name is bounded as IRC's lines are: in octets."""
        self.assertEqual(checkName(LONGEST), LONGEST)
        self.assertIn("48 octets are the most", self.refused(LONGEST + "x"))
        self.assertRaises(NameRefusedError, checkRoom, LONGEST + "x")

    def test_marks(self) -> None:
        """Letters of all scripts have their marks; nobody has a tower of them."""
        for name in ("Nguyễn", "สวัสดี", "שָׁלוֹם", "e" + "\u0301" * MAX_MARKS):
            self.assertEqual(key(checkName(name)), key(name))
        tower = "e" + "\u0301" * (MAX_MARKS + 1)
        self.assertIn("at most 3 marks", self.refused(f"b{tower}b"))
        self.assertIn("at most 3 marks", self.refused("\u1ec5\u0301\u0301"))

    def test_notSomebodyElse(self) -> None:
        for name in ("NickServ", "СhаnServ", "root", "Admin", "you", "SYSTEM", "r00t"):
            self.assertIn("reserved", self.refused(name), name)

    def test_notAServer(self) -> None:
        """RFC 2812 (2.3.1): a prefix with a dot is a server's. Rooms may have one."""
        self.assertIn("a dot", self.refused("irc.localhost"))
        self.assertEqual(checkRoom("#twisted.web"), "#twisted.web")

    def test_nothingThatJoins(self) -> None:
        """An emoji of several people has invisible characters between them."""
        for name in ("\U0001f468\u200d\U0001f469", "❤\ufe0f", "a\u2060b", "a\u00adb"):
            self.assertIn("invisible", self.refused(name), repr(name))
        self.assertEqual(checkName("\U0001f600"), "\U0001f600")

    def test_rooms(self) -> None:
        """One room for all spellings; nothing that ends a parameter or rings."""
        self.assertEqual(key(checkRoom("#lоbby")), key("#lobby"))
        for name in ("#a,b", "#a\x07b", "#a b", "#a\r\nb", "#a\x00", "#", "#\u202eab"):
            self.assertRaises(NameRefusedError, checkRoom, name)

    @given(st.text(max_size=40))
    def test_whateverItIs(self, name: str) -> None:
        """What is taken is short, and is taken again."""
        try:
            taken = checkName(name)
        except NameRefusedError:
            return
        self.assertLessEqual(len(taken.encode()), MAX_NAME_OCTETS)
        self.assertEqual(checkName(taken), taken)
        self.assertEqual(unicodedata.normalize("NFC", taken), taken)


class LineTests(SynchronousTestCase):
    """RFC 1459, 2.3: 512 octets, whatever stands in them."""

    room = f"#{LONGEST}"

    def fits(self, event: Event) -> list[bytes]:
        lines = DIALECT.write(event).splitlines(keepends=True)
        for line in lines:
            self.assertLessEqual(len(line), MAX_MESSAGE)
            line.decode()
        return lines

    def test_kickWithThreeLongNames(self) -> None:
        """Nothing of the longest reason is lost."""
        reason = "é" * (MAX_REASON // 2)
        (line,) = self.fits(Kicked(self.room, SOMEBODY, LONGEST, reason))
        self.assertTrue(line.endswith(f"{reason}\r\n".encode()))

    def test_others(self) -> None:
        for event in (
            Renamed(self.room, SOMEBODY, LONGEST),
            Invited(self.room, SOMEBODY, LONGEST),
            TopicChanged(self.room, SOMEBODY, "t" * MAX_TOPIC),
        ):
            self.assertEqual(len(self.fits(event)), 1)

    def test_manyModes(self) -> None:
        """In as many lines as they need; each name is whole, and none is lost."""
        letters = "o" * (MAX_CHANGES // 2)
        names = " ".join([LONGEST] * MAX_CHANGES)
        changes = f"+{letters}-{letters} {names}"
        lines = self.fits(ModesChanged(self.room, SOMEBODY, changes))
        words = [line.decode().split()[3:] for line in lines]
        self.assertEqual(sum(len(each) - 1 for each in words), MAX_CHANGES)
        for letters, *parameters in words:
            self.assertEqual(set(parameters), {LONGEST})
            self.assertEqual(
                len(letters.replace("+", "").replace("-", "")), len(parameters)
            )

    def test_cutBetweenCharacters(self) -> None:
        for shift in range(4):
            text = "x" * shift + "\U0001f600" * 200
            line = written("irc.localhost", "TOPIC", "#x", text)
            self.assertTrue(MAX_MESSAGE - 4 < len(line) <= MAX_MESSAGE)
            self.assertTrue(line.decode().endswith("\U0001f600\r\n"))


class ListTests(SynchronousTestCase):
    def test_listsOnce(self) -> None:
        """One MODE may ask for a list twenty times, and is told it once."""
        ann = Client(irc(), "ann")
        ann.says("JOIN #tea")
        ends = [each for each in ann.says("MODE #tea +bbbbIbbIb") if " 36" in each]
        self.assertEqual([line.split()[1] for line in ends], ["368"])
        self.assertEqual(len(ann.says("MODE #tea +bIeb")), 3)


class ModeLineTests(SynchronousTestCase):
    def test_short(self) -> None:
        self.assertEqual(modeLines("+ov-b ann bob x!*@*", 400), ["+ov-b ann bob x!*@*"])

    def test_signsAndParameters(self) -> None:
        """C{W} and C{l} have one only behind a plus; flags never."""
        self.assertEqual(
            modeLines("+ilW-lW+k-o 5 9 word ann", 8),
            ["+ilW 5 9", "-lW", "+k word", "-o ann"],
        )

    @given(
        st.lists(
            st.one_of(
                st.tuples(
                    st.sampled_from("+-"), st.sampled_from("obIv"), st.just("nm")
                ),
                st.tuples(st.sampled_from("+-"), st.sampled_from("imst"), st.just("")),
            ),
            min_size=1,
        ),
        st.integers(5, 30),
    )
    def test_nothingIsLost(
        self, changes: list[tuple[str, str, str]], most: int
    ) -> None:
        letters = "".join(sign + letter for sign, letter, _ in changes)
        whole = " ".join([letters, *(each for _, _, each in changes if each)])
        lines = [each.split(" ") for each in modeLines(whole, most)]
        found, parameters = [], []
        for letters, *rest in lines:
            sign = "+"
            for letter in letters:
                if letter in "+-":
                    sign = letter
                else:
                    found.append((sign, letter))
            parameters += rest
        self.assertEqual(found, [change[:2] for change in changes])
        self.assertEqual(parameters, [each for _, _, each in changes if each])
