"""The officer's pages: inbox, dossier, its file, and three answers."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages as flash
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from relocation.embassy import dossiers, thread
from relocation.embassy.forms import Answer, AskForm, GrantForm, RefuseForm
from relocation.embassy.held import Dossier, Turn, find, held, version_of
from relocation.embassy.refusals import in_plain_words
from relocation.journey.refusals import Blocked
from relocation.journey.wrong import ADDED, WELL, said_words
from relocation.models import Account
from relocation.paperwork import links
from relocation.safety import ledger
from relocation.safety.confirm import confirmed
from relocation.safety.gate import View, portal
from relocation.safety.refusal import Stale

GROUPS = (
    (translation.gettext_lazy("New"), (Turn.NEW,)),
    (translation.gettext_lazy("Waiting on you"), (Turn.YOURS,)),
    (translation.gettext_lazy("Waiting on us"), (Turn.REGISTERING, Turn.OURS)),
    (translation.gettext_lazy("Decided"), (Turn.GRANTED, Turn.REFUSED, Turn.LAPSED)),
)
OUTCOMES: dict[str, type[GrantForm | RefuseForm]] = {"granted": GrantForm, "refused": RefuseForm}


def desk_page(view: View) -> View:
    """A page of the embassy desk, in the officer's own language unless another was chosen in this browser."""

    @wraps(view)
    def page(request: HttpRequest, **rest: Any) -> HttpResponseBase:
        if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            translation.activate(_officer(request).language)
            request.LANGUAGE_CODE = translation.get_language()
        return view(request, **rest)

    return portal("post")(page)


@desk_page
def inbox(request: HttpRequest) -> HttpResponse:
    """Everything that was released to this officer, by whose turn it is."""
    officer = _officer(request)
    mine = held(officer)
    groups = [(label, [d for d in mine if d.turn in turns]) for label, turns in GROUPS]
    return render(request, "embassy/inbox.html", {"groups": [g for g in groups if g[1]], "post": officer.post})


@desk_page
def dossier(request: HttpRequest, paper_id: UUID) -> HttpResponse:
    """One dossier: its file, the thread, and what can be answered."""
    officer = _officer(request)
    opened = dossiers.open_dossier(paper_id, officer)
    said, decided = thread.messages(opened, officer), dossiers.decision(opened, officer)
    return render(request, "embassy/dossier.html", {"dossier": opened, "said": said, "decided": decided, "Turn": Turn})


@desk_page
@confirmed()
@require_POST
def file(request: HttpRequest, paper_id: UUID) -> HttpResponse:
    """The sealed PDF, to be kept and never shown inside a page, by a link that opens once."""
    return links.link(request, "dossier", paper_id)


@desk_page
@require_POST
def acknowledge(request: HttpRequest, paper_id: UUID) -> HttpResponse:
    """One click: the post has the dossier."""
    opened = find(paper_id, by=_officer(request))
    dossiers.acknowledge(opened, _officer(request))
    flash.success(request, _("%(reference)s: receipt recorded. We have been told.") % {"reference": opened.application.reference})
    return redirect("embassy:dossier", paper_id=paper_id) if "stay" in request.POST else redirect("embassy:inbox")


@desk_page
@require_POST
def wrong(request: HttpRequest, paper_id: UUID) -> HttpResponse:
    """Something is wrong, or all is well after all: the people on call are told, and nothing of the person is told back."""
    opened = find(paper_id, by=_officer(request))
    if request.POST.get("do") == "well":
        dossiers.all_is_well(opened, by=_officer(request))
        flash.success(request, WELL)
        return redirect("embassy:dossier", paper_id=paper_id)
    words, held = said_words(request.POST, "post"), "held" in request.POST
    new = dossiers.something_is_wrong(opened, words, held=held, by=_officer(request))
    flash.success(request, _("Thank you. The people on call are being told now.") if new else ADDED)
    return redirect("embassy:dossier", paper_id=paper_id)


@desk_page
def ask(request: HttpRequest, paper_id: UUID) -> HttpResponse:
    """Ask for more."""
    opened, form = _begin(request, paper_id, AskForm)

    def send(told: dict[str, Any]) -> None:
        dossiers.ask_more(opened, **told, by=_officer(request))

    if _sent(request, opened, form, send):
        flash.success(request, _("Your question is with us. We answer here."))
        return redirect("embassy:dossier", paper_id=paper_id)
    return render(request, "embassy/ask.html", {"dossier": opened, "form": form})


@desk_page
def decide(request: HttpRequest, paper_id: UUID) -> HttpResponse:
    """Record a decision: granted, or with `?outcome=refused` refused."""
    outcome = request.GET.get("outcome", "granted")
    opened, form = _begin(request, paper_id, OUTCOMES.get(outcome, GrantForm))

    def send(told: dict[str, Any]) -> None:
        dossiers.decide(opened, form.facts(opened.application.pk), version=told["version"], by=_officer(request))

    if _sent(request, opened, form, send):
        flash.success(request, _("The decision is recorded, and we have been told."))
        return redirect("embassy:dossier", paper_id=paper_id)
    return render(request, "embassy/decide.html", {"dossier": opened, "form": form, "refused": outcome == "refused"})


def _officer(request: HttpRequest) -> Account:
    assert isinstance(request.user, Account)
    return request.user


def _begin(request: HttpRequest, paper_id: UUID, form: type[Any]) -> tuple[Dossier, Any]:
    opened = find(paper_id, by=_officer(request))
    return opened, form(request.POST or None, initial={"version": version_of(opened, _officer(request))})


def _sent(request: HttpRequest, opened: Dossier, form: Answer, send: Callable[[dict[str, Any]], None]) -> bool:
    """Send a valid form. The common pages about refusals speak of the case, so here the form says what is wrong."""
    if not form.is_valid():
        return False
    try:
        send(form.cleaned_data)
    except (Stale, Blocked) as refusal:
        ledger.keep(refusal)
        form.renew(version_of(opened, _officer(request)))
        form.add_error(None, in_plain_words(refusal))
        return False
    return True
