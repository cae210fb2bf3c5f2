"""SCRAM-SHA-256 in SMTP's lines (RFC 4954; RFC 5802): the client says nothing last."""

from __future__ import annotations

from base64 import b64decode, b64encode
from hashlib import pbkdf2_hmac, sha256
from hmac import digest

from protocols.testing import Conversation
from tests.smtp.conversations import EHLO, codes
from tests.smtp.test_auth import AuthTests


class ScramTests(AuthTests):
    def test_wholeLogin(self) -> None:
        conversation = Conversation(self.factory())
        conversation.say(EHLO)
        conversation.heard()
        bare = b"n=ann,r=abc"
        conversation.say(b"AUTH SCRAM-SHA-256 %b\r\n" % b64encode(b"n,," + bare))
        first = self.challenge(conversation)
        last, verifier = self.proof(bare, first)
        conversation.say(b64encode(last) + b"\r\n")
        self.assertEqual(self.challenge(conversation), verifier)
        conversation.say(b"\r\n")
        self.assertEqual(codes(conversation.heard()), ["235 2.7.0"])

    def challenge(self, conversation: Conversation) -> bytes:
        line = conversation.heard()
        self.assertTrue(line.startswith(b"334 "), line)
        return b64decode(line[4:], validate=False)

    def proof(self, bare: bytes, first: bytes) -> tuple[bytes, bytes]:
        """As RFC 5802, section 3 has it."""
        nonce, salt, rounds = (part[2:] for part in first.split(b","))
        salted = pbkdf2_hmac("sha256", b"secret", b64decode(salt), int(rounds))
        key = digest(salted, b"Client Key", "sha256")
        without = b"c=biws,r=" + nonce
        message = b",".join((bare, first, without))
        signature = digest(sha256(key).digest(), message, "sha256")
        proof = bytes(a ^ b for a, b in zip(key, signature, strict=True))
        ours = digest(digest(salted, b"Server Key", "sha256"), message, "sha256")
        return without + b",p=" + b64encode(proof), b"v=" + b64encode(ours)
