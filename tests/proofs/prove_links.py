"""G29: a link to a file opens once, for one person, in one session, for one version; and nothing else learns of it."""

import io
import logging
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from config import run
from config.logs import Plain
from config.owner import as_owner
from conftest import BOTH
from relocation.journey import recording
from relocation.models import Account, Case, Document, FileLink, LedgerEntry, Scan
from relocation.safety import access
from relocation.safety.policy import Role
from relocation.safety.session import end
from tests.browser.screen import Screen
from tests.browser.world import until_alone
from tests.intake.hostile import picture
from tests.proofs.crowd import at_once
from tests.proofs.tally import Tally, guarantee, scale
from tests.safety.committed import as_, kestrel, referred
from tests.safety.raw import column, sql

__all__ = ["kestrel", "referred"]
pytestmark = pytest.mark.django_db(transaction=True, databases=BOTH)
FILE = picture()


class Link:
    """A scan of Kestrel's, and links to it that Vera asks for."""

    def __init__(self, case: Case, ground: Any, signed_in: Callable[..., Client]) -> None:
        self.case, self.ground, self.signed_in, self.by = case, ground, signed_in, ground["vera"]
        self.browser = signed_in(self.by)
        with as_(self.by):
            document = recording.write(Document(case=case, kind="birth"), by=self.by)
            self.scan = recording.add_scan(document, FILE, by=self.by)
        self.page = reverse("desk:scan", args=[case.pk, document.pk, self.scan.pk])
        self.document = document

    def ask(self, browser: Client | None = None) -> str:
        return str((browser or self.browser).post(self.page)["Location"])

    def opens(self, address: str, browser: Client | None = None) -> bool:
        return bool((browser or self.browser).get(address).content == FILE)

    def exports(self) -> int:
        with as_(self.by):
            return LedgerEntry.objects.filter(what="export.desk.scan", about=self.scan.pk).count()

    # What kills a link before it is opened; each answers the browser that then tries.
    def somebody_else(self) -> Client:
        return self.signed_in(self.ground["tomas"])

    def another_session(self) -> Client:
        return self.signed_in(self.by)

    def nobody(self) -> Client:
        return Client()

    def signed_out(self) -> Client:
        self.browser.post(reverse("sign-out"))
        return self.browser

    def ended_elsewhere(self) -> Client:
        end(self.by.pk)
        return self.browser

    def another_version(self) -> Client:
        with as_(self.by):
            Scan.objects.filter(pk=self.scan.pk).update(sha256=b"another")
        return self.browser

    def five_minutes(self) -> Client:
        shift = "- interval '301 seconds'"
        with as_owner("default"):
            sql(f"UPDATE relocation_filelink SET at = at {shift}, expires_at = expires_at {shift} WHERE spent_at IS NULL")
        return self.browser

    def grant_ended(self) -> Client:
        with as_(self.ground["mara"]) as mara:
            access.dismiss(self.by, Role.LEAD, self.case.pk, by=mara)
        return self.browser


@pytest.fixture
def link(kestrel: Case, ground: Any, signed_in: Callable[..., Client]) -> Link:
    return Link(kestrel, ground, signed_in)


ENDS = (
    Link.somebody_else, Link.another_session, Link.nobody, Link.signed_out, Link.ended_elsewhere, Link.another_version,
    Link.five_minutes, Link.grant_ended,
)  # fmt: skip


@guarantee("G29")
def test_of_many_who_open_it_at_once_one_does(link: Link, tally: Tally) -> None:
    many = 50
    for number in range(scale(8, 2)):
        address = link.ask()
        outcomes = at_once(partial(open_elsewhere, link, address), many)
        tally.check(outcomes == {"done": 1, "Closed": many - 1}, f"round {number}: {dict(outcomes)}")
        tally.count("double wins", max(0, outcomes["done"] - 1))
        tally.check(link.exports() == number + 1, f"round {number}: {link.exports()} entries for {number + 1} files")
    tally.count("threads", many)


class Closed(Exception):
    """A link that did not open."""


def open_elsewhere(link: Link, address: str, _number: int) -> None:
    """Open it in another window of the same session. Raises `Closed`."""
    window = Client()
    window.cookies = link.browser.cookies
    if not link.opens(address, window):
        raise Closed


@guarantee("G29")
@pytest.mark.parametrize("ended", ENDS[:: scale(1, 2)], ids=lambda one: one.__name__)
def test_whatever_ends_it_nothing_is_opened(link: Link, ended: Callable[[Link], Client], tally: Tally) -> None:
    live = link.ask()
    tally.check(link.opens(live), "a fresh link does not open")
    tally.check(not link.opens(live), "a spent link opens")
    address, before = link.ask(), link.exports()
    other = ended(link)
    tally.check(not link.opens(address, other), f"opens after: {ended.__name__}")
    tally.check(link.exports() == before, "an export was written down that was none")


@guarantee("G29")
def test_neither_tables_nor_log_hold_it(link: Link, tally: Tally) -> None:
    lines = io.StringIO()
    keeps = logging.StreamHandler(lines)
    keeps.setFormatter(Plain())
    loggers = [logging.getLogger(name) for name in ("", "django", "django.request", "django.server", "harbour")]
    for logger in loggers:
        logger.addHandler(keeps)
    try:
        secrets = [link.ask().split("/")[2] for _ in range(scale(20, 4))]
        for number, secret in enumerate(secrets):
            address = f"/files/{secret}/"
            tally.check(link.opens(address) if number % 2 else not link.opens(address, Client()), "a link does not open")
            again = link.browser.get(address) if number % 2 else link.browser.post(address)
            tally.check(secret not in str(again.headers) + again.content.decode(), "a refusal repeats the secret")
    finally:
        for logger in loggers:
            logger.removeHandler(keeps)
    said = lines.getvalue() + everything()
    tally.count("kept", found := sum(secret in said or secret.encode().hex() in said for secret in secrets))
    tally.check(not found, "a secret is kept somewhere")
    tally.check(not any("access" in word for word in run.pages(1)), "the web server writes down addresses")


def everything() -> str:
    """Every row of every table, as text."""
    with as_owner("default"):
        tables = column("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return "".join(str(text) for table in tables for text in column(f'SELECT t::text FROM "{table}" t'))


@guarantee("G29")
def test_a_browser_neither_remembers_nor_tells_it(link: Link, browser: Browser, tally: Tally) -> None:
    server = LiveServer("localhost")
    try:
        screen = Screen(browser, server.url)
        cookies = link.browser.cookies.items()
        screen.context.add_cookies([{"name": name, "value": one.value, "url": server.url} for name, one in cookies])
        told: list[str] = []
        screen.page.on("request", lambda request: told.append(request.all_headers().get("referer", "")))
        screen.go(reverse("desk:document", args=[link.case.pk, link.document.pk]))
        here, steps = screen.page.url, screen.page.evaluate("history.length")
        with screen.page.expect_download() as coming:
            screen.page.get_by_role("button", name="As a file").click()
        tally.check(coming.value.path().read_bytes() == FILE, "the file did not come")
        tally.check(coming.value.suggested_filename == "page-1.jpg", "its name says more than it must")
        tally.check((screen.page.url, screen.page.evaluate("history.length")) == (here, steps), "it is in the history")
        screen.follow("Look").follow("Close")
        tally.check(len(told) > 3 and not any("/files/" in referer for referer in told), f"Referer: {told}")
        screen.close()
    finally:
        server.stop()
        until_alone(2)


@guarantee("G29")
def test_each_link_is_its_makers_in_the_database_too(link: Link, tomas: Account, tally: Tally) -> None:
    link.ask()
    with as_(tomas):
        tally.check(not FileLink.objects.exists(), "another account sees it")
        tally.check(sql("UPDATE relocation_filelink SET spent_at = now()") == 0, "another account spends it")
    with as_(link.by):
        tally.check(sql("UPDATE relocation_filelink SET spent_at = now()") == 1, "its maker cannot spend it")
        tally.check(sql("UPDATE relocation_filelink SET spent_at = now()") == 0, "it is spent twice")
