"""Forms of records, made from their models; what the database cannot judge is said next to the field. Times are UTC."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from django import forms
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from relocation.journey import recording
from relocation.models import (
    Account,
    Application,
    BorderCheck,
    Case,
    Channel,
    Checklist,
    Consent,
    OnCase,
    Screen,
)  # fmt: skip
from relocation.models.consent import PARTNERS
from relocation.models.dates import NoSuchDate, born
from relocation.models.phones import UnusablePhone, e164
from relocation.safety.sealed import Sealed

SHORT = {"place", "mrz", "native_name"}  # lines, not sentences
LONG = {"words", "note", "danger", "summary", "place", "mrz", "native_name"}
CONSENT_FOR = timedelta(days=365)


def widgets(field: Any, **options: Any) -> Any:
    """A form field as browsers show it best without a script."""
    if isinstance(field, models.DateTimeField):
        options |= {
            "widget": forms.DateTimeInput({"type": "datetime-local"}, "%Y-%m-%dT%H:%M"),
            "help_text": gettext_lazy("UTC"),
        }
    elif isinstance(field, models.DateField):
        options["widget"] = forms.DateInput({"type": "date"}, "%Y-%m-%d")
    elif field.name in LONG:
        options["widget"] = forms.Textarea({"rows": 2 if field.name in SHORT else 4})
    elif isinstance(field, Sealed):
        options["widget"] = forms.TextInput({"autocomplete": "off"})
    return field.formfield(**options)


class RecordForm(forms.ModelForm):
    """A form that is kept through the door."""

    needed: tuple[str, ...] = ()

    def __init__(self, data: Any = None, files: Any = None, *, case: Case, by: Account, **more: Any) -> None:
        self.case, self.by = case, by
        super().__init__(data, files, instance=self._meta.model(case=case, by=by), auto_id="f-%s", **more)
        for name in self.needed:
            self.fields[name].required = True
        self.initial.update(dict.fromkeys({"on", "given_on"} & self.fields.keys(), timezone.localdate()))

    def clean_on(self) -> Any:
        return self._not_in_the_future("on")

    def clean_given_on(self) -> Any:
        return self._not_in_the_future("given_on")

    def _not_in_the_future(self, name: str) -> Any:
        if self.cleaned_data[name] > timezone.localdate():
            raise forms.ValidationError(_("This day has not come yet."))
        return self.cleaned_data[name]

    def keep(self) -> OnCase:
        """Write it. Raises `Denied`."""
        row: OnCase = self.instance
        return recording.write(row, by=self.by)

    def ask_for(self, name: str, sentence: str) -> None:
        """Say that a field is needed here, unless something is already wrong with it."""
        if name not in self.errors and self.cleaned_data.get(name) in (None, "", [], False):
            self.add_error(name, sentence)


def made(
    model: type[OnCase], base: type[RecordForm], fields: tuple[str, ...], needed: tuple[str, ...]
) -> Callable[..., RecordForm]:
    """The form of a kind of record."""
    made_of: Any = forms.modelform_factory(model, form=base, fields=fields, formfield_callback=widgets)
    made_of.needed = needed
    kind: Callable[..., RecordForm] = made_of
    return kind


class ConsentForm(RecordForm):
    """Sharing names a post and the data; nothing is agreed to for ever."""

    data = forms.MultipleChoiceField(
        label=gettext_lazy("Data that may be shared"),
        choices=Consent.Data.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # type: ignore[assignment]

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        language = next(iter(self.case.languages), "")
        self.initial.update({"expires_on": timezone.localdate() + CONSENT_FOR, "language": language})
        self.fields["post"].label, self.fields["post"].help_text = _("Post"), _("Only to share data with a post.")
        partner: Any = self.fields["organisation"]
        partner.label, partner.help_text = (
            _("Organisation"),
            _("Only to let another organisation help, or to hand the case over."),
        )
        partner.queryset = partner.queryset.exclude(pk=self.case.organisation_id)

    def clean(self) -> Any:
        told = super().clean() or self.cleaned_data
        if told.get("purpose") == Consent.Purpose.SHARE:
            self.ask_for("post", _("Name the post that the data are for."))
            self.ask_for("data", _("Say which data may be shared."))
        if told.get("purpose") in PARTNERS:
            self.ask_for("organisation", _("Name the organisation that the person agreed to."))
        if told.get("given_on") and told.get("expires_on") and told["expires_on"] < told["given_on"]:
            self.add_error("expires_on", _("It would end before it begins."))
        return told


class DuplicatesForm(RecordForm):
    """Looked, and found or not found."""

    found = forms.TypedChoiceField(
        label=gettext_lazy("I looked"),
        choices=[
            ("no", gettext_lazy("nobody like them is known")),
            ("yes", gettext_lazy("somebody like them is known")),
        ],
        coerce=lambda told: told == "yes",
        widget=forms.RadioSelect,
    )

    def clean(self) -> Any:
        told = super().clean() or self.cleaned_data
        if told.get("found"):
            self.ask_for("note", _("Say which case, and what you agreed with whoever leads it."))
        return told


class RiskForm(RecordForm):
    """A level; "not assessed" is none."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        levels: Any = self.fields["level"]
        levels.choices = [(value, label) for value, label in levels.choices if value != "unknown"]


class BorderForm(RecordForm):
    """What was found, or why nobody looked."""

    def clean(self) -> Any:
        told = super().clean() or self.cleaned_data
        outcome = told.get("outcome")
        if outcome == BorderCheck.Outcome.SKIPPED:
            self.ask_for("words", _("Say why it is skipped."))
        if outcome == BorderCheck.Outcome.STOPPED:
            self.ask_for("words", _("Say what was found."))
        if outcome == BorderCheck.Outcome.CLEAR:
            self.ask_for("border_database_checked_on", _("Say on which day the border database was looked at."))
        return told


class SchengenForm(RecordForm):
    """Days that were, one after the other."""

    def clean(self) -> Any:
        told = super().clean() or self.cleaned_data
        if told.get("entered_on") and told.get("left_on") and told["left_on"] < told["entered_on"]:
            self.add_error("left_on", _("It would end before it begins."))
        return told


class ChannelForm(RecordForm):
    """A phone number is kept so that it can be rung from anywhere."""

    def clean(self) -> Any:
        told = super().clean() or self.cleaned_data
        if told.get("kind") == Channel.Kind.PHONE and told.get("address"):
            try:
                told["address"] = e164(told["address"])
            except UnusablePhone:
                self.add_error("address", _("This number cannot be rung. Write it with its country, such as +7 922 412 56 84."))
        return told


class NoticeForm(RecordForm):
    """A sentence, and at least one screen on which it speaks."""

    shows_on = forms.MultipleChoiceField(
        label=gettext_lazy("Where it shows"),
        choices=Screen.choices,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.fields["shows_on"].error_messages["required"] = _("Tick at least one screen.")
        self.fields["words"].widget = forms.TextInput({"autocomplete": "off", "maxlength": 200})
        self.fields["words"].help_text = _("No name, no place, nothing about why they fled: hosts and escorts may read it.")


class ClaimForm(RecordForm):
    """One of the two is enough."""

    def clean(self) -> Any:
        told = super().clean() or self.cleaned_data
        if not told.get("danger") and not told.get("summary"):
            self.ask_for("danger", _("Write what the person says, or a summary."))
        return told


class IdentityForm(RecordForm):
    """A birth date as precisely as it is known."""

    def clean_birth(self) -> str:
        text = self.cleaned_data["birth"] or ""
        try:
            return str(born(text, timezone.localdate())) if text else ""
        except NoSuchDate:
            raise forms.ValidationError(_("Write a date such as 1976-05-28, 1976-05, 1976 or about 1976.")) from None


class ApplicationForm(RecordForm):
    """A choice among the newest checklist of each post and purpose."""

    checklist = forms.ModelChoiceField(
        label=gettext_lazy("Post and purpose"), queryset=Checklist.objects.none(), empty_label=None
    )

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        field: Any = self.fields["checklist"]
        field.queryset = newest_checklists(self.case)
        field.label_from_instance = partial(checklist_label)

    def keep(self) -> Application:
        return recording.choose_post(self.case, self.cleaned_data["checklist"], by=self.by)


def newest_checklists(case: Case) -> Any:
    """One per post and purpose, of posts that have no open application of this case."""
    taken = Application.objects.filter(case=case).exclude(state__in=recording.OVER).values("post")
    newest = Checklist.objects.order_by("post", "purpose", "-version").distinct("post", "purpose").values("pk")
    return (
        Checklist.objects.filter(pk__in=newest).exclude(post__in=taken).select_related("post").order_by("post__code", "purpose")
    )


def checklist_label(checklist: Checklist) -> str:
    return f"{checklist.post.code} · {checklist.purpose}"
