"""The layers of C{docs/architecture.md}, and the size of things."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "protocols"
FOLDERS = ("tcpecho", "udpecho", "chat", "smtp", "suite", "testing")

# Pure modules: the standard library, and pure modules.
PURE = {
    *("admission", "limits", "linebuffer", "metrics", "peers", "rate", "wheel"),
    *("lean.sending", "udpecho.sources"),
    *("workertask", "workerrestarts", "workerlimits"),
    *("chat.room", "chat.names", "chat.telnet", "chat.events"),
    *("chat.once", "chat.partings"),
    *("chat.text", "chat.people", "chat.outbox", "chat.lobby", "chat.rules"),
    *("chat.masks", "chat.watchers", "chat.views", "chat.viewing", "chat.history"),
    *("chat.bans", "chat.banlist", "chat.storeinterface", "chat.storerows"),
    *("chat.storesearch", "chat.storespool", "chat.storeretention"),
    *("chat.storeschema", "chat.storepages"),
    *("chat.irc.wire", "chat.irc.capabilities", "chat.irc.dialect"),
    *("chat.web.frames", "chat.web.framing", "chat.web.requests"),
    *("chat.web.responses", "chat.web.opening"),
    *("chat.irc.numerics", "chat.irc.gateways", "chat.spans"),
    *("chat.optiontexts",),
    *("chat.arriving", "chat.gates", "chat.hosts", "chat.speech", "sought"),
    *("chat.storecertificates", "chat.storesharing", "chat.backplane.parts"),
    *("chat.irc.census", "chat.irc.manylines", "chat.irc.metadatatold"),
    *("chat.irc.modelines", "chat.irc.retelling", "chat.irc.roster"),
    *("chat.irc.strictness", "chat.web.forwarded"),
    *("smtp.transaction", "smtp.addresses", "smtp.replies", "smtp.body"),
    *("smtp.parameters", "smtp.policy", "smtp.schema", "smtp.content"),
    *("smtp.reading", "smtp.message", "smtp.inboxes", "smtp.retention", "smtp.rows"),
    *(
        "smtp.export",
        "smtp.showing",
        "smtp.faults",
        "smtp.bodyfiles",
        "smtp.reader",
        "backoff",
        "proxyheader",
    ),
    *("sasl.outcomes", "sasl.saslprep", "sasl.responses", "sasl.scram"),
    *("sasl.records", "sasl.entries", "sasl.base64"),
}
# Wiring: whatever it needs. The rest is wire.
WIRING = {
    *("options", "service", "process", "notify", "listening", "tls", "logfile"),
    *("starttls", "certificates", "places"),
    *("__main__", "frontdoor", "logs", "config", "schema", "table"),
    *("pytest_plugin", "smtpinbox", "suite.tap", "suite.service", "smtp.options"),
    *("chat.options", "chat.optiontables", "chat.opening"),
    *("chat.backplane.opening",),
    *("lean.__init__", "lean.context", "lean.datagrams", "lean.listening"),
    *("lean.polling", "lean.reactor", "lean.selfcheck", "lean.stream"),
    *("lean.tcp", "lean.unix"),
    *("ports", "workers", "workerteam", "workerlaunch", "workersockets"),
    *("workerports", "workeroptions", "workerprocess", "workersignals"),
    *("smtp.console", "smtp.watching", "smtp.opening"),
}
WIRE_MAY_IMPORT = re.compile(
    r"twisted\.(internet\.(protocol|defer|interfaces|error|task|address|threads)"
    r"|protocols|logger|python\.failure|mail|cred)|zope\.interface|protocols"
)
ENDPOINTS_FOR_CLIENTS = re.compile(r"twisted\.internet\.endpoints")
BANNED = re.compile(r"handler|manager|engine|util|helper|common", re.IGNORECASE)

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
MOST_LINES = 300
MOST_FUNCTION_LINES = 25


def modules() -> Iterator[tuple[str, ast.Module, str]]:
    """Dotted name below C{protocols}, syntax tree and text of each module."""
    for path in sorted(PACKAGE.rglob("*.py")):
        name = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
        text = path.read_text()
        yield name, ast.parse(text), text


def imports(tree: ast.AST) -> Iterator[tuple[str, ast.stmt]]:
    """What is imported when the module runs, not only for the type checker."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.Import):
            yield from ((alias.name, node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            whole = node.module or ""
            names = [alias.name for alias in node.names]
            if whole in ("twisted.internet", "twisted.python", "zope"):
                yield from ((f"{whole}.{name}", node) for name in names)
            else:
                yield whole, node
        else:
            yield from imports(node)


def isPure(name: str) -> bool:
    return name in PURE


class LayerTests(SynchronousTestCase):
    def test_pureModules(self) -> None:
        for name, tree, _ in modules():
            if not isPure(name):
                continue
            for wanted, _node in imports(tree):
                top = wanted.split(".")[0]
                below = wanted.removeprefix("protocols.")
                fine = top in sys.stdlib_module_names or top == "tomli" or isPure(below)
                self.assertTrue(fine, f"{name} is pure and imports {wanted}")

    def test_wireModules(self) -> None:
        for name, tree, _ in modules():
            if isPure(name) or name in WIRING or name.endswith(".tap"):
                continue
            if name.startswith("testing"):
                continue
            for wanted, _node in imports(tree):
                if wanted.split(".")[0] in sys.stdlib_module_names:
                    continue
                if wanted.split(".")[0] == "psycopg" and "smtp.postgres" in name:
                    continue
                if name == "immediate" and wanted == "twisted.internet.tcp":
                    continue
                client = name.endswith("client") or name == "connecting"
                fine = WIRE_MAY_IMPORT.match(wanted) or (
                    client and ENDPOINTS_FOR_CLIENTS.match(wanted)
                )
                self.assertTrue(fine, f"{name} is wire and imports {wanted}")
                below = wanted.removeprefix("protocols.")
                self.assertNotIn(below, WIRING - PURE, f"{name} imports {wanted}")

    def test_protocolFoldersDoNotKnowEachOther(self) -> None:
        for name, tree, _ in modules():
            folder = name.split(".")[0]
            if folder not in FOLDERS or folder == "suite":
                continue
            for wanted, _node in imports(tree):
                for other in set(FOLDERS) - {folder}:
                    self.assertFalse(
                        wanted.startswith(f"protocols.{other}"),
                        f"{name} imports {wanted}",
                    )

    def test_theReactorIsImportedOnlyInsideFunctionsOfTheWiring(self) -> None:
        for name, tree, _ in modules():
            for wanted, node in imports(tree):
                if wanted == "twisted.internet.reactor":
                    self.assertTrue(name in WIRING or name.endswith(".tap"), name)
                    self.assertGreater(
                        node.col_offset, 0, f"{name} imports it at the top"
                    )

    def test_noProtocolReadsTheSystemsClock(self) -> None:
        for name, _, text in modules():
            if name not in WIRING and not name.startswith("testing"):
                self.assertNotRegex(text, r"\btime\.(time|monotonic)\(", name)


class SizeTests(SynchronousTestCase):
    def test_files(self) -> None:
        for folder in ("protocols", "tests", "benchmarks", "examples", "twisted"):
            for path in (ROOT / folder).rglob("*.py"):
                lines = len(path.read_text().splitlines())
                self.assertLessEqual(lines, MOST_LINES, str(path))

    def test_functions(self) -> None:
        """Without the docstring, which may be as long as it has to say."""
        for name, tree, _ in modules():
            for node in ast.walk(tree):
                if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    body = node.body[1:] if ast.get_docstring(node) else node.body
                    if body:
                        last = body[-1].end_lineno or 0
                        lines = last - body[0].lineno + 1
                        self.assertLessEqual(
                            lines, MOST_FUNCTION_LINES, f"{name}.{node.name}"
                        )

    def test_names(self) -> None:
        """Words that say nothing."""
        for name, tree, _ in modules():
            self.assertNotRegex(name, BANNED)
            for node in ast.walk(tree):
                if isinstance(
                    node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
                ):
                    self.assertNotRegex(node.name, BANNED, f"{name}: {node.name}")
