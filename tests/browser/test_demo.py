"""The demo as `make demo` runs it, in a browser: from following to the result, on a phone and on a computer."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from playwright.sync_api import Locator, Page, expect

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "var" / "screenshots"
NOT_FOR_THE_DEMO = ("LINE_", "EAP_", "DATABASE_URL", "PORT", "WEB_CONCURRENCY")
PATIENCE_MS = 10_000
KEYBOARD = "切換到鍵盤"


class Demo:
    """`python -m bot demo` in a folder of its own, as a process that can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] = (folder / "demo.log").open("ab")

    def start(self) -> None:
        """Run it and wait until it is ready."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(NOT_FOR_THE_DEMO)}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bot", "demo", "--port", str(self.port)],
            cwd=self.folder,
            env=kept | {"PYTHONPATH": str(ROOT)},
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )
        end = time.monotonic() + 30
        while not self._is_ready():
            assert self._process.poll() is None, self.said()
            assert time.monotonic() < end, self.said()
            time.sleep(0.05)

    def kill(self) -> None:
        """Every process of it, at once, with no chance to put anything in order."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def interrupt(self) -> int:
        """Ctrl-C; the exit status."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGINT)
        return self._process.wait(timeout=40)

    def said(self) -> str:
        return (self.folder / "demo.log").read_text()

    def close(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self.kill()
        self._log.close()

    def _is_ready(self) -> bool:
        try:
            with urlopen(f"{self.url}/readyz", timeout=5) as answer:  # noqa: S310  # our own address
                return bool(json.load(answer)["ready"])
        except (URLError, ConnectionError, TimeoutError):
            return False


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """One demo town for the module; each test has a person of its own in it."""
    made = Demo(tmp_path_factory.mktemp("demo"))
    try:
        made.start()
        yield made
        assert made.interrupt() == 0, made.said()
    finally:
        made.close()


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """What the pages complain of, a broken content policy included."""
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: heard.append(str(error)))
    return heard


@pytest.fixture
def phones(page: Page, demo: Demo, complaints: list[str]) -> Iterator[Page]:
    """The page with the phones, reached the way a visitor does. Nothing may be asked of any other machine."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(demo.url)
    page.get_by_role("link", name="打開手機").click()
    expect(page.get_by_role("heading", name="模擬手機")).to_be_visible()
    yield page
    abroad = [url for url in asked if urlsplit(url).hostname not in ("127.0.0.1", None)]
    assert abroad == []
    assert complaints == []


class Person:
    """Somebody in front of their phone, or of LINE on a computer."""

    def __init__(self, page: Page, name: str) -> None:
        self._page = page
        self.device = page.get_by_role("article", name=f"{name}的手機")
        self.log = page.get_by_role("log", name=f"{name}的對話")
        self.quick = self.device.get_by_role("group", name="快速回覆")

    def follows(self) -> None:
        self.device.get_by_role("button", name="加入好友").click()
        self.sees("先讓您知道：")
        self.sees("主管和人事單位看不到誰來過")

    def taps(self, label: str) -> None:
        self.quick.get_by_role("button", name=label, exact=True).click(timeout=PATIENCE_MS)

    def says(self, words: str) -> None:
        """Typed; where the rich menu is in the way, the keyboard is opened first."""
        if self.device.get_by_role("button", name=KEYBOARD).is_visible():
            self.device.get_by_role("button", name=KEYBOARD).click()
        self.device.get_by_label("輸入訊息").fill(words)
        self.device.get_by_label("輸入訊息").press("Enter")

    def sees(self, words: str) -> None:
        expect(self.bubble(words)).to_be_visible(timeout=PATIENCE_MS)

    def bubble(self, words: str) -> Locator:
        """The newest of the bot's messages with these words."""
        return self.log.locator(".entry.bot").filter(has_text=words).last

    def picture(self, name: str, *, of: str) -> None:
        """A picture of the device with that message at the top, for whoever looks after the run."""
        self.bubble(of).evaluate("message => message.scrollIntoView({block: 'start'})")
        # What moves comes to rest.
        self._page.wait_for_timeout(350)
        self.device.screenshot(path=PICTURES / f"{name}.png")

    def looks_at(self, view: str) -> None:
        self.device.get_by_role("button", name=view).click()


def test_from_following_to_the_result_by_tapping(phones: Page) -> None:
    mei = Person(phones, "林小姐")
    mei.follows()

    mei.taps("做心情溫度計")
    mei.sees("開始之前")
    mei.taps("同意，開始")
    for number, answer in enumerate(("中等程度", "厲害", "輕微", "中等程度", "輕微"), 1):
        mei.sees(f"第 {number}／6 題")
        if number == 3:
            mei.picture("phone-screening", of="第 3／6 題")
        mei.taps(answer)
    mei.sees("第 6／6 題")
    mei.taps("完全沒有")

    mei.sees("輕度情緒困擾")
    mei.sees("不是診斷")
    mei.sees("結果已加密保存")
    mei.picture("phone-result", of="前 5 題總分")


def test_a_call_for_help_in_the_middle_brings_lines_that_dial(phones: Page) -> None:
    phones.get_by_label("新的人的稱呼").fill("阿健")
    phones.get_by_role("button", name="新增一支手機").click()
    jian = Person(phones, "阿健")
    jian.taps("做心情溫度計")
    jian.taps("同意，開始")
    jian.taps("輕微")
    jian.sees("第 2／6 題")

    jian.says("求助")

    jian.sees("您現在有立即的危險嗎？")
    card = jian.bubble("現在就能打的電話")
    for number in ("119", "110", "1925", "1995", "1980", "113"):
        expect(card.locator(f'a[href="tel:{number}"]')).to_be_visible(timeout=PATIENCE_MS)
    jian.picture("phone-crisis", of="現在就能打的電話")
    card.locator('a[href="tel:1925"]').click()
    expect(phones.get_by_role("dialog")).to_contain_text("1925")
    phones.get_by_role("button", name="掛斷").click()
    jian.taps("繼續剛才的問題")
    jian.sees("我們接著剛才的問題")
    expect(jian.log.locator(".entry.bot").last).to_contain_text("第 2／6 題")


def test_the_menu_below_the_chat_is_there_legible_and_says_words(phones: Page) -> None:
    phones.get_by_label("新的人的稱呼").fill("小美")
    phones.get_by_role("button", name="新增一支手機").click()
    mei = Person(phones, "小美")
    tiles = mei.device.get_by_role("group", name="圖文選單")
    expect(tiles).to_be_visible(timeout=PATIENCE_MS)
    expect(tiles.get_by_role("button")).to_have_count(6)
    mei.sees("先讓您知道：")
    # The picture has been fetched and drawn.
    phones.wait_for_function(
        "() => [...document.querySelectorAll('.menu img')].every((one) => one.naturalWidth === 2500)"
    )
    mei.picture("phone-menu", of="先讓您知道：")

    for tile, answer in (
        ("選單", "您想做什麼呢"),
        ("找資源", "想找哪一方面的資源"),
        ("人生大事", "想先看哪一件呢"),
        ("找窗口", "服務窗口"),
        ("緊急電話", "您現在有立即的危險嗎？"),
        ("自我檢視", "開始之前"),
    ):
        tiles.get_by_role("button", name=tile, exact=True).click()
        mei.sees(answer)


def test_on_a_computer_everything_can_be_typed(phones: Page) -> None:
    chen = Person(phones, "陳先生")
    chen.looks_at("改看電腦版")
    chen.follows()
    expect(chen.quick).to_be_hidden()

    for words, answer in (("1", "開始之前"), ("１", "第 1／6 題"), ("2", "第 2／6 題"), ("３", "第 3／6 題")):
        chen.says(words)
        chen.sees(answer)
    chen.picture("pc-screening", of="第 3／6 題")
    chen.says("求助")
    chen.sees("1925　安心專線（24 小時，免費）")
    chen.picture("pc-crisis", of="1925　安心專線（24 小時，免費）")
    chen.says("繼續")
    chen.looks_at("改看手機")
    chen.taps("厲害")
    chen.sees("第 4／6 題")
    chen.looks_at("改看電腦版")
    for words, answer in (("四", "第 5／6 題"), ("非常厲害", "第 6／6 題"), (" ０ ", "重度情緒困擾")):
        chen.says(words)
        chen.sees(answer)

    chen.sees("前 5 題總分")
    chen.picture("pc-result", of="前 5 題總分")


def test_killed_in_the_middle_it_goes_on_where_it_was(
    phones: Page, demo: Demo, complaints: list[str]
) -> None:
    phones.get_by_label("新的人的稱呼").fill("王小姐")
    phones.get_by_role("button", name="新增一支手機").click()
    wang = Person(phones, "王小姐")
    wang.taps("做心情溫度計")
    wang.taps("同意，開始")
    wang.taps("中等程度")
    wang.taps("輕微")
    wang.sees("第 3／6 題")

    demo.kill()
    demo.start()

    phones.reload()
    wang.sees("第 3／6 題")
    wang.says("繼續")
    wang.sees("我們接著剛才的問題")
    for answer in ("第 4／6 題", "第 5／6 題", "第 6／6 題", "身心適應狀況良好"):
        wang.says("0")
        wang.sees(answer)
    assert "Traceback" not in demo.said()
    # While there was no server, the page said so.
    complaints[:] = [one for one in complaints if "ERR_" not in one]


def test_everything_one_can_press_has_a_name(phones: Page) -> None:
    nameless = phones.evaluate(
        """() => [...document.querySelectorAll('button, a, input, select, textarea')]
            .filter((one) => one.checkVisibility())
            .filter((one) => !(one.ariaLabel || one.textContent.trim() || one.labels?.length || one.title))
            .map((one) => one.outerHTML)"""
    )

    assert nameless == []
