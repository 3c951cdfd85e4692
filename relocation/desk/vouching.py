"""The form of vouching: the person vouches for one of those who bear a pursuer's name."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from relocation.desk.record_forms import RecordForm
from relocation.models import Account, Case, CaseGrant, OnCase, Part, Referrer, Vouch


class VouchForm(RecordForm):
    """For one of the people who are on the case now, or who referred the person."""

    person = forms.ChoiceField(label=gettext_lazy("For whom"))

    field_order = ("person", "words")

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        person: Any = self.fields["person"]
        person.choices = [("", _("Choose")), *_whom_to_vouch_for(self.case)]

    def keep(self) -> OnCase:
        vouch: Any = self.instance
        vouch.whom, _colon, about = self.cleaned_data["person"].partition(":")
        vouch.about = UUID(about)
        return super().keep()


def _whom_to_vouch_for(case: Case) -> list[tuple[str, str]]:
    """Leads and verifiers by name, then colleagues who may be needed; who referred the person by the day on which it was written
    down, since the name is sealed."""
    roles = [Vouch.For.LEAD, Vouch.For.VERIFIER]
    held = CaseGrant.objects.filter(content_object_id=case.pk, permission__codename__in=roles)
    held = held.select_related("user", "permission")
    people = {f"{grant.role}:{grant.user_id}": f"{grant.user}, {Vouch.For(grant.role).label}" for grant in held}
    for referrer in Referrer.objects.filter(case=case):
        words = _("who referred them, as recorded on %(day)s") % {"day": date_format(timezone.localdate(referrer.at))}
        people[f"{Vouch.For.REFERRER}:{referrer.pk}"] = words
    present = {grant.user_id for grant in held}
    for account in Account.objects.filter(part=Part.DESK, organisation=case.organisation_id, is_active=True).order_by("name"):
        if account.pk not in present:
            people[f"{Vouch.For.COLLEAGUE}:{account.pk}"] = f"{account}, {Vouch.For.COLLEAGUE.label}"
    return list(people.items())
