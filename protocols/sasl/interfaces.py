"""What SASL asks of a realm and of a checker."""

from __future__ import annotations

from typing import Any

from twisted.cred.credentials import ICredentials
from zope.interface import Attribute, Interface

from protocols.sasl.records import ScramRecord


class ILogin(Interface):
    """What a realm is asked for: somebody with a name."""

    name = Attribute("The login, as C{str}.")


class ICertificateCredentials(ICredentials):
    """Somebody who has proven in the TLS handshake to have a certificate's key.

    Nobody else vouches for the certificate: it may be self-signed, and is known by
    its fingerprint alone. A checker that lists this interface in its
    C{credentialInterfaces} makes EXTERNAL be offered to who has shown one::

        def requestAvatarId(self, credentials):
            return self.names[credentials.fingerprint]  # or LoginFailed
    """

    fingerprint = Attribute("SHA-256 of the DER, as 64 small hexadecimal digits.")
    username = Attribute(
        "The name to act as, as UTF-8 in C{bytes}, SASLprepared; empty for none. "
        "A login by another name is refused, whatever the checker says."
    )


class IScramCredentials(ICredentials):
    """Somebody who will prove, without sending it, to know a password.

    A checker that lists this interface in its C{credentialInterfaces} makes
    SCRAM-SHA-256 be offered. Whatever it keeps its records in, this is all::

        def requestAvatarId(self, credentials):
            record = self.records.get(credentials.username)
            return credentials.checkRecord(record).addCallback(
                lambda right: credentials.username if right
                else Failure(UnauthorizedLogin())
            )

    The record may also be looked up with a Deferred. It is asked for once, and
    the checker's answer is what comes of the whole exchange.
    """

    username = Attribute("The name, as UTF-8 in C{bytes}, SASLprepared.")

    def checkRecord(record: ScramRecord | None) -> Any:
        """Have the client prove that it knows the password of C{record}.

        @param record: C{None} for a name that nobody has: the client is then
            asked all the same, with an invented salt, and fails at the end
            (RFC 5802, section 9). To fail at once comes to the same.
        @return: a Deferred of C{bool}: whether it did.
        """
