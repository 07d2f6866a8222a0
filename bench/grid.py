"""100,000 rows in the page's grid: Chromium on the real host, the packaged plugin and a real server."""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from bench.processes import POSTGRES
from bench.report import Row, at_most
from mc_sql.testing import PostgresServer, list_majors
from tests.fixtures.fix_browser import FLAGS, find_chromium, longest_box, scroll_through, visiting
from tests.fixtures.fix_stack import Stack

ROWS = 100_000
STATEMENT = f"select n, md5(n::text) as hash, n * 2 as twice, now() as at from generate_series(1, {ROWS}) as n"
ROUNDS = 3
FIRST_ROW = """() => {
  window.firstRow = new Promise((resolve) => {
    const began = performance.now();
    const look = () => document.body.innerText.includes('c4ca4238a0b923820dcc509a6f75849b')
      ? resolve(performance.now() - began) : requestAnimationFrame(look);
    document.addEventListener('keydown', (event) => { if (event.key === 'Enter') look(); });
  });
}"""
"""Times the hash of 1 from the key that runs the statement to the screen."""


def measure() -> list[Row]:
    """Measure first row on the screen, frames while scrolling, and the page's memory."""
    major = 17 if 17 in list_majors() else list_majors()[-1]
    with tempfile.TemporaryDirectory() as folder, PostgresServer(major) as server, sync_playwright() as playwright:
        with Stack(Path(folder) / "stack" / "host", POSTGRES, server) as stack:
            browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
            firsts, frames, heaps = [], [], []
            for _ in range(ROUNDS):
                with visiting(browser, stack) as visit:
                    visit.page.goto(stack.page_address("console"))
                    visit.page.locator(".cm-content").wait_for()
                    visit.page.get_by_role("combobox").last.select_option(str(ROWS))
                    firsts.append(first_row_ms(visit.page))
                    found = scroll_through(longest_box(visit.page))
                    frames.append(found.p95_frame_ms)
                    heaps.append(found.heap_bytes / 1024**2)
            browser.close()
    return [
        at_most("first of 100,000 rows on the screen", statistics.median(firsts), "ms", 300),
        at_most("frame while scrolling 100,000 rows, p95", statistics.median(frames), "ms", 33),
        at_most("the page's memory with them", max(heaps), "MiB", 300),
    ]


def first_row_ms(page: Page) -> float:
    """Run the statement; return the ms until its first row is drawn, once all have come."""
    page.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(STATEMENT)
    page.keyboard.press("Escape")
    page.evaluate(FIRST_ROW)
    page.keyboard.press("Control+Enter")
    first: float = page.evaluate("window.firstRow")
    expect(page.get_by_role("status").get_by_text("100,000 rows")).to_be_visible(timeout=30_000)
    return first
