"""The documents of a case: what the chosen posts want, what is there, and one document with its pages."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from relocation.desk.document_forms import FIELDS, PageForm, RefusalForm, document_form
from relocation.intake.numbers import same_number
from relocation.journey import recording
from relocation.journey.conditions.papers import PASSPORT_BEYOND
from relocation.models import TRAVEL_DOCUMENTS, Application, Case, Document, DocumentKind, Scan
from relocation.paperwork import links
from relocation.safety import access, vault
from relocation.safety.confirm import confirmed
from relocation.safety.gate import Request, case_page
from relocation.safety.refusal import Denied

SOON = timedelta(days=30)
PLAIN = ("kind", "issued_on", "expires_on", "blank_pages", "issuer")
SEALED = [field for field in (*FIELDS, "refused_because") if field not in PLAIN]


@dataclass(frozen=True)
class Line:
    """One document, or the gap where one is wanted: its state as a tag."""

    label: Any
    kind: str
    look: str
    state: Any
    document: Document | None = None


@dataclass(frozen=True)
class Wanted:
    """What one application asks for."""

    application: Application
    lines: list[Line]


@case_page("documents.read")
def documents(request: Request, case: Case) -> HttpResponse:
    """The checklists with what is there; and a form to enter a document."""
    by, writes = request.user, access.may(request.user, "documents.write", case.pk)
    form = (
        document_form(request.POST or None, case=case, by=by, initial={"kind": request.GET.get("kind", "")}) if writes else None
    )
    if request.method == "POST" and form is None:
        raise Denied(case.pk, "documents.write", by.pk)
    if form is not None and form.is_valid():
        kept = form.keep()
        messages.success(request, _("The document is entered. Now add its pages."))
        for other in same_number(kept.pk, by=by):
            messages.warning(request, _("A document of %(alias)s has the same number. Is it the same person?") % {"alias": other})
        return redirect("desk:document", case.pk, kept.pk)
    held = list(Document.objects.filter(case=case).annotate(pages=Count("scans")).order_by("-at"))
    wanted = [Wanted(a, list(_checklist(a, held))) for a in _applications(case)]
    counted = {line.document.pk for w in wanted for line in w.lines if line.document}
    others = [_line(d) for d in held if d.pk not in counted]
    return render(request, "desk/documents.html", {"case": case, "form": form, "wanted": wanted, "others": others})


def _applications(case: Case) -> Any:
    """Open applications, as far as the account may know the post."""
    return (
        Application.objects.filter(case=case).exclude(state__in=recording.OVER).select_related("post", "checklist").order_by("at")
    )


def _checklist(application: Application, held: Sequence[Document]) -> Iterator[Line]:
    for kind in application.checklist.kinds:
        best = best_of(kind, held)
        yield _line(best) if best else Line(DocumentKind(kind).label, kind, "is-stop", _("Missing"))


def best_of(kind: str, held: Sequence[Document]) -> Document | None:
    """The document of a kind that counts: a verified one that lasts longest, else the newest."""
    of_kind = [d for d in held if d.kind == kind]
    verified = [d for d in of_kind if d.verified_at]
    if verified:
        return max(verified, key=lambda d: (d.expires_on is None, d.expires_on or timezone.localdate()))
    return of_kind[0] if of_kind else None


def _line(document: Document) -> Line:
    look, state = state_of(document)
    return Line(document.get_kind_display(), document.kind, look, state, document)


def state_of(document: Any) -> tuple[str, Any]:
    """How a document stands, as the look of a tag and its words; `document.pages` is the number of its scans."""
    today = timezone.localdate()
    if document.refused_because is not None:
        return "is-stop", _("Cannot be used")
    if document.expires_on and document.expires_on < today:
        return "is-stop", _("Expired")
    if document.expires_on and document.expires_on < today + (PASSPORT_BEYOND if document.kind in TRAVEL_DOCUMENTS else SOON):
        return "is-due", _("Expires soon")
    if document.verified_at:
        return "is-ok", _("Verified")
    return ("is-note", _("Scanned, not verified")) if document.pages else ("is-due", _("No page yet"))


LACKS_TYPEFACE = gettext_lazy(
    "This PDF does not carry every typeface that it is written in, so letters may be missing. "
    "Look at each page; where something is missing, photograph or scan the paper instead."
)


@case_page("documents.read")
def document(request: Request, case: Case, document_id: UUID) -> HttpResponse:
    """One document: what it says, its pages, and the word of whoever looked at it."""
    found = get_object_or_404(Document.objects.annotate(pages=Count("scans")), case=case, pk=document_id)
    writes = access.may(request.user, "documents.write", case.pk)
    if request.method == "POST" and not writes:
        raise Denied(case.pk, "documents.write", request.user.pk)
    page, refusal = _page_form(request), RefusalForm(request.POST if "refuse" in request.POST else None, auto_id="r-%s")
    if request.method == "POST" and (said := _acted(request, found, page, refusal)):
        messages.success(request, said)
        return redirect("desk:document", case.pk, document_id)
    context = {"case": case, "document": found, "state": state_of(found)} | _says(request, found)
    context |= {"writes": writes, "page_form": page, "refusal_form": refusal, **_pages(request, found)}
    return render(request, "desk/document.html", context)


def _pages(request: Request, found: Document) -> dict[str, Any]:
    """The pages, which one is being looked at, and which were never opened; the one on the screen is being opened."""
    scans = list(Scan.objects.filter(document=found).defer("body").order_by("page"))
    shown = next((s for s in scans if str(s.page) == request.GET.get("page")), None)
    unseen = {s.pk for s in recording.unseen(found, request.user)} - {shown.pk if shown else None}
    picture = links.address(request, "scan", shown.pk) if shown else ""
    return {"scans": scans, "looked_at": shown, "picture": picture, "unseen": unseen}


def _page_form(request: Request) -> PageForm:
    adds = "add" in request.POST
    return PageForm(request.POST if adds else None, request.FILES if adds else None, auto_id="f-%s")


def _acted(request: Request, found: Document, page: PageForm, refusal: RefusalForm) -> str:
    """Add a page, verify, or refuse; empty where the form must be looked at again."""
    if page.is_valid():
        if page.cleaned_data["page"].lacks_typeface:
            messages.warning(request, LACKS_TYPEFACE)
        kept = [recording.add_scan(found, jpeg, by=request.user) for jpeg in page.cleaned_data["page"].pages]
        return ngettext("The page is kept.", "%(n)d pages are kept.", len(kept)) % {"n": len(kept)}
    if refusal.is_valid():
        recording.refuse_document(found, by=request.user, reason=refusal.cleaned_data["reason"])
        return _("Kept: it cannot be used, and why.")
    if "verify" in request.POST:
        recording.verify_document(found, by=request.user)
        return _("Verified.")
    return ""


def _says(request: Request, found: Document) -> dict[str, Any]:
    """What the document says; one entry in the ledger."""
    meta: Any = found._meta
    said = vault.read(found, *SEALED, by=request.user, purpose="document")
    lines = said.pop("mrz")
    plain = [(name, getattr(found, name)) for name in ("issuer", "issued_on", "expires_on", "blank_pages")]
    facts = [(meta.get_field(name).verbose_name, value) for name, value in [*plain, *said.items()] if value]
    return {"facts": facts, "mrz": lines}


@case_page("documents.read")
@confirmed()
@require_POST
def scan(request: Request, case: Case, document_id: UUID, scan_id: UUID) -> HttpResponse:
    """One page as a file of its own, by a link that opens once."""
    found = get_object_or_404(Scan.objects.defer("body"), case=case, document=document_id, pk=scan_id)
    return links.link(request, "scan", found.pk)
