"""What people say, and who they are on LINE, is found nowhere: not in the database, its log, the spool or any log."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from simulator.app import create_app
from simulator.client import Phone, Simulator
from simulator.platform import Platform
from simulator.server import Server
from tests import captures
from tests.figures import Figure
from tests.privacy.searching import contents, forms, leaks
from tests.serving import Serving, environment, serving
from tests.town import SECRET, TOKEN, eventually

# Sentences nobody else says, each at least eight characters.
FREE = "昨天和主管吵了一架想離職"
IN_A_QUESTION = "這題我想到我先生最近失業的事"
ENGLISH = "my landlord sold the flat last tuesday"
AT_RISK = "我不想活了因為債主每天都來公司"
WHILE_AWAY = "資料庫不在的時候我說了祕密"
AT_RISK_WHILE_AWAY = "想自殺而且沒有人知道這件事"
POISONED = "這一句會讓程式壞掉五次為止"
REGRETTED = "這句我打錯了馬上就收回了"
IN_A_GROUP = "群組裡有人討論部門的八卦"
NOT_JSON = "格式不對的內容也不能寫進紀錄"
SENTENCES = (
    FREE, IN_A_QUESTION, ENGLISH, AT_RISK, WHILE_AWAY, AT_RISK_WHILE_AWAY, POISONED, REGRETTED, IN_A_GROUP, NOT_JSON,
)  # fmt: skip


def test_nothing_anybody_said_is_found_anywhere(tmp_path: Path, figure: Figure) -> None:
    database = tmp_path / "eap.sqlite"
    platform = Platform(
        secret=SECRET, token=TOKEN, rate_limits=False, capture=captures.folder() / "canaries.jsonl"
    )
    files: dict[str, bytes] = {}
    with Server(create_app(platform)) as line, Simulator(line.url) as town:
        env = environment(line.url, f"sqlite:///{database}", tmp_path, LOG_LEVEL="DEBUG")
        with serving(env, tmp_path) as bot:
            platform.webhook.target = bot.callback
            unlucky = _poison(town, database)
            ids = [unlucky.user, platform.bot_id, *_tell_stories(town), *_with_line_ill(town)]
            # Five tries take six seconds; then she is told that it did not work.
            assert unlucky.sees(1, wait=30)
            _settled(bot)
            ids += _while_the_database_is_away(town, platform, database, bot, tmp_path, files)
            files |= _now("running", tmp_path)
            assert bot.readyz()["events_parked"] == 1
        files |= contents(tmp_path)
    platform.close()

    assert {"eap.sqlite", "running eap.sqlite-wal", "serve.log"} <= set(files)
    assert any(name.endswith(".spool") for name in files)
    assert b"turn_failed" in files["serve.log"]
    assert leaks([*SENTENCES, *ids], files) == []
    size, ways = sum(map(len, files.values())) // 1024, len(forms("12345678"))
    figure(
        f"{len(SENTENCES)} sentences and {len(ids)} LINE ids, each in {ways} forms, searched in {len(files)} files "
        f"({size} KB: database, WAL, spool, DEBUG log): 0 hits"
    )


def _tell_stories(town: Simulator) -> list[str]:
    """Free words, words in a question, a screening with a result, a call for help, regret, a group, rubbish."""
    mei, ken = town.person("梅"), town.person("Ken", "en")
    assert mei.sees(3)
    _says(mei, FREE)
    for words in ("檢測", "1", IN_A_QUESTION, "2", "3", "1", "2", "0"):
        _says(mei, words)
    _says(ken, "English")
    _says(ken, ENGLISH)
    mei.says(AT_RISK)
    assert len(mei.sees(4)) == 4
    _says(mei, "繼續")
    _says(mei, "0")
    mei.unsends(mei.says(REGRETTED))
    group = town.call("POST", "/groups", {"name": "同事", "members": [mei.user, ken.user]})["id"]
    town.call("POST", f"/groups/{group}/sends", {"by": ken.user, "text": IN_A_GROUP})
    assert town.raw(f'{{"events": [{{"text": "{NOT_JSON}"') == 200
    assert town.raw(json.dumps({"events": [{"type": "message", "message": {"text": NOT_JSON}}]})) == 200
    assert town.raw(NOT_JSON, "not the signature") == 400
    mei.blocks()
    assert town.quiet()
    return [mei.user, ken.user, group]


def _with_line_ill(town: Simulator) -> list[str]:
    """Every way LINE can fail, each logged in its way."""
    ill = town.person("病")
    assert ill.sees(3)
    for bad_day in (["500", "500"], ["cut_after"], ["429"], ["400"], ["garbage"]):
        town.script("reply", *bad_day)
        ill.says(FREE)
        lost = bad_day == ["500", "500"]
        assert ill.sees(1, wait=0.5 if lost else 5) or lost
    return [ill.user]


def _poison(town: Simulator, database: Path) -> Phone:
    """What is kept of one person is broken, so that whatever they say fails, five times, and is parked."""
    unlucky = town.person("衰")
    assert unlucky.sees(3)
    _says(unlucky, "檢測")
    with closing(sqlite3.connect(database, timeout=10)) as operator:
        newest = "(select max(updated_at) from conversations)"
        operator.execute(f"update conversations set body = x'0102030405' where updated_at = {newest}")  # noqa: S608  # ours
        operator.commit()
    unlucky.says(POISONED)
    return unlucky


def _while_the_database_is_away(
    town: Simulator, platform: Platform, database: Path, bot: Serving, folder: Path, files: dict[str, bytes]
) -> list[str]:
    """Somebody else holds the database; what is said meanwhile lies in the spool, and is looked at there."""
    late = town.person("晚")
    assert late.sees(3)
    with _held(database):
        late.says(WHILE_AWAY)
        late.says(AT_RISK_WHILE_AWAY)
        assert len(late.sees(4, wait=10)) == 4
        assert town.quiet()
        files |= _now("away", folder)
    _settled(bot)
    return [late.user]


def _now(when: str, folder: Path) -> dict[str, bytes]:
    """What lies there at this moment; the log only grows, so it is looked at in the end."""
    return {f"{when} {name}": data for name, data in contents(folder).items() if not name.endswith(".log")}


def _says(who: Phone, words: str) -> None:
    who.says(words)
    assert who.sees(1), words


def _settled(bot: Serving) -> None:
    def is_settled() -> bool:
        told: dict[str, Any] = bot.readyz()
        return (
            bool(told.get("ready")) and told["events_waiting"] == 0 and told["oldest_unsent_seconds"] is None
        )

    eventually(is_settled, 40)


@contextmanager
def _held(database: Path) -> Iterator[None]:
    with closing(sqlite3.connect(database, timeout=10, isolation_level=None)) as other:
        other.execute("begin immediate")
        yield
        other.execute("rollback")
