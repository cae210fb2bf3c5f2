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
from irctest.specifications import Capabilities, OptionalBehaviors

ROOT = Path(__file__).resolve().parents[2]

# A token of a password for OPER, as the suite says it.
OPERATOR = "operuser:operpassword\n"

# No limits: all its clients are one peer, and say much at once.
OPTIONS = (
    *("--listen=tcp:0:interface=127.0.0.1", "--server-name=My.Little.Server"),
    *("--network=Little", "--description=test server", "--max-per-peer=0"),
    *("--accept-rate=0", "--line-rate=100000", "--line-burst=100000"),
)


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
            Capabilities.MULTILINE,
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
        self.port, self.hostname = port, hostname
        self.create_config()
        assert self.directory is not None
        # The suite names all of this machine's addresses; this one will do.
        irc = f"tcp:{port}:interface=127.0.0.1"
        if ssl:
            irc = f"ssl:{port}:interface=127.0.0.1:privateKey=development"
        python = os.environ.get("IRCTEST_PYTHON", sys.executable)
        words = [python, "-m", "twisted", "chat", *OPTIONS, f"--irc={irc}"]
        words.append(f"--operators={self.directory / 'operators'}")
        if password:
            words.append(f"--password={password}")
        if websocket_port is not None:
            words.append(f"--web=tcp:{websocket_port}:interface={websocket_hostname}")
        self.proc = self.execute(words, cwd=ROOT)

    def wait_for_services(self) -> None:
        """Accounts are the server's own: there is nothing to wait for."""

    def registerUser(
        self, case: Any, username: str, password: str | None = None
    ) -> None:
        """Make an account, as a client does (IRCv3's account-registration)."""
        client = case.addClient(show_io=False)
        for line in ("CAP LS 302", f"NICK {username}", "USER r e g :user", "CAP END"):
            case.sendLine(client, line)
        while case.getRegistrationMessage(client).command != "001":
            pass
        case.getMessages(client)
        case.sendLine(client, f"REGISTER * * :{password}")
        while case.getMessage(client).params[0] != "SUCCESS":
            pass
        case.sendLine(client, "QUIT")
        case.assertDisconnected(client)


def get_irctest_controller_class() -> type[ProtocolsController]:
    """What the suite asks for."""
    return ProtocolsController
