"""The C{protocols mail} command: to read mail that was kept, in a terminal."""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import sys
from collections.abc import Sequence
from shutil import copyfileobj
from typing import Any

from protocols.places import userDataDir
from protocols.smtp.export import FORMS, ExportError, exportMail
from protocols.smtp.opening import StoreError, nameOf, openReader, waiterFor
from protocols.smtp.reading import Query, Stored
from protocols.smtp.showing import factsOf, shown, tableOf

# The exit statuses: nothing found (as grep has it), and a mistake of the user's.
NOTHING, MISTAKE = 1, 2

# Seconds that `wait` waits.
TIMEOUT = 60.0


class CommandError(Exception):
    """It can't be done; the text is one line."""


def main(argv: Sequence[str]) -> int:
    """Run the command.

    @param argv: its arguments, behind C{protocols mail}.
    @return: the exit status: 0, 1 if nothing was found, 2 for a mistake.
    """
    asked = parser().parse_args(argv)
    try:
        return int(_COMMANDS[asked.command](_open(asked.store), asked))
    except (CommandError, ExportError, StoreError) as error:
        print(f"protocols mail: {error}", file=sys.stderr)
        return MISTAKE
    except (OSError, sqlite3.Error) as error:
        if isinstance(error, BrokenPipeError):
            # Whoever reads has had enough; nor may the last flush complain.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
        print(f"protocols mail: {nameOf(asked.store)}: {error}", file=sys.stderr)
        return MISTAKE
    except KeyboardInterrupt:
        return 130


def parser() -> argparse.ArgumentParser:
    """What may be said."""
    made = argparse.ArgumentParser(
        "protocols mail", description="Read, wait for, export and delete kept mail."
    )
    default = str(userDataDir(os.environ) / "mail.sqlite")
    made.add_argument(
        "--store",
        default=default,
        help=f"an SQLite file, maildir:FOLDER or postgresql://...; default: {default}",
    )
    commands = made.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, text in _HELP.items():
        each = commands.add_parser(name, help=text, description=text)
        _ARGUMENTS.get(name, _query)(each)
    return made


def _open(store: str) -> Any:
    try:
        return openReader(store)
    except StoreError as error:
        raise CommandError(f"--store: {error}") from None


# What may be said to each

_HELP = {
    "list": "List messages.",
    "show": "Show a message: envelope, header, text, attachments.",
    "raw": "Print a message, octet for octet.",
    "delete": "Delete messages for good.",
    "export": "Write messages to a file or folder that is not there yet.",
    "wait": "Wait for a message, and list it; status 1 if none comes in time.",
}


def _query(command: argparse.ArgumentParser) -> None:
    like = "* and ? stand for others"
    command.add_argument("--to", metavar="PATTERN", help=f"a recipient; {like}")
    command.add_argument("--sender", metavar="PATTERN", help=f"the sender; {like}")
    command.add_argument("--subject", metavar="TEXT", help="is in the subject")
    command.add_argument("--inbox", metavar="NAME", help="is in the inbox")
    after = "behind the message of this number"
    command.add_argument("--after", metavar="ID", type=int, default=0, help=after)
    lines = "a JSON object a line"
    command.add_argument("--json", action="store_true", help=lines)


def _one(command: argparse.ArgumentParser) -> None:
    command.add_argument("id", type=int, metavar="ID", help="as `list` shows it")


def _some(command: argparse.ArgumentParser) -> None:
    command.add_argument("ids", type=int, metavar="ID", nargs="*", help="which")
    command.add_argument("--all", action="store_true", help="all that are meant")
    _query(command)


def _exported(command: argparse.ArgumentParser) -> None:
    command.add_argument("--format", choices=FORMS, default="mbox", help="as what")
    target = "a file for mbox, a folder for the others"
    command.add_argument("--output", metavar="PATH", required=True, help=target)
    _query(command)


def _waiting(command: argparse.ArgumentParser) -> None:
    text = f"in seconds; default: {TIMEOUT:g}"
    command.add_argument(
        "--timeout", type=float, metavar="S", default=TIMEOUT, help=text
    )
    _query(command)


_ARGUMENTS = {
    "show": _one,
    "raw": _one,
    "delete": _some,
    "export": _exported,
    "wait": _waiting,
}


def _asked(asked: argparse.Namespace) -> Query:
    return Query(asked.to, asked.sender, asked.subject, asked.inbox, asked.after)


# What is done


def _list(store: Any, asked: argparse.Namespace) -> int:
    found = store.find(_asked(asked))
    _print(found, asked)
    return 0 if found else NOTHING


def _print(found: list[Stored], asked: argparse.Namespace) -> None:
    if asked.json:
        for stored in found:
            print(json.dumps(factsOf(stored)))
    elif found:
        print("\n".join(tableOf(found)))


def _show(store: Any, asked: argparse.Namespace) -> int:
    stored = _theOne(store, asked.id)
    with store.open(asked.id) as content:
        print(shown(stored, content.read()))
    return 0


def _raw(store: Any, asked: argparse.Namespace) -> int:
    _theOne(store, asked.id)
    with store.open(asked.id) as content:
        copyfileobj(content, sys.stdout.buffer)
    sys.stdout.buffer.flush()
    return 0


def _theOne(store: Any, number: int) -> Stored:
    found: list[Stored] = store.find(Query(after=number - 1))
    for stored in found:
        if stored.id == number:
            return stored
    raise CommandError(f"there is no message {number}")


def _delete(store: Any, asked: argparse.Namespace) -> int:
    query = _asked(asked)
    if bool(asked.ids) + (asked.all or query != Query()) != 1:
        raise CommandError("delete: which? give IDs, or --to and its like, or --all")
    numbers = asked.ids or [stored.id for stored in store.find(query)]
    count = store.delete(numbers)
    print(f"{count} deleted")
    return 0 if count else NOTHING


def _export(store: Any, asked: argparse.Namespace) -> int:
    found = store.find(_asked(asked))
    count = exportMail(asked.format, store, found, asked.output)
    print(f"{count} exported to {asked.output}")
    return 0


def _wait(store: Any, asked: argparse.Namespace) -> int:
    stored = waiterFor(asked.store)(store, _asked(asked), asked.timeout)
    if stored is None:
        print(f"protocols mail: none within {asked.timeout:g} s", file=sys.stderr)
        return NOTHING
    _print([stored], asked)
    return 0


_COMMANDS: dict[str, Any] = {
    "list": _list,
    "show": _show,
    "raw": _raw,
    "delete": _delete,
    "export": _export,
    "wait": _wait,
}
