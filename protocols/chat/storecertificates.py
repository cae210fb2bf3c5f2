"""Whose a certificate is, in the chat's store; in whichever thread. Pure."""

from __future__ import annotations

import sqlite3

from protocols.chat.spans import milliseconds
from protocols.chat.storeinterface import Account, CertificatesFullError

_OWNER = (
    "SELECT account.key, name, secret, account.made FROM certificate"
    " JOIN account ON account.key = certificate.account WHERE fingerprint = ?"
)
_OF = "SELECT fingerprint FROM certificate WHERE account = ? ORDER BY made, fingerprint"
_ADD = "INSERT INTO certificate SELECT ?, key, ? FROM account WHERE key = ?"
_DROP = "DELETE FROM certificate WHERE fingerprint = ? AND account = ?"


def addCertificate(
    key: str, fingerprint: str, now: float, most: int, connection: sqlite3.Connection
) -> bool:
    """See L{protocols.chat.storeinterface.Store.addCertificate}.

    @param key: of the account.
    """
    owner = connection.execute(_OWNER, (fingerprint,)).fetchone()
    if owner is not None:
        return bool(owner[0] == key)
    if len(readCertificates(key, connection)) >= most:
        raise CertificatesFullError(f"an account has {most} certificates")
    added = connection.execute(_ADD, (fingerprint, milliseconds(now), key))
    return added.rowcount == 1


def readCertificates(key: str, connection: sqlite3.Connection) -> list[str]:
    """The fingerprints of an account, the oldest first."""
    return [fingerprint for (fingerprint,) in connection.execute(_OF, (key,))]


def readOwner(fingerprint: str, connection: sqlite3.Connection) -> Account | None:
    """Whose a certificate is."""
    row = connection.execute(_OWNER, (fingerprint,)).fetchone()
    return Account(row[1], row[2], row[3] / 1000) if row else None


def dropCertificate(key: str, fingerprint: str, connection: sqlite3.Connection) -> bool:
    """Forget one; false if the account has none such."""
    return connection.execute(_DROP, (fingerprint, key)).rowcount == 1
