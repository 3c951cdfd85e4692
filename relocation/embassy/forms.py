"""What an officer fills in: a question, or a decision. Each holds the version that it was opened with."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from relocation.journey.facts import VisaGranted, VisaRefused

ENTRIES = [
    (1, gettext_lazy("one entry")),
    (2, gettext_lazy("two entries")),
    (99, gettext_lazy("any number of entries")),
]


def day(label: Any, help_text: Any = "") -> forms.DateField:
    """A calendar day."""
    return forms.DateField(label=label, help_text=help_text, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))


def text(label: Any, help_text: Any = "") -> forms.CharField:
    """Some lines of text."""
    return forms.CharField(label=label, help_text=help_text, max_length=4000, widget=forms.Textarea({"rows": 6}))


class Answer(forms.Form):
    """What every answer holds."""

    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def renew(self, version: int) -> None:
        """Take up the version of now; what was typed stays."""
        self.data = {**self.data.dict(), "version": str(version)}  # type: ignore[attr-defined]  # what was posted


class AskForm(Answer):
    """What more is needed, and by when."""

    asked = text(
        gettext_lazy("What more do you need?"),
        gettext_lazy("Name the documents or questions. Please do not write the person's name here."),
    )
    answer_by = day(gettext_lazy("Answer by"))

    def clean_answer_by(self) -> date:
        """A day that has passed helps nobody."""
        by: date = self.cleaned_data["answer_by"]
        if by < timezone.localdate():
            raise forms.ValidationError(_("This day has passed. Choose today or a later day."))
        return by


class Decision(Answer):
    """The decision's own reference is its evidence; it is typed, never filled in for the officer."""

    evidence = forms.CharField(
        label=gettext_lazy("Reference of the decision"),
        help_text=gettext_lazy("As your post files it. It says later where this decision came from."),
        max_length=120,
        widget=forms.TextInput({"autocomplete": "off"}),
    )


class GrantForm(Decision):
    """A visa, and how long it lasts."""

    valid_from = day(gettext_lazy("Valid from"))
    valid_until = day(gettext_lazy("Valid until"))
    entries = forms.TypedChoiceField(label=gettext_lazy("Entries"), choices=ENTRIES, coerce=int, initial=1)
    long_stay = forms.BooleanField(label=gettext_lazy("A long-stay visa, beyond 90 days"), required=False)

    def facts(self, application: UUID) -> VisaGranted:
        """What `grant` must be told."""
        told = {name: value for name, value in self.cleaned_data.items() if name != "version"}
        return VisaGranted(application=application, **told)


class RefuseForm(Decision):
    """A refusal, why, and until when it can be appealed."""

    reasons = text(gettext_lazy("Reasons"), gettext_lazy("So that the person can understand it, or appeal."))
    appeal_by = day(gettext_lazy("Appeal possible until"))

    def facts(self, application: UUID) -> VisaRefused:
        """What `refuse` must be told."""
        told = {name: value for name, value in self.cleaned_data.items() if name != "version"}
        return VisaRefused(application=application, **told)
