"""To hear of what other hosts have kept."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from selectors import EVENT_READ, DefaultSelector
from socket import socketpair
from threading import Thread
from typing import Any

from twisted.logger import Logger

from protocols.smtp.postgresschema import LISTEN

# Seconds between two attempts to reach a server that is away.
RETRY = 1.0


class Listening:
    """A thread that listens on a connection of its own, and on a new one if it goes.

    @param connect: makes a connection of psycopg that commits by itself.
    @param began: is called, in the thread, whenever listening has begun: what came
        before that has not been heard.
    @param heard: is called with each notification's text, in the thread.
    @param explained: an error's text for the log.
    """

    log = Logger()

    def __init__(
        self,
        connect: Callable[[], Any],
        began: Callable[[], object],
        heard: Callable[[str], object],
        explained: Callable[[BaseException], str],
    ) -> None:
        self._connect = connect
        self._began = began
        self._heard = heard
        self._explained = explained
        self._isAway = False
        self._woken, self._waker = socketpair()
        self._thread = Thread(target=self._run, name="mail heard", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the thread; blocks until then."""
        self._waker.close()
        self._thread.join()

    def _run(self) -> None:
        with self._woken:
            while not self._ends(0):
                try:
                    self._listen()
                except Exception as error:  # noqa: BLE001 - it must go on
                    self._failed(error)
                    self._ends(RETRY)

    def _failed(self, error: Exception) -> None:
        """Told once, not for each attempt."""
        if not self._isAway:
            text = self._explained(error)
            self.log.warn("Other hosts can't be heard: {error}", error=text)
        self._isAway = True

    def _listen(self) -> None:
        with closing(self._connect()) as connection:
            connection.execute(LISTEN)
            self._began()
            self._isAway = False
            while not self._ends(None, connection):
                for notice in connection.notifies(timeout=0):
                    self._heard(notice.payload)

    def _ends(self, timeout: float | None, *connections: Any) -> bool:
        """Wait until we shall end, or there is something; whether we shall."""
        with DefaultSelector() as selector:
            for each in (self._woken, *connections):
                selector.register(each, EVENT_READ)
            return any(
                key.fileobj is self._woken for key, _ in selector.select(timeout)
            )
