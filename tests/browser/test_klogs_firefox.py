"""A23 in Firefox: what browsers may do differently, over the same scripted stream."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.browser.klogs_story import PODS, stamp, story
from tests.fixtures.fix_browser import NARROW, WIDE, fresh_address
from tests.fixtures.fix_firefox import Firefox
from tests.fixtures.fix_klogs import ITEM, KlogsStack

ROWS = "Number(document.querySelector('footer [data-rows]')?.dataset.rows)"
DRAWN = "[...document.querySelectorAll('[data-id]')].map((row) => row.innerText)"


class Tab:
    """The Logs tab in Firefox."""

    def __init__(self, firefox: Firefox, klogs: KlogsStack) -> None:
        self.firefox = firefox
        self.klogs = klogs
        self.frame = ""

    def open(self, view: str = "", rows: int = 258, size: tuple[int, int] = WIDE, timeout_s: float = 30) -> None:
        """Open it and wait for its lines."""
        self.firefox.open(f"{self.klogs.url}/items/{self.klogs.item(ITEM)}/scripted-logs/logs{view}", size)
        self.frame = self.firefox.frame()
        self.wait(f"{ROWS} === {rows}", timeout_s)

    def wait(self, expression: str, timeout_s: float = 10) -> None:
        """Wait until it is so in the tab."""
        self.firefox.wait(expression, self.frame, timeout_s)

    def value(self, expression: str) -> object:
        """Return its value in the tab."""
        return self.firefox.value(expression, self.frame)

    def sees(self, text: str) -> str:
        """Return the expression for: a drawn row has this text."""
        return f"{DRAWN}.some((row) => row.includes({json.dumps(text)}))"

    def keys(self, *keys: str) -> None:
        """Press keys on the list."""
        self.value("document.querySelector('[role=log]')?.focus()")
        self.firefox.keys(self.frame, *keys)

    def click(self, selector: str) -> None:
        """Click on what the selector finds in the tab."""
        self.firefox.click(self.frame, selector)

    def button(self, name: str) -> None:
        """Press the button whose label begins so."""
        self.click(f"button[aria-label^={json.dumps(name)}]")

    def search(self, text: str) -> None:
        """Type into the search box."""
        self.keys("/")
        self.wait("document.activeElement.role === 'searchbox' || document.activeElement.tagName === 'INPUT'")
        self.value("document.activeElement.select()")
        self.firefox.keys(self.frame, "Backspace", *text)
        self.wait(f"document.querySelector('[role=search]').dataset.query === {json.dumps(text)}")


@pytest.fixture(scope="module")
def signed_in(firefox: Firefox, klogs: KlogsStack) -> Firefox:
    firefox.open(fresh_address(klogs))
    return firefox


@pytest.fixture
def tab(signed_in: Firefox, klogs: KlogsStack) -> Iterator[Tab]:
    klogs.play(pods=PODS, lines=story())
    signed_in.complaints.clear()
    yield Tab(signed_in, klogs)
    assert signed_in.complaints == []


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_a23_firefox_shows_all_pods_by_time_and_follows(tab: Tab, size: tuple[int, int]) -> None:
    tab.open(size=size)
    tab.wait("document.querySelector('[aria-label=Stream]').innerText.includes('live')")
    tab.wait(tab.sees("a very long line"))
    stamps = tab.value("[...document.querySelectorAll('[data-id] .tabular-nums[title]')].map((one) => one.title)")
    assert isinstance(stamps, list) and len(stamps) > 20 and stamps == sorted(stamps)
    tab.klogs.play(pods=PODS, lines=story(), late=[[0, stamp(200), "i", "a late one"]])
    tab.wait(tab.sees("a late one"))
    assert tab.firefox.value("document.scrollingElement.scrollWidth <= window.innerWidth")


def test_a23_firefox_keeps_a_readers_place_and_leads_back(tab: Tab) -> None:
    tab.open()
    tab.wait(tab.sees("a very long line"))
    wheel = "new WheelEvent('wheel', {deltaY: -900, bubbles: true})"
    tab.value(f"(log => (log.dispatchEvent({wheel}), log.scrollBy(0, -900)))(document.querySelector('[role=log]'))")
    tab.wait("[...document.querySelectorAll('button')].some((one) => one.innerText.includes('to the end'))")
    top = tab.value(f"{DRAWN}[0]")
    late = [[0, stamp(200 + at), "i", f"late {at}"] for at in range(5)]
    tab.klogs.play(pods=PODS, lines=story(), late=late)
    tab.wait("[...document.querySelectorAll('button')].some((one) => one.innerText.includes('5 new lines'))")
    assert tab.value(f"{DRAWN}[0]") == top
    tab.keys("End")
    tab.wait(tab.sees("late 4"))


def test_a23_firefox_goes_on_after_a_break(tab: Tab) -> None:
    tab.open()
    tab.klogs.play(pods=PODS, lines=story(), late=["break"])
    tab.wait("document.querySelector('[aria-label=Stream]').innerText.includes('reconnecting')")
    tab.klogs.play(pods=PODS, lines=story(), late=[[0, stamp(200), "i", "after the break"]])
    tab.wait(tab.sees("after the break"))
    assert tab.value(ROWS) == 259


def test_a23_firefox_searches_filters_and_shows_one_level(tab: Tab) -> None:
    tab.open()
    tab.search("needle")
    tab.wait("document.querySelector('[role=search]').innerText.includes('12 hits')")
    tab.keys("n")
    tab.wait(tab.sees("payment"))
    tab.search("orders/12 ")
    tab.keys("n")
    tab.wait("document.querySelectorAll('mark').length >= 1")
    tab.search(" ")
    tab.value("document.querySelector('button[aria-label^=\"error:\"]').focus()")
    tab.firefox.keys(tab.frame, "Shift+Enter")
    tab.wait(f"{tab.sees('payment 54 failed')} && !{tab.sees('GET /orders/')}")
    tab.wait("document.querySelector('footer').innerText.includes('of 258 lines')")


def test_a23_firefox_walks_and_opens_by_keyboard(tab: Tab) -> None:
    tab.open()
    tab.keys("j", "k", "Enter")
    tab.wait("document.querySelector('[data-id] dl')?.innerText.includes('8123')")
    # What an opened line shows may reach below the list's end, where a pointer cannot go.
    tab.value("document.querySelector('button[aria-label^=\"Show amount as a column\"]').click()")
    tab.wait("document.querySelector('[aria-label=Columns][role=group]')?.innerText.includes('amount')")
    tab.button("Remove the column amount")
    tab.keys("Home")
    tab.wait(tab.sees("GET /orders/0 "))
    tab.keys("End")
    tab.wait(tab.sees("a very long line"))
    tab.keys("w")
    tab.wait("document.querySelector('[data-id] .whitespace-pre-wrap') !== null")
    tab.keys("w", "?")
    tab.wait("document.querySelector('dialog[open]')?.innerText.includes('next, previous line')")
    tab.firefox.keys(tab.frame, "Escape")


def test_a23_firefox_groups_by_pattern(tab: Tab) -> None:
    tab.open()
    tab.keys("v")
    tab.wait("document.querySelector('[aria-label=Patterns]')?.innerText.includes('6 patterns in 210 lines')")
    tab.click("tr[data-key='payment <n> failed']")
    tab.wait(f"{tab.sees('payment 54 failed')} && !{tab.sees('GET /orders/')}")


def test_a23_firefox_links_to_a_line_and_downloads_what_is_seen(tab: Tab) -> None:
    when, key = stamp(36)[:26], f"uid-{PODS[0]}/main".replace("/", "%252F")
    tab.open(f"?view=%2F%3Fat%3D{stamp(36).replace(':', '%253A')}%26key%3D{key}")
    tab.wait("document.querySelector('[data-id] button[aria-expanded=true]') !== null")
    assert when in str(tab.value("document.querySelector('[data-id]:has(button[aria-expanded=true])').innerText"))
    # The page's own policy forbids to fetch what is saved: it is caught where it becomes an address.
    keep = "window.saved = []; const make = URL.createObjectURL.bind(URL);"
    keep += "URL.createObjectURL = (blob) => (window.saved.push(blob), make(blob));"
    tab.value(f"(() => {{ {keep} HTMLAnchorElement.prototype.click = () => undefined; }})()")
    tab.keys("d")
    tab.wait("document.querySelector('dialog[open]') !== null")
    tab.value(
        "[...document.querySelectorAll('dialog[open] button')].find((one) => one.innerText === 'Download').click()"
    )
    tab.wait("window.saved.length === 1")
    text = tab.value("window.saved[0].text()")
    assert isinstance(text, str) and len(text.splitlines()) == 258


def test_a23_firefox_says_who_is_missing_an_item_or_a_right(tab: Tab) -> None:
    tab.firefox.open(tab.klogs.page_url.partition("?")[0])
    tab.firefox.wait("document.body?.innerText.includes('No item')")
    tab.klogs.play(refuse="pods/log may not be read in namespace shop")
    tab.firefox.open(f"{tab.klogs.url}/items/{tab.klogs.item(ITEM)}/scripted-logs/logs")
    tab.frame = tab.firefox.frame()
    tab.wait("document.body?.innerText.includes('Not allowed to read these logs')")


def test_a22_firefox_scrolls_where_a_list_is_higher_than_an_element_may_be(tab: Tab) -> None:
    count = 1_000_000
    tab.klogs.play(pods=PODS, bulk=count)
    tab.open("?view=%2F%3Frange%3Dall", rows=count, timeout_s=100)
    tab.keys("Home")
    tab.wait(tab.sees("request 0 GET"))
    tab.value(
        "(() => { const list = document.querySelector('[role=log]'); list.scrollTop = list.scrollHeight / 2; })()"
    )
    tab.wait("document.querySelector('[data-index^=\"5000\"]')?.innerText.includes('request 5000')")
    tab.keys("End")
    tab.wait(tab.sees(f"request {count - 1} GET"))
    drawn = tab.value("document.querySelectorAll('[data-id]').length")
    assert isinstance(drawn, int) and drawn <= 200
