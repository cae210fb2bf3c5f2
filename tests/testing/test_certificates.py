"""Certificates for tests."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from ipaddress import ip_address

from cryptography import x509
from twisted.internet.ssl import PrivateCertificate
from twisted.trial.unittest import SynchronousTestCase

from protocols.testing import selfSigned


class SelfSignedTests(SynchronousTestCase):
    def names(self, *names: str) -> list[object]:
        certificate = x509.load_pem_x509_certificate(selfSigned(*names))
        extension = certificate.extensions.get_extension_for_class(
            x509.SubjectAlternativeName
        )
        return [name.value for name in extension.value]

    def test_names(self) -> None:
        self.assertEqual(self.names(), ["localhost"])
        self.assertEqual(
            self.names("mail.example", "127.0.0.1", "::1"),
            ["mail.example", ip_address("127.0.0.1"), ip_address("::1")],
        )

    def test_validNow(self) -> None:
        certificate = x509.load_pem_x509_certificate(selfSigned())
        now = datetime.now(timezone.utc)
        self.assertLess(certificate.not_valid_before_utc, now)
        self.assertGreater(certificate.not_valid_after_utc, now + timedelta(hours=1))

    def test_keyAndCertificateBelongTogether(self) -> None:
        own = PrivateCertificate.loadPEM(selfSigned("a.example"))
        self.assertTrue(own.privateKey.matches(own.getPublicKey()))

    def test_oncePerName(self) -> None:
        self.assertEqual(selfSigned("a.example"), selfSigned("a.example"))
        self.assertNotEqual(selfSigned("a.example"), selfSigned("b.example"))
