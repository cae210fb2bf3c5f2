"""How the public conformance suite irctest (progval/irctest) runs our server.

It is found there as C{--controller controller} with this folder on the path; see
C{run} beside it. The suite itself is not part of this project.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from irctest.basecontrollers import (
    BaseServerController,
    DirectoryBasedController,
)
from irctest.runner import NotImplementedByController
from irctest.specifications import Capabilities, OptionalBehaviors

ROOT = Path(__file__).resolve().parents[2]

# A token of a password for OPER, as the suite says it.
OPERATOR = "operuser:operpassword\n"


class ProtocolsController(BaseServerController, DirectoryBasedController):
    """Starts C{twistd chat} with its IRC door."""

    software_name = "protocols"
    _port_wait_interval = 0.02
    supported_sasl_mechanisms = {"PLAIN", "SCRAM-SHA-256"}
    supports_sts = False
    extban_mute_char = "m"
    capabilities = frozenset(
        (
            Capabilities.ACCOUNT_NOTIFY,
            Capabilities.ACCOUNT_TAG,
            Capabilities.AWAY_NOTIFY,
            Capabilities.BATCH,
            Capabilities.ECHO_MESSAGE,
            Capabilities.EXTENDED_JOIN,
            Capabilities.EXTENDED_MONITOR,
            Capabilities.LABELED_RESPONSE,
            Capabilities.MESSAGE_REDACTION,
            Capabilities.MESSAGE_TAGS,
            Capabilities.MULTI_PREFIX,
            Capabilities.READ_MARKER,
            Capabilities.SERVER_TIME,
            Capabilities.SETNAME,
        )
    )
    optional_behaviors = frozenset(
        (
            OptionalBehaviors.BAN_EXCEPTION_MODE,
            OptionalBehaviors.CAP_REQ_MINUS,
            OptionalBehaviors.ELIST_C,
            OptionalBehaviors.ELIST_M,
            OptionalBehaviors.ELIST_N,
            OptionalBehaviors.ELIST_T,
            OptionalBehaviors.ELIST_U,
            OptionalBehaviors.INVITE_EXCEPTION_MODE,
            OptionalBehaviors.INVITE_LIST,
            OptionalBehaviors.INVITE_OVERRIDES_LIMIT,
            OptionalBehaviors.MULTI_JOIN,
            OptionalBehaviors.MULTI_KICK,
            OptionalBehaviors.MULTI_NAMES_COMMAND,
            OptionalBehaviors.MULTI_PRIVMSG,
            OptionalBehaviors.NO_CTCP,
            OptionalBehaviors.SASL_AFTER_REGISTRATION,
        )
    )
    isupport = {"BOT": "B", "CASEMAPPING": "ascii", "PREFIX": "(ov)@+"}

    def create_config(self) -> None:
        super().create_config()
        with self.open_file("operators") as file:
            file.write(OPERATOR)
        with self.open_file("motd") as file:
            file.write("Be kind.\n")

    def run(
        self,
        hostname: str,
        port: int,
        *,
        password: str | None,
        ssl: bool,
        run_services: bool,
        faketime: str | None,
        websocket_hostname: str | None,
        websocket_port: int | None,
    ) -> None:
        if run_services:
            raise NotImplementedByController("services")
        self.port, self.hostname = port, hostname
        self.create_config()
        assert self.directory is not None
        words: list[Any] = [
            sys.executable
            if "IRCTEST_PYTHON" not in os.environ
            else os.environ["IRCTEST_PYTHON"]
        ]
        words += ["-m", "twisted", "chat", "--listen=tcp:0:interface=127.0.0.1"]
        kind = f"tcp:{port}:interface={hostname}"
        if ssl:
            kind = f"ssl:{port}:interface={hostname}:privateKey=development"
        words += [f"--irc={kind}", "--server-name=My.Little.Server"]
        words += ["--max-per-peer=0", "--line-rate=100000", "--line-burst=100000"]
        words += [
            "--network=Little",
            "--description=test server",
            f"--operators={self.directory / 'operators'}",
        ]
        if password:
            words.append(f"--password={password}")
        if websocket_port is not None:
            words.append(f"--web=tcp:{websocket_port}:interface={websocket_hostname}")
        self.proc = self.execute(words, cwd=ROOT)


def get_irctest_controller_class() -> type[ProtocolsController]:
    """What the suite asks for."""
    return ProtocolsController
