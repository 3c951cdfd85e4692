"""What is asked when places are looked for: the nights, and when people come."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shelters.forms import DAY, HOUSE_TIME, LONGEST
from shelters.models import House

CLOCK = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
WEEKS = timedelta(days=14)


class Stretch(forms.Form):
    """Nights, and the window of the arrival on the first of them."""

    first_night = forms.DateField(label=gettext_lazy("First night"), widget=DAY)
    leave_day = forms.DateField(label=gettext_lazy("Day of leaving"), widget=DAY)
    arrives_from = forms.TimeField(label=gettext_lazy("Arrives from"), help_text=HOUSE_TIME, widget=CLOCK)
    arrives_until = forms.TimeField(label=gettext_lazy("Arrives until"), help_text=HOUSE_TIME, widget=CLOCK)

    def clean(self) -> dict[str, Any]:
        """Say beside the field what cannot be."""
        told = super().clean() or self.cleaned_data
        first, leave = told.get("first_night"), told.get("leave_day")
        if first and first < timezone.localdate() - timedelta(days=1):
            self.add_error("first_night", _("This night has passed. Choose tonight or a later night."))
        if first and leave and leave <= first:
            self.add_error("leave_day", _("The day of leaving comes after the first night."))
        elif first and leave and leave - first > LONGEST:
            self.add_error("leave_day", _("Hold a bed for half a year at most."))
        start, end = told.get("arrives_from"), told.get("arrives_until")
        if start and end and end <= start:
            self.add_error("arrives_until", _("The window ends after it begins."))
        return told

    @property
    def nights(self) -> tuple[date, date]:
        return self.cleaned_data["first_night"], self.cleaned_data["leave_day"]

    @property
    def arrives(self) -> tuple[time, time]:
        return self.cleaned_data["arrives_from"], self.cleaned_data["arrives_until"]


def suggested(first: date | None = None) -> dict[str, Any]:
    """From a night on (default tonight) for two weeks, arriving in the evening."""
    begin = first or timezone.localdate()
    return {"first_night": begin, "leave_day": begin + WEEKS, "arrives_from": time(18), "arrives_until": time(21)}


def window(house: House, first: date, arrives: tuple[time, time]) -> tuple[datetime, datetime]:
    """The window as moments, read in the time zone of the house."""
    zone = ZoneInfo(house.time_zone)
    start, end = (datetime.combine(first, at, tzinfo=zone) for at in arrives)
    return start, end
