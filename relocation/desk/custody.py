"""The access custodian's page: a case by its code, who may open it until when, and nothing of the case."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from relocation.desk import review
from relocation.desk.people import ends_after
from relocation.desk.templatetags.harbour import plain_day
from relocation.journey import custody
from relocation.journey.custody import Circle, Held
from relocation.models import Account, Part
from relocation.safety.gate import Request, View, declared, id_in, portal
from relocation.safety.policy import FOR_ONE, Role
from relocation.safety.refusal import Denied


def custodians(view: Callable[..., HttpResponse]) -> View:
    """A page for access custodians; for everybody else it is not there."""

    @portal(*(part.value for part in Part if part is not Part.SYSTEM))
    @wraps(view)
    def page(request: HttpRequest, **rest: Any) -> HttpResponseBase:
        account: Any = request.user
        if not custody.is_custodian(account):
            raise Denied(account.pk, "office.custodian", account.pk)
        return view(request, **rest)

    return declared(page, "office:custodian")


class GiveForm(forms.Form):
    """Somebody of the custodian's organisation, as what, and why; never herself."""

    role = forms.ChoiceField(label=gettext_lazy("As"))
    account = forms.ModelChoiceField(label=gettext_lazy("Whom"), queryset=Account.objects.none())
    reason = forms.CharField(label=gettext_lazy("Why"), max_length=300)

    def __init__(self, data: Any, by: Account) -> None:
        super().__init__(data, auto_id="f-%s")
        role, account = self.fields["role"], self.fields["account"]
        role.choices = [(r.value, ends_after(r)) for r in Role if r not in FOR_ONE]  # type: ignore[attr-defined]
        account.queryset = at_desks(by)  # type: ignore[attr-defined]


def at_desks(by: Account) -> Any:
    """Whom a custodian lets in: the desks of her organisation, but for herself."""
    found = Account.objects.filter(part=Part.DESK, organisation=by.organisation_id, is_active=True)
    return found.exclude(pk=by.pk).order_by("name")


@custodians
def access(request: Request) -> HttpResponse:
    """Find a case by its code; let somebody in, let them stay, end it."""
    code = request.GET.get("q", "")
    circle = custody.find(code, by=request.user) if code else None
    form = GiveForm(request.POST if "account" in request.POST else None, request.user)
    if request.method == "POST":
        if circle is None:
            raise Denied(request.user.pk, "custody", request.user.pk)
        if said := _done(request, circle, form):
            messages.success(request, said)
            return redirect(f"{reverse('desk:access')}?q={circle.code}")
    shown = {"q": code, "circle": circle, "form": form, "alone": custody.without_coordinator(), "unwarned": custody.unwarned()}
    return render(request, "access/access.html", shown | review.due(request.user))


def _done(request: Request, circle: Circle, form: GiveForm) -> str:
    """What was done, in words; empty where the form has something to say first."""
    by = request.user
    if "end" in request.POST:
        held = named(circle.held, request.POST["end"])
        custody.end([held], by=by)
        return _("%(name)s can no longer open this case as %(role)s.") % {"name": held.account, "role": held.role.label}
    if "renew" in request.POST:
        held = named(circle.held, request.POST["renew"])
        day = plain_day(custody.renew(held, by=by).expires_at)
        return _("%(name)s stays as %(role)s until %(day)s.") % {"name": held.account, "role": held.role.label, "day": day}
    if not form.is_valid():
        return ""
    told = form.cleaned_data
    custody.let_in(circle, told["account"], Role(told["role"]), by=by, reason=told["reason"])
    return _("%(name)s can open this case now, and is told.") % {"name": told["account"]}


def named(those: list[Held], number: str) -> Held:
    """The grant that a button names. Raises Http404."""
    wanted = id_in(number)
    found = next((held for held in those if held.pk == wanted), None)
    if found is None:
        raise Http404
    return found
