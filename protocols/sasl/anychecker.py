"""A checker for those who only want to see what a client does."""

from __future__ import annotations

from typing import Any

from twisted.cred.checkers import ICredentialsChecker
from twisted.cred.credentials import IUsernameHashedPassword, IUsernamePassword
from twisted.internet.defer import Deferred, succeed
from zope.interface import implementer


@implementer(ICredentialsChecker)
class AnyChecker:
    """Lets everybody in under the name they give, with whatever password.

    For catchers of test mail, where the name says which test it was. PLAIN, LOGIN
    and CRAM-MD5 are accepted. SCRAM-SHA-256 is not offered: in it the server
    proves that it knows the password as well, and this one does not.
    """

    credentialInterfaces = (IUsernamePassword, IUsernameHashedPassword)

    def requestAvatarId(self, credentials: Any) -> Deferred[bytes | tuple[()]]:
        """The name."""
        return succeed(credentials.username)
