"""What is asked when somebody is placed: from which night to which day, and when they come."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shelters.models import Bed, House

LONGEST = timedelta(days=180)
DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
MOMENT = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
HOUSE_TIME = gettext_lazy("In the time of the house.")


class Nights(forms.Form):
    """The nights of a stay and the window of the arrival, in the time of whichever house is chosen."""

    first_night = forms.DateField(label=gettext_lazy("First night"), widget=DAY)
    leave_day = forms.DateField(label=gettext_lazy("Day of leaving"), widget=DAY)
    expected_from = forms.DateTimeField(label=gettext_lazy("Arrives from"), help_text=HOUSE_TIME, widget=MOMENT)
    expected_until = forms.DateTimeField(label=gettext_lazy("Arrives until"), help_text=HOUSE_TIME, widget=MOMENT)

    bed = forms.ModelChoiceField(
        Bed.objects.select_related("house"),
        required=False,
        widget=forms.HiddenInput,
        error_messages={"invalid_choice": gettext_lazy("This bed is no longer there. Choose another one.")},
    )

    def clean(self) -> dict[str, Any]:
        """Say beside the field what cannot be: nights that end before they begin, an arrival on another day."""
        told = super().clean() or self.cleaned_data
        first, leave = told.get("first_night"), told.get("leave_day")
        if first and first < timezone.localdate() - timedelta(days=1):
            self.add_error("first_night", _("This night has passed. Choose tonight or a later night."))
        if first and leave:
            self._check_nights(first, leave)
        start, end = told.get("expected_from"), told.get("expected_until")
        if start and end:
            self._check_window(start, end, first)
        return told

    def _check_nights(self, first: date, leave: date) -> None:
        if leave <= first:
            self.add_error("leave_day", _("The day of leaving comes after the first night."))
        elif leave - first > LONGEST:
            self.add_error("leave_day", _("Hold a bed for half a year at most."))

    def _check_window(self, start: datetime, end: datetime, first: date | None) -> None:
        if end <= start:
            self.add_error("expected_until", _("The window ends after it begins."))
        if first and not first <= start.date() <= first + timedelta(days=1):
            self.add_error("expected_from", _("The person arrives on the first night, or after midnight of it."))

    @property
    def nights(self) -> tuple[date, date]:
        return self.cleaned_data["first_night"], self.cleaned_data["leave_day"]

    def window(self, house: House) -> tuple[datetime, datetime]:
        """The window as moments, read in the time zone of the house."""
        zone = ZoneInfo(house.time_zone)
        told = self.cleaned_data
        return told["expected_from"].replace(tzinfo=zone), told["expected_until"].replace(tzinfo=zone)


def suggested(night: date | None = None) -> dict[str, Any]:
    """From tonight, or another night, for two weeks, arriving in the evening."""
    first = night or timezone.localdate()
    return {
        "first_night": first,
        "leave_day": first + timedelta(days=14),
        "expected_from": datetime.combine(first, time(18)),
        "expected_until": datetime.combine(first, time(21)),
    }
