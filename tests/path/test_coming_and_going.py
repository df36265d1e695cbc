"""Groups, regrets, blocking, and everything that is not for us: nothing is kept, nothing said that should not be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from simulator import acts
from storage.models import InboxEvent, Outgoing, Person, SendState
from tests.clocks import FastClock
from tests.path import posting
from tests.town import Town, eventually, town


def _calls(place: Town, ending: str) -> list[dict[str, Any]]:
    return [one for one in place.line.capture() if one["path"].endswith(ending)]


def _rows(place: Town, table: Any) -> int:
    with place.tx() as tx:
        return tx.c.scalar(select(func.count()).select_from(table)) or 0


@pytest.mark.parametrize("kind", ["group", "room"])
def test_a_group_hears_one_neutral_sentence_and_is_left_once(kind: str, sqlite_url: str, tmp_path: Path) -> None:
    with town(sqlite_url, tmp_path) as place:
        people = [posting.somebody(place) for _ in range(3)]
        group = acts.make_group(place.platform, "同事", people, kind)
        for user in people:
            acts.send(place.platform, user, "text", {"text": "求助 我不想活了"}, group=group.id)
        place.wait()

        assert len(_calls(place, "/leave")) == 1
        assert not place.platform.chats.groups[group.id].holds_bot
        [farewell] = posting.said(place, group.id)
        assert "一對一" in farewell.message["text"]
        assert [posting.said(place, user) for user in people] == [[], [], []]
        assert (_rows(place, Person), _rows(place, InboxEvent)) == (0, 0)
        with place.tx() as tx:
            assert tx.c.execute(select(Outgoing.body, Outgoing.person_id)).all() == [(None, None)]


def test_an_unsent_message_that_waited_is_never_answered(database_url: str, tmp_path: Path) -> None:
    with town(database_url, tmp_path) as place:
        mei = place.person("梅")
        mei.sees(3)
        place.line.webhooks(hold=True)
        mei.unsends(mei.says("昨天和主管吵了一架想離職"))
        mei.says("選單")

        place.line.release(batch=3)
        place.wait()

        assert len(mei.sees(1)) == 1
        with place.tx() as tx:
            assert not tx.c.scalar(select(func.count()).where(InboxEvent.payload.is_not(None)))


def test_an_unsend_that_comes_before_its_message_leaves_nothing_of_it(database_url: str, tmp_path: Path) -> None:
    with town(database_url, tmp_path) as place:
        mei = place.person("梅")
        mei.sees(3)
        place.wait()
        place.line.webhooks(hold=True)
        mei.unsends(mei.says("昨天和主管吵了一架想離職"))

        place.line.release(batch=1, order="reversed")
        place.wait()
        mei.says("選單")
        place.line.release()

        assert len(mei.sees(1)) == 1


def test_an_unsent_answer_is_asked_for_again(database_url: str, tmp_path: Path) -> None:
    with town(database_url, tmp_path) as place:
        mei = place.person("梅")
        mei.sees(3)
        for words in ("檢測", "1"):
            mei.says(words)
            mei.sees(1)
        answer = mei.says("3")
        assert "第 2／6 題" in mei.sees(1)[0].text

        mei.unsends(answer)
        place.wait()
        mei.says("繼續")

        assert "第 1／6 題" in "".join(shown.text for shown in mei.sees(2))


def test_nothing_is_pushed_to_somebody_who_has_blocked(sqlite_url: str, tmp_path: Path) -> None:
    with town(sqlite_url, tmp_path) as place:
        mei = place.person("梅")
        mei.sees(3)
        place.line.always("reply", "429")
        mei.says("選單")
        eventually(lambda: len(_calls(place, "/reply")) > 1)
        mei.blocks()
        place.wait()
        place.line.all_well()

        assert _calls(place, "/push") == []
        with place.tx() as tx:
            states = tx.c.execute(select(Outgoing.state, Outgoing.body).order_by(Outgoing.born_at)).all()
        assert [(SendState(row.state), row.body) for row in states] == [
            (SendState.SENT, None),
            (SendState.DROPPED, None),
        ]


def test_what_is_not_for_us_gets_its_200_and_nothing_else(sqlite_url: str, tmp_path: Path) -> None:
    with town(sqlite_url, tmp_path) as place:
        user = posting.somebody(place)
        ours = posting.text(place, user, "求助")
        for odd in (
            {**ours, "mode": "standby"},
            {**ours, "mode": "something new"},
            {**ours, "type": "greatNewFeature"},
            {**ours, "type": "beacon"},
            {**ours, "source": {"type": "user"}},
            {**ours, "source": {"type": "planet", "planetId": "X"}},
            {**ours, "replyToken": "0" * 32},
            {**ours, "replyToken": "f" * 32},
            {name: ours[name] for name in ours if name != "webhookEventId"},
            {name: ours[name] for name in ours if name != "timestamp"},
        ):
            assert posting.post(place, posting.body(odd)) == 200
        assert posting.post(place, posting.body()) == 200
        place.wait()

        assert posting.said(place, user) == []
        assert place.line.capture() == []
        assert (_rows(place, Person), _rows(place, InboxEvent)) == (0, 0)


def test_whoever_follows_again_and_again_is_welcomed_once_a_day(sqlite_url: str, tmp_path: Path) -> None:
    clock = FastClock()
    with town(sqlite_url, tmp_path, clock=clock) as place:
        mei = place.person("梅")
        assert "歡迎" in mei.sees(3)[0].text
        for _ in range(5):
            mei.blocks()
            mei.unblocks()
        place.wait()
        assert mei.sees(wait=0) == []

        place.line.advance(days=1)
        mei.blocks()
        mei.unblocks()

        assert "歡迎" in mei.sees(3)[0].text
