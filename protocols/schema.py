"""What may stand in a table of the suite's file: the options of the service, no more.

A `Key` is read from a service's own `usage.Options`, so that the file and the command
line know the same names, the same defaults and the same explanations.  A value of the
file is checked for its TOML type here and then handed on as a command line argument;
what it may be beyond its type the option itself decides.
"""

from __future__ import annotations

import json
import math
import re
import textwrap
from dataclasses import dataclass
from typing import Any

from twisted.python import usage
from twisted.python.reflect import accumulateClassList
from twisted.python.util import padTo

# Options that tell the command what to do, not the service how to be.
NOT_KEYS = frozenset({"help", "version", "log-json", "workers"})
# Columns of a comment in the printed file, and characters of a value in an error.
COLUMNS = 78
LONGEST_SHOWN = 60
# What a key takes when its option does not say it better, by the kind of the key.
EXPECTED = {
    "flag": "true or false",
    "list": "one value or a list, of texts in quotes or whole numbers",
    "whole": "a whole number",
    "number": "a number",
    "text": "a text in quotes",
    "any": "a text in quotes or a number",
}


class ValueTypeError(Exception):
    """The value has a type that the key does not take."""


@dataclass(frozen=True)
class Key:
    """One key of a table.

    @ivar kind: A key of `EXPECTED`.
    @ivar default: What holds without the key; None when that has no TOML form.
    @ivar doc: What the option says of itself, with its unit.
    @ivar expected: What the option takes, to stand behind the word "expected".
    """

    name: str
    kind: str
    default: Any
    doc: str
    expected: str

    def arguments(self, value: object) -> list[str]:
        """The value as command line arguments.

        @raise ValueTypeError: It is of another type than the key takes.
        """
        if not _accepts(self.kind, value):
            raise ValueTypeError(self.expected)
        if self.kind == "flag":
            return [f"--{self.name}"] if value else []
        values = value if isinstance(value, list) else [value]
        return [f"--{self.name}={each}" for each in values]

    def printed(self, *, asComment: bool = False) -> str:
        """The key with its default and its explanation, as TOML.

        A default without a TOML form leaves a comment, too.
        """
        told = f"{' '.join(self.doc.split())} Takes {self.expected}."
        comment = textwrap.wrap(told, COLUMNS - 2, break_on_hyphens=False)
        line = f"#{self.name} ="
        if self.default is not None:
            line = f"{'#' * asComment}{self.name} = {showValue(self.default)}"
        return "\n".join([*(f"# {each}" for each in comment), line])


def keysOf(options: usage.Options) -> dict[str, Key]:
    """The keys of a service by name, where it listens first.

    @param options: Not parsed yet: what they hold are the defaults.
    """
    names = [name.rstrip("=") for name in options.longOpt]
    flags = {name for name in options.longOpt if not name.endswith("=")}
    keys = {}
    for name in sorted(dict.fromkeys(names), key="listen".__ne__):
        if name not in NOT_KEYS:
            keys[name] = _keyOf(options, name, name in flags)
    return keys


def parameterKey(options: type[usage.Options], name: str) -> Key:
    """The key of one parameter, read from the class alone."""
    _, _, default, doc, coerce = _parametersOf(options)[name]
    return _key(name, default, doc, coerce)


def showValue(value: object) -> str:
    """The value as TOML writes it (tables: in one line), for files and errors."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, list):
        return f"[{', '.join(map(showValue, value))}]"
    if isinstance(value, dict):
        inner = (f"{showKey(name)} = {showValue(each)}" for name, each in value.items())
        return f"{{{', '.join(inner)}}}"
    return str(value)


def showKey(name: str) -> str:
    """The name as a TOML key: bare where that is allowed, quoted where not."""
    return name if re.fullmatch("[A-Za-z0-9_-]+", name) else showValue(name)


def shortly(value: object) -> str:
    """The value as an error shows it: in one line, and cut."""
    shown = showValue(value)
    return shown if len(shown) <= LONGEST_SHOWN else shown[:LONGEST_SHOWN] + "..."


def _parametersOf(options: type[usage.Options]) -> dict[str, list[Any]]:
    rows: list[list[Any]] = []
    accumulateClassList(options, "optParameters", rows)
    return {row[0]: padTo(5, list(row)) for row in rows}


def _keyOf(options: usage.Options, name: str, flag: bool) -> Key:
    default = False if flag else _defaultOf(options, name)
    coerce = _parametersOf(type(options)).get(name, [None])[-1]
    return _key(name, default, options.docs.get(name) or "", coerce)


def _key(name: str, default: Any, doc: str, coerce: object) -> Key:
    kind = _kindOf(default, coerce)
    expected = str(getattr(coerce, "expected", EXPECTED[kind]))
    if kind == "whole" and isinstance(default, float):
        default = int(default)
    return Key(name, kind, default, doc, expected)


def _defaultOf(options: usage.Options, name: str) -> Any:
    """The option's default, or what the class says in its stead: `defaultListen`."""
    default = options.get(name)
    told = getattr(options, "default" + name.title().replace("-", ""), None)
    if isinstance(default, list):
        return default or ([] if told is None else [told])
    return told if default is None else default


def _kindOf(default: object, coerce: object) -> str:
    if isinstance(default, (bool, list)):
        return "flag" if isinstance(default, bool) else "list"
    whole = getattr(coerce, "whole", None)
    if whole is not None:
        return "whole" if whole else "number"
    for kind, types in (("text", str), ("whole", int), ("number", float)):
        if isinstance(default, types):
            return kind
    return "any"


def _accepts(kind: str, value: object) -> bool:
    if kind == "flag" or isinstance(value, bool):
        return kind == "flag" and isinstance(value, bool)
    if kind == "list" and isinstance(value, list):
        return all(type(each) in (str, int) for each in value)
    if isinstance(value, str):
        return kind in ("list", "text", "any")
    if isinstance(value, int):
        return kind in ("list", "whole", "number", "any")
    return (
        isinstance(value, float) and math.isfinite(value) and kind in ("number", "any")
    )
