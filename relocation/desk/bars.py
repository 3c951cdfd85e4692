"""Whom the person does not want near their case."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from relocation.desk.forms import words
from relocation.journey import bars as door
from relocation.models import Account, Bar, Case, CaseGrant, Organisation, Part
from relocation.safety import access
from relocation.safety.gate import Request, case_page, named


class BarForm(forms.Form):
    """Somebody who is known here, or a name; and what the person said."""

    about = forms.TypedChoiceField(label=gettext_lazy("Somebody here"), required=False, coerce=UUID, empty_value=None)
    name = forms.CharField(
        label=gettext_lazy("Or a name"),
        required=False,
        max_length=120,
        widget=forms.TextInput({"autocomplete": "off"}),
        help_text=gettext_lazy(
            "Of a person, a house or an organisation; in any script. A family name alone means all who bear it."
        ),
    )
    words = words(gettext_lazy("What the person said"), required=True, help_text=gettext_lazy("And over which channel. Sealed."))

    def __init__(self, data: Any, case: Case) -> None:
        super().__init__(data, auto_id="f-%s")
        about: Any = self.fields["about"]
        about.choices = [("", _("Nobody of these")), (_("People"), _people(case)), (_("Organisations"), _organisations())]

    def clean(self) -> Any:
        told = super().clean() or self.cleaned_data
        if not told.get("about") and not (told.get("name") or "").strip():
            self.add_error("about", _("Choose somebody, or write a name."))
        return told


def _people(case: Case) -> list[tuple[str, str]]:
    """The desks of the case's organisation, and whoever is on the case now."""
    present = CaseGrant.objects.filter(content_object_id=case.pk).values_list("user", flat=True)
    desks = Account.objects.filter(part=Part.DESK, organisation=case.organisation_id, is_active=True)
    found = desks | Account.objects.filter(pk__in=list(present))
    return [(str(account.pk), str(account)) for account in found.distinct().order_by("name")]


def _organisations() -> list[tuple[str, str]]:
    return [(str(one.pk), one.name) for one in Organisation.objects.order_by("name")]


@case_page("bar")
def bars(request: Request, case: Case) -> HttpResponse:
    """Note whom the person bars; whoever may, lifts it again."""
    by = request.user
    if "lift" in request.POST:
        return _lift(request, case)
    form = BarForm(request.POST or None, case)
    if form.is_valid():
        told = form.cleaned_data
        door.bar(case, by=by, about=told["about"], name=told["name"], words=told["words"])
        messages.success(request, _("Noted. Whoever it is about cannot open this case, and is not told why."))
        return redirect("desk:bars" if access.may(by, "bar", case.pk) else "desk:cases", *_here(case, by))
    rows = list(Bar.objects.filter(case=case).select_related("by").order_by("-at"))
    shown = {"case": case, "form": form, "rows": _lines(rows, case, by), "lifts": access.may(by, "bar.lift", case.pk)}
    return render(request, "desk/bars.html", shown)


def _here(case: Case, by: Account) -> list[UUID]:
    return [case.pk] if access.may(by, "bar", case.pk) else []


def _lines(rows: list[Bar], case: Case, by: Account) -> list[tuple[Bar, str]]:
    """Each with whom it is about, for those who may read it; names that were typed stay sealed."""
    if not access.may(by, "contacts.reveal", case.pk):
        return [(row, "") for row in rows]
    wanted = {row.about for row in rows if row.about}
    names = {one.pk: str(one) for model in (Account, Organisation) for one in model._default_manager.filter(pk__in=wanted)}
    return [(row, names.get(row.about, "") if row.about else "") for row in rows]


def _lift(request: Request, case: Case) -> HttpResponse:
    row = get_object_or_404(Bar, case=case, pk=named(request.POST["lift"]))
    door.lift(row, by=request.user, words=request.POST.get("words", "").strip() or "lifted")
    messages.success(request, _("Lifted. Nobody is let in by it: let them in where they are needed."))
    return redirect("desk:bars", case.pk)
