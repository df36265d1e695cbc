"""What Prometheus is told: figures of the house, to whoever may ask, and nothing about who calls for help when."""

from __future__ import annotations

import re
import urllib.request
from datetime import timedelta
from pathlib import Path
from urllib.error import HTTPError

import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from bot.metrics import may_read
from tests.clocks import FastClock
from tests.figures import Figure
from tests.path import posting
from tests.town import Town, eventually, town

TOKEN = "a-token-for-prometheus"


def scrape(place: Town, **headers: str) -> str:
    """The text, or the status where it is refused."""
    address = place.webs[0].removesuffix("/callback") + "/metrics"
    asked = urllib.request.Request(address, headers=headers)  # noqa: S310  # our own address
    try:
        with urllib.request.urlopen(asked, timeout=10) as answer:  # noqa: S310
            return str(answer.read().decode())
    except HTTPError as error:
        with error:
            return str(error.code)


def house(text: str) -> list[str]:
    """What is not about this one process and its disk, which change by themselves."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return [line for line in lines if not line.startswith(("eap_process_", "eap_disk_free"))]


def value(text: str, name: str) -> float | None:
    found = [line.split()[-1] for line in text.splitlines() if line.startswith(f"{name} ")]
    return float(found[0]) if found else None


def say(place: Town, words: str) -> str:
    user = posting.somebody(place)
    assert posting.post(place, posting.body(posting.text(place, user, words))) == 200
    eventually(lambda: posting.said(place, user))
    return user


def test_a_call_for_help_does_not_show(sqlite_url: str, tmp_path: Path, figure: Figure) -> None:
    with town(sqlite_url, tmp_path) as place:
        say(place, "選單")
        place.wait()
        before = scrape(place)

        who = say(place, "我不想活了")
        place.wait()

        after = scrape(place)
    assert house(before) == house(after)
    assert len(house(after)) > 25
    assert who not in after
    figure(f"/metrics around a call for help: {len(house(after))} lines equal, 0 differ")


def test_crises_are_a_count_of_a_day_that_is_over_and_never_of_fewer_than_five(
    sqlite_url: str, tmp_path: Path
) -> None:
    clock = FastClock()
    name = "eap_crisis_replies_yesterday"
    with town(sqlite_url, tmp_path, clock=clock) as place:
        for _ in range(6):
            say(place, "我不想活了")
        place.wait()
        today = value(scrape(place), name)
        clock.jump(timedelta(days=1))
        yesterday = value(scrape(place), name)
        for _ in range(4):
            say(place, "我不想活了")
        place.wait()
        unchanged = value(scrape(place), name)
        clock.jump(timedelta(days=1))
        few = value(scrape(place), name)

    assert (today, yesterday, unchanged, few) == (None, 6.0, 6.0, None)


def test_no_label_names_a_person_or_a_topic(sqlite_url: str, tmp_path: Path) -> None:
    with town(sqlite_url, tmp_path) as place:
        say(place, "檢測")
        place.wait()
        text = scrape(place)

    labels = {
        (name, given)
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        for name, given in sample.labels.items()
    }
    assert {name for name, _ in labels} == {"state", "name"}
    assert all(re.fullmatch(r"[a-z_]{5,20}", given) for _, given in labels)
    assert not re.search(r"[UCR][0-9a-f]{32}|screening|bsrs|檢測", text)


def test_whoever_comes_through_a_proxy_is_not_on_this_machine(sqlite_url: str, tmp_path: Path) -> None:
    headers = ("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded", "X-Real-IP", "Via")
    with town(sqlite_url, tmp_path, start=False) as place:
        assert "eap_ready" in scrape(place)
        assert [scrape(place, **{header: "127.0.0.1"}) for header in headers] == ["403"] * 6


def test_with_a_token_only_the_token_counts(sqlite_url: str, tmp_path: Path) -> None:
    with town(sqlite_url, tmp_path, start=False, eap_metrics_token=SecretStr(TOKEN)) as place:
        assert scrape(place) == "403"
        assert scrape(place, Authorization=f"Bearer {TOKEN}x") == "403"
        assert scrape(place, Authorization=f"Basic {TOKEN}") == "403"
        shown = scrape(place, Authorization=f"Bearer {TOKEN}", **{"X-Forwarded-For": "203.0.113.9"})
    assert "eap_ready" in shown
    assert TOKEN not in shown


@pytest.mark.parametrize("address", ["203.0.113.9", "10.0.0.1", "", "unix:", "::ffff:203.0.113.9"])
def test_who_is_elsewhere_sees_nothing_without_a_token(address: str) -> None:
    assert not may_read({"REMOTE_ADDR": address}, "")
    assert may_read({"REMOTE_ADDR": "::1"}, "")


def test_it_says_so_when_the_database_is_not_there(tmp_path: Path) -> None:
    with town(f"sqlite:///{tmp_path / 'nothing.sqlite'}", tmp_path) as place:
        text = scrape(place)
    assert value(text, "eap_database_up") == 0.0
    assert 'eap_alarm{name="not_migrated"} 1.0' in text
