"""L{protocols.chat.storesearch}: SQLite's index and memory find the same."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.storesearch import (
    MAX_WORD,
    MAX_WORDS,
    has,
    matchFor,
    tokensOf,
    wordsIn,
)

TABLE = (
    "CREATE VIRTUAL TABLE word USING fts5"
    " (target, text, tokenize='unicode61 remove_diacritics 2')"
)
texts = st.text("abAé\u0301Üß0_-'\"*() \u4e2d\0", max_size=12)


class WordTests(SynchronousTestCase):
    def test_words(self) -> None:
        self.assertEqual(wordsIn("  an e-mail, !! _ ?"), ["an", "e-mail,"])
        self.assertEqual(len(wordsIn("a " * 100)), MAX_WORDS)
        self.assertEqual(wordsIn("a" * 1000), ["a" * MAX_WORD])

    def test_tokens(self) -> None:
        self.assertEqual(tokensOf("Caf\u00e9_x2-Y"), ["cafe", "x2", "y"])

    def test_has(self) -> None:
        self.assertTrue(has("an e-mail", ["E-MAIL", "an"]))
        self.assertFalse(has("mail, e", ["e-mail"]))
        self.assertFalse(has("an", ["an", "a"]))

    @settings(max_examples=300, deadline=None)
    @given(texts, texts)
    def test_asTheIndexDoes(self, text: str, words: str) -> None:
        wanted = wordsIn(words)
        if not wanted:
            return
        with closing(sqlite3.connect(":memory:")) as connection:
            connection.execute(TABLE)
            connection.execute("INSERT INTO word VALUES (7, ?)", (text,))
            select = "SELECT 1 FROM word WHERE word MATCH ?"
            for target, here in ((7, True), (8, False)):
                rows = connection.execute(select, (matchFor([target], wanted),))
                self.assertEqual(bool(rows.fetchall()), here and has(text, wanted))
