"""Names that belong to somebody with a password.

What is kept of a password is a SCRAM-SHA-256 secret (RFC 5802, RFC 7677): with it
PLAIN and SCRAM-SHA-256 can be checked, and nobody can log in with it. It is
derived in the reactor's threads, a few at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

from twisted.cred.checkers import ICredentialsChecker
from twisted.cred.credentials import IUsernamePassword
from twisted.cred.error import LoginFailed, UnauthorizedLogin
from twisted.cred.portal import Portal
from twisted.internet.defer import Deferred, DeferredSemaphore
from twisted.internet.threads import deferToThreadPool
from zope.interface import implementer

from protocols.backoff import LoginBackoff
from protocols.chat.certificates import Certificates
from protocols.chat.names import NameRefusedError, checkName, key
from protocols.chat.people import RefusedError
from protocols.chat.storeinterface import Account, AccountsFullError, Store
from protocols.peers import networkOf
from protocols.rate import BucketTable
from protocols.sasl import Authenticator, Decoys, ILogin, IScramCredentials, portalFor
from protocols.sasl.credentials import CertificateCredentials, PasswordCredentials
from protocols.sasl.records import readSecret, secretFor
from protocols.sasl.saslprep import prepared

_T = TypeVar("_T")

# Accounts in all; their keys are in memory, some 100 octets each.
MAX_ACCOUNTS = 100_000

# Octets of a password: no sentence is longer, and a derivation takes the same time
# for all (RFC 2104 hashes a key that is longer than a block).
MAX_PASSWORD = 512

# Ten times the fewest of RFC 7677 (section 4): some 8 ms of a processor (measured).
# The client does the same work, perhaps in a browser.
ITERATIONS = 40_960

# Derivations at a time, for the reactor's pool has ten threads and other work; and
# those that wait, of which the last waits for half a second.
DERIVING = 2
MAX_WAITING = 100

# Accounts that a network makes at once, and one more each so many seconds; as
# many networks are remembered as elsewhere.
MADE_AT_ONCE = 3
SECONDS_EACH = 600.0
MAX_NETWORKS = 10_000


@implementer(ICredentialsChecker)
class Accounts:
    """The accounts of a chat, in its store; a checker for C{twisted.cred}.

    What is refused is a L{RefusedError}; its C{why} is C{name}, C{taken},
    C{password}, C{login}, C{tries}, C{busy}, C{full} or C{closed}. A fault of the
    store is a L{protocols.chat.storeinterface.StoreError}.

    @param store: where they are kept. The keys of all are read now.
    @param reactor: an C{IReactorThreads}, C{IReactorFromThreads} and
        C{IReactorTime}.
    @param checkers: if there are any, they are asked who somebody is, and nobody
        can register here.
    @param now: tells the seconds since 1970; the reactor does, if C{None}.
    @param most: accounts at most.
    @param iterations: as L{secretFor} takes them.
    @ivar authenticator: begins logins by SASL.
    @ivar certificates: what stands for a password of accounts that are here.
    @ivar backoff: who has failed to log in too often. L{login} minds it; who
        begins exchanges with C{authenticator} has to.
    """

    credentialInterfaces = (IScramCredentials, IUsernamePassword)

    def __init__(
        self,
        store: Store,
        reactor: Any,
        *,
        checkers: Sequence[ICredentialsChecker] = (),
        now: Callable[[], float] | None = None,
        most: int = MAX_ACCOUNTS,
        iterations: int = ITERATIONS,
    ) -> None:
        self._store = store
        self._reactor = reactor
        self._now = now or reactor.seconds
        self._most = most
        self._iterations = iterations
        self._isElsewhere = bool(checkers)
        self.certificates = Certificates(
            store, self._now, isElsewhere=self._isElsewhere
        )
        self._portal: Portal = portalFor(*(checkers or (self, self.certificates)))
        self.authenticator = Authenticator(self._portal)
        self.backoff = LoginBackoff()
        self._makers = BucketTable(1 / SECONDS_EACH, MADE_AT_ONCE, MAX_NETWORKS)
        self._decoys = Decoys(store.secretKey(), iterations)
        self._deriving = DeferredSemaphore(DERIVING)
        self._keys = set() if checkers else store.accountKeys()

    def useKey(self, secret: bytes) -> None:
        """Answer for names that nobody has as all processes of the chat do."""
        self._decoys = Decoys(secret, self._iterations)

    def owns(self, name: str) -> bool:
        """Whether a name is an account's, however it is written."""
        return key(name) in self._keys

    def register(self, name: str, password: str, host: str = "") -> Deferred[str]:
        """Make an account.

        @param host: where the person comes from, as a literal address.
        @return: the name, in its composed form. Fails with L{RefusedError}.
        """
        return Deferred.fromCoroutine(self._register(name, password, host))

    def login(self, name: str, password: str, host: str = "") -> Deferred[str]:
        """Check a password.

        @return: the account's name, as it was registered. Fails with
            L{RefusedError}.
        """
        octets = (text.encode("utf-8", "replace") for text in (name, password))
        credentials = PasswordCredentials(*octets)
        wrong = "the name or password is wrong"
        return Deferred.fromCoroutine(self._login(credentials, host, wrong))

    def loginWith(
        self, fingerprint: str, host: str = "", name: str = ""
    ) -> Deferred[str]:
        """Look whose a certificate is, which has been shown.

        @param name: the account that it should be of; any, if empty.
        @return: the account's name. Fails with L{RefusedError}.
        """
        return Deferred.fromCoroutine(self._loginWith(fingerprint, host, name))

    def changePassword(self, name: str, password: str) -> Deferred[None]:
        """Give an account another password; its owner has logged in to it.

        @return: fails with L{RefusedError}.
        """
        return Deferred.fromCoroutine(self._change(name, password))

    def drop(self, name: str) -> Deferred[None]:
        """Delete an account. Fails with L{RefusedError} if there is none."""
        return Deferred.fromCoroutine(self._change(name, None))

    def requestAvatarId(self, credentials: Any) -> Deferred[bytes | tuple[()]]:
        """See C{ICredentialsChecker}; the name as it was registered, in UTF-8."""
        return Deferred.fromCoroutine(self._check(credentials))

    async def _register(self, name: str, password: str, host: str) -> str:
        self._mustBeHere()
        try:
            name = checkName(name)
        except NameRefusedError as error:
            raise RefusedError(str(error), "name", name) from None
        if self.owns(name):
            raise _taken(name)
        _checkLength(password)
        if not self._makers.take(networkOf(host), self._reactor.seconds()):
            raise RefusedError("too many accounts from there; try again later", "tries")
        account = Account(name, await self._secretFor(password), self._now())
        try:
            if not await self._store.addAccount(account, self._most):
                raise _taken(name)
        except AccountsFullError:
            raise RefusedError("there are too many accounts", "full") from None
        self._keys.add(account.key)
        return name

    async def _loginWith(self, fingerprint: str, host: str, name: str) -> str:
        octets = name.encode("utf-8", "replace")
        credentials = CertificateCredentials(octets, fingerprint)
        wrong = f"your certificate is not {name or 'anybody'}'s here"
        account = await self._login(credentials, host, wrong)
        if name and key(account) != key(name):
            self.backoff.failed(host, self._reactor.seconds())
            raise RefusedError(wrong, "login")
        return account

    async def _login(self, credentials: Any, host: str, wrong: str) -> str:
        if not self.backoff.mayTry(host, self._reactor.seconds()):
            raise RefusedError("too many logins failed; try again later", "tries")
        try:
            found: Any = await self._portal.login(credentials, None, ILogin)
        except LoginFailed:
            self.backoff.failed(host, self._reactor.seconds())
            raise RefusedError(wrong, "login") from None
        return str(found[1].name)

    async def _change(self, name: str, password: str | None) -> None:
        self._mustBeHere()
        secret = None if password is None else await self._secretFor(password)
        if not await self._store.changeAccount(name, secret):
            raise RefusedError(f"{name} has no account", "name", name)
        if secret is None:
            self._keys.discard(key(name))

    async def _check(self, credentials: Any) -> bytes | tuple[()]:
        """A name that nobody has takes as long as one that somebody has."""
        name = prepared(credentials.username) or ""
        account = await self._store.account(name)
        record = self._decoys.recordFor(key(name))
        if account is not None:
            record = readSecret(account.secret)
        if IScramCredentials.providedBy(credentials):
            right = await credentials.checkRecord(record)
        else:
            password = prepared(credentials.password[: MAX_PASSWORD + 1]) or ""
            right = await self._inThread(partial(record.isOf, password))
        if not right or account is None:
            raise UnauthorizedLogin("a name or password is wrong")
        return account.name.encode()

    async def _secretFor(self, password: str) -> str:
        _checkLength(password)
        work = partial(secretFor, password, iterations=self._iterations)
        try:
            return await self._inThread(work)
        except ValueError as error:
            raise RefusedError(str(error), "password") from None

    async def _inThread(self, work: Callable[[], _T]) -> _T:
        if len(self._deriving.waiting) >= MAX_WAITING:
            raise RefusedError("too many log in just now; try again", "busy")
        pool = self._reactor.getThreadPool()
        run: Any = self._deriving.run
        result: _T = await run(deferToThreadPool, self._reactor, pool, work)
        return result

    def _mustBeHere(self) -> None:
        if self._isElsewhere:
            raise RefusedError("accounts are made elsewhere", "closed")


def _checkLength(password: str) -> None:
    if not 0 < len(password.encode("utf-8", "replace")) <= MAX_PASSWORD:
        raise RefusedError(f"a password has 1 to {MAX_PASSWORD} octets", "password")


def _taken(name: str) -> RefusedError:
    return RefusedError(f"the name {name} is taken", "taken", name)
