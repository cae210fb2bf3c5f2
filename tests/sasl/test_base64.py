"""L{protocols.sasl.base64}."""

from __future__ import annotations

from base64 import b64encode

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from protocols.sasl.base64 import decodeBase64


class DecodeTests(SynchronousTestCase):
    @given(st.binary())
    def test_thereAndBack(self, octets: bytes) -> None:
        self.assertEqual(decodeBase64(b64encode(octets)), octets)
        self.assertEqual(decodeBase64(b64encode(octets).decode()), octets)

    def test_malformed(self) -> None:
        for text in (
            "A",
            "QQ",
            "QQ=",
            "QQ===",
            "QQ==\n",
            "Q Q=",
            "Q-==",
            "====",
            "QQ==QQ==",
        ):
            self.assertRaises(ValueError, decodeBase64, text)
            self.assertRaises(ValueError, decodeBase64, text.encode())
