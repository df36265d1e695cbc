"""Messages in bursts, out of order, or found after an absence: one answer, a valid state, a word of regret."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from simulator.client import Phone
from storage import conversations, people, screenings
from tests.clocks import FastClock
from tests.figures import Figure
from tests.path import posting
from tests.town import Town, town


def _welcomed(place: Town) -> Phone:
    mei = place.person("梅")
    assert len(mei.sees(3)) == 3
    place.wait()
    return mei


def _answers(place: Town, user: str) -> int:
    return len({entry.key for entry in posting.said(place, user)})


def test_ten_messages_at_once_get_one_answer(database_url: str, tmp_path: Path) -> None:
    with town(database_url, tmp_path) as place:
        mei = _welcomed(place)
        before = _answers(place, mei.user)
        place.line.webhooks(hold=True)
        for words in ("在嗎", "？", "哈囉", "有人嗎", "嗨", "喂", "請問", "我想問", "一下", "選單"):
            mei.says(words)

        place.line.release(batch=10)
        place.wait()

        assert _answers(place, mei.user) == before + 1
        assert "心情溫度計" in mei.sees(1)[-1].text


def test_answers_typed_quickly_all_count_in_their_order(database_url: str, tmp_path: Path) -> None:
    with town(database_url, tmp_path) as place:
        mei = _welcomed(place)
        place.line.webhooks(hold=True)
        for words in ("檢測", "1", "0", "1", "2", "3", "1", "0"):
            mei.says(words)

        place.line.release(batch=8)
        place.wait()

        with place.tx() as tx:
            person = people.find(tx, mei.user)
            assert person is not None
            [kept] = screenings.last(tx, person, 5)
        assert list(kept.record["answers"].values()) == ["0", "1", "2", "3", "1", "0"]
        assert kept.record["total"] == 7


@pytest.mark.parametrize("seed", range(4))
def test_messages_in_any_order_leave_a_conversation_that_can_go_on(
    seed: int, sqlite_url: str, tmp_path: Path
) -> None:
    with town(sqlite_url, tmp_path) as place:
        mei = _welcomed(place)
        place.line.webhooks(hold=True)
        for words in ("檢測", "1", "0", "1", "返回", "2", "選單", "繼續", "3", "我想問問題"):
            mei.says(words)

        place.line.release(batch=1 + seed, order="shuffled", seed=seed)
        place.wait()
        place.line.webhooks(hold=False)

        with place.tx() as tx:
            person = people.find(tx, mei.user)
            assert person is not None
            kept = conversations.load(tx, person)
        assert kept is None or kept["open"][-1]["open"]
        mei.sees(wait=0)
        mei.says("取消")
        assert mei.sees(1)
        mei.says("選單")
        assert "心情溫度計" in mei.sees(1)[-1].text


@pytest.mark.sweep
def test_messages_in_two_thousand_orders_leave_a_conversation_that_can_go_on(
    sqlite_url: str, tmp_path: Path, figure: Figure
) -> None:
    with town(sqlite_url, tmp_path) as place:
        people_here = [place.person(str(n)) for n in range(200)]
        place.wait(60)
        for seed in range(10):
            place.line.webhooks(hold=True)
            for mei in people_here:
                for words in ("檢測", "1", "0", "1", "返回", "2", "選單", "繼續", "3", "我想問問題"):
                    mei.says(words)
            place.line.release(batch=1 + seed, order="shuffled", seed=seed)
            place.wait(120)
            place.line.webhooks(hold=False)
            for mei in people_here:
                mei.sees(wait=0)
                mei.says("選單")
                assert "心情溫度計" in mei.sees(1, wait=30)[-1].text
                mei.says("取消")
                mei.sees(1, wait=30)
            place.wait(60)
        with place.tx() as tx:
            for mei in people_here:
                person = people.find(tx, mei.user)
                assert person is not None
                assert conversations.load(tx, person) is None
    figure("2,000 shuffled conversations: 0 invalid states")


def test_whoever_wrote_while_we_were_away_gets_one_message_and_the_question_again(
    database_url: str, tmp_path: Path
) -> None:
    clock = FastClock()
    with town(database_url, tmp_path, clock=clock) as place:
        mei = _welcomed(place)
        for words in ("檢測", "1"):
            mei.says(words)
            mei.sees(1)
        place.wait()
        posting.hold(place, mei.user, minutes=15)
        for words in ("0", "1", "2"):
            mei.says(words)
        assert place.line.quiet()

        clock.jump(timedelta(minutes=20))
        place.wait()

        # Too late for a reply, and a push never says on a lock screen what it is about.
        [nudge] = mei.sees(1)
        assert (nudge.via, "輸入「繼續」" in nudge.text) == ("push", True)
        mei.says("繼續")
        assert "第 1／6 題" in "".join(shown.text for shown in mei.sees(2))


def test_the_same_events_in_two_orders_at_two_services_do_not_block_each_other(
    postgres_copy: str, tmp_path: Path, log: list[Any]
) -> None:
    with town(postgres_copy, tmp_path, workers=2) as place, ThreadPoolExecutor(2) as both:
        people_here = [posting.somebody(place) for _ in range(60)]
        for _ in range(6):
            events = [posting.text(place, user, "選單") for user in people_here]
            there = both.submit(posting.post, place, posting.body(*events), to=0)
            back = both.submit(posting.post, place, posting.body(*reversed(events)), to=1)
            assert (there.result(), back.result()) == (200, 200)
        place.wait(30)

    assert "database_away" not in {entry["event"] for entry in log}
