"""Forms of those who look for the person: a number that can be compared, and a plate that can be told from others."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext as _

from relocation.desk.record_forms import RecordForm
from relocation.models.phones import UnusablePhone, e164
from relocation.models.plates import is_plate


class PursuerForm(RecordForm):
    """A name; a number where one is known."""

    def clean_phone(self) -> str:
        text = self.cleaned_data["phone"] or ""
        try:
            return e164(text) if text else ""
        except UnusablePhone:
            sentence = _("This number cannot be rung. Write it with its country, such as +7 922 412 56 84.")
            raise forms.ValidationError(sentence) from None


class VehicleForm(RecordForm):
    """The number plate as it was read."""

    def clean_plate(self) -> str:
        plate: str = self.cleaned_data["plate"]
        if not is_plate(plate):
            raise forms.ValidationError(_("Write the whole number plate: it needs at least four letters and digits."))
        return plate
