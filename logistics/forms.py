"""What is asked when a way is planned and when somebody was heard from."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from logistics import zones
from logistics.models import CheckIn, Leg, Passage
from relocation.models import Account, Part
from relocation.models.watch import CHANNELS

PHRASE = gettext_lazy("Both say it, so that each knows the other is the right one.")
SEEN = gettext_lazy("Sealed. What the person looks out for; the leg’s escort sees it too.")
MEET = gettext_lazy("Sealed. Only the leg's escort opens it, on the day; whoever else must see it needs a second person.")


def road_accounts(account: Account) -> QuerySet[Account]:
    """Escorts of the account's own organisation."""
    return Account.objects.filter(part=Part.ROAD, is_active=True, organisation=account.organisation_id).order_by("name")


class LocalTime(forms.DateTimeField):
    """A local time without its zone, which another field names."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    def to_python(self, value: Any) -> Any:
        given = super().to_python(value)
        return timezone.make_naive(given) if given and timezone.is_aware(given) else given


class PassageForm(forms.ModelForm):
    """A way for one person."""

    class Meta:
        model = Passage
        fields = ["purpose", "alone_by_choice", "needs_exit_permission", "cover"]
        widgets = {"purpose": forms.RadioSelect}
        help_texts = {
            "alone_by_choice": gettext_lazy("Only where the person asks for it. Otherwise each leg names an escort."),
            "cover": gettext_lazy("Sealed words only. No leg is ever made of it, and no paper says it."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        purpose = self.fields["purpose"]
        assert isinstance(purpose, forms.TypedChoiceField)
        purpose.choices = Passage.Purpose.choices


class _Meeting(forms.Form):
    """How escort and person find and know each other; sealed."""

    code_phrase = forms.CharField(label=gettext_lazy("Code phrase"), help_text=PHRASE, max_length=120, required=False)
    vehicle = forms.CharField(label=gettext_lazy("Vehicle: plate and look"), help_text=SEEN, max_length=120, required=False)
    meeting_point = forms.CharField(
        label=gettext_lazy("Where to meet"),
        help_text=MEET,
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def only_what(self, may_place: bool) -> None:
        """Drop the place for whoever may not write places."""
        if not may_place:
            del self.fields["meeting_point"]

    def meeting(self) -> dict[str, str]:
        return {name: self.cleaned_data.get(name, "") for name in ("meeting_point", "code_phrase", "vehicle")}


class LegForm(_Meeting, forms.ModelForm):
    """One movement with a time zone at each end."""

    departs_at = LocalTime(label=pgettext_lazy("leg", "Departs, local time"))
    arrives_at = LocalTime(label=pgettext_lazy("leg", "Arrives, local time"))
    from_zone = forms.ChoiceField(label=gettext_lazy("Time zone at departure"), choices=zones.choices, initial="Europe/Moscow")
    to_zone = forms.ChoiceField(label=gettext_lazy("Time zone at arrival"), choices=zones.choices, initial="Europe/Moscow")
    seats = forms.IntegerField(label=gettext_lazy("Seats we have on it"), min_value=1, max_value=200, initial=1)

    field_order = (
        "mode", "carrier", "number", "from_place", "departs_at", "from_zone", "to_place", "arrives_at", "to_zone",
        "crossing", "seats", "escort", "needs_manifest", "code_phrase", "vehicle", "meeting_point",
    )  # fmt: skip

    class Meta:
        model = Leg
        fields = [
            "mode", "carrier", "number", "from_place", "to_place", "from_zone", "to_zone", "departs_at", "arrives_at",
            "crossing", "seats", "escort", "needs_manifest",
        ]  # fmt: skip
        help_texts = {
            "from_place": gettext_lazy("A code such as Alder or Point C, never an address."),
            "to_place": gettext_lazy("A code, never an address."),
        }

    def __init__(self, *args: Any, by: Account, may_place: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        escort = self.fields["escort"]
        assert isinstance(escort, forms.ModelChoiceField)
        escort.queryset, escort.empty_label = road_accounts(by), _("Nobody yet")
        self.only_what(may_place)

    def clean(self) -> dict[str, Any]:
        """Turn both local times into moments, and see that the leg goes forward in time, whatever the clocks show."""
        told = super().clean() or self.cleaned_data
        for when, where in (("departs_at", "from_zone"), ("arrives_at", "to_zone")):
            if told.get(when) and told.get(where):
                try:
                    told[when] = zones.instant(told[when], told[where])
                except ValidationError as error:
                    self.add_error(when, error)
        if {"departs_at", "arrives_at"} <= told.keys() and told["arrives_at"] <= told["departs_at"]:
            self.add_error("arrives_at", _("This is before the departure. Check both times and their time zones."))
        return told


class SeatForm(_Meeting):
    """A seat on a leg that is known already."""

    leg = forms.ModelChoiceField(Leg.objects.none(), label=pgettext_lazy("journey", "Leg"), empty_label=None)

    field_order = ("leg", "code_phrase", "vehicle", "meeting_point")

    def __init__(self, *args: Any, legs: QuerySet[Leg], may_place: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        leg = self.fields["leg"]
        assert isinstance(leg, forms.ModelChoiceField)
        leg.queryset = legs
        leg.label_from_instance = leg_in_words  # type: ignore[method-assign,assignment]
        self.only_what(may_place)


def leg_in_words(leg: Any) -> str:
    """A leg, when it departs, and how many seats are free."""
    free = leg.seats - leg.in_use
    words = {"leg": leg, "when": zones.in_words(leg.departs_at, leg.from_zone), "free": free}
    return ngettext("%(leg)s, %(when)s, %(free)d seat free", "%(leg)s, %(when)s, %(free)d seats free", free) % words


class TicketForm(forms.Form):
    """The reference of one seat's ticket."""

    reference = forms.CharField(label=gettext_lazy("Ticket or booking reference"), max_length=120)


class CheckInForm(forms.Form):
    """Heard from, with the agreed word, or no answer. Both words are asked for in the same field."""

    outcome = forms.ChoiceField(label=gettext_lazy("What happened"), choices=CheckIn.Outcome.choices, widget=forms.RadioSelect)
    word = forms.CharField(
        label=gettext_lazy("The word they gave"), required=False, max_length=80,
        help_text=gettext_lazy("Compared with the agreed word and not kept."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off"}),
    )  # fmt: skip
    channel = forms.ChoiceField(label=gettext_lazy("Over which channel"), choices=CHANNELS)


class ReceiverForm(forms.Form):
    """Who receives the person at the end of the last leg: a colleague of the desk."""

    account = forms.ModelChoiceField(label=gettext_lazy("Who receives the person"), queryset=Account.objects.none())

    def __init__(self, *args: Any, people: QuerySet[Account], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        account = self.fields["account"]
        assert isinstance(account, forms.ModelChoiceField)
        account.queryset = people
