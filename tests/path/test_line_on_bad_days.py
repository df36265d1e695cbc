"""LINE answers at random 200, 409, 429, 500, or cuts the line before or after: nothing is lost, nothing shown twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from storage import inbox, outbox
from storage.models import OPEN_STATES, Outgoing, Person, SendState
from tests.clocks import FastClock
from tests.figures import Figure
from tests.path import posting
from tests.town import Town, eventually, town

# LINE does not refuse a token at random: 400 is the answer to one that is not good. A token that was never good,
# and a 500 before LINE looked at it, do not come together; so those are sent while replies meet no doubtful end.
REPLY_DAYS = {"ok": 8, "429": 2, "500": 2, "500_after": 2, "refuse_before": 2, "cut_after": 2, "garbage": 1}
PLAIN_DAYS = {"ok": 8, "429": 2}
PUSH_DAYS = REPLY_DAYS | {"409": 1, "502": 1}
SPOILT = 3
"""Every third message has a token that LINE refuses, so that its answer has to go as a push."""


SKIPPED = timedelta(seconds=5)


@dataclass(frozen=True)
class Message:
    """What somebody wrote, and how its answer can be recognised."""

    user: str
    event_id: str
    token: str


@dataclass
class Ends:
    """How every answer ended, by what the database says and what LINE showed."""

    lost: int = 0
    twice: int = 0
    said_to_be_shown_but_not: int = 0
    uncounted: int = 0
    by_state: Counter[str] = field(default_factory=Counter)

    @property
    def wrong(self) -> tuple[int, int, int, int]:
        return self.lost, self.twice, self.said_to_be_shown_but_not, self.uncounted


def test_nothing_is_lost_or_shown_twice_on_lines_bad_days(sqlite_url: str, tmp_path: Path, figure: Figure) -> None:
    ends = rehearse(sqlite_url, tmp_path, 300, seed=1)

    assert ends.wrong == (0, 0, 0, 0)
    figure(_told(300, ends))


@pytest.mark.sweep
@pytest.mark.parametrize("seed", [1, 2])
def test_nothing_is_lost_or_shown_twice_in_five_thousand_messages(
    database_url: str, tmp_path: Path, seed: int, figure: Figure
) -> None:
    ends = rehearse(database_url, tmp_path, 2500, seed=seed)

    assert ends.wrong == (0, 0, 0, 0)
    figure(_told(2500, ends) + f" ({database_url.partition(':')[0]}, seed {seed})")


def test_what_may_not_have_arrived_is_mentioned_at_the_next_contact(sqlite_url: str, tmp_path: Path) -> None:
    with town(sqlite_url, tmp_path) as place:
        mei = place.person("梅")
        mei.sees(3)
        place.line.script("reply", "500", "500")
        mei.says("選單")
        place.wait()
        assert mei.sees(wait=0) == []

        mei.says("選單")

        assert "上一次的回覆可能沒有傳到您那裡" in mei.sees(2)[0].text
        mei.says("選單")
        assert "上一次" not in mei.sees(1)[0].text


def test_what_line_took_on_the_first_try_is_not_said_to_be_missing(sqlite_url: str, tmp_path: Path) -> None:
    with town(sqlite_url, tmp_path) as place:
        mei = place.person("梅")
        mei.sees(3)
        place.line.script("reply", "cut_after")

        mei.says("選單")
        place.wait()

        assert len(mei.sees(1)) == 1
        assert _states(place) == {SendState.SENT: 2}


def rehearse(url: str, folder: Path, count: int, *, seed: int) -> Ends:
    """So many people write one message each while LINE has every kind of bad day; then LINE is well again."""
    clock = FastClock()
    with town(url, folder, clock=clock) as place, ThreadPoolExecutor(4) as phones:
        place.platform.faults.mix("push", PUSH_DAYS, seed)
        place.platform.faults.mix("reply", REPLY_DAYS, seed)
        sent = list(phones.map(lambda _: _write(place), range(count - count // SPOILT)))
        eventually(lambda: _nothing_waits(place, clock), 60 + count / 10)
        place.platform.faults.mix("reply", PLAIN_DAYS, seed)
        sent += phones.map(lambda n: _write(place, f"spoilt{n}"), range(count // SPOILT))
        eventually(lambda: _nothing_waits(place, clock), 60 + count / 10)
        return _compare(place, sent)


def _write(place: Town, token: str | None = None) -> Message:
    user = posting.somebody(place)
    event = posting.text(place, user, "選單", **({"replyToken": token} if token else {}))
    assert posting.post(place, posting.body(event)) == 200
    return Message(user, event["webhookEventId"], event["replyToken"])


def _nothing_waits(place: Town, clock: FastClock) -> bool:
    """Whether everything has come to an end.

    While nothing is in anybody's hands, the time until the next try is skipped: a third of a lease at most, so that a
    claim made meanwhile is still good.
    """
    with place.tx() as tx:
        if inbox.backlog(tx).pending:
            return False
        waiting = tx.c.execute(
            select(Outgoing.lease_owner, Outgoing.due_at).where(Outgoing.state.in_(OPEN_STATES))
        ).all()
    if waiting and all(row.lease_owner is None for row in waiting):
        soonest = min(row.due_at for row in waiting) - clock.machine()
        clock.jump(min(max(soonest, SKIPPED / 10), SKIPPED))
    return not waiting


def _compare(place: Town, sent: Sequence[Message]) -> Ends:
    ends = Ends()
    shown = dict(place.platform.shown)
    with place.tx() as tx:
        columns = select(Outgoing.dedupe, Outgoing.state, Outgoing.way, Outgoing.retry_key)
        rows = {row.dedupe: row for row in tx.c.execute(columns)}
        unheard = tx.c.scalar(select(func.sum(Person.unheard))) or 0
        for message in sent:
            row = rows.get(tx.keys.index("event", message.event_id))
            by_reply = shown.get((message.user, message.token), 0)
            by_push = shown.get((message.user, row.retry_key), 0) if row else 0
            ends.lost += row is None or row.state in (SendState.NEEDS_HUMAN, SendState.DROPPED, SendState.REFUSED)
            ends.twice += by_reply + by_push > 1 or len({e.key for e in posting.said(place, message.user)}) > 1
            if row is not None:
                state = SendState(row.state)
                ends.by_state[f"{state.name.lower()} by {row.way}"] += 1
                ends.said_to_be_shown_but_not += state == SendState.SENT and by_reply + by_push == 0
        unknown = sum(SendState(row.state) == SendState.UNKNOWN for row in rows.values())
    ends.uncounted = abs(unknown - int(unheard))
    return ends


def _states(place: Town) -> dict[SendState, int]:
    with place.tx() as tx:
        return outbox.counts(tx)


def _told(count: int, ends: Ends) -> str:
    how = ", ".join(f"{n} {state}" for state, n in sorted(ends.by_state.items()))
    return f"LINE's bad days, {count} messages: lost 0, twice 0 ({how}; every unknown one counted)"
