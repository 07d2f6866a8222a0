"""The nine tabs of the postgres page on a real server: they open, fit, and lead from what is wrong to where it is."""

from __future__ import annotations

import json
import re
import threading
from contextlib import closing

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

from tests.fixtures.fix_browser import NARROW, WIDE, Visit, screenshot, scroll_through, visiting
from tests.fixtures.fix_stack import Stack

TABS = ("Overview", "Sessions", "Locks", "Statements", "Console", "Indexes", "Storage", "Replication", "Settings")
SECTIONS = {"Storage": ("Size", "Bloat", "Vacuum", "Wraparound", "Sequences"), "Indexes": ("Findings", "Largest")}


def settle(frame: FrameLocator) -> None:
    """Wait until nothing is being read for the first time, and nothing has failed."""
    expect(frame.get_by_role("tab", selected=True).first).to_be_visible()
    expect(frame.get_by_label("Loading")).to_have_count(0, timeout=15_000)
    expect(frame.get_by_text(re.compile("^Reading .* failed$"))).to_have_count(0)


def write_sql(visit: Visit, frame: FrameLocator | Page, text: str) -> None:
    frame.locator(".cm-content").click()
    visit.page.keyboard.press("Control+a")
    visit.page.keyboard.insert_text(text)
    visit.page.keyboard.press("Escape")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_every_tab_opens_fits_and_complains_of_nothing(
    browser: Browser, stack: Stack, size: tuple[int, int], scheme: str
) -> None:
    with visiting(browser, stack, size, scheme) as visit:
        frame = visit.open_item("app")
        for tab in TABS:
            frame.get_by_role("tab", name=tab).click()
            settle(frame)
            for section in SECTIONS.get(tab, ()):
                frame.get_by_role("radio", name=section).click()
                settle(frame)
            screenshot(visit, f"postgres-{tab.lower()}-{size[0]}-{scheme}")
            assert not visit.overflows(), tab
        assert visit.complaints == []


def test_overview_leads_to_the_root_of_a_blocked_session(browser: Browser, stack: Stack) -> None:
    with (
        stack.server.connect("su", application="migration") as blocker,
        stack.server.connect("su", application="web") as blocked,
        visiting(browser, stack) as visit,
    ):
        blocker.execute("begin; lock table customers in access exclusive mode")
        waiting = threading.Thread(target=lambda: blocked.execute("select count(*) from customers"))
        waiting.start()
        pid = str(blocker.info.backend_pid)
        try:
            frame = visit.open_item("app", "Overview")
            finding = frame.get_by_role("region", name="Findings").get_by_role("listitem").filter(has_text=pid).first
            expect(finding).to_be_visible(timeout=20_000)
            finding.get_by_role("button", name=re.compile("→")).click()
            tree = frame.get_by_role("tree", name="Waits")
            root = tree.get_by_role("treeitem").first
            expect(root).to_contain_text(f"pid {pid}")
            expect(root).to_contain_text("migration")
            expect(tree.get_by_role("treeitem").nth(1)).to_contain_text("AccessShareLock on customers")
            expect(frame.get_by_role("button", name=f"Terminate pid {pid}")).to_be_visible()
            screenshot(visit, "postgres-lock-tree")
        finally:
            blocker.execute("rollback")
            waiting.join(10)


def test_plan_is_a_tree_whose_slowest_node_is_chosen(browser: Browser, stack: Stack) -> None:
    with visiting(browser, stack) as visit:
        frame = visit.open_console("app")
        write_sql(visit, frame, "select count(*) from generate_series(1, 200000) as n join customers c on c.id = n")
        frame.get_by_role("button", name="Explain", exact=True).click()
        tree = frame.get_by_role("tree", name="Plan")
        expect(tree.get_by_role("treeitem").first).to_contain_text("Aggregate")
        expect(frame.get_by_text("the statement was not run")).to_be_visible()
        frame.get_by_role("button", name="More").click()
        frame.get_by_text("Explain and run, rolled back").click()
        expect(frame.get_by_text(re.compile("^ran "))).to_be_visible()
        expect(tree.locator("[aria-selected=true]")).to_contain_text("slowest")
        screenshot(visit, "postgres-plan")
        assert visit.complaints == []


def test_pasted_plan_is_read_without_a_server(browser: Browser, stack: Stack) -> None:
    with visiting(browser, stack) as visit:
        frame = visit.open_console("app")
        write_sql(visit, frame, "Seq Scan on orders  (cost=0.00..35.50 rows=2550 width=4)\n  Filter: (id > 5)")
        frame.get_by_role("button", name="Explain", exact=True).click()
        expect(frame.get_by_role("tree", name="Plan").get_by_role("treeitem").first).to_contain_text("orders")


def test_finding_is_taken_to_the_console_and_not_run(browser: Browser, stack: Stack) -> None:
    stack.server.run("create table parent_t (id int primary key)")
    stack.server.run("create table child_t (parent_id int references parent_t, pad text)")
    stack.server.run("insert into parent_t select generate_series(1, 100)")
    stack.server.run("insert into child_t select 1 + n % 100, repeat('x', 200) from generate_series(1, 20000) as n")
    stack.server.run("analyze")
    try:
        with visiting(browser, stack) as visit:
            frame = visit.open_item("app", "Indexes")
            frame.get_by_role("button", name="Measure now").click()
            frame.get_by_role("row").filter(has_text="child_t").first.click()
            frame.get_by_role("button", name="Open in console").click()
            expect(frame.locator(".cm-content")).to_contain_text(re.compile("create index", re.I))
            expect(frame.get_by_text("No result yet")).to_be_visible()
    finally:
        stack.server.run("drop table child_t, parent_t")


def test_all_rows_are_exported_by_the_browser_itself(browser: Browser, stack: Stack) -> None:
    with visiting(browser, stack) as visit:
        frame = visit.open_console("app")
        write_sql(visit, frame, "select n, md5(n::text) as hash from generate_series(1, 50000) as n")
        frame.get_by_role("button", name="More").click()
        with visit.page.expect_download() as started:
            frame.get_by_text("Export all rows as CSV").click()
        lines = started.value.path().read_text().splitlines()
        assert (lines[0], len(lines)) == ("n,hash", 50_001)


def test_a46_the_page_needs_nothing_but_its_own_addresses(browser: Browser, stack: Stack) -> None:
    own = f"{stack.url}/api/plugins/postgres/"
    with visiting(browser, stack) as visit:
        visit.page.route(
            re.compile(".*"), lambda route: route.continue_() if own in route.request.url else route.abort()
        )
        visit.page.goto("about:blank")
        visit.requests.clear()
        visit.page.goto(stack.page_address("console"))
        visit.page.locator(".cm-content").wait_for()
        for tab in TABS:
            visit.page.get_by_role("tab", name=tab).click()
        expect(visit.page.get_by_label("Loading")).to_have_count(0, timeout=15_000)
        foreign = [url for url in visit.requests if not url.startswith((own, "data:", "blob:"))]
        assert (foreign, visit.complaints) == ([], [])


def test_a47_a_frame_without_modals_still_asks_before_it_terminates(browser: Browser, stack: Stack) -> None:
    with closing(stack.server.connect("mon", application="framed")) as victim, visiting(browser, stack) as visit:
        pid = victim.info.backend_pid
        inside = stack.page_address("sessions?idle=1")
        html = f'<iframe sandbox="allow-scripts allow-same-origin" src="{inside}" width="1200" height="700"></iframe>'
        visit.page.route("**/embedding", lambda route: route.fulfill(body=html, content_type="text/html"))
        visit.page.goto(f"{stack.url}/embedding")
        frame = visit.page.frame_locator("iframe")
        victim.execute("begin")
        frame.get_by_text(str(pid), exact=True).first.click()
        frame.get_by_role("button", name=f"Terminate pid {pid}").click()
        assert stack.server.run(f"select count(*) from pg_stat_activity where pid = {pid}") == [(1,)]
        dialog = frame.get_by_role("dialog")
        expect(dialog).to_contain_text("framed")
        dialog.get_by_role("button", name=f"Terminate pid {pid}").click()
        expect(frame.get_by_text(f"Session {pid} terminated.")).to_be_visible()
        assert stack.server.run(f"select count(*) from pg_stat_activity where pid = {pid}") == [(0,)]


def test_a48_a_database_typed_letter_by_letter_is_asked_for_once(browser: Browser, stack: Stack) -> None:
    with visiting(browser, stack) as visit:
        visit.page.route("**/invoke/databases-list?*", lambda route: route.fulfill(status=500, body="{}"))
        frame = visit.open_item("app-db", "Locks")
        box = frame.get_by_role("textbox", name="Database")
        box.click()
        asked: list[str] = []
        visit.page.on("request", lambda request: asked.append(request.post_data or ""))
        box.press_sequentially("other", delay=120)
        box.press("Enter")
        expect(frame.get_by_label("Loading")).to_have_count(0)
        visit.page.wait_for_timeout(1500)
        named = {body for body in asked if '"database"' in body}
        assert {json.loads(body)["database"] for body in named} == {"other"}
        expect(box).to_have_value("other")


def test_a49_100_000_rows_come_at_once_and_scroll_smoothly(browser: Browser, stack: Stack) -> None:
    with visiting(browser, stack) as visit:
        visit.page.goto(stack.page_address("console"))
        visit.page.locator(".cm-content").wait_for()
        visit.page.get_by_role("combobox").last.select_option("100000")
        warm, statement = (
            f"select n, md5(n::text) as hash from generate_series(1, {rows}) as n" for rows in (10, 100_000)
        )
        write_sql(visit, visit.page, warm)
        visit.page.keyboard.press("Control+Enter")
        expect(visit.page.get_by_text(re.compile(r"^10 rows ·"))).to_be_visible()
        write_sql(visit, visit.page, statement)
        visit.page.keyboard.press("Control+Enter")
        expect(visit.page.get_by_text(re.compile(r"100,000 rows ·"))).to_be_visible(timeout=20_000)
        # The calmest of three: other work on the machine delays frames as well, and the bench has the strict bar.
        found = min((scroll_through(visit.page) for _ in range(3)), key=lambda one: one.p95_frame_ms)
        assert found.height_px > 1_000_000
        assert found.p95_frame_ms < 100
        assert found.heap_bytes < 300 * 1024 * 1024
