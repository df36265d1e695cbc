"""The search itself is honest: a leak of each kind, planted in each kind of file, is found."""

from __future__ import annotations

import base64
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.privacy.searching import ENCODINGS, contents, forms, leaks, pieces

SENTENCES = ("昨天和主管吵了一架想離職", "my landlord sold the flat", "U0123456789abcdef0123456789abcdef")
KINDS = sorted(forms("12345678"))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_planted_leak_of_every_kind_is_found(kind: str, sentence: str) -> None:
    for piece in pieces(sentence):
        for planted in forms(piece)[kind]:
            assert leaks([sentence], {"file": b"\x00\x01before" + planted + b"after"})


@pytest.mark.parametrize("kind", KINDS)
def test_a_leak_in_a_database_row_is_found_in_the_database_or_its_log(kind: str, tmp_path: Path) -> None:
    sentence = SENTENCES[0]
    with closing(sqlite3.connect(tmp_path / "leaky.sqlite")) as leaky:
        leaky.execute("pragma journal_mode=wal")
        leaky.execute("create table t (a blob)")
        leaky.execute("insert into t values (?)", [forms(sentence)[kind][0]])
        leaky.commit()

        assert leaks([sentence], contents(tmp_path))


@pytest.mark.parametrize("wide", ENCODINGS)
@pytest.mark.parametrize("before", range(4))
def test_base64_and_hex_of_something_longer_are_found(wide: str, before: int) -> None:
    longer = b"x" * before + f"{SENTENCES[0]} and more".encode(wide)

    assert leaks(SENTENCES, {"column": base64.b64encode(longer)})
    assert leaks(SENTENCES, {"column": base64.urlsafe_b64encode(longer)})
    assert leaks(SENTENCES, {"column": longer.hex().encode()})


def test_what_is_cut_short_is_still_found() -> None:
    sentence = SENTENCES[0]

    assert leaks([sentence], {"log": sentence[:9].encode()})
    assert leaks([sentence], {"log": sentence[2:].encode()})
    assert leaks([sentence], {"log": sentence[:7].encode()}) == []


def test_nothing_is_found_where_there_is_nothing() -> None:
    assert leaks(SENTENCES, {"log": "選單 檢測 hello".encode() * 1000}) == []
