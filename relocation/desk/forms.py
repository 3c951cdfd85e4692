"""Forms made from what a step must be told, so that a page never asks for anything else."""

from collections.abc import Callable, Iterable
from dataclasses import MISSING, Field, fields
from datetime import date
from types import NoneType
from typing import Any, get_args, get_type_hints
from uuid import UUID

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from relocation.desk.record_forms import checklist_label, newest_checklists
from relocation.desk.templatetags.harbour import plain_day
from relocation.journey.channels import verified
from relocation.journey.facts import CHANNELS, CHECKLISTS, secrets_of
from relocation.journey.step import Step
from relocation.models import Application, Case, Channel


def words(label: Any, *, required: bool = False, rows: int = 3, **rest: Any) -> forms.CharField:
    """A few sentences."""
    return forms.CharField(label=label, required=required, max_length=4000, widget=forms.Textarea(attrs={"rows": rows}), **rest)


class StepForm(forms.Form):
    """The facts of one step, why it is taken, and the version of the case that was looked at."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    do = forms.CharField(required=False, widget=forms.HiddenInput)
    action = "take"

    def __init__(self, data: Any, *, case: Case, step: Step, secrets_only: bool = False, **rest: Any) -> None:
        super().__init__(data, initial={"version": case.version, "do": self.action}, use_required_attribute=False, **rest)
        self.case, self.step = case, step
        for fact in self._asked(secrets_only):
            self.fields[fact.name] = field_for(fact, get_type_hints(step.facts)[fact.name], case, step)
        self._ask_why()

    def _asked(self, secrets_only: bool) -> Iterable[Field[Any]]:
        if self.step.facts is None:
            return ()
        return secrets_of(self.step.facts) if secrets_only else fields(self.step.facts)

    def _ask_why(self) -> None:
        self.fields["reason"] = words(_("Why"), required=self.step.reason, help_text=_("Kept sealed in the history of the case."))

    @property
    def decides(self) -> bool:
        """Whether what is told may make the difference: something of one's own, or one application among several."""
        own = {f.name for f in fields(self.step.facts)} - {"application"} if self.step.facts else set()
        return bool(own) or ("application" in self.fields and len(applications(self.case, self.step)) > 1)

    @property
    def told(self) -> dict[str, Any]:
        """What was told, by the facts' own names."""
        names = {f.name for f in fields(self.step.facts)} if self.step.facts else set()
        return {name: value for name, value in self.cleaned_data.items() if name in names}

    @property
    def facts(self) -> Any:
        return self.step.facts(**self.told) if self.step.facts else None


class EmergencyForm(StepForm):
    """The same step when nobody can wait."""

    action = "emergency"

    def _ask_why(self) -> None:
        self.fields["emergency"] = words(_("What is happening, and why nobody can wait"), required=True)


class AgreedForm(StepForm):
    """The step as a second person agreed to it: only what was not kept is asked for again."""

    action = "agreed"

    def __init__(self, data: Any, **rest: Any) -> None:
        super().__init__(data, secrets_only=True, **rest)

    def _ask_why(self) -> None:
        for fact in secrets_of(self.step.facts) if self.step.facts else ():
            self.fields[fact.name].help_text = _("Exactly as it was written when you asked: it was not kept.")


class AnswerForm(forms.Form):
    """What a second person says beside yes or no."""

    reason = words(_("Anything the other person should know"))


class DoneForm(forms.Form):
    """How something that was left open has been settled."""

    reason = words(_("What was done"))


def field_for(fact: Field[Any], kind: Any, case: Case, step: Step) -> forms.Field:
    """The form field of one fact."""
    common: dict[str, Any] = {"label": capfirst(str(fact.metadata["label"])), "required": fact.default is MISSING}
    if fact.metadata["choices"] == CHANNELS:
        return forms.TypedChoiceField(choices=lambda: channels(case), coerce=UUID, empty_value=None, **common)
    if fact.metadata["choices"] == CHECKLISTS:
        return forms.TypedChoiceField(choices=lambda: checklists(case), coerce=UUID, empty_value=None, **common)
    if fact.metadata["choices"] == "applications":
        return forms.TypedChoiceField(choices=lambda: applications(case, step), coerce=UUID, **common)
    if fact.metadata["choices"]:
        return forms.ChoiceField(choices=[("", _("Choose")), *fact.metadata["choices"]], **common)
    if kind is str:
        return _text(fact, common)
    return FIELDS[_plain(kind)](**(common | {"initial": None if fact.default is MISSING else fact.default}))


def _text(fact: Field[Any], common: dict[str, Any]) -> forms.CharField:
    if fact.metadata["long"]:
        return words(common.pop("label"), **common)
    return forms.CharField(max_length=500, widget=forms.TextInput(attrs={"autocomplete": "off"}), **common)


def applications(case: Case, step: Step) -> list[tuple[str, str]]:
    """The case's applications that this step can be about."""
    found = Application.objects.filter(case=case, state=step.application).select_related("post")
    return [(str(application.pk), f"{application.post} · {application.reference}") for application in found]


def _plain(kind: Any) -> Any:
    """The kind of a fact that may be missing."""
    return next((one for one in get_args(kind) if one is not NoneType), kind)


def checklists(case: Case) -> list[tuple[str, str]]:
    """Posts and purposes that an application of the case may have been made by."""
    return [("", str(_("None"))), *((str(one.pk), checklist_label(one)) for one in newest_checklists(case))]


def channels(case: Case) -> list[tuple[str, str]]:
    """The case's verified channels: kind and how somebody made sure of it, since the address stays sealed."""
    found = [(str(channel.pk), _channel(channel)) for channel in verified(case).order_by("at")]
    return [("", str(_("No: over none that is verified"))), *found]


def _channel(channel: Channel) -> str:
    assert channel.verified_at is not None
    words = {"kind": channel.get_kind_display(), "how": channel.get_verified_how_display(), "day": plain_day(channel.verified_at)}
    return str(_("%(kind)s, verified %(how)s on %(day)s") % words)


FIELDS: dict[Any, Callable[..., forms.Field]] = {
    bool: lambda **rest: forms.BooleanField(**(rest | {"required": False})),
    date: lambda **rest: forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **rest),
    int: lambda **rest: forms.IntegerField(min_value=1, max_value=99, **rest),
}
