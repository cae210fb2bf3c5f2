"""The `protocols` command: TCP echo, UDP echo, chat and mail on loopback, at once.

`protocols mail` reads the mail that was kept.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from twisted.python import usage

from protocols.frontdoor import CannotStartError, Options, run
from protocols.lean import installIfUsable


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command.

    @param argv: Its arguments; None for those of the process.
    @return: The exit status: 0 after a farewell, 1 if a service can not start, 2 if
        an argument is wrong.
    """
    arguments = sys.argv[1:] if argv is None else list(argv)
    if arguments[:1] == ["mail"]:
        from protocols.smtp.console import main as mail

        return mail(arguments[1:])
    options = Options()
    try:
        options.parseOptions(arguments)
    except usage.UsageError as error:
        return _complain(f"{error} (--help explains the options)", 2)
    _installLean()
    from twisted.internet import reactor

    try:
        run(options, reactor)
    except CannotStartError as error:
        return _complain(str(error), 1)
    return 0


def _installLean() -> None:
    """Have the lean reactor serve, where it works and there is none yet."""
    if "twisted.internet.reactor" not in sys.modules:
        installIfUsable()


def _complain(error: str, status: int) -> int:
    print(f"protocols: {error}", file=sys.stderr)
    return status


if __name__ == "__main__":
    raise SystemExit(main())
