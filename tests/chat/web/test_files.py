"""L{protocols.chat.web.files}, and the page itself."""

from __future__ import annotations

import re
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.web.files import PageFile, pageFiles
from tests.folders import folderFor


class PageFileTests(SynchronousTestCase):
    def test_kinds(self) -> None:
        file = PageFile.of("a.js", b"1")
        self.assertEqual(file.fields["Content-Type"], "text/javascript; charset=utf-8")
        self.assertRegex(file.fields["ETag"], '^"[0-9a-f]{32}"$')

    def test_tagsFollowTheContent(self) -> None:
        tags = {PageFile.of("a.js", body).fields["ETag"] for body in (b"1", b"2", b"1")}
        self.assertEqual(len(tags), 2)

    def test_otherFilesOfAFolder(self) -> None:
        folder = Path(folderFor(self))
        for name in ("index.html", "a.css", "a.css~", "README"):
            (folder / name).write_text("x")
        self.assertEqual(set(pageFiles(folder=folder)), {"/", "/a.css"})


class ThePageTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.files = pageFiles()

    def test_index(self) -> None:
        self.assertIn(b"<!doctype html>", self.files["/"].body.lower()[:20])
        self.assertNotIn("/index.html", self.files)

    def test_everythingThatIsNamedIsThere(self) -> None:
        """A file that imports or links another one which was not shipped."""
        for path, file in self.files.items():
            for name in re.findall(
                r"""(?:from |import |src=|href=)["']\.?(/[^"'#]*)["']""",
                file.body.decode(),
            ):
                self.assertIn(name, self.files, path)

    def test_theFirstRoom(self) -> None:
        """It is said where the page begins; a name can't be markup."""
        other = pageFiles("#tea&cake")["/"]
        self.assertIn(b'placeholder="#tea&amp;cake"', other.body)
        self.assertNotEqual(other.fields["ETag"], self.files["/"].fields["ETag"])
        self.assertIn(b'placeholder="#lobby"', self.files["/"].body)

    def test_nothingInline(self) -> None:
        """The policy would forbid it."""
        page = self.files["/"].body.decode()
        self.assertNotRegex(page, r"<style|\son[a-z]+=|\sstyle=|javascript:")
        self.assertNotRegex(page, r"<script(?![^>]*\ssrc=)")

    def test_noTextBecomesMarkup(self) -> None:
        for path, file in self.files.items():
            if path.endswith(".js"):
                self.assertNotRegex(
                    file.body.decode(),
                    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(",
                    path,
                )

    def test_nothingFromElsewhere(self) -> None:
        for path, file in self.files.items():
            text = file.body.decode().replace("http://www.w3.org/2000/svg", "")
            self.assertNotRegex(text, r"""["'(]https?://[a-z]""", path)

    def test_short(self) -> None:
        for path, file in self.files.items():
            if path.endswith((".js", ".css")):
                self.assertLessEqual(len(file.body.splitlines()), 300, path)
