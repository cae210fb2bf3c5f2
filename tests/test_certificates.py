"""L{protocols.certificates}: the certificate that is made when one is asked for."""

from __future__ import annotations

import ssl
import stat
from pathlib import Path
from unittest.mock import patch

from cryptography import x509
from twisted.trial.unittest import SynchronousTestCase

from protocols.certificates import (
    DAYS,
    DAYS_LEFT,
    LOCAL_NAMES,
    developmentCertificate,
    makeCertificate,
)
from protocols.listening import ListenError, streamEndpoint
from protocols.starttls import RenewableContext
from tests.folders import folderFor


class CertificateTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.folder = Path(folderFor(self), "data")

    def test_forThisMachine(self) -> None:
        path = developmentCertificate(self.folder)
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
        names = certificate.extensions.get_extension_for_class(
            x509.SubjectAlternativeName
        ).value
        found = {str(name.value) for name in names}
        self.assertEqual(found, set(LOCAL_NAMES))
        lasts = certificate.not_valid_after_utc - certificate.not_valid_before_utc
        self.assertEqual(lasts.days, DAYS)
        RenewableContext(str(path))
        ssl.create_default_context(cafile=str(path))

    def test_nobodyElses(self) -> None:
        path = developmentCertificate(self.folder)
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)
        self.assertEqual(stat.S_IMODE(self.folder.stat().st_mode), 0o700)
        self.assertEqual(list(self.folder.iterdir()), [path])

    def test_kept(self) -> None:
        first = developmentCertificate(self.folder).read_bytes()
        self.assertEqual(developmentCertificate(self.folder).read_bytes(), first)

    def test_madeAnew(self) -> None:
        """When it is about to end, or is none."""
        path = developmentCertificate(self.folder)
        for octets in (makeCertificate(LOCAL_NAMES, DAYS_LEFT - 1), b"", b"what?"):
            path.write_bytes(octets)
            self.assertNotEqual(
                developmentCertificate(self.folder).read_bytes(), octets
            )

    def test_forAnEndpoint(self) -> None:
        """C{privateKey=development}, in the user's own folder."""
        listen = "ssl:0:interface=127.0.0.1:privateKey=development"
        data = str(Path(folderFor(self), "a:b"))
        with patch.dict("os.environ", XDG_DATA_HOME=data):
            streamEndpoint(None, listen)
            self.assertTrue(developmentCertificate().is_relative_to(data))
            self.assertRaises(
                ListenError, streamEndpoint, None, listen.replace("privateKey", "key")
            )
