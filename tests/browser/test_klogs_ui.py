"""A23: how the Logs tab behaves, over a scripted stream."""

from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FrameLocator, Locator, expect

from tests.browser.klogs_story import PODS, rollout, stamp, story
from tests.fixtures.fix_browser import FIREFOX, NARROW, WIDE, Visit, both_browsers, saved, screenshot, visiting
from tests.fixtures.fix_klogs import ITEM, KlogsStack

pytestmark = both_browsers
SIZES = [WIDE, NARROW]


@contextmanager
def logs_tab(
    browser: Browser,
    klogs: KlogsStack,
    size: tuple[int, int] = WIDE,
    view: str = "",
    scheme: str = "light",
    count: str = "258",
) -> Iterator[tuple[Visit, FrameLocator]]:
    """Open the tab in the shell and wait for its lines."""
    with visiting(browser, klogs, size, scheme) as visit:
        visit.page.goto(f"{klogs.url}/items/{klogs.item(ITEM)}/scripted-logs/logs{view}")
        frame = visit.page.frame_locator("iframe")
        expect(frame.locator("footer [data-rows]")).to_have_attribute("data-rows", count)
        yield visit, frame
        assert visit.complaints == []
        assert not visit.overflows()


def line(frame: FrameLocator, text: str) -> Locator:
    """Return the rows in sight that hold a text."""
    return frame.locator("[data-id]").filter(has_text=text)


def search(frame: FrameLocator, text: str) -> None:
    """Type into the search box."""
    frame.get_by_role("searchbox", name="Search").fill(text)
    expect(frame.get_by_role("search")).to_have_attribute("data-query", text)


def choose(frame: FrameLocator, entry: str) -> None:
    """Choose an entry of the menu behind the dots, and close it."""
    frame.get_by_role("button", name="More", exact=True).click()
    frame.get_by_role("button", name=entry, exact=True).click()
    frame.get_by_role("button", name="More", exact=True).press("Escape")


@pytest.fixture(autouse=True)
def _told(klogs: KlogsStack) -> None:
    klogs.play(pods=PODS, lines=story())


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES, ids=["wide", "narrow"])
def test_a23_lines_of_all_pods_stand_by_time_and_the_end_is_in_view(
    browser: Browser, klogs: KlogsStack, size: tuple[int, int], scheme: str
) -> None:
    with logs_tab(browser, klogs, size, scheme=scheme) as (visit, frame):
        expect(frame.get_by_role("status", name="Stream")).to_contain_text("live")
        expect(line(frame, "a very long line")).to_be_visible()
        assert klogs.calls()[-1]["backlog"] == 1000
        screenshot(visit, f"klogs-{'wide' if size == WIDE else 'narrow'}-{scheme}")


def test_a23_rows_are_in_order_of_time_across_sources(browser: Browser, klogs: KlogsStack) -> None:
    with logs_tab(browser, klogs) as (_, frame):
        seen = frame.locator("[data-id] .tabular-nums[title]").evaluate_all("all => all.map(one => one.title)")
        assert len(seen) > 20
        assert seen == sorted(seen)


def test_a23_new_lines_do_not_move_a_reader_and_the_pill_leads_to_them(browser: Browser, klogs: KlogsStack) -> None:
    with logs_tab(browser, klogs) as (_, frame):
        frame.get_by_role("log").hover()
        frame.get_by_role("log").evaluate("list => list.scrollBy(0, -900)")
        expect(frame.get_by_role("button", name="to the end")).to_be_visible()
        top = frame.locator("[data-id]").first.inner_text()
        late = [[0, stamp(200 + at), "i", f"late {at}"] for at in range(5)]
        klogs.play(pods=PODS, lines=story(), late=late)
        pill = frame.get_by_role("button", name="5 new lines")
        expect(pill).to_be_visible()
        assert frame.locator("[data-id]").first.inner_text() == top
        pill.click()
        expect(line(frame, "late 4")).to_be_visible()
        klogs.play(pods=PODS, lines=story(), late=[*late, [0, stamp(300), "i", "later still"]])
        expect(line(frame, "later still")).to_be_visible()


def test_a23_a_reader_who_scrolls_while_the_list_is_drawn_is_not_pulled_back(
    browser: Browser, klogs: KlogsStack
) -> None:
    with logs_tab(browser, klogs) as (_, frame):
        expect(line(frame, "a very long line")).to_be_visible()
        # The list is drawn again before the browser has told that it was scrolled.
        frame.get_by_role("log").evaluate("""(log) => {
          log.dispatchEvent(new WheelEvent('wheel', { deltaY: -900, bubbles: true }));
          log.scrollBy(0, -900);
          log.dispatchEvent(new KeyboardEvent('keydown', { key: 'w', bubbles: true }));
        }""")
        expect(frame.get_by_role("button", name="to the end")).to_be_visible()


def test_a23_a_broken_connection_goes_on_by_its_cursor_with_nothing_twice(browser: Browser, klogs: KlogsStack) -> None:
    with logs_tab(browser, klogs) as (_, frame):
        lines = story()
        klogs.play(pods=PODS, lines=lines, late=["break"])
        expect(frame.get_by_role("status", name="Stream")).to_contain_text("reconnecting")
        klogs.play(pods=PODS, lines=lines, late=[[0, stamp(200), "i", "after the break"]])
        expect(line(frame, "after the break")).to_be_visible()
        expect(frame.get_by_role("status", name="Stream")).to_contain_text("live")
        assert klogs.calls()[-1]["cursor"] == str(len(lines))
        expect(frame.locator("footer [data-rows]")).to_have_attribute("data-rows", "259")


def test_a23_rows_behind_the_last_cursor_come_again_and_are_shown_once(browser: Browser, klogs: KlogsStack) -> None:
    tail = [[0, stamp(200 + at), "i", f"uncovered {at}"] for at in range(3)]
    lines = [*story(), *tail]
    klogs.play(pods=PODS, lines=lines)
    with logs_tab(browser, klogs, count="261") as (_, frame):
        klogs.play(pods=PODS, lines=lines, late=["break"])
        expect(frame.get_by_role("status", name="Stream")).to_contain_text("reconnecting")
        klogs.play(pods=PODS, lines=lines, late=[[0, stamp(210), "i", "after"]])
        expect(line(frame, "after")).to_be_visible()
        expect(line(frame, "uncovered 1")).to_have_count(1)
        expect(frame.locator("footer [data-rows]")).to_have_attribute("data-rows", "262")


def test_a23_a_hidden_tab_lets_its_stream_go_and_comes_back_to_the_same_place(
    browser: Browser, klogs: KlogsStack
) -> None:
    with visiting(browser, klogs) as visit:
        visit.page.clock.install()
        visit.page.goto(f"{klogs.url}/items/{klogs.item(ITEM)}/scripted-logs/logs")
        frame = visit.page.frame_locator("iframe")
        expect(frame.locator("footer [data-rows]")).to_have_attribute("data-rows", "258")
        visit.page.get_by_role("tab", name="Item").click()
        expect(visit.page.locator("iframe")).to_be_hidden()
        before = len(klogs.calls())
        for _ in range(9):  # in steps: the shell's word that the tab is hidden has to arrive first
            visit.page.clock.run_for(10_000)
        expect(frame.locator("[aria-label=Stream]")).to_contain_text("asleep")  # by role, hidden ones are not found
        klogs.play(pods=PODS, lines=story(), late=[[0, stamp(200), "i", "while asleep"]])
        visit.page.get_by_role("tab", name="Logs").click()
        expect(line(frame, "while asleep")).to_be_visible()
        calls = klogs.calls()
        assert len(calls) == before + 1
        assert calls[-1]["cursor"] == str(len(story()))


def test_a23_an_end_and_a_refusal_say_why(browser: Browser, klogs: KlogsStack) -> None:
    with logs_tab(browser, klogs) as (_, frame):
        end = {"type": "end", "reason": "deleted", "cursor": "258"}
        klogs.play(pods=PODS, lines=story(), late=[end])
        expect(frame.get_by_role("status", name="Stream")).to_contain_text("ended: the item is gone")
    klogs.play(refuse="pods/log may not be read in namespace shop")
    with visiting(browser, klogs) as visit:
        visit.page.goto(f"{klogs.url}/items/{klogs.item(ITEM)}")
        frame = visit.page.frame_locator("iframe")
        expect(frame.get_by_text("Not allowed to read these logs")).to_be_visible()
        expect(frame.get_by_role("paragraph").filter(has_text="pods/log may not be read")).to_be_visible()
        screenshot(visit, "klogs-denied")


def test_a23_levels_are_counted_and_hidden(browser: Browser, klogs: KlogsStack) -> None:
    with logs_tab(browser, klogs) as (visit, frame):
        expect(frame.get_by_role("button", name="error: 12 lines")).to_be_visible()
        frame.get_by_role("button", name="error: 12 lines").click(modifiers=["Alt"])
        expect(line(frame, "payment 54 failed")).to_have_count(3)
        expect(line(frame, "GET /orders/")).to_have_count(0)
        expect(frame.locator("footer")).to_contain_text("12 of 258 lines")  # and no events or restarts
        expect(visit.page).to_have_url(re.compile("hide%3D"))
        screenshot(visit, "klogs-errors")


def test_a23_one_level_alone_by_keyboard_and_by_the_hint_below_it(browser: Browser, klogs: KlogsStack) -> None:
    with logs_tab(browser, klogs) as (visit, frame):
        chip = frame.get_by_role("button", name="error: 12 lines")
        hint = frame.get_by_role("button", name="Only error")
        expect(hint).to_be_hidden()
        chip.hover()
        expect(hint).to_be_visible()
        visit.page.wait_for_timeout(500)
        screenshot(visit, "klogs-level-hint")
        hint.click()
        expect(line(frame, "GET /orders/")).to_have_count(0)
        frame.get_by_role("log").hover()
        expect(hint).to_be_hidden()
        chip.press("Shift+Enter")
        expect(line(frame, "GET /orders/").first).to_be_visible()
        frame.get_by_role("button", name="Pods and containers").press("Tab")
        expect(chip).to_be_focused()
        expect(hint).to_be_visible()
        chip.press("Tab")
        expect(hint).to_be_focused()
        hint.press("Enter")
        expect(line(frame, "GET /orders/")).to_have_count(0)
        chip.press("Shift+Enter")
        chip.press("Enter")
        expect(line(frame, "payment 54 failed")).to_have_count(0)
        expect(line(frame, "GET /orders/").first).to_be_visible()


def test_a23_a_time_that_a_line_repeats_is_shown_once_and_kept_in_its_text(browser: Browser, klogs: KlogsStack) -> None:
    own = stamp(200)[:23].replace("T", " ")
    lines = [*story(), [0, stamp(200), "i", f"{own} INFO worker started"]]
    klogs.play(pods=PODS, lines=lines)
    with logs_tab(browser, klogs, count="259") as (_, frame):
        row = line(frame, "INFO worker started")
        expect(row).not_to_contain_text(own)
        row.click()
        expect(row.locator("pre")).to_have_text(f"{own} INFO worker started")


def test_a23_search_marks_steps_and_filters_with_the_whole_trace(browser: Browser, klogs: KlogsStack) -> None:
    with logs_tab(browser, klogs) as (visit, frame):
        visit.page.keyboard.press("Tab")
        frame.get_by_role("log").first.press("/")
        search(frame, "orders/(3|4) ")
        expect(frame.get_by_text("6 hits")).to_be_visible()
        frame.get_by_role("button", name="Next hit").click()
        expect(frame.locator("mark").first).to_be_visible()
        screenshot(visit, "klogs-search")
        search(frame, "needle")
        expect(frame.get_by_text("12 hits")).to_be_visible()
        frame.get_by_role("combobox", name="What a search does").select_option("filter")
        expect(line(frame, "GET /orders/")).to_have_count(0)
        row = line(frame, "payment 54 failed").first
        row.click()
        expect(row.locator("pre")).to_contain_text("shop.Payment.charge")
        expect(row.locator("mark")).to_have_text("needle")
        search(frame, "needle(")
        expect(frame.get_by_role("search").get_by_role("alert")).to_be_visible()


def test_a23_search_on_the_server_asks_for_everything_kept(browser: Browser, klogs: KlogsStack) -> None:
    with logs_tab(browser, klogs) as (_, frame):
        search(frame, "pay.*failed")
        frame.get_by_role("combobox", name="What a search does").select_option("server")
        expect(line(frame, "payment 54 failed").first).to_be_visible()
        call = klogs.calls()[-1]
        assert (call["grep"], call["backlog"]) == ("pay.*failed", -1)


def test_a23_fields_open_in_place_and_filter(browser: Browser, klogs: KlogsStack) -> None:
    with logs_tab(browser, klogs) as (visit, frame):
        row = line(frame, "order accepted")
        row.click()
        expect(row.get_by_text("8123")).to_have_count(2)
        search(frame, "retrying")
        frame.get_by_role("button", name="Next hit").click()
        row = line(frame, "retrying payment").first
        row.click()
        expect(row.locator("dl")).to_contain_text("order.id")
        screenshot(visit, "klogs-fields")
        row.get_by_role("button", name=re.compile("^Only lines with attempt")).click()
        expect(frame.get_by_label("Field filters")).to_contain_text("attempt")
        expect(line(frame, "GET /orders/")).to_have_count(0)
        frame.get_by_role("button", name="Remove the filter on attempt").click()
        expect(line(frame, "GET /orders/").first).to_be_visible()


LOOKS = [(size, scheme) for size in SIZES for scheme in ("light", "dark")]
LOOK_NAMES = [f"{'wide' if size == WIDE else 'narrow'}-{scheme}" for size, scheme in LOOKS]


def orders() -> list[object]:
    """Return lines with fields of their own, some of them without."""
    lines: list[object] = []
    for at in range(80):
        status = 500 if at % 9 == 4 else 200
        fields = f'"path":"/api/orders/{at * 37}","status":{status},"took":{at * 7 % 90}.5,"user":{{"id":{at % 7}}}'
        lines.append(
            [at % 3, stamp(at), "e" if status == 500 else "i", f'{{"msg":"request done","level":"x",{fields}}}']
        )
    lines.append([0, stamp(81), "i", 'level=info msg="cache warmed" took=12 entries=381'])
    lines.append([1, stamp(82), "i", "a plain line between them"])
    return lines


@pytest.mark.parametrize(("size", "scheme"), LOOKS, ids=LOOK_NAMES)
def test_a23_fields_stand_in_columns(browser: Browser, klogs: KlogsStack, size: tuple[int, int], scheme: str) -> None:
    klogs.play(pods=PODS, lines=orders())
    with logs_tab(browser, klogs, size, scheme=scheme, count="82") as (visit, frame):
        row = line(frame, "request done").last
        row.click()
        row.get_by_role("button", name="Show status as a column").click()
        row.get_by_role("button", name="Open the line").or_(row.get_by_role("button", name="Close the line")).click()
        if size == NARROW:
            frame.get_by_role("button", name="Filters").click()
        frame.get_by_role("button", name="Columns", exact=True).click()
        screenshot(visit, f"klogs-column-menu-{'wide' if size == WIDE else 'narrow'}-{scheme}")
        frame.get_by_role("checkbox", name="user.id").check()
        frame.get_by_role("checkbox", name="path").check()
        frame.get_by_role("button", name="Columns", exact=True).press("Escape")
        if size == NARROW:
            frame.get_by_role("button", name="Filters").click()
        screenshot(visit, f"klogs-columns-{'wide' if size == WIDE else 'narrow'}-{scheme}")
        expect(visit.page).to_have_url(re.compile("cols%3Dstatus%250Auser.id%250Apath"))
        frame.get_by_role("log").press("End")  # rows have become higher, and the last ones may be below
        expect(line(frame, "cache warmed")).to_be_visible()
        expect(line(frame, "request done").last).not_to_contain_text("status=")
        expect(line(frame, "request done").last).to_contain_text("took=")
        if size == WIDE:
            head = frame.get_by_role("group", name="Columns")
            expect(head).to_contain_text("user.id")
            name = head.get_by_text("path", exact=True).bounding_box()
            cells = [cell.bounding_box() for cell in frame.locator("[data-id] [title^='path: ']").all()[-5:]]
            assert name and {round(cell["x"]) for cell in cells if cell} == {round(name["x"])}


def test_a23_columns_are_in_the_link_remembered_and_removed(browser: Browser, klogs: KlogsStack) -> None:
    klogs.play(pods=PODS, lines=orders())
    with logs_tab(browser, klogs, view="?view=%2F%3Fcols%3Dstatus%250Atook", count="82") as (visit, frame):
        head = frame.get_by_role("group", name="Columns")
        expect(head).to_contain_text("took")
        head.get_by_text("status").hover()
        head.get_by_role("button", name="Remove the column status").click()
        expect(head).not_to_contain_text("status")
        visit.page.goto(f"{klogs.url}/items/{klogs.item(ITEM)}/scripted-logs/logs")
        expect(head).to_contain_text("took")
        head.get_by_role("button", name="Remove the column took").press("Enter")
        expect(head).to_have_count(0)
        visit.page.goto(f"{klogs.url}/items/{klogs.item(ITEM)}/scripted-logs/logs")
        expect(line(frame, "cache warmed")).to_be_visible()
        expect(head).to_have_count(0)


@pytest.mark.parametrize(("size", "scheme"), LOOKS, ids=LOOK_NAMES)
def test_a23_lines_are_grouped_by_pattern_and_a_click_shows_those_of_one(
    browser: Browser, klogs: KlogsStack, size: tuple[int, int], scheme: str
) -> None:
    with logs_tab(browser, klogs, size, scheme=scheme) as (visit, frame):
        frame.get_by_role("log").press("v")
        table = frame.get_by_role("table", name="Patterns")
        expect(table.get_by_text("GET /orders/")).to_be_visible()
        expect(frame.get_by_role("status", name="Patterns")).to_contain_text("6 patterns in 210 lines")
        expect(visit.page).to_have_url(re.compile("show%3Dpatterns"))
        row = table.get_by_role("row").filter(has_text="payment <n> failed")
        expect(row).to_contain_text("12")
        screenshot(visit, f"klogs-patterns-{'wide' if size == WIDE else 'narrow'}-{scheme}")
        late = [[0, stamp(200 + at), "e", f"payment {at} failed"] for at in range(4)]
        klogs.play(pods=PODS, lines=story(), late=late)
        expect(frame.get_by_role("status", name="Patterns")).to_contain_text("214 lines")
        expect(row).to_contain_text("16")
        row.click()
        expect(line(frame, "payment 54 failed").first).to_be_visible()
        expect(line(frame, "GET /orders/")).to_have_count(0)
        expect(frame.get_by_label("Field filters")).to_contain_text("like payment <n> failed")
        screenshot(visit, f"klogs-pattern-{'wide' if size == WIDE else 'narrow'}-{scheme}")
        frame.get_by_role("button", name="Remove the filter on a pattern").click()
        expect(line(frame, "a very long line")).to_be_visible()


def test_a23_rules_tell_of_restarts_gaps_and_events_and_why_it_died(browser: Browser, klogs: KlogsStack) -> None:
    with logs_tab(browser, klogs) as (visit, frame):
        search(frame, "orders/36 ")
        frame.get_by_role("button", name="Next hit").click()
        expect(frame.get_by_role("separator").filter(has_text="Unhealthy ×3")).to_be_visible()
        restart = frame.get_by_role("separator").filter(has_text="restarted (OOMKilled, exit 137)")
        search(frame, "orders/40 ")
        frame.get_by_role("button", name="Next hit").click()
        expect(restart).to_be_visible()
        screenshot(visit, "klogs-rules")
        restart.get_by_role("button", name="Why?").click()
        panel = frame.get_by_label("Why it died")
        expect(panel).to_contain_text("used more memory than its limit")
        expect(panel).to_contain_text("allocation of 80 MB failed")
        screenshot(visit, "klogs-death")
        search(frame, "orders/27 ")
        frame.get_by_role("button", name="Next hit").click()
        expect(frame.get_by_role("separator").filter(has_text="1,200 lines missing")).to_be_visible()


@pytest.mark.parametrize("size", SIZES, ids=["wide", "narrow"])
def test_a23_a_container_that_waits_in_a_crash_loop_says_so_and_why(
    browser: Browser, klogs: KlogsStack, size: tuple[int, int]
) -> None:
    message = "back-off 5m0s restarting failed container=main pod=checkout-7d9f-x8kfp_shop(6d55d57f-35b2-46d5-a955)"
    waits = {"type": "source", "source": 0, "change": "waiting", "reason": "CrashLoopBackOff", "message": message}
    with logs_tab(browser, klogs, size) as (visit, frame):
        klogs.play(pods=PODS, lines=story(), late=[waits])
        rule = frame.get_by_role("separator").filter(has_text="waits: CrashLoopBackOff")
        expect(rule).to_be_visible()
        words = rule.get_by_text("waits: CrashLoopBackOff")
        assert size == NARROW or words.evaluate("one => one.scrollWidth <= one.clientWidth"), "cut off"
        screenshot(visit, f"klogs-crash-loop-{'wide' if size == WIDE else 'narrow'}")
        rule.get_by_role("button", name="Why?").click()
        expect(frame.get_by_label("Why it died")).to_be_visible()


def test_a23_pods_and_containers_are_chosen(browser: Browser, klogs: KlogsStack) -> None:
    with logs_tab(browser, klogs) as (visit, frame):
        frame.get_by_role("button", name="Pods and containers").click()
        expect(frame.get_by_text("4×")).to_be_visible()
        screenshot(visit, "klogs-sources")
        frame.get_by_role("checkbox", name=PODS[2]).uncheck()
        expect(line(frame, "a very long line")).to_have_count(0)
        expect(frame.get_by_role("button", name="Pods and containers")).to_contain_text("2 of 3")


def test_a23_a_narrower_choice_asks_for_less_and_a_wider_one_for_nothing_twice(
    browser: Browser, klogs: KlogsStack
) -> None:
    keys = [f"uid-{pod}/main" for pod in PODS]
    with logs_tab(browser, klogs) as (_, frame):
        footer = frame.locator("footer [data-rows]")
        frame.get_by_role("button", name="Pods and containers").click()
        before = len(klogs.calls())
        both = frame.get_by_role("checkbox", name=re.compile(f"{PODS[1]}|{PODS[2]}"))
        both.evaluate_all("""async (boxes) => {
          for (const box of boxes) {
            box.click();
            await new Promise(requestAnimationFrame);
          }
        }""")
        expect(frame.get_by_text("not read").first).to_be_visible()
        calls = klogs.calls()
        assert len(calls) == before + 1, "both ticks together"
        assert (calls[-1]["excludeSource"], calls[-1]["cursor"]) == (keys[1:], str(len(story())))
        expect(footer).to_have_attribute("data-rows", "258")
        expect(line(frame, "ready in 12 s")).to_be_visible()
        late = [[0, stamp(200), "i", "of the chosen"], [1, stamp(201), "i", "of another"]]
        klogs.play(pods=PODS, lines=story(), late=late)
        expect(line(frame, "of the chosen")).to_be_visible()
        expect(footer).to_have_attribute("data-rows", "259")
        klogs.play(pods=PODS, lines=story(), late=[])
        frame.get_by_role("button", name="all", exact=True).click()
        expect(line(frame, "a very long line")).to_be_visible()
        expect(frame.get_by_text("not read")).to_have_count(0)
        assert klogs.calls()[-1]["excludeSource"] == klogs.calls()[-1]["backlogSource"] == []
        expect(footer).to_have_attribute("data-rows", "259")


def test_a23_a_source_that_the_address_hid_is_read_from_its_history_once_it_is_chosen(
    browser: Browser, klogs: KlogsStack
) -> None:
    key = f"uid-{PODS[2]}/main"
    hidden = f"?view=%2F%3Fsources%3D{key.replace('/', '%252F')}"
    with logs_tab(browser, klogs, view=hidden, count="172") as (_, frame):
        assert klogs.calls()[-1]["excludeSource"] == [key]
        frame.get_by_role("button", name="Pods and containers").click()
        frame.get_by_role("checkbox", name=PODS[2]).check()
        expect(line(frame, "a very long line")).to_be_visible()
        call = klogs.calls()[-1]
        assert (call["excludeSource"], call["backlogSource"]) == ([], [key])
        expect(frame.locator("footer [data-rows]")).to_have_attribute("data-rows", "258")


def test_a23_a_range_of_the_histogram_filters(browser: Browser, klogs: KlogsStack) -> None:
    with logs_tab(browser, klogs) as (visit, frame):
        box = frame.get_by_role("img", name=re.compile("^Lines by time")).bounding_box()
        assert box
        visit.page.mouse.move(box["x"] + box["width"] * 0.2, box["y"] + 10)
        visit.page.mouse.down()
        visit.page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + 10, steps=4)
        visit.page.mouse.up()
        expect(line(frame, "a very long line")).to_have_count(0)
        expect(frame.get_by_role("button", name="All times")).to_be_visible()
        screenshot(visit, "klogs-range")
        frame.get_by_role("button", name="All times").click()
        expect(line(frame, "GET /orders/").first).to_be_visible()


def test_a23_pause_mark_and_clear(browser: Browser, klogs: KlogsStack) -> None:
    with logs_tab(browser, klogs) as (_, frame):
        frame.get_by_role("log").first.press("p")
        expect(frame.get_by_role("status", name="Stream")).to_contain_text("paused")
        klogs.play(pods=PODS, lines=story(), late=[[0, stamp(400), "i", "held back"]])
        expect(frame.locator("footer [data-rows]")).to_have_attribute("data-rows", "259")
        expect(line(frame, "held back")).to_have_count(0)
        frame.get_by_role("log").first.press("p")
        expect(line(frame, "held back")).to_be_visible()
        frame.get_by_role("log").first.press("m")
        expect(frame.get_by_role("separator").filter(has_text="mark ")).to_be_visible()
        frame.get_by_role("log").first.press("x")
        expect(line(frame, "held back")).to_have_count(0)


def test_a23_wrap_and_times_are_switched_and_remembered(browser: Browser, klogs: KlogsStack) -> None:
    with logs_tab(browser, klogs) as (visit, frame):
        long = line(frame, "a very long line")
        before = long.bounding_box()
        frame.get_by_role("log").first.press("w")
        expect(long.locator(".whitespace-pre-wrap")).to_be_visible()
        after = long.bounding_box()
        assert before and after and after["height"] > before["height"] * 2
        choose(frame, "UTC")
        expect(long).to_contain_text(stamp(181)[11:23])
        visit.page.reload()
        expect(long.locator(".whitespace-pre-wrap")).to_be_visible()
        expect(long).to_contain_text(stamp(181)[11:23])


def test_a23_colours_of_the_terminal_are_drawn(browser: Browser, klogs: KlogsStack) -> None:
    with logs_tab(browser, klogs) as (_, frame):
        row = line(frame, "ready in 12 s")
        expect(row.locator(".text-success-text")).to_have_text("ready")
        expect(row.locator(".text-destructive.font-semibold")).to_have_text("12 s")


def test_a23_context_is_read_from_the_cluster(browser: Browser, klogs: KlogsStack) -> None:
    with logs_tab(browser, klogs) as (visit, frame):
        row = line(frame, "order accepted")
        row.click()
        row.get_by_role("button", name="Context").click()
        panel = frame.get_by_label("Context", exact=True)
        expect(panel).to_contain_text("kept line 0")
        assert klogs.calls("log-context")[-1]["stamp"] == stamp(180)
        screenshot(visit, "klogs-context")


def test_a23_a_link_leads_to_its_line(browser: Browser, klogs: KlogsStack) -> None:
    with logs_tab(browser, klogs) as (visit, frame):
        if not visit.is_in(FIREFOX):  # which asks nobody about what a click copies
            visit.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        search(frame, "orders/12 ")
        frame.get_by_role("button", name="Next hit").click()
        row = line(frame, "GET /orders/12 ").first
        row.click()
        row.get_by_role("button", name="Copy link").click()
        visit.page.wait_for_url(re.compile("at%3D"))
        link = visit.page.url
        visit.page.goto("about:blank")
        visit.page.goto(link)
        expect(line(frame, "GET /orders/12 ").first.get_by_role("button", name="Copy link")).to_be_visible()


@pytest.mark.parametrize("kind", ["Text", "CSV", "ndjson"])
def test_a23_what_is_seen_is_downloaded(browser: Browser, klogs: KlogsStack, kind: str, tmp_path: Path) -> None:
    with logs_tab(browser, klogs) as (visit, frame):
        frame.get_by_role("button", name="error: 12 lines").click(modifiers=["Alt"])
        frame.get_by_role("log").first.press("d")
        dialog = frame.get_by_role("dialog", name="Download")
        dialog.get_by_role("radio", name=kind).check()
        dialog.get_by_role("checkbox", name="gzip").check()
        screenshot(visit, "klogs-download")
        text = gzip.decompress(saved(visit, dialog.get_by_role("button", name="Download"), tmp_path)).decode()
        lines = list(csv.reader(text.splitlines()))[1:] if kind == "CSV" else text.splitlines()
        assert len(lines) == 12 * 5
        first = text.splitlines()[0]
        if kind == "Text":  # as the server writes it
            assert re.match(rf"\[{PODS[0][:8]}\S* main\] \d{{4}}-\S+Z \S", first), first
        if kind == "CSV":
            assert first == "timestamp,namespace,pod,container,level,message"


def test_a23_everything_available_is_asked_of_the_server(browser: Browser, klogs: KlogsStack) -> None:
    with logs_tab(browser, klogs) as (visit, frame):
        frame.get_by_role("log").first.press("d")
        dialog = frame.get_by_role("dialog", name="Download")
        dialog.get_by_role("radio", name="Everything available").check()
        with visit.page.expect_download() as got:
            dialog.get_by_role("button", name="Download").click()
        assert "/proxy/log-download?" in got.value.url
        assert "format=text" in got.value.url
        assert "init=true" in got.value.url
        assert "excludeSource" not in got.value.url


def test_a23_everything_available_leaves_out_what_is_hidden(browser: Browser, klogs: KlogsStack) -> None:
    with logs_tab(browser, klogs) as (visit, frame):
        frame.get_by_role("button", name="Pods and containers").click()
        frame.get_by_role("checkbox", name=PODS[2]).uncheck()
        expect(frame.get_by_role("button", name="Pods and containers")).to_contain_text("2 of 3")
        visit.page.keyboard.press("Escape")
        frame.get_by_role("log").first.press("d")
        dialog = frame.get_by_role("dialog", name="Download")
        dialog.get_by_role("radio", name="Everything available").check()
        with visit.page.expect_download() as got:
            dialog.get_by_role("button", name="Download").click()
        assert f"excludeSource=uid-{PODS[2]}%2Fmain" in got.value.url


def test_a23_old_and_new_revision_stand_side_by_side(browser: Browser, klogs: KlogsStack) -> None:
    klogs.play(pods=PODS, lines=story(), rollout=rollout())
    with logs_tab(browser, klogs) as (visit, frame):
        frame.get_by_role("group", name="Rollout").get_by_role("button", name="side by side").click()
        old = frame.get_by_role("log", name="Lines of the old revision")
        new = frame.get_by_role("log", name="Lines of the new revision")
        expect(new.get_by_text("a very long line")).to_be_visible()
        expect(old.get_by_text("order accepted")).to_be_visible()
        expect(new.get_by_text("order accepted")).to_have_count(0)
        screenshot(visit, "klogs-rollout")


def test_a23_a_filter_is_saved_and_applied(browser: Browser, klogs: KlogsStack) -> None:
    with logs_tab(browser, klogs) as (_, frame):
        search(frame, "payment")
        frame.get_by_role("combobox", name="What a search does").select_option("filter")
        frame.get_by_role("button", name="More", exact=True).click()
        frame.get_by_role("textbox", name="Name for this filter").fill("payments")
        frame.get_by_role("textbox", name="Name for this filter").press("Enter")
        search(frame, "")
        choose(frame, "payments")
        expect(frame.get_by_role("searchbox", name="Search")).to_have_value("payment")
        expect(line(frame, "GET /orders/")).to_have_count(0)


def test_a23_two_changes_of_the_address_in_a_row_come_to_rest(browser: Browser, klogs: KlogsStack) -> None:
    with logs_tab(browser, klogs) as (visit, frame):
        quick = """() => {
          window.changes = 0;
          window.addEventListener("hashchange", () => { window.changes += 1; });
          for (const hash of ["#/?q=one", "#/?q=two"]) {
            window.history.replaceState(null, "", hash);
            window.dispatchEvent(new Event("mc-hash-changed"));
          }
        }"""
        for _ in range(5):
            frame.locator("body").evaluate(quick)
            visit.page.wait_for_timeout(300)
            expect(frame.get_by_role("searchbox", name="Search")).to_have_value("two")
            assert frame.locator("body").evaluate("() => window.changes") == 0
        expect(visit.page).to_have_url(re.compile("q%3Dtwo"))


def test_a23_the_keyboard_alone_walks_and_opens(browser: Browser, klogs: KlogsStack) -> None:
    with logs_tab(browser, klogs) as (_, frame):
        body = frame.get_by_role("log")
        for key in ("j", "k", "Enter"):
            body.press(key)
        expect(line(frame, "order accepted").locator("dl")).to_be_visible()
        body.press("Home")
        expect(line(frame, "GET /orders/0 ").first).to_be_visible()
        body.press("End")
        expect(line(frame, "a very long line")).to_be_visible()
        body.press("?")
        expect(frame.get_by_role("dialog", name="Keys")).to_be_visible()


def test_a23_without_an_item_the_page_says_so(browser: Browser, klogs: KlogsStack) -> None:
    with visiting(browser, klogs) as visit:
        visit.page.goto(klogs.page_url.partition("?")[0])
        expect(visit.page.get_by_text("No item")).to_be_visible()
        assert visit.complaints == []
