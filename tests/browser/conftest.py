"""A Chromium for the tests that look at pages the way people do."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = [
    "--no-sandbox",  # Chromium refuses its sandbox to root; it opens our own pages only
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    # Left alone, Chromium looks up its maker's hosts at every start.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium per module: Playwright's event loop must be gone before other modules run."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    assert found, "no Chromium here: setup/chromium.sh says how to get one"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=QUIET)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A new page with nothing remembered, the size of a small laptop, in Taiwan."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 800}, locale="zh-TW", timezone_id="Asia/Taipei"
    )
    yield context.new_page()
    context.close()
