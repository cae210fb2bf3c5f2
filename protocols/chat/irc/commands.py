"""All commands of the IRC door, from the modules that they stand in."""

from __future__ import annotations

from protocols.chat.irc.certificates import COMMANDS as CERTIFICATES
from protocols.chat.irc.channels import COMMANDS as CHANNELS
from protocols.chat.irc.command import Command
from protocols.chat.irc.login import COMMANDS as LOGIN
from protocols.chat.irc.metadata import COMMANDS as METADATA
from protocols.chat.irc.modes import COMMANDS as MODES
from protocols.chat.irc.monitor import COMMANDS as MONITOR
from protocols.chat.irc.multiline import COMMANDS as MULTILINE
from protocols.chat.irc.operators import COMMANDS as OPERATORS
from protocols.chat.irc.playback import COMMANDS as PLAYBACK
from protocols.chat.irc.presence import COMMANDS as PRESENCE
from protocols.chat.irc.privacy import COMMANDS as PRIVACY
from protocols.chat.irc.queries import COMMANDS as QUERIES
from protocols.chat.irc.registration import COMMANDS as REGISTRATION
from protocols.chat.irc.server import COMMANDS as SERVER
from protocols.chat.irc.serverbans import COMMANDS as SERVER_BANS
from protocols.chat.irc.talk import COMMANDS as TALK
from protocols.chat.irc.who import COMMANDS as WHO
from protocols.chat.irc.whois import COMMANDS as WHOIS

__all__ = ["COMMANDS", "Command"]

COMMANDS: dict[str, Command] = {
    **REGISTRATION,
    **LOGIN,
    **CERTIFICATES,
    **CHANNELS,
    **TALK,
    **MULTILINE,
    **PRESENCE,
    **MODES,
    **QUERIES,
    **WHO,
    **WHOIS,
    **MONITOR,
    **PLAYBACK,
    **SERVER,
    **OPERATORS,
    **METADATA,
    **PRIVACY,
    **SERVER_BANS,
}
