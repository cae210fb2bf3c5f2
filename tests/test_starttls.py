"""L{protocols.starttls}: a certificate from a file, and what is no such file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from protocols.starttls import CertificateError, RenewableContext
from protocols.testing.certificates import selfSigned
from tests.folders import folderFor


def nameOf(certificate: Any) -> str:
    name: str = certificate.to_cryptography().subject.rfc4514_string()
    return name


class ContextTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.path = Path(folderFor(self), "mx.pem")
        self.path.write_bytes(selfSigned("mx.example"))

    def test_renewed(self) -> None:
        context = RenewableContext(str(self.path))
        before = context.options
        self.path.write_bytes(selfSigned("other.example"))
        context.renew()
        self.assertIsNot(context.options, before)
        names = [nameOf(options.certificate) for options in (before, context.options)]
        self.assertEqual(names, ["CN=mx.example", "CN=other.example"])

    def test_chain(self) -> None:
        more = selfSigned("ca.example").partition(b"-----BEGIN CERTIFICATE")
        self.path.write_bytes(selfSigned("mx.example") + b"".join(more[1:]))
        chain = RenewableContext(str(self.path)).options.extraCertChain
        self.assertEqual([nameOf(each) for each in chain], ["CN=ca.example"])

    def test_noSuchThing(self) -> None:
        key, mark, certificate = selfSigned("mx.example").partition(
            b"-----BEGIN CERTIFICATE"
        )
        other = selfSigned("other.example").partition(b"-----BEGIN CERTIFICATE")[0]
        for text in (
            b"",
            b"hello",
            key,
            mark + certificate,
            other + mark + certificate,
        ):
            self.path.write_bytes(text)
            error = self.assertRaises(
                CertificateError, RenewableContext, str(self.path)
            )
            self.assertIn("holds no private key with its certificate", str(error))
        self.path.unlink()
        error = self.assertRaises(CertificateError, RenewableContext, str(self.path))
        self.assertIn("No such file", str(error))

    def test_brokenRenewal(self) -> None:
        """Who breaks the file does not break the server."""
        context = RenewableContext(str(self.path))
        before = context.options
        self.path.write_bytes(b"half")
        self.assertRaises(CertificateError, context.renew)
        self.assertIs(context.options, before)
