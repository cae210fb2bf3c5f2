"""protocols.logs: every event is one whole line, whatever strangers put into it."""

from __future__ import annotations

import json
from io import BytesIO, StringIO, TextIOWrapper
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.protocol import Factory
from twisted.logger import ILogObserver, Logger, LogLevel, LogPublisher
from twisted.python.failure import Failure
from twisted.python.log import LogPublisher as LegacyLogPublisher
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from protocols.logs import (
    DEEPEST,
    LONGEST_TEXT,
    JSONLinesObserver,
    NotPlainError,
    PlainLinesObserver,
    jsonLine,
    plain,
)

# 2023-11-14 22:13:20.25 UTC, the instant after 1.7e9 seconds.
MOMENT = 1_700_000_000.25
ODD = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.binary()
    | st.builds(object)
)
VALUES = st.recursive(
    ODD,
    lambda inner: st.lists(inner) | st.dictionaries(ODD, inner),
    max_leaves=8,
)


class Unshowable:
    """Raises at whoever wants to show it."""

    def __repr__(self) -> str:
        raise RuntimeError("not me")

    __str__ = __repr__


class BrokenStream(StringIO):
    def write(self, text: str) -> int:
        raise OSError("the disk is full")


def failureOf(error: ValueError) -> Failure:
    try:
        raise error
    except ValueError:
        return Failure()


def event(**fields: object) -> dict[str, Any]:
    told: dict[str, Any] = {
        "log_time": MOMENT,
        "log_level": LogLevel.info,
        "log_namespace": "protocols.guard",
        "log_format": "{service}: {peer} went",
        "service": "echo",
        "peer": "127.0.0.1",
    }
    return {**told, **fields}


class JSONLinesTests(SynchronousTestCase):
    def told(self, *events: dict[str, Any], least: str = "info") -> list[Any]:
        stream = StringIO()
        observer = JSONLinesObserver(stream, least)
        for each in events:
            observer(each)
        lines = stream.getvalue().splitlines(keepends=True)
        self.assertTrue(all(line.endswith("\n") for line in lines))
        return [json.loads(line) for line in lines]

    def test_itIsAnObserver(self) -> None:
        self.assertTrue(verifyObject(ILogObserver, JSONLinesObserver(StringIO())))

    def test_anEventWithItsFields(self) -> None:
        line = self.told(event(bytesIn=512, seconds=3.1, reason="closed"))
        self.assertEqual(
            line,
            [
                {
                    "time": "2023-11-14T22:13:20.250Z",
                    "level": "info",
                    "namespace": "protocols.guard",
                    "text": "echo: 127.0.0.1 went",
                    "service": "echo",
                    "peer": "127.0.0.1",
                    "bytesIn": 512,
                    "seconds": 3.1,
                    "reason": "closed",
                }
            ],
        )

    def test_twoEventsAreTwoLinesInOrder(self) -> None:
        lines = self.told(event(peer="a"), event(peer="b"))
        self.assertEqual([line["peer"] for line in lines], ["a", "b"])

    def test_aLoggerAddsNothingOfItsOwn(self) -> None:
        stream = StringIO()
        log = Logger("mine", observer=LogPublisher(JSONLinesObserver(stream)))
        log.warn("{count} left", count=2)
        line = json.loads(stream.getvalue())
        del line["time"]
        self.assertEqual(
            line, {"level": "warn", "namespace": "mine", "text": "2 left", "count": 2}
        )

    def test_legacyEventsHaveTheirTextAndNothingOfTheirMachinery(self) -> None:
        stream = StringIO()
        publisher = LogPublisher(JSONLinesObserver(stream))
        LegacyLogPublisher(publishPublisher=publisher).msg("an old word", port=7)
        line = json.loads(stream.getvalue())
        self.assertEqual((line["text"], line["port"]), ("an old word", 7))
        self.assertFalse({"message", "isError", "system", "time_"} & set(line))

    def test_aFailureHasItsErrorAndItsTraceback(self) -> None:
        (line,) = self.told(event(log_failure=failureOf(ValueError("of no use"))))
        self.assertEqual(line["error"], "ValueError: of no use")
        self.assertIn("Traceback", line["traceback"])
        self.assertIn("test_logs.py", line["traceback"])

    def test_aFailureThatRaisesIsStillALine(self) -> None:
        failure = failureOf(ValueError())

        def broken() -> str:
            raise RuntimeError

        self.patch(failure, "getTraceback", broken)
        self.patch(failure, "getErrorMessage", broken)
        (line,) = self.told(event(log_failure=failure))
        self.assertEqual(line["error"], "an error that can not be shown")
        self.assertEqual(line["traceback"], "a traceback that can not be shown")

    def test_whatIsLessThanAskedIsLeftOut(self) -> None:
        debug = event(log_level=LogLevel.debug)
        self.assertEqual(self.told(debug), [])
        self.assertEqual(len(self.told(debug, least="debug")), 1)
        self.assertEqual(self.told(event(), least="warn"), [])

    def test_fieldsNeverReplaceTheFirstFour(self) -> None:
        (line,) = self.told(event(level="high", text="mine"))
        self.assertEqual((line["level"], line["level_"]), ("info", "high"))
        self.assertEqual(line["text_"], "mine")

    def test_fieldsThatAreNotPlainAreLeftOut(self) -> None:
        (line,) = self.told(event(transport=object(), parts=[object()]))
        self.assertNotIn("transport", line)
        self.assertNotIn("parts", line)

    def test_lineEndsOfStrangersStayInsideTheLine(self) -> None:
        (line,) = self.told(event(peer='a\r\n{"level": "x"}\u2028\x1b[2J'))
        self.assertEqual(line["peer"], 'a\r\n{"level": "x"}\u2028\x1b[2J')

    def test_anEventWithNothingInItIsALine(self) -> None:
        (line,) = self.told({})
        self.assertEqual(line["time"], None)
        self.assertEqual((line["level"], line["namespace"]), ("info", "-"))

    def test_aFormatThatCanNotBeFilledIsALine(self) -> None:
        (line,) = self.told(event(log_format="{service} {missing}", odd=Unshowable()))
        self.assertEqual(line["service"], "echo")

    def test_aStreamThatFailsIsNoError(self) -> None:
        self.assertIsNone(JSONLinesObserver(BrokenStream())(event()))
        closed = StringIO()
        closed.close()
        self.assertIsNone(JSONLinesObserver(closed)(event()))

    @given(
        st.dictionaries(st.text(), VALUES),
        st.text(),
        st.floats() | st.none() | st.text(),
    )
    def test_everyEventIsOneObjectOnOneLine(
        self, fields: dict[str, Any], text: str, when: object
    ) -> None:
        line = jsonLine({"log_format": text, "log_time": when, **fields})
        self.assertNotIn("\n", line)
        self.assertTrue(line.isascii())

        def refuse(name: str) -> None:
            self.fail(f"{name} is not JSON")

        self.assertIsInstance(json.loads(line, parse_constant=refuse), dict)


class PlainValueTests(SynchronousTestCase):
    def test_octetsBecomeText(self) -> None:
        self.assertEqual(plain("gr\u00fc\u00df".encode()), "gr\u00fc\u00df")
        self.assertEqual(plain(b"\xff\x00"), "\\xff\x00")

    def test_numbersThatJSONHasNoWordFor(self) -> None:
        self.assertEqual(plain(float("nan")), "nan")
        self.assertEqual(plain(float("-inf")), "-inf")
        self.assertEqual(plain(1 << 256), hex(1 << 256))
        self.assertEqual(plain((1 << 256) - 1), (1 << 256) - 1)

    def test_aMetricsSnapshotIsPlain(self) -> None:
        buckets = {"histograms": {"seconds": {"buckets": [[0.5, 1], [None, 2]]}}}
        self.assertEqual(plain(buckets), buckets)

    def test_tuplesAreListsAndKeysAreText(self) -> None:
        self.assertEqual(plain({1: ("a", True)}), {"1": ["a", True]})

    def test_longTextsAreCut(self) -> None:
        self.assertEqual(plain("a" * LONGEST_TEXT), "a" * LONGEST_TEXT)
        self.assertEqual(plain("a" * (LONGEST_TEXT + 1)), "a" * LONGEST_TEXT + "...")

    def test_whatIsTooDeepIsNotPlain(self) -> None:
        deep: object = "word"
        for _ in range(DEEPEST):
            deep = [deep]
        self.assertEqual(plain(deep), deep)
        self.assertRaises(NotPlainError, plain, [deep])


class PlainLinesTests(SynchronousTestCase):
    def told(self, *events: dict[str, Any]) -> list[str]:
        stream = StringIO()
        observer = PlainLinesObserver(stream)
        for each in events:
            observer(each)
        return stream.getvalue().splitlines()

    def test_anEventIsItsTimeAndItsText(self) -> None:
        self.assertEqual(self.told({"log_format": "word"}), ["--:--:-- word"])
        (line,) = self.told(event())
        self.assertRegex(line, r"^\d\d:\d\d:\d\d echo: 127\.0\.0\.1 went$")

    def test_whatIsWorseThanInfoSaysSo(self) -> None:
        (line,) = self.told(event(log_level=LogLevel.warn))
        self.assertRegex(line, r"^\S+ warn: echo: ")

    def test_debugIsLeftOut(self) -> None:
        self.assertEqual(self.told(event(log_level=LogLevel.debug)), [])

    def test_escapesAndLineEndsAreShownNotSent(self) -> None:
        (line,) = self.told(event(peer="a\x1b[2J\r\nb\x9b\u202e"))
        self.assertIn(r"a\x1b[2J\r\nb\x9b\u202e went", line)

    def test_aFailuresTracebackFollowsIndented(self) -> None:
        failure = failureOf(ValueError("two\x1b\nlines"))
        first, *rest = self.told(event(log_failure=failure))
        self.assertTrue(first.endswith(" went"))
        self.assertTrue(all(line.startswith("  ") for line in rest))
        self.assertIn("Traceback", rest[0])
        self.assertIn(r"two\x1b", "".join(rest))

    def test_whatTwistedSaysOfItsPortsIsLeftOut(self) -> None:
        texts = (
            "Starting factory <EchoFactory>",
            "Stopping factory <EchoFactory>",
            "Starting protocol <Echo>",
            "EchoFactory (GuardFactory) starting on 7007",
            "(TCP Port 7007 Closed)",
        )
        legacy = [event(log_namespace="log_legacy", log_format=text) for text in texts]
        self.assertEqual(self.told(*legacy), [])
        self.assertEqual(self.told(event(log_namespace="twisted.internet.base")), [])

    def test_whatAFactorySaysOfItselfIsLeftOut(self) -> None:
        stream = StringIO()
        observer = PlainLinesObserver(stream)

        log = Logger("mine", observer=observer)
        log.info("Starting factory {factory!r}", factory=Factory())
        log.info("factory started")
        self.assertRegex(stream.getvalue(), r"^\S+ factory started\n$")

    def test_whatTwistedWarnsOfIsNot(self) -> None:
        worse = event(log_namespace="twisted.internet.base", log_level=LogLevel.error)
        self.assertEqual(len(self.told(worse)), 1)

    def test_aTerminalThatKnowsOnlyASCII(self) -> None:
        octets = BytesIO()
        stream = TextIOWrapper(octets, "ascii")
        PlainLinesObserver(stream)(event(peer="gr\u00fcn"))
        self.assertIn(b"gr\\xfcn went\n", octets.getvalue())

    def test_aStreamThatFailsIsNoError(self) -> None:
        self.assertIsNone(PlainLinesObserver(BrokenStream())(event()))
