"""L{protocols.smtp.postgresurl}: nothing tells the password."""

from __future__ import annotations

from traceback import format_exception

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from tests.smtp.queues import ThreadCalls

try:
    import psycopg

    from protocols.smtp.postgres import PostgresDelivery
    from protocols.smtp.postgresurl import PostgresError, PostgresURL
except ImportError:
    skip = "psycopg is not installed"

NOWHERE = "postgresql://ann:s3cret@/mail?host=/nonexistent&connect_timeout=2"


class URLTests(SynchronousTestCase):
    def test_shown(self) -> None:
        """Without user and password."""
        for text, shown in {
            "postgresql://ann:s3cret@db.example:5433/mail": "db.example:5433/mail",
            "postgres://ann@db.example/mail": "db.example/mail",
            "postgresql://a:b@h1:1,h2:2/mail": "h1,h2:1,2/mail",
            "postgresql:///mail?host=/run/pg": "/run/pg/mail",
            "postgresql://[::1]/": "::1/",
        }.items():
            self.assertEqual(repr(PostgresURL(text)), f"postgresql://{shown}")

    def test_parameters(self) -> None:
        """What the URL says counts; a password is what it stands for."""
        text = "postgresql://ann:a%40%2Fb@h/mail?connect_timeout=9"
        parameters = PostgresURL(text).parameters
        self.assertEqual(parameters["password"], "a@/b")
        self.assertEqual(parameters["connect_timeout"], "9")
        self.assertEqual(parameters["target_session_attrs"], "read-write")

    def test_malformed(self) -> None:
        """Nothing of it is quoted: what is misread may be the password."""
        for text in (
            "",
            "mail.sqlite",
            "host=h password=s3cret",
            "postgresql://ann:s3cret@word@h/mail",
            "postgresql://ann:p/s3cret@h/mail",
            "postgresql://ann:p?s3cret@h/mail",
            "postgresql://ann:%zs3cret@h/mail",
            "postgresql://ann:s3cret@[::1/mail",
            "postgresql://ann:p@h/mail?s3cret=1",
        ):
            with self.assertRaises(PostgresError) as caught:
                PostgresURL(text)
            shown = "".join(format_exception(caught.exception))
            self.assertNotIn("s3cret", shown)

    @given(st.text(max_size=30))
    def test_anyText(self, text: str) -> None:
        """A URL, or one error."""
        try:
            PostgresURL(f"postgresql://{text}")
        except PostgresError as error:
            self.assertNotIn("\n", str(error))

    def test_explained(self) -> None:
        url = PostgresURL("postgresql://ann:s3cret@h/mail")
        said = url.explained(psycopg.OperationalError("no\n\troute"))
        self.assertEqual(said, "postgresql://h/mail: no route")
        said = url.explained(psycopg.OperationalError("as ann with s3cret"))
        self.assertNotIn("s3cret", said)

    def test_nobodyThere(self) -> None:
        with self.assertRaises(PostgresError) as caught:
            PostgresDelivery(NOWHERE, ThreadCalls())
        self.assertNotIn("s3cret", str(caught.exception))
