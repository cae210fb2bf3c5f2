"""Mail receivers: ours beside aiosmtpd, twisted.mail and smtp-sink of Postfix.

C{python benchmarks/mail.py [--quick] [--only WORDS] [--write]}. Messages come from
C{smtp-source} of Postfix; whoever is not installed is named and left out. Ours is
C{twistd smtp} with all its checks and its limits, but for those on the number of
connections.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import NamedTuple

from mailloads import FOUR_KIBIBYTES, KIBIBYTE, LARGE, Load, fromFile, idling
from mailloads import TEN_MEBIBYTES, writeDots, writeEmptyLines
from mailservers import CONNECTIONS, MailServer, mailServers
from measure import ROUNDS, MissingError, Ratio, inTurn

# Seconds that one run goes on, about; more messages than this it never has.
LASTING = 0.7
MOST_MESSAGES = 20_000


class Comparison(NamedTuple):
    """Ours and a peer's under one load, and the ratio that ours should reach."""
