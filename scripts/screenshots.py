"""Take the README's pictures from a demo of its own: `scripts/screenshots.py` writes docs/images/*.png."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, FrameLocator, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
SIZE = {"width": 1280, "height": 800}
SIGNS = {
    "Overview": "attention",
    "Locks": "blocks [0-9]",
    "Sessions": "Lock: transactionid",
    "Statements": "Share of time",
    "Indexes": "missing for a foreign key",
    "Storage": "order_items",
    "Replication": "Write-ahead log",
    "Settings": "[a-z]+_[a-z]+",
}
"""Tabs and what shows that they are worth a picture."""
QUERY = """select c.country, count(distinct o.id) as orders, sum(i.quantity * p.price) as revenue
from customers c
join orders o on o.customer_id = c.id
join order_items i on i.order_id = o.id
join products p on p.id = i.product_id
group by c.country
order by revenue desc"""


def main() -> None:
    """Start the demo, wait until sessions block each other, and take the pictures."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, str(ROOT / "scripts" / "demo.py"), "--port", "0", "--state", f"{folder}/demo"]
        demo = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert demo.stdout
        try:
            address = next(found[0] for line in demo.stdout if (found := re.search(r"http://\S+\?token=\S+", line)))
            time.sleep(12)  # the workload needs a moment until somebody waits for somebody
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
                take_pictures(browser, address)
        finally:
            demo.terminate()
            demo.wait()


def take_pictures(browser: Browser, address: str) -> None:
    """Write one picture per tab that the README shows, what is seen first in light and the console in dark colours."""
    page = browser.new_context(viewport=SIZE, color_scheme="light").new_page()  # type: ignore[arg-type]  # a TypedDict
    page.goto(address)
    page.get_by_text("shop", exact=True).first.click()
    frame = page.frame_locator("iframe")
    for tab, sign in SIGNS.items():
        frame.get_by_role("tab", name=tab).click()
        frame.get_by_text(re.compile(sign)).first.wait_for(timeout=60_000)
        page.screenshot(path=IMAGES / f"{tab.lower()}.png")
    page.get_by_text("shop-log", exact=True).first.click()
    frame.get_by_text("payment is slow").first.wait_for(timeout=60_000)
    page.screenshot(path=IMAGES / "logs.png")
    page.get_by_text("shop", exact=True).first.click()
    page.emulate_media(color_scheme="dark")
    frame.get_by_role("tab", name="Console").click()
    write_sql(page, frame)
    page.keyboard.press("Control+Enter")
    frame.get_by_text(re.compile("rows ·")).wait_for()
    page.screenshot(path=IMAGES / "console.png")
    frame.get_by_role("button", name="More").click()
    frame.get_by_text("Explain and run, rolled back").click()
    frame.get_by_role("tree", name="Plan").wait_for()
    page.screenshot(path=IMAGES / "plan.png")


def write_sql(page: Page, frame: FrameLocator) -> None:
    """Replace the editor's text."""
    frame.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(QUERY)
    page.keyboard.press("Escape")


if __name__ == "__main__":
    main()
