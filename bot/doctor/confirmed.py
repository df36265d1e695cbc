"""What no interface of LINE's tells: a person looks, and says so with `doctor confirm`, which keeps the day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from bot.doctor.account import CONSOLE, MANAGER
from bot.doctor.findings import Finding, ok, warn

YEAR = timedelta(days=365)


@dataclass(frozen=True)
class ByHand:
    """`says` is the fact to be confirmed, `where` the screen to look at."""

    says: str
    where: str
    holds_for: timedelta = YEAR


BY_HAND: Mapping[str, ByHand] = {
    "redelivery": ByHand(
        "webhook redelivery is on: what we could not take is sent again",
        f"{CONSOLE} > Webhook redelivery: on",
    ),
    "greeting-off": ByHand(
        "LINE's own greeting is off: the bot greets, with the notice",
        f"{MANAGER} > 設定 > 回應設定 > 加入好友的歡迎訊息: off",
    ),
    "auto-reply-off": ByHand(
        "LINE's own auto-reply is off: nothing answers beside the bot",
        f"{MANAGER} > 設定 > 回應設定 > 自動回應訊息: off",
    ),
    "groups-off": ByHand(
        "the account cannot be added to groups",
        f"{CONSOLE} > Allow bot to join group chats: off",
    ),
    "roles": ByHand(
        "roles in the account are held by the provider or the data-protection officer, nobody of personnel",
        f"{MANAGER} > 設定 > 權限管理, and LINE Developers Console > the channel and its provider > Roles",
        YEAR / 2,
    ),
    "key-copies": ByHand(
        "a second copy of EAP_MASTER_KEYS lies in a safe place, away from the database and its backups",
        "the place you chose: open it, and compare the key ids that `doctor` names",
    ),
}


def look(known: Mapping[str, date] | None, today: date) -> Iterator[Finding]:
    """`known`: the days, or None while there is no database to ask."""
    if known is None:
        yield warn(
            "by_hand",
            f"confirmations ({', '.join(BY_HAND)}) are kept in the database, which cannot be read now",
            "mend the database first",
        )
        return
    for name, one in BY_HAND.items():
        yield _finding(name, one, known.get(name), today)


def _finding(name: str, one: ByHand, on: date | None, today: date) -> Finding:
    again = f"look: {one.where}; then `python -m bot doctor confirm {name} --by <your role>`"
    if on is None:
        return warn(name, f"nobody has confirmed yet that {one.says}", again)
    if today - on > one.holds_for:
        return warn(name, f"last confirmed on {on:%Y-%m-%d}, which is long ago: {one.says}", again)
    return ok(name, f"{one.says} (confirmed on {on:%Y-%m-%d})")
