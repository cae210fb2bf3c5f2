"""L{protocols.smtp.faults}: rules, and when they apply."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from protocols.smtp.faults import MOMENTS, FaultError, FaultRule, FaultRules
from protocols.smtp.replies import Reply


class RuleTests(SynchronousTestCase):
    def test_good(self) -> None:
        for text, rule in {
            'RCPT to=*@slow.example reply="451 4.3.0 later" probability=0.3': FaultRule(
                "RCPT", "*@slow.example", Reply(451, "later", "4.3.0"), probability=0.3
            ),
            "data delay=2.5": FaultRule("DATA", delay=2.5),
            ". reply=452 times=1": FaultRule(".", "", Reply(452, ""), times=1),
            "connect disconnect": FaultRule("CONNECT", disconnect=True),
            "connect disconnect-at=1000": FaultRule("CONNECT", disconnectAt=1000),
            "connect rate=500": FaultRule("CONNECT", rate=500.0),
            "mail reply='550 no, thanks'": FaultRule(
                "MAIL", "", Reply(550, "no, thanks")
            ),
        }.items():
            self.assertEqual(FaultRule.read(text), rule, text)

    def test_bad(self) -> None:
        for text, part in {
            "": "no rule",
            'RCPT reply="451': "no rule",
            "SEND delay=1": "'SEND' is none of",
            "BDAT delay=1": "'BDAT' is none of",
            "RCPT": "nothing happens",
            "RCPT to=*": "nothing happens",
            "RCPT reply=hello": "reply='hello'",
            "RCPT reply='451 5.3.0 x'": "reply='451 5.3.0 x'",
            "RCPT reply=199": "reply='199'",
            "RCPT delay=-1": "'delay=-1'",
            "RCPT delay=nan": "'delay=nan'",
            "RCPT delay=3601": "'delay=3601'",
            "RCPT delay=1 delay=2": "said twice",
            "RCPT delay=1 probability=2": "'probability=2'",
            "RCPT delay": "'delay'",
            "RCPT delay=1 times=0.5": "'times=0.5'",
            "RCPT hello": "'hello' is not known",
            "RCPT delay=1 to=": "'to=' is not known",
            "DATA to=* delay=1": "DATA has no address",
            "RCPT rate=1": "for connect alone",
        }.items():
            error = self.assertRaises(FaultError, FaultRule.read, text)
            self.assertIn(part, str(error))

    @given(st.text() | st.builds("{} {}".format, st.sampled_from(MOMENTS), st.text()))
    def test_onlyOneErrorEscapes(self, text: str) -> None:
        try:
            self.assertIn(FaultRule.read(text).moment, MOMENTS)
        except FaultError as error:
            self.assertTrue(str(error))


class ApplyTests(SynchronousTestCase):
    def test_fits(self) -> None:
        rules = FaultRules.fromTexts(
            ["RCPT to=b@* delay=1", "RCPT delay=2", ". delay=3"]
        )
        delays = [
            [rule.delay for rule in rules.at("RCPT", [to])] for to in ("B@y", "c")
        ]
        self.assertEqual(delays, [[1.0, 2.0], [2.0]])
        self.assertEqual(len(rules.at(".", ["b@y"])), 1)
        self.assertEqual(rules.at("DATA"), [])

    def test_times(self) -> None:
        rules = FaultRules.fromTexts(["DATA delay=1 times=2"])
        self.assertEqual([len(rules.at("DATA")) for _ in range(4)], [1, 1, 0, 0])

    def test_probability(self) -> None:
        """About as often as asked, and the same for the same seed."""

        def applied(seed: int) -> list[int]:
            rules = FaultRules.fromTexts(["DATA delay=1 probability=0.3"], seed)
            return [len(rules.at("DATA")) for _ in range(1000)]

        self.assertEqual(applied(7), applied(7))
        self.assertNotEqual(applied(7), applied(8))
        self.assertTrue(250 < sum(applied(7)) < 350)
