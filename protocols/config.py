"""The suite's file: which services listen where and with what limits, in TOML.

A table is named after the service that it starts, and its keys are that service's
own options: what `twistd echo --help` lists is what may stand below `[echo]`.  A
service without a table is not started.  Two tables make two services, each with its
own limits::

    data-dir = "/var/lib/txprotocols"

    [[echo]]
    listen = "tcp:7007:interface=127.0.0.1"

    [[echo]]
    listen = ["tcp:7008:interface=127.0.0.1", "tcp:7009:interface=127.0.0.1"]
    max-connections = 10

The only error that leaves this module is L{ConfigError}.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple

from twisted.application.service import IService
from twisted.python import usage
from twisted.python.reflect import namedAny

from protocols.options import SharedOptions
from protocols.schema import Key, ValueTypeError, keysOf, parameterKey, shortly, showKey

if sys.version_info >= (3, 11):
    import tomllib
else:  # pragma: no cover - the same parser under its older name
    import tomli as tomllib

# The kinds of services, each with the module that holds its Options and makeService.
KINDS: Mapping[str, str] = {
    "echo": "protocols.tcpecho.tap",
    "udpecho": "protocols.udpecho.tap",
    "chat": "protocols.chat.tap",
    "smtp": "protocols.smtp.tap",
}
# Keys that stand above all tables and hold for each service that knows them and does
# not say otherwise.
SHARED: Mapping[str, Key] = {
    "data-dir": Key(
        "data-dir", "text", None, "Directory that services keep data in.", "a path"
    ),
    "drain-timeout": parameterKey(SharedOptions, "drain-timeout"),
}
# Options that name a file to keep data in, each with the file's name in `data-dir`;
# and the names that differ, by the kind of the service.
KEPT: Mapping[str, str] = {"store": "mail.sqlite"}
KEPT_BY: Mapping[str, Mapping[str, str]] = {"chat": {"store": "chat.sqlite"}}
# How options speak of one of theirs: "--room '#': too short".
OF_AN_OPTION = re.compile(r"--([\w-]+)[^:]*: (.*)", re.DOTALL)
ENABLED = Key("enabled", "flag", True, "Start the service.", "true or false")
HEADING = """\
# The services to start, one table each; two tables [[echo]] make two of a kind.
# What has no table is not started. Each key below stands at its default.
"""


class ConfigError(Exception):
    """The file can not be used; the text names file, key and what was expected.

    @ivar key: The key with its table, `smtp.max-size`; empty for the whole file.
    @ivar reason: The text without file and key.
    """

    def __init__(self, file: str, key: str, reason: str) -> None:
        super().__init__(": ".join(filter(None, [file, key, reason])))
        self.key = key
        self.reason = reason


class _Told(NamedTuple):
    """A value, and the place in the file that it was told at."""

    place: str
    value: object


@dataclass(frozen=True)
class ServiceConfig:
    """One service of the file.

    @ivar name: Its table, `echo`, or `echo[2]` for the second of several.
    @ivar options: Its options as its command line would have filled them.
    """

    kind: str
    name: str
    module: str
    options: usage.Options

    def makeService(self, reactor: Any = None) -> IService:
        """The service, not started.

        @raise SystemExit: What its options name can not be had; the text says why.
        """
        make = namedAny(f"{self.module}.makeService")
        try:
            service: IService = make(self.options, reactor)
        except usage.UsageError as error:
            raise SystemExit(f"{self.name}: {error}") from None
        return service


@dataclass(frozen=True)
class SuiteConfig:
    """A file that was read and checked: its services, in the order of the file.

    @ivar shared: What it says above all tables.
    @ivar keepsIn: The data directory, if a service keeps something there.
    """

    file: str
    services: tuple[ServiceConfig, ...]
    shared: Mapping[str, Any] = field(default_factory=dict)
    keepsIn: str | None = None


def loadConfig(path: str, **arguments: Any) -> SuiteConfig:
    """Read and check a file; other arguments as for L{parseConfig}.

    @raise ConfigError: It can not be read, or not be used.
    """
    try:
        text = Path(path).read_bytes().decode("utf-8")
    except OSError as error:
        raise ConfigError(path, "", f"can not be read: {error.strerror}") from None
    except ValueError as error:
        raise ConfigError(path, "", f"can not be read: {error}") from None
    return parseConfig(text, path, **arguments)


def parseConfig(
    text: str,
    file: str = "suite.toml",
    *,
    kinds: Mapping[str, str] = KINDS,
    given: Mapping[str, object] = {},
    otherwise: Mapping[str, object] = {},
) -> SuiteConfig:
    """Check the text of a file.

    @param file: How errors call it.
    @param kinds: Names of tables, each with a module of C{Options} and C{makeService}.
    @param given: Values of `SHARED` keys that go before the file's own.
    @param otherwise: The same, where the file has none.
    @raise ConfigError: It can not be used.
    """
    return _Reading(file, kinds).suite({**otherwise, **_parsed(text, file), **given})


def _parsed(text: str, file: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise ConfigError(file, "", f"is not TOML: {error}") from None


class _Reading:
    """One reading of one file; knows its name, which stands in each error."""

    def __init__(self, file: str, kinds: Mapping[str, str]) -> None:
        self._file = file
        self._kinds = kinds

    def suite(self, document: dict[str, Any]) -> SuiteConfig:
        """The checked file."""
        for name in document:
            self._checkName(name, "", [*SHARED, *self._kinds])
        shared = {name: document[name] for name in SHARED if name in document}
        for name, value in shared.items():
            self._arguments(SHARED[name], name, value)
        checked = [
            (self._isEnabled(name, table), self._service(kind, name, table, shared))
            for kind, name, table in self._tables(document)
        ]
        services = tuple(service for enabled, service in checked if enabled)
        if not services:
            raise ConfigError(
                self._file, "", "no service is to start: no [echo] or such"
            )
        path = shared.get("data-dir", "")
        keeps = any(
            each.options.get(key) == os.path.join(path, name)
            for each in services
            for key, name in _keptBy(each.kind).items()
        )
        return SuiteConfig(self._file, services, shared, path if keeps else None)

    def _tables(
        self, document: dict[str, Any]
    ) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Each table with its kind and its name, in the order of the file."""
        for kind, value in document.items():
            if kind in SHARED:
                continue
            tables = value if isinstance(value, list) else [value]
            for place, table in enumerate(tables, 1):
                name = kind if len(tables) == 1 else f"{kind}[{place}]"
                if not isinstance(table, dict):
                    raise self._unexpected(name, f"a table, [{kind}]", table)
                yield kind, name, table

    def _isEnabled(self, name: str, table: dict[str, Any]) -> bool:
        enabled = table.get(ENABLED.name, ENABLED.default)
        self._arguments(ENABLED, f"{name}.{ENABLED.name}", enabled)
        return enabled is True

    def _service(
        self, kind: str, name: str, table: dict[str, Any], shared: dict[str, Any]
    ) -> ServiceConfig:
        make = namedAny(f"{self._kinds[kind]}.Options")
        keys = keysOf(make())
        for key in table:
            self._checkName(key, f"{name}.", [ENABLED.name, *keys])
        common = _sharedBy(shared, kind)
        told = {k: _Told(k, v) for k, v in common.items() if k in keys}
        told.update({k: _Told(f"{name}.{k}", v) for k, v in table.items() if k in keys})
        arguments: list[str] = []
        for key, (place, value) in told.items():
            arguments += self._arguments(keys[key], place, value)
        options = make()
        try:
            options.parseOptions(arguments)
        except usage.UsageError as error:
            raise self._refused(str(error), name, keys, told) from None
        except Exception as error:  # a user's own may raise all
            raise ConfigError(self._file, name, repr(error)) from error
        return ServiceConfig(kind, name, self._kinds[kind], options)

    def _refused(
        self, reason: str, name: str, keys: dict[str, Key], told: dict[str, _Told]
    ) -> ConfigError:
        """What the options said of an option, as it reads for a key."""
        named = OF_AN_OPTION.match(reason)
        option, rest = named.groups() if named else ("", reason)
        if option not in told:
            return ConfigError(self._file, name, reason)
        place, value = told[option]
        if keys[option].expected in rest:
            return self._unexpected(place, keys[option].expected, value)
        return ConfigError(self._file, place, rest)

    def _arguments(self, key: Key, place: str, value: object) -> list[str]:
        try:
            return key.arguments(value)
        except ValueTypeError:
            raise self._unexpected(place, key.expected, value) from None

    def _checkName(self, name: str, above: str, known: list[str]) -> None:
        if name in known:
            return
        close = get_close_matches(name, known, 1)
        meant = f"did you mean {close[0]}?" if close else f"known: {', '.join(known)}"
        place = f"{above}{showKey(name)}"
        raise ConfigError(self._file, place, f"is not a known key; {meant}")

    def _unexpected(self, place: str, expected: str, value: object) -> ConfigError:
        return ConfigError(
            self._file, place, f"expected {expected}, got {shortly(value)}"
        )


def _sharedBy(shared: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """What the keys above all tables come to for the options of a service."""
    if "data-dir" not in shared:
        return {**shared}
    path = shared["data-dir"]
    files = {k: os.path.join(path, name) for k, name in _keptBy(kind).items()}
    return {**shared, **files}


def _keptBy(kind: str) -> dict[str, str]:
    return {**KEPT, **KEPT_BY.get(kind, {})}


def renderDefaults(kinds: Mapping[str, str] = KINDS) -> str:
    """A file with every key at its default, explained; it loads as it stands."""
    parts = [HEADING, *(key.printed() + "\n" for key in SHARED.values())]
    for kind, module in kinds.items():
        keys = keysOf(namedAny(f"{module}.Options")())
        parts.append(f"[{kind}]\n{ENABLED.printed()}\n")
        for name, key in keys.items():
            if name not in SHARED:
                # Set here, a file to keep data in would never be in data-dir.
                parts.append(key.printed(asComment=name in KEPT) + "\n")
    return "\n".join(parts)
