"""L{protocols.sasl.scram}: the messages (RFC 5802, section 7)."""

from __future__ import annotations

from base64 import b64encode

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from protocols.sasl.outcomes import SASLError
from protocols.sasl.scram import readFinal, readFirst, writeFinal, writeFirst

PROOF = b"p" * 32
PROVEN = b",p=" + b64encode(PROOF)


class FirstTests(SynchronousTestCase):
    def test_fields(self) -> None:
        first = readFirst(b"y,a=b=2C,n=a=3D=2C\xc3\xa9,r=!+-~,e=x")
        self.assertEqual((first.header, first.authorize), ("y,a=b=2C,", "b,"))
        self.assertEqual((first.name, first.nonce), ("a=,\u00e9", "!+-~"))
        self.assertEqual(first.bare, "n=a=3D=2C\u00e9,r=!+-~,e=x")

    def test_malformed(self) -> None:
        for response in (
            *(b"", b"n", b"n,,", b"n,,n=,r=a", b"n,,n=a=,r=a", b"n,,n=a=2D,r=a"),
            *(b"n,,n=a=2c,r=a", b"n,,r=a,n=a", b"x,,n=a,r=a", b"N,,n=a,r=a"),
            *(b"n,,n=a,r=", b"n,,n=a,r=a b", b"n,,n=a,r=\xc3\xa9", b"n,,n=a,r=a,"),
            *(b"n,,n=a\0,r=a", b"n,,n=\xff,r=a", b"n,a=,n=a,r=a", b"n,b,n=a,r=a"),
            *(b",,n=a,r=a", b"n,,n=a,r=a\n", b"n,a=x=y,n=a,r=a", b"n,,n=a,r=a,1=x"),
        ):
            self.assertRaises(SASLError, readFirst, response)

    def test_channelBinding(self) -> None:
        """Section 6: it belongs to SCRAM-SHA-256-PLUS."""
        for binding in (b"p=tls-unique", b"p=", b"p"):
            self.assertRaises(SASLError, readFirst, binding + b",,n=a,r=a")

    def test_mandatoryExtension(self) -> None:
        """Section 5.1: m= has to be refused by who does not know it."""
        self.assertRaises(SASLError, readFirst, b"n,,m=x,n=a,r=a")

    @given(st.binary() | st.from_regex(rb"[nyp],,n=[a-c=,]*,r=[a-c]*", fullmatch=True))
    def test_oneError(self, response: bytes) -> None:
        try:
            first = readFirst(response)
        except SASLError:
            return
        self.assertEqual((first.header + first.bare).encode(), response)


class FinalTests(SynchronousTestCase):
    def test_fields(self) -> None:
        final = readFinal(b"c=biws,r=a$b,x=y" + PROVEN)
        self.assertEqual((final.header, final.nonce), (b"n,,", "a$b"))
        self.assertEqual((final.unproven, final.proof), ("c=biws,r=a$b,x=y", PROOF))
        self.assertNotIn("ppp", repr(final))

    def test_malformed(self) -> None:
        for response in (
            *(b"", b"c=biws,r=a", b"r=a,c=biws" + PROVEN, b"c=b=ws,r=a" + PROVEN),
            *(b"c=biws,r=a" + PROVEN[:-1], b"c=biws,r=a,p=" + b64encode(PROOF[1:])),
            *(b"c=biws,r=" + PROVEN, b"c=,r=a" + PROVEN, b"c=biwsA,r=a" + PROVEN),
            *(b"c=biws,r=a" + PROVEN + b"\n", b"\xffc=biws,r=a" + PROVEN),
        ):
            self.assertRaises(SASLError, readFinal, response)

    @given(st.binary() | st.from_regex(rb"c=[bi=w]*,r=[a-c,]*,p=[A=]*", fullmatch=True))
    def test_oneError(self, response: bytes) -> None:
        self.assertRaises(SASLError, readFinal, response)


class WriteTests(SynchronousTestCase):
    def test_messages(self) -> None:
        self.assertEqual(writeFirst("ab", b"n,,", 4096), "r=ab,s=biws,i=4096")
        self.assertEqual(writeFinal(b"n,,"), b"v=biws")
