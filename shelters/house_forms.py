"""What is asked about a house: whom it suits, its beds, closed nights, looks at it, its hosts, what was seen. Calendar dates."""

from datetime import date, datetime, timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from relocation.models import Account
from relocation.models.languages import LANGUAGES
from relocation.safety.sealed import SealedFormField
from shelters.forms import DAY, HOUSE_TIME, MOMENT
from shelters.keeping import hosts_for
from shelters.models import Bed, Closure, House, Inspection, Room, Sighting, Vetting

YEAR = timedelta(days=365)
MOST_BEDS = 12
LINES = ("address", "meeting_point", "door_protocol", "finding", "note", "words")


class _OfHouse(forms.ModelForm):
    """A form whose sealed fields are never shown again; what is left blank stays as it is."""

    def __init__(self, data: Any = None, *, instance: Any, **rest: Any) -> None:
        super().__init__(data, instance=instance, auto_id=f"{type(self).__name__}-%s", **rest)
        for name, field in self.fields.items():
            if isinstance(field, SealedFormField):
                sealed = forms.Textarea({"rows": 3}) if name in LINES else forms.TextInput({"autocomplete": "off"})
                field.widget = sealed


class HouseForm(_OfHouse):
    """A house: where it is, sealed, and whom it suits."""

    languages = forms.MultipleChoiceField(
        label=gettext_lazy("Languages spoken there"), required=False, widget=forms.CheckboxSelectMultiple
    )
    field_order = ("code", "time_zone", "address", "meeting_point", "door_protocol")

    class Meta:
        model = House
        fields = (
            "code", "time_zone", "address", "meeting_point", "door_protocol", "takes", "smallest_household", "largest_household",
            "stay_limit", "step_free", "pets", "smoking", "not_for", "languages",
        )  # fmt: skip
        labels: ClassVar[dict[str, Any]] = {"code": gettext_lazy("Neutral name of the house")}
        help_texts: ClassVar[dict[str, Any]] = {
            "code": gettext_lazy("A word that says nothing about the place, such as a tree."),
            "time_zone": gettext_lazy("As computers name it, such as Europe/Moscow. Never a smaller place than needed."),
            "address": gettext_lazy("Sealed. Nobody reads it here again; left blank it stays as it is."),
            "meeting_point": gettext_lazy("Where cars stop: some streets away, never at the door."),
            "door_protocol": gettext_lazy(
                "Who opens, what is said, what never happens. Its hosts read it before somebody comes."
            ),
            "not_for": gettext_lazy("In plain words about the house, such as: a dog lives here; three flights of stairs."),
        }

    def __init__(self, *args: Any, **rest: Any) -> None:
        super().__init__(*args, **rest)
        languages: Any = self.fields["languages"]
        languages.choices = sorted(((tag, str(name)) for tag, name in LANGUAGES.items()), key=lambda one: one[1])

    def clean_time_zone(self) -> str:
        """Refuse what no computer knows as a zone."""
        try:
            return str(ZoneInfo(self.cleaned_data["time_zone"]))
        except (KeyError, ValueError, OSError):  # an unknown zone is a KeyError
            raise forms.ValidationError(_("No time zone has this name. Write it as Europe/Moscow.")) from None

    def clean(self) -> Any:
        told = super().clean() or self.cleaned_data
        least, most = told.get("smallest_household"), told.get("largest_household")
        if least is not None and least < 1:
            self.add_error("smallest_household", _("A household has one person at least."))
        if least and most is not None and most < least:
            self.add_error("largest_household", _("The largest household is not smaller than the smallest."))
        if told.get("stay_limit") == 0:
            self.add_error("stay_limit", _("Leave it empty where there is no limit."))
        return told


class RoomForm(forms.Form):
    """A room, and how many beds are put into it."""

    name = forms.CharField(label=gettext_lazy("Room"), max_length=40)
    beds = forms.IntegerField(label=gettext_lazy("Beds to add"), min_value=1, max_value=MOST_BEDS, initial=1)


class ClosureForm(forms.Form):
    """Which nights, which part, and why."""

    first = forms.DateField(label=gettext_lazy("First closed night"), widget=DAY)
    opens = forms.DateField(label=gettext_lazy("Day of opening again"), widget=DAY)
    part = forms.ChoiceField(label=gettext_lazy("What is closed"), required=False)
    why = forms.ChoiceField(label=gettext_lazy("Why"), choices=Closure.Why.choices)
    note = forms.CharField(label=gettext_lazy("Anything else"), max_length=400, required=False, help_text=gettext_lazy("Sealed."))

    def __init__(self, data: Any, house: House) -> None:
        super().__init__(data, auto_id="ClosureForm-%s", initial={"first": timezone.localdate()})
        beds: list[Room | Bed] = list(Bed.objects.filter(house=house).select_related("room"))
        self.parts = {str(part.pk): part for part in [*Room.objects.filter(house=house), *beds]}
        part: Any = self.fields["part"]
        part.choices = [
            ("", _("The whole house")),
            *sorted(((pk, str(p)) for pk, p in self.parts.items()), key=lambda one: one[1]),
        ]

    def clean(self) -> Any:
        told = super().clean() or self.cleaned_data
        if told.get("first") and told.get("opens") and told["opens"] <= told["first"]:
            self.add_error("opens", _("The day of opening comes after the first closed night."))
        return told

    @property
    def nights(self) -> tuple[date, date]:
        return self.cleaned_data["first"], self.cleaned_data["opens"]


class InspectionForm(_OfHouse):
    """When, what was found, and when again."""

    class Meta:
        model = Inspection
        fields = ("on", "result", "finding", "next_due")
        widgets: ClassVar[dict[str, Any]] = {"on": DAY, "next_due": DAY}

    def clean(self) -> Any:
        told = super().clean() or self.cleaned_data
        on, due = told.get("on"), told.get("next_due")
        if on and on > timezone.localdate():
            self.add_error("on", _("This day has not come yet."))
        if on and due and due <= on:
            self.add_error("next_due", _("It is looked at again on a later day."))
        return told


class VettingForm(_OfHouse):
    """Which host, how, and until when it counts."""

    class Meta:
        model = Vetting
        fields = ("account", "how", "note", "renew_by")
        widgets: ClassVar[dict[str, Any]] = {"renew_by": DAY}

    def __init__(self, data: Any = None, *, instance: Vetting, by: Account) -> None:
        super().__init__(data, instance=instance, initial={"renew_by": timezone.localdate() + YEAR})
        account: Any = self.fields["account"]
        hosts = instance.house.keepers.exclude(account=by).values("account")
        account.queryset = Account.objects.filter(pk__in=hosts).order_by("name")

    def clean_renew_by(self) -> date:
        """A vetting counts for a year at most."""
        until: date = self.cleaned_data["renew_by"]
        if not timezone.localdate() < until <= timezone.localdate() + YEAR:
            raise forms.ValidationError(_("Choose a day after today, within a year."))
        return until


class HostForm(forms.Form):
    """Which of the organisation's hosts keeps this house too."""

    account = forms.ModelChoiceField(label=gettext_lazy("Host"), queryset=Account.objects.none())

    def __init__(self, data: Any, house: House) -> None:
        super().__init__(data, auto_id="HostForm-%s")
        account: Any = self.fields["account"]
        account.queryset = hosts_for(house)

    @property
    def anybody(self) -> bool:
        """Whether there is anybody to choose."""
        return bool(self.fields["account"].queryset.exists())  # type: ignore[attr-defined]


class SightingForm(_OfHouse):
    """What was seen, when, and of which vehicle."""

    class Meta:
        model = Sighting
        fields = ("what", "seen_at", "vehicle", "plate", "words")
        widgets: ClassVar[dict[str, Any]] = {"seen_at": MOMENT}
        help_texts: ClassVar[dict[str, Any]] = {"seen_at": HOUSE_TIME}

    def __init__(self, data: Any = None, *, instance: Sighting) -> None:
        now = datetime.now(tz=ZoneInfo(instance.house.time_zone)).replace(tzinfo=None, second=0, microsecond=0)
        super().__init__(data, instance=instance, initial={"seen_at": now})
        what: Any = self.fields["what"]
        what.choices = [one for one in what.choices if one[0] in ("", *Sighting.SEEN)]

    def clean_seen_at(self) -> datetime:
        """Read it in the time of the house; nothing is seen before it happens."""
        typed: datetime = self.cleaned_data["seen_at"]
        moment = typed.replace(tzinfo=ZoneInfo(self.instance.house.time_zone))
        if moment > timezone.now() + timedelta(minutes=5):
            raise forms.ValidationError(_("This time has not come yet."))
        return moment
