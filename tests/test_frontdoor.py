"""protocols.frontdoor: the command's options, its errors in one line, its table."""

from __future__ import annotations

import errno
import os
import sys
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

from twisted.internet.address import IPv4Address
from twisted.internet.error import CannotListenError
from twisted.internet.testing import MemoryReactorClock
from twisted.python import usage
from twisted.trial.unittest import SynchronousTestCase

from protocols import frontdoor
from protocols.config import KINDS
from protocols.frontdoor import (
    DOORS,
    FAREWELL,
    CannotStartError,
    Options,
    rowsOf,
    run,
    start,
)
from protocols.places import userDataDir
from protocols.suite.service import DataDirError, makeDataDir
from protocols.table import ABOUT


class LoopbackReactor(MemoryReactorClock):
    """Listens nowhere, but says where it would; some ports are taken."""

    def __init__(self, taken: dict[Any, int] | None = None) -> None:
        super().__init__()
        self.taken = taken or {}
        self.udpServers: list[Any] = []

    def listenTCP(self, port: int, *args: Any, **kwargs: Any) -> Any:
        self.refuse(port, kwargs.get("interface", ""))
        return super().listenTCP(port, *args, **kwargs)

    def listenUDP(self, port: int, protocol: Any, interface: str, size: int) -> Any:
        self.refuse(port, interface)
        self.udpServers.append(port)
        made = super().listenTCP(port, None, interface=interface)  # type: ignore[arg-type]
        made.getHost().type = "UDP"
        return made

    def listenUNIX(self, address: str, *args: Any, **kwargs: Any) -> Any:
        self.refuse(address, "")
        return super().listenUNIX(address, *args, **kwargs)

    def refuse(self, port: int | str, interface: str) -> None:
        if port in self.taken:
            error = OSError(self.taken[port], os.strerror(self.taken[port]))
            raise CannotListenError(interface, port, error)

    def run(self) -> None:
        self.ran = True


class NoLogging:
    def beginLoggingTo(self, observers: Any, redirectStandardIO: bool) -> None:
        assert not redirectStandardIO


class FrontDoorCase(SynchronousTestCase):
    def setUp(self) -> None:
        directory = TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)
        self.out, self.error = StringIO(), StringIO()
        self.patch(sys, "stdout", self.out)
        self.patch(sys, "stderr", self.error)
        self.patch(frontdoor, "globalLogBeginner", NoLogging())
        self.patch(os, "environ", {"XDG_DATA_HOME": str(self.directory / "share")})

    def parsed(self, *arguments: str) -> Options:
        options = Options()
        options.parseOptions(arguments)
        return options

    def withFile(self, text: str) -> Options:
        path = self.directory / "suite.toml"
        path.write_text(text)
        return self.parsed("--config", str(path))


class OptionsTests(FrontDoorCase):
    def refused(self, *arguments: str) -> str:
        return str(self.assertRaises(usage.UsageError, self.parsed, *arguments))

    def test_oneOfEachOnLoopback(self) -> None:
        services = self.parsed().readConfig().services
        self.assertEqual([each.kind for each in services], list(KINDS))
        ports = ["tcp:7007", "udp:7007", "tcp:7023", "tcp:7025"]
        expected = [[f"{port}:interface=127.0.0.1"] for port in ports]
        self.assertEqual([each.options["listen"] for each in services], expected)

    def test_aPortIsAPortOfLoopback(self) -> None:
        for kind in KINDS:
            options = self.parsed(f"--{kind}-listen", "0")
            services = {each.kind: each for each in options.readConfig().services}
            (where,) = services[kind].options["listen"]
            self.assertIn(
                where, ("tcp:0:interface=127.0.0.1", "udp:0:interface=127.0.0.1")
            )
            self.assertEqual(where[:3] == "udp", kind == "udpecho")

    def test_endpointsAreTakenAsTheyAreAndSeveral(self) -> None:
        arguments = ["--echo-listen", "tcp:1", "--echo-listen=tcp:2:interface=0.0.0.0"]
        echo = self.parsed(*arguments).readConfig().services[0]
        self.assertEqual(echo.options["listen"], ["tcp:1", "tcp:2:interface=0.0.0.0"])

    def test_aBadPlaceIsToldByItsOption(self) -> None:
        said = self.refused("--chat-listen", "tcp:99999")
        self.assertTrue(said.startswith("--chat-listen: "))
        self.assertIn("99999", said)

    def test_placesAreSaidHereOrInAFile(self) -> None:
        said = self.refused("--config", "x.toml", "--chat-listen", "1")
        self.assertTrue(said.startswith("--chat-listen: "))

    def test_aBadFileIsToldByItsName(self) -> None:
        self.assertTrue(self.refused("--config", "x.toml").startswith("x.toml: "))

    def test_argumentsThatAreNoOptions(self) -> None:
        self.assertIn("'serve'", self.refused("serve"))

    def test_theVersion(self) -> None:
        from protocols import __version__

        self.assertRaises(SystemExit, self.parsed, "--version")
        self.assertEqual(self.out.getvalue(), f"protocols {__version__}\n")

    def test_everyOptionIsExplainedInOneLine(self) -> None:
        told = str(Options())
        for kind in KINDS:
            self.assertIn(f"--{kind}-listen=", told)
        self.assertNotIn("None", told)


class DataDirectoryTests(FrontDoorCase):
    def test_itIsWhereTheUsersDataBelongs(self) -> None:
        home = Path.home()
        share = home / ".local" / "share" / "txprotocols"
        self.assertEqual(userDataDir({}), share)
        self.assertEqual(userDataDir({"XDG_DATA_HOME": "not/absolute"}), share)
        self.assertEqual(userDataDir({"XDG_DATA_HOME": "/x"}), Path("/x/txprotocols"))

    def test_theFileGoesBeforeTheUsersOwn(self) -> None:
        config = self.withFile('data-dir = "/file"\n[echo]').readConfig()
        self.assertEqual(config.shared["data-dir"], "/file")
        own = self.withFile("[echo]").readConfig().shared["data-dir"]
        self.assertEqual(own, str(self.directory / "share" / "txprotocols"))

    def test_itIsMadeForTheUserAlone(self) -> None:
        path = self.directory / "a" / "b"
        makeDataDir(str(path))
        makeDataDir(str(path))
        self.assertEqual(path.stat().st_mode & 0o777, 0o700)

    def test_whatCanNotBeWrittenNamesTheOption(self) -> None:
        (self.directory / "file").touch()
        for path in (self.directory / "file", self.directory / "file" / "x", "\0"):
            error = self.assertRaises(DataDirError, makeDataDir, str(path))
            self.assertTrue(str(error).startswith(f"{path} can not be written: "))
            self.assertTrue(str(error).endswith(": choose another with --data-dir"))

    def test_aDirectoryOfSomebodyElse(self) -> None:
        self.patch(os, "access", lambda path, mode: False)
        error = self.assertRaises(DataDirError, makeDataDir, str(self.directory))
        self.assertIn("Permission denied", str(error))


class RunTests(FrontDoorCase):
    def refused(self, options: Options, reactor: LoopbackReactor) -> str:
        return str(self.assertRaises(CannotStartError, start, options, reactor))

    def test_theTableThenTheFarewell(self) -> None:
        reactor = LoopbackReactor()
        run(self.parsed("--data-dir", str(self.directory / "data")), reactor)
        lines = self.out.getvalue().splitlines()
        self.assertTrue(lines[0].startswith("service "))
        tries = sum(len(ABOUT[kind].tries) for kind in (*KINDS, *DOORS))
        self.assertEqual(lines[tries + 1], "")
        self.assertEqual(
            lines[tries + 2 :],
            [f"Mail is kept in {self.directory}/data.", "Ctrl-C ends it.", FAREWELL],
        )
        self.assertTrue((self.directory / "data").is_dir())
        self.assertTrue(reactor.ran)

    def test_shutdownStopsAllServices(self) -> None:
        reactor = LoopbackReactor()
        run(self.withFile("[echo]"), reactor)
        ((stop, _, _),) = reactor.triggers["before"]["shutdown"]
        together: Any = stop.__self__
        self.assertEqual(together.running, 1)
        stop()
        self.assertEqual(together.running, 0)

    def test_standardOutputIsForTheLogAloneIfItIsThere(self) -> None:
        options = self.withFile("[echo]")
        options["log-json"] = "-"
        run(options, LoopbackReactor())
        self.assertEqual(self.out.getvalue(), "")
        self.assertIn(FAREWELL, self.error.getvalue())

    def test_servicesWithoutDataKeepNone(self) -> None:
        run(self.withFile("[echo]"), LoopbackReactor())
        self.assertNotIn("kept", self.out.getvalue())
        self.assertFalse((self.directory / "share").exists())

    def test_TLSIsShownAsSuch(self) -> None:
        port = SimpleNamespace(getHost=lambda: IPv4Address("TCP", "127.0.0.1", 7007))
        described = ["ssl:7007", "tcp:7007"]
        config = SimpleNamespace(kind="echo", name="echo")
        service = SimpleNamespace(
            name="echo", descriptions=described, ports=[port, port]
        )
        suite: Any = SimpleNamespace(made=lambda: [(config, service)])
        secure, bare = rowsOf(suite)
        self.assertTrue(secure.tries[0].startswith("openssl "))
        self.assertIn("nc ", bare.tries[0])

    def test_whatStandsBesideAService(self) -> None:
        """LMTP is a row of its own, named after the table that asks for it."""
        run(self.withFile('[smtp]\nlmtp = "tcp:7024"'), LoopbackReactor())
        lines = self.out.getvalue().splitlines()
        self.assertTrue(any(line.startswith("smtp lmtp  ") for line in lines), lines)

    def test_aPortThatIsTaken(self) -> None:
        for kind, port in (("echo", 7007), ("chat", 7023), ("smtp", 7025)):
            reactor = LoopbackReactor({port: errno.EADDRINUSE})
            self.assertEqual(
                self.refused(self.parsed(), reactor),
                f"port {port} on 127.0.0.1 is taken: "
                f"choose another with --{kind}-listen",
            )

    def test_aPortThatIsNotOurs(self) -> None:
        options = self.parsed("--echo-listen", "tcp:7")
        said = self.refused(options, LoopbackReactor({7: errno.EACCES}))
        self.assertIn("port 7 on all addresses can not be had (", said)
        self.assertIn("Permission denied", said)
        self.assertTrue(said.endswith(": choose another with --echo-listen"))

    def test_aPathThatCanNotBeHad(self) -> None:
        reactor = LoopbackReactor({"/run/x": errno.EADDRINUSE})
        said = self.refused(self.parsed("--echo-listen", "unix:/run/x"), reactor)
        expected = "/run/x is taken: choose another with --echo-listen"
        self.assertEqual(said, expected)

    def test_aPortOfAFileIsNamedByItsKey(self) -> None:
        options = self.withFile("[echo]")
        said = self.refused(options, LoopbackReactor({7007: errno.EADDRINUSE}))
        expected = f"choose another with echo.listen in {options['config']}"
        self.assertTrue(said.endswith(expected))

    def test_aLogThatCanNotBeWritten(self) -> None:
        options = self.withFile("[echo]")
        options["log-json"] = str(self.directory)
        said = self.refused(options, LoopbackReactor())
        self.assertTrue(said.startswith("--log-json: "))
