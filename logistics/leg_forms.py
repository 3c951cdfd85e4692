"""What is asked about a leg that is planned already: what changed, its hold, what stands ready, and for whom a manifest is."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from logistics import zones
from logistics.forms import MEET, LegForm, LocalTime, leg_in_words
from logistics.models import Leg, Seat

READERS = [
    ("carrier", gettext_lazy("the carrier: names and documents")),
    ("receiver", gettext_lazy("who receives them: alias, name, needs")),
    ("escort", gettext_lazy("the escort: alias and needs")),
]


class ReadyLegForm(LegForm):
    """A new leg that stands ready; nobody sits on it yet, so that nothing about a meeting is asked."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **(kwargs | {"may_place": False}))
        del self.fields["code_phrase"], self.fields["vehicle"]


class ChangeForm(ReadyLegForm):
    """A leg as it is, to be written anew."""

    def __init__(self, *args: Any, leg: Leg, **kwargs: Any) -> None:
        local = {"departs_at": leg.departs_local.replace(tzinfo=None), "arrives_at": leg.arrives_local.replace(tzinfo=None)}
        super().__init__(*args, instance=Leg(**_plain(leg)), initial=local, **kwargs)
        del self.fields["seats"], self.fields["needs_manifest"]


def _plain(leg: Leg) -> dict[str, Any]:
    """The leg's own columns, so that a form never writes into the row that the page shows."""
    return {field.attname: getattr(leg, field.attname) for field in leg._meta.concrete_fields}


class HoldForm(forms.Form):
    """The carrier's last moment, in the time of the place of departure."""

    until = LocalTime(
        label=gettext_lazy("The carrier holds the seat until, local time"),
        help_text=gettext_lazy("Without a ticket by then the seat is given back. Leave it empty where nothing runs out."),
        required=False,
    )

    def __init__(self, *args: Any, seat: Seat, **kwargs: Any) -> None:
        self.zone = seat.leg.from_zone
        held = seat.held_until.astimezone(seat.leg.departs_local.tzinfo).replace(tzinfo=None) if seat.held_until else None
        super().__init__(*args, **(kwargs | {"initial": {"until": held}}))

    def clean_until(self) -> Any:
        until = self.cleaned_data["until"]
        try:
            return zones.instant(until, self.zone) if until else None
        except ValidationError as error:
            raise forms.ValidationError(error.messages) from None


class ReadyForm(forms.Form):
    """A leg that is known already, to stand ready for this one."""

    leg = forms.ModelChoiceField(Leg.objects.none(), label=pgettext_lazy("journey", "Leg"), empty_label=None)

    def __init__(self, *args: Any, legs: QuerySet[Leg], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        leg: Any = self.fields["leg"]
        leg.queryset, leg.label_from_instance = legs, leg_in_words


class SwitchForm(forms.Form):
    """Where escort and person meet for the other leg, for whoever may write places."""

    meeting_point = forms.CharField(
        label=gettext_lazy("Where to meet"), help_text=MEET, max_length=400, required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip

    def __init__(self, *args: Any, may_place: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_place:
            del self.fields["meeting_point"]


class ManifestForm(forms.Form):
    """Who reads it decides what stands on it."""

    reader = forms.ChoiceField(label=gettext_lazy("Who reads it"), choices=READERS, widget=forms.RadioSelect)
    recipient = forms.CharField(label=gettext_lazy("For whom"), max_length=120)
    others = forms.MultipleChoiceField(
        label=gettext_lazy("Who else stands on it"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, others: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if others:
            choices: Any = self.fields["others"]
            choices.choices = others
        else:
            del self.fields["others"]

    def clean_recipient(self) -> str:
        recipient: str = self.cleaned_data["recipient"].strip()
        if not recipient:
            raise forms.ValidationError(_("Say for whom the manifest is."))
        return recipient
