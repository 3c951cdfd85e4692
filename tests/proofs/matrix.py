"""The matrix: every address of a case, in every method, asked for by everybody who has no business there."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from django.test import Client

from relocation.models import Stage
from tests.proofs import owner
from tests.proofs.addresses import Address, of_case, of_nobody
from tests.proofs.canaries import parts_of
from tests.proofs.pages import sendings
from tests.proofs.tally import QUICK, Tally
from tests.proofs.world import World
from tests.standing import PASSWORD

# Who has no business on Vera's cases, by what they are; whoever is not let in at all has no case of their own either.
STRANGERS = {
    "anonymous": "", "no grant": "charlie", "a colleague": "sven", "lead of another case": "nora", "lead elsewhere": "wanda",
    "another house's host": "pekka", "another post's officer": "pierre", "another leg's escort": "oskar",
    "access custodian": "greta", "auditor": "anton", "expired": "emil", "revoked": "rolf", "deactivated": "dora",
    "locked": "lars", "no second factor": "vera",
}  # fmt: skip
RICHEST = Stage.LODGED  # stay, passages, documents, papers, application, messages, questions
RIGHTFUL = ("vera", "mara", "tomas", "hanna", "otto", "elise")
UNKNOWN = ("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW")
ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
SignIn = Callable[..., Client]
T = TypeVar("T")
CLOSED = (302, 404, 405)
SHUT_OUT = ("anonymous", "deactivated", "locked", "no second factor")


class Sending(NamedTuple):
    """What somebody who may could send from a page."""

    path: str
    data: dict[str, Any]


@dataclass
class Matrix:
    """Asks, and keeps what was told to the wrong people."""

    world: World
    sign_in: SignIn
    cells: int = 0
    leaks: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)
    sent: set[Any] = field(default_factory=set)  # forms, by their address without ids and the names of their fields

    def judge(self, tally: Tally) -> None:
        """Count all that was asked; what was told, open or changed is said in words."""
        wrong = [*self.leaks, *self.open, *self.changes]
        tally.total += self.cells
        tally.failures += wrong[: self.cells]

    def browser(self, username: str) -> Client:
        """Somebody's browser, which takes an error for an answer."""
        client = self.sign_in(self.world[username]) if username else Client()
        client.raise_request_exception = False
        return client

    def stranger(self, who: str) -> Client:
        """The browser of somebody who has no business here."""
        client = self.browser("" if who in ("anonymous", "no second factor") else STRANGERS[who])
        if who == "no second factor":
            between = client.post("/sign-in/", {"username": STRANGERS[who], "password": PASSWORD})
            assert between["Location"] == "/sign-in/second/", "the password alone was not taken"
        return client

    def ask(self, who: str, client: Client, method: str, path: str, data: Any = None) -> Any:
        """One cell."""
        self.cells += 1
        answer = client.generic(method, path) if data is None else client.post(path, data)
        if told := self.world.canaries.found_in(*parts_of(answer)):
            foreign = self.foreign(who)
            self.leaks += [f"{who}: {method} {path} told {canary.place}" for canary in told if canary.about in foreign]
        return answer

    def foreign(self, who: str) -> set[UUID]:
        """The cases on which somebody has no live grant, as the table itself says."""
        own = set() if who in SHUT_OUT else {case_id for (case_id,) in owner.rows(LIVE, STRANGERS.get(who, who))}
        return set(self.world.all()) - own

    def try_case(self, case_id: UUID, strangers: Iterable[str], methods: Iterable[str], *, send: bool = True) -> None:
        """Every address of a case, for each stranger (QUICK: every fourth, in turns); nothing may be told, opened or changed.

        Forms that were sent to another case before are not sent again.
        """
        addresses = of_case(case_id)
        sent = [one for one in self.offered(case_id, addresses) if kind_of(one) not in self.sent] if send else []
        self.sent |= {kind_of(one) for one in sent}
        for turn, who in enumerate(strangers):
            client, before = self.stranger(who), owner.digests()
            for address in sample(addresses, turn):
                for method in methods:
                    self.closed(who, self.ask(who, client, method, address.path), f"{method} {address.path}")
            for path, data in sample(sent, turn):
                self.closed(who, self.ask(who, client, "POST", path, data), f"POST {path}")
            self.changes += [f"{who} changed {table}" for table in owner.changed(before)]

    def offered(self, case_id: UUID, addresses: list[Address]) -> list[Sending]:
        """What can be sent from the pages of a case, and nothing at all where none has a form; looked for once."""
        if case_id not in self.world.offered:
            found = list(unlike(self.sendings(addresses)))
            bare = {address.path for address in addresses} - {one.path for one in found}
            self.world.offered[case_id] = found + [Sending(path, {}) for path in sorted(bare)]
        return list(self.world.offered[case_id])

    def closed(self, who: str, answer: Any, what: str) -> None:
        """What is not theirs is not there, or behind the door."""
        if answer.status_code not in CLOSED or (answer.status_code == 302 and "/sign-in/" not in answer["Location"]):
            self.open.append(f"{who}: {what} answered {answer.status_code}")

    def try_lists(self, strangers: Iterable[str]) -> None:
        """Every address that names nothing: what is shown there is one's own."""
        for who in strangers:
            client = self.stranger(who)
            for address in of_nobody():
                if address.route not in ("/leave", "/sign-out/"):
                    self.ask(who, client, "GET", address.path)

    def sendings(self, addresses: list[Address]) -> Iterator[Sending]:
        """Whatever the first who may is offered to send from each page."""
        left, paths = list(addresses), {address.path for address in addresses}
        for username in RIGHTFUL:
            client = self.browser(username)
            for address in list(left):
                page = client.get(address.path)
                if page.status_code != 200 or not page.headers.get("Content-Type", "").startswith("text/html"):
                    continue
                left.remove(address)
                for action, data in sendings(page.content):
                    if action in ("", address.path) or action in paths:  # not the frame's own: language, sign-out
                        yield Sending(action or address.path, data)


def kind_of(one: Sending) -> tuple[str, ...]:
    """What a form is, whichever record it is about."""
    return ID.sub("", one.path), *sorted(one.data)


def unlike(sendings: Iterable[Sending]) -> Iterator[Sending]:
    """Each once that differs in more than ids: of ninety beds that can be held, one."""
    seen = set()
    for one in sendings:
        if (key := ID.sub("", f"{one.path} {sorted(one.data.items())}") + one.path) not in seen:
            seen.add(key)
            yield one


def sample(all_of_them: Sequence[T], turn: int) -> Sequence[T]:
    """Everything; in a quick run every fourth, the others when it is their turn."""
    return all_of_them[turn % 4 :: 4] if QUICK else all_of_them


LIVE = """SELECT g.case_id FROM relocation_casegrant g JOIN relocation_account a ON a.id = g.user_id
          WHERE a.username = %s AND g.expires_at > now()"""
