"""A realm in which everybody is a name, and no more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from twisted.cred.checkers import ICredentialsChecker
from twisted.cred.error import UnauthorizedLogin
from twisted.cred.portal import IRealm, Portal
from zope.interface import implementer

from protocols.sasl.interfaces import ILogin


@implementer(ILogin)
@dataclass(frozen=True)
class Login:
    """Somebody with a name."""

    name: str


@implementer(IRealm)
class LoginRealm:
    """Gives an L{ILogin} with the name that the checker found."""

    def requestAvatar(self, avatarId: Any, mind: object, *interfaces: Any) -> Any:
        """An avatar of one kind, L{ILogin}.

        @raise UnauthorizedLogin: it is nobody in particular (C{ANONYMOUS}).
        @raise NotImplementedError: something else is asked for.
        """
        if ILogin not in interfaces:
            raise NotImplementedError("this realm has logins only")
        if not avatarId:
            raise UnauthorizedLogin("a login has a name")
        return ILogin, Login(avatarId.decode("utf-8")), lambda: None


def portalFor(*checkers: ICredentialsChecker) -> Portal:
    """A portal to a L{LoginRealm}.

    Of checkers for the same kind of credentials the last one is asked.
    """
    return Portal(LoginRealm(), checkers)
