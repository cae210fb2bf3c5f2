"""REQUIRETLS (RFC 8689): a message that may travel under TLS only.

It is offered under TLS only (section 2, item 4), so without TLS the parameter is
not known, and the mail is refused. That a message asked for it is kept beside it.
"""

from __future__ import annotations

from typing import Any

from protocols.smtp.extension import Extension
from protocols.smtp.parameters import Parameter, flag


def _offer(protocol: Any) -> str:
    return "REQUIRETLS" if protocol.session.tls else ""


REQUIRETLS = Extension(
    _offer, mail={"REQUIRETLS": Parameter(flag("REQUIRETLS"), "requireTLS")}
)
