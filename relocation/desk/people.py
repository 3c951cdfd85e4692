"""Who can open a case: name the lead, let somebody in, end what is no longer needed."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from relocation.desk.templatetags.harbour import plain_day
from relocation.journey import people as door
from relocation.journey.referring import assign
from relocation.journey.silence import unsaid_grants
from relocation.models import Account, Case, CaseGrant, Consent, Part
from relocation.safety import access
from relocation.safety.confirm import confirmed
from relocation.safety.gate import Request, case_page, named
from relocation.safety.policy import ADMITS, FOR_ONE, POLICY, Role
from relocation.safety.refusal import Denied


class LetInForm(forms.Form):
    """Somebody of this organisation, as what, and why."""

    role = forms.ChoiceField(label=gettext_lazy("As"))
    account = forms.ModelChoiceField(label=gettext_lazy("Whom"), queryset=Account.objects.none())
    reason = forms.CharField(label=gettext_lazy("Why"), max_length=300)

    def __init__(self, data: Any, case: Case, by: Account, roles: list[Role]) -> None:
        super().__init__(data, auto_id="f-%s")
        self.case, self.by = case, by
        role, account = self.fields["role"], self.fields["account"]
        role.choices = [(role.value, ends_after(role)) for role in roles]  # type: ignore[attr-defined]
        account.queryset = colleagues(case, by).select_related("organisation")  # type: ignore[attr-defined]
        account.label_from_instance = self._label  # type: ignore[attr-defined]

    def _label(self, account: Account) -> str:
        """Somebody of elsewhere is named with where they work."""
        return str(account) if account.organisation_id == self.case.organisation_id else f"{account}, {account.organisation}"

    def clean(self) -> Any:
        told = super().clean() or self.cleaned_data
        if (
            told.get("account")
            and told.get("role")
            and _held(self.case, Role(told["role"]), told["account"]).exclude(unsaid_grants(self.case, self.by)).exists()
        ):
            self.add_error("account", _("They already are that here."))
        return told


def ends_after(role: Role) -> str:
    """A role with how long it lasts."""
    term = POLICY.ends[role]
    if not term:
        return str(role.label)
    words = ngettext("%(role)s, for %(days)d day", "%(role)s, for %(days)d days", term.days)
    return words % {"role": role.label, "days": term.days}


def colleagues(case: Case, by: Account) -> Any:
    """Desk accounts of the case's organisation, and of those that the person lets help; nobody lets themselves in."""
    partners = Consent.for_organisations(case.pk).values("organisation")
    known = Q(organisation=case.organisation_id) | Q(organisation__in=partners)
    return Account.objects.filter(known, part=Part.DESK, is_active=True).exclude(pk=by.pk).order_by("name")


@case_page("case.open")
@confirmed()
def people(request: Request, case: Case) -> HttpResponse:
    """Everybody who can open it, since when and until when; and the forms of those who may change that."""
    by = request.user
    if "end" in request.POST:
        return _end(request, case)
    if "renew" in request.POST:
        return _renew(request, case)
    roles = _may_admit(case, by)
    form = LetInForm(request.POST or None, case, by, roles) if roles else None
    if request.method == "POST" and form is None:
        raise Denied(case.pk, "admit", by.pk)
    if form is not None and form.is_valid():
        _let_in(case, form, by)
        messages.success(request, _("%(name)s can open this case now, and is told.") % {"name": form.cleaned_data["account"]})
        return redirect("desk:people", case.pk)
    grants = list(_live(case).exclude(unsaid_grants(case, by)))
    return render(
        request,
        "desk/people.html",
        {
            "case": case,
            "form": form,
            "grants": [(g, door.may_end(g, by), door.may_renew(g, by)) for g in grants],
            "bars": access.may(by, "bar", case.pk),
            "transfers": access.may(by, "case.assign", case.pk),
        },
    )


def _live(case: Case) -> Any:
    return (
        CaseGrant.objects.filter(content_object=case.pk)
        .select_related("user__organisation", "granted_by", "permission")
        .order_by("granted_at")
    )


def _may_admit(case: Case, by: Account) -> list[Role]:
    """Roles that the account gives here; those for one stay, leg or dossier are given where these are."""
    mine = {grant.role for grant in _live(case).filter(user=by)}
    given = frozenset().union(*(ADMITS.get(role, frozenset()) for role in mine)) - FOR_ONE
    return [role for role in Role if role in given]


def _let_in(case: Case, form: LetInForm, by: Account) -> None:
    """Name the lead, or admit. Raises `Denied`."""
    role, account, reason = Role(form.cleaned_data["role"]), form.cleaned_data["account"], form.cleaned_data["reason"]
    if role == Role.LEAD:
        assign(case.pk, account, by=by, reason=reason)
    else:
        access.require(by, f"admit.{role}", case.pk)
        if unsaid := _held(case, role, account).first():
            access.renew(unsaid, by=by, reason=reason)  # a page that may not speak of it looks as it always does
        else:
            access.admit(account, role, case.pk, by=by, reason=reason)


def _held(case: Case, role: Role, account: Account) -> Any:
    return access.holders(case.pk, role).filter(user=account)


def _end(request: Request, case: Case) -> HttpResponse:
    """End one grant now; a case keeps its last coordinator."""
    by, grant = request.user, _named(case, request.POST["end"])
    if not door.may_end(grant, by):
        raise Denied(case.pk, f"dismiss.{grant.role}", by.pk)
    door.end(grant, by=by)
    messages.success(
        request,
        _("%(name)s can no longer open this case as %(role)s.") % {"name": grant.user, "role": grant.role.label},
    )
    return redirect("desk:cases") if grant.user_id == by.pk else redirect("desk:people", case.pk)


def _renew(request: Request, case: Case) -> HttpResponse:
    """Let somebody stay for their role's whole term from now on."""
    renewed = door.renew(_named(case, request.POST["renew"]), by=request.user)
    words = {"name": renewed.user, "role": renewed.role.label, "day": plain_day(renewed.expires_at)}
    messages.success(request, _("%(name)s stays as %(role)s until %(day)s.") % words)
    return redirect("desk:people", case.pk)


def _named(case: Case, number: str) -> CaseGrant:
    """The live grant that a button names. Raises Http404."""
    grant: CaseGrant = get_object_or_404(_live(case), pk=named(number))
    return grant
