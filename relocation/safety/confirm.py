"""Asking again who somebody is, before what cannot be taken back: reveal, export, grant, erase.

`@confirmed()` under `@case_page` or `@portal` asks for a second factor unless one was given in the last minutes. What was
typed is carried along by the page that asks, and goes on once the answer is right.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from relocation.safety import factors, fictional, ledger, session, throttle
from relocation.safety.refusal import Refusal

View = Callable[..., HttpResponseBase]
ANSWERS = ("confirm-code", "confirm-passkey", "confirm-invented")
OWN = {*ANSWERS, "confirm-went", "csrfmiddlewaretoken"}
UNCARRIED = "password"  # a field so named is typed again


@dataclass(frozen=True)
class Fresh:
    """How recently somebody must have shown who they are, and for which methods of a route."""

    within: timedelta
    methods: frozenset[str] = frozenset({"POST"})


JUST_NOW = Fresh(timedelta(minutes=5))
BEFORE_LOOKING = Fresh(timedelta(minutes=5), frozenset({"GET", "POST"}))
TODAY = Fresh(timedelta(hours=12))  # a host's arrivals; the number pads ask for nothing


class NotFresh(Refusal):
    """Too long ago; the page of this refusal asks again, and goes on with what was typed."""

    status = 403
    template = "refusals/confirm.html"

    def __init__(self, request: HttpRequest, trouble: str = "") -> None:
        account = request.user
        super().__init__(account.pk, "confirm", account.pk, trouble)  # type: ignore[arg-type]  # somebody has signed in
        self.request = request

    def context(self) -> dict[str, Any]:
        request, kinds = self.request, factors.kinds(self.request.user)  # type: ignore[arg-type]
        return {
            "trouble_said": self.sentence,
            "went": request.POST.get("confirm-went") or request.method,
            "carried": carried(request),
            "passkey": factors.PASSKEY in kinds,
            "code": bool(kinds - {factors.PASSKEY}),
            "invented": fictional.may_click(request),
        }


def confirmed(fresh: Fresh = JUST_NOW) -> Callable[[View], View]:
    """Declare that a view needs a fresh second factor, and ask for one where it is too old."""

    def wrap(view: View) -> View:
        @wraps(view)
        def page(request: HttpRequest, *case: Any, **rest: Any) -> HttpResponseBase:
            if any(name in request.POST for name in ANSWERS):
                return _answered(request, lambda: view(request, *case, **rest))
            if request.method in fresh.methods and not session.proved_within(request, fresh.within):
                raise NotFresh(request)
            return view(request, *case, **rest)

        page.fresh = fresh  # type: ignore[attr-defined]
        return page

    return wrap


def _answered(request: HttpRequest, go_on: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """Judge the answer; a wrong one is counted, a right one goes on with what was asked for."""
    if trouble := judge(request):
        return render(request, NotFresh.template, NotFresh(request, trouble).context(), status=NotFresh.status)
    session.prove(request)
    if request.POST.get("confirm-went") == "GET":
        return HttpResponseRedirect(request.get_full_path())
    return go_on()


def judge(request: HttpRequest) -> str:
    """What is wrong with the answer that a form of ours carries, in a sentence; empty where it is right."""
    account: Any = request.user
    counted = throttle.code_of(account.username)
    one = throttle.one_try(request, account.username, code=True)
    if throttle.is_locked(one, counted):
        return wait_sentence(one, counted)
    if not _is_right(request, account):
        throttle.failed(one, counted)
        ledger.record("account.confirm_failed", account.pk, by=account)
        return _("That was not right. A code counts once: wait for the next one, then try again.")
    ledger.record("account.confirmed", account.pk, by=account)
    return ""


def wait_sentence(one: throttle.Try, counted: str) -> str:
    """How long to wait, calmly."""
    minutes = throttle.minutes_left(one, counted)
    return ngettext(
        "Too many tries from here. Nothing is lost: wait %(n)d minute, then try again.",
        "Too many tries from here. Nothing is lost: wait %(n)d minutes, then try again.",
        minutes,
    ) % {"n": minutes}


def _is_right(request: HttpRequest, account: Any) -> bool:
    if "confirm-invented" in request.POST:
        return fictional.may_click(request)
    return accepts(account, request.POST.get("confirm-code", ""), request.POST.get("confirm-passkey", "")) != ""


def accepts(account: Any, code: str, passkey: str) -> str:
    """Which kind of factor a typed code or a passkey's answer (JSON) is; empty where it is none."""
    if code.strip():
        return factors.accept(account, code)
    try:
        answer = json.loads(passkey)
    except ValueError:
        return ""
    return factors.PASSKEY if factors.accept_passkey(account, answer) else ""


def carried(request: HttpRequest) -> list[tuple[str, str]]:
    """What was typed and is sent again with the answer; passwords and our own fields are not."""
    lists = request.POST.lists()
    return [(name, value) for name, values in lists if name not in OWN and UNCARRIED not in name for value in map(str, values)]
