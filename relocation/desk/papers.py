"""The papers of a case: order a dossier, watch it being made, hand it over with a second person, take it back."""

from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from relocation.journey import recording
from relocation.models import Account, Application, Approval, Case, Paper
from relocation.paperwork import issue, links, opening, release
from relocation.safety import access
from relocation.safety.confirm import confirmed
from relocation.safety.device import device
from relocation.safety.gate import Request, case_page
from relocation.safety.looks import seen_before
from relocation.safety.refusal import Denied


class DossierForm(forms.Form):
    """For which application, and in which language."""

    application = forms.ModelChoiceField(label=gettext_lazy("Application"), queryset=Application.objects.none(), empty_label=None)
    language = forms.ChoiceField(label=gettext_lazy("Language of the dossier"), choices=settings.LANGUAGES)

    def __init__(self, data: Any, case: Case) -> None:
        super().__init__(data, auto_id="f-%s")
        field: Any = self.fields["application"]
        field.queryset = (
            Application.objects.filter(case=case).exclude(state__in=recording.OVER).select_related("post", "checklist")
        )
        field.label_from_instance = lambda application: (
            f"{application.post.code} · {application.checklist.purpose} · {application.reference}"
        )
        if newest := field.queryset.order_by("at").last():
            self.initial = {"application": newest, "language": newest.post.language}


class WhyForm(forms.Form):
    """A reason, for what only happens with one."""

    reason = forms.CharField(label=gettext_lazy("Why"), max_length=300)


@case_page("post.read")
def papers(request: Request, case: Case) -> HttpResponse:
    """Every paper of the case, and a form to order a dossier."""
    by, form = request.user, _dossier_form(request, case)
    if request.method == "POST" and form is None:
        raise Denied(case.pk, "paper.issue", by.pk)
    if form is not None and form.is_valid():
        ordered = _order(case, form, by)
        messages.success(request, _("The dossier is being made. You can leave this page."))
        return redirect("desk:paper", case.pk, ordered.pk)
    listed = list(Paper.objects.filter(case=case).defer("body", "content").select_related("by").order_by("-at"))
    making = any(paper.state == Paper.State.ORDERED for paper in listed)
    applications = Application.objects.filter(case=case).select_related("post")
    context = {"case": case, "form": form, "papers": listed, "making": making, "applications": applications}
    return render(request, "desk/papers.html", context)


def _dossier_form(request: Request, case: Case) -> DossierForm | None:
    """For those who may issue papers and know what a dossier tells."""
    both = ("paper.issue", "claim.reveal")
    allowed = all(access.may(request.user, capability, case.pk) for capability in both)
    return DossierForm(request.POST or None, case) if allowed else None


def _order(case: Case, form: DossierForm, by: Account) -> Paper:
    application, language = form.cleaned_data["application"], form.cleaned_data["language"]
    return issue.issue(Paper.Kind.DOSSIER, [case], application.post.code, by=by, about=application.pk, language=language)


@case_page("post.read")
@confirmed()
def paper(request: Request, case: Case, paper_id: UUID) -> HttpResponse:
    """One paper: how far it is, and what can be done with it."""
    found = get_object_or_404(Paper.objects.defer("body", "content").select_related("case", "by"), case=case, pk=paper_id)
    if request.headers.get("HX-Request"):
        context = {"case": case, "paper": found, "listed": "listed" in request.GET, "polled": True}
        return seen_before(render(request, "desk/_paper.html", context))
    if "download" in request.POST:
        return links.link(request, "paper", found.pk)
    why, password = WhyForm(request.POST or None, auto_id="f-%s"), ""
    if request.method == "POST":
        if "password" in request.POST and why.is_valid():
            password = opening.tell_password(found, by=request.user, reason=why.cleaned_data["reason"])
        elif said := _acted(request, found, why):
            messages.success(request, said)
            return redirect("desk:paper", case.pk, paper_id)
    return render(
        request,
        "desk/paper.html",
        _about(found, request) | {"case": case, "paper": found, "why": why, "password": password},
    )


def _acted(request: Request, found: Paper, why: WhyForm) -> str:
    """Ask for the release, release, or revoke; empty where a reason is missing."""
    application, by = _application(found), request.user
    if "release" in request.POST and application:
        release.release(found, application, by=by)
        return _("Released to %(post)s, for 14 days.") % {"post": application.post}
    if not why.is_valid():
        return ""
    if "ask" in request.POST and application:
        release.ask_release(found, application, by=by, reason=why.cleaned_data["reason"], session=device(request))
        return _("Asked. You will see here who agreed.")
    if "revoke" in request.POST:
        release.revoke(found, by=by, reason=why.cleaned_data["reason"])
        return _("Taken back: whoever checks its code now reads that it is revoked.")
    return ""


def _application(found: Paper) -> Application | None:
    if found.kind != Paper.Kind.DOSSIER:
        return None
    return Application.objects.filter(case_id=found.case_id, pk__in=[found.about]).select_related("post").first()


def _about(found: Paper, request: Request) -> dict[str, Any]:
    """What the page says about handing it over."""
    by, application = request.user, _application(found)
    issues = access.may(by, "paper.issue", found.case_id)
    ready, releases = found.state == Paper.State.READY, release.may_release(by, found.case_id)
    second, obstacle = _second(found, application, by) if ready and application and releases else (None, "")
    waiting = Approval.objects.filter(case_id=found.case_id, what=release.RELEASE, about=found.pk, by=by, given=None).exists()
    released = bool(application and application.released_at and application.dossier_id == found.pk)
    return {
        "application": application,
        "issues": issues,
        "ready": ready,
        "releases": releases,
        "opens": opening.may_open(found, by),
        "second": second,
        "obstacle": obstacle,
        "waiting": waiting,
        "released": released,
    }


def _second(found: Paper, application: Application, by: Account) -> tuple[Any, str]:
    """What the second person said, or why nobody needs to be asked now."""
    try:
        return release.state_of(found, application, asker=by), ""
    except release.NotReleased as refusal:
        return None, refusal.sentence
