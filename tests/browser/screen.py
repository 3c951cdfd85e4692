"""One person before one screen: what they open, fill in and press, and what the page asks of the network."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from django.db import connections
from playwright.sync_api import Browser, FilePayload, Locator, Page, Response, TimeoutError, ViewportSize

from relocation.models import Account
from tests import drawn
from tests.cast import code_of, seated
from tests.standing import PASSWORD

PHONE = ViewportSize(width=390, height=844)
DESK = ViewportSize(width=1280, height=900)
WAITS = 10_000  # milliseconds


class Screen:
    """A browser of one person's own. A page that fails, or that asks anybody else for anything, ends the test."""

    def __init__(self, browser: Browser, address: str, *, script: bool = True, **how: Any) -> None:
        self.address = address
        how = {"viewport": DESK, "reduced_motion": "reduce"} | how  # nothing is looked at while it still moves
        self.context = browser.new_context(base_url=address, java_script_enabled=script, **how)
        self.context.set_default_timeout(WAITS)
        self.page: Page = self.context.new_page()
        self.asked: list[str] = []
        self.said: list[str] = []
        self.clicks = 0
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", lambda message: self.said.append(message.text))

    def sign_in(self, username: str) -> Screen:
        """Sit down where somebody has signed in already, and open their first page."""
        with ThreadPoolExecutor(1) as beside:  # the server sees no session that the test's own transaction wrote
            cookies = beside.submit(_cookies, username).result()
        self.context.add_cookies([{"name": name, "value": value, "url": self.address} for name, value in cookies.items()])
        self.go("/")
        assert "/sign-in/" not in self.page.url, username
        return self

    def come_in(self, username: str, password: str = PASSWORD) -> Screen:
        """Come in by the door that everybody uses: password, then the code of an authenticator."""
        self.go("/sign-in/").fill(username=username, password=password).press("Sign in")
        return self.fill(code=code_of(Account(username=username))).press("Confirm")

    def go(self, path: str) -> Screen:
        """Open an address."""
        return self._came(self.page.goto(path, wait_until="domcontentloaded"))

    def follow(self, words: str, within: str = "main") -> Screen:
        """Click the first link that says this."""
        return self._clicked(self.page.locator(within).get_by_role("link", name=words).first)

    def press(self, words: str) -> Screen:
        """Click the first button that says this and wait for the page it leads to."""
        return self._clicked(self.page.locator("main").get_by_role("button", name=words).first)

    @contextmanager
    def within(self, clicks: int) -> Iterator[Screen]:
        """Insist that whatever is done inside takes no more clicks than this."""
        before = self.clicks
        yield self
        assert self.clicks - before <= clicks, f"{self.clicks - before} clicks on the way to {self.page.url}"

    def unfold(self, words: str) -> Screen:
        """Open a part that is folded away, where it is."""
        folded = self.page.locator("details:not([open]) > summary", has_text=words)
        if folded.count():
            self.clicks += 1
            folded.first.click()
        return self

    def fill(self, **told: Any) -> Screen:
        """Fill fields by their names: text, a choice, a tick, several ticks (by value or label), or a file."""
        for name, value in told.items():
            self._fill(self.page.locator(f"main [name={name}]:visible"), value)
        return self

    def _fill(self, field: Locator, value: Any) -> None:
        if isinstance(value, dict):
            field.first.set_input_files(FilePayload(**value))  # type: ignore[typeddict-item]
        elif isinstance(value, list):
            for one in value:
                field.and_(self.page.locator(f"[value='{one}']").or_(self.page.get_by_label(one))).check()
        elif value is True:
            self.clicks += 1
            field.first.check()
        elif field.first.evaluate("field => field.type") == "radio":
            self.clicks += 1
            field.and_(self.page.locator(f"[value='{value}']")).check()
        elif field.first.evaluate("field => field.tagName") == "SELECT":
            options = field.first.locator("option")
            chosen = options.and_(self.page.locator(f"[value='{value}']")).or_(options.filter(has_text=value)).first
            field.first.select_option(chosen.get_attribute("value"))
        else:
            field.first.fill(str(value))

    def sees(self, *words: str) -> Screen:
        """Insist that the page says each of these."""
        text = self.text
        assert not (missing := [word for word in words if word not in text]), f"{missing} not on {self.page.url}:\n{text}"
        return self

    def hides(self, *words: str) -> Screen:
        """Insist that nothing in the page's source says any of these; what is drawn by chance says nothing."""
        source = drawn.without(self.page.content())
        assert not (told := [word for word in words if word in source]), f"{told} on {self.page.url}"
        return self

    def until(self, words: str, seconds: int = 40) -> Screen:
        """Wait, without a click, until the page says this: it asks again by itself, with a script or without."""
        self.page.get_by_text(words).first.wait_for(timeout=seconds * 1000)
        return self

    @property
    def text(self) -> str:
        return self.page.locator("main").inner_text()

    @property
    def foreign(self) -> list[str]:
        """What was asked of anybody but Harbour."""
        own = urlsplit(self.address).netloc
        return [url for url in self.asked if urlsplit(url).scheme != "data" and urlsplit(url).netloc != own]

    def close(self) -> None:
        """Go away, having asked nobody else and broken no policy."""
        self.context.close()
        assert not self.foreign, self.foreign
        assert not [words for words in self.said if "Content Security Policy" in words], self.said

    def _clicked(self, target: Locator) -> Screen:
        self.clicks += 1
        try:
            with self.page.expect_navigation(wait_until="domcontentloaded") as coming:
                target.click()
        except TimeoutError as late:
            raise AssertionError(f"{target} on {self.page.url}:\n{self.text}") from late
        return self._came(coming.value)

    def _came(self, response: Response | None) -> Screen:
        if response and response.status >= 400:
            raise AssertionError(f"{response.status} {response.request.method} {response.url}\n{self.page.inner_text('body')}")
        if errors := self.page.locator("main .errors").all_inner_texts():
            raise AssertionError(f"{self.page.url}: {errors}")
        return self


def _cookies(username: str) -> dict[str, str]:
    """The cookies of a browser in which somebody has signed in, written on a connection of this thread."""
    try:
        cookies = seated(Account.objects.get(username=username)).cookies
        return {name: one.value for name, one in cookies.items()}
    finally:
        connections.close_all()
