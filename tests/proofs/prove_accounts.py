"""G30 to G34: second factor, sessions that end, no oracle, confirming anew, the same headers everywhere."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.contrib.sessions.backends.base import UpdateError
from django.db.models import F
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from config import embedded, examine
from config.owner import as_owner
from fiction.cast import secret_of
from fiction.ground import Ground
from relocation.models import Account, Case, Session
from relocation.safety import session as sessions
from relocation.safety import throttle
from relocation.safety.headers import HEADERS
from tests import drawn
from tests.cast import code_at, code_of, prove, seated
from tests.proofs.matrix import sample
from tests.proofs.tally import QUICK, Tally, guarantee, scale
from tests.proofs.timing import auc, most
from tests.standing import PASSWORD

# Routes of the desk that are for somebody else than the lead.
ONES_OWN = {"desk:ledger": "anton", "desk:retention": "mara"}
METHODS = ("get", "post", "put", "delete", "head", "options")
WALKED = METHODS[:2]
NAMES_OF_COOKIES = """
import django; django.setup()
from django.conf import settings
from relocation.safety import device, throttle
print(settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, settings.LANGUAGE_COOKIE_NAME)
print(device.cookie_name(), throttle.cookie_name())
"""


def routes(under: URLResolver | None = None, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every route with its whole name."""
    for entry in (under or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from routes(entry, f"{before}{entry.namespace}:" if entry.namespace else before)
        else:
            yield f"{before}{entry.name}", entry


def address(name: str, route: URLPattern, case: Any = None) -> str:
    """An address of a route, about a case where it has one; whatever else it names was never there."""
    made = {"case_id": case or uuid4(), "step": "verify", "kind": "identity", "username": "vera", "token": "x", "code": "x"}
    wanted = {key: made.get(key, uuid4()) for key in route.pattern.converters}
    return reverse(name, kwargs=wanted)


def answers(client: Client) -> bool:
    """Whether somebody is in."""
    return client.get(reverse("account")).status_code == 200


def try_password(client: Client, name: str, password: str = PASSWORD, **how: Any) -> Any:
    return client.post(reverse("sign-in"), {"username": name, "password": password}, **how)


@guarantee("G30")
def test_a_password_alone_opens_no_route(ground: Ground, kestrel: Case, tally: Tally) -> None:
    inside = [(name, route) for name, route in routes() if getattr(route.callback, "policy", "public") != "public"]
    for account in list(ground.people.values())[: scale(len(ground.people), 1)]:
        client = Client()
        tally.check(try_password(client, account.username)["Location"] == reverse("second"), f"{account} is not asked")
        for name, route in inside:
            for method in WALKED:
                answer = getattr(client, method)(address(name, route, kestrel.pk))
                shut = answer.status_code == 302 and answer["Location"].startswith(reverse("sign-in"))
                tally.check(shut, f"{account}: {method} {name} answered {answer.status_code}")
    tally.count("routes", len(inside))


@guarantee("G30")
def test_a_code_counts_once_however_it_is_typed(ground: Ground, tally: Tally) -> None:
    for account in list(ground.people.values())[: scale(len(ground.people), 2)]:
        client, code = Client(), code_of(account)
        try_password(client, account.username)
        client.post(reverse("second"), {"code": code})
        tally.check(answers(client), f"{account} cannot come in")
        earlier = code_at(secret_of(account.username), 0)
        for again in (code, f" {code}", f"{code} ", f"{code[:3]} {code[3:]}", f"{code[:3]}-{code[3:]}", f"\t{code}\n", earlier):
            one = Client(REMOTE_ADDR=f"203.0.113.{len(again)}")
            try_password(one, account.username)
            one.post(reverse("second"), {"code": "000000x"})
            one.post(reverse("second"), {"code": again})
            tally.check(not answers(one), f"{account}: {again!r} counted again")


def by_owner(account: Account, **told: Any) -> None:
    """What no page changes is changed by the operator."""
    with as_owner("default"):
        Account.objects.filter(pk=account.pk).update(**told)


def new_password(account: Account) -> None:
    account.set_password("four slow herons at dusk")
    account.save(update_fields=["password"])


CHANGES: dict[str, Callable[[Account], object]] = {
    "password": new_password,
    "part": lambda account: by_owner(account, part="office" if account.part != "office" else "desk"),
    "offices": lambda account: by_owner(account, offices=["operator"]),
    "place": lambda account: by_owner(account, organisation=None, post=None),
    "deactivation": lambda account: Account.objects.filter(pk=account.pk).update(is_active=False),
    "lockdown": sessions.end_everywhere,
    "row": lambda account: sessions.end(account.pk),
}


@pytest.mark.django_db(transaction=True, databases=["default", "keys"])
@pytest.mark.parametrize("change", CHANGES)
@guarantee("G31")
def test_a_change_ends_sessions_at_the_next_request(change: str, ground: Ground, tally: Tally) -> None:
    for name in ("vera", "hanna", "otto", "elise", "greta")[: scale(5, 2)]:
        account = Account.objects.get(username=name)
        devices = [seated(account, f"{name} {number}") for number in range(2)]
        running = sessions.SessionStore(devices[0].session.session_key)
        running["typed"] = "while it changed"
        tally.check(all(answers(device) for device in devices), f"{name} was not in")
        CHANGES[change](account)
        extra = sum(answers(device) for device in devices)
        tally.count("extra_requests", extra)
        tally.check(not extra, f"{name}: {change} left a session alive")
        try:
            running.save()
        except UpdateError:
            tally.count("saves_refused")
        tally.check(not any(answers(device) for device in devices), f"{name}: {change}: a running save brought a session back")


@guarantee("G31")
def test_they_end_unused_and_after_their_whole_length_and_are_renamed_at_sign_in(ground: Ground, tally: Tally) -> None:
    one_of_each = {account.part: account for account in ground.people.values()}
    for account in (one_of_each if QUICK else ground.people).values():
        length = sessions.LENGTHS[account.part]
        for field, over in (("quiet_until", length.quiet), ("expire_date", length.whole)):
            client = seated(account)
            mine = Session.objects.filter(account=account)
            mine.update(**{field: F(field) - over + timedelta(minutes=1)})
            tally.check(answers(client), f"{account} was ended early ({field})")
            mine.update(**{field: F(field) - over - timedelta(minutes=1)})
            tally.check(not answers(client), f"{account} was not ended ({field})")
        client = Client()
        try_password(client, account.username)
        between = client.session.session_key
        client.post(reverse("second"), {"code": code_of(account)})
        tally.check(answers(client) and client.session.session_key != between, f"{account}: the session kept its key")


@guarantee("G32")
def test_nobody_learns_who_has_an_account(ground: Ground, tally: Tally) -> None:
    Account.objects.filter(username="nina").update(is_active=False)
    names = ("vera", "nobody", "nina", "system.outbox", "Vera", "vera ")
    for number in range(throttle.NAME_AND_ADDRESS + 2):
        found = [try_password(Client(), name, "wrong", REMOTE_ADDR=f"203.0.113.{at}") for at, name in enumerate(names)]
        pages = [shown(answer, name) for answer, name in zip(found, names, strict=True)]
        heads = [{**answer.headers, "Content-Length": ""} for answer in found]
        for at, name in enumerate(names):
            same = pages[at] == pages[1] and found[at].status_code == found[1].status_code and heads[at] == heads[1]
            tally.check(same, f"{name!r} differs at try {number + 1}")
            tally.count("oracles", 0 if same else 1)


def shown(answer: Any, name: str) -> str:
    """A page without what is drawn by chance, and without the name that comes back to whoever typed it."""
    return drawn.without(answer.content.decode()).replace(f'value="{name}"', "")


@guarantee("G32")
def test_time_tells_nothing(ground: Ground, tally: Tally) -> None:
    """Interleaved wrong passwords for a name that is there and one that is not; 0.5 is a coin."""
    taken: dict[str, list[float]] = {"vera": [], "nobody": []}
    for number in range(scale(1000, 50)):
        for name in ("vera", "nobody") if number % 2 else ("nobody", "vera"):
            began = time.perf_counter()
            try_password(Client(), name, "wrong", REMOTE_ADDR=f"10.{number % 7}.{number // 250}.{number % 250}")
            taken[name].append(time.perf_counter() - began)
    measured = auc(taken["vera"], taken["nobody"])
    tally.count("auc_thousandths", round(1000 * measured))
    tally.check(measured <= most(len(taken["vera"])), f"time tells them apart: AUC {measured:.3f}")


@guarantee("G32")
def test_guessing_locks_out_no_rightful_person(ground: Ground, tally: Tally) -> None:
    for number, account in enumerate(list(ground.people.values())[: scale(13, 1)], 1):
        home = Client(REMOTE_ADDR=f"192.0.2.{number}")  # an address on which many were guessed takes no new device for a while
        try_password(home, account.username)
        home.post(reverse("second"), {"code": code_of(account)})
        home.post(reverse("sign-out"))
        for where in (f"203.0.113.{number}", f"192.0.2.{number}"):
            guesses = [try_password(Client(), account.username, "x", REMOTE_ADDR=where).status_code for _ in range(6)]
            tally.check(guesses[-1] == 429, f"{account}: six guesses from {where} were heard")
        tally.check(try_password(home, account.username).status_code == 302, f"{account} is locked out on their own device")
        elsewhere = try_password(Client(), account.username, REMOTE_ADDR="198.51.100.7")
        tally.check(elsewhere.status_code == 302, f"{account} is locked out everywhere")


@guarantee("G33")
def test_what_matters_most_asks_anew_after_five_minutes(ground: Ground, kestrel: Case, tally: Tally) -> None:
    asks = [(name, route, route.callback.fresh) for name, route in routes() if hasattr(route.callback, "fresh")]
    who = {"desk": "vera", "house": "hanna", "post": "elise", "office": "greta"}
    for name, route, fresh in asks:
        policy = getattr(route.callback, "policy", "")
        part = policy.removeprefix("portal:").split(",")[0] if policy.startswith("portal") else "desk"
        account = ground[ONES_OWN.get(name.split("_")[0], who[part])]
        client = seated(Account.objects.get(pk=account.pk))
        for method in sorted(fresh.methods):
            for ago, wanted in ((fresh.within + timedelta(seconds=5), True), (-timedelta(hours=1), True), (timedelta(0), False)):
                prove(client, ago)
                answer = getattr(client, method.lower())(address(name, route, kestrel.pk), {})
                said = method == "HEAD" or b"Confirm that it is you" in answer.content  # a HEAD has no body to say it in
                asked = answer.status_code == 403 and said
                tally.check(asked == wanted, f"{name} {method} after {ago}: {answer.status_code}")
    tally.count("routes", len(asks))
    verbs = {"desk:reveal", "desk:paper", "desk:people", "embassy:file", "desk:referral_refused", "invite"}
    for name in verbs:
        tally.check(name in {asked for asked, _route, _fresh in asks}, f"{name} does not ask")


@guarantee("G34")
def test_every_answer_carries_the_same_headers(ground: Ground, kestrel: Case, tally: Tally) -> None:
    usual = {*HEADERS, "Content-Security-Policy", "Cache-Control"}
    clients = {"nobody": Client(raise_request_exception=False)}
    clients |= {name: Client(raise_request_exception=False) for name in ("vera", "hanna", "elise", "greta")[: scale(4, 1)]}
    for name, client in clients.items():
        if name != "nobody":
            client.cookies.update(seated(ground[name]).cookies)
    first = clients["nobody"].get(reverse("sign-in"))
    wanted = {head: first.get(head) for head in usual}
    tally.check(
        None not in wanted.values() and "unsafe" not in str(wanted["Content-Security-Policy"]), "the sign-in page lacks some"
    )
    for turn, (who, client) in enumerate(clients.items()):
        for name, route in sample(list(routes()), turn):
            if name in ("sign-out", "leave", "sign-in-as", "end-session"):
                continue
            for method in METHODS[: scale(6, 2)]:
                answer = getattr(client, method)(address(name, route, kestrel.pk))
                differs = {head for head in usual if answer.get(head) != wanted[head]} - stricter(answer)
                tally.check(not differs, f"{who} {method} {name} ({answer.status_code}): {differs}")
                tally.count("answers")
    odds: list[dict[str, Any]] = [{"HTTP_HOST": "elsewhere.example"}, {"QUERY_STRING": "%ff=%00"}]
    for odd in odds:
        answer = clients["nobody"].get("/sign-in/", **odd)
        tally.check({head: answer.get(head) for head in usual} == wanted, f"{odd}: {answer.status_code}")


def stricter(answer: Any) -> set[str]:
    """A file brings a policy of its own, which allows nothing at all."""
    policy = answer.get("Content-Security-Policy", "")
    return {"Content-Security-Policy"} if policy.startswith("default-src 'none'; sandbox") else set()


@pytest.mark.nodb
@guarantee("G34")
def test_a_real_installation_binds_its_cookies_and_passes_djangos_check(tally: Tally) -> None:
    env = {**examine.production(), "DJANGO_SETTINGS_MODULE": "config.settings"}
    env.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)  # the browser's tests set it for themselves
    how: dict[str, Any] = {"env": env, "cwd": embedded.BASE, "capture_output": True, "text": True, "check": False}
    names = subprocess.run([sys.executable, "-c", NAMES_OF_COOKIES], **how).stdout.split()
    tally.check(len(names) == 5, "not every cookie was named")
    for name in names:
        tally.check(name.startswith("__Host-"), f"the cookie {name} is not bound to its host")
    checked = subprocess.run([*examine.MANAGE, "check", "--deploy", "--fail-level", "WARNING"], **how)
    tally.check(checked.returncode == 0, checked.stderr)
    tally.check(settings.SECURE_REFERRER_POLICY in ("same-origin", "no-referrer"), "other sites hear where one comes from")
