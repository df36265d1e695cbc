"""Transcripts a counsellor can read: `林 ▸` is what the person does, `◂` what she sees because of it.

    林 ▸ 我要檢測            she types
    林 ▸ [按] 輕微           she taps what is offered under the last messages, or on a card
    林 ▸ [按舊的] 輕微       she taps the oldest button of that name that is still on the screen
    林 ▸ (貼圖)              she sends something that is no text
    林 ▸ (收回) 2            she takes back what she typed
    林 ▸▸ 2                  sent in one burst with the lines of this kind around it
    （過了 30 分鐘）          time passes
    （說明換了版本）          what she has been shown so far was an earlier version

Cards stand in ［ ］with what a notification would show of them; ☎ dials, ▢ says or sends; the last line shows what
can be tapped under the message; ↗ opens a page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.conversations.talkers import Act, Seen, Talker

Json = dict[str, Any]

SENT = {
    "貼圖": "sticker",
    "照片": "image",
    "影片": "video",
    "語音": "audio",
    "檔案": "file",
    "位置": "location",
}
COMING = {"加入好友": ("follow", ""), "封鎖": ("unfollow", ""), "解除封鎖": ("follow", "unblocked")}

_PASSES = re.compile(r"（過了 (\d+) (分鐘|小時|天)）")
_SIGN = {"tel:": "☎", "http": "↗"}
_MINUTES = {"分鐘": 1, "小時": 60, "天": 1440}
_LINE = re.compile(r"林 (▸▸?) (.*)")


@dataclass
class Screen:
    """What has been shown so far and can still be tapped."""

    buttons: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    quick: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def show(self, seen: Seen) -> None:
        for message in seen:
            self.quick = [
                (i["action"]["label"], i["action"]) for i in message.get("quickReply", {}).get("items", [])
            ]
            for button in _footer(message):
                self.buttons.append((button["action"]["label"], button["action"]))
            self.buttons += self.quick

    def find(self, label: str, *, oldest: bool) -> dict[str, str]:
        shown = self.buttons if oldest else [*self.quick, *reversed(self.buttons)]
        found = [action for name, action in shown if name == label]
        assert found, f"nothing called {label} can be tapped"
        return found[0]


def replay(transcript: str, talker: Talker) -> str:
    """The transcript with what is seen today in place of what it says was seen."""
    screen, lines = Screen(), []
    for block in _blocks(transcript):
        lines += block
        acts = [act for line in block if (act := _act(line, screen))]
        if acts:
            seen = talker.acts(acts)
            screen.show(seen)
            lines += list(shown(seen)) or ["◂ （沒有回覆）"]
        for line in block:
            if line == "（說明換了版本）":
                talker.is_shown_another_notice()
            if passed := _PASSES.fullmatch(line):
                talker.waits(int(passed[1]) * _MINUTES[passed[2]])
    return "\n".join(lines).rstrip() + "\n"


def _blocks(transcript: str) -> Iterator[list[str]]:
    """Lines that are not the bot's, one by one; those of a burst together."""
    burst: list[str] = []
    for line in transcript.splitlines():
        if line.startswith(("◂", "　")):
            continue
        if line.startswith("林 ▸▸"):
            burst.append(line)
            continue
        if burst:
            yield burst
            burst = []
        yield [line]
    if burst:
        yield burst


def _act(line: str, screen: Screen) -> Act | None:
    match = _LINE.fullmatch(line)
    if not match:
        return None
    said = match[2]
    if said.startswith("[按"):
        kind, label = said[1:].split("] ", 1)
        action = screen.find(label, oldest=kind == "按舊的")
        return Act("press", action["data"]) if action["type"] == "postback" else Act("say", action["text"])
    if said.startswith("(收回) "):
        return Act("unsend", said.removeprefix("(收回) "))
    if said.startswith("(") and (name := said.strip("()")) in SENT:
        return Act(SENT[name])
    if said.startswith("(") and name in COMING:
        return Act(*COMING[name])
    if repeated := re.fullmatch(r"(.+) ×(\d+)", said):
        return Act("say", repeated[1] * int(repeated[2]))
    return Act("say", said)


def shown(seen: Seen) -> Iterator[str]:
    for message in seen:
        text = message["text"] if message["type"] == "text" else "\n".join(_card(message))
        first, *rest = text.splitlines()
        yield f"◂ {first}"
        yield from (f"　 {line}" if line else "　" for line in rest)
        quick = message.get("quickReply", {}).get("items", [])
        if quick:
            yield "　 〔" + "｜".join(item["action"]["label"] for item in quick) + "〕"


def _card(message: Json) -> Iterator[str]:
    yield f"［卡片・預覽：{message['altText']}］"
    for part in message["contents"]["body"]["contents"]:
        yield from _part(part)
    for button in _footer(message):
        action = button["action"]
        yield f"{_SIGN.get(action.get('uri', '')[:4], '▢')} {action['label']}"


def _part(part: Json) -> Iterator[str]:
    if part["type"] == "text":
        yield from part["text"].splitlines()
        return
    cells = []
    for cell in part["contents"]:
        if cell["type"] == "text":
            cells.append(cell["text"])
        else:
            share = int(cell["contents"][0]["width"].rstrip("%"))
            cells.append("▇" * max(1, round(share / 5)))
    yield "　".join(cells)


def _footer(message: Json) -> list[Json]:
    if message["type"] != "flex":
        return []
    return list(message["contents"].get("footer", {}).get("contents", []))
