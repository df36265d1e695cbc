"""The browser that the page tests rely on is there and behaves like one in Taiwan."""

from __future__ import annotations

from playwright.sync_api import Page


def test_a_page_opens_in_taiwan(page: Page) -> None:
    page.set_content("<p lang=zh-Hant>您好</p><script>document.title = navigator.language</script>")

    assert page.inner_text("p") == "您好"
    assert page.title() == "zh-TW"
