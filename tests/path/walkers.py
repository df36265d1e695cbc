"""People who wander through everything the bot offers: by taps, numbers, words, pictures, old buttons and regrets.

A walk is recorded once and can be walked again elsewhere: what is tapped is named by its words and its place in the
chat, never by the data of one day.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Any

from simulator import taps
from simulator.client import Phone
from storage import consents, conversations, people, screenings
from tests.town import Town

WORDS = (
    "選單 檢測 返回 取消 重來 略過 繼續 我的資料 窗口 權益 設定 結果 趨勢 語言 English 中文 停止 刪除紀錄 撤回同意 "
    "預約 我的預約 資源 說明 同意 不要 好 你好 謝謝 是 第二個 二 menu screening back cancel"
).split()
TROUBLE = "我最近常常睡不好，工作也一直出錯，不知道能跟誰說，想了很久才來這裡"
NONSENSE = ("？？", "asdf", "今天好熱", "😀", "7", "99", "(hello)", TROUBLE)
CALLS = ("求助", "我不想活了", "help")
DIGITS = "0 1 2 3 4 ０ １ ２ ３ ４ 5 6".split()


@dataclass(frozen=True)
class Act:
    """One thing somebody does. `what` depends on the kind; `on` is the place of one of the bot's messages."""

    kind: str
    what: str = ""
    on: int = -1


@dataclass
class Walker:
    """Somebody walking, and what has been done so far."""

    town: Town
    phone: Phone
    done: list[Act] = field(default_factory=list)
    mine: list[str] = field(default_factory=list)
    """Ids of the messages sent, so that one can be taken back."""

    def acts(self, act: Act) -> None:
        """Do it on the phone."""
        self.done.append(act)
        if act.kind == "say":
            self.mine.append(self.phone.says(act.what))
        elif act.kind == "send":
            self.phone.sends(act.what)
        elif act.kind == "tap":
            self.phone.taps(act.what)
        elif act.kind == "press":
            self.phone.presses(self._button(act.on, int(act.what)))
        elif act.kind == "unsend":
            self.phone.unsends(self.mine.pop(int(act.what)))
        else:
            {"follow": self.phone.follows, "block": self.phone.blocks, "unblock": self.phone.unblocks}[act.kind]()

    def chooses(self, chance: random.Random) -> Act:
        """What to do next, given what the chat shows."""
        if self.has_blocked:
            return Act("unblock")
        dice = chance.random()
        offered = [label for label in self._offered() if label]
        if dice < 0.40 and offered:
            return Act("tap", chance.choice(offered))
        if dice < 0.58:
            return Act("say", chance.choice(DIGITS))
        if dice < 0.76:
            return Act("say", chance.choice(WORDS))
        if dice < 0.80:
            return Act("say", chance.choice(CALLS))
        if dice < 0.85:
            return Act("say", chance.choice(NONSENSE))
        if dice < 0.88:
            return Act("send", chance.choice(("sticker", "image", "location", "audio")))
        if dice < 0.94:
            return self._old_button(chance) or Act("say", "選單")
        if dice < 0.97 and self.mine:
            return Act("unsend", str(chance.randrange(len(self.mine))))
        return Act(chance.choice(("follow", "block", "say")), "檢測")

    @property
    def has_blocked(self) -> bool:
        return self.town.platform.chats.people[self.phone.user].has_blocked

    def heard(self) -> list[str]:
        """What the bot has said, in order: everything one can read, and what can be tapped."""
        return [_readable(entry.message) for entry in self._said()]

    def _offered(self) -> list[str]:
        with self.town.platform.lock:
            return [action.get("label", "") for action in taps.quick_replies(self.town.platform, self.phone.user)]

    def _said(self) -> list[Any]:
        with self.town.platform.lock:
            return [e for e in self.town.platform.chats[self.phone.user].entries if e.by == "bot"]

    def _old_button(self, chance: random.Random) -> Act | None:
        places = [(n, len(_buttons(entry.message))) for n, entry in enumerate(self._said()) if _buttons(entry.message)]
        if not places:
            return None
        place, count = chance.choice(places)
        return Act("press", str(chance.randrange(count)), place)

    def _button(self, place: int, number: int) -> str:
        return _buttons(self._said()[place].message)[number]


def _buttons(message: dict[str, Any]) -> list[str]:
    """The postback data of a message's quick replies."""
    items = (message.get("quickReply") or {}).get("items", [])
    return [item["action"]["data"] for item in items if item["action"]["type"] == "postback"]


def _readable(message: dict[str, Any]) -> str:
    """The message without the data of its buttons, which tells the day it was made."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: plain(inner) for name, inner in value.items() if name != "data"}
        return [plain(inner) for inner in value] if isinstance(value, list) else value

    return json.dumps(plain(message), ensure_ascii=False, sort_keys=True)


def walk(town: Town, seeds: Sequence[int], length: int, phones: Executor) -> list[Walker]:
    """As many people as seeds walk side by side; each step is taken when everybody has had an answer to the last."""
    walkers = [Walker(town, town.person(f"{seed}", follow=seed % 4 != 0)) for seed in seeds]
    chances = [random.Random(seed) for seed in seeds]
    town.wait(60)
    for _ in range(length):
        acts = [walker.chooses(chance) for walker, chance in zip(walkers, chances, strict=True)]
        _all_act(walkers, acts, phones)
        town.wait(60)
    return walkers


def walk_again(town: Town, seeds: Sequence[int], walks: Sequence[Sequence[Act]], phones: Executor) -> list[Walker]:
    """Other people in another town do just what was done."""
    walkers = [Walker(town, town.person(f"{seed}", follow=seed % 4 != 0)) for seed in seeds]
    town.wait(60)
    for acts in zip(*walks, strict=True):
        _all_act(walkers, acts, phones)
        town.wait(60)
    return walkers


def _all_act(walkers: Sequence[Walker], acts: Sequence[Act], phones: Executor) -> None:
    list(phones.map(lambda walker, act: walker.acts(act), walkers, acts))


def effects(walker: Walker) -> dict[str, Any]:
    """Everything that has come of a walk: what was said, and what is kept about the person."""
    town = walker.town
    with town.tx() as tx:
        person = people.find(tx, walker.phone.user)
        if person is None:
            return {"heard": walker.heard()}
        return {
            "heard": walker.heard(),
            "person": (person.language, person.blocked, person.welcomed_on, person.notice, person.unheard),
            "consents": [(line.scope, line.version, line.granted) for line in consents.ledger(tx, person)],
            "screenings": [kept.record for kept in screenings.last(tx, person, 100)],
            "conversation": _timeless(conversations.load(tx, person)),
        }


def _timeless(state: dict[str, Any] | None) -> Any:
    """Without what is made from the moment (the first turn's number) and from the keys of one database."""
    if state is None:
        return None
    of_the_moment = {"turn", "sources"}
    return [
        state["aside"],
        [{name: one[name] for name in one if name not in of_the_moment} for one in state["open"]],
    ]
