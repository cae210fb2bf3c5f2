"""What a server keeps for SCRAM-SHA-256 in place of a password. Pure.

RFC 5802 (section 3 has the formulas) with the hash of RFC 7677. A record lets its
holder check a client; to log in with it takes the password.
"""

from __future__ import annotations

import hmac
import re
from base64 import b64encode
from dataclasses import dataclass, field
from hashlib import pbkdf2_hmac, sha256
from secrets import token_bytes

from protocols.sasl.base64 import decodeBase64
from protocols.sasl.saslprep import prepare

# RFC 7677, section 4: the fewest; one derivation takes about 2 ms.
MIN_ITERATIONS = 4096
# Some seconds of a processor for each login: a slip of the keyboard.
MAX_ITERATIONS = 10_000_000
# As PostgreSQL makes them; RFC 5802 leaves it open.
SALT_OCTETS = 16
# Of SHA-256: both keys, the proof and the signature.
KEY_OCTETS = 32
# Names in the formulas of section 3 that are part of what is computed.
_CLIENT_KEY = b"Client Key"
_SERVER_KEY = b"Server Key"

_BASE64 = r"[A-Za-z0-9+/]+={0,2}"
SECRET_PREFIX = "SCRAM-SHA-256$"
_SECRET = re.compile(
    rf"SCRAM-SHA-256\$([0-9]{{1,8}}):({_BASE64})\$({_BASE64}):({_BASE64})"
)


def macOf(key: bytes, octets: bytes) -> bytes:
    """HMAC-SHA-256."""
    return hmac.digest(key, octets, "sha256")


@dataclass(frozen=True)
class ScramRecord:
    """A password, salted and derived.

    @raise ValueError: iterations or lengths are out of range.
    """

    iterations: int
    salt: bytes = field(repr=False)
    storedKey: bytes = field(repr=False)
    serverKey: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if not MIN_ITERATIONS <= self.iterations <= MAX_ITERATIONS:
            raise ValueError(f"iterations are {MIN_ITERATIONS} to {MAX_ITERATIONS}")
        if not self.salt:
            raise ValueError("a salt is empty")
        if {len(self.storedKey), len(self.serverKey)} != {KEY_OCTETS}:
            raise ValueError(f"a key has {KEY_OCTETS} octets")

    @classmethod
    def derive(
        cls, password: str, salt: bytes, iterations: int = MIN_ITERATIONS
    ) -> ScramRecord:
        """The record of a SASLprepared password; takes the time it takes."""
        salted = pbkdf2_hmac("sha256", password.encode(), salt, iterations)
        storedKey = sha256(macOf(salted, _CLIENT_KEY)).digest()
        return cls(iterations, salt, storedKey, macOf(salted, _SERVER_KEY))

    def isOf(self, password: str) -> bool:
        """Whether this is its password; takes the time of a derivation."""
        derived = self.derive(password, self.salt, self.iterations)
        return hmac.compare_digest(derived.storedKey, self.storedKey)

    def isProvenBy(self, proof: bytes, authMessage: bytes) -> bool:
        """Whether who sent C{proof}, of L{KEY_OCTETS}, knows the password."""
        signature = macOf(self.storedKey, authMessage)
        clientKey = bytes(a ^ b for a, b in zip(proof, signature, strict=True))
        return hmac.compare_digest(sha256(clientKey).digest(), self.storedKey)

    def sign(self, authMessage: bytes) -> bytes:
        """The proof to the client that the server knows the record."""
        return macOf(self.serverKey, authMessage)


class Decoys:
    """Records for names that nobody has (RFC 5802, section 9).

    @param key: octets that nobody else knows: the same ones give the same salts
        after a restart. Without it they are drawn.
    @param iterations: as many as records that are real have.
    """

    def __init__(
        self, key: bytes | None = None, iterations: int = MIN_ITERATIONS
    ) -> None:
        self._key = token_bytes(KEY_OCTETS) if key is None else key
        self.iterations = iterations

    def saltFor(self, name: str) -> bytes:
        """A salt that is always the same for a name."""
        return macOf(self._key, b"salt " + name.encode())[:SALT_OCTETS]

    def recordFor(self, name: str) -> ScramRecord:
        """A record that nobody can prove to know the password of."""
        octets = name.encode()
        storedKey = macOf(self._key, b"stored " + octets)
        serverKey = macOf(self._key, b"server " + octets)
        return ScramRecord(self.iterations, self.saltFor(name), storedKey, serverKey)


def readSecret(text: str) -> ScramRecord:
    """A record from the text that PostgreSQL keeps it as.

    @raise ValueError: it is something else; the text is not in the message.
    """
    match = _SECRET.fullmatch(text)
    if match is None:
        raise ValueError("a SCRAM-SHA-256 secret is malformed")
    iterations, *octets = match.groups()
    salt, storedKey, serverKey = map(decodeBase64, octets)
    return ScramRecord(int(iterations), salt, storedKey, serverKey)


def writeSecret(record: ScramRecord) -> str:
    """The text of a record; the opposite of L{readSecret}."""
    parts = (record.salt, record.storedKey, record.serverKey)
    salt, storedKey, serverKey = (b64encode(part).decode() for part in parts)
    return f"{SECRET_PREFIX}{record.iterations}:{salt}${storedKey}:{serverKey}"


def secretFor(
    password: str, *, iterations: int = MIN_ITERATIONS, salt: bytes | None = None
) -> str:
    """What stands in a password file for C{password}, which can't be read from it.

    @param iterations: L{MIN_ITERATIONS} to L{MAX_ITERATIONS}.
    @param salt: drawn if C{None}.
    @raise ValueError: SASLprep (RFC 4013) refuses the password, or a number is
        out of range.
    """
    salt = token_bytes(SALT_OCTETS) if salt is None else salt
    if not MIN_ITERATIONS <= iterations <= MAX_ITERATIONS:
        raise ValueError(f"iterations are {MIN_ITERATIONS} to {MAX_ITERATIONS}")
    return writeSecret(ScramRecord.derive(prepare(password), salt, iterations))
