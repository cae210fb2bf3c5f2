"""Redis over TCP with a password, and over TLS with certificates."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from twisted.trial.unittest import SkipTest

from tests.live.redisserver import OPENSSL, REDIS, RedisServer, freePorts
from tests.live.test_chat_redis import Case

TLS = (
    *("--tls-cert-file", "FOLDER/server.pem", "--tls-key-file", "FOLDER/server.key"),
    *("--tls-ca-cert-file", "FOLDER/ca.pem", "--tls-auth-clients", "yes"),
)
# As docs/backplane.md says.
USER = "chat on >geheim ~chat:* +@read +@write +@scripting +@connection"


class PlacesTests(Case):
    def setUp(self) -> None:
        if REDIS is None or OPENSSL is None:
            raise SkipTest("there is no redis-server, or no openssl")
        self.stack = ExitStack()
        self.addCleanup(self.stack.close)
        self.plain, self.secure = freePorts(2)
        self.redis = RedisServer(
            *("--bind", "127.0.0.1", "--port", str(self.plain), *TLS),
            *("--tls-port", str(self.secure), "--requirepass", "word"),
            *("--user", *USER.split()),
        )
        self.stack.callback(self.redis.end)
        self.redis.certify()
        self.redis.start()

    def test_passwordAndTLS(self) -> None:
        """One node comes over TCP with a password, one over TLS as a user."""
        folder = self.redis.folder
        secret = Path(folder, "secret")
        secret.write_text("geheim\n")
        plain = f"redis://127.0.0.1:{self.plain}/0?password-env=CHAT_SECRET"
        query = f"ca={folder}/ca.pem&certificate={folder}/client.pem"
        place = f"rediss://chat@localhost:{self.secure}/0"
        self.node("1", url=plain, CHAT_SECRET="word")
        self.node("2", url=f"{place}?{query}&password-file={secret}")
        ann, bob = self.line("1", "ann"), self.line("2", "bob")
        ann.waitFor("bob joined")
        bob.say("hello")
        ann.waitFor("<bob> hello")
        tls = f"tls:localhost:{self.secure}:trustRoots={folder}/ca"
        Path(folder, "ca").mkdir()
        Path(folder, "ca", "ca.pem").write_text(Path(folder, "ca.pem").read_text())
        certificate = f"certificate={folder}/client.pem:privateKey={folder}/client.key"
        self.node("3", url=f"{tls}:{certificate}?password-env=CHAT", CHAT="word")
        cid = self.line("3", "cid")
        cid.say("well")
        ann.waitFor("<cid> well")
