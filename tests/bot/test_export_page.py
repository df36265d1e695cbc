"""The page behind a one-time link: plain, kind, used up by its button and by nothing else."""

from __future__ import annotations

import http.client
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bot.config import Settings, SettingWrong, read
from care import erasures, exports
from care.turns import Turn
from storage import links, people
from storage.people import Person
from storage.session import Tx
from tests.figures import Figure
from tests.town import PUBLIC_URL, Town, eventually, town


@dataclass
class Answer:
    status: int
    headers: Mapping[str, str]
    text: str


def ask(place: Town, method: str, path: str) -> Answer:
    url = urlsplit(place.webs[0])
    line = http.client.HTTPConnection(url.hostname or "", url.port, timeout=5)
    try:
        line.request(method, path)
        got = line.getresponse()
        return Answer(got.status, dict(got.headers), got.read().decode())
    finally:
        line.close()


def given(tx: Tx, user: str) -> Person:
    found = people.find(tx, user)
    assert found is not None
    return found


def new_link(place: Town, user: str) -> str:
    store = place.run.store
    assert store is not None
    with place.tx() as tx:
        token = links.make(tx, given(tx, user), exports.KIND, store.plan() + exports.LIVES)
    return exports.PATH + token


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_one_link_gives_the_file_once_and_every_other_way_the_same_kind_page(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path, figure: Figure
) -> None:
    if kind == "sqlite":
        url = f"sqlite:///{shutil.copy(request.getfixturevalue('sqlite_template'), tmp_path / 'eap.sqlite')}"
    else:
        url = request.getfixturevalue("database_of_postgres")
    with town(url, tmp_path) as place:
        mei = place.person("梅")
        mei.sees(3)
        mei.says("匯出")
        eventually(place.settled)
        sent = [one for one in place.line.capture() if "/export/" in json.dumps(one["body"])][-1]
        uri = _uri(sent["body"])
        assert uri.startswith(f"{PUBLIC_URL}/export/")
        path = uri.removeprefix(PUBLIC_URL)

        # A link preview, a scanner, she herself twice: nothing is used up.
        looks = [ask(place, method, path) for method in ("GET", "HEAD", "GET", "GET")]
        assert [look.status for look in looks] == [200] * 4
        taken = ask(place, "POST", path)
        again = [ask(place, method, path) for method in ("POST", "GET")]

        told = json.loads(taken.text)
        assert told["person"]["line_user_id"] == mei.user
        assert taken.headers["Content-Type"] == "application/json"
        assert taken.headers["Content-Disposition"] == 'attachment; filename="my-data.json"'
        over = [one.text for one in again]
        assert [one.status for one in again] == [410, 410]

        late = new_link(place, mei.user)
        place.line.advance(minutes=11)
        expired = [ask(place, method, late) for method in ("GET", "POST")]
        strange = [ask(place, method, "/export/" + "x" * 43) for method in ("GET", "POST")]
        hers = new_link(place, mei.user)
        store = place.run.store
        assert store is not None
        with place.tx() as tx:
            erasures.seal(Turn(tx, given(tx, mei.user), place.run.desk, store.plan()))
        sealed = [ask(place, method, hers) for method in ("GET", "POST")]
        with place.tx() as tx:
            erasures.destroy(Turn(tx, given(tx, mei.user), place.run.desk, store.plan()))
        gone = [ask(place, method, hers) for method in ("GET", "POST")]

        refused = [*expired, *strange, *sealed, *gone]
        assert [one.status for one in refused] == [410, 410, 404, 404, 410, 410, 404, 404]
        assert {one.text for one in refused} == set(over)
        for one in (*looks, taken, *again, *refused):
            assert one.headers["Cache-Control"] == "no-store"
            assert one.headers["Referrer-Policy"] == "no-referrer"
            assert one.headers["Content-Security-Policy"].startswith("default-src 'none'")
            assert one.headers["X-Content-Type-Options"] == "nosniff"
    no = len(again) + len(refused)
    figure(f"one-time link ({kind}): {len(looks)} looks used nothing up, 1 download, {no} refused")


@pytest.fixture
def database_of_postgres(postgres_url: str, postgres_template: str):
    from tests import postgres

    with postgres.fresh_database(postgres_url, postgres_template) as url:
        yield url


def test_the_page_can_be_read_and_used_by_everybody(sqlite_template: Path, tmp_path: Path) -> None:
    with town(f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'eap.sqlite')}", tmp_path) as place:
        mei = place.person("梅")
        mei.sees(3)
        place.wait()
        page = ask(place, "GET", new_link(place, mei.user)).text

    assert "<html lang='zh-Hant'>" in page
    assert page.count("<button") == 1
    assert "name='viewport'" in page
    assert "<h1>下載我的資料</h1>" in page
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "")


@pytest.mark.parametrize(
    "address, is_taken",
    [
        ("", True),
        ("https://eap.example.gov.tw", True),
        ("https://eap.example.gov.tw/line/", True),
        ("http://127.0.0.1:8000", True),
        ("http://localhost:8000", True),
        ("http://eap.example.gov.tw", False),
        ("eap.example.gov.tw", False),
        ("ftp://eap.example.gov.tw", False),
        ("https://", False),
        ("https://me:word@eap.example.gov.tw", False),
        ("https://eap.example.gov.tw/?a=b", False),
    ],
)
def test_only_a_safe_address_is_taken(address: str, is_taken: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (
        ("LINE_CHANNEL_SECRET", "s"),
        ("LINE_CHANNEL_ACCESS_TOKEN", "t"),
        ("EAP_PUBLIC_URL", address),
    ):
        monkeypatch.setenv(name, value)
    if is_taken:
        assert isinstance(read(), Settings)
        assert read().eap_public_url == address.rstrip("/")
    else:
        with pytest.raises(SettingWrong, match="EAP_PUBLIC_URL"):
            read()


def _uri(body: object) -> str:
    text = json.dumps(body)
    start = text.index(f"{PUBLIC_URL}/export/")
    return text[start : text.index('"', start)]
