"""The pytest fixtures C{serveInThread} and C{smtpInbox}, for tests that block.

Registered under the entry point C{pytest11}, so pytest loads it in every run:
Twisted is imported only when a test asks for one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Protocol

import pytest

if TYPE_CHECKING:
    from protocols.smtpinbox import SMTPInbox
    from protocols.testing.threads import Running


class ServeInThread(Protocol):
    """What the fixture is: see L{protocols.testing.runningInThread}."""

    def __call__(self, factory: Any, listen: str = ...) -> Running:
        """Serve C{factory} until the end of the test."""


@pytest.fixture
def serveInThread() -> Iterator[ServeInThread]:
    """Serve any factory in a thread: C{server = serveInThread(factory)}.

    The server has C{host} and C{port}, and ends with the test.
    """
    from protocols.testing.threads import LISTEN, runningInThread

    with ExitStack() as running:

        def serve(factory: Any, listen: str = LISTEN) -> Running:
            return running.enter_context(runningInThread(factory, listen))

        yield serve


@pytest.fixture
def smtpInbox() -> Iterator[SMTPInbox]:
    """A mail receiver for one test: C{smtpInbox.waitFor(to=..., subject=...)}."""
    from protocols.smtpinbox import SMTPInbox

    with SMTPInbox() as inbox:
        yield inbox
