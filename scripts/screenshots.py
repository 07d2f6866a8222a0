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
    """Write one picture per tab, sessions in light and console in dark colours."""
    page = browser.new_context(viewport=SIZE, color_scheme="light").new_page()  # type: ignore[arg-type]  # a TypedDict
    page.goto(address)
    frame = open_tab(page)
    frame.get_by_text("Lock: transactionid").first.wait_for(timeout=60_000)
    page.screenshot(path=IMAGES / "sessions.png")
    page.emulate_media(color_scheme="dark")
    frame.get_by_role("tab", name="Console").click()
    frame.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(QUERY)
    page.keyboard.press("Escape")
    page.keyboard.press("Control+Enter")
    frame.get_by_text(re.compile("rows ·")).wait_for()
    page.screenshot(path=IMAGES / "console.png")


def open_tab(page: Page) -> FrameLocator:
    """Open the demo's server and return its plugin's frame."""
    page.get_by_text("shop-db").first.click()
    frame = page.frame_locator("iframe")
    frame.get_by_role("tab", name="Sessions").wait_for()
    return frame


if __name__ == "__main__":
    main()
