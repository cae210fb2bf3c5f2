"""What a chat is told by who means it well, nearly well, and not at all."""

from __future__ import annotations

import base64
import random

from protocols.chat.irc.capabilities import CAPABILITIES as OFFERED

ROOMS = ("#lobby", "#tea", "#a", "#Straße", "#kept", "#x" * 20)
NAMES = ("ann", "bob", "ANN", "zoë", "eve", "root", "irc.localhost", "NickServ")

# Of each kind of hostile text some: none, controls, bidirectional marks, combining
# and invisible characters, formats of IRC, what is no UTF-8 and what is very long.
ODD = (
    *(b"", b" ", b":", b"*", b"#", b"@", b"+", b"-", b"=", b",", b",,,", b"%s", b"{0}"),
    *(b"\x1b[31mred\x1b[0m", b"\x9b31m", b"\xc2\x9b31m", b"\x07\x08\x7f", b"a\0b"),
    *("\u202egnp.exe\u202c".encode(), "\u2066\u200f\u061c".encode(), b"\xe2\x80\xa8"),
    *(b"\xff\xfe", b"\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc0\xae"),
    *("e\u0301".encode() * 9, "\u200b".encode(), "\U0001f600".encode() * 60),
    *(b"\x02b\x03" + b"4,8c\x0f", b"\x01ACTION x\x01", b"\x01VERSION\x01", b"\x01"),
    *(b"x" * 400, b"y" * 600, b"z" * 9000, b"-1", b"0", b"1" * 30, b"NaN", b"1e9"),
    *(
        "\u0661\u0662".encode(),
        b"\xc2\xb2",
        b"\x1c",
        b"\r",
        b"a\rb",
        b"\t",
        b"\xff\xf4",
    ),
)
TIMES = ("2026-11-21T08:44:45.123Z", "1970-01-01T00:00:00.000Z", "9999-12-31T23:59:60Z")
POINTS = (
    *("*", "msgid=1", "msgid=99999999999999999", "msgid=", "msgid=-1", "msgid=x"),
    *(f"timestamp={time}" for time in TIMES),
    *(
        "timestamp=",
        "timestamp=0000-00-00T00:00:00.000Z",
        "timestamp=\u0661",
        "x=y",
        "=",
    ),
)
CAPABILITIES = [name for name in OFFERED if name != "no-implicit-names"]

# {r} is a room, {n} a name, {w} some words, {o} something odd, {p} a point in time,
# {m} a mask, {i} a number, {t} several rooms and names, {k} a key, {d} a duration.
IRC = (
    """
PRIVMSG {r} :{w}|PRIVMSG {r} :{w}|PRIVMSG {r} :{w}|PRIVMSG {t} :{w}|NOTICE {t} :{o}
PRIVMSG {n} :{w}|PRIVMSG @{r} :{w}|PRIVMSG {o} :{o}|NOTICE {n} :{w}|TAGMSG {t}
PRIVMSG {n} :\x01VERSION\x01|PRIVMSG {r} :\x01ACTION {w}\x01|TAGMSG|REDACT {r} {i} :{w}
REDACT {n} {i}|REDACT {o} {o} {o}|JOIN {r}|JOIN {r}|JOIN {r} {k}|JOIN {t} {k},{k}
JOIN 0|JOIN {o}|PART {r} :{w}|PART {t}|TOPIC {r}|TOPIC {r} :{w}|TOPIC {r} :
TOPIC {o} {o}
INVITE {n} {r}|INVITE|INVITE {o} {o}|KICK {r} {n} :{w}|KICK {t} {t}|KICK {o} {o}
MODE {r} {f}|MODE {r} {f} {n}|MODE {r} {f} {m} {n} {k}|MODE {r} {f}{f}{f} {i} {m} {k}
MODE {r}|MODE {r} b|MODE {r} +b {m}|MODE {r} +e {m}|MODE {r} +I {m}|MODE {r} {o} {o}
MODE {r} +o {n}|MODE {r} -o {n}|MODE {r} +v {n}|MODE {r} +l {i}|MODE {r} -kl x
MODE {n} {f}|MODE {n}|MODE {o}|NICK {n}|NICK {n}|NICK {o}|NAMES {r}|NAMES {r}|NAMES {t}
NAMES|LIST|LIST >{i},<{i},T<{i},C>{i}|LIST {t}|LIST {o}|WHO {r}
WHO {r} %tcuihsnfdlaor,{i}
WHO {m}|WHO {o} {o}|WHO {n} %{o}|WHOIS {n}|WHOIS {n} {n}|WHOIS {o}|WHOWAS {n} {i}
WHOWAS {o}|USERHOST {n} {n} {o}|ISON {n} {n} {o}|AWAY :{w}|AWAY|AWAY :{o}|SETNAME :{w}
SETNAME :{o}|MONITOR + {n},{n}|MONITOR - {n}|MONITOR C|MONITOR L|MONITOR S
MONITOR {o} {o}
MONITOR + {o}|SILENCE +{m}|SILENCE -{m}|SILENCE|SILENCE {o}|ACCEPT {n}|ACCEPT -{n}
ACCEPT *
ACCEPT {o}|METADATA {r} LIST|METADATA * SET avatar :{w}|METADATA * SET {o} :{o}
METADATA {n} GET avatar {o}|METADATA * CLEAR|METADATA {r} SET color :{o}|METADATA * SUBS
METADATA * SUB avatar color {o}|METADATA * UNSUB avatar {o}|METADATA {r} SYNC
METADATA {o} {o} {o}|METADATA {r} CLEAR|CHATHISTORY LATEST {r} {p} {i}
CHATHISTORY LATEST {n} {p} {i}|CHATHISTORY BEFORE {r} {p} {i}
CHATHISTORY AFTER {r} {p} {i}
CHATHISTORY AROUND {r} {p} {i}|CHATHISTORY BETWEEN {r} {p} {p} {i}
CHATHISTORY TARGETS {p} {p} {i}|CHATHISTORY {o} {o} {o} {o}
CHATHISTORY BETWEEN {o} {p} {o}
CHATHISTORY|SEARCH :text={w}|SEARCH :in={r};text=a;limit={i}|SEARCH {o}|SEARCH :text={o}
SEARCH :in={o};text={o};before={p};after={p};from={n}|MARKREAD {r}|MARKREAD {r} {p}
MARKREAD {n} {p}|MARKREAD {o} {o}|BATCH +{o} draft/multiline {r}|BATCH -{o}
BATCH {o} {o}
BATCH +b draft/multiline {r}|BATCH -b|BATCH +b draft/multiline {n}|BATCH +b {o} {o}
CERT ADD|CERT LIST|CERT ADD {h}|CERT DEL {h}|CERT {o} {o}|NS CERT {o}|NS {o}
NICKSERV LIST
REGISTER * * {k}pass|REGISTER {n} * :{o}|REGISTER {o} {o} {o}|AUTHENTICATE PLAIN
AUTHENTICATE {b}|AUTHENTICATE +|AUTHENTICATE *|AUTHENTICATE EXTERNAL|AUTHENTICATE {o}
AUTHENTICATE SCRAM-SHA-256|OPER root pencil|OPER {o} {o}|WALLOPS :{w}|REHASH|STATS {f}
STATS k|KILL {n} :{w}|KILL {o}|KLINE {d} {q} :{w}|KLINE {q}|UNKLINE {q}
DLINE {d} {q} :{w}
DLINE {x}|UNDLINE {q}|KLINE {x} {o}|MOTD|LUSERS|VERSION|ISUPPORT|TIME|INFO|ADMIN|LINKS
HELP {o}|HELP|HELPOP METADATA|PING {o}|PING :{w}|PONG {o}|USER {o} {o} {o} {o}|PASS {o}
WEBIRC {o} {o} {o} {o}|CAP LS 302|CAP LIST|CAP LS {o}|CAP {o} {o}|{o} {o} {o}|{w}
:{o} {w}
""".strip()
    .replace("\n", "|")
    .split("|")
)
WILD = (*["CAP REQ :{c}", "CAP REQ :-{c} {c}", "CAP END", "QUIT :{w}", "QUIT"], *IRC)

LINE = (
    """
{w}|{w}|{w}|//{w}|{o}|{o}|/join {r}|/join {r} {k}|/join {o}|/leave {r}|/leave|/rooms
/who
/who {r}|/msg {n} {w}|/msg {n} {o}|/msg {o} {o}|/history|/history {i}
/history {i} before {i}
/history {o}|/since {i}|/since {o}|/search {w}|/search {o}|/me {w}|/me {o}|/topic {w}
/topic -
/topic {o}|/away {w}|/away|/invite {n}|/invite {o}|/ignore {n}|/ignore {o}|/show time id
/show {o}|/show nothing|/nick {n}|/nick {o}|/help {o}|/help|/help order|/help set
/register {k}pass|/register {o}|/login {n} {k}|/login {o} {o}|/certificate add
/certificate add {h}|/certificate drop {h}|/certificate {o}|/oper root pencil
/oper {o} {o}
/kick {n} {w}|/kick {o}|/mute {n}|/unmute {n}|/op {n}|/deop {n}|/set key {k}
/set key off
/set limit {i}|/set slow {i}|/set {o} {o}|/set invite-only off|/set moderated off
/set members-only off|/set listed off|/set topic-lock off|/set slow off|/set limit off
/ban {q} {d} {w}|/ban {x}|/unban {q}|/unban {o}|/bans|/{o} {o}|/|/quit
""".strip()
    .replace("\n", "|")
    .split("|")
)


class Speaker:
    """Lines of one client, as its seed has it.

    @param name: what it is called at first.
    """

    def __init__(self, choose: random.Random, name: str) -> None:
        self.choose, self.name = choose, name

    def line(self, kinds: tuple[str, ...] | list[str]) -> bytes:
        """A command, filled in."""
        text = self.choose.choice(kinds).encode()
        while b"{" in text:
            head, _, rest = text.partition(b"{")
            letter, _, rest = rest.partition(b"}")
            text = head + self._word(letter.decode()).replace(b"{", b"(") + rest
        return text

    def tags(self) -> bytes:
        """Tags of a client, of which some are none."""
        values = (
            b"+typing=active",
            b"+draft/reply=1",
            b"batch=b",
            b"+x=" + self._odd(),
        )
        more = (
            b"draft/multiline-concat;batch=b",
            b"label=",
            b"+a=\\:\\s\\\\\\",
            b";=;",
        )
        chosen = self.choose.choice((*values, *more, b"+y=" + b"v" * 4200))
        return b"@" + chosen.replace(b" ", b"_") + b" "

    def _odd(self) -> bytes:
        return self.choose.choice(ODD)

    def _word(self, letter: str) -> bytes:
        choice, number = self.choose.choice, self.choose.randrange
        if letter == "o":
            return self._odd() if number(3) else bytes(map(number, [256] * number(12)))
        if letter == "x":
            return choice([word for word in ODD if b"*" not in word and len(word) > 3])
        if letter == "t":
            names = [choice((*ROOMS, *NAMES)) for _ in range(choice((1, 2, 5, 40)))]
            return ",".join(names).encode()
        if letter == "f":
            return f"{choice('+-')}{choice('CMRimnstBobevIlkxZ')}".encode()
        if letter == "w":
            return b" ".join(
                choice((b"tea", b"hello", b"a", self._odd())) for _ in "ab"
            )
        return str(self._plain(letter)).encode()

    def _plain(self, letter: str) -> str:
        choice, number = self.choose.choice, self.choose.randrange
        sasl = base64.b64encode(b"\0ann\0keypass").decode()
        each = {
            "r": choice(ROOMS),
            "n": choice((*NAMES, self.name, f"u{number(40)}")),
            "p": choice(POINTS),
            "m": choice(("*!*@*", "ann", "$a:ann", "$m:b*", "*!*@10.*", "a!b@c@d!e")),
            "i": str(choice((0, 1, 2, 10, 100, 1000, -1, 10**20, number(2000)))),
            "k": choice(("key", "k,k", "x" * 40)),
            "d": choice(("1s", "1", "0s", "2m", "99999999w", "-1s", "x")),
            # Who is banned by that is nobody who looks whether all is well.
            "q": choice(
                ("z*!*@*", "192.0.2.0/24", "192.0.2.7/33", "u1", "account:eve")
            ),
            "h": choice(("ab" * 32, "AB:" * 31 + "AB", "ab" * 31, "é" * 64)),
            "b": choice((sasl, "=", "A" * 400, "A" * 401, "biws", "LCw=")),
            "c": choice((*CAPABILITIES, "x" * 200, "-", "=")),
        }
        return each[letter]
