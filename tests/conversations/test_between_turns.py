"""What a transcript cannot show: what is kept, what is left out, and what happens when the ground has moved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from care import conversations, risk
from care.desk import Desk
from dialogs.inputs import Pressed, button
from dialogs.messages import Reply
from handlers.route import route
from line.events import Event
from line.limits import problems
from line.render import wire
from storage import consents, people, screenings
from storage import conversations as rows
from storage.people import Person
from storage.session import Tx
from storage.store import Store
from tests.conversations.talkers import LIN, Clock


class Lin:
    """Somebody whose row can be looked at between two turns."""

    def __init__(self, store: Store, desk: Desk, clock: Clock) -> None:
        self.store, self.desk, self.clock = store, desk, clock

    def within(self, work: Callable[[Tx, Person], Any]) -> Any:
        with self.store.begin() as tx:
            people.add_missing(tx, [LIN], self.clock())
            person = people.find(tx, LIN)
            assert person is not None
            return work(tx, person)

    def does(self, *, crisis_answered: bool = False, **event: Any) -> Reply:
        given = Event(event_id="e", happened_at=self.clock(), chat="user", chat_id=LIN, **event)
        reply: Reply = self.within(
            lambda tx, person: route(
                tx, person, given, self.desk, self.clock(), crisis_answered=crisis_answered
            )
        )
        assert not reply.messages or problems(wire(reply)) == []
        return reply

    def says(self, *texts: str, crisis_answered: bool = False) -> Reply:
        for text in texts:
            reply = self.does(kind="message", message_type="text", text=text, crisis_answered=crisis_answered)
        return reply

    def presses(self, data: str, *, crisis_answered: bool = False) -> Reply:
        return self.does(kind="postback", data=data, crisis_answered=crisis_answered)

    @property
    def kept(self) -> dict[str, Any] | None:
        kept: dict[str, Any] | None = self.within(rows.load)
        return kept

    @property
    def results(self) -> list[dict[str, Any]]:
        return [kept.record for kept in self.within(lambda tx, person: screenings.last(tx, person, 99))]

    @property
    def agreed(self) -> dict[str, str]:
        agreed: dict[str, str] = self.within(consents.current)
        return agreed


@pytest.fixture
def lin(store: Store, desk: Desk, clock: Clock) -> Lin:
    return Lin(store, desk, clock)


def is_crisis(lin: Lin, reply: Reply) -> bool:
    return risk.is_crisis(lin.desk, reply)


def test_before_consent_nothing_but_the_open_question_is_kept(lin: Lin) -> None:
    lin.says("最近很煩", "檢測")

    kept = lin.kept
    assert kept is not None
    (state,) = kept["open"]
    assert (state["open"], state["answers"], state["sources"]) == ("agreed", {}, {})
    assert lin.agreed == {}

    lin.says("先不要")
    assert lin.kept is None
    assert lin.agreed == {}


def test_no_word_that_was_typed_is_kept(lin: Lin) -> None:
    lin.says("檢測", "同意", "主管一直找我麻煩", "1", "其實我很難受", "2")

    assert "主管" not in str(lin.kept)
    assert "難受" not in str(lin.kept)


def test_the_record_holds_every_answer_and_the_version(lin: Lin) -> None:
    lin.says("檢測", "同意", "1", "2", "略過", "0", "4", "1")

    assert lin.results == [
        {
            "instrument": "bsrs5",
            "version": "1",
            "answers": {
                "sleep": "1", "tense": "2", "irritable": None, "low": "0", "inferior": "4", "thoughts": "1",
            },
            "total": None,
            "band": None,
            "item6": "1",
        }
    ]  # fmt: skip


@pytest.mark.parametrize(
    "score, is_alarm", [("0", False), ("1", False), ("2", True), ("3", True), ("4", True)]
)
def test_the_last_answer_is_acted_on_from_two_on_and_kept_either_way(
    lin: Lin, score: str, is_alarm: bool
) -> None:
    reply = lin.says("檢測", "同意", "0", "0", "0", "0", "0", score)

    assert is_crisis(lin, reply) is is_alarm
    assert reply.keep
    assert [record["item6"] for record in lin.results] == [score]


def test_a_tapped_last_answer_is_kept_while_its_reply_has_gone_out_already(lin: Lin) -> None:
    asked = lin.says("檢測", "同意", "1", "1", "1", "1", "1")
    tapped = asked.choices[3].data
    assert risk.judge_press(tapped, lin.desk)

    reply = lin.presses(tapped, crisis_answered=True)

    assert reply == Reply(())
    assert lin.results[0]["item6"] == "3"
    assert lin.kept is None


def test_an_old_button_of_the_last_question_is_answered_with_help_all_the_same(lin: Lin) -> None:
    old = button(Pressed("bsrs5", "thoughts", 3, "4", "zh-Hant"))

    assert is_crisis(lin, lin.presses(old))
    assert lin.presses(old, crisis_answered=True) == Reply(())
    assert lin.results == []


def test_a_call_for_help_in_the_middle_counts_as_no_answer_and_loses_none(lin: Lin) -> None:
    lin.says("檢測", "同意", "1", "2")
    before = lin.kept

    assert is_crisis(lin, lin.says("我不想活了"))
    assert lin.says("我不想活了", crisis_answered=True) == Reply(())

    after = lin.kept
    assert before is not None
    assert after is not None
    assert after["open"] == before["open"]


def test_a_call_for_help_comes_before_the_notice_and_before_everything_broken(lin: Lin) -> None:
    lin.within(lambda tx, person: rows.save(tx, person, {"what": "is this"}, lin.clock()))

    reply = lin.says("我想自殺")

    assert is_crisis(lin, reply)
    assert reply == risk.crisis_reply(lin.desk, "zh-Hant", risk.Risk("self_harm"))


@pytest.mark.parametrize(
    "kept",
    [
        {},
        {"open": [], "aside": ""},
        {"open": [{"script": "bsrs5"}], "aside": ""},
        {"open": "nonsense", "aside": 3},
        {
            "open": [
                {
                    "script": "gone",
                    "version": "1",
                    "args": {},
                    "answers": {},
                    "sources": {},
                    "open": "a",
                    "turn": 1,
                }
            ],
            "aside": "",
        },
    ],
)
@pytest.mark.parametrize("said", ["1", "選單", "繼續", "檢測", "取消", "English"])
def test_a_conversation_that_cannot_go_on_ends_with_an_apology_and_the_menu(
    lin: Lin, kept: dict[str, Any], said: str
) -> None:
    lin.within(lambda tx, person: rows.save(tx, person, kept, lin.clock()))

    reply = lin.says(said)

    assert lin.desk.context("zh-Hant").texts.say("courtesy.lost") in str(reply.messages)
    assert reply.choices
    assert lin.kept is None


def test_a_new_version_of_the_scale_starts_the_screening_afresh(lin: Lin) -> None:
    lin.says("檢測", "同意", "4", "4", "4")
    script = replace(lin.desk.scripts["bsrs5"], version="2")
    lin.desk = replace(lin.desk, scripts={**lin.desk.scripts, "bsrs5": script})

    reply = lin.says("4")

    kept = lin.kept
    assert kept is not None
    assert kept["open"][-1]["answers"] == {}
    assert kept["open"][-1]["version"] == "2"
    assert lin.desk.context("zh-Hant").texts.say("engine.restarted") in str(reply.messages)


def test_an_old_yes_is_asked_again_when_what_is_agreed_to_changed(lin: Lin) -> None:
    lin.says("檢測", "同意", "取消")
    lin.within(lambda tx, person: consents.withdraw(tx, person, "screening", lin.clock()))
    lin.within(lambda tx, person: consents.grant(tx, person, "screening", "0", lin.clock()))

    lin.says("檢測")

    kept = lin.kept
    assert kept is not None
    assert kept["open"][-1]["script"] == "consent.screening"


def test_consent_taken_back_in_the_middle_ends_the_screening_and_keeps_nothing_of_it(lin: Lin) -> None:
    lin.says("檢測", "同意", "3", "3", "撤回同意", "2")

    assert lin.kept is None
    assert lin.agreed == {}
    assert lin.results == []


def test_the_notice_is_shown_once_and_again_when_it_changed(lin: Lin) -> None:
    first, second = lin.says("你好"), lin.says("你好")
    notice = replace(lin.desk.plan.notice, version="2027-01")
    lin.desk = replace(lin.desk, plan=replace(lin.desk.plan, notice=notice))
    third, fourth = lin.says("你好"), lin.says("你好")

    say = lin.desk.context("zh-Hant").texts.say
    assert first.keep
    assert len(first.messages) == len(second.messages) + 1
    assert say("notice.changed") in str(third.messages)
    assert fourth == second


def test_after_a_long_silence_of_ours_the_open_question_is_asked_again(lin: Lin) -> None:
    lin.says("檢測", "同意", "1")

    reply = lin.within(lambda tx, person: conversations.away(tx, person, lin.desk, lin.clock()))

    say = lin.desk.context("zh-Hant").texts.say
    assert say("engine.away") in str(reply.messages)
    assert "tense" in reply.choices[0].data
    assert lin.presses(reply.choices[1].data).choices[0].data.count("irritable") == 1


def test_after_a_long_silence_with_nothing_open_the_menu_follows(lin: Lin) -> None:
    reply = lin.within(lambda tx, person: conversations.away(tx, person, lin.desk, lin.clock()))

    assert lin.desk.context("zh-Hant").texts.say("courtesy.away") in str(reply.messages)
    assert reply.choices


def test_a_lost_conversation_does_not_break_the_word_after_a_silence(lin: Lin) -> None:
    lin.within(lambda tx, person: rows.save(tx, person, {"open": "?"}, lin.clock()))

    reply = lin.within(lambda tx, person: conversations.away(tx, person, lin.desk, lin.clock()))

    assert reply.messages
    assert lin.kept is None


def test_whoever_blocked_and_writes_again_is_no_longer_blocked(lin: Lin) -> None:
    lin.says("你好")
    assert lin.does(kind="unfollow") == Reply(())
    assert lin.within(lambda tx, person: person.blocked)

    lin.says("選單")

    assert not lin.within(lambda tx, person: person.blocked)


def test_last_months_buttons_are_not_todays(lin: Lin, clock: Clock) -> None:
    first = lin.says("檢測", "同意")
    lin.says("取消")
    clock.at += timedelta(days=30)
    lin.says("檢測")

    lin.presses(first.choices[4].data)

    kept = lin.kept
    assert kept is not None
    assert kept["open"][-1]["answers"] == {}


def test_only_eight_are_drawn_however_many_there_are(lin: Lin, clock: Clock) -> None:
    lin.says("檢測", "同意", *"000000")
    for _ in range(10):
        clock.at += timedelta(days=7)
        lin.says("檢測", *"111110")

    reply = lin.says("趨勢")

    drawn = str(wire(reply)).count("'layout': 'horizontal'")
    assert drawn == 8


def test_a_data_of_nobody_gets_a_kind_answer(lin: Lin) -> None:
    for data in ("", "x", "w=nothing", "d=bsrs5&s=sleep&t=abc&v=1", "d=&s=&t=1&v=", "%%%", "w=menu" * 40):
        assert lin.does(kind="postback", data=data or None).messages
