"""One page for every kind of record: what is asked for, and what is already known, sealed parts as dots."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from relocation.desk import channels
from relocation.desk.record_forms import RecordForm
from relocation.desk.record_kinds import KINDS, RecordKind
from relocation.journey import recording
from relocation.journey.kin import NotAdmitted
from relocation.models import Account, Case, Channel, Consent, Notice, OnCase, Pursuer, Vehicle
from relocation.safety import access, ledger, vault
from relocation.safety.gate import Request, case_page, named
from relocation.safety.policy import Compartment
from relocation.safety.refusal import Denied
from relocation.safety.sealed import Sealed
from relocation.safety.walls import compartments

# What can be ended from its own row: the model, whether it is over already, and the door.
ENDS: dict[type[OnCase], tuple[str, Callable[..., Any], Any]] = {
    Consent: ("withdrawn_on", recording.withdraw_consent, lambda: _("The person withdraws this")),
    Notice: ("ended_at", recording.end_notice, lambda: _("No longer so")),
    Channel: ("compromised_at", recording.end_channel, lambda: _("No longer safe")),
    Pursuer: ("ended_at", recording.end_pursuer, lambda: _("Noted by mistake")),
    Vehicle: ("ended_at", recording.end_vehicle, lambda: _("No longer theirs")),
}
# Which page opens what is sealed in a compartment.
OPENED_BY = {
    Compartment.IDENTITY: "identity",
    Compartment.CLAIM: "claim",
    Compartment.CONTACTS: "contacts",
    Compartment.LOCATION: "location",
}


@dataclass(frozen=True)
class Line:
    """One record as the page shows it: plain facts, labels of what is sealed, and how it can be ended."""

    row: OnCase
    facts: list[tuple[Any, Any]]
    sealed: list[Any]
    end: str = ""
    verify: channels.HowForm | None = None


@case_page("case.open")
def record(request: Request, case: Case, kind: str) -> HttpResponse:
    """Show and keep records of one kind."""
    if kind not in KINDS:
        raise Http404
    found, by = KINDS[kind], request.user
    writes, known = recording.may_write(by, found.model, case), _known(by, found, case)
    if not writes and not known:
        raise Denied(case.pk, f"record.{kind}", by.pk)
    if "end" in request.POST:
        return _end(request, case, found)
    if channels.VERIFY in request.POST and found.model is Channel:
        return channels.verify(request, case, kind)
    form = found.form(request.POST or None, case=case, by=by) if writes else None
    if form is not None and form.is_valid() and _kept(form):
        messages.success(request, _("%(title)s: kept.") % {"title": found.title})
        return redirect(*(("desk:record", case.pk, kind) if found.several else ("desk:case", case.pk)))
    context = {
        "case": case,
        "kind": found,
        "form": form,
        "lines": _lines(case, found, known, by, writes),
        "opens": _opens(by, found, case),
    }
    return render(request, "desk/record.html", context)


def _kept(form: RecordForm) -> bool:
    """Keep it; what is refused for a reason that can be said is said on the page, and what was typed stays."""
    try:
        form.keep()
    except (recording.NotRecorded, NotAdmitted) as refusal:
        ledger.keep(refusal)
        form.add_error(None, str(refusal.sentence))
        return False
    return True


def _known(by: Account, kind: RecordKind, case: Case) -> set[Compartment]:
    """Compartments of this kind in which the account reads, with or without a reason."""
    rights = ("reveal", "reveal_together")
    return {c for c in compartments(kind.model) if any(access.may(by, f"{c}.{right}", case.pk) for right in rights)}


def _lines(case: Case, kind: RecordKind, known: set[Compartment], by: Account, writes: bool) -> list[Line]:
    rows = kind.model._default_manager.filter(case=case).select_related("by").order_by("-at")
    return [_line(row, kind, known, by, writes) for row in rows]


def _line(row: OnCase, kind: RecordKind, known: set[Compartment], by: Account, writes: bool) -> Line:
    fields: list[Any] = [row._meta.get_field(name) for name in dict.fromkeys((*kind.fields, *kind.shows))]
    held = [field for field in fields if field.compartment in known and getattr(row, field.name) not in (None, "", [])]
    sealed = [field for field in held if isinstance(field, Sealed)]
    facts = [(field.verbose_name, _shown(row, field)) for field in held if not isinstance(field, Sealed)]
    facts += [(field.verbose_name, _read(row, field, by)) for field in sealed if _reads(row, field, by)]
    ended, _door, words = ENDS.get(kind.model, ("", None, str))
    end = words() if writes and ended and getattr(row, ended) is None else ""
    return Line(
        row, facts, [field.verbose_name for field in sealed if not _reads(row, field, by)], end, channels.form_for(row, writes)
    )


def _shown(row: OnCase, field: Any) -> Any:
    """A plain value in words."""
    value = getattr(row, field.name)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(str(dict(field.base_field.choices or ()).get(item, item)) for item in value)
    return getattr(row, f"get_{field.name}_display")() if field.choices else value


def _reads(row: OnCase, field: Sealed, by: Account) -> bool:
    return access.may(by, f"{field.compartment}.read", row.case_id)


def _read(row: OnCase, field: Sealed, by: Account) -> str:
    return vault.read(row, field.name, by=by, purpose="record")[field.name]


def _opens(by: Account, kind: RecordKind, case: Case) -> str:
    """The kind of reveal that opens what is sealed here; empty where the account may not."""
    inside = {field.compartment for field in vault.sealed_fields(kind.model)} & OPENED_BY.keys()
    right = "reveal_together" if Compartment.LOCATION in inside else "reveal"
    return next((OPENED_BY[c] for c in inside if access.may(by, f"{c}.{right}", case.pk)), "")


def _end(request: Request, case: Case, kind: RecordKind) -> HttpResponse:
    """End one row; whoever may not is refused by the door."""
    if kind.model not in ENDS:
        raise Http404
    row = get_object_or_404(kind.model, case=case, pk=named(request.POST["end"]))
    ENDS[kind.model][1](row, by=request.user)
    messages.success(request, _("%(title)s: ended.") % {"title": kind.title})
    return redirect("desk:record", case.pk, kind.slug)
