"""protocols.config: a file is taken as it stands, or refused by name."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

from twisted.application.service import IService, Service
from twisted.python import usage
from twisted.trial.unittest import SynchronousTestCase

from protocols.config import (
    ConfigError,
    ServiceConfig,
    SuiteConfig,
    loadConfig,
    parseConfig,
    renderDefaults,
)
from protocols.limits import MAX_CONNECTIONS
from protocols.options import DRAIN_TIMEOUT, ListenOptions, Number


class Options(ListenOptions):
    """What a service of ours has, with something of its own of each type."""

    defaultListen = "tcp:7099:interface=127.0.0.1"
    defaultProtocol = "twisted.internet.protocol.Protocol"
    optFlags: ClassVar[list[Any]] = [["greet", "g", "Say hello first."]]
    optParameters: ClassVar[list[Any]] = [
        ["max-size", None, 1024, "Largest thing.", Number("max-size", "octets", 1)],
        ["share", None, 0.5, "Part of it.", float],
        ["motto", None, "so \x7f be it", "What is said, 100%."],
        ["store", None, "memory", "Where things are kept."],
    ]

    def postOptions(self) -> None:
        super().postOptions()
        if self["motto"] == "none":
            raise usage.UsageError("a motto is needed")
        if self["motto"] == "odd":
            raise usage.UsageError("--motto 'odd': too odd")
        if self["motto"] == "crash":
            raise RuntimeError("odd")


def makeService(options: Options, reactor: Any = None) -> IService:
    if options["motto"] == "unmade":
        raise usage.UsageError("--motto: no longer there")
    service = Service()
    service.setName(f"{options['motto']} at {reactor}")
    return service


KINDS = {"fake": __name__, "other": __name__}


def read(text: str, **arguments: Any) -> SuiteConfig:
    return parseConfig(text, kinds=KINDS, **arguments)


def only(text: str, **arguments: Any) -> ServiceConfig:
    (service,) = read(text, **arguments).services
    return service


class AcceptedTests(SynchronousTestCase):
    def test_anEmptyTableIsAServiceWithItsDefaults(self) -> None:
        service = only("[fake]")
        self.assertEqual((service.kind, service.name), ("fake", "fake"))
        self.assertEqual(service.options["listen"], [Options.defaultListen])
        self.assertEqual(service.options["max-size"], 1024)
        self.assertEqual(service.options["greet"], 0)

    def test_keysAreTheServicesOptions(self) -> None:
        options = only(
            '[fake]\nmax-size = 7\nshare = 1\nmotto = "--go=on"\ngreet = true\n'
            'listen = ["tcp:1", "tcp:2"]\nmax-connections = 3\nidle-timeout = 2.5\n'
            'exempt = "127.0.0.0/8"\nprotocol = "twisted.protocols.wire.Echo"'
        ).options
        self.assertEqual((options["max-size"], options["share"]), (7, 1.0))
        self.assertEqual((options["motto"], options["greet"]), ("--go=on", 1))
        self.assertEqual(options["listen"], ["tcp:1", "tcp:2"])
        self.assertEqual(options["protocol"].__name__, "Echo")
        limits = options.limits
        self.assertEqual((limits.maxConnections, limits.idleTimeout), (3, 2.5))
        self.assertEqual(limits.exempt, ("127.0.0.0/8",))

    def test_servicesComeInTheOrderOfTheFile(self) -> None:
        names = [each.name for each in read("[other]\n[fake]").services]
        self.assertEqual(names, ["other", "fake"])

    def test_severalTablesAreSeveralServices(self) -> None:
        config = read("[[fake]]\nmax-size = 1\n[[fake]]\nmax-size = 2")
        told = [(each.name, each.options["max-size"]) for each in config.services]
        self.assertEqual(told, [("fake[1]", 1), ("fake[2]", 2)])

    def test_aDisabledServiceIsCheckedAndLeftOut(self) -> None:
        text = "[fake]\nenabled = false\nmax-size = {}\n[other]\nenabled = true"
        names = [each.name for each in read(text.format(1)).services]
        self.assertEqual(names, ["other"])
        self.assertRaises(ConfigError, read, text.format(0))

    def test_sharedKeysHoldWhereATableSaysNothing(self) -> None:
        config = read(
            'drain-timeout = 3\ndata-dir = "/all"\n[fake]\n'
            '[other]\ndrain-timeout = 4\nstore = "/own"'
        )
        told = [
            (each.options["drain-timeout"], each.options["store"])
            for each in config.services
        ]
        self.assertEqual(told, [(3.0, "/all/mail.sqlite"), (4.0, "/own")])
        self.assertEqual(config.keepsIn, "/all")

    def test_noDataDirectoryIsUsedByWhoKeepsNothingThere(self) -> None:
        self.assertIsNone(read('data-dir = "/all"\n[fake]\nstore = "memory"').keepsIn)
        self.assertIsNone(read("[fake]").keepsIn)

    def test_whatTheCommandLineGaveStandsAboveTheFile(self) -> None:
        text = 'data-dir = "/file"\n[fake]'
        service = only(text, given={"data-dir": "/given"})
        self.assertEqual(service.options["store"], "/given/mail.sqlite")
        service = only("[fake]", otherwise={"data-dir": "/else"})
        self.assertEqual(service.options["store"], "/else/mail.sqlite")
        service = only(text, otherwise={"data-dir": "/else"})
        self.assertEqual(service.options["store"], "/file/mail.sqlite")

    def test_theServiceIsMadeFromItsOptions(self) -> None:
        service = only('[fake]\nmotto = "here"').makeService("a reactor")
        self.assertEqual(service.name, "here at a reactor")

    def test_aServiceThatCanNotBeMadeEndsTheProcessWithALine(self) -> None:
        service = only('[fake]\nmotto = "unmade"')
        error = self.assertRaises(SystemExit, service.makeService)
        self.assertEqual(str(error), "fake: --motto: no longer there")


class RefusedTests(SynchronousTestCase):
    def refused(self, text: str, reason: str) -> None:
        error = self.assertRaises(ConfigError, read, text)
        self.assertEqual(str(error), f"suite.toml: {reason}")

    def test_aTextForANumber(self) -> None:
        self.refused(
            '[fake]\nmax-size = "big"',
            'fake.max-size: expected a whole number of octets, 1 or more, got "big"',
        )

    def test_aNumberOutOfRange(self) -> None:
        self.refused(
            "[[fake]]\n[[fake]]\nmax-size = 0",
            "fake[2].max-size: expected a whole number of octets, 1 or more, got 0",
        )

    def test_aNumberThatIsNotWhole(self) -> None:
        self.refused(
            "[fake]\nmax-connections = 1.5",
            "fake.max-connections: expected a whole number of connections, "
            "0 or more, got 1.5",
        )

    def test_aNumberThatIsNone(self) -> None:
        for odd in ("nan", "inf", "true", "2020-01-01", "[1]"):
            expected = f"fake.share: expected a number, got {odd}"
            self.refused(f"[fake]\nshare = {odd}", expected)

    def test_aNumberForAText(self) -> None:
        self.refused(
            "[fake]\nmotto = 5", "fake.motto: expected a text in quotes, got 5"
        )

    def test_aNumberForAFlag(self) -> None:
        self.refused("[fake]\ngreet = 1", "fake.greet: expected true or false, got 1")
        self.refused(
            '[fake]\nenabled = "no"', 'fake.enabled: expected true or false, got "no"'
        )

    def test_aListOfOtherThanTextsAndNumbers(self) -> None:
        self.refused(
            '[fake]\nlisten = ["tcp:1", {a = 2}]',
            "fake.listen: expected one value or a list, of texts in quotes or "
            'whole numbers, got ["tcp:1", {a = 2}]',
        )

    def test_aPlaceThatCanNotBeListenedOn(self) -> None:
        error = self.assertRaises(ConfigError, read, '[fake]\nlisten = "tcp:99999"')
        self.assertEqual(error.key, "fake.listen")
        self.assertIn("99999", str(error))

    def test_aProtocolThatIsNotThere(self) -> None:
        error = self.assertRaises(ConfigError, read, '[fake]\nprotocol = "no.such"')
        self.assertEqual(error.key, "fake.protocol")

    def test_anUnknownKeyWithItsLikelyMeaning(self) -> None:
        self.refused(
            "[fake]\nmax-conections = 1",
            "fake.max-conections: is not a known key; did you mean max-connections?",
        )
        self.refused("[fakee]", "fakee: is not a known key; did you mean fake?")

    def test_anUnknownKeyThatIsLikeNone(self) -> None:
        self.refused(
            '"\\n" = 1',
            '"\\n": is not a known key; known: data-dir, drain-timeout, fake, other',
        )

    def test_commandsAndAbbreviationsAreNoKeys(self) -> None:
        for name in ("help", "version", "log-json", "max-s"):
            error = self.assertRaises(ConfigError, read, f"[fake]\n{name} = true")
            self.assertEqual(error.key, f"fake.{name}")

    def test_aSharedKeyIsNamedWhereItStands(self) -> None:
        expected = "drain-timeout: expected a number of seconds, 0 or more, got -1"
        self.refused("drain-timeout = -1\n[fake]", expected)
        self.refused("data-dir = 1\n[fake]", "data-dir: expected a path, got 1")

    def test_aValueForATable(self) -> None:
        self.refused("fake = 7099", "fake: expected a table, [fake], got 7099")
        self.refused("fake = [1]", "fake: expected a table, [fake], got 1")

    def test_aFileThatStartsNothing(self) -> None:
        expected = "no service is to start: no [echo] or such"
        self.refused("", expected)
        self.refused("[fake]\nenabled = false", expected)
        self.refused("fake = []", expected)

    def test_whatAnOptionSaysOfNoKeyIsToldOfTheTable(self) -> None:
        self.refused('[fake]\nmotto = "none"', "fake: a motto is needed")
        self.refused('[fake]\nmotto = "odd"', "fake.motto: too odd")

    def test_coercionsWithoutANameAreToldOfTheTable(self) -> None:
        self.patch(Options, "optParameters", [["odd", None, "a", "Odd.", int]])
        error = self.assertRaises(ConfigError, read, '[fake]\nodd = "b"')
        self.assertEqual(error.key, "fake")
        self.assertIn("invalid literal", str(error))

    def test_optionsThatCrashAreNoCrash(self) -> None:
        self.refused('[fake]\nmotto = "crash"', "fake: RuntimeError('odd')")

    def test_longValuesAreCut(self) -> None:
        error = self.assertRaises(ConfigError, read, f"[fake]\ngreet = '{'a' * 999}'")
        self.assertLess(len(str(error)), 200)

    def test_whatIsNotTOML(self) -> None:
        error = self.assertRaises(ConfigError, read, "[fake]\nmax-size = \n[other]")
        self.assertTrue(str(error).startswith("suite.toml: is not TOML: "))
        self.assertIn("line 2", str(error))
        self.assertRaises(ConfigError, read, "a = " + "[" * 10000)
        self.assertRaises(ConfigError, read, "a = " + "1" * 10000)


class FileTests(SynchronousTestCase):
    def setUp(self) -> None:
        directory = TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.path = Path(directory.name) / "suite.toml"

    def test_aFileIsReadAsUTF8(self) -> None:
        self.path.write_bytes('[fake]\nmotto = "gr\u00fc\u00df"'.encode())
        (service,) = loadConfig(str(self.path), kinds=KINDS).services
        self.assertEqual(service.options["motto"], "gr\u00fc\u00df")

    def test_aFileThatIsNotThere(self) -> None:
        error = self.assertRaises(ConfigError, loadConfig, "no/such.toml")
        expected = "no/such.toml: can not be read: No such file or directory"
        self.assertEqual(str(error), expected)

    def test_aFileThatIsNoText(self) -> None:
        self.path.write_bytes(b"\xff")
        error = self.assertRaises(ConfigError, loadConfig, str(self.path))
        self.assertIn(f"{self.path}: can not be read: ", str(error))
        self.assertRaises(ConfigError, loadConfig, "\0")


class PrintedTests(SynchronousTestCase):
    def test_thePrintedDefaultsLoadAsTheDefaults(self) -> None:
        printed = read(renderDefaults(KINDS))
        bare = read("[fake]\n[other]")
        for place in (0, 1):
            one, other = printed.services[place], bare.services[place]
            self.assertEqual(dict(one.options), dict(other.options))
            self.assertEqual(one.options.limits, other.options.limits)

    def test_eachKeyHasItsExplanationAndItsRange(self) -> None:
        text = renderDefaults(KINDS)
        self.assertIn(
            "# Largest thing. Takes a whole number of octets, 1 or more.\n"
            "max-size = 1024\n",
            text,
        )
        self.assertIn(f"\nmax-connections = {MAX_CONNECTIONS}\n", text)
        self.assertIn(f"\ndrain-timeout = {DRAIN_TIMEOUT}\n", text)
        self.assertIn("\ngreet = false\n", text)
        self.assertIn('\nlisten = ["tcp:7099:interface=127.0.0.1"]\n', text)
        self.assertIn("\n#data-dir =\n", text)
        self.assertIn('\n#store = "memory"\n', text)
        self.assertTrue(all(len(line) <= 80 for line in text.splitlines()))
