"""L{protocols.chat.web.frames}: RFC 6455, section 5."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.web.frames import (
    BINARY,
    CLOSE,
    CONTINUATION,
    INVALID_DATA,
    MAX_FRAGMENTS,
    MAX_MESSAGE,
    NO_CODE,
    PING,
    PONG,
    PROTOCOL_ERROR,
    TEXT,
    TOO_BIG,
    FrameError,
    FrameReader,
    closeCode,
    closeFrame,
    frame,
    unmask,
)
from tests.chat.web.browsers import MASK, framesIn, masked

payloads = st.binary(max_size=300)
LENGTHS = (0, 1, 125, 126, 127, 65535, 65536, 70000)


def read(data: bytes, most: int = MAX_MESSAGE) -> list[tuple[int, bytes]]:
    return [tuple(each) for each in FrameReader(most).feed(data)]


def faultOf(data: bytes, most: int = MAX_MESSAGE) -> int:
    try:
        read(data, most)
    except FrameError as error:
        return error.code
    return 0


class WrittenTests(SynchronousTestCase):
    def test_examples(self) -> None:
        """Section 5.7."""
        self.assertEqual(frame(TEXT, b"Hello"), b"\x81\x05Hello")
        self.assertEqual(frame(BINARY, b"x" * 256)[:4], b"\x82\x7e\x01\x00")
        start = frame(BINARY, b"x" * 65536)[:10]
        self.assertEqual(start, b"\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00")

    def test_everyLength(self) -> None:
        for length in LENGTHS:
            payload = b"x" * length
            self.assertEqual(framesIn(frame(TEXT, payload)), [(TEXT, payload)])

    def test_close(self) -> None:
        """Section 5.5.1."""
        self.assertEqual(closeFrame(1000, "bye"), b"\x88\x05\x03\xe8bye")
        self.assertEqual(closeFrame(NO_CODE), b"\x88\x00")


class ReadTests(SynchronousTestCase):
    def test_examples(self) -> None:
        """Section 5.7."""
        hello = b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"
        self.assertEqual(read(hello), [(TEXT, b"Hello")])
        pong = b"\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"
        self.assertEqual(read(pong), [(PONG, b"Hello")])

    def test_everyLength(self) -> None:
        for length in LENGTHS:
            payload = b"x" * length
            self.assertEqual(read(masked(BINARY, payload), 1 << 20)[0][1], payload)

    def test_fragmentsWithAControlFrameBetween(self) -> None:
        """Section 5.4."""
        said = masked(TEXT, b"Hel", last=False) + masked(PING, b"?")
        said += masked(CONTINUATION, b"", last=False) + masked(CONTINUATION, b"lo")
        self.assertEqual(read(said), [(PING, b"?"), (TEXT, b"Hello")])

    def test_aLetterInTwoFragments(self) -> None:
        """Section 5.6: text is UTF-8 as a whole."""
        said = masked(TEXT, b"\xc3", last=False) + masked(CONTINUATION, b"\xa9")
        self.assertEqual(read(said), [(TEXT, b"\xc3\xa9")])

    def test_whatCameBeforeAFault(self) -> None:
        reader = FrameReader().feed(masked(TEXT, b"fine") + b"\x81\x00")
        self.assertEqual(next(reader).payload, b"fine")
        self.assertRaises(FrameError, next, reader)

    @given(st.lists(st.tuples(st.sampled_from((BINARY, PING)), payloads)), st.data())
    def test_whereverItIsCut(
        self, said: list[tuple[int, bytes]], data: st.DataObject
    ) -> None:
        said = [(kind, payload[:125]) for kind, payload in said]
        octets = b"".join(masked(*each) for each in said)
        cuts = data.draw(st.lists(st.integers(0, len(octets)), max_size=10))
        borders = [0, *sorted(cuts), len(octets)]
        reader = FrameReader()
        found = [
            tuple(each)
            for start, end in pairwise(borders)
            for each in reader.feed(octets[start:end])
        ]
        self.assertEqual(found, said)

    @given(st.binary(max_size=400))
    def test_nothingElseIsRaised(self, noise: bytes) -> None:
        self.assertIn(faultOf(noise, 100), (0, PROTOCOL_ERROR, INVALID_DATA, TOO_BIG))

    @given(payloads, st.binary(min_size=4, max_size=4))
    def test_unmask(self, payload: bytes, mask: bytes) -> None:
        """Section 5.3."""
        plain = bytes(octet ^ mask[at % 4] for at, octet in enumerate(payload))
        self.assertEqual(unmask(payload, mask), plain)


class FaultTests(SynchronousTestCase):
    def test_firstOctets(self) -> None:
        faults = {
            "not masked (5.1)": frame(TEXT, b"x"),
            "RSV1 (5.2)": masked(TEXT, b"x", reserved=0x40),
            "RSV3 (5.2)": masked(TEXT, b"x", reserved=0x10),
            "opcode 3 (5.2)": masked(0x3, b"x"),
            "opcode 11 (5.2)": masked(0xB),
            "a control frame in fragments (5.5)": masked(PING, last=False),
            "a long control frame (5.5)": masked(PING, b"x" * 126),
            "nothing to continue (5.4)": masked(CONTINUATION, b"x"),
            "a message within one (5.4)": 2 * masked(TEXT, b"x", last=False),
        }
        for name, octets in faults.items():
            self.assertEqual(faultOf(octets), PROTOCOL_ERROR, name)

    def test_aLengthInALongerFormThanItNeeds(self) -> None:
        """Section 5.2: the minimal number of octets."""
        long = b"\x81\xfe\x00\x7d" + MASK
        longer = b"\x81\xff" + (65535).to_bytes(8, "big") + MASK
        self.assertEqual([faultOf(long), faultOf(longer)], [PROTOCOL_ERROR] * 2)

    def test_lengthsThatCantBe(self) -> None:
        """Section 5.2: the highest bit is 0. None waits for the payload."""
        huge = b"\x81\xff" + (1 << 63).to_bytes(8, "big")
        self.assertEqual(faultOf(huge), PROTOCOL_ERROR)
        large = b"\x81\xff" + (1 << 62).to_bytes(8, "big")
        self.assertEqual(faultOf(large), TOO_BIG)

    def test_aMessageThatIsTooLong(self) -> None:
        """Section 7.4.1, 1009; what fits is taken to the last octet."""
        self.assertEqual(len(read(masked(TEXT, b"x" * MAX_MESSAGE))), 1)
        self.assertEqual(faultOf(masked(TEXT, b"x" * (MAX_MESSAGE + 1))), TOO_BIG)

    def test_aMessageThatNeverEnds(self) -> None:
        part = masked(CONTINUATION, b"x" * 1000, last=False)
        self.assertEqual(faultOf(masked(TEXT, last=False) + part * 17), TOO_BIG)

    def test_fragmentsWithoutAnything(self) -> None:
        empty = masked(CONTINUATION, last=False)
        begun = masked(TEXT, last=False)
        self.assertEqual(faultOf(begun + empty * (MAX_FRAGMENTS - 2)), 0)
        self.assertEqual(faultOf(begun + empty * (MAX_FRAGMENTS - 1)), TOO_BIG)

    def test_textThatIsNone(self) -> None:
        """Section 8.1."""
        for octets in (b"\xff", b"\xc3", b"\xed\xa0\x80"):
            self.assertEqual(faultOf(masked(TEXT, octets)), INVALID_DATA)
            self.assertEqual(read(masked(BINARY, octets)), [(BINARY, octets)])


class CloseTests(SynchronousTestCase):
    def test_codes(self) -> None:
        """Section 7.4: who may send which."""
        fine = (1000, 1001, 1003, 1007, 1014, 3000, 4999)
        for code in fine:
            self.assertEqual(closeCode(code.to_bytes(2, "big") + b"why"), code)
        self.assertEqual(closeCode(b""), NO_CODE)
        for code in (0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 65535):
            self.assertRaises(FrameError, closeCode, code.to_bytes(2, "big"))

    def test_malformed(self) -> None:
        """Section 5.5.1: two octets, then UTF-8."""
        self.assertRaises(FrameError, closeCode, b"\x03")
        wrong = self.assertRaises(FrameError, closeCode, b"\x03\xe8\xff")
        self.assertEqual(wrong.code, INVALID_DATA)

    def test_isGivenOut(self) -> None:
        self.assertEqual(read(masked(CLOSE, b"\x03\xe8")), [(CLOSE, b"\x03\xe8")])
