"""The tables of the PostgreSQL store, and the words that are said to them. Pure.

They are in a schema of their own. A message is a row; recipients and inboxes are
rows of other tables. Numbers are given under a lock that lasts until the commit,
so that a later message has a higher one on whichever host it came, and who reads
what is behind the last one misses none.
"""

from __future__ import annotations

from typing import Any

from protocols.smtp.reading import HEADER_ROOM
from protocols.smtp.rows import COLUMNS
from protocols.smtp.schema import SchemaError

SCHEMA = "protocols_mail"

# Where it is told that something has been kept.
CHANNEL = "protocols_mail"

# Numbers of advisory locks, which a database has for everybody: "txmail" and
# one more.
WRITING = 0x74786D61696C
MIGRATING = WRITING + 1

# What is found in most headers; the rest is read of those only that are longer.
_FIRST_LOOK = 8192

# Each step takes the tables from the version of its index to the next.
STEPS = (
    f"""
    CREATE TABLE {SCHEMA}.message (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        received double precision NOT NULL,
        sender text NOT NULL,
        peer text NOT NULL,
        helo text NOT NULL,
        parameters text NOT NULL,
        lint text NOT NULL,
        size bigint NOT NULL,
        login text NOT NULL,
        listener text NOT NULL,
        protocol text NOT NULL,
        recipientParameters text NOT NULL,
        content bytea NOT NULL
    );
    -- Not compressed: the header of a large one is read without the rest.
    ALTER TABLE {SCHEMA}.message ALTER content SET STORAGE EXTERNAL;
    CREATE TABLE {SCHEMA}.recipient (
        message bigint NOT NULL REFERENCES {SCHEMA}.message ON DELETE CASCADE,
        place bigint NOT NULL,
        mailbox text NOT NULL,
        PRIMARY KEY (message, place)
    );
    CREATE INDEX recipient_mailbox ON {SCHEMA}.recipient (mailbox, message);
    CREATE TABLE {SCHEMA}.inbox (
        name text NOT NULL,
        message bigint NOT NULL REFERENCES {SCHEMA}.message ON DELETE CASCADE,
        PRIMARY KEY (name, message)
    );
    CREATE INDEX inbox_message ON {SCHEMA}.inbox (message);
    CREATE TABLE {SCHEMA}.total (messages bigint NOT NULL, octets bigint NOT NULL);
    INSERT INTO {SCHEMA}.total VALUES (0, 0);
    CREATE FUNCTION {SCHEMA}.counted() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE sign int := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END;
    BEGIN
        UPDATE {SCHEMA}.total AS t
        SET messages = t.messages + sign * c.messages,
            octets = t.octets + sign * c.octets
        FROM (SELECT count(*) AS messages, coalesce(sum(size), 0)::bigint AS octets
              FROM changed) AS c;
        RETURN NULL;
    END $$;
    CREATE TRIGGER message_kept AFTER INSERT ON {SCHEMA}.message
        REFERENCING NEW TABLE AS changed
        FOR EACH STATEMENT EXECUTE FUNCTION {SCHEMA}.counted();
    CREATE TRIGGER message_gone AFTER DELETE ON {SCHEMA}.message
        REFERENCING OLD TABLE AS changed
        FOR EACH STATEMENT EXECUTE FUNCTION {SCHEMA}.counted();
    """,
)
VERSION = len(STEPS)

# The commit waits for the disk, and for standbys where the server asks for that;
# a host that hangs lets go of the lock.
SETTINGS = """
SET client_min_messages = warning;
SET lock_timeout = '10s';
SET idle_in_transaction_session_timeout = '60s';
SET default_transaction_isolation = 'read committed';
SELECT set_config('synchronous_commit', 'on', false)
WHERE current_setting('synchronous_commit') NOT IN ('on', 'remote_apply');
"""

LOCK = f"SELECT pg_advisory_xact_lock({WRITING})"
NOTIFY = f"SELECT pg_notify('{CHANNEL}', %s)"
LISTEN = f"LISTEN {CHANNEL}"

INSERT = f"""
WITH kept AS (
    INSERT INTO {SCHEMA}.message ({", ".join(COLUMNS)}, content)
    VALUES ({", ".join(["%s"] * len(COLUMNS))}, %b) RETURNING id
), recipients AS (
    INSERT INTO {SCHEMA}.recipient (message, place, mailbox)
    SELECT id, place, mailbox
    FROM kept, unnest(%s::text[]) WITH ORDINALITY AS each (mailbox, place)
), inboxes AS (
    INSERT INTO {SCHEMA}.inbox (message, name)
    SELECT id, name FROM kept, unnest(%s::text[]) AS each (name)
)
SELECT id FROM kept
"""

# The inbox is asked for twice: whether any is meant, and which.
SELECT = f"""
SELECT {", ".join(COLUMNS)}, id,
    ARRAY(SELECT mailbox FROM {SCHEMA}.recipient WHERE message = m.id ORDER BY place),
    ARRAY(SELECT name FROM {SCHEMA}.inbox WHERE message = m.id ORDER BY name),
    substring(content FROM 1 FOR CASE
        WHEN position('\\x0d0a0d0a'::bytea IN
            substring(content FROM 1 FOR {_FIRST_LOOK})) > 0
        THEN {_FIRST_LOOK} ELSE {HEADER_ROOM} END)
FROM {SCHEMA}.message AS m
WHERE id > %s AND (%s::text IS NULL OR id IN
    (SELECT message FROM {SCHEMA}.inbox WHERE name = %s::text))
ORDER BY id
"""
CONTENT = f"SELECT content FROM {SCHEMA}.message WHERE id = %s"
DELETE = f"DELETE FROM {SCHEMA}.message WHERE id = ANY(%s::bigint[])"
LAST = f"SELECT coalesce(max(id), 0) FROM {SCHEMA}.message"
TOTAL = f"SELECT messages, octets FROM {SCHEMA}.total"
OLDEST = f"SELECT id, received, size FROM {SCHEMA}.message ORDER BY id LIMIT %s"

# Asked of the tables of tables, which show what others have committed since the
# transaction began; functions such as to_regclass need not.
_HAS_VERSION = """
SELECT count(*) FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = %s AND c.relname = 'version'
"""
_HAS_SCHEMA = "SELECT count(*) FROM pg_namespace WHERE nspname = %s"
_VERSION = f"SELECT number FROM {SCHEMA}.version"


def migrate(connection: Any) -> None:
    """Bring the tables up to date; several hosts may do so at once.

    @param connection: of psycopg, committing by itself.
    @raise SchemaError: they are of a newer version, or the database can't hold
        every text.
    """
    ((encoding,),) = connection.execute("SHOW server_encoding")
    if encoding != "UTF8":
        raise SchemaError(f"the database is of {encoding}, and has to be of UTF8")
    if _version(connection) == VERSION:
        return
    with connection.transaction():
        connection.execute(f"SELECT pg_advisory_xact_lock({MIGRATING})")
        version = _version(connection)
        if version > VERSION:
            raise SchemaError(f"version {version} of the store is newer than {VERSION}")
        if not version:
            _begin(connection)
        for step in STEPS[version:]:
            connection.execute(step)
        connection.execute(f"UPDATE {SCHEMA}.version SET number = {VERSION}")


def _version(connection: Any) -> int:
    ((there,),) = connection.execute(_HAS_VERSION, (SCHEMA,))
    if not there:
        return 0
    ((number,),) = connection.execute(_VERSION)
    return int(number)


def _begin(connection: Any) -> None:
    """Who may not make the schema may have been given it."""
    ((there,),) = connection.execute(_HAS_SCHEMA, (SCHEMA,))
    if not there:
        connection.execute(f"CREATE SCHEMA {SCHEMA}")
    connection.execute(f"CREATE TABLE {SCHEMA}.version (number int NOT NULL)")
    connection.execute(f"INSERT INTO {SCHEMA}.version VALUES (0)")
