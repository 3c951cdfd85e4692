"""Forms of a wave: its name and day, whom to put into it."""

import re
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from relocation.journey.waves import ENDED, new_name
from relocation.models import Account, Case, Member, Part, Wave

NEUTRAL = re.compile(r"[^\W_]+(?:[ -][^\W_]+)*")
MOST = 50  # people on one page


class WaveForm(forms.ModelForm):
    """A neutral name, what it is for, and the day on which it leaves."""

    class Meta:
        model = Wave
        fields = ("alias", "purpose", "leaves_on", "coordinator")
        widgets = {"leaves_on": forms.DateInput({"type": "date"}, "%Y-%m-%d")}

    def __init__(self, data: Any = None, *, by: Account, wave: Wave | None = None) -> None:
        initial = {"alias": new_name(), "coordinator": by} if wave is None else {}
        super().__init__(data, instance=wave, initial=initial, auto_id="f-%s", use_required_attribute=False)
        self.was = wave.leaves_on if wave else None
        self.fields["alias"].help_text = _("A neutral word: it stands on sheets and screens. Never a place, a date or a name.")
        who: Any = self.fields["coordinator"]
        organisation = wave.organisation_id if wave else by.organisation_id
        who.queryset = Account.objects.filter(organisation=organisation, part=Part.DESK, is_active=True).order_by("name")
        who.empty_label = None
        if wave is None:
            del self.fields["coordinator"]

    def clean_alias(self) -> str:
        alias: str = " ".join(self.cleaned_data["alias"].split())
        if not NEUTRAL.fullmatch(alias):
            raise forms.ValidationError(_("Use letters and figures only."))
        return alias

    def clean_leaves_on(self) -> Any:
        day = self.cleaned_data["leaves_on"]
        if day < timezone.localdate() and day != self.was:
            raise forms.ValidationError(_("This day is over. Choose today or a later one."))
        return day


class PeopleForm(forms.Form):
    """Which of the account's own cases join the wave."""

    people = forms.MultipleChoiceField(label=gettext_lazy("Who joins"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, data: Any, cases: list[Case]) -> None:
        super().__init__(data, auto_id="f-%s")
        field: Any = self.fields["people"]
        field.choices = [(str(case.pk), f"{case.alias} · {case.code} · {case.get_stage_display()}") for case in cases]
        field.error_messages["required"] = _("Tick at least one person.")


def joinable(by: Account, q: str) -> list[Case]:
    """Cases whose card the account writes, that are in no open wave and whose journey goes on; by alias or code."""
    there = Member.objects.filter(left_at=None).order_by().values("case")
    found = Case.objects.visible_to(by, "card.write").exclude(stage__in=ENDED).exclude(pk__in=there)
    if q:
        found = found.filter(alias__istartswith=q) | found.filter(code=q.upper())
    return list(found.order_by("alias", "code")[:MOST])
